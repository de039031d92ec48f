//! The connection to Temporal: made once, mended by the transport itself.

use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, RetryOptions};
use temporalio_common::protos::temporal::api::workflowservice::v1::GetSystemInfoRequest;
use url::Url;

use super::{CONNECT, CommandError};
use crate::config::TemporalConfig;

/// Connects. Retries stay with whoever holds the deadline.
pub(super) async fn connect(config: &TemporalConfig) -> Result<Client, CommandError> {
    let failed = |error: String| CommandError::Failed(error);
    let url = Url::parse(&format!("http://{}", config.address))
        .map_err(|error| failed(error.to_string()))?;
    let options = ConnectionOptions::new(url)
        .identity("yemma-api")
        .connect_timeout(CONNECT)
        .retry_options(RetryOptions::no_retries())
        .maybe_dns_load_balancing(None)
        .build();
    let connection = Connection::connect(options).await.map_err(|error| {
        tracing::debug!(%error, "cannot connect to Temporal");
        CommandError::Unavailable
    })?;
    Client::new(connection, ClientOptions::new(&config.namespace).build())
        .map_err(|error| failed(error.to_string()))
}

/// Whether the server answers.
pub(super) async fn reachable(client: &Client) -> Result<(), CommandError> {
    let mut client = client.clone();
    let request = GetSystemInfoRequest::default().into_request();
    WorkflowService::get_system_info(&mut client, request)
        .await
        .map(drop)
        .map_err(|_| CommandError::Unavailable)
}
