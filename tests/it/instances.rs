//! Two instances of the API on the same servers are one API, and one that is told to stop first
//! ends what it has begun.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures::future::{join_all, try_join_all};
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{App, Program, play};
use tests::files;
use tests::http::{Client, Wire, eventually, text_at};
use tests::people::{Candidate, Persona};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
/// The time within which a suspension or a change of roles acts, and what a busy machine adds.
const NOTICED: Duration = Duration::from_secs(6);
/// Requests a minute and address.
const LIMIT: usize = 40;

async fn listening(base: &str) -> anyhow::Result<Client> {
    let client = Client::new(base);
    eventually("the API listens", 20 * SECOND, async || {
        client.get("/healthz").await?.expect(200).map(Some)
    })
    .await?;
    Ok(client)
}

#[tokio::test]
async fn two_instances_share_limits_tokens_and_standings() {
    play(async |app| {
        let limit = LIMIT.to_string();
        let settings = [
            ("API_AUTH_REQUESTS_PER_MINUTE", limit.as_str()),
            ("API_AUTH_REQUESTS_PER_MINUTE_ALONE", "20"),
            ("API_TRUSTED_PROXIES", "127.0.0.0/8"),
        ];
        let (_one, one) = app.another_api_with(&settings)?;
        let (_two, two) = app.another_api_with(&settings)?;
        let both = [listening(&one).await?, listening(&two).await?];
        one_limit(&both).await.context("one limit")?;
        one_token(app, &both).await.context("one token")?;
        tokio::try_join!(suspended(app, &both), demoted(app, &both))?;
        Ok(())
    })
    .await;
}

/// What both instances let through together is the limit, whoever was asked how often. Where Redis
/// was too slow for a busy machine, an instance counted alone and said so: then once more.
async fn one_limit(both: &[Client; 2]) -> anyhow::Result<()> {
    for _ in 0..4 {
        if counted_together(both).await? {
            return Ok(());
        }
        sleep(6 * SECOND).await;
    }
    anyhow::bail!("the instances never counted together")
}

async fn counted_together(both: &[Client; 2]) -> anyhow::Result<bool> {
    let [a, b, c] = store::clock::random_bytes();
    let logout = async |number: usize, network: u8| {
        let call = both[number % 2].call(Method::POST, "/auth/logout");
        let call = call.json(json!({ "refresh_token": "none" }));
        let address = format!("{network}.{a}.{b}.{c}");
        call.header("x-forwarded-for", &address).send().await
    };
    let mut passed = 0;
    for number in (0..LIMIT + 24).step_by(4) {
        for answer in join_all((number..number + 4).map(|number| logout(number, 10))).await {
            let answer = answer?;
            let policy = answer.header("ratelimit-policy").unwrap_or_default();
            if !policy.contains(&format!("q={LIMIT};")) {
                return Ok(false);
            }
            if answer.status == 429 {
                answer.refused(429, "rate_limited")?;
                ensure!(answer.header("retry-after").is_some(), "429 says when");
            } else {
                passed += 1;
            }
        }
    }
    ensure!(passed == LIMIT, "{passed} of {LIMIT} passed");
    // Another address is not counted with it.
    for number in [0, 1] {
        let answer = logout(number, 11).await?;
        ensure!(answer.status != 429, "{}", answer.text());
    }
    Ok(true)
}

async fn one_token(app: &App, both: &[Client; 2]) -> anyhow::Result<()> {
    let candidate = Candidate::join(&app.place, Persona::new()).await?;
    let persona = &candidate.persona;
    // All other tests call from this machine's own address, and count with it.
    let [a, b, c] = store::clock::random_bytes();
    let address = format!("12.{a}.{b}.{c}");
    let post = async |client: &Client, path: &str, body: &Value| {
        let call = client.call(Method::POST, path).json(body.clone());
        let answer = call.header("x-forwarded-for", &address).send().await?;
        answer.expect(200)
    };
    let body = json!({ "email": persona.email, "password": persona.password });
    let login = post(&both[0], "/auth/login", &body).await?;
    let there = both[1].with_token(text_at(&login, "/access_token")?);
    let me = there.get("/auth/me").await?.expect(200)?;
    ensure!(me["id"] == candidate.user_id.as_str(), "{me}");
    // What one renewed is renewed for the other as well.
    let body = json!({ "refresh_token": text_at(&login, "/refresh_token")? });
    let first = post(&both[0], "/auth/refresh", &body).await?;
    let second = post(&both[1], "/auth/refresh", &body).await?;
    ensure!(
        first["refresh_token"] == second["refresh_token"],
        "the same successor"
    );
    Ok(())
}

/// Asks both until both answer with a status.
async fn noticed(both: &[Client], path: &str, status: u16) -> anyhow::Result<()> {
    let begun = Instant::now();
    let asked = both.iter().map(async |client| {
        eventually(&format!("{path} is {status}"), NOTICED, async || {
            let answer = client.get(path).await?;
            Ok((answer.status == status).then_some(()))
        })
        .await
    });
    try_join_all(asked).await?;
    let time = begun.elapsed();
    ensure!(time < NOTICED, "{path}: {status} only after {time:?}");
    Ok(())
}

async fn suspended(app: &App, both: &[Client; 2]) -> anyhow::Result<()> {
    let candidate = Candidate::join(&app.place, Persona::new()).await?;
    let both = both.each_ref().map(|client| {
        let token = candidate.client.token().unwrap_or_default();
        client.with_token(token)
    });
    noticed(&both, "/auth/me", 200).await?;
    let change = async |statement: &'static str| -> anyhow::Result<()> {
        let change = sqlx::query(statement).bind(&candidate.user_id);
        let changed = change.execute(&app.owner().await).await?;
        ensure!(changed.rows_affected() == 1, "{statement}");
        Ok(())
    };
    change("UPDATE auth.users SET suspended_at = now() WHERE id = $1::uuid").await?;
    noticed(&both, "/auth/me", 401).await.context("suspended")?;
    change("UPDATE auth.users SET suspended_at = NULL WHERE id = $1::uuid").await?;
    noticed(&both, "/auth/me", 200)
        .await
        .context("let in again")
}

async fn demoted(app: &App, both: &[Client; 2]) -> anyhow::Result<()> {
    let reviewer = app.staff("admin").await?;
    let both = both.each_ref().map(|client| {
        let token = reviewer.client.token().unwrap_or_default();
        client.with_token(token)
    });
    noticed(&both, "/admin/rejected-profiles", 200).await?;
    let change = "UPDATE auth.user_roles SET role = 'super_admin' WHERE user_id = $1::uuid";
    let changed = sqlx::query(change).bind(&reviewer.user_id);
    changed.execute(&app.owner().await).await?;
    noticed(&both, "/admin/rejected-profiles", 403)
        .await
        .context("no reviewer any more")?;
    // What the new role brings is there as soon.
    noticed(&both, "/admin/validations", 200).await
}

#[tokio::test]
async fn a_stopping_api_ends_what_it_has_begun() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        tokio::try_join!(
            async { finishes(app, &candidate).await.context("it finishes") },
            async { gives_up(app).await.context("it gives up") },
        )?;
        Ok(())
    })
    .await;
}

async fn stopping(app: &App, seconds: &str) -> anyhow::Result<(Program, String)> {
    let (api, base) = app.another_api_with(&[("API_SHUTDOWN_TIMEOUT", seconds)])?;
    listening(&base).await?;
    Ok((api, base))
}

/// An upload that is half there, requests that wait for their turn, and a connection that idles.
async fn finishes(app: &App, candidate: &Candidate) -> anyhow::Result<()> {
    let (api, base) = stopping(app, "10").await?;
    let mut idle = Wire::connect(&base).await?;
    idle.send("GET /healthz HTTP/1.1\r\nHost: yemma\r\n\r\n")
        .await?;
    idle.answer().await?.context("an answer")?.expect(200)?;
    let (head, rest) = upload(candidate);
    let mut upload = Wire::connect(&base).await?;
    upload.send(head).await?;
    let people: Vec<Persona> = (0..16).map(|_| Persona::new()).collect();
    let mut registrations = Vec::new();
    for persona in &people {
        let mut wire = Wire::connect(&base).await?;
        wire.send(registration(persona)).await?;
        registrations.push(wire);
    }
    // All are accepted; hashing their passwords takes them longer than this.
    sleep(SECOND / 5).await;
    api.terminate()?;
    idle.closed_within(2 * SECOND)
        .await
        .context("an idle connection")?;
    ensure!(
        Wire::connect(&base).await.is_err(),
        "new clients are refused"
    );
    ensure!(api.is_alive(), "it waits for the upload");
    upload.send(rest).await?;
    let taken = upload.answer().await?.context("the upload's answer")?;
    let taken = taken.expect(202)?;
    let mut answered = 0;
    for wire in &mut registrations {
        let answer = wire.answer().await?.context("a registration's answer")?;
        answer.expect(202)?;
        answered += 1;
    }
    ensure!(api.ended_within(5 * SECOND).await? == Some(0));
    ensure!(answered == people.len());
    candidate.settled(text_at(&taken, "/id")?).await?;
    let emails: Vec<&str> = people.iter().map(|one| one.email.as_str()).collect();
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM auth.users WHERE email = ANY($1)")
        .bind(&emails)
        .fetch_one(&app.owner().await)
        .await?;
    ensure!(usize::try_from(kept)? == people.len(), "{kept} accounts");
    Ok(())
}

/// A body that never comes to its end is not waited for beyond the shutdown's time.
async fn gives_up(app: &App) -> anyhow::Result<()> {
    let (api, base) = stopping(app, "2").await?;
    let mut wire = Wire::connect(&base).await?;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: yemma\r\n\
        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    wire.send(head).await?;
    sleep(SECOND / 5).await;
    let begun = Instant::now();
    api.terminate()?;
    ensure!(api.ended_within(4 * SECOND).await? == Some(0));
    let time = begun.elapsed();
    ensure!(time > SECOND, "it gave up at once: {time:?}");
    Ok(())
}

fn registration(persona: &Persona) -> String {
    let body = json!({
        "account_type": "candidate", "email": persona.email, "password": persona.password,
        "first_name": persona.first_name, "last_name": persona.last_name, "accept_terms": true,
    })
    .to_string();
    format!(
        "POST /api/v1/auth/register HTTP/1.1\r\nHost: yemma\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A request that uploads a CV, in two halves.
fn upload(candidate: &Candidate) -> (Vec<u8>, Vec<u8>) {
    let file = files::cv("Stopping");
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ncv\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"cv.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n"
        .to_vec();
    body.extend(&file.content);
    body.extend(b"\r\n--b--\r\n");
    let mut head = format!(
        "POST /api/v1/documents HTTP/1.1\r\nHost: yemma\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        candidate.client.token().unwrap_or_default(),
        body.len()
    )
    .into_bytes();
    let rest = body.split_off(body.len() / 2);
    head.extend(body);
    (head, rest)
}
