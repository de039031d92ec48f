//! Requests asked again: with their `Idempotency-Key` the answer of the first time, byte for byte,
//! whatever became of things since, and one effect.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;
use tests::app::{App, play};
use tests::http::{Asked, Client, Echo};
use tests::people::{Candidate, Company, Persona};
use workflows::identity::rules::Role;

use super::operations::{Done, Leaves, Nothing, Permission, TABLE, everything, target};

/// Answers that are a token or a link.
const SECRETS: [&str; 3] = [
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /documents/{id}/links",
];
/// The commands that are no `POST`.
const COMMANDS: [&str; 1] = ["PATCH /admin/validations/{id}/interviews/{interview_id}"];
/// Answers that show how things stand: made anew they may differ. Those of the search are kept in
/// the transaction of their change, those of a claim and a release before they are sent.
const OF_THE_MOMENT: [&str; 4] = [
    "POST /admin/validations/{id}/claim",
    "POST /admin/validations/{id}/release",
    "POST /search/profiles",
    "POST /search/profiles/{profile_id}/opening",
];

/// The operations that document the header.
fn keyed() -> BTreeSet<String> {
    let document = serde_json::to_value(::api::router::document()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array();
            let takes_key = |parameter: &Value| parameter["name"] == "Idempotency-Key";
            if parameters.is_some_and(|all| all.iter().any(takes_key)) {
                let path = path.strip_prefix("/api/v1").unwrap();
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

#[test]
fn every_post_takes_a_key_but_those_that_answer_a_secret() {
    let posts = TABLE.iter().map(|(name, ..)| *name);
    let mut expected: BTreeSet<String> = posts
        .filter(|name| name.starts_with("POST ") && !SECRETS.contains(name))
        .map(str::to_owned)
        .collect();
    expected.extend(COMMANDS.map(str::to_owned));
    assert_eq!(keyed(), expected);
}

#[tokio::test]
async fn what_documents_a_key_takes_it_and_nothing_else_does() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let company = Company::join(&app.place, "Clefs SA").await?;
        let reviewer = app.staff("admin").await?;
        let runner = app.staff("super_admin").await?;
        let people = [
            (Role::Candidate, &candidate.client),
            (Role::CompanyAdmin, &company.client),
            (Role::Admin, &reviewer.client),
            (Role::SuperAdmin, &runner.client),
        ];
        let keyed = keyed();
        for (name, needs, _) in TABLE {
            let may = |role: Role| match needs {
                Permission(needed) => role.default_permissions().contains(needed),
                Nothing => true,
            };
            let (_, client) = people
                .iter()
                .find(|(role, _)| may(*role))
                .with_context(|| format!("nobody may {name}"))?;
            let refuses = refuses_a_bad_key(client, name).await?;
            ensure!(refuses == keyed.contains(*name), "{name}: {refuses}");
        }
        Ok(())
    })
    .await;
}

async fn refuses_a_bad_key(client: &Client, name: &str) -> anyhow::Result<bool> {
    let (method, path) = target(name);
    let call = client.call(method.clone(), &path).key("a b");
    let call = match method {
        Method::GET | Method::DELETE => call,
        _ => call.json(serde_json::json!({})),
    };
    let answer = call.header("if-match", "*").send().await?;
    Ok(answer.status == 400 && answer.json()?["code"] == "idempotency_key_invalid")
}

#[tokio::test]
async fn every_request_asked_again_has_its_first_answer_and_one_effect() {
    let echo = Echo::of(keyed());
    let mut app = App::start().await.unwrap();
    app.place.api = app.place.api.echoing(&echo);
    if let Err(error) = story(&app, &echo).await {
        app.show_logs();
        panic!("{error:#}");
    }
}

async fn story(app: &App, echo: &Echo) -> anyhow::Result<()> {
    everything(app, &mut Done::default()).await?;
    let mut asked = echo.asked();
    let played: BTreeSet<String> = asked.iter().map(|one| one.operation.clone()).collect();
    ensure!(played == keyed(), "played {played:?}");
    let database = app.owner().await;
    // The company's month is over: what it opened it may not see any more.
    sqlx::query("UPDATE search.openings SET period_start = period_start - interval '31 days'")
        .execute(&database)
        .await?;
    for one in &mut asked {
        one.again().await.context("later")?;
        one.otherwise()
            .await?
            .refused(422, "idempotency_key_reused")
            .with_context(|| one.operation.clone())?;
    }
    for one in &asked {
        has_one_effect(&database, one).await?;
    }
    nothing_is_told(&database, &asked).await?;
    // As if the API had died between the change and the keeping of its answer.
    for one in &mut asked {
        if !OF_THE_MOMENT.contains(&one.operation.as_str()) {
            forget_answer(&database, one).await?;
            one.again().await.context("made anew")?;
            one.again().await.context("kept anew")?;
        }
    }
    Ok(())
}

async fn has_one_effect(database: &sqlx::PgPool, one: &Asked) -> anyhow::Result<()> {
    let leaves = TABLE.iter().find(|(name, ..)| *name == one.operation);
    let Some((_, _, Leaves::Event(event))) = leaves else {
        anyhow::bail!("{} leaves no event", one.operation);
    };
    let effects: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events.events WHERE type = $1 AND correlation_id::text = ANY($2)",
    )
    .bind(event)
    .bind(&one.correlation_ids)
    .fetch_one(database)
    .await?;
    ensure!(effects == 1, "{}: {effects} {event}", one.operation);
    Ok(())
}

/// The rows hold neither a key nor anything of an answer that can be read.
async fn nothing_is_told(database: &sqlx::PgPool, asked: &[Asked]) -> anyhow::Result<()> {
    let told = "SELECT count(*) FROM events.idempotency_keys kept
        WHERE kept::text LIKE '%' || $1 || '%' OR position(convert_to($1, 'UTF8') IN sealed) > 0";
    for one in asked {
        let mut words = vec![one.key()];
        words.extend((one.first.body.len() > 2).then_some("\"id\":"));
        for word in words {
            let rows: i64 = sqlx::query_scalar(told)
                .bind(word)
                .fetch_one(database)
                .await?;
            ensure!(rows == 0, "{rows} rows tell {word}");
        }
    }
    let open: i64 =
        sqlx::query_scalar("SELECT count(*) FROM events.idempotency_keys WHERE sealed IS NULL")
            .fetch_one(database)
            .await?;
    ensure!(open == 0, "{open} answers were not kept");
    Ok(())
}

async fn forget_answer(database: &sqlx::PgPool, one: &Asked) -> anyhow::Result<()> {
    let forgotten = sqlx::query(
        "UPDATE events.idempotency_keys SET sealed = NULL
        WHERE key_hash = encode(sha256(convert_to($1, 'UTF8')), 'hex')",
    )
    .bind(one.key())
    .execute(database)
    .await?;
    ensure!(forgotten.rows_affected() == 1, "{}", one.operation);
    Ok(())
}
