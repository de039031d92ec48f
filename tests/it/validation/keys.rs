//! What a refusal, a late attempt and a used key leave behind.

use store::validation::{self, CommandTexts};
use store::{Context, StoreError, commands, idempotency};
use uuid::Uuid;
use workflows::commands::Refusal;
use workflows::validation::{CaseChanged, CaseCommand, Claim, Release};

use super::stage::Stage;

fn no_text() -> CommandTexts {
    CommandTexts::default()
}

async fn in_queue() -> Stage {
    let stage = Stage::submitted().await;
    stage.open().await;
    stage
}

/// Carries a claim out as its activity does.
async fn claim(
    stage: &Stage,
    order: &CaseCommand<Claim>,
) -> Result<Result<CaseChanged, Refusal>, StoreError> {
    let outcome = validation::claim(&stage.writer, order).await;
    commands::conclude(&stage.writer, order.command.id, outcome).await
}

async fn holder(stage: &Stage) -> Option<Uuid> {
    sqlx::query_scalar("SELECT claimed_by FROM admin.validations")
        .fetch_one(&stage.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_attempt_that_comes_after_its_refusal_changes_nothing() {
    let stage = in_queue().await;
    let first = stage.order(stage.reviewer, no_text(), Claim {}).await;
    claim(&stage, &first).await.unwrap().unwrap();
    let late = stage.order(stage.other, no_text(), Claim {}).await;
    let refused = claim(&stage, &late).await.unwrap().unwrap_err();
    assert_eq!(refused.code, "already_claimed");
    let release = stage.order(stage.reviewer, no_text(), Release {}).await;
    validation::release(&stage.writer, &release)
        .await
        .unwrap()
        .unwrap();
    let zombie = claim(&stage, &late).await.unwrap().unwrap_err();
    assert_eq!(zombie.code, "command_expired");
    assert_eq!(holder(&stage).await, None);
}

#[tokio::test]
async fn an_attempt_that_was_refused_while_another_did_it_asks_again() {
    let stage = in_queue().await;
    let order = stage.order(stage.reviewer, no_text(), Claim {}).await;
    validation::claim(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    let refused = Ok(Err::<CaseChanged, _>(Refusal::new("already_decided")));
    let superseded = commands::conclude(&stage.writer, order.command.id, refused).await;
    assert!(matches!(superseded, Err(StoreError::Superseded)));
    assert!(claim(&stage, &order).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_key_that_a_fact_used_meanwhile_refuses_the_command() {
    let stage = in_queue().await;
    let order = stage.order(stage.reviewer, no_text(), Claim {}).await;
    let context = Context {
        idempotency: order.command.idempotency.clone(),
        ..Context::system(stage.id(), None)
    };
    let mut tx = stage.store.begin().await.unwrap();
    idempotency::record(&mut tx, &stage.store, &context, 204, serde_json::json!({}))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let refused = claim(&stage, &order).await.unwrap().unwrap_err();
    assert_eq!(refused.code, "idempotency_key_reused");
    assert_eq!(holder(&stage).await, None);
}
