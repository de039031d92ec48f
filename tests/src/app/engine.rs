//! A Temporal development server for one test, in memory.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::StreamExt as _;
use temporalio_client::{Client, WorkflowListOptions};

use super::free_port;
use crate::environment::required;
use crate::http::eventually;
use crate::temporal::connect_patiently;

const NAMESPACE: &str = "yemma";
const KEYWORDS: [&str; 6] = [
    "YemmaDomain",
    "YemmaStatus",
    "YemmaAssignee",
    "YemmaProfileId",
    "YemmaCompanyId",
    "YemmaCorrelationId",
];

/// A development server with the search attributes of the workflows.
#[derive(Debug)]
pub(super) struct Engine {
    process: Child,
    address: String,
    client: Client,
}

impl Engine {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let port = free_port();
        let mut command = Command::new(required("TEMPORAL_CLI"));
        command
            .args(["server", "start-dev", "--headless", "--log-level", "error"])
            .args(["--ip", "127.0.0.1", "--namespace", NAMESPACE])
            .args(["--port", &port.to_string()])
            .args(["--search-attribute", "YemmaDeadline=Datetime"]);
        for keyword in KEYWORDS {
            command.args(["--search-attribute", &format!("{keyword}=Keyword")]);
        }
        let process = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let address = format!("127.0.0.1:{port}");
        let client = connect_patiently(&address, NAMESPACE).await;
        let engine = Self {
            process,
            address,
            client,
        };
        engine.wait_ready().await?;
        Ok(engine)
    }

    /// The port opens before namespace and search attributes are there.
    async fn wait_ready(&self) -> anyhow::Result<()> {
        eventually(
            "Temporal knows our search attributes",
            Duration::from_secs(30),
            async || {
                let options = WorkflowListOptions::default();
                let mut found = self
                    .client
                    .list_workflows("YemmaCorrelationId = 'none'", options);
                match found.next().await {
                    None | Some(Ok(_)) => Ok(Some(())),
                    Some(Err(error)) => Err(error.into()),
                }
            },
        )
        .await
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    #[expect(clippy::unused_self, reason = "asked like the address")]
    pub(super) fn namespace(&self) -> &'static str {
        NAMESPACE
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Ending a process that has ended by itself fails, and is as good.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Whether a port can be listened on now.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
