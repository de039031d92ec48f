//! `NotificationDelivery` with activities that fail as a test wants.

#![expect(
    dead_code,
    reason = "the macro makes a constant for each activity, which only workflows name"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::{
    Client, WorkflowCancelOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowStartOptions,
};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::activities::{ActivityContext, activities};
use tests::temporal::{RunningWorker, TemporalServer};
use uuid::Uuid;
use workflows::notifications::{
    Attempt, DeliveryInput, DeliveryOutcome, DeliveryTiming, GiveUpInput, NotificationDelivery,
    SendInput, workflow_id,
};
use workflows::queues::NOTIFICATIONS;

/// Refuses, fails, says "later", then sends.
#[derive(Default)]
pub struct Staged {
    refusals: AtomicU32,
    failures: AtomicU32,
    laters: AtomicU32,
    faults: AtomicU32,
    /// Whether the first mail that is sent cannot be recorded, and how often it is then tried.
    unrecorded: AtomicU32,
    recorded: AtomicU32,
    sends: AtomicU32,
    given_up: AtomicU32,
}

pub struct StagedActivities(Arc<Staged>);

#[activities]
impl StagedActivities {
    #[activity(definition = workflows::notifications::Send)]
    async fn send(
        self: Arc<Self>,
        _ctx: ActivityContext,
        _input: SendInput,
    ) -> Result<Attempt, ActivityError> {
        self.0.sends.fetch_add(1, Ordering::SeqCst);
        if take(&self.0.failures) {
            return Err(passing());
        }
        if take(&self.0.faults) {
            return Err(for_good());
        }
        if take(&self.0.laters) {
            return Ok(Attempt::Later {
                code: "smtp_451".to_owned(),
            });
        }
        if take(&self.0.unrecorded) {
            return Ok(Attempt::Unrecorded);
        }
        if take(&self.0.refusals) {
            return Ok(Attempt::Refused {
                code: "smtp_550".to_owned(),
            });
        }
        Ok(Attempt::Sent)
    }

    #[activity(definition = workflows::notifications::Record)]
    async fn record(
        self: Arc<Self>,
        _ctx: ActivityContext,
        _input: SendInput,
    ) -> Result<(), ActivityError> {
        // Cannot be done at first; somebody mends it.
        match self.0.recorded.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Err(for_good()),
            _ => Ok(()),
        }
    }

    #[activity(definition = workflows::notifications::GiveUp)]
    async fn give_up(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: GiveUpInput,
    ) -> Result<(), ActivityError> {
        assert!(input.code == "smtp_550" || input.code == "smtp_451");
        // Failed once, then done: it is taken up again.
        match self.0.given_up.fetch_add(1, Ordering::SeqCst) {
            0 => Err(passing()),
            _ => Ok(()),
        }
    }
}

fn take(count: &AtomicU32) -> bool {
    count
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_ok()
}

fn passing() -> ActivityError {
    ActivityError::application(ApplicationFailure::builder("it passes").build())
}

fn for_good() -> ActivityError {
    let failure = ApplicationFailure::builder("a violated constraint");
    ActivityError::application(failure.non_retryable(true).build())
}

fn work(server: &TemporalServer, staged: Arc<Staged>) -> RunningWorker {
    server.spawn_worker(move || {
        WorkerOptions::new(NOTIFICATIONS)
            .register_activities(StagedActivities(staged))
            .register_workflow::<NotificationDelivery>()
            .unwrap()
            .build()
    })
}

async fn begin(server: &TemporalServer) -> WorkflowHandle<Client, NotificationDelivery> {
    let id = Uuid::from_u128(7);
    let input = DeliveryInput {
        notification_id: id,
        event_type: "user.created".to_owned(),
        correlation_id: Uuid::nil(),
        timing: DeliveryTiming {
            attempts: 3,
            backoff_seconds: 3_600,
            ..DeliveryTiming::default()
        },
    };
    let options = WorkflowStartOptions::new(NOTIFICATIONS, workflow_id(id)).build();
    server
        .client()
        .start_workflow(NotificationDelivery::run, input, options)
        .await
        .unwrap();
    server.client().get_workflow_handle(workflow_id(id))
}

async fn deliver(staged: Staged) -> (DeliveryOutcome, Arc<Staged>) {
    let server = TemporalServer::start().await;
    let staged = Arc::new(staged);
    let _worker = work(&server, staged.clone());
    let process = begin(&server).await;
    server.unlock_time().await;
    let result = process.get_result(WorkflowGetResultOptions::default());
    let outcome = tokio::time::timeout(Duration::from_secs(60), result)
        .await
        .expect("hours pass in seconds")
        .unwrap();
    (outcome, staged)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_refusals_and_hours_later_it_is_sent() {
    let staged = Staged {
        refusals: 2.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::Sent);
    assert_eq!(staged.sends.load(Ordering::SeqCst), 3);
    assert_eq!(staged.given_up.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_third_refusal_gives_up_and_the_record_is_taken_up_again() {
    let staged = Staged {
        refusals: 9.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::GaveUp);
    assert_eq!(staged.sends.load(Ordering::SeqCst), 3);
    assert_eq!(staged.given_up.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_that_pass_use_up_no_attempt() {
    let staged = Staged {
        failures: 5.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::Sent);
    assert_eq!(staged.sends.load(Ordering::SeqCst), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_uses_up_no_attempt_for_a_day() {
    // 5, 10, 20 and 40 minutes, then each hour: so many fit into a day.
    let staged = Staged {
        laters: 20.into(),
        refusals: 2.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::Sent);
    assert_eq!(staged.sends.load(Ordering::SeqCst), 23);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_for_more_than_a_day_is_a_refusal() {
    let staged = Staged {
        laters: 900.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::GaveUp);
    let sends = staged.sends.load(Ordering::SeqCst);
    assert!((20..40).contains(&sends), "{sends} attempts in a day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_left_is_recorded_and_not_sent_again() {
    let staged = Staged {
        unrecorded: 1.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::Sent);
    assert_eq!(staged.sends.load(Ordering::SeqCst), 1);
    assert_eq!(staged.recorded.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_cannot_succeed_is_tried_again_when_somebody_has_mended_it() {
    let staged = Staged {
        faults: 4.into(),
        ..Staged::default()
    };
    let (outcome, staged) = deliver(staged).await;
    assert_eq!(outcome, DeliveryOutcome::Sent);
    assert_eq!(staged.sends.load(Ordering::SeqCst), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_may_cancel_a_delivery_that_waits_for_its_next_attempt() {
    let server = TemporalServer::start().await;
    let staged = Arc::new(Staged {
        refusals: 9.into(),
        ..Staged::default()
    });
    let _worker = work(&server, staged.clone());
    let process = begin(&server).await;
    while staged.sends.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The timer before the second attempt is pending, or about to be.
    tokio::time::sleep(Duration::from_millis(300)).await;
    process
        .cancel(WorkflowCancelOptions::default())
        .await
        .unwrap();
    let result = process.get_result(WorkflowGetResultOptions::default());
    let result = tokio::time::timeout(Duration::from_secs(20), result)
        .await
        .expect("a cancelled delivery ends");
    assert!(
        matches!(result, Err(WorkflowGetResultError::Cancelled { .. })),
        "{result:?}"
    );
    assert_eq!(staged.sends.load(Ordering::SeqCst), 1);
    assert_eq!(staged.given_up.load(Ordering::SeqCst), 0);
}
