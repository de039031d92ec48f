//! Clients that no library would be: slow, endless, broken, ambiguous, too many. The API refuses or
//! drops each of them, serves everybody else meanwhile, and its log knows no panic and no 5xx.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures::future::join_all;
use serde_json::json;
use tests::app::{App, play_with};
use tests::http::{Answer, Wire, eventually};
use tests::people::{Candidate, Persona};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
/// Small time-outs, so that nobody waits for long.
const SETTINGS: [(&str, &str); 2] = [("API_HEADER_TIMEOUT", "1"), ("API_BODY_TIMEOUT", "1")];
/// What the time-outs of a second may come to on a busy machine.
const SOON: Duration = Duration::from_secs(4);

#[tokio::test]
async fn hostile_clients_are_refused_and_harm_nobody() {
    play_with(&SETTINGS, async |app| {
        let base = app.place.api.base();
        let one = Candidate::join(&app.place, Persona::new()).await?;
        let two = Candidate::join(&app.place, Persona::new()).await?;
        // The one that takes a quarter of a minute goes beside all others.
        let dribbled = dribbling_body(base);
        let others = async {
            tokio::try_join!(slow_headers(base), slow_body(base), idle(base))
                .context("slow clients")?;
            alive(app).await.context("after slow clients")?;
            too_large(base).await.context("too large")?;
            alive(app).await.context("after what is too large")?;
            truncated(app).await.context("truncated bodies")?;
            alive(app).await.context("after truncated bodies")?;
            ambiguous_lengths(app).await.context("ambiguous lengths")?;
            alive(app).await.context("after ambiguous lengths")?;
            pipelined(base, &one, &two).await.context("pipelining")?;
            odd_bytes(base, &one).await.context("odd bytes")?;
            alive(app).await.context("after odd bytes")?;
            deep(base).await.context("deep JSON")?;
            methods(base).await.context("methods")?;
            no_http(base).await.context("no HTTP at all")?;
            Ok(())
        };
        tokio::try_join!(dribbled, others)?;
        one.profile().await.context("everybody else is served")?;
        alive(app).await
    })
    .await;
}

/// The API answers, and its log has neither a panic nor a failure of its own.
async fn alive(app: &App) -> anyhow::Result<()> {
    app.place.api.get("/healthz").await?.expect(200)?;
    let log = app.api.log();
    ensure!(app.api.is_alive(), "the API ended");
    for bad in ["panic", "internal error", "\"status\":5"] {
        let line = log.lines().find(|line| line.contains(bad));
        ensure!(line.is_none(), "the API's log: {line:?}");
    }
    Ok(())
}

/// A request with these header lines and body.
fn request(line: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("{line} HTTP/1.1\r\nHost: yemma\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

fn json_request(line: &str, body: &str) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    request(line, &["Content-Type: application/json", &length], body)
}

/// Sends bytes and reads one answer; a server that hangs up while it is still being sent to says
/// as much as an answer.
async fn ask(base: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<Option<Answer>> {
    let mut wire = Wire::connect(base).await?;
    let sent = wire.send(bytes).await;
    let answer = wire.answer().await?;
    if answer.is_some() {
        return Ok(answer);
    }
    // A reset may overtake the answer; without an answer nothing was accepted.
    drop(sent);
    Ok(None)
}

/// Refused with one of these, or hung up on.
async fn refused(base: &str, bytes: impl AsRef<[u8]>, statuses: &[u16]) -> anyhow::Result<()> {
    if let Some(answer) = ask(base, bytes).await? {
        answer.expect_one_of(statuses)?;
        answer.discreet()?;
    }
    Ok(())
}

async fn slow_headers(base: &str) -> anyhow::Result<()> {
    // Some of them, of whom each sends always in time for the next byte.
    let attempts = (0..8).map(|_| async {
        let mut wire = Wire::connect(base).await?;
        wire.send("GET /healthz HTTP/1.1\r\nHost: yemma\r\nX-Slow: ")
            .await?;
        let begun = Instant::now();
        while begun.elapsed() < SOON {
            sleep(SECOND / 10).await;
            if wire.send("a").await.is_err() {
                return Ok(());
            }
        }
        anyhow::bail!("headers may take {SOON:?}")
    });
    join_all(attempts).await.into_iter().collect()
}

async fn slow_body(base: &str) -> anyhow::Result<()> {
    for length in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let headers = ["Content-Type: application/json", length];
        let mut wire = Wire::connect(base).await?;
        wire.send(request("POST /api/v1/auth/login", &headers, ""))
            .await?;
        let begun = Instant::now();
        let answer = wire.answer_within(SOON).await?.context("an answer")?;
        answer.refused(408, "request_timeout")?;
        ensure!(begun.elapsed() >= SECOND / 2, "the time-out is as set");
        wire.closed_within(SOON).await?;
    }
    Ok(())
}

/// A body that always sends something in time and never ends: all of it has a quarter of a minute.
async fn dribbling_body(base: &str) -> anyhow::Result<()> {
    let headers = [
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ];
    let mut wire = Wire::connect(base).await?;
    wire.send(request("POST /api/v1/auth/login", &headers, ""))
        .await?;
    let begun = Instant::now();
    while wire.is_silent_for(SECOND / 3).await {
        ensure!(begun.elapsed() < 20 * SECOND, "a body may take for ever");
        if wire.send("1\r\n \r\n").await.is_err() {
            break;
        }
    }
    let answer = wire.answer().await?.context("an answer")?;
    answer.refused(408, "request_timeout").map(drop)
}

async fn idle(base: &str) -> anyhow::Result<()> {
    let mut fresh = Wire::connect(base).await?;
    let mut used = Wire::connect(base).await?;
    used.send(request("GET /healthz", &[], "")).await?;
    let answer = used.answer().await?.context("an answer")?;
    answer.expect(200)?;
    ensure!(used.is_silent_for(SECOND / 4).await, "kept for a while");
    used.closed_within(SOON).await.context("after an answer")?;
    fresh.closed_within(SOON).await.context("never used")?;
    Ok(())
}

async fn too_large(base: &str) -> anyhow::Result<()> {
    let header = format!("X-Long: {}", "a".repeat(1000));
    let headers = vec![header.as_str(); 80];
    refused(base, request("GET /healthz", &headers, ""), &[431]).await?;
    let header = format!("X-Long: {}", "a".repeat(80_000));
    refused(base, request("GET /healthz", &[&header], ""), &[431]).await?;
    let many: Vec<String> = (0..200).map(|number| format!("X-{number}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused(base, request("GET /healthz", &many, ""), &[431]).await?;
    let line = format!("GET /{}", "a".repeat(100_000));
    refused(base, request(&line, &[], ""), &[414, 431]).await?;
    // What fits is served.
    let header = format!("X-Long: {}", "a".repeat(8000));
    let fits = ask(base, request("GET /healthz", &[&header], "")).await?;
    fits.context("an answer")?.expect(200)?;
    endless_chunks(base).await
}

/// A body without a declared length is measured as it comes.
async fn endless_chunks(base: &str) -> anyhow::Result<()> {
    let headers = [
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ];
    let mut wire = Wire::connect(base).await?;
    wire.send(request("POST /api/v1/auth/login", &headers, ""))
        .await?;
    let chunk = format!("2000\r\n{}\r\n", "a".repeat(0x2000));
    let mut sent = 0;
    while sent < 4 * 1024 * 1024 && wire.send(&chunk).await.is_ok() {
        sent += chunk.len();
        // The answer comes while the client still sends, and then nobody reads on.
        if !wire.is_silent_for(Duration::from_millis(1)).await {
            break;
        }
    }
    ensure!(sent < 2 * 1024 * 1024, "{sent} bytes of a body were taken");
    if let Some(answer) = wire.answer().await? {
        answer.refused(413, "payload_too_large")?;
    }
    Ok(())
}

fn registration(email: &str) -> String {
    let persona = Persona::new();
    json!({
        "account_type": "candidate", "email": email, "password": persona.password,
        "first_name": persona.first_name, "last_name": persona.last_name, "accept_terms": true,
    })
    .to_string()
}

async fn accounts(app: &App, email: &str) -> anyhow::Result<i64> {
    let found = sqlx::query_scalar("SELECT count(*) FROM auth.users WHERE email = $1")
        .bind(email)
        .fetch_one(&app.owner().await)
        .await?;
    Ok(found)
}

/// The JSON is whole, the body is not: nothing of it counts.
async fn truncated(app: &App) -> anyhow::Result<()> {
    let base = app.place.api.base();
    let email = Persona::new().email;
    let body = registration(&email);
    let length = format!("Content-Length: {}", body.len() + 1);
    let chunk = format!("{:x}\r\n{body}\r\n", body.len());
    for (length, body) in [
        (length.as_str(), body.as_str()),
        ("Transfer-Encoding: chunked", chunk.as_str()),
    ] {
        let headers = ["Content-Type: application/json", length];
        let mut wire = Wire::connect(base).await?;
        wire.send(request("POST /api/v1/auth/register", &headers, body))
            .await?;
        wire.finish().await?;
        if let Some(answer) = wire.answer().await? {
            answer.problem(400)?;
        }
        // And one who does not even wait.
        let mut wire = Wire::connect(base).await?;
        wire.send(request("POST /api/v1/auth/register", &headers, body))
            .await?;
        drop(wire);
    }
    sleep(SECOND / 2).await;
    ensure!(
        accounts(app, &email).await? == 0,
        "half a request was believed"
    );
    Ok(())
}

/// Two lengths are no length. Of a length beside chunks RFC 9112 (6.3) lets the chunks count, if
/// the connection ends there: what a proxy may have taken for a second request is never answered.
async fn ambiguous_lengths(app: &App) -> anyhow::Result<()> {
    let base = app.place.api.base();
    let email = Persona::new().email;
    let body = registration(&email);
    let own = format!("Content-Length: {}", body.len());
    let other = format!("Content-Length: {}", body.len() - 1);
    let kind = "Content-Type: application/json";
    let line = "POST /api/v1/auth/register";
    for lengths in [
        [own.as_str(), other.as_str()],
        [other.as_str(), own.as_str()],
        [own.as_str(), "Content-Length: +5"],
        ["Content-Length: -1", "X-Other: 1"],
        ["Content-Length: 0x10", "X-Other: 1"],
        ["Content-Length: 99999999999999999999999", "X-Other: 1"],
        ["Transfer-Encoding: gzip", own.as_str()],
        ["Transfer-Encoding: chunked, identity", own.as_str()],
    ] {
        let headers = [kind, lengths[0], lengths[1]];
        refused(base, request(line, &headers, &body), &[400, 413, 431, 501]).await?;
    }
    ensure!(
        accounts(app, &email).await? == 0,
        "an ambiguous body counted"
    );
    smuggled(base, &email).await?;
    ensure!(
        accounts(app, &email).await? == 0,
        "a smuggled request counted"
    );
    Ok(())
}

async fn smuggled(base: &str, email: &str) -> anyhow::Result<()> {
    let inner = registration(email);
    let inner = json_request("POST /api/v1/auth/register", &inner);
    let inner = String::from_utf8(inner)?;
    for lengths in [
        ["Content-Length: 4", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 4"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ] {
        let headers = ["Content-Type: application/json", lengths[0], lengths[1]];
        let outer = request(
            "POST /api/v1/auth/login",
            &headers,
            &format!("0\r\n\r\n{inner}"),
        );
        let mut wire = Wire::connect(base).await?;
        wire.send(outer).await?;
        if let Some(first) = wire.answer().await? {
            first.expect_one_of(&[400, 501])?;
        }
        wire.closed_within(SOON).await.context("smuggling")?;
    }
    Ok(())
}

/// Requests sent without waiting are answered in order, each for the token that it carries.
async fn pipelined(base: &str, one: &Candidate, two: &Candidate) -> anyhow::Result<()> {
    let bearer = |candidate: &Candidate| {
        let token = candidate.client.token().unwrap_or_default();
        format!("Authorization: Bearer {token}")
    };
    let me = |headers: &[&str]| request("GET /api/v1/auth/me", headers, "");
    let mut bytes = Vec::new();
    let mut expected = Vec::new();
    for _ in 0..4 {
        bytes.extend(request("GET /healthz", &[], ""));
        expected.push((200, None));
        bytes.extend(me(&[&bearer(one)]));
        expected.push((200, Some(one.user_id.as_str())));
        bytes.extend(me(&[]));
        expected.push((401, None));
        bytes.extend(me(&[&bearer(two)]));
        expected.push((200, Some(two.user_id.as_str())));
        bytes.extend(json_request("POST /api/v1/auth/login", "{}"));
        expected.push((422, None));
        bytes.extend(request("GET /api/v1/nothing", &[&bearer(one)], ""));
        expected.push((404, None));
    }
    let mut wire = Wire::connect(base).await?;
    wire.send(bytes).await?;
    for (number, (status, person)) in expected.into_iter().enumerate() {
        let answer = wire.answer().await?.context("an answer")?;
        let body = answer
            .expect(status)
            .with_context(|| format!("request {number}"))?;
        if let Some(person) = person {
            ensure!(body["id"] == person, "request {number}: {body}");
        }
    }
    Ok(())
}

async fn odd_bytes(base: &str, candidate: &Candidate) -> anyhow::Result<()> {
    let token = candidate.client.token().unwrap_or_default();
    let bearer = format!("Authorization: Bearer {token}");
    let headers = [
        &b"X-Correlation-ID: \xff\xfe"[..],
        b"Accept-Language: \xff",
        b"If-Match: \"\xff\"",
        b"Idempotency-Key: \xff\xff",
        b"User-Agent: \xc3\x28 \xff",
        b"Cookie: \xff=\x80",
        b"X-Forwarded-For: \xff",
        b"traceparent: 00-\xff-\xff-01",
        b"Range: bytes=\xff-",
        b"Content-Type: \xff/\xff; charset=\xff",
    ];
    for header in headers {
        for line in [
            "GET /api/v1/auth/me",
            "GET /api/v1/documents",
            "POST /api/v1/candidates/me/submission",
            "POST /api/v1/documents",
            "PATCH /api/v1/candidates/me/onboarding/steps/identity",
        ] {
            let mut bytes = format!("{line} HTTP/1.1\r\nHost: yemma\r\n{bearer}\r\n").into_bytes();
            bytes.extend(header);
            bytes.extend(b"\r\nContent-Length: 0\r\n\r\n");
            soft(base, bytes).await.context(line)?;
        }
    }
    for path in [
        &b"/api/v1/documents/\x00"[..],
        b"/api/v1/documents/%00",
        b"/api/v1/documents/%ff%fe",
        b"/api/v1/documents/\xff\xfe",
        b"/api/v1/documents/%",
        b"/api/v1/documents/..%2f..%2fetc%2fpasswd",
        b"/api/v1/documents/content/%00",
        b"/api/v1/documents/content/%ff",
        b"/api/v1/reference/%00",
        b"/api/v1/reference/%ff",
        b"/docs/%00",
        b"/docs/..%2f..%2fCargo.toml",
        b"/api/v1/candidates/me/timeline?cursor=%00",
        b"/api/v1/documents?limit=%ff",
        b"/api/v1/documents?limit=\x00",
        b"/api/v1/documents?limit=99999999999999999999",
        b"/api/v1/documents?limit=-1",
        b"/api/v1/documents?limit=1&limit=2",
        b"/api/v1/notifications?cursor=%ff%00",
        b"/api/v1/notifications?cursor=AAAA",
        b"/api/v1/notifications?cursor=\xe2\x80\xae",
        b"//api//v1//auth//me",
    ] {
        let mut bytes = b"GET ".to_vec();
        bytes.extend(path);
        bytes.extend(format!(" HTTP/1.1\r\nHost: yemma\r\n{bearer}\r\n\r\n").into_bytes());
        let shown = String::from_utf8_lossy(path).into_owned();
        if let Some(answer) = soft(base, bytes).await.context(shown.clone())? {
            ensure!((400..500).contains(&answer.status), "{shown}: {answer:?}");
        }
    }
    Ok(())
}

/// Answered or hung up on, whatever the answer is; only a failure of the API's own is wrong.
async fn soft(base: &str, bytes: Vec<u8>) -> anyhow::Result<Option<Answer>> {
    let answer = ask(base, bytes).await?;
    if let Some(answer) = &answer {
        ensure!(answer.status < 500, "{}: {}", answer.status, answer.text());
        answer.discreet()?;
    }
    Ok(answer)
}

async fn deep(base: &str) -> anyhow::Result<()> {
    for (open, close) in [("[", "]"), ("{\"email\":", "}")] {
        for body in [
            format!("{}1{}", open.repeat(10_000), close.repeat(10_000)),
            open.repeat(10_000),
        ] {
            let bytes = json_request("POST /api/v1/auth/register", &body);
            let answer = ask(base, bytes).await?.context("an answer")?;
            answer.refused(400, "invalid_json")?;
        }
    }
    Ok(())
}

async fn methods(base: &str) -> anyhow::Result<()> {
    for method in ["BREW", "get", "TRACE", "PROPFIND", "OPTIONS", "DELETE"] {
        let line = format!("{method} /api/v1/auth/me");
        let answer = ask(base, request(&line, &["Content-Length: 0"], "")).await?;
        answer
            .context("an answer")?
            .refused(405, "method_not_allowed")?;
    }
    for line in [
        "G@T /healthz",
        "GET\t/healthz",
        "GET",
        "",
        "/healthz",
        "CONNECT yemma:443",
    ] {
        refused(base, request(line, &[], ""), &[400, 404, 405]).await?;
    }
    Ok(())
}

async fn no_http(base: &str) -> anyhow::Result<()> {
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 as of TLS\r\n\r\n";
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for bytes in [
        &hello[..],
        preface,
        b"\0\0\0\0\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\n\r\n",
    ] {
        refused(base, bytes, &[400, 505]).await?;
    }
    // A bare line feed, a space before the colon and a folded line are read by no two servers alike.
    for head in [
        "GET /healthz HTTP/1.1\r\nHost : yemma\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: yemma\r\nX-A: b\r\n folded\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: yemma\r\nX-A\r\n\r\n",
    ] {
        refused(base, head, &[400]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_a_place() {
    play_with(&[], async |app| {
        let settings = [("API_MAX_CONNECTIONS", "4"), ("API_HEADER_TIMEOUT", "20")];
        let (api, base) = app.another_api_with(&settings)?;
        let served = async |wire: &mut Wire| -> anyhow::Result<()> {
            wire.send(request("GET /healthz", &[], "")).await?;
            wire.answer().await?.context("an answer")?.expect(200)?;
            Ok(())
        };
        eventually("the second API listens", 10 * SECOND, async || {
            served(&mut Wire::connect(&base).await?).await.map(Some)
        })
        .await?;
        let mut inside = Vec::new();
        for _ in 0..4 {
            let mut wire = Wire::connect(&base).await?;
            served(&mut wire).await?;
            inside.push(wire);
        }
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let mut wire = Wire::connect(&base).await?;
            wire.send(request("GET /healthz", &[], "")).await?;
            waiting.push(wire);
        }
        for wire in &mut waiting {
            ensure!(
                wire.is_silent_for(SECOND / 2).await,
                "a fifth connection was served"
            );
        }
        for wire in &mut inside {
            served(wire).await.context("those inside are served")?;
        }
        // One leaves, the first in the queue enters; it leaves, the next one does.
        inside.pop();
        for mut wire in waiting {
            let answer = wire.answer_within(2 * SECOND).await?;
            answer.context("a place is free")?.expect(200)?;
        }
        for wire in &mut inside {
            served(wire).await.context("afterwards")?;
        }
        ensure!(api.is_alive() && !api.log().contains("panic"));
        Ok(())
    })
    .await;
}
