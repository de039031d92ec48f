//! Files through upload, scanner and checks: which become readable, and which never do.

use anyhow::ensure;
use serde_json::{Value, json};
use tests::app::{App, play};
use tests::files::{self, TestFile};
use tests::http::{Upload, eventually, text_at};
use tests::people::{Candidate, Persona};

#[tokio::test]
async fn real_files_become_available_and_their_links_work_until_they_expire() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let cv = files::cv("Somebody");
        for (kind, file, pages) in [
            ("cv", cv.clone(), Some(2)),
            ("certificate", files::certificate(), None),
            ("photo", files::photo(), None),
        ] {
            let settled = candidate.upload_settled(kind, &file).await?;
            ensure!(settled["status"] == "available", "{kind}: {settled}");
            ensure!(
                pages.is_none() || settled["page_count"] == json!(pages),
                "{settled}"
            );
        }
        let list = candidate.client.get("/documents").await?.expect(200)?;
        let id = list["items"]
            .as_array()
            .and_then(|items| items.iter().find(|item| item["kind"] == "cv"))
            .and_then(|item| item["id"].as_str())
            .map(str::to_owned)
            .unwrap_or_default();
        reads_by_link(app, &candidate, &id, &cv).await?;
        let page = candidate
            .client
            .get(&format!("/documents/{id}/pages/1"))
            .await?;
        ensure!(page.status == 200, "{}", page.text());
        ensure!(
            page.header("content-type")
                .is_some_and(|kind| kind.starts_with("image/"))
        );
        Ok(())
    })
    .await;
}

async fn reads_by_link(
    app: &App,
    candidate: &Candidate,
    id: &str,
    file: &TestFile,
) -> anyhow::Result<()> {
    let body = json!({ "ttl_seconds": 2, "disposition": "inline" });
    let path = format!("/documents/{id}/links");
    let link = candidate.client.post(&path, body).await?.expect(201)?;
    let url = text_at(&link, "/url")?;
    let answer = app.place.api.get(url).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    ensure!(answer.body == file.content, "the very bytes that were sent");
    for (name, part) in [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox"),
        ("cache-control", "no-store, no-transform"),
    ] {
        let value = answer.header(name).unwrap_or_default();
        ensure!(value.contains(part), "{name}: {value}");
    }
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let late = app.place.api.get(url).await?;
    ensure!(
        (400..500).contains(&late.status),
        "an expired link: {}",
        late.status
    );
    ensure!(!late.body.starts_with(b"%PDF"));
    let too_long = json!({ "ttl_seconds": 901, "disposition": "inline" });
    candidate.client.post(&path, too_long).await?.problem(422)?;
    Ok(())
}

#[tokio::test]
async fn infected_and_false_files_are_never_readable() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let suspects = [
            (files::eicar(), "infected"),
            (files::infected_pdf(), "infected"),
            (files::active_pdf(), "rejected"),
            (files::truncated_pdf(), "rejected"),
            (files::truncated_jpeg(), "rejected"),
            (files::broken_pdf(), "rejected"),
            (files::false_extension(), "rejected"),
            (files::polyglot(), "rejected"),
            (files::archive(), "rejected"),
        ];
        for (file, expected) in suspects {
            let settled = candidate.upload_settled("diploma", &file).await?;
            ensure!(
                settled["status"] == expected,
                "{} is {expected}: {settled}",
                file.name
            );
            unreadable(&candidate, &settled).await?;
        }
        let owner = app.owner().await;
        eventually(
            "the keys of refused files are destroyed",
            candidate.deadline,
            async || {
                let kept: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM document.documents
                 WHERE status <> 'available' AND key_wrapped IS NOT NULL",
                )
                .fetch_one(&owner)
                .await?;
                Ok((kept == 0).then_some(()))
            },
        )
        .await?;
        let address = &candidate.persona.email;
        app.place
            .mailbox
            .wait(address, "what was found", |mail| mail.token().is_none())
            .await?;
        Ok(())
    })
    .await;
}

async fn unreadable(candidate: &Candidate, document: &Value) -> anyhow::Result<()> {
    let id = text_at(document, "/id")?;
    candidate
        .link(id)
        .await?
        .refused(409, "document_not_available")?;
    let pages = candidate
        .client
        .get(&format!("/documents/{id}/pages/1"))
        .await?;
    pages.refused(409, "document_not_available")?;
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_at_once() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        candidate
            .upload("cv", &files::oversize())
            .await?
            .problem(413)?;
        candidate
            .upload("cv", &files::empty())
            .await?
            .problem(422)?;
        let text = TestFile::new("cv.txt", "text/plain", "Me");
        candidate.upload("cv", &text).await?.problem(415)?;
        let program = files::cv("x").named("cv.exe");
        candidate.upload("cv", &program).await?.problem(415)?;
        candidate
            .upload("selfie", &files::cv("x"))
            .await?
            .problem(422)?;
        let mut late = Upload::new("cv", &files::cv("x"));
        late.late_fields = std::mem::take(&mut late.fields);
        candidate.send_upload(late).await?.problem(422)?;
        let foreign = Upload::new("work_certificate", &files::cv("x"))
            .field("experience_id", "0190a000-0000-7000-8000-000000000000");
        candidate.send_upload(foreign).await?.problem(422)?;
        candidate
            .client
            .post("/documents", json!({}))
            .await?
            .problem(415)?;
        let list = candidate.client.get("/documents").await?.expect(200)?;
        ensure!(list["items"] == json!([]), "nothing was kept: {list}");
        Ok(())
    })
    .await;
}
