//! Starts and signals processes, idempotently: by workflow id and by event id.

use std::time::Duration;

use store::Writer;
use store::deliveries::{self, Delivery, Start};
use temporalio_client::errors::{WorkflowInteractionError, WorkflowStartError};
use temporalio_client::tonic::Status;
use temporalio_client::{
    Client, RetryOptions, RpcOptions, WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
    WorkflowSignalOptions, WorkflowStartOptions,
};
use temporalio_common::search_attributes::{SearchAttributeUpdate, SearchAttributes};
use temporalio_common::{HasWorkflowDefinition, SignalDefinition};
use uuid::Uuid;
use workflows::conventions;
use workflows::events::{EventType, Service};

use super::Relay;
use super::failure::Undelivered;
use crate::correlation;
use crate::temporal::Temporal;
use crate::timers::Timers;

/// One call's time; the relay itself tries again.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);

/// Whoever takes deliveries where they belong.
#[derive(Clone, Debug)]
pub struct Courier {
    /// What database consumers write to, and where recipients are found.
    pub(super) writer: Writer,
    /// The durations that processes are started with.
    pub(super) timers: Timers,
    temporal: Temporal,
}

/// A process to start.
pub(super) struct Process {
    /// The task queue, which is also the domain's name.
    pub(super) queue: &'static str,
    /// The workflow id.
    pub(super) id: String,
    /// What it is, for the Temporal UI; no personal data.
    pub(super) summary: &'static str,
    /// Whose profile it concerns.
    pub(super) profile_id: Option<Uuid>,
}

/// The delivery that starts a process which is not there yet.
pub(super) struct Starter {
    /// Whose delivery.
    pub(super) service: Service,
    /// Of which event.
    pub(super) event_type: EventType,
    /// About what.
    pub(super) aggregate_id: Uuid,
}

impl Courier {
    pub(super) fn new(relay: &Relay) -> Self {
        Self {
            writer: relay.writer.clone(),
            timers: relay.timers.clone(),
            temporal: relay.temporal.clone(),
        }
    }

    /// Whether Temporal is worth asking now.
    pub(super) async fn is_worth_calling(&self) -> bool {
        self.temporal.is_worth_calling().await
    }

    /// Starts a process unless it runs or ran.
    pub(super) async fn start<W>(
        &self,
        delivery: &Delivery,
        process: Process,
        workflow: W,
        input: W::Input,
    ) -> Result<(), Undelivered>
    where
        W: HasWorkflowDefinition,
        W::Input: Send,
    {
        let mut options = options(delivery, process);
        options.id_reuse_policy = WorkflowIdReusePolicy::RejectDuplicate;
        self.begin(workflow, input, options).await
    }

    /// Starts a process unless it runs; one that ran may run again.
    pub(super) async fn start_again<W>(
        &self,
        delivery: &Delivery,
        process: Process,
        workflow: W,
        input: W::Input,
    ) -> Result<(), Undelivered>
    where
        W: HasWorkflowDefinition,
        W::Input: Send,
    {
        let mut options = options(delivery, process);
        options.id_reuse_policy = WorkflowIdReusePolicy::AllowDuplicate;
        options.id_conflict_policy = WorkflowIdConflictPolicy::UseExisting;
        self.begin(workflow, input, options).await
    }

    async fn begin<W>(
        &self,
        workflow: W,
        input: W::Input,
        options: WorkflowStartOptions,
    ) -> Result<(), Undelivered>
    where
        W: HasWorkflowDefinition,
        W::Input: Send,
    {
        let client = self.client()?;
        let starting = async {
            match client.start_workflow(workflow, input, options).await {
                Ok(_) | Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(()),
                Err(error) => Err(Undelivered::from(error)),
            }
        };
        self.guarded(starting).await
    }

    /// Signals a process that runs. When it is not there, the delivery waits for the one that
    /// starts it; when that one is delivered there is nobody left to tell, and when it is a dead
    /// letter this one becomes one too, to be replayed after it.
    pub(super) async fn signal<W, S>(
        &self,
        delivery: &Delivery,
        id: String,
        signal: impl Fn() -> S,
        input: S::Input,
        starter: Starter,
    ) -> Result<(), Undelivered>
    where
        W: HasWorkflowDefinition,
        S: SignalDefinition<Workflow = W::Run>,
        S::Input: Send + Clone,
    {
        let id = id.as_str();
        let tell = |signal: S, input: S::Input| self.tell::<W, S>(delivery, id, signal, input);
        if tell(signal(), input.clone()).await? {
            return Ok(());
        }
        let start = deliveries::start_of(
            &self.writer,
            starter.service,
            starter.event_type,
            starter.aggregate_id,
        );
        match start.await? {
            Start::OnItsWay => Err(Undelivered::NotYet),
            Start::Dead => Err(Undelivered::Refused(
                "the start of its process is a dead letter".to_owned(),
            )),
            // It may have been started between the two questions.
            Start::Over => tell(signal(), input).await.map(drop),
        }
    }

    /// Signals a process; false when it is not there.
    async fn tell<W, S>(
        &self,
        delivery: &Delivery,
        id: &str,
        signal: S,
        input: S::Input,
    ) -> Result<bool, Undelivered>
    where
        W: HasWorkflowDefinition,
        S: SignalDefinition<Workflow = W::Run>,
        S::Input: Send,
    {
        let client = self.client()?;
        let options = WorkflowSignalOptions::builder()
            // The server knows a signal that it has taken already.
            .request_id(request_id(delivery))
            .header(correlation::header(delivery.correlation_id))
            .rpc_options(rpc_options())
            .build();
        let signalling = async {
            let process = client.get_workflow_handle::<W>(id);
            match process.signal(signal, input, options).await {
                Ok(()) => Ok(true),
                Err(WorkflowInteractionError::NotFound(status)) if is_process(&status) => Ok(false),
                Err(error) => Err(Undelivered::from(error)),
            }
        };
        self.guarded(signalling).await
    }

    /// Signals a process, starting it when it does not run.
    pub(super) async fn signal_with_start<W, S>(
        &self,
        delivery: &Delivery,
        process: Process,
        (workflow, input): (W, W::Input),
        (signal, signal_input): (S, S::Input),
    ) -> Result<(), Undelivered>
    where
        W: HasWorkflowDefinition,
        W::Input: Send,
        S: SignalDefinition<Workflow = W::Run>,
        S::Input: Send,
    {
        let client = self.client()?;
        let mut options = options(delivery, process);
        options.id_reuse_policy = WorkflowIdReusePolicy::AllowDuplicate;
        options.id_conflict_policy = WorkflowIdConflictPolicy::UseExisting;
        let signalling = async {
            client
                .signal_with_start_workflow(workflow, input, signal, signal_input, options)
                .await
                .map(drop)
                .map_err(Undelivered::from)
        };
        self.guarded(signalling).await
    }

    fn client(&self) -> Result<Client, Undelivered> {
        self.temporal
            .client()
            .ok_or_else(|| Undelivered::Away("not connected to Temporal yet".to_owned()))
    }

    async fn guarded<T>(
        &self,
        call: impl Future<Output = Result<T, Undelivered>>,
    ) -> Result<T, Undelivered> {
        let timed = async {
            tokio::time::timeout(CALL_TIMEOUT, call)
                .await
                .unwrap_or_else(|_| Err(Undelivered::Away("no answer in time".to_owned())))
        };
        let breaker = self.temporal.breaker();
        breaker.call(timed, Undelivered::is_away).await
    }
}

fn options(delivery: &Delivery, process: Process) -> WorkflowStartOptions {
    let correlation_id = delivery.correlation_id;
    let mut attributes: Vec<SearchAttributeUpdate> = vec![
        conventions::DOMAIN.value_set(process.queue.to_owned()),
        conventions::CORRELATION_ID.value_set(correlation_id.to_string()),
    ];
    if let Some(profile_id) = process.profile_id {
        attributes.push(conventions::PROFILE_ID.value_set(profile_id.to_string()));
    }
    WorkflowStartOptions::new(process.queue, process.id)
        .static_summary(process.summary)
        .search_attributes(SearchAttributes::new(attributes))
        .header(correlation::header(correlation_id))
        .rpc_options(rpc_options())
        .build()
}

fn rpc_options() -> RpcOptions {
    RpcOptions::builder()
        .timeout(CALL_TIMEOUT)
        .retry_options(RetryOptions::no_retries())
        .build()
}

/// One consumer tells one process of one event once.
fn request_id(delivery: &Delivery) -> String {
    format!("{}/{}", delivery.event_id, delivery.service.as_str())
}

/// Whether it is the process that was not found, and not the whole namespace
/// (`Namespace … is not found.`).
fn is_process(status: &Status) -> bool {
    !status.message().starts_with("Namespace")
}
