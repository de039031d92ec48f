//! `DocumentIngestion` on a Temporal that skips time, with the worker's own activities.

#![expect(
    dead_code,
    reason = "the macro makes a constant for each activity, which a test does not name"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use activities::documents::DocumentActivities;
use temporalio_client::{
    WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowStartOptions,
};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use temporalio_macros::activities;
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::activities::ActivityContext;
use tests::temporal::{RunningWorker, TemporalServer};
use uuid::Uuid;
use workflows::documents::DocumentIngestion;
use workflows::documents::contract::{
    DocumentStep, IngestionInput, IngestionOutcome, IngestionTiming, Inspection, PreviewStep,
    Previewed, ScanVerdict, Settled, Settlement, workflow_id,
};
use workflows::queues;

use super::stage::Stage;

/// The activities, each of which does its work and then fails its first time: whatever it did is
/// done again, as after a crash between the effect and its answer.
pub struct Forgetful {
    inner: Arc<DocumentActivities>,
    scans_lost: Duration,
    steps: AtomicU32,
}

impl Forgetful {
    /// `scans_lost` is for how long a scan that failed is not tried again.
    pub fn new(inner: DocumentActivities, scans_lost: Duration) -> Self {
        Self {
            inner: Arc::new(inner),
            scans_lost,
            steps: AtomicU32::new(0),
        }
    }

    fn forget<T>(
        &self,
        ctx: &ActivityContext,
        delay: Duration,
        result: Result<T, ActivityError>,
    ) -> Result<T, ActivityError> {
        self.steps.fetch_add(1, Ordering::Relaxed);
        if ctx.info().attempt > 1 {
            return result;
        }
        Err(ActivityError::application(
            ApplicationFailure::builder("forgotten".to_owned())
                .type_name("Forgotten".to_owned())
                .next_retry_delay(delay)
                .build(),
        ))
    }
}

const SOON: Duration = Duration::from_millis(50);

#[activities]
impl Forgetful {
    #[activity(definition = workflows::documents::contract::Scan)]
    pub async fn scan(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<ScanVerdict, ActivityError> {
        let result = self.inner.clone().__scan(ctx.clone(), step).await;
        self.forget(&ctx, self.scans_lost, result)
    }

    #[activity(definition = workflows::documents::contract::Inspect)]
    pub async fn inspect(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<Inspection, ActivityError> {
        let result = self.inner.clone().__inspect(ctx.clone(), step).await;
        self.forget(&ctx, SOON, result)
    }

    #[activity(definition = workflows::documents::contract::Preview)]
    pub async fn preview(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: PreviewStep,
    ) -> Result<Previewed, ActivityError> {
        let result = self.inner.clone().__preview(ctx.clone(), step).await;
        self.forget(&ctx, SOON, result)
    }

    #[activity(definition = workflows::documents::contract::Settle)]
    pub async fn settle(
        self: Arc<Self>,
        ctx: ActivityContext,
        settlement: Settlement,
    ) -> Result<Settled, ActivityError> {
        let result = self.inner.clone().__settle(ctx.clone(), settlement).await;
        self.forget(&ctx, SOON, result)
    }

    #[activity(definition = workflows::documents::contract::DestroyKey)]
    pub async fn destroy_key(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<(), ActivityError> {
        let result = self.inner.clone().__destroy_key(ctx.clone(), step).await;
        self.forget(&ctx, SOON, result)
    }

    #[activity(definition = workflows::documents::contract::Discard)]
    pub async fn discard(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<(), ActivityError> {
        let result = self.inner.clone().__discard(ctx.clone(), step).await;
        self.forget(&ctx, SOON, result)
    }

    #[activity(definition = workflows::documents::contract::ReportDelay)]
    pub async fn report_delay(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<(), ActivityError> {
        let result = self.inner.clone().__report_delay(ctx.clone(), step).await;
        self.forget(&ctx, SOON, result)
    }
}

/// A Temporal with a worker for the queue of documents.
pub struct Pipeline {
    // Dropped first: a worker without its server waits for it.
    _worker: RunningWorker,
    pub server: TemporalServer,
}

impl Pipeline {
    pub async fn new(activities: DocumentActivities) -> Self {
        let options = move || {
            WorkerOptions::new(queues::DOCUMENTS)
                .register_workflow::<DocumentIngestion>()
                .unwrap()
                .register_activities(activities)
                .build()
        };
        let server = TemporalServer::start().await;
        let worker = server.spawn_worker(options);
        Self {
            _worker: worker,
            server,
        }
    }

    pub async fn forgetful(activities: Forgetful) -> Self {
        let options = move || {
            WorkerOptions::new(queues::DOCUMENTS)
                .register_workflow::<DocumentIngestion>()
                .unwrap()
                .register_activities(activities)
                .build()
        };
        let server = TemporalServer::start().await;
        let worker = server.spawn_worker(options);
        Self {
            _worker: worker,
            server,
        }
    }

    pub async fn start(&self, stage: &Stage, document_id: Uuid) {
        let input = IngestionInput {
            document_id,
            profile_id: stage.profile_id,
            correlation_id: stage.store.new_id(),
            timing: IngestionTiming::default(),
        };
        let options =
            WorkflowStartOptions::new(queues::DOCUMENTS, workflow_id(document_id)).build();
        self.server
            .client()
            .start_workflow(DocumentIngestion::run, input, options)
            .await
            .unwrap();
    }

    pub async fn outcome(&self, document_id: Uuid) -> IngestionOutcome {
        self.outcome_within(document_id, Duration::from_secs(60))
            .await
    }

    /// The same for what takes longer, on a machine that is busy.
    pub async fn outcome_within(&self, document_id: Uuid, time: Duration) -> IngestionOutcome {
        let handle = self
            .server
            .client()
            .get_workflow_handle::<DocumentIngestion>(workflow_id(document_id));
        let result = handle.get_result(WorkflowGetResultOptions::default());
        tokio::time::timeout(time, result)
            .await
            .expect("the ingestion ends")
            .expect("the ingestion does not fail")
    }

    pub async fn ingest(&self, stage: &Stage, document_id: Uuid) -> IngestionOutcome {
        self.start(stage, document_id).await;
        self.outcome(document_id).await
    }

    /// Keeps the history for replay, when asked to.
    pub async fn record(&self, document_id: Uuid, name: &str) {
        let handle = self
            .server
            .client()
            .get_workflow_handle::<DocumentIngestion>(workflow_id(document_id));
        let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
        tests::temporal::record_history(history, "DocumentIngestion", name).await;
    }
}
