//! What a journey leaves behind: one correlation id through the house, one audit row an event, and
//! nobody's name where it has no business.

use std::time::Duration;

use anyhow::ensure;
use futures::StreamExt as _;
use reqwest::Method;
use serde_json::json;
use temporalio_client::WorkflowListOptions;
use tests::app::{App, play};
use tests::http::eventually;
use tests::people::{Candidate, Company};
use tests::temporal::readable_history;

#[tokio::test]
async fn a_journey_is_found_by_its_correlation_id_and_leaks_nothing() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let correlation = app.database().store().new_id().to_string();
        let call = candidate
            .client
            .call(Method::POST, "/candidates/me/submission");
        let answer = call.header("x-correlation-id", &correlation).send().await?;
        ensure!(answer.header("x-correlation-id") == Some(correlation.as_str()));
        let case = answer.expect(202)?["validation_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        reviewer.validate(&case).await?;
        let company = Company::join(&app.place, "Traces").await?;
        let profile = candidate.profile_id().await?;
        company.find(&json!({}), &profile).await?;
        company.open(&profile).await?.expect(201)?;
        quiet(app).await?;
        correlated(app, &correlation).await?;
        audited(app).await?;
        private(app, &candidate).await
    })
    .await;
}

/// Waits until every delivery is settled.
async fn quiet(app: &App) -> anyhow::Result<()> {
    let owner = app.owner().await;
    eventually("the outbox is empty", Duration::from_secs(60), async || {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM events.deliveries WHERE state IN ('pending', 'leased')",
        )
        .fetch_one(&owner)
        .await?;
        Ok((open == 0).then_some(()))
    })
    .await
}

async fn correlated(app: &App, correlation: &str) -> anyhow::Result<()> {
    let owner = app.owner().await;
    for query in [
        "SELECT count(*) FROM events.events WHERE correlation_id::text = $1",
        "SELECT count(*) FROM audit.audit_logs WHERE correlation_id::text = $1",
    ] {
        let found: i64 = sqlx::query_scalar(query)
            .bind(correlation)
            .fetch_one(&owner)
            .await?;
        ensure!(found > 0, "{query}: nothing for {correlation}");
    }
    for (name, log) in [("API", app.api.log()), ("worker", app.worker.log())] {
        ensure!(log.contains(correlation), "the log lines of the {name}");
    }
    let query = format!("YemmaCorrelationId = '{correlation}'");
    let found = app
        .temporal()
        .list_workflows(query, WorkflowListOptions::default())
        .count()
        .await;
    ensure!(found > 0, "no workflow carries {correlation}");
    Ok(())
}

async fn audited(app: &App) -> anyhow::Result<()> {
    let owner = app.owner().await;
    let uneven: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events.events e WHERE 1 <> (
             SELECT count(*) FROM audit.audit_logs a WHERE a.event_id = e.id)",
    )
    .fetch_one(&owner)
    .await?;
    ensure!(uneven == 0, "{uneven} events without exactly one audit row");
    let dead: i64 =
        sqlx::query_scalar("SELECT count(*) FROM events.deliveries WHERE state = 'dead'")
            .fetch_one(&owner)
            .await?;
    ensure!(dead == 0, "{dead} dead letters");
    Ok(())
}

/// Nothing that names the person is in a history, an event or a log line.
async fn private(app: &App, candidate: &Candidate) -> anyhow::Result<()> {
    let reason = "Entretien clair";
    let mut secrets = candidate.persona.secrets();
    secrets.push(reason);
    let logs = app.logs();
    let mut places = vec![("the logs".to_owned(), logs)];
    let payloads: Vec<String> = sqlx::query_scalar("SELECT payload::text FROM events.events")
        .fetch_all(&app.owner().await)
        .await?;
    places.push(("the events".to_owned(), payloads.join("\n")));
    let mut workflows = app
        .temporal()
        .list_workflows("", WorkflowListOptions::default());
    while let Some(found) = workflows.next().await {
        let id = found?.id().to_owned();
        let history = readable_history(app.temporal(), &id).await?;
        ensure!(
            !history.contains("WORKFLOW_TASK_FAILED"),
            "{id}: a workflow task failed"
        );
        places.push((id, history));
    }
    ensure!(
        places.len() > 6,
        "the journey's workflows: {}",
        places.len()
    );
    for (place, text) in places {
        for secret in &secrets {
            ensure!(!text.contains(secret), "{place} tells {secret}");
        }
    }
    Ok(())
}
