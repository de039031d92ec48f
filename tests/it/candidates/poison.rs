//! `CandidateOnboarding` when the database refuses what the code is sure of.

use std::time::Duration;

use tests::poison::{mend, refuse};
use workflows::candidates::contract::{CaseVerdict, validation_id};

use super::Candidate;
use super::stage::{Mood, Stage, days};

const EVENTS: &str = "events.events";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_that_can_never_succeed_is_an_error_and_the_next_one_is_taken() {
    let stage = Stage::new(Mood::Real).await;
    let candidate = Candidate::join(&stage.api).await;
    candidate.complete(&stage.api).await;
    let owner = stage.api.database.owner().await;
    refuse(&owner, EVENTS, "type <> 'profile.submitted'").await;
    for _ in 0..2 {
        // Under one key: the command that failed is over, and the key may order anew.
        let answer = candidate.submit(&stage.api, Some("once")).await;
        assert_eq!(answer.status, 500, "{}", answer.body);
        assert_eq!(answer.body["code"], "internal_error");
        assert!(answer.body["correlation_id"].is_string());
        assert!(
            !answer.body.to_string().contains("poison"),
            "{}",
            answer.body
        );
    }
    assert_eq!(stage.status(&candidate).await, "DRAFT");
    mend(&owner, EVENTS).await;
    let answer = candidate.submit(&stage.api, Some("once")).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(stage.status(&candidate).await, "SUBMITTED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_that_cannot_be_written_comes_later_and_keeps_no_submission_waiting() {
    let stage = Stage::new(Mood::Real).await;
    let candidate = Candidate::join(&stage.api).await;
    stage.begin(&candidate).await;
    let owner = stage.api.database.owner().await;
    refuse(&owner, EVENTS, "type <> 'reminder.due'").await;
    stage
        .temporal
        .skip(days(2) + Duration::from_secs(3_600))
        .await;
    assert!(stage.reminders(&candidate).await.is_empty());
    mend(&owner, EVENTS).await;
    stage.temporal.skip(Duration::from_secs(3_660)).await;
    stage.until_reminders(&candidate, &["onboarding 1"]).await;
    refuse(&owner, EVENTS, "type <> 'reminder.due'").await;
    stage.temporal.skip(days(6)).await;
    candidate.complete(&stage.api).await;
    let answer = candidate.submit(&stage.api, None).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    // The verdict is heard although the reminder never came.
    let case = validation_id(candidate.profile_id, 1);
    stage.decide(&candidate, case, CaseVerdict::Validated).await;
    stage.outcome(&candidate).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_cannot_become_a_draft_again_now_becomes_one_later() {
    let stage = Stage::new(Mood::Real).await;
    let candidate = Candidate::join(&stage.api).await;
    candidate.complete(&stage.api).await;
    assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
    let owner = stage.api.database.owner().await;
    refuse(&owner, EVENTS, "type <> 'profile.status_changed'").await;
    let case = validation_id(candidate.profile_id, 1);
    stage.decide(&candidate, case, CaseVerdict::Rejected).await;
    stage.temporal.skip(days(91)).await;
    assert_eq!(stage.status(&candidate).await, "REJECTED");
    mend(&owner, EVENTS).await;
    stage.temporal.skip(Duration::from_secs(3_660)).await;
    stage.until_status(&candidate, "DRAFT").await;
}
