//! `CandidateOnboarding` on a Temporal that skips time.

use std::time::Duration;

use store::Context;
use store::commands::{self, Insertion};
use temporalio_client::{
    WorkflowCancelOptions, WorkflowExecuteUpdateOptions, WorkflowGetResultOptions,
    WorkflowSignalOptions,
};
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tests::temporal::history;
use uuid::Uuid;
use workflows::candidates::CandidateOnboarding;
use workflows::candidates::contract::{
    CaseVerdict, OnboardingOutcome, Reactivate, StepChanged, validation_id,
};
use workflows::candidates::profile::{StepName, StepStatus};
use workflows::commands::Command;

use super::stage::{Mood, Stage, days, eventually};
use super::{Candidate, set};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_reminders_come_and_then_none() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    let handle = stage.begin(&candidate).await;
    stage.temporal.skip(days(1)).await;
    assert!(stage.reminders(&candidate).await.is_empty());
    stage.temporal.skip(days(1)).await;
    stage.until_reminders(&candidate, &["onboarding 1"]).await;
    stage.temporal.skip(days(5)).await;
    stage
        .until_reminders(&candidate, &["onboarding 1", "onboarding 2"])
        .await;
    stage.temporal.skip(days(400)).await;
    let all = ["onboarding 1", "onboarding 2", "onboarding 3"];
    stage.until_reminders(&candidate, &all).await;
    handle
        .signal(
            CandidateOnboarding::erase,
            (),
            WorkflowSignalOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(stage.outcome(&candidate).await, OnboardingOutcome::Erased);
    assert_eq!(stage.reminders(&candidate).await, all);
    stage.record(&candidate, "reminded_and_erased").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overdue_reminders_become_one() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    let ago = "draft_since = date_trunc('second', now()) - interval '8 days'";
    set(&stage.api.database, candidate.profile_id, ago).await;
    stage.begin(&candidate).await;
    stage.until_reminders(&candidate, &["onboarding 2"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_comes_once_whether_its_step_fails_once_or_runs_twice() {
    for mood in [Mood::FailsOnce, Mood::DiesOnce] {
        let stage = Stage::new(mood).await;
        let candidate = Candidate::join(&stage.api).await;
        stage.begin(&candidate).await;
        stage.temporal.skip(days(2)).await;
        stage.until_reminders(&candidate, &["onboarding 1"]).await;
        stage.temporal.skip(days(5)).await;
        let both = ["onboarding 1", "onboarding 2"];
        stage.until_reminders(&candidate, &both).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_that_no_longer_applies_is_not_written() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    stage.begin(&candidate).await;
    set(
        &stage.api.database,
        candidate.profile_id,
        "status = 'VALIDATED'",
    )
    .await;
    stage.temporal.skip(days(3)).await;
    // The round learns from PostgreSQL that it is over.
    let outcome = stage.outcome(&candidate).await;
    assert_eq!(outcome, OnboardingOutcome::Validated);
    assert!(stage.reminders(&candidate).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validated_profile_ends_the_round() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    let handle = stage.begin(&candidate).await;
    let change = StepChanged {
        event_id: Uuid::nil(),
        step: StepName::Consent,
        state: StepStatus::Complete,
    };
    handle
        .signal(
            CandidateOnboarding::step_changed,
            change,
            WorkflowSignalOptions::default(),
        )
        .await
        .unwrap();
    candidate.complete(&stage.api).await;
    assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
    let case = validation_id(candidate.profile_id, 1);
    // A verdict on another case changes nothing.
    stage
        .tell(&candidate, Uuid::nil(), CaseVerdict::Rejected)
        .await;
    stage.decide(&candidate, case, CaseVerdict::Validated).await;
    let outcome = stage.outcome(&candidate).await;
    assert_eq!(outcome, OnboardingOutcome::Validated);
    stage.record(&candidate, "validated").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_delay_a_rejected_candidate_may_come_back() {
    for mood in [Mood::Sound, Mood::FailsOnce, Mood::DiesOnce] {
        let stage = Stage::new(mood).await;
        let candidate = Candidate::join(&stage.api).await;
        candidate.complete(&stage.api).await;
        assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
        let case = validation_id(candidate.profile_id, 1);
        stage.decide(&candidate, case, CaseVerdict::Rejected).await;
        stage.temporal.skip(days(89)).await;
        assert_eq!(stage.status(&candidate).await, "REJECTED", "{mood:?}");
        stage.temporal.skip(days(2)).await;
        stage.until_status(&candidate, "DRAFT").await;
        let told = stage.reminders(&candidate).await;
        assert_eq!(told[0], "resubmission_open 1", "{mood:?}");
        let submitted = candidate.submit(&stage.api, None).await;
        assert_eq!(submitted.status, 202, "{mood:?} {submitted:?}");
        let case = validation_id(candidate.profile_id, 2);
        stage.decide(&candidate, case, CaseVerdict::Validated).await;
        let outcome = stage.outcome(&candidate).await;
        assert_eq!(outcome, OnboardingOutcome::Validated);
        if mood == Mood::Sound {
            stage.record(&candidate, "rejected_and_back").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_lets_a_rejected_candidate_come_back_at_once() {
    for mood in [Mood::Sound, Mood::FailsOnce, Mood::DiesOnce] {
        let stage = Stage::new(mood).await;
        let candidate = Candidate::join(&stage.api).await;
        candidate.complete(&stage.api).await;
        assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
        let case = validation_id(candidate.profile_id, 1);
        stage.decide(&candidate, case, CaseVerdict::Rejected).await;
        let context = Context::system(case, None);
        let kept = commands::insert(&stage.api.database.store(), &context, &()).await;
        let Insertion::Kept(id) = kept.unwrap() else {
            panic!("a command without a key is new");
        };
        let reactivate = || Command {
            id,
            actor_id: case,
            correlation_id: case,
            idempotency: None,
            body: Reactivate {
                profile_id: candidate.profile_id,
            },
        };
        let send = async |command| {
            let handle = stage.handle(&candidate);
            handle
                .execute_update(
                    CandidateOnboarding::reactivate,
                    command,
                    WorkflowExecuteUpdateOptions::default(),
                )
                .await
        };
        send(reactivate()).await.unwrap();
        assert_eq!(stage.status(&candidate).await, "DRAFT");
        // The same command again is the same outcome; another one finds nothing to do.
        send(reactivate()).await.unwrap();
        let mut other = reactivate();
        other.id = Uuid::nil();
        assert!(send(other).await.is_err());
        if mood == Mood::Sound {
            stage.record(&candidate, "reactivated").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_submission_is_a_draft_again_and_may_be_made_before_the_round_knows() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    candidate.complete(&stage.api).await;
    assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
    let first = validation_id(candidate.profile_id, 1);
    // PostgreSQL says DRAFT, the relay lags behind.
    let draft = "status = 'DRAFT', draft_since = now()";
    set(&stage.api.database, candidate.profile_id, draft).await;
    assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
    stage.tell(&candidate, first, CaseVerdict::Withdrawn).await;
    let second = validation_id(candidate.profile_id, 2);
    stage.decide(&candidate, second, CaseVerdict::Lapsed).await;
    let now = stage.temporal.skip(days(3));
    now.await;
    stage.until_reminders(&candidate, &["onboarding 1"]).await;
    stage.record(&candidate, "withdrawn_and_lapsed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_may_cancel_a_round() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    let handle = stage.begin(&candidate).await;
    handle
        .cancel(WorkflowCancelOptions::default())
        .await
        .unwrap();
    let result = handle.get_result(WorkflowGetResultOptions::default());
    let result = tokio::time::timeout(Duration::from_secs(20), result)
        .await
        .unwrap();
    assert!(result.is_err());
    assert_eq!(stage.status(&candidate).await, "DRAFT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_goes_on_in_a_new_run() {
    let stage = Stage::new(Mood::Sound).await;
    let candidate = Candidate::join(&stage.api).await;
    let handle = stage.begin(&candidate).await;
    let run = async || {
        let described = handle.describe(Default::default()).await.unwrap();
        described.run_id().to_owned()
    };
    let first = run().await;
    for round in 0..60_u32 {
        let signals = (0..20).map(|_| {
            let change = StepChanged {
                event_id: Uuid::from_u128(u128::from(round)),
                step: StepName::Consent,
                state: StepStatus::Complete,
            };
            handle.signal(
                CandidateOnboarding::step_changed,
                change,
                WorkflowSignalOptions::default(),
            )
        });
        for sent in futures::future::join_all(signals).await {
            sent.unwrap();
        }
    }
    eventually(async || run().await != first).await;
    candidate.complete(&stage.api).await;
    assert_eq!(candidate.submit(&stage.api, None).await.status, 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_histories_still_replay() {
    for name in [
        "reminded_and_erased",
        "validated",
        "rejected_and_back",
        "reactivated",
        "withdrawn_and_lapsed",
    ] {
        let options = WorkflowReplayerOptions::new()
            .register_workflow::<CandidateOnboarding>()
            .unwrap()
            .build();
        let replayer = WorkflowReplayer::new(options).unwrap();
        replayer
            .replay_workflow(history("CandidateOnboarding", name))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
