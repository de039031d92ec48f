//! `ProfileValidation` when every step fails once, when every step runs twice, when its history is
//! long: the same events, each of them once.

use std::time::Duration;

use store::validation::CommandTexts;
use temporalio_client::{
    WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowSignalOptions,
};
use tests::moods::Mood;
use tests::temporal::record_history;
use uuid::Uuid;
use workflows::candidates::profile::StepName;
use workflows::validation::{
    CaseOutcome, ChangeInterview, Claim, CompleteInterview, Decide, DecisionOutcome,
    DocumentSettled, InterviewChange, InterviewMode, InterviewOutcome, ProfileValidation, Release,
    RequestCorrection, Resubmit, ReviewDocument, ReviewOutcome, ScheduleInterview,
    ValidationTiming, Withdraw,
};

use super::stage::Led;

const HOUR: u64 = 3_600;
const MOODS: [Mood; 3] = [Mood::Sound, Mood::FailsOnce, Mood::DiesOnce];

/// Every text at once: each command takes the one it needs.
fn texts() -> CommandTexts {
    CommandTexts {
        reason: Some("Parcours trop éloigné.".to_owned()),
        message: Some("Merci de corriger.".to_owned()),
        place: Some("https://meet".to_owned()),
        report: Some("Très bien.".to_owned()),
    }
}

/// Gives a command, which is taken.
macro_rules! tell {
    ($led:expr, $update:ident, $actor:expr, $body:expr) => {
        $led.tell(ProfileValidation::$update, $actor, texts(), $body)
            .await
            .unwrap()
    };
}

/// Lets time pass until the case has told so many events.
async fn pass(led: &Led, hours: u64, told: usize) {
    led.server.skip(Duration::from_secs(hours * HOUR)).await;
    for _ in 0..200 {
        if led.stage.events().await.len() >= told {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!(
        "{told} events after {hours} h: {:?}",
        led.stage.events().await
    );
}

async fn ended(led: &Led) -> CaseOutcome {
    let result = led.handle.get_result(WorkflowGetResultOptions::default());
    tokio::time::timeout(Duration::from_secs(30), result)
        .await
        .expect("the process ends")
        .expect("the process does not fail")
        .outcome
}

async fn record(led: &Led, mood: Mood, name: &str) {
    if mood == Mood::Sound {
        let lived = WorkflowFetchHistoryOptions::default();
        let lived = led.handle.fetch_history(lived);
        record_history(lived, "ProfileValidation", name).await;
    }
}

/// An interview so many hours after the case was submitted, by the process's clock.
fn interview(led: &Led, hours: i64) -> ScheduleInterview {
    ScheduleInterview {
        interview_id: led.stage.id(),
        starts_at: led.stage.submitted_at + chrono::Duration::hours(hours),
        duration_minutes: 30,
        mode: InterviewMode::Phone,
    }
}

async fn corrections(led: &Led) {
    let (stage, me) = (&led.stage, led.stage.reviewer);
    for document_id in stage.documents.clone() {
        let body = ReviewDocument {
            document_id,
            outcome: ReviewOutcome::Accepted,
        };
        tell!(led, review_document, me, body);
    }
    let body = RequestCorrection {
        steps: vec![StepName::Skills],
    };
    tell!(led, request_correction, me, body);
    let body = Resubmit {
        profile_id: stage.profile_id,
    };
    tell!(led, resubmit, stage.candidate, body);
}

/// One that moves, is reminded of and takes place, 97 hours after the submission; and one that is
/// called off.
async fn interviews(led: &Led, told: usize) {
    let me = led.stage.reviewer;
    let first = interview(led, 73);
    let interview_id = first.interview_id;
    tell!(led, schedule_interview, me, first);
    let body = ChangeInterview {
        interview_id,
        change: InterviewChange::Rescheduled {
            starts_at: Some(interview(led, 97).starts_at),
            duration_minutes: None,
            mode: None,
        },
    };
    tell!(led, change_interview, me, body);
    pass(led, 49, told + 3).await;
    pass(led, 24, told + 4).await;
    let body = CompleteInterview {
        interview_id,
        outcome: InterviewOutcome::Done,
    };
    tell!(led, complete_interview, me, body);
    let second = interview(led, 300);
    let body = ChangeInterview {
        interview_id: second.interview_id,
        change: InterviewChange::Cancelled,
    };
    tell!(led, schedule_interview, me, second);
    tell!(led, change_interview, me, body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_to_a_validation_has_one_effect_in_every_mood() {
    for mood in MOODS {
        let led = Led::start_in(mood, ValidationTiming::default()).await;
        let (stage, me) = (&led.stage, led.stage.reviewer);
        pass(&led, 25, 2).await;
        tell!(led, claim, stage.other, Claim {});
        tell!(led, release, stage.other, Release {});
        tell!(led, claim, me, Claim {});
        corrections(&led).await;
        let told = stage.events().await.len();
        interviews(&led, told).await;
        stage.assess(me).await;
        let decide = Decide {
            outcome: DecisionOutcome::Validated,
        };
        tell!(led, decide, me, decide);
        assert_eq!(ended(&led).await, CaseOutcome::Validated, "{mood:?}");
        let mut told = [
            "document.verification.requested",
            "case.escalated",
            "case.claimed",
            "profile.status_changed",
            "case.released",
            "case.claimed",
            "document.reviewed",
            "document.reviewed",
            "correction.requested",
            "profile.submitted",
            "interview.scheduled",
            "interview.changed",
            "reminder.due",
            "reminder.due",
            "interview.completed",
            "interview.scheduled",
            "interview.cancelled",
            "assessment.saved",
            "profile.validated",
        ];
        // The events of one transaction have no order among themselves.
        let mut events = stage.events().await;
        events.sort();
        told.sort_unstable();
        assert_eq!(events, told, "{mood:?}");
        record(&led, mood, "everything").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_has_one_effect_in_every_mood() {
    for mood in MOODS {
        let led = Led::start_in(mood, ValidationTiming::default()).await;
        let me = led.stage.reviewer;
        tell!(led, claim, me, Claim {});
        tell!(led, schedule_interview, me, interview(&led, 72));
        erase(&led).await;
        assert_eq!(ended(&led).await, CaseOutcome::Erased, "{mood:?}");
        assert_eq!(led.stage.count("interview.cancelled").await, 1, "{mood:?}");
        assert_eq!(led.stage.count("case.released").await, 1, "{mood:?}");
        record(&led, mood, "erased").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_runs_out_and_a_withdrawal_have_one_effect_in_every_mood() {
    for mood in MOODS {
        let led = Led::start_in(mood, ValidationTiming::default()).await;
        let (stage, me) = (&led.stage, led.stage.reviewer);
        tell!(led, claim, me, Claim {});
        led.server.skip(Duration::from_secs(4 * HOUR + 60)).await;
        led.until("queued").await;
        let body = Withdraw {
            profile_id: stage.profile_id,
        };
        tell!(led, withdraw, stage.candidate, body);
        assert_eq!(ended(&led).await, CaseOutcome::Withdrawn, "{mood:?}");
        assert_eq!(stage.count("case.released").await, 2, "{mood:?}");
        assert_eq!(stage.count("reminder.due").await, 1, "{mood:?}");
        assert_eq!(stage.profile_status().await, "DRAFT");
    }
}

async fn erase(led: &Led) {
    led.handle
        .signal(
            ProfileValidation::erase,
            (),
            WorkflowSignalOptions::default(),
        )
        .await
        .unwrap();
}

async fn run_id(led: &Led) -> String {
    let described = led.handle.describe(Default::default()).await.unwrap();
    described.run_id().to_owned()
}

/// Tells the process of so many documents that its history is long.
async fn grow(led: &Led) {
    let first = run_id(led).await;
    for _ in 0..60 {
        let signals = (0..20).map(|_| {
            let settled = DocumentSettled {
                event_id: Uuid::nil(),
                document_id: Uuid::nil(),
                status: "available".to_owned(),
            };
            let options = WorkflowSignalOptions::default();
            led.handle
                .signal(ProfileValidation::document_settled, settled, options)
        });
        for sent in futures::future::join_all(signals).await {
            sent.unwrap();
        }
    }
    for _ in 0..200 {
        if run_id(led).await != first {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no new run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_run_keeps_the_claim_the_timers_and_what_was_done() {
    let led = Led::start(ValidationTiming::default()).await;
    let me = led.stage.reviewer;
    pass(&led, 25, 2).await;
    tell!(led, claim, me, Claim {});
    let first = interview(&led, 25 + 30);
    let interview_id = first.interview_id;
    tell!(led, schedule_interview, me, first);
    pass(&led, 7, 6).await;
    grow(&led).await;
    // It knows who holds the case, and that the first reminder was sent.
    let refused = led
        .tell(ProfileValidation::claim, led.stage.other, texts(), Claim {})
        .await
        .unwrap_err();
    assert_eq!(refused, format!("already_claimed:{me}"));
    pass(&led, 24, 7).await;
    assert_eq!(led.stage.count("reminder.due").await, 2);
    assert_eq!(led.stage.count("case.escalated").await, 1);
    let body = CompleteInterview {
        interview_id,
        outcome: InterviewOutcome::NoShow,
    };
    tell!(led, complete_interview, me, body);
    erase(&led).await;
    assert_eq!(ended(&led).await, CaseOutcome::Erased);
    record(&led, Mood::Sound, "continued").await;
}
