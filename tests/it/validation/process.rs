//! `ProfileValidation` on a real Temporal: what people tell it.

use std::time::Duration;

use store::validation::CommandTexts;
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::{
    WorkflowCancelOptions, WorkflowFetchHistoryOptions, WorkflowGetResultOptions,
    WorkflowQueryOptions,
};
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tests::temporal::{history, record_history};
use workflows::candidates::profile::StepName;
use workflows::validation::{
    CaseOutcome, CaseStatus, Claim, CompleteInterview, Decide, DecisionOutcome, InterviewMode,
    InterviewOutcome, ProfileValidation, Release, RequestCorrection, Resubmit, ReviewDocument,
    ReviewOutcome, ScheduleInterview, ValidationTiming,
};

use super::stage::Led;

fn no_text() -> CommandTexts {
    CommandTexts::default()
}

/// Every text at once: each command takes the one it needs.
fn texts() -> CommandTexts {
    CommandTexts {
        reason: Some("Parcours trop éloigné.".to_owned()),
        message: Some("Merci de corriger.".to_owned()),
        place: Some("https://meet".to_owned()),
        report: Some("Très bien.".to_owned()),
    }
}

async fn ended(led: &Led) -> CaseOutcome {
    let result = led.handle.get_result(WorkflowGetResultOptions::default());
    tokio::time::timeout(Duration::from_secs(30), result)
        .await
        .expect("the process ends")
        .expect("the process does not fail")
        .outcome
}

/// How many commands the process has accepted.
async fn accepted(led: &Led) -> usize {
    let options = WorkflowFetchHistoryOptions::default();
    let json = led.handle.fetch_history(options).to_json().await.unwrap();
    let history: serde_json::Value = serde_json::from_slice(json.as_ref()).unwrap();
    let kind = EventType::WorkflowExecutionUpdateAccepted as i32;
    let events = history["events"].as_array().unwrap().iter();
    events.filter(|event| event["event_type"] == kind).count()
}

/// The activities would refuse it as well; the validator does before there is anything to undo.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_ones_to_do_is_refused_before_the_process_accepts_it() {
    let led = Led::start(ValidationTiming::default()).await;
    let (stage, other) = (&led.stage, led.stage.other);
    led.tell(
        ProfileValidation::claim,
        stage.reviewer,
        no_text(),
        Claim {},
    )
    .await
    .unwrap();
    assert_eq!(accepted(&led).await, 1);
    let decide = Decide {
        outcome: DecisionOutcome::Rejected,
    };
    let review = ReviewDocument {
        document_id: stage.documents[0],
        outcome: ReviewOutcome::Accepted,
    };
    let correct = RequestCorrection {
        steps: vec![StepName::Skills],
    };
    let refused = [
        led.tell(ProfileValidation::decide, other, texts(), decide)
            .await,
        led.tell(ProfileValidation::review_document, other, texts(), review)
            .await,
        led.tell(
            ProfileValidation::request_correction,
            other,
            texts(),
            correct,
        )
        .await,
        led.tell(ProfileValidation::release, other, no_text(), Release {})
            .await,
        led.tell(ProfileValidation::claim, other, no_text(), Claim {})
            .await,
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    assert_eq!(accepted(&led).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_led_from_the_queue_through_corrections_to_a_validation() {
    let led = Led::start(ValidationTiming::default()).await;
    let (stage, me) = (&led.stage, led.stage.reviewer);
    led.tell(ProfileValidation::claim, me, no_text(), Claim {})
        .await
        .unwrap();
    let refused = led
        .tell(ProfileValidation::claim, stage.other, no_text(), Claim {})
        .await
        .unwrap_err();
    assert_eq!(refused, format!("already_claimed:{me}"));
    for (document_id, outcome) in [
        (stage.documents[0], ReviewOutcome::Accepted),
        (stage.documents[1], ReviewOutcome::Accepted),
    ] {
        let body = ReviewDocument {
            document_id,
            outcome,
        };
        led.tell(ProfileValidation::review_document, me, texts(), body)
            .await
            .unwrap();
    }
    let body = RequestCorrection {
        steps: vec![StepName::Skills],
    };
    led.tell(ProfileValidation::request_correction, me, texts(), body)
        .await
        .unwrap();
    assert_eq!(led.status().await.as_deref(), Some("awaiting_candidate"));
    let body = Resubmit {
        profile_id: stage.profile_id,
    };
    led.tell(
        ProfileValidation::resubmit,
        stage.candidate,
        no_text(),
        body,
    )
    .await
    .unwrap();

    let interview_id = stage.id();
    let body = ScheduleInterview {
        interview_id,
        starts_at: stage.store.now() + chrono::Duration::milliseconds(1_500),
        duration_minutes: 30,
        mode: InterviewMode::Phone,
    };
    let changed = led
        .tell(ProfileValidation::schedule_interview, me, texts(), body)
        .await
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::Interview);
    let report = CompleteInterview {
        interview_id,
        outcome: InterviewOutcome::Done,
    };
    let early = led
        .tell(
            ProfileValidation::complete_interview,
            me,
            texts(),
            report.clone(),
        )
        .await
        .unwrap_err();
    assert_eq!(early, format!("interview_not_started:{interview_id}"));
    led.server.skip(Duration::from_secs(2)).await;
    led.tell(ProfileValidation::complete_interview, me, texts(), report)
        .await
        .unwrap();

    let decide = Decide {
        outcome: DecisionOutcome::Validated,
    };
    let blocked = led
        .tell(ProfileValidation::decide, me, no_text(), decide.clone())
        .await
        .unwrap_err();
    assert_eq!(blocked, "decision_blocked");
    stage.assess(me).await;
    led.tell(ProfileValidation::decide, me, no_text(), decide)
        .await
        .unwrap();
    assert_eq!(stage.profile_status().await, "VALIDATED");
    assert_eq!(ended(&led).await, CaseOutcome::Validated);
    let told = led
        .handle
        .query(ProfileValidation::case, (), WorkflowQueryOptions::default())
        .await
        .unwrap();
    assert_eq!(told.next_due, None);
    let lived = led
        .handle
        .fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(lived, "ProfileValidation", "validated_after_corrections").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claims_at_once_one_wins_and_the_others_hear_who() {
    let led = Led::start(ValidationTiming::default()).await;
    let (me, other) = (led.stage.reviewer, led.stage.other);
    let claims = (0..8).map(|number| {
        let actor = if number % 2 == 0 { me } else { other };
        led.tell(ProfileValidation::claim, actor, no_text(), Claim {})
    });
    let outcomes = futures::future::join_all(claims).await;
    let won: Vec<_> = outcomes.iter().flatten().collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    let holder = won[0].case.claimed_by.unwrap();
    for lost in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!(lost, &format!("already_claimed:{holder}"));
    }
    led.tell(ProfileValidation::release, holder, no_text(), Release {})
        .await
        .unwrap();
    led.tell(ProfileValidation::claim, other, no_text(), Claim {})
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_update_again_is_the_same_answer() {
    let led = Led::start(ValidationTiming::default()).await;
    let command = led
        .stage
        .command(led.stage.reviewer, no_text(), Claim {})
        .await;
    let first = led
        .send(ProfileValidation::claim, command.clone())
        .await
        .unwrap();
    // The holder's own claim, given again under a new update id, is refused like any other.
    let again = led.send(ProfileValidation::claim, command).await;
    assert_eq!(
        again.unwrap_err(),
        format!("already_claimed:{}", led.stage.reviewer)
    );
    assert_eq!(first.case.claimed_by, Some(led.stage.reviewer));
    assert_eq!(led.stage.count("case.claimed").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejection_ends_the_process() {
    let led = Led::start(ValidationTiming::default()).await;
    let me = led.stage.reviewer;
    led.tell(ProfileValidation::claim, me, no_text(), Claim {})
        .await
        .unwrap();
    let body = Decide {
        outcome: DecisionOutcome::Rejected,
    };
    let changed = led
        .tell(ProfileValidation::decide, me, texts(), body)
        .await
        .unwrap();
    assert_eq!(changed.profile_status.as_str(), "REJECTED");
    assert_eq!(ended(&led).await, CaseOutcome::Rejected);
    let lived = led
        .handle
        .fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(lived, "ProfileValidation", "rejected").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_closes_the_case() {
    let led = Led::start(ValidationTiming::default()).await;
    led.handle
        .signal(
            ProfileValidation::erase,
            (),
            temporalio_client::WorkflowSignalOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(ended(&led).await, CaseOutcome::Erased);
    assert_eq!(led.status().await.as_deref(), Some("decided"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_may_cancel_the_process_and_start_it_again() {
    let led = Led::start(ValidationTiming::default()).await;
    // The next escalation's timer is pending.
    led.handle
        .cancel(WorkflowCancelOptions::default())
        .await
        .unwrap();
    let result = led.handle.get_result(WorkflowGetResultOptions::default());
    let result = tokio::time::timeout(Duration::from_secs(20), result)
        .await
        .expect("a cancelled process ends");
    assert!(
        matches!(result, Err(WorkflowGetResultError::Cancelled { .. })),
        "{result:?}"
    );
    assert_eq!(led.status().await.as_deref(), Some("queued"));
    // The same worker goes on: a new run takes the case up where PostgreSQL has it.
    led.begin(ValidationTiming::default()).await;
    led.tell(
        ProfileValidation::claim,
        led.stage.reviewer,
        no_text(),
        Claim {},
    )
    .await
    .unwrap();
    assert_eq!(led.status().await.as_deref(), Some("claimed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_cases_replay() {
    for name in [
        "validated_after_corrections",
        "rejected",
        "lapsed",
        "claim_expired",
        "everything",
        "erased",
        "continued",
    ] {
        replay(name).await;
    }
}

async fn replay(name: &str) {
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<ProfileValidation>()
        .unwrap()
        .build();
    let replayer = WorkflowReplayer::new(options).unwrap();
    let lived = history("ProfileValidation", name);
    replayer
        .replay_workflow(lived)
        .await
        .unwrap_or_else(|error| panic!("{name} does not replay: {error}"));
}
