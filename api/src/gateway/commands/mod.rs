//! Commands to processes: Temporal updates, within a deadline and behind a breaker.
//!
//! Connect 1 s, call 3 s, 5 s in all. An update that the workflow has accepted is durable: when
//! its result takes too long the answer is 202. One that was not accepted in time is 503, because
//! it may be lost; asked again with the same `Idempotency-Key` it is still the same command.

mod connection;
mod failures;
mod order;
mod turns;

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use store::breaker::{Breaker, Open};
use store::clock::random_bytes;
use temporalio_client::{
    Client, RetryOptions, RpcOptions, WorkflowStartUpdateOptions, WorkflowUpdateHandle,
    WorkflowUpdateWithStartOptions,
};
use temporalio_common::data_converters::TemporalDeserializable;
use temporalio_common::{HasWorkflowDefinition, UpdateDefinition};
use tokio::sync::Mutex;
use tokio::time::Instant;
use workflows::commands::{Command, Refusal};

use self::connection::{connect, reachable};
use self::failures::{Failed, start_failure, update_failure};
pub use self::order::{Order, order};
use self::turns::Turns;
pub use self::turns::{Ask, Turn};
use super::codes;
use super::problem::ApiError;
use crate::config::TemporalConfig;

/// The name of this dependency in `/readyz` and `/metrics`.
const DEPENDENCY: &str = "temporal";
const CONNECT: Duration = Duration::from_secs(1);
const CALL: Duration = Duration::from_secs(3);
const TOTAL: Duration = Duration::from_secs(5);
/// How long a command may take; the rest of the total is for asking who was late.
const PATIENCE: Duration = TOTAL.saturating_sub(CONNECT);
/// A workflow admits about ten updates at a time; others try again after a moment.
const PAUSE: Duration = Duration::from_millis(40);

/// Sends commands; connects when it first needs to.
pub struct Commands {
    config: TemporalConfig,
    client: Mutex<Option<Client>>,
    breaker: Breaker,
    turns: Turns,
}

/// One attempt at having an update accepted. Boxed: of an async closure the compiler cannot prove
/// that a handler may send it between threads.
type Start<'a, T> = BoxFuture<'a, Result<WorkflowUpdateHandle<Client, T>, Failed>>;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T> {
    /// It is done, and the next read shows it.
    Done(T),
    /// The workflow accepted it and will finish it: answer 202 with the workflow's id.
    Accepted,
}

/// Why a command was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The process does not allow it now.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// There is no such process, or it is over.
    #[error("no such process, or it is over")]
    NotFound,
    /// Temporal is away: try again.
    #[error("Temporal is unavailable")]
    Unavailable,
    /// Temporal is there, but no worker took the command in time: try again.
    #[error("no worker accepted the command in time")]
    NotAccepted,
    /// A bug.
    #[error("the command failed: {0}")]
    Failed(String),
}

impl From<Open> for CommandError {
    fn from(_: Open) -> Self {
        Self::Unavailable
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => {
                let answer = ApiError::refused(&refusal.code);
                match refusal.subject {
                    Some(subject) => answer.with("subject_id", subject.to_string()),
                    None => answer,
                }
            }
            CommandError::NotFound => ApiError::new(codes::common::CONFLICT),
            CommandError::Unavailable => ApiError::unavailable(DEPENDENCY),
            CommandError::NotAccepted => ApiError::unavailable("worker"),
            CommandError::Failed(reason) => ApiError::internal(reason),
        }
    }
}

impl Commands {
    /// A sender that is not connected yet.
    #[must_use]
    pub fn new(config: TemporalConfig) -> Self {
        Self {
            config,
            client: Mutex::new(None),
            breaker: Breaker::new(DEPENDENCY),
            turns: Turns::default(),
        }
    }

    /// The breaker, for `/readyz`.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Waits for one's turn with a process, for a command that many may give at once and only one
    /// can. `known` is what PostgreSQL said before; `ask` says what it says now, or why the command
    /// is not to be given: each time that somebody else was served meanwhile.
    ///
    /// # Errors
    /// What `ask` refuses; 503 when the process served nobody for longer than a command may take.
    pub async fn in_turn<'a, T>(
        &self,
        workflow_id: &str,
        known: T,
        ask: impl Fn() -> Ask<'a, T>,
    ) -> Result<(Turn, T), ApiError> {
        self.turns.take(workflow_id, known, ask).await
    }

    /// Whether Temporal answers.
    pub async fn ping(&self) -> Result<(), CommandError> {
        let ask = async {
            let client = self.client().await?;
            tokio::time::timeout(CONNECT, reachable(&client))
                .await
                .unwrap_or(Err(CommandError::Unavailable))
        };
        self.breaker.call(ask, is_unavailable).await
    }

    /// Sends a command to a running workflow:
    /// `send::<ProfileValidation, _, _>(&workflow_id(id), || ProfileValidation::claim, &order)`.
    pub async fn send<W, U, B>(
        &self,
        workflow_id: &str,
        update: impl Fn() -> U,
        order: &Order<B>,
    ) -> Result<Sent<U::Output>, CommandError>
    where
        W: HasWorkflowDefinition + Send + Sync,
        U: UpdateDefinition<Workflow = W::Run, Input = Command<B>> + Send + Sync,
        U::Output: TemporalDeserializable + 'static,
        Command<B>: Clone + Send,
    {
        let deadline = Instant::now() + PATIENCE;
        let start = |client: Client| {
            let options = WorkflowStartUpdateOptions::builder()
                .update_id(order.update_id.clone())
                .rpc_options(rpc(deadline))
                .build();
            let (update, command) = (update(), order.command.clone());
            async move {
                let handle = client.get_workflow_handle::<W>(workflow_id);
                handle
                    .start_update(update, command, options)
                    .await
                    .map_err(update_failure)
            }
            .boxed()
        };
        self.deliver(deadline, start).await
    }

    /// Sends a command and starts its workflow if it is not running; `options` name the workflow
    /// and say how it starts.
    pub async fn send_with_start<W, U, B>(
        &self,
        workflow: impl Fn() -> W,
        input: &W::Input,
        update: impl Fn() -> U,
        order: &Order<B>,
        options: &WorkflowUpdateWithStartOptions,
    ) -> Result<Sent<U::Output>, CommandError>
    where
        W: HasWorkflowDefinition + Send + Sync,
        W::Input: Clone + Send,
        U: UpdateDefinition<Workflow = W::Run, Input = Command<B>> + Send + Sync,
        U::Output: TemporalDeserializable + 'static,
        Command<B>: Clone + Send,
    {
        let deadline = Instant::now() + PATIENCE;
        let start = |client: Client| {
            let mut options = options.clone();
            options.rpc_options = rpc(deadline);
            options.update_id = Some(order.update_id.clone());
            let (workflow, input) = (workflow(), input.clone());
            let (update, command) = (update(), order.command.clone());
            async move {
                client
                    .start_update_with_start_workflow(workflow, input, update, command, options)
                    .await
                    .map_err(start_failure)
            }
            .boxed()
        };
        self.deliver(deadline, start).await
    }

    /// Starts the update, again while the workflow is busy, then waits for its result.
    async fn deliver<'a, T: TemporalDeserializable + 'static>(
        &self,
        deadline: Instant,
        start: impl Fn(Client) -> Start<'a, T>,
    ) -> Result<Sent<T>, CommandError> {
        let attempt = async {
            // Many may wait here for one connection.
            let client = tokio::time::timeout_at(deadline, self.client())
                .await
                .unwrap_or(Err(CommandError::Unavailable))?;
            loop {
                match tokio::time::timeout_at(deadline, start(client.clone())).await {
                    Ok(Ok(handle)) => return Ok(handle),
                    Ok(Err(Failed::Busy)) if Instant::now() + PAUSE < deadline => pause().await,
                    Ok(Err(Failed::Late)) | Err(_) => return Err(self.late(&client).await),
                    Ok(Err(failed)) => return Err(failed.into()),
                }
            }
        };
        let started = self.breaker.call(attempt, is_unavailable).await;
        if let Err(CommandError::Unavailable | CommandError::NotAccepted) = &started {
            self.turns.note_undelivered();
        }
        let handle = started?;
        match tokio::time::timeout_at(deadline, handle.get_result(rpc(deadline))).await {
            Ok(Ok(result)) => Ok(Sent::Done(result)),
            Err(_) => Ok(Sent::Accepted),
            Ok(Err(error)) => match update_failure(error) {
                Failed::Refused(refusal) => Err(CommandError::Refused(refusal)),
                // It was accepted, so it is durable; only its result is not known yet. A workflow
                // that has ended since then has finished it.
                Failed::Busy | Failed::Late | Failed::Away | Failed::NotFound => Ok(Sent::Accepted),
                Failed::Other(reason) => Err(CommandError::Failed(reason)),
            },
        }
    }

    /// Nothing was accepted in time. If Temporal answers, the workers are the ones who are away,
    /// which is nothing its breaker should count.
    async fn late(&self, client: &Client) -> CommandError {
        match tokio::time::timeout(CONNECT, reachable(client)).await {
            Ok(Ok(())) => CommandError::NotAccepted,
            _ => CommandError::Unavailable,
        }
    }

    async fn client(&self) -> Result<Client, CommandError> {
        let mut slot = self.client.lock().await;
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        let connect = tokio::time::timeout(CONNECT, connect(&self.config));
        let client = connect.await.map_err(|_| CommandError::Unavailable)??;
        Ok(slot.insert(client).clone())
    }
}

/// The time-out of one call, within what is left of the whole.
fn rpc(deadline: Instant) -> RpcOptions {
    let left = deadline.saturating_duration_since(Instant::now());
    RpcOptions::builder()
        .timeout(left.min(CALL))
        .retry_options(RetryOptions::no_retries())
        .build()
}

/// A pause of random length, so that those who were turned away together do not come back together.
async fn pause() {
    let [random] = random_bytes::<1>();
    tokio::time::sleep(PAUSE + Duration::from_millis(u64::from(random))).await;
}

fn is_unavailable(error: &CommandError) -> bool {
    matches!(error, CommandError::Unavailable)
}
