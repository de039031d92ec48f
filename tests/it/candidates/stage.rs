//! An API, a Temporal that skips time and a worker for the queue `candidates`.

#![expect(dead_code, reason = "the macro makes a constant for each activity")]

use std::sync::Arc;
use std::time::Duration;

use activities::candidates::CandidateActivities;
use chrono::{DateTime, Utc};
use store::Writer;
use store::candidates;
use temporalio_client::{
    WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowSignalOptions,
    WorkflowStartOptions,
};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::activities::ActivityContext;
use tests::api::TestApi;
use tests::temporal::{RunningWorker, TemporalServer, record_history};
use uuid::Uuid;
use workflows::candidates::CandidateOnboarding;
use workflows::candidates::contract::{
    CaseVerdict, Decided, OnboardingInput, OnboardingOutcome, OnboardingTiming, Reactivate,
    ReadRound, Remind, Reopen, Round, Submit, Submitted, onboarding_id,
};
use workflows::commands::{Command, Refusal};
use workflows::queues;

use super::Candidate;

/// How activities behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// As they should.
    Sound,
    /// Each fails at its first attempt, before it did anything.
    FailsOnce,
    /// Each does its work at the first attempt and dies before it can tell.
    DiesOnce,
    /// They are the worker's own.
    Real,
}

pub(super) struct Stage {
    pub api: TestApi,
    pub temporal: TemporalServer,
    _worker: RunningWorker,
}

type Handle = WorkflowHandle<temporalio_client::Client, CandidateOnboarding>;

impl Stage {
    pub async fn new(mood: Mood) -> Self {
        let temporal = TemporalServer::start().await;
        let (address, namespace) = (temporal.address().to_owned(), temporal.namespace());
        let api = TestApi::start_with(store::clock::Clock::system(), |config| {
            config.temporal.address = address;
            namespace.clone_into(&mut config.temporal.namespace);
        })
        .await;
        let writer = api.database.writer();
        let worker = temporal.spawn_worker(move || {
            let mut options = WorkerOptions::new(queues::CANDIDATES).build();
            options.register_workflow::<CandidateOnboarding>().unwrap();
            if mood == Mood::Real {
                options.register_activities(CandidateActivities::new(writer));
            } else {
                options.register_activities(MoodyActivities { writer, mood });
            }
            options
        });
        Self {
            api,
            temporal,
            _worker: worker,
        }
    }

    /// Starts the round of a profile, as the relay does on `profile.created`.
    pub async fn begin(&self, candidate: &Candidate) -> Handle {
        let draft_since: DateTime<Utc> =
            sqlx::query_scalar("SELECT draft_since FROM candidate.profiles WHERE id = $1")
                .bind(candidate.profile_id)
                .fetch_one(&self.api.database.owner().await)
                .await
                .unwrap();
        let input = OnboardingInput {
            profile_id: candidate.profile_id,
            user_id: candidate.session.user_id,
            draft_since,
            correlation_id: candidate.profile_id,
            timing: OnboardingTiming::default(),
            carried: None,
        };
        let options =
            WorkflowStartOptions::new(queues::CANDIDATES, onboarding_id(candidate.profile_id));
        self.temporal
            .client()
            .start_workflow(CandidateOnboarding::run, input, options.build())
            .await
            .unwrap();
        self.handle(candidate)
    }

    pub fn handle(&self, candidate: &Candidate) -> Handle {
        self.temporal
            .client()
            .get_workflow_handle::<CandidateOnboarding>(&onboarding_id(candidate.profile_id))
    }

    /// Closes a case as the validation would: the row first, then the signal.
    pub async fn decide(&self, candidate: &Candidate, case: Uuid, outcome: CaseVerdict) {
        let assignment = match outcome {
            CaseVerdict::Validated => "status = 'VALIDATED', validated_at = now()",
            CaseVerdict::Rejected => {
                "status = 'REJECTED', resubmission_open_at = now() + interval '90 days'"
            }
            CaseVerdict::Withdrawn | CaseVerdict::Lapsed => "status = 'DRAFT', draft_since = now()",
        };
        super::set(&self.api.database, candidate.profile_id, assignment).await;
        self.tell(candidate, case, outcome).await;
    }

    pub async fn tell(&self, candidate: &Candidate, case: Uuid, outcome: CaseVerdict) {
        let decided = Decided {
            event_id: case,
            validation_id: case,
            outcome,
        };
        self.handle(candidate)
            .signal(
                CandidateOnboarding::decided,
                decided,
                WorkflowSignalOptions::default(),
            )
            .await
            .unwrap();
    }

    pub async fn outcome(&self, candidate: &Candidate) -> OnboardingOutcome {
        let handle = self.handle(candidate);
        let result = handle.get_result(WorkflowGetResultOptions::default());
        tokio::time::timeout(Duration::from_secs(30), result)
            .await
            .expect("the round ends")
            .unwrap()
    }

    pub async fn record(&self, candidate: &Candidate, name: &str) {
        let history = self
            .handle(candidate)
            .fetch_history(WorkflowFetchHistoryOptions::default());
        record_history(history, "CandidateOnboarding", name).await;
    }

    pub async fn status(&self, candidate: &Candidate) -> String {
        sqlx::query_scalar("SELECT status FROM candidate.profiles WHERE id = $1")
            .bind(candidate.profile_id)
            .fetch_one(&self.api.database.owner().await)
            .await
            .unwrap()
    }

    pub async fn reminders(&self, candidate: &Candidate) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT (payload->>'kind') || ' ' || (payload->>'occurrence') FROM events.events
             WHERE type = 'reminder.due' AND aggregate_id = $1 ORDER BY id",
        )
        .bind(candidate.profile_id)
        .fetch_all(&self.api.database.owner().await)
        .await
        .unwrap()
    }

    pub async fn until_status(&self, candidate: &Candidate, status: &str) {
        eventually(async || self.status(candidate).await == status).await;
    }

    pub async fn until_reminders(&self, candidate: &Candidate, reminders: &[&str]) {
        eventually(async || self.reminders(candidate).await == reminders).await;
    }
}

pub(super) fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

pub(super) async fn eventually(condition: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not come about within twenty seconds");
}

/// The real steps, in a mood.
struct MoodyActivities {
    writer: Writer,
    mood: Mood,
}

impl MoodyActivities {
    async fn moody<T>(
        &self,
        ctx: &ActivityContext,
        work: impl Future<Output = T>,
    ) -> Result<T, ActivityError> {
        let first = ctx.info().attempt == 1;
        let fails = || ActivityError::application(ApplicationFailure::new("a bad mood"));
        if first && self.mood == Mood::FailsOnce {
            return Err(fails());
        }
        let done = work.await;
        if first && self.mood == Mood::DiesOnce {
            return Err(fails());
        }
        Ok(done)
    }
}

#[temporalio_macros::activities]
impl MoodyActivities {
    #[activity(definition = workflows::candidates::contract::SubmitActivity)]
    async fn submit(
        self: Arc<Self>,
        ctx: ActivityContext,
        command: Command<Submit>,
    ) -> Result<Submitted, ActivityError> {
        self.moody(&ctx, candidates::submit(&self.writer, &command))
            .await?
            .unwrap()
            .map_err(|refusal| activities::failure::refused(&Refusal::from(&refusal)))
    }

    #[activity(definition = workflows::candidates::contract::ReactivateActivity)]
    async fn reactivate(
        self: Arc<Self>,
        ctx: ActivityContext,
        command: Command<Reactivate>,
    ) -> Result<Round, ActivityError> {
        self.moody(&ctx, candidates::reactivate(&self.writer, &command))
            .await?
            .unwrap()
            .map_err(|refusal| activities::failure::refused(&refusal))
    }

    #[activity(definition = workflows::candidates::contract::ReopenActivity)]
    async fn reopen(
        self: Arc<Self>,
        ctx: ActivityContext,
        reopen: Reopen,
    ) -> Result<Round, ActivityError> {
        let work = candidates::reopen(&self.writer, &reopen);
        Ok(self.moody(&ctx, work).await?.unwrap().unwrap())
    }

    #[activity(definition = workflows::candidates::contract::ReadRoundActivity)]
    async fn read_round(
        self: Arc<Self>,
        ctx: ActivityContext,
        read: ReadRound,
    ) -> Result<Round, ActivityError> {
        let work = candidates::read_round(&self.writer, read.profile_id);
        Ok(self.moody(&ctx, work).await?.unwrap().unwrap())
    }

    #[activity(definition = workflows::candidates::contract::RemindActivity)]
    async fn remind(
        self: Arc<Self>,
        ctx: ActivityContext,
        remind: Remind,
    ) -> Result<bool, ActivityError> {
        let work = candidates::remind(&self.writer, &remind);
        Ok(self.moody(&ctx, work).await?.unwrap())
    }
}
