//! Sixty-four at once over HTTP, one effect: whoever loses gets the documented answer. The race for
//! a case is in `journey/commands.rs`, the races inside the store beside what they are about.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use store::clock::Clock;
use tests::app::{App, play};
use tests::http::{Answer, Client, text_at};
use tests::people::{Candidate, Company, Persona, Reviewer, expert_summary};
use tests::search::{developer, validated};

/// Requests at once.
const CROWD: usize = 64;
/// How long a client asks again that the machine was too busy for.
const PATIENCE: Duration = Duration::from_secs(60);
const FRESH: &str = "a key of its own for each";

/// The same request from everybody at once, under one key or under a fresh one each.
async fn crowd(
    client: &Client,
    path: &str,
    key: &str,
    body: impl Fn(usize) -> Value,
) -> anyhow::Result<Vec<Answer>> {
    once(&client.patient(PATIENCE), path, key, body).await
}

/// The same without asking again: whatever is answered first.
async fn once(
    client: &Client,
    path: &str,
    key: &str,
    body: impl Fn(usize) -> Value,
) -> anyhow::Result<Vec<Answer>> {
    let calls = (0..CROWD).map(|number| {
        let call = client.call(Method::POST, path).json(body(number));
        let call = if key == FRESH { call } else { call.key(key) };
        call.send()
    });
    join_all(calls).await.into_iter().collect()
}

/// Keeps every processor busy for as long as the value lives, half a minute at most.
struct BusyMachine(Arc<AtomicBool>);

impl BusyMachine {
    fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        for _ in 0..processors * 2 {
            let is_over = Arc::clone(&is_over);
            std::thread::spawn(move || {
                let begun = Instant::now();
                while !is_over.load(Ordering::Relaxed) && begun.elapsed() < PATIENCE / 2 {
                    std::hint::black_box((0..10_000_u64).sum::<u64>());
                }
            });
        }
        Self(is_over)
    }
}

impl Drop for BusyMachine {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How often each status was answered.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut found = BTreeMap::new();
    for answer in answers {
        *found.entry(answer.status).or_default() += 1;
    }
    found
}

fn expect_statuses(answers: &[Answer], expected: &[(u16, usize)]) -> anyhow::Result<()> {
    let found = statuses(answers);
    let expected: BTreeMap<u16, usize> = expected.iter().copied().collect();
    let odd = answers.iter().find(|a| !expected.contains_key(&a.status));
    ensure!(
        found == expected,
        "{found:?} where {expected:?} was promised: {:?}",
        odd.map(Answer::text)
    );
    Ok(())
}

async fn count(app: &App, query: &'static str, about: &str) -> anyhow::Result<i64> {
    let found = sqlx::query_scalar(query).bind(about);
    Ok(found.fetch_one(&app.owner().await).await?)
}

/// Events of a type about somebody's account, profile or case.
async fn events(app: &App, kind: &str, about: &str) -> anyhow::Result<i64> {
    let found = sqlx::query_scalar(
        "SELECT count(*) FROM events.events WHERE type = $1 AND aggregate_id = $2::uuid",
    );
    let found = found.bind(kind).bind(about);
    Ok(found.fetch_one(&app.owner().await).await?)
}

#[tokio::test]
async fn accounts_are_made_and_sessions_renewed_once() {
    play(async |app| {
        one_address(app).await.context("one address")?;
        one_registration(app).await.context("one key")?;
        one_successor(app).await.context("one refresh token")
    })
    .await;
}

fn registration(persona: &Persona) -> Value {
    json!({
        "account_type": "candidate", "email": persona.email, "password": persona.password,
        "first_name": persona.first_name, "last_name": persona.last_name, "accept_terms": true,
    })
}

/// The same registration again is none: one account, one link, one mail.
async fn one_address(app: &App) -> anyhow::Result<()> {
    let persona = Persona::new();
    let body = registration(&persona);
    let answers = crowd(&app.place.api, "/auth/register", FRESH, |_| body.clone()).await?;
    expect_statuses(&answers, &[(202, CROWD)])?;
    let first = answers.first().context("an answer")?;
    ensure!(
        answers.iter().all(|answer| answer.body == first.body),
        "every answer is the same"
    );
    let accounts = "SELECT count(*) FROM auth.users WHERE email = $1";
    ensure!(count(app, accounts, &persona.email).await? == 1);
    let open = "SELECT count(*) FROM auth.one_time_links link
        JOIN auth.users person ON person.id = link.user_id
        WHERE person.email = $1 AND link.voided_at IS NULL AND link.used_at IS NULL";
    let open = count(app, open, &persona.email).await?;
    ensure!(open == 1, "{open} links hold");
    Ok(())
}

async fn one_registration(app: &App) -> anyhow::Result<()> {
    let persona = Persona::new();
    let body = registration(&persona);
    let answers = crowd(&app.place.api, "/auth/register", "one-account", |_| {
        body.clone()
    });
    expect_statuses(&answers.await?, &[(202, CROWD)])?;
    let created = "SELECT count(*) FROM events.events WHERE type LIKE 'user.%'
        AND aggregate_id = (SELECT id FROM auth.users WHERE email = $1)";
    let created = count(app, created, &persona.email).await?;
    ensure!(created == 1, "{created} registrations are told of");
    let mailbox = &app.place.mailbox;
    mailbox
        .token_for(&persona.email, app.place.deadline)
        .await?;
    let mails = mailbox.mails_to(&persona.email).await?;
    ensure!(mails.len() == 1, "{} verification mails", mails.len());
    Ok(())
}

async fn one_successor(app: &App) -> anyhow::Result<()> {
    let candidate = Candidate::join(&app.place, Persona::new()).await?;
    let persona = &candidate.persona;
    let body = json!({ "email": persona.email, "password": persona.password });
    let login = app.place.api.post("/auth/login", body).await?.expect(200)?;
    let body = json!({ "refresh_token": text_at(&login, "/refresh_token")? });
    let answers = crowd(&app.place.api, "/auth/refresh", FRESH, |_| body.clone()).await?;
    expect_statuses(&answers, &[(200, CROWD)])?;
    let mut successors = Vec::new();
    for answer in &answers {
        successors.push(text_at(&answer.json()?, "/refresh_token")?.to_owned());
    }
    successors.sort_unstable();
    successors.dedup();
    ensure!(successors.len() == 1, "{} successors", successors.len());
    let body = json!({ "refresh_token": successors[0] });
    app.place
        .api
        .post("/auth/refresh", body)
        .await?
        .expect(200)?;
    Ok(())
}

#[tokio::test]
async fn a_profile_is_submitted_once_and_decided_once() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let (one, two) =
            tokio::try_join!(Candidate::ready(&app.place), Candidate::ready(&app.place))?;
        let case = one_case(app, &one).await.context("one submission")?;
        one_key(app, &two).await.context("one submission's key")?;
        prepared(&reviewer, &case).await?;
        one_outcome(app, &reviewer, &one, &case)
            .await
            .context("one decision")
    })
    .await;
}

async fn one_case(app: &App, candidate: &Candidate) -> anyhow::Result<String> {
    let path = "/candidates/me/submission";
    let busy = BusyMachine::start();
    // Without asking again: whoever loses hears 409, not that the machine is busy.
    let answers = once(&candidate.client, path, FRESH, |_| Value::Null).await?;
    drop(busy);
    expect_statuses(&answers, &[(202, 1), (409, CROWD - 1)])?;
    let mut case = String::new();
    for answer in &answers {
        if answer.status == 202 {
            text_at(&answer.json()?, "/validation_id")?.clone_into(&mut case);
        } else {
            answer.problem(409)?;
        }
    }
    let profile = candidate.profile_id().await?;
    ensure!(events(app, "profile.submitted", &profile).await? == 1);
    Ok(case)
}

async fn one_key(app: &App, candidate: &Candidate) -> anyhow::Result<()> {
    let path = "/candidates/me/submission";
    let answers = crowd(&candidate.client, path, "submit-once", |_| Value::Null).await?;
    expect_statuses(&answers, &[(202, CROWD)])?;
    let mut cases = Vec::new();
    for answer in &answers {
        cases.push(text_at(&answer.json()?, "/validation_id")?.to_owned());
    }
    cases.dedup();
    ensure!(cases.len() == 1, "{cases:?}");
    let profile = candidate.profile_id().await?;
    ensure!(events(app, "profile.submitted", &profile).await? == 1);
    Ok(())
}

/// Everything that a positive decision needs.
async fn prepared(reviewer: &Reviewer, case: &str) -> anyhow::Result<()> {
    reviewer.take(case).await?;
    reviewer.accept_documents(case).await?;
    reviewer
        .interview(case, "Entretien clair et précis.")
        .await?;
    reviewer.assess(case, &expert_summary()).await?;
    Ok(())
}

/// Half of them validate, half reject.
async fn one_outcome(
    app: &App,
    reviewer: &Reviewer,
    candidate: &Candidate,
    case: &str,
) -> anyhow::Result<()> {
    let path = format!("/admin/validations/{case}/decision");
    let answers = crowd(&reviewer.client, &path, FRESH, |number| {
        if number % 2 == 0 {
            json!({ "outcome": "validated" })
        } else {
            json!({ "outcome": "rejected", "reason": "Des preuves manquent encore." })
        }
    })
    .await?;
    expect_statuses(&answers, &[(200, 1), (409, CROWD - 1)])?;
    let mut told = String::new();
    for answer in &answers {
        if answer.status == 200 {
            text_at(&answer.json()?, "/status")?.clone_into(&mut told);
        } else {
            answer.refused(409, "already_decided")?;
        }
    }
    let profile = candidate.profile_id().await?;
    let status = candidate.status().await?;
    ensure!(status == told, "{status} where {told} was answered");
    let validated = events(app, "profile.validated", &profile).await?;
    let rejected = events(app, "profile.rejected", &profile).await?;
    let expected = if told == "VALIDATED" { (1, 0) } else { (0, 1) };
    ensure!(
        (validated, rejected) == expected,
        "{told}: {validated} validations and {rejected} rejections are told of"
    );
    let revisions = "SELECT count(*) FROM candidate.profile_revisions WHERE profile_id = $1::uuid";
    let revisions = count(app, revisions, &profile).await?;
    ensure!(revisions == expected.0, "{revisions} revisions");
    Ok(())
}

#[tokio::test]
async fn consultations_are_charged_exactly() {
    play(async |app| {
        let (one, two) = tokio::try_join!(
            Company::join(&app.place, "Course SA"),
            Company::join(&app.place, "Quota SARL")
        )?;
        let mut profiles = Vec::new();
        for _ in 0..=CROWD {
            let owner = app.owner().await;
            let now = Clock::system().now();
            let found = validated(&owner, &developer(), 4.2, "Rigoureuse.", now).await;
            profiles.push(found.profile_id.to_string());
        }
        let same = format!("/search/profiles/{}/opening", profiles[0]);
        let answers = crowd(&one.client, &same, FRESH, |_| Value::Null).await?;
        expect_statuses(&answers, &[(201, 1), (200, CROWD - 1)]).context("one profile")?;
        ensure!(one.quota("consultations").await? == (1, Some(10)));
        let other = format!("/search/profiles/{}/opening", profiles[1]);
        let answers = crowd(&one.client, &other, "open-once", |_| Value::Null).await?;
        expect_statuses(&answers, &[(201, CROWD)]).context("one key")?;
        ensure!(one.quota("consultations").await? == (2, Some(10)));
        ten_of_many(&two, &profiles[1..]).await.context("ten of 64")
    })
    .await;
}

async fn ten_of_many(company: &Company, profiles: &[String]) -> anyhow::Result<()> {
    let client = company.client.patient(PATIENCE);
    let calls = profiles.iter().map(async |profile| {
        let path = format!("/search/profiles/{profile}/opening");
        client.post_empty(&path).await
    });
    let answers: anyhow::Result<Vec<Answer>> = join_all(calls).await.into_iter().collect();
    let answers = answers?;
    expect_statuses(&answers, &[(201, 10), (402, CROWD - 10)])?;
    for answer in answers.iter().filter(|answer| answer.status == 402) {
        answer.refused(402, "quota_exceeded")?;
    }
    ensure!(company.quota("consultations").await? == (10, Some(10)));
    for (profile, answer) in profiles.iter().zip(&answers) {
        let read = company.read(profile).await?;
        // Whoever was charged sees the person, nobody else does.
        if answer.status == 201 {
            read.expect(200)?;
        } else {
            read.refused(403, "not_opened")?;
        }
    }
    Ok(())
}
