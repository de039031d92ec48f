//! The connection to Temporal: the worker starts while it is away, and connects when it is there.

use std::time::Duration;

use store::breaker::{Breaker, BreakerState};
use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_common::protos::temporal::api::workflowservice::v1::GetSystemInfoRequest;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::TemporalConfig;

/// The name of this dependency in `/readyz` and `/metrics`.
pub const DEPENDENCY: &str = "temporal";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const PING_TIMEOUT: Duration = Duration::from_secs(2);
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);

/// A connection that is made in the background and mended by its transport.
#[derive(Clone, Debug)]
pub struct Temporal {
    client: watch::Receiver<Option<Connected>>,
    breaker: Breaker,
}

#[derive(Clone)]
struct Connected(Client);

impl std::fmt::Debug for Connected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connected")
    }
}

impl Temporal {
    /// Begins to connect, again and again until it succeeds or `stop` is cancelled.
    #[must_use]
    pub fn connect(config: &TemporalConfig, stop: CancellationToken) -> Self {
        let (sender, receiver) = watch::channel(None);
        let config = config.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                client = connected(&config) => {
                    tracing::info!("connected to Temporal");
                    // Nobody listens any more: the worker is stopping.
                    drop(sender.send(Some(Connected(client))));
                    stop.cancelled().await;
                }
            }
        });
        Self {
            client: receiver,
            breaker: Breaker::new(DEPENDENCY),
        }
    }

    /// A connection that is there already.
    #[must_use]
    pub fn of(client: Client) -> Self {
        Self {
            client: watch::channel(Some(Connected(client))).1,
            breaker: Breaker::new(DEPENDENCY),
        }
    }

    /// The client, once there is one.
    #[must_use]
    pub fn client(&self) -> Option<Client> {
        self.client.borrow().as_ref().map(|it| it.0.clone())
    }

    /// Waits until there is a client. `None` when the worker stops before.
    pub async fn wait(&self) -> Option<Client> {
        let mut client = self.client.clone();
        let found = client.wait_for(Option::is_some).await.ok()?;
        found.as_ref().map(|it| it.0.clone())
    }

    /// The breaker of the calls that the relay makes.
    #[must_use]
    pub const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Whether calls are worth making now. While the breaker is open one probe each five seconds
    /// finds out.
    pub async fn is_worth_calling(&self) -> bool {
        if self.breaker.state() == BreakerState::Closed {
            return self.client().is_some();
        }
        if self.breaker.admit().is_err() {
            return false;
        }
        let answers = self.ping().await;
        self.breaker.record(answers);
        answers
    }

    /// Whether the server answers.
    pub async fn ping(&self) -> bool {
        let Some(mut client) = self.client() else {
            return false;
        };
        let request = GetSystemInfoRequest::default().into_request();
        let asked = WorkflowService::get_system_info(&mut client, request);
        matches!(tokio::time::timeout(PING_TIMEOUT, asked).await, Ok(Ok(_)))
    }
}

async fn connected(config: &TemporalConfig) -> Client {
    let mut is_told = false;
    loop {
        match connect(config).await {
            Ok(client) => return client,
            Err(error) if is_told => tracing::debug!(%error, "Temporal is still away"),
            Err(error) => tracing::warn!(%error, "Temporal is away; the worker keeps trying"),
        }
        is_told = true;
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

async fn connect(config: &TemporalConfig) -> anyhow::Result<Client> {
    let url = Url::parse(&format!("http://{}", config.address))?;
    let options = ConnectionOptions::new(url)
        .identity(format!("yemma-worker-{}", std::process::id()))
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_load_balancing(None)
        .build();
    let connection = Connection::connect(options).await?;
    Ok(Client::new(
        connection,
        ClientOptions::new(&config.namespace).build(),
    )?)
}
