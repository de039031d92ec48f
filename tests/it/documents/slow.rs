//! Uploads that last: too slow, too many, outliving their sender's account, beyond the spool.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use api::config::Config;
use serde_json::{Value, json};
use store::clock::Clock;
use tests::api::{Session, TestApi};
use tests::http::{Answer, Wire};
use tokio::time::{Instant, sleep};

use super::files;

const WINDOW: Duration = Duration::from_millis(500);
/// What a window or two may come to on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// Small windows, so that nobody waits for long: 4 kB each.
fn hurried(config: &mut Config) {
    let uploads = &mut config.documents.uploads;
    uploads.min_bytes_per_second = 8_000;
    uploads.rate_window = WINDOW;
}

async fn start(change: impl FnOnce(&mut Config)) -> (TestApi, Session) {
    let api = TestApi::start_with(Clock::system(), |config| {
        hurried(config);
        change(config);
    })
    .await;
    let awa = api.join("awa@example.org", "candidate").await;
    (api, awa)
}

/// The form of an upload up to the end of a file of these bytes, and what ends it.
fn form(content: &[u8]) -> (Vec<u8>, &'static [u8]) {
    let mut body =
        b"--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ndiploma\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"d.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n"
            .to_vec();
    body.extend_from_slice(content);
    (body, b"\r\n--b--\r\n")
}

/// A connection on which the headers of an upload of so many bytes were sent.
async fn begin(api: &TestApi, person: &Session, length: usize, more: &str) -> anyhow::Result<Wire> {
    let mut wire = Wire::connect(api.base()).await?;
    let head = format!(
        "POST /api/v1/documents HTTP/1.1\r\nHost: yemma\r\nAccept-Language: en\r\n\
         Authorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {length}\r\n{more}\r\n",
        person.access_token,
    );
    wire.send(head).await?;
    Ok(wire)
}

async fn answer(wire: &mut Wire) -> anyhow::Result<Answer> {
    wire.answer_within(SOON).await?.context("an answer")
}

async fn rows(api: &TestApi) -> anyhow::Result<i64> {
    Ok(
        sqlx::query_scalar("SELECT count(*) FROM document.documents")
            .fetch_one(&api.database.owner().await)
            .await?,
    )
}

fn refusal(answer: &Answer, status: u16, code: &str) -> anyhow::Result<Value> {
    answer.refused(status, code)?;
    let body: Value = serde_json::from_slice(&answer.body)?;
    ensure!(body["errors"][0]["pointer"] == "/file", "{body}");
    ensure!(body["errors"][0]["code"] == code, "{body}");
    Ok(body)
}

#[tokio::test]
async fn whoever_dribbles_is_refused_and_whoever_keeps_up_is_served() -> anyhow::Result<()> {
    let (api, awa) = start(|_| ()).await;
    let (body, end) = form(&files::cv());
    let mut dribbling = begin(&api, &awa, body.len() + end.len(), "").await?;
    let begun = Instant::now();
    for byte in &body {
        if dribbling.send([*byte]).await.is_err() || !dribbling.is_silent_for(WINDOW / 20).await {
            break;
        }
        ensure!(begun.elapsed() < SOON, "an upload may take for ever");
    }
    let said = refusal(&answer(&mut dribbling).await?, 408, "upload_too_slow")?;
    let message = said["errors"][0]["message"].as_str().unwrap_or_default();
    ensure!(message.contains("8 KiB/s"), "{message}");
    ensure!(rows(&api).await? == 0);

    // Five kilobytes in each window.
    let mut long = files::cv();
    long.resize(25_000, b'%');
    let (body, end) = form(&long);
    let mut steady = begin(&api, &awa, body.len() + end.len(), "").await?;
    for piece in body.chunks(1_000) {
        steady.send(piece).await?;
        sleep(WINDOW / 5).await;
    }
    steady.send(end).await?;
    answer(&mut steady).await?.expect(202)?;
    Ok(())
}

#[tokio::test]
async fn all_of_an_upload_has_its_time() -> anyhow::Result<()> {
    let (api, awa) = start(|config| {
        config.documents.uploads.upload_timeout = WINDOW * 2;
        config.documents.uploads.min_bytes_per_second = 1_000_000;
        config.documents.uploads.rate_window = Duration::from_secs(60);
    })
    .await;
    let mut wire = begin(&api, &awa, 100_000, "").await?;
    wire.send(form(b"").0).await?;
    let begun = Instant::now();
    while wire.is_silent_for(WINDOW / 5).await {
        ensure!(begun.elapsed() < SOON, "an upload may take for ever");
        if wire.send(b"%").await.is_err() {
            break;
        }
    }
    refusal(&answer(&mut wire).await?, 408, "upload_too_slow").map(drop)
}

#[tokio::test]
async fn an_account_has_three_uploads_on_their_way() -> anyhow::Result<()> {
    let (api, awa) = start(|config| config.documents.uploads.rate_window = SOON * 6).await;
    let ali = api.join("ali@example.org", "candidate").await;
    let (body, end) = form(&files::cv());
    let length = body.len() + end.len();
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut wire = begin(&api, &awa, length, "").await?;
        wire.send(&body).await?;
        ensure!(wire.is_silent_for(WINDOW).await);
        open.push(wire);
    }
    let mut fourth = begin(&api, &awa, length, "").await?;
    let refused = answer(&mut fourth).await?;
    refusal(&refused, 429, "too_many_uploads")?;
    ensure!(refused.header("retry-after").is_some());
    let mut other = begin(&api, &ali, length, "").await?;
    other.send([body.as_slice(), end].concat()).await?;
    answer(&mut other).await?.expect(202)?;
    for mut wire in open {
        wire.send(end).await?;
        answer(&mut wire).await?.expect(202)?;
    }
    Ok(())
}

#[tokio::test]
async fn the_spool_has_an_end() -> anyhow::Result<()> {
    let (api, awa) = start(|config| config.documents.uploads.spool_max_bytes = 10_000).await;
    let mut wire = begin(&api, &awa, 10_001, "").await?;
    let refused = answer(&mut wire).await?;
    refusal(&refused, 503, "uploads_full")?;
    ensure!(refused.header("retry-after").is_some());
    let (body, end) = form(&files::cv());
    let mut wire = begin(&api, &awa, body.len() + end.len(), "").await?;
    wire.send([body.as_slice(), end].concat()).await?;
    answer(&mut wire).await?.expect(202)?;
    Ok(())
}

#[tokio::test]
async fn whoever_was_suspended_or_logged_out_meanwhile_leaves_nothing() -> anyhow::Result<()> {
    let (api, awa) = start(|config| config.documents.uploads.rate_window = SOON * 6).await;
    let ali = api.join("ali@example.org", "candidate").await;
    let (body, end) = form(&files::cv());
    let mut wires = Vec::new();
    for person in [&awa, &ali] {
        let mut wire = begin(&api, person, body.len() + end.len(), "").await?;
        wire.send(&body).await?;
        ensure!(wire.is_silent_for(WINDOW / 2).await);
        wires.push(wire);
    }
    sqlx::query("UPDATE auth.users SET suspended_at = now() WHERE id = $1")
        .bind(awa.user_id)
        .execute(&api.database.owner().await)
        .await?;
    let out = api
        .post("/auth/logout", &json!({"refresh_token": ali.refresh_token}))
        .await;
    ensure!(out.status == 204, "{out:?}");
    for mut wire in wires {
        wire.send(end).await?;
        answer(&mut wire).await?.refused(401, "unauthenticated")?;
    }
    ensure!(rows(&api).await? == 0, "a row was written");
    Ok(())
}

#[tokio::test]
async fn nobody_sends_a_file_in_vain() -> anyhow::Result<()> {
    let (api, awa) = start(|_| ()).await;
    let (body, end) = form(&files::cv());
    for _ in 0..3 {
        let mut wire = begin(&api, &awa, body.len() + end.len(), "").await?;
        wire.send([body.as_slice(), end].concat()).await?;
        answer(&mut wire).await?.expect(202)?;
    }
    // Neither of them sends the file: one waits to be asked, the other is answered before.
    for more in ["Expect: 100-continue\r\n", ""] {
        let mut wire = begin(&api, &awa, 10_000_000, more).await?;
        let refused = answer(&mut wire).await?;
        let said = refusal(&refused, 409, "too_many_scanning")?;
        ensure!(said["limit"] == 3, "{said}");
        ensure!(refused.header("retry-after").is_some());
    }
    Ok(())
}
