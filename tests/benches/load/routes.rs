//! The hot routes, Yemma's and the bare ones in turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HOST, HeaderValue, IF_MATCH};
use hyper::{HeaderMap, Method, Request};
use serde_json::json;
use tests::crowd;
use uuid::Uuid;

use crate::drive::{Outcome, Player, Shot, drive};
use crate::stage::{Employer, Stage};

/// The share of the bare handler's rate that quality.md asks for, in percent.
const REACH: f64 = 70.0;

type Players = Vec<Box<dyn Player>>;

/// A route and who asks for it on either side.
#[derive(Clone, Copy)]
pub struct Route {
    /// Its name on the command line.
    pub name: &'static str,
    what: &'static str,
    /// Who asks Yemma.
    pub yemma: fn(&Stage) -> Players,
    bare: fn(&Stage) -> Players,
}

/// All of them.
pub const ALL: [Route; 4] = [
    Route {
        name: "profile",
        what: "GET /candidates/me/profile",
        yemma: |stage| {
            of_candidates(stage, |person| {
                read(&person.token, "/api/v1/candidates/me/profile")
            })
        },
        bare: |stage| {
            of_candidates(stage, |person| {
                read("", &format!("/profile/{}", person.user_id))
            })
        },
    },
    Route {
        name: "step",
        what: "PATCH of a step",
        yemma: |stage| {
            of_candidates(stage, |person| {
                edit(
                    &person.token,
                    "/api/v1/candidates/me/onboarding/steps/identity",
                )
            })
        },
        bare: |stage| {
            of_candidates(stage, |person| {
                edit("", &format!("/profile/{}", person.user_id))
            })
        },
    },
    Route {
        name: "search",
        what: "POST /search/profiles",
        yemma: |stage| {
            of_companies(stage, |firm, _| {
                search(token(firm), "/api/v1/search/profiles")
            })
        },
        bare: |stage| of_companies(stage, |firm, _| search("", &format!("/search/{}", firm.id))),
    },
    Route {
        name: "opening",
        what: "opening a profile",
        yemma: |stage| {
            of_companies(stage, |firm, profiles| {
                open(token(firm), profiles, |id| {
                    format!("/api/v1/search/profiles/{id}/opening")
                })
            })
        },
        bare: |stage| {
            of_companies(stage, |firm, profiles| {
                let company = firm.id;
                open("", profiles, move |id| format!("/opening/{company}/{id}"))
            })
        },
    },
];

/// What the columns of [`compare`] hold.
pub fn heading() {
    println!(
        "\n{:<28} {:>10} {:>9} {:>10} {:>9} {:>7}",
        "", "Yemma /s", "p99 ms", "bare /s", "p99 ms", "ratio"
    );
}

/// Drives both sides in turns and prints the medians; the ratio is of each pair of turns.
pub async fn compare(
    stage: &Stage,
    route: Route,
    turns: usize,
    duration: Duration,
) -> anyhow::Result<()> {
    let mut pairs: Vec<(Outcome, Outcome)> = Vec::new();
    // The first turn of each side fills caches and pools.
    for _ in 0..=turns {
        let ours = drive(stage.api(), (route.yemma)(stage), duration, 0).await?;
        ours.must_succeed(route.what)?;
        let bare = drive(&stage.bare.address, (route.bare)(stage), duration, 0).await?;
        bare.must_succeed("the bare handler")?;
        pairs.push((ours, bare));
    }
    let of = |figure: fn(&(Outcome, Outcome)) -> f64| median(pairs.iter().skip(1).map(figure));
    let ratio = of(|(ours, bare)| 100.0 * ours.rate() / bare.rate());
    println!(
        "{:<28} {:>10.0} {:>9.2} {:>10.0} {:>9.2} {:>5.0} %{}",
        route.what,
        of(|pair| pair.0.rate()),
        of(|pair| pair.0.quantile(99.0)),
        of(|pair| pair.1.rate()),
        of(|pair| pair.1.quantile(99.0)),
        ratio,
        if ratio < REACH { "  below 70 %" } else { "" }
    );
    Ok(())
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What a player needs to know of a candidate.
struct Person {
    token: String,
    user_id: String,
}

fn of_candidates(stage: &Stage, player: impl Fn(&Person) -> Box<dyn Player>) -> Players {
    let people = stage.candidates.iter().map(|candidate| Person {
        token: candidate.client.token().unwrap_or_default().to_owned(),
        user_id: candidate.user_id.clone(),
    });
    people.map(|person| player(&person)).collect()
}

fn of_companies(
    stage: &Stage,
    player: impl Fn(&Employer, Arc<Vec<Uuid>>) -> Box<dyn Player>,
) -> Players {
    let profiles = Arc::new(stage.profiles.clone());
    let companies = stage.companies.iter();
    companies
        .map(|firm| player(firm, Arc::clone(&profiles)))
        .collect()
}

fn token(firm: &Employer) -> &str {
    firm.company.client.token().unwrap_or_default()
}

fn shot(method: Method, token: &str, path: &str, body: Bytes) -> Shot {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "localhost");
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    request.body(Full::new(body)).expect("a request")
}

/// Asks for the same again and again.
struct Reader(Box<dyn Fn() -> Shot + Send>);

impl Player for Reader {
    fn next(&mut self) -> Shot {
        (self.0)()
    }
}

fn read(token: &str, path: &str) -> Box<dyn Player> {
    let (token, path) = (token.to_owned(), path.to_owned());
    Box::new(Reader(Box::new(move || {
        shot(Method::GET, &token, &path, Bytes::new())
    })))
}

fn search(token: &str, path: &str) -> Box<dyn Player> {
    let (token, path) = (token.to_owned(), path.to_owned());
    let number = AtomicUsize::new(path.len());
    Box::new(Reader(Box::new(move || {
        let number = number.fetch_add(7, Ordering::Relaxed);
        let question = crowd::question(u32::try_from(number % 500).unwrap_or_default());
        shot(Method::POST, &token, &path, question.to_string().into())
    })))
}

/// Which profile of the crowd the next opening is of, whoever opens it.
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn open(
    token: &str,
    profiles: Arc<Vec<Uuid>>,
    path: impl Fn(Uuid) -> String + Send + 'static,
) -> Box<dyn Player> {
    let token = token.to_owned();
    Box::new(Reader(Box::new(move || {
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % profiles.len();
        shot(Method::POST, &token, &path(profiles[number]), Bytes::new())
    })))
}

/// Types telephone numbers, each time against the version of the answer before.
struct Editor {
    token: String,
    path: String,
    version: HeaderValue,
    number: u32,
}

fn edit(token: &str, path: &str) -> Box<dyn Player> {
    Box::new(Editor {
        token: token.to_owned(),
        path: path.to_owned(),
        version: HeaderValue::from_static("*"),
        number: 0,
    })
}

impl Player for Editor {
    fn next(&mut self) -> Shot {
        self.number += 1;
        let phone = format!("+22177{:07}", self.number);
        let body = json!({ "phone": phone }).to_string();
        let mut shot = shot(Method::PATCH, &self.token, &self.path, body.into());
        shot.headers_mut().insert(IF_MATCH, self.version.clone());
        shot
    }

    fn answered(&mut self, headers: &HeaderMap) {
        if let Some(version) = headers.get(ETAG) {
            self.version = version.clone();
        }
    }
}
