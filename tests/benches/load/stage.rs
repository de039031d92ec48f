//! A Yemma in a release build with a crowd in its database, and people who are logged in.

use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use futures::future::try_join_all;
use sqlx::PgPool;
use tests::app::{App, free_port};
use tests::crowd;
use tests::people::{Candidate, Company, Persona, Reviewer};
use uuid::Uuid;

/// An hour of soak outlives an access token of fifteen minutes, and nobody logs in again here.
const SETTINGS: [(&str, &str); 3] = [
    ("AUTH_ACCESS_TOKEN_SECONDS", "14400"),
    ("API_AUTH_REQUESTS_PER_MINUTE", "1000000"),
    ("API_AUTH_REQUESTS_PER_MINUTE_ALONE", "1000000"),
];

/// What everything is measured on.
pub struct Stage {
    /// Yemma.
    pub app: App,
    /// The bare handlers.
    pub bare: Bare,
    /// The database as its owner.
    pub owner: PgPool,
    /// As many candidates with a full profile as there are connections.
    pub candidates: Vec<Candidate>,
    /// As many companies without a limit to their quotas.
    pub companies: Vec<Employer>,
    /// Somebody of the HR team.
    pub reviewer: Reviewer,
    /// The profiles of the crowd.
    pub profiles: Vec<Uuid>,
}

/// A company with its id, which the bare handlers are told.
pub struct Employer {
    /// Its administrator.
    pub company: Company,
    /// The company.
    pub id: Uuid,
}

impl Stage {
    /// Starts everything; takes a minute or two.
    pub async fn set(people: i32, connections: usize) -> anyhow::Result<Self> {
        let app = App::start_with(&SETTINGS).await?;
        let owner = app.owner().await;
        println!("{people} validated profiles, {connections} connections");
        crowd::gather(&owner, people).await;
        let profiles = sqlx::query_scalar(
            "SELECT id FROM candidate.profiles WHERE status = 'VALIDATED' ORDER BY id",
        )
        .fetch_all(&owner)
        .await?;
        let candidates = try_join_all((0..connections).map(|_| candidate(&app))).await?;
        let mut companies = Vec::new();
        for _ in 0..connections {
            companies.push(employer(&app, &owner).await?);
        }
        Ok(Self {
            reviewer: app.staff("admin").await?,
            bare: Bare::start(&app)?,
            app,
            owner,
            candidates,
            companies,
            profiles,
        })
    }

    /// `host:port` of the API.
    pub fn api(&self) -> &str {
        let base = self.app.place.api.base();
        base.strip_prefix("http://").unwrap_or(base)
    }
}

async fn candidate(app: &App) -> anyhow::Result<Candidate> {
    let candidate = Candidate::join(&app.place, Persona::new()).await?;
    candidate.fill().await?;
    Ok(candidate)
}

async fn employer(app: &App, owner: &PgPool) -> anyhow::Result<Employer> {
    let company = Company::join(&app.place, "Durable").await?;
    app.set_plan(&company.email, "enterprise").await?;
    let id = sqlx::query_scalar(
        "SELECT company_id FROM company.company_recruiters WHERE user_id = $1::uuid",
    )
    .bind(company.user_id.parse::<Uuid>()?)
    .fetch_one(owner)
    .await?;
    Ok(Employer { company, id })
}

/// The process of the bare handlers; ended with the value.
pub struct Bare {
    process: Child,
    /// `host:port`.
    pub address: String,
}

impl Bare {
    fn start(app: &App) -> anyhow::Result<Self> {
        let address = format!("127.0.0.1:{}", free_port());
        let variables = app.variables().iter();
        let process = Command::new(std::env::current_exe()?)
            .args(["--bare", &address])
            .envs(variables.map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .spawn()
            .context("the bare handlers start")?;
        Ok(Self { process, address })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // Ending a process that has ended by itself fails, and is as good.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
