//! Every accepted request had its effect: the clients' journal against the database.

use anyhow::ensure;
use reqwest::Method;
use sqlx::PgPool;

use super::Run;
use crate::http::journal::Entry;

/// What must be there after an accepted request: the ending of its path, the member of its answer
/// that names it, and where it is.
const MADE: [(&str, &str, &str); 3] = [
    (
        "/documents",
        "id",
        "SELECT EXISTS (SELECT FROM document.documents WHERE id::text = $1)",
    ),
    (
        "/submission",
        "validation_id",
        "SELECT EXISTS (SELECT FROM admin.validations WHERE id::text = $1)",
    ),
    (
        "/interviews",
        "id",
        "SELECT EXISTS (SELECT FROM admin.interviews WHERE id::text = $1)",
    ),
];

pub(super) async fn kept(owner: &PgPool, run: &Run) -> anyhow::Result<()> {
    for (ending, member, query) in MADE {
        for entry in run.journal.of(&Method::POST, ending) {
            let id = entry.answer[member].as_str().unwrap_or_default().to_owned();
            let there: bool = sqlx::query_scalar(query).bind(&id).fetch_one(owner).await?;
            ensure!(there, "{} was told of {id}, which is not there", entry.name);
        }
    }
    for (ending, kind) in [
        ("/claim", "case.claimed"),
        ("/correction-requests", "correction.requested"),
    ] {
        for entry in run.journal.of(&Method::POST, ending) {
            told_once(owner, entry.id_after("validations"), kind).await?;
        }
    }
    for entry in run.journal.of(&Method::POST, "/decision") {
        let query = "SELECT outcome FROM admin.validations WHERE id::text = $1";
        same(owner, query, &entry, "validations", "outcome").await?;
    }
    for entry in run.journal.of(&Method::POST, "/review") {
        let query = "SELECT outcome FROM admin.document_reviews WHERE document_id::text = $1";
        same(owner, query, &entry, "documents", "outcome").await?;
    }
    for entry in run.journal.of(&Method::POST, "/completion") {
        let query = "SELECT status FROM admin.interviews WHERE id::text = $1";
        same(owner, query, &entry, "interviews", "outcome").await?;
    }
    edits(owner, run).await
}

/// A row says what the request asked for.
async fn same(
    owner: &PgPool,
    query: &str,
    entry: &Entry,
    word: &str,
    member: &str,
) -> anyhow::Result<()> {
    let id = entry.id_after(word).unwrap_or_default();
    let found: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned()))
        .bind(id)
        .fetch_optional(owner)
        .await?
        .flatten();
    let asked = entry.request[member].as_str();
    ensure!(
        found.as_deref() == asked,
        "{}: {asked:?} became {found:?}",
        entry.path
    );
    Ok(())
}

/// The last accepted identity of each candidate is the one that is kept.
async fn edits(owner: &PgPool, run: &Run) -> anyhow::Result<()> {
    for entry in run.journal.of(&Method::PATCH, "/steps/identity") {
        let phone: Option<String> = sqlx::query_scalar(
            "SELECT p.phone FROM candidate.profiles p JOIN auth.users u ON u.id = p.user_id
             WHERE u.email = $1",
        )
        .bind(&entry.name)
        .fetch_optional(owner)
        .await?
        .flatten();
        let typed = entry.request["phone"].as_str();
        ensure!(
            phone.as_deref() == typed,
            "{}: {typed:?} became {phone:?}",
            entry.name
        );
    }
    Ok(())
}

async fn told_once(owner: &PgPool, case: Option<&str>, kind: &str) -> anyhow::Result<()> {
    let told: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events.events WHERE type = $1 AND payload->>'validation_id' = $2",
    )
    .bind(kind)
    .bind(case)
    .fetch_one(owner)
    .await?;
    ensure!(told == 1, "{kind} of {case:?} is told {told} times");
    Ok(())
}
