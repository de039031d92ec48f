//! What must be true of the servers when all is quiet again, seen from outside.

use std::time::Duration;

use anyhow::ensure;
use futures::StreamExt as _;
use reqwest::Method;
use sqlx::PgPool;
use temporalio_client::WorkflowListOptions;

use super::{Run, Stack};
use crate::http::eventually;
use crate::temporal::connect_patiently;

/// How long the outbox may take to empty.
const QUIET_DEADLINE: Duration = Duration::from_secs(90);

/// Counts that must be zero: what is wrong, and how it is counted.
const NOTHING_OF: [(&str, &str); 9] = [
    (
        "dead letters",
        "SELECT count(*) FROM events.deliveries WHERE state = 'dead'",
    ),
    (
        "events without exactly one audit row",
        "SELECT count(*) FROM events.events e
          WHERE 1 <> (SELECT count(*) FROM audit.audit_logs a WHERE a.event_id = e.id)",
    ),
    (
        "notifications told twice for one cause",
        "SELECT count(*) FROM (SELECT 1 FROM notification.notifications
          GROUP BY event_id, user_id, template HAVING count(*) > 1) AS twice",
    ),
    (
        "notifications neither sent nor in the feed only",
        "SELECT count(*) FROM notification.notifications WHERE failed_at IS NOT NULL",
    ),
    (
        "documents that are not settled",
        "SELECT count(*) FROM document.documents WHERE status = 'scanning'",
    ),
    (
        "infected documents that kept their key",
        "SELECT count(*) FROM document.documents
          WHERE status IN ('infected', 'rejected') AND key_wrapped IS NOT NULL",
    ),
    (
        "decisions told of twice",
        "SELECT count(*) FROM (SELECT 1 FROM events.events
          WHERE type IN ('profile.validated', 'profile.rejected')
          GROUP BY aggregate_id HAVING count(*) > 1) AS twice",
    ),
    (
        "submissions without a case",
        "SELECT count(*) FROM candidate.profiles p WHERE p.status IN ('SUBMITTED', 'IN_REVIEW')
          AND NOT EXISTS (SELECT FROM admin.validations v
                           WHERE v.profile_id = p.id AND v.status <> 'decided')",
    ),
    (
        "openings of profiles that are not validated",
        "SELECT count(*) FROM search.openings o JOIN candidate.profiles p ON p.id = o.profile_id
          WHERE p.status <> 'VALIDATED'",
    ),
];

/// Everything that is promised of a crash.
pub(super) async fn everything(stack: &Stack, run: &Run) -> anyhow::Result<()> {
    let owner = PgPool::connect(stack.value("DATABASE_URL")).await?;
    quiet(&owner).await?;
    for (what, query) in NOTHING_OF {
        let found: i64 = sqlx::query_scalar(query).fetch_one(&owner).await?;
        ensure!(found == 0, "{found} {what}");
    }
    promises(&owner, run).await?;
    quota(&owner, run).await?;
    mails(&owner, run).await?;
    workflows(stack).await
}

async fn quiet(owner: &PgPool) -> anyhow::Result<()> {
    eventually("the outbox is empty", QUIET_DEADLINE, async || {
        let open: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM events.deliveries WHERE state IN ('pending', 'leased'))
                  + (SELECT count(*) FROM document.documents WHERE status = 'scanning')",
        )
        .fetch_one(owner)
        .await?;
        Ok((open == 0).then_some(()))
    })
    .await
}

/// Every accepted request had its effect.
async fn promises(owner: &PgPool, run: &Run) -> anyhow::Result<()> {
    let effects = [
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
    ];
    for (ending, member, query) in effects {
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
        let case = entry.id_after("validations").unwrap_or_default();
        let outcome: Option<String> =
            sqlx::query_scalar("SELECT outcome FROM admin.validations WHERE id::text = $1")
                .bind(case)
                .fetch_one(owner)
                .await?;
        ensure!(
            entry.request["outcome"] == outcome.clone().unwrap_or_default(),
            "{case}: {outcome:?}"
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

/// Each opened profile was charged once.
async fn quota(owner: &PgPool, run: &Run) -> anyhow::Result<()> {
    let openings: i64 = sqlx::query_scalar("SELECT count(*) FROM search.openings")
        .fetch_one(owner)
        .await?;
    let (used, _) = run.company.quota("consultations").await?;
    ensure!(
        u64::try_from(openings)? == used,
        "{openings} openings, {used} charged"
    );
    Ok(())
}

/// The same mail at most twice, and that only under one `Message-ID`.
async fn mails(owner: &PgPool, run: &Run) -> anyhow::Result<()> {
    let addresses: Vec<String> = sqlx::query_scalar("SELECT email FROM auth.users")
        .fetch_all(owner)
        .await?;
    for address in addresses {
        let mails = run.place.mailbox.mails_to(&address).await?;
        for mail in &mails {
            let same = mails
                .iter()
                .filter(|other| other.message_id == mail.message_id)
                .count();
            ensure!(
                mail.message_id.is_none() || same <= 2,
                "{address}: {same} times {:?}",
                mail.subject
            );
        }
    }
    Ok(())
}

/// No process has failed, was terminated or has timed out.
async fn workflows(stack: &Stack) -> anyhow::Result<()> {
    let namespace = stack.value("YEMMA_TEMPORAL_NAMESPACE");
    let client = connect_patiently(stack.value("YEMMA_TEMPORAL_ADDRESS"), namespace).await;
    let query = "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')";
    let mut found = client.list_workflows(query, WorkflowListOptions::default());
    if let Some(workflow) = found.next().await {
        let workflow = workflow?;
        anyhow::bail!("{} is {:?}", workflow.id(), workflow.status());
    }
    Ok(())
}
