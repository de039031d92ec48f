//! `ProfileValidation` when time passes: on a Temporal that skips it.

use std::time::Duration;

use store::validation::CommandTexts;
use temporalio_client::WorkflowFetchHistoryOptions;
use tests::temporal::record_history;
use workflows::candidates::profile::StepName;
use workflows::validation::{
    Claim, InterviewMode, ProfileValidation, RequestCorrection, ScheduleInterview, ValidationTiming,
};

use super::stage::Led;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn texts() -> CommandTexts {
    CommandTexts {
        message: Some("Merci de corriger.".to_owned()),
        place: Some("https://meet".to_owned()),
        ..CommandTexts::default()
    }
}

async fn claimed() -> Led {
    let led = Led::start(ValidationTiming::default()).await;
    led.tell(
        ProfileValidation::claim,
        led.stage.reviewer,
        texts(),
        Claim {},
    )
    .await
    .unwrap();
    led
}

async fn reminders(led: &Led, kind: &str) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM events.events
         WHERE type = 'reminder.due' AND payload ->> 'kind' = $1",
    )
    .bind(kind)
    .fetch_one(&led.stage.owner)
    .await
    .unwrap()
}

/// What a timer started is done a moment after it fired.
async fn settled(led: &Led, event: &str, expected: usize) {
    for _ in 0..100 {
        if led.stage.count(event).await >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(led.stage.count(event).await, expected, "{event}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_claim_goes_back_to_the_queue_after_four_hours() {
    let led = claimed().await;
    led.server.skip(Duration::from_secs(3 * HOUR)).await;
    assert_eq!(led.status().await.as_deref(), Some("claimed"));
    led.server.skip(Duration::from_secs(HOUR + 60)).await;
    led.until("queued").await;
    assert_eq!(reminders(&led, "claim_expired").await, 1);
    // It can be claimed again, and expires again.
    led.tell(ProfileValidation::claim, led.stage.other, texts(), Claim {})
        .await
        .unwrap();
    led.server.skip(Duration::from_secs(4 * HOUR + 60)).await;
    led.until("queued").await;
    assert_eq!(led.stage.count("case.released").await, 2);
    let lived = led
        .handle
        .fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(lived, "ProfileValidation", "claim_expired").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_through_the_api_keeps_the_claim() {
    let led = claimed().await;
    // As if the grid were saved in three hours: the process asks PostgreSQL when its timer fires.
    sqlx::query("UPDATE admin.validations SET last_action_at = now() + interval '3 hours'")
        .execute(&led.stage.owner)
        .await
        .unwrap();
    led.server.skip(Duration::from_secs(5 * HOUR)).await;
    assert_eq!(led.status().await.as_deref(), Some("claimed"));
    led.server.skip(Duration::from_secs(2 * HOUR + 60)).await;
    led.until("queued").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_lasts_until_after_its_interview_and_both_are_reminded() {
    let led = claimed().await;
    let body = ScheduleInterview {
        interview_id: led.stage.id(),
        starts_at: led.stage.store.now() + chrono::Duration::hours(48),
        duration_minutes: 60,
        mode: InterviewMode::Video,
    };
    led.tell(
        ProfileValidation::schedule_interview,
        led.stage.reviewer,
        texts(),
        body,
    )
    .await
    .unwrap();
    led.server.skip(Duration::from_secs(23 * HOUR)).await;
    assert_eq!(reminders(&led, "interview").await, 0);
    led.server.skip(Duration::from_secs(2 * HOUR)).await;
    settled(&led, "reminder.due", 1).await;
    led.server.skip(Duration::from_secs(23 * HOUR)).await;
    settled(&led, "reminder.due", 2).await;
    assert_eq!(led.status().await.as_deref(), Some("interview"));
    led.server.skip(Duration::from_secs(6 * HOUR)).await;
    led.until("queued").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_case_is_escalated_twice_and_once_each() {
    let led = Led::start(ValidationTiming::default()).await;
    led.server.skip(Duration::from_secs(23 * HOUR)).await;
    assert_eq!(led.stage.count("case.escalated").await, 0);
    led.server.skip(Duration::from_secs(2 * HOUR)).await;
    settled(&led, "case.escalated", 1).await;
    led.server.skip(Duration::from_secs(24 * HOUR)).await;
    settled(&led, "case.escalated", 2).await;
    led.server.skip(Duration::from_secs(30 * DAY)).await;
    settled(&led, "case.escalated", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_the_grid_is_filled_for_is_not_escalated_before_it_is_left_alone() {
    let led = claimed().await;
    // As if the grid were saved in 23 hours: the process asks PostgreSQL when its timer fires.
    sqlx::query("UPDATE admin.validations SET last_action_at = now() + interval '23 hours'")
        .execute(&led.stage.owner)
        .await
        .unwrap();
    led.server.skip(Duration::from_secs(46 * HOUR)).await;
    settled(&led, "case.escalated", 0).await;
    led.server.skip(Duration::from_secs(2 * HOUR)).await;
    settled(&led, "case.escalated", 1).await;
    let level = "SELECT payload ->> 'level' FROM events.events
                 WHERE type = 'case.escalated' AND $1 <> $2";
    assert_eq!(led.stage.text(level).await.as_deref(), Some("warning"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unanswered_correction_is_reminded_of_and_lapses_after_thirty_days() {
    let led = claimed().await;
    let body = RequestCorrection {
        steps: vec![StepName::Identity],
    };
    led.tell(
        ProfileValidation::request_correction,
        led.stage.reviewer,
        texts(),
        body,
    )
    .await
    .unwrap();
    led.server.skip(Duration::from_secs(29 * DAY + HOUR)).await;
    settled(&led, "reminder.due", 3).await;
    assert_eq!(led.status().await.as_deref(), Some("awaiting_candidate"));
    assert_eq!(
        led.stage.count("case.escalated").await,
        0,
        "the candidate is awaited"
    );
    led.server.skip(Duration::from_secs(DAY)).await;
    led.until("decided").await;
    assert_eq!(led.stage.profile_status().await, "DRAFT");
    let outcome = led
        .stage
        .text("SELECT outcome FROM admin.validations WHERE id = $1 AND profile_id = $2")
        .await;
    assert_eq!(outcome.as_deref(), Some("lapsed"));
    let lived = led
        .handle
        .fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(lived, "ProfileValidation", "lapsed").await;
}
