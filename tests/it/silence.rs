//! A dependency that accepts connections and says nothing, one test a row of the table "When a
//! dependency is down": what goes on goes on, the rest is refused within its time, nothing fails,
//! and soon after healing everything works again.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{App, Program, play};
use tests::environment::required;
use tests::files;
use tests::http::{Answer, Call, Client, Upload, eventually};
use tests::people::{Candidate, Company};
use tests::proxy::{FaultProxy, Mood};
use tokio::time::Instant;
use url::Url;

/// What a busy machine may add to a promised time. Who waits without a time-out is held for the
/// half minute that any request may take, which is longer than all of it.
const SLACK: Duration = Duration::from_secs(5);
/// The time within which everything works again.
const HEALED: Duration = Duration::from_secs(10);
/// Requests of one kind at once.
const CROWD: usize = 8;

/// A dependency and what its silence may take.
struct Dependency {
    /// Its name in `/readyz`.
    name: &'static str,
    /// The variable that says where it is.
    variable: &'static str,
    /// The longest that a request may wait for it.
    total: Duration,
    /// What is refused while it is away.
    refused: &'static [Asked],
    /// What goes on.
    goes_on: &'static [Asked],
}

const DEPENDENCIES: [Dependency; 4] = [
    Dependency {
        name: "redis",
        variable: "REDIS_URL",
        total: Duration::from_millis(300),
        refused: &[],
        goes_on: &[
            Asked::Login,
            Asked::Logout,
            Asked::Profile,
            Asked::Save,
            Asked::Search,
        ],
    },
    Dependency {
        name: "s3",
        variable: "S3_ENDPOINT",
        total: Duration::from_secs(15),
        refused: &[Asked::Upload],
        goes_on: &[Asked::Login, Asked::Profile, Asked::Save, Asked::Search],
    },
    Dependency {
        name: "temporal",
        variable: "YEMMA_TEMPORAL_ADDRESS",
        total: Duration::from_secs(5),
        refused: &[Asked::Submit],
        goes_on: &[
            Asked::Login,
            Asked::Profile,
            Asked::Save,
            Asked::Search,
            Asked::Upload,
        ],
    },
    Dependency {
        name: "postgres",
        variable: "DB_API_URL",
        total: Duration::from_secs(3),
        refused: &[
            Asked::Login,
            Asked::Logout,
            Asked::Profile,
            Asked::Save,
            Asked::Search,
            Asked::Upload,
            Asked::Submit,
        ],
        goes_on: &[],
    },
];

/// What people ask for meanwhile.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Login,
    Logout,
    Profile,
    Save,
    Search,
    Upload,
    Submit,
}

/// The people who ask, each through the API that stands behind the proxy.
struct People {
    anybody: Client,
    candidate: Client,
    company: Client,
    login: Value,
    etag: String,
}

impl People {
    async fn of(base: &str, app: &App) -> anyhow::Result<Self> {
        let candidate = Candidate::ready(&app.place).await?;
        let company = Company::join(&app.place, "Silence SA").await?;
        let anybody = Client::new(base);
        let with = |client: &Client| anybody.with_token(client.token().unwrap_or_default());
        let persona = &candidate.persona;
        Ok(Self {
            candidate: with(&candidate.client),
            company: with(&company.client),
            login: json!({ "email": persona.email, "password": persona.password }),
            etag: candidate.profile_answer().await?.etag()?,
            anybody,
        })
    }

    fn call(&self, asked: Asked) -> Call<'_> {
        let candidate = &self.candidate;
        match asked {
            Asked::Login => {
                let call = self.anybody.call(Method::POST, "/auth/login");
                call.json(self.login.clone())
            }
            Asked::Logout => {
                let call = self.anybody.call(Method::POST, "/auth/logout");
                call.json(json!({ "refresh_token": "none" }))
            }
            Asked::Profile => candidate.call(Method::GET, "/candidates/me/profile"),
            // Against an old tag: 412 says as well as 200 that PostgreSQL was asked.
            Asked::Save => {
                let path = "/candidates/me/onboarding/steps/identity";
                let call = candidate.call(Method::PATCH, path);
                let call = call.header("if-match", &self.etag);
                call.json(json!({ "city": "Thiès" }))
            }
            Asked::Search => {
                let call = self.company.call(Method::POST, "/search/profiles");
                call.json(json!({}))
            }
            Asked::Upload => {
                let call = candidate.call(Method::POST, "/documents");
                call.upload(Upload::new("diploma", &files::cv("Silence")))
            }
            Asked::Submit => candidate.call(Method::POST, "/candidates/me/submission"),
        }
    }

    /// The answer and how long it took.
    async fn ask(&self, asked: Asked) -> anyhow::Result<(Answer, Duration)> {
        let begun = Instant::now();
        let answer = self.call(asked).send().await;
        let answer = answer.with_context(|| format!("{asked:?} after {:?}", begun.elapsed()))?;
        answer.discreet()?;
        Ok((answer, begun.elapsed()))
    }
}

#[tokio::test]
async fn a_silent_dependency_is_waited_for_no_longer_than_promised() {
    play(async |app| {
        let rows = DEPENDENCIES.iter().map(|dependency| row(app, dependency));
        let outcomes = join_all(rows).await;
        outcomes.into_iter().collect()
    })
    .await;
}

fn row<'a>(app: &'a App, dependency: &'a Dependency) -> LocalBoxFuture<'a, anyhow::Result<()>> {
    async move {
        let (proxy, api, base) = behind_a_proxy(app, dependency).await?;
        let people = People::of(&base, app).await?;
        let outcome = silence(dependency, &proxy, &base, &people).await;
        if outcome.is_err() {
            api.show_log();
        }
        outcome?;
        let log = api.log();
        let failed = log
            .lines()
            .find(|line| line.contains("panic") || line.contains("internal error"));
        ensure!(failed.is_none(), "{failed:?}");
        Ok(())
    }
    .map(|outcome: anyhow::Result<()>| outcome.context(dependency.name))
    .boxed_local()
}

/// One more API, to which this dependency is reached through a proxy.
async fn behind_a_proxy(
    app: &App,
    dependency: &Dependency,
) -> anyhow::Result<(FaultProxy, Program, String)> {
    let mut own = app.variables().iter();
    let own = own.rfind(|(name, _)| name == dependency.variable);
    let value = own.map_or_else(|| required(dependency.variable), |(_, value)| value.clone());
    let (proxy, value) = match Url::parse(&value) {
        Ok(mut url) if url.has_host() => {
            let target = format!(
                "{}:{}",
                url.host_str().unwrap_or_default(),
                url.port_or_known_default().unwrap_or(5432)
            );
            let proxy = FaultProxy::before(&target).await?;
            let port = proxy.address().rsplit(':').next().map(str::parse);
            let set = url.set_port(port.transpose()?);
            ensure!(set.is_ok(), "{value} has a port");
            (proxy, url.to_string())
        }
        _ => {
            let proxy = FaultProxy::before(&value).await?;
            let address = proxy.address();
            (proxy, address)
        }
    };
    // One person asks for all: what is measured is the dependency, not the limit of uploads.
    let variables = [
        (dependency.variable, value.as_str()),
        ("API_UPLOADS_EACH", "16"),
    ];
    let (api, base) = app.another_api_with(&variables)?;
    let client = Client::new(&base);
    eventually("the API is ready", Duration::from_secs(20), async || {
        let ready = client.get("/readyz").await?.json()?;
        Ok((ready["status"] == "ok").then_some(()))
    })
    .await?;
    Ok((proxy, api, base))
}

async fn silence(
    dependency: &Dependency,
    proxy: &FaultProxy,
    base: &str,
    people: &People,
) -> anyhow::Result<()> {
    // Connections are there and in use when it goes silent.
    for asked in dependency.goes_on {
        let (answer, _) = people.ask(*asked).await?;
        accepted(&answer).context("before")?;
    }
    proxy.set(Mood::Silent);
    degraded(dependency, base).await.context("at first")?;
    // Twice: before and after the breaker has opened.
    for round in ["first", "second"] {
        refused(dependency, people).await.context(round)?;
        went_on(dependency, people).await.context(round)?;
        degraded(dependency, base).await.context(round)?;
    }
    proxy.set(Mood::Forwards);
    healed(dependency, base, people).await
}

fn accepted(answer: &Answer) -> anyhow::Result<()> {
    let is_fine = answer.is_success() || answer.status == 412;
    ensure!(
        is_fine,
        "{}: {} {}",
        answer.what,
        answer.status,
        answer.text()
    );
    Ok(())
}

async fn refused(dependency: &Dependency, people: &People) -> anyhow::Result<()> {
    let kinds = dependency.refused.iter();
    let asked = kinds.flat_map(|asked| std::iter::repeat_n(*asked, CROWD));
    for outcome in join_all(asked.map(|asked| people.ask(asked))).await {
        let (answer, time) = outcome?;
        answer.refused(503, "service_unavailable")?;
        ensure!(
            answer.header("retry-after").is_some(),
            "{}: 503 without Retry-After",
            answer.what
        );
        ensure!(
            time < dependency.total + SLACK,
            "{}: refused after {time:?}",
            answer.what
        );
    }
    Ok(())
}

async fn went_on(dependency: &Dependency, people: &People) -> anyhow::Result<()> {
    for outcome in join_all(dependency.goes_on.iter().map(|asked| people.ask(*asked))).await {
        let (answer, time) = outcome?;
        accepted(&answer)?;
        ensure!(
            time < Duration::from_millis(300) + SLACK,
            "{}: answered after {time:?}",
            answer.what
        );
    }
    Ok(())
}

async fn degraded(dependency: &Dependency, base: &str) -> anyhow::Result<()> {
    let client = Client::new(base);
    client.get("/healthz").await?.expect(200)?;
    let begun = Instant::now();
    let answer = client.get("/readyz").await?;
    let time = begun.elapsed();
    ensure!(
        time < Duration::from_secs(3) + SLACK,
        "/readyz took {time:?}"
    );
    let (status, word) = if dependency.name == "postgres" {
        (503, "unavailable")
    } else {
        (200, "degraded")
    };
    let ready = answer.expect(status)?;
    ensure!(ready["status"] == word, "{ready}");
    let states = ready["dependencies"].as_object().context("the states")?;
    for (name, state) in states {
        let expected = if name == dependency.name {
            "down"
        } else {
            "up"
        };
        ensure!(state == expected, "{name}: {ready}");
    }
    Ok(())
}

async fn healed(dependency: &Dependency, base: &str, people: &People) -> anyhow::Result<()> {
    let begun = Instant::now();
    let client = Client::new(base);
    let all = dependency.goes_on.iter().chain(dependency.refused);
    for asked in all {
        let left = HEALED.saturating_sub(begun.elapsed()) + SLACK;
        eventually(&format!("{asked:?} works again"), left, async || {
            let (answer, _) = people.ask(*asked).await?;
            // A submission that was refused may have been heard after all.
            if answer.status == 409 {
                return Ok(Some(()));
            }
            accepted(&answer).map(Some)
        })
        .await?;
    }
    let left = HEALED.saturating_sub(begun.elapsed()) + SLACK;
    eventually("/readyz is ok again", left, async || {
        let ready = client.get("/readyz").await?.expect(200)?;
        Ok((ready["status"] == "ok").then_some(()))
    })
    .await
}
