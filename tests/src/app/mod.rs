//! Yemma itself, started for a test: the real API and worker with a database and a Temporal of
//! their own, on free ports, ended with the value.

mod engine;
mod program;

use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::PgPool;
use temporalio_client::Client;

use self::engine::Engine;
pub use self::program::{Program, binary, free_port, run as run_program};
use crate::database::TestDatabase;
use crate::environment::required;
use crate::http::eventually;
use crate::people::{Place, Reviewer};

/// How long the programs may take until they serve, on a machine that does ten other things.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// The password of every administrator made for a test.
const STAFF_PASSWORD: &str = "Fromager-immense-au-bord-du-fleuve-41";

/// A running Yemma.
#[derive(Debug)]
pub struct App {
    /// Where it is.
    pub place: Place,
    /// The API's process.
    pub api: Program,
    /// The worker's process.
    pub worker: Program,
    // Dropped after the programs that use them.
    engine: Engine,
    database: TestDatabase,
    variables: Vec<(String, String)>,
}

impl App {
    /// Starts one and waits until it serves.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts one with more variables in its environment.
    pub async fn start_with(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let database = TestDatabase::create().await;
        let engine = Engine::start().await?;
        let address = format!("127.0.0.1:{}", free_port());
        let metrics = format!("127.0.0.1:{}", free_port());
        let mut variables = variables_of(&database, &engine, &address, &metrics);
        variables.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let api = Program::start("yemma-api", &variables)?;
        let worker = Program::start("yemma-worker", &variables)?;
        let app = Self {
            place: Place::new(&format!("http://{address}"), &required("YEMMA_MAIL_URL")),
            api,
            worker,
            engine,
            database,
            variables,
        };
        app.wait_ready(&format!("http://{address}/readyz")).await?;
        app.wait_ready(&format!("http://{metrics}/readyz")).await?;
        Ok(app)
    }

    async fn wait_ready(&self, url: &str) -> anyhow::Result<()> {
        eventually(&format!("{url} is ready"), START_DEADLINE, async || {
            ensure!(self.api.is_alive(), "the API ended");
            ensure!(self.worker.is_alive(), "the worker ended");
            let answer = self.place.api.get(url).await?;
            Ok((answer.status == 200).then_some(()))
        })
        .await
        .inspect_err(|_| self.show_logs())
    }

    /// The database as its owner.
    pub async fn owner(&self) -> PgPool {
        self.database.owner().await
    }

    /// The test's database.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A client of the engine.
    #[must_use]
    pub fn temporal(&self) -> &Client {
        self.engine.client()
    }

    /// The environment of both programs.
    #[must_use]
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// Starts one more instance of the API on the same servers, without waiting; its address.
    pub fn another_api(&self) -> anyhow::Result<(Program, String)> {
        self.another_api_with(&[])
    }

    /// The same with other settings.
    pub fn another_api_with(&self, settings: &[(&str, &str)]) -> anyhow::Result<(Program, String)> {
        let address = format!("127.0.0.1:{}", free_port());
        let mut variables = self.variables.clone();
        variables.push(("API_LISTEN_ADDRESS".to_owned(), address.clone()));
        variables.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let api = Program::start("yemma-api", &variables)?;
        Ok((api, format!("http://{address}")))
    }

    /// Runs `yemma-admin` and gives its output.
    pub async fn admin(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        program::run("yemma-admin", arguments, &self.variables, input).await
    }

    /// Makes an account for an administrator and logs in.
    pub async fn staff(&self, role: &str) -> anyhow::Result<Reviewer> {
        let id = store::clock::Clock::system().new_id().simple().to_string();
        let email = format!("{role}-{id}@equipe.yemma.test");
        let arguments = ["users", "create", "--email", &email, "--role", role];
        self.admin(&arguments, STAFF_PASSWORD).await?;
        Reviewer::log_in(&self.place, &email, STAFF_PASSWORD)
            .await
            .context("a new administrator logs in")
    }

    /// Puts a company on a plan.
    pub async fn set_plan(&self, email: &str, plan: &str) -> anyhow::Result<()> {
        let arguments = ["companies", "set-plan", "--email", email, "--plan", plan];
        self.admin(&arguments, "").await?;
        Ok(())
    }

    /// What the API and the worker have logged.
    #[must_use]
    pub fn logs(&self) -> String {
        format!("{}\n{}", self.api.log(), self.worker.log())
    }

    /// Shows the end of both logs, for a test that failed.
    pub fn show_logs(&self) {
        self.api.show_log();
        self.worker.show_log();
    }
}

/// Starts a Yemma, plays, and shows the logs when the play goes wrong.
///
/// # Panics
/// When it goes wrong.
pub async fn play(journey: impl AsyncFnOnce(&App) -> anyhow::Result<()>) {
    play_with(&[], journey).await;
}

/// The same with more variables in the programs' environment.
///
/// # Panics
/// When it goes wrong.
pub async fn play_with(
    settings: &[(&str, &str)],
    journey: impl AsyncFnOnce(&App) -> anyhow::Result<()>,
) {
    let app = App::start_with(settings)
        .await
        .unwrap_or_else(|error| panic!("Yemma did not start: {error:#}"));
    if let Err(error) = journey(&app).await {
        app.show_logs();
        panic!("{error:#}");
    }
}

/// The environment of both programs: the stack's, with what belongs to this test in its place.
fn variables_of(
    database: &TestDatabase,
    engine: &Engine,
    address: &str,
    metrics: &str,
) -> Vec<(String, String)> {
    use secrecy::ExposeSecret as _;
    let mut variables: Vec<(String, String)> = ["DATABASE_URL", "DB_API_URL", "DB_WORKER_URL"]
        .iter()
        .map(|name| {
            let url = database.url(name).expose_secret().to_owned();
            ((*name).to_owned(), url)
        })
        .collect();
    let public = format!("http://{address}");
    let own = [
        ("API_LISTEN_ADDRESS", address),
        ("API_PUBLIC_URL", &public),
        ("YEMMA_API_URL", &public),
        ("WORKER_METRICS_ADDRESS", metrics),
        ("YEMMA_TEMPORAL_ADDRESS", engine.address()),
        ("YEMMA_TEMPORAL_NAMESPACE", engine.namespace()),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}
