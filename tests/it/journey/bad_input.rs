//! Input that nobody should send gets its documented answer and loses nothing.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::play;
use tests::http::{Answer, text_at};
use tests::people::{Candidate, Persona};

#[tokio::test]
async fn an_autosave_refuses_what_it_cannot_keep_and_loses_nothing() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        candidate
            .save("identity", json!({ "city": "Dakar" }))
            .await?;
        let before = candidate.profile_answer().await?;
        for (body, pointer) in unacceptable() {
            let answer = candidate
                .save_against(&before.etag()?, "identity", body.clone())
                .await?;
            answer.problem(422)?;
            let pointers = answer.pointers()?;
            ensure!(
                pointers.iter().any(|found| found.ends_with(pointer)),
                "{body}: {pointers:?}"
            );
        }
        for raw in [r#"{"city": "\ud800"}"#, "{\"city\":", "city=Dakar"] {
            raw_edit(&candidate, &before, raw).await?.problem(400)?;
        }
        let path = "/candidates/me/onboarding/steps/identity";
        let call = candidate.client.call(Method::PATCH, path);
        let call = call.header("if-match", &before.etag()?);
        call.raw("text/plain", "{}").send().await?.problem(415)?;
        let huge = json!({ "city": "x".repeat(3 * 1024 * 1024) });
        candidate
            .save_against(&before.etag()?, "identity", huge)
            .await?
            .problem(413)?;
        // The server hangs up on whom it does not read to the end; a client connects again.
        let patient = candidate.client.patient(std::time::Duration::from_secs(5));
        let after = patient.get("/candidates/me/profile").await?;
        ensure!(after.body == before.body, "nothing has changed");
        Ok(())
    })
    .await;
}

fn unacceptable() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "city": "nul \u{0} inside" }), "/city"),
        (json!({ "city": 5 }), "/city"),
        (json!({ "shoe_size": 44 }), "/shoe_size"),
        (json!({ "city": "x".repeat(201) }), "/city"),
        (json!({ "gender": "unknown" }), "/gender"),
        (json!({ "date_of_birth": "1990-02-30" }), "/date_of_birth"),
        (json!({ "date_of_birth": "2020-01-01" }), "/date_of_birth"),
        (json!({ "phone": "0612345678" }), "/phone"),
        (json!({ "country": "Senegal" }), "/country"),
    ]
}

async fn raw_edit(candidate: &Candidate, profile: &Answer, raw: &str) -> anyhow::Result<Answer> {
    let path = "/candidates/me/onboarding/steps/identity";
    let call = candidate.client.call(Method::PATCH, path);
    let call = call.header("if-match", &profile.etag()?);
    call.raw("application/json", raw).send().await
}

#[tokio::test]
async fn unknown_places_methods_and_ids_are_problems_too() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let client = &candidate.client;
        client.get("/nowhere").await?.problem(404)?;
        client
            .delete("/candidates/me/profile")
            .await?
            .problem(405)?;
        client.get("/documents/not-an-id").await?.problem(404)?;
        client.get("/documents?limit=0").await?.problem(422)?;
        client.get("/documents?limit=101").await?.problem(422)?;
        let french = client.speaking("fr").get("/nowhere").await?.problem(404)?;
        let english = client.speaking("en").get("/nowhere").await?.problem(404)?;
        ensure!(french["code"] == english["code"], "codes are stable");
        ensure!(
            french["title"] != english["title"],
            "messages follow the language: {french}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_key_gives_its_first_answer_again_and_knows_another_request() {
    play(async |app| {
        let api = &app.place.api;
        let persona = Persona::new();
        let body = json!({
            "account_type": "candidate", "email": persona.email, "password": persona.password,
            "first_name": persona.first_name, "last_name": persona.last_name, "accept_terms": true,
        });
        let register = |body: Value| {
            let call = api
                .call(Method::POST, "/auth/register")
                .key("the-same-key-twice");
            call.json(body)
        };
        let first = register(body.clone()).send().await?.expect(202)?;
        let again = register(body.clone()).send().await?.expect(202)?;
        ensure!(first == again, "the same answer");
        let mut other = body.clone();
        other["first_name"] = json!("Somebody else");
        register(other)
            .send()
            .await?
            .refused(422, "idempotency_key_reused")?;
        app.place
            .mailbox
            .token_for(&persona.email, app.place.deadline)
            .await?;
        let created: i64 =
            sqlx::query_scalar("SELECT count(*) FROM events.events WHERE type = 'user.created'")
                .fetch_one(&app.owner().await)
                .await?;
        ensure!(created == 1, "one account, one event: {created}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_upload_repeated_with_its_key_is_one_document() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let upload = || {
            let file = tests::files::cv("Twice");
            let call = candidate
                .client
                .call(Method::POST, "/documents")
                .key("upload-once");
            call.upload(tests::http::Upload::new("cv", &file))
        };
        let first = upload().send().await?.expect(202)?;
        let again = upload().send().await?.expect(202)?;
        ensure!(
            text_at(&first, "/id")? == text_at(&again, "/id")?,
            "{first} {again}"
        );
        let call = candidate
            .client
            .call(Method::POST, "/documents")
            .key("upload-once");
        let other = tests::http::Upload::new("cv", &tests::files::cv("Another"));
        call.upload(other)
            .send()
            .await?
            .refused(422, "idempotency_key_reused")?;
        Ok(())
    })
    .await;
}
