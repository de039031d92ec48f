//! A Temporal server for each test, which skips time: a month passes in milliseconds.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine as _;
use serde_json::Value;
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, UntypedWorkflow,
    WorkflowFetchHistoryOptions, WorkflowHistory,
};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::AddSearchAttributesRequest;
use temporalio_common::protos::temporal::api::testservice::v1::{
    LockTimeSkippingRequest, SleepRequest, UnlockTimeSkippingRequest,
};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use url::Url;

use crate::environment::required;

/// The namespace that the test server serves.
const NAMESPACE: &str = "default";
/// The search attributes that the workflows set.
const SEARCH_ATTRIBUTES: [(&str, IndexedValueType); 7] = [
    ("YemmaDomain", IndexedValueType::Keyword),
    ("YemmaStatus", IndexedValueType::Keyword),
    ("YemmaAssignee", IndexedValueType::Keyword),
    ("YemmaDeadline", IndexedValueType::Datetime),
    ("YemmaProfileId", IndexedValueType::Keyword),
    ("YemmaCompanyId", IndexedValueType::Keyword),
    ("YemmaCorrelationId", IndexedValueType::Keyword),
];

/// A time-skipping server of the test's own; ended with the value.
#[derive(Debug)]
pub struct TemporalServer {
    process: Child,
    address: String,
    client: Client,
}

impl TemporalServer {
    /// Starts a server on a free port, with time running as usual.
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let process = Command::new(required("TEMPORAL_TEST_SERVER"))
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the time-skipping server starts");
        let address = format!("127.0.0.1:{port}");
        let client = connect_patiently(&address, NAMESPACE).await;
        let server = Self {
            process,
            address,
            client,
        };
        server.register_search_attributes().await;
        server
    }

    /// `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The namespace to use.
    #[must_use]
    pub fn namespace(&self) -> &'static str {
        NAMESPACE
    }

    /// A client of the server.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Lets time jump to the next timer whenever nothing is running.
    pub async fn unlock_time(&self) {
        self.client
            .connection()
            .test_service()
            .unlock_time_skipping(tonic_request(UnlockTimeSkippingRequest {}))
            .await
            .expect("time is unlocked");
    }

    /// Lets time run as usual again.
    pub async fn lock_time(&self) {
        self.client
            .connection()
            .test_service()
            .lock_time_skipping(tonic_request(LockTimeSkippingRequest {}))
            .await
            .expect("time is locked");
    }

    /// Lets this much time pass at once; every timer due meanwhile has fired when it returns.
    pub async fn skip(&self, duration: Duration) {
        let duration = duration
            .try_into()
            .expect("a duration the protocol can hold");
        self.client
            .connection()
            .test_service()
            .unlock_time_skipping_with_sleep(tonic_request(SleepRequest {
                duration: Some(duration),
            }))
            .await
            .expect("time passes");
    }

    /// Runs a worker on a thread of its own until the returned value is dropped.
    pub fn spawn_worker(
        &self,
        options: impl FnOnce() -> WorkerOptions + Send + 'static,
    ) -> RunningWorker {
        RunningWorker::spawn(self.client.clone(), options)
    }

    async fn register_search_attributes(&self) {
        let search_attributes = SEARCH_ATTRIBUTES
            .into_iter()
            .map(|(name, kind)| (name.to_owned(), kind as i32))
            .collect();
        self.client
            .connection()
            .operator_service()
            .add_search_attributes(tonic_request(AddSearchAttributesRequest {
                search_attributes,
                namespace: NAMESPACE.to_owned(),
            }))
            .await
            .expect("the search attributes are registered");
    }
}

impl Drop for TemporalServer {
    fn drop(&mut self) {
        // Ending a process that has ended by itself fails, and is as good.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A worker on its own thread.
pub struct RunningWorker {
    stop: Option<Box<dyn Fn() + Send>>,
    thread: Option<JoinHandle<()>>,
}

impl RunningWorker {
    /// Starts a worker of the given client.
    pub fn spawn(client: Client, options: impl FnOnce() -> WorkerOptions + Send + 'static) -> Self {
        let (send, receive) = std::sync::mpsc::channel::<Box<dyn Fn() + Send>>();
        let thread = std::thread::spawn(move || {
            let tokio = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            tokio.block_on(async move {
                let runtime =
                    Runtime::from_current_tokio(RuntimeOptions::default()).expect("an SDK runtime");
                let mut worker = Worker::new(&runtime, client, options()).expect("a worker");
                send.send(Box::new(worker.shutdown_handle()))
                    .expect("the test waits for its worker");
                worker.run().await.expect("the worker runs");
            });
        });
        let stop = receive.recv().expect("the worker starts");
        Self {
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The time-skipping server does not end a worker's long poll, so a worker may take a
        // minute to stop: it is left behind, and ends with the process.
        for _ in 0..20 {
            if thread.is_finished() {
                // A worker that panicked has said so on its own thread.
                drop(thread.join());
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }
}

/// Connects to a server that is starting.
pub async fn connect_patiently(address: &str, namespace: &str) -> Client {
    let target = Url::parse(&format!("http://{address}")).expect("an address");
    for _ in 0..100 {
        let options = ConnectionOptions::new(target.clone())
            .connect_timeout(Duration::from_secs(1))
            .build();
        if let Ok(connection) = Connection::connect(options).await {
            return Client::new(connection, ClientOptions::new(namespace).build())
                .expect("a client");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("Temporal at {address} did not answer within 10 s");
}

/// Reads a recorded history from `tests/histories/<workflow>/<name>.json`.
///
/// With `YEMMA_RECORD_HISTORIES` set, tests that record write there: see [`record_history`].
#[must_use]
pub fn history(workflow: &str, name: &str) -> WorkflowHistory {
    let path = history_path(workflow, name);
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    WorkflowHistory::from_json(&bytes).expect("a recorded history")
}

/// Keeps a history for replay when `YEMMA_RECORD_HISTORIES` is set; otherwise does nothing.
pub async fn record_history(history: WorkflowHistory, workflow: &str, name: &str) {
    if std::env::var_os("YEMMA_RECORD_HISTORIES").is_none() {
        return;
    }
    let path = history_path(workflow, name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    let json = history.to_json().await.expect("the history is fetched");
    std::fs::write(path, json).expect("the history is written");
}

/// A workflow's history as text, its payloads decoded: what an operator could read in it.
///
/// # Errors
/// When the history cannot be fetched.
pub async fn readable_history(client: &Client, workflow_id: &str) -> anyhow::Result<String> {
    let handle = client.get_workflow_handle::<UntypedWorkflow>(workflow_id);
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    let json: Value = serde_json::from_slice(history.to_json().await?.as_ref())?;
    let mut text = String::new();
    read_strings(&json, &mut text);
    Ok(text)
}

/// Collects every text; what is base64 is added decoded as well.
fn read_strings(value: &Value, text: &mut String) {
    match value {
        Value::String(found) => {
            text.push_str(found);
            text.push('\n');
            if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(found) {
                text.push_str(&String::from_utf8_lossy(&bytes));
                text.push('\n');
            }
        }
        Value::Array(items) => items.iter().for_each(|item| read_strings(item, text)),
        Value::Object(members) => members.values().for_each(|item| read_strings(item, text)),
        _ => {}
    }
}

fn history_path(workflow: &str, name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("histories")
        .join(workflow)
        .join(format!("{name}.json"))
}

fn tonic_request<T>(message: T) -> temporalio_client::tonic::Request<T> {
    temporalio_client::tonic::Request::new(message)
}
