//! `ProfileValidation` when the database refuses what the code is sure of: nothing waits for it, and
//! it goes on when somebody has mended it.

use std::time::{Duration, Instant};

use store::validation::CommandTexts;
use temporalio_client::{WorkflowGetResultOptions, WorkflowSignalOptions};
use tests::poison::{mend, refuse};
use workflows::validation::{CaseOutcome, Claim, ProfileValidation, Release, ValidationTiming};

use super::stage::Led;

const HOUR: u64 = 3_600;
const EVENTS: &str = "events.events";

async fn claim(led: &Led) -> Result<(), String> {
    let claimed = led.tell(
        ProfileValidation::claim,
        led.stage.reviewer,
        CommandTexts::default(),
        Claim {},
    );
    claimed.await.map(drop)
}

async fn settled(led: &Led, event: &str, expected: usize) {
    for _ in 0..200 {
        if led.stage.count(event).await >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(led.stage.count(event).await, expected, "{event}");
}

async fn waiting_inputs(led: &Led) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM admin.command_inputs")
        .fetch_one(&led.stage.owner)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_can_never_succeed_fails_at_once_and_gives_its_place_back() {
    let led = Led::start(ValidationTiming::default()).await;
    refuse(&led.stage.owner, EVENTS, "type <> 'case.claimed'").await;
    for _ in 0..2 {
        let begun = Instant::now();
        let fault = claim(&led).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(10), "{fault}");
        assert!(!fault.contains("poison"), "what the driver said: {fault}");
        assert_eq!(waiting_inputs(&led).await, 0);
    }
    assert_eq!(led.status().await.as_deref(), Some("queued"));
    mend(&led.stage.owner, EVENTS).await;
    claim(&led).await.unwrap();
    assert_eq!(led.status().await.as_deref(), Some("claimed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_grant_ends_the_command_as_well() {
    let led = Led::start(ValidationTiming::default()).await;
    let grant = async |statement: &'static str| {
        sqlx::query(statement)
            .execute(&led.stage.owner)
            .await
            .unwrap();
    };
    grant("REVOKE UPDATE ON admin.validations FROM yemma_worker").await;
    claim(&led).await.unwrap_err();
    grant("GRANT UPDATE ON admin.validations TO yemma_worker").await;
    claim(&led).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_that_cannot_succeed_keeps_nobody_waiting_and_comes_back() {
    let led = Led::start(ValidationTiming::default()).await;
    refuse(&led.stage.owner, EVENTS, "type <> 'case.escalated'").await;
    led.server.skip(Duration::from_secs(25 * HOUR)).await;
    settled(&led, "case.escalated", 0).await;
    // The place is free: commands are served.
    claim(&led).await.unwrap();
    let release = led.tell(
        ProfileValidation::release,
        led.stage.reviewer,
        CommandTexts::default(),
        Release {},
    );
    release.await.unwrap();
    // Left alone once more: the same timer fails for hours.
    led.server.skip(Duration::from_secs(27 * HOUR)).await;
    settled(&led, "case.escalated", 0).await;
    mend(&led.stage.owner, EVENTS).await;
    led.server.skip(Duration::from_secs(HOUR + 60)).await;
    settled(&led, "case.escalated", 1).await;
    // And the next one comes in its time, once.
    led.server.skip(Duration::from_secs(24 * HOUR)).await;
    settled(&led, "case.escalated", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_cannot_be_done_now_is_done_later() {
    let led = Led::start(ValidationTiming::default()).await;
    let refused = "outcome IS DISTINCT FROM 'erased'";
    refuse(&led.stage.owner, "admin.validations", refused).await;
    let options = WorkflowSignalOptions::default();
    led.handle
        .signal(ProfileValidation::erase, (), options)
        .await
        .unwrap();
    led.server.skip(Duration::from_secs(10 * 60)).await;
    assert_eq!(led.status().await.as_deref(), Some("queued"));
    mend(&led.stage.owner, "admin.validations").await;
    led.server.skip(Duration::from_secs(2 * HOUR)).await;
    let result = led.handle.get_result(WorkflowGetResultOptions::default());
    let ended = tokio::time::timeout(Duration::from_secs(30), result).await;
    let outcome = ended.expect("it ends").expect("it does not fail").outcome;
    assert_eq!(outcome, CaseOutcome::Erased);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_cannot_be_opened_now_is_opened_later() {
    let stage = super::stage::Stage::submitted().await;
    refuse(
        &stage.owner,
        EVENTS,
        "type <> 'document.verification.requested'",
    )
    .await;
    let led = Led::over(stage).await;
    led.begin(ValidationTiming::default()).await;
    led.server.skip(Duration::from_secs(10 * 60)).await;
    assert_eq!(led.status().await, None);
    mend(&led.stage.owner, EVENTS).await;
    led.server.skip(Duration::from_secs(HOUR)).await;
    led.until("queued").await;
    claim(&led).await.unwrap();
}
