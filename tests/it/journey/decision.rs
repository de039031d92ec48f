//! From the queue to a decision, and what a company sees after it.

use anyhow::ensure;
use serde_json::{Value, json};
use tests::app::{App, play};
use tests::http::{list_at, text_at};
use tests::people::{Candidate, Company, Reviewer, expert_summary, identity};

#[tokio::test]
async fn a_candidate_is_reviewed_validated_found_and_opened() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        let claimed = reviewer.take(&case).await?;
        ensure!(claimed["status"] == "claimed", "{claimed}");
        blocked_at_first(&reviewer, &case).await?;
        reviewer.accept_documents(&case).await?;
        interview(&reviewer, &case).await?;
        grid(&reviewer, &case).await?;
        let decided = reviewer
            .decide(&case, "validated", None)
            .await?
            .expect(200)?;
        ensure!(decided["status"] == "VALIDATED", "{decided}");
        reviewer
            .decide(&case, "validated", None)
            .await?
            .refused(409, "already_decided")?;
        let mailbox = &app.place.mailbox;
        mailbox
            .wait(&candidate.persona.email, "the decision", |mail| {
                mail.token().is_none()
            })
            .await?;
        let edit = candidate.save("identity", json!({ "city": "Thiès" })).await;
        ensure!(
            edit.is_err(),
            "the verified steps wait for their second round"
        );
        found_and_opened(app, &candidate).await
    })
    .await;
}

async fn blocked_at_first(reviewer: &Reviewer, case: &str) -> anyhow::Result<()> {
    let early = reviewer.decide(case, "validated", None).await?;
    let problem = early.refused(409, "decision_blocked")?;
    let mut codes: Vec<&str> = list_at(&problem, "/errors")?
        .iter()
        .filter_map(|error| error["code"].as_str())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    ensure!(
        codes
            == [
                "assessment_missing",
                "document_unreviewed",
                "interview_not_done"
            ],
        "{problem}"
    );
    reviewer
        .decide(case, "rejected", Some("short"))
        .await?
        .problem(422)?;
    Ok(())
}

async fn interview(reviewer: &Reviewer, case: &str) -> anyhow::Result<()> {
    let past = json!({
        "starts_at": "2020-01-01T10:00:00Z", "duration_minutes": 30, "mode": "phone", "place": "x",
    });
    reviewer.act(case, "interviews", past).await?.problem(422)?;
    let (id, _) = reviewer.arrange(case).await?;
    let early = reviewer
        .conclude(case, &id, "Trop tôt, rien à dire.")
        .await?;
    early.refused(409, "interview_not_started")?;
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    reviewer
        .conclude(case, &id, "Entretien clair et précis.")
        .await?
        .expect(200)?;
    Ok(())
}

async fn grid(reviewer: &Reviewer, case: &str) -> anyhow::Result<()> {
    let path = format!("/admin/validations/{case}/assessment");
    let partial = json!({ "tags": ["calm"] });
    let saved = reviewer.client.put(&path, partial).await?.expect(200)?;
    ensure!(
        saved["complete"] == false && saved["score_5"].is_null(),
        "{saved}"
    );
    let grid = reviewer
        .client
        .get("/admin/assessment-grid")
        .await?
        .expect(200)?;
    let criterion = text_at(&grid, "/categories/0/criteria/0/code")?;
    let outside = json!({ "ratings": [{ "criterion": criterion, "rating": 6 }] });
    reviewer.client.put(&path, outside).await?.problem(422)?;
    reviewer.assess(case, &expert_summary()).await?;
    let card = reviewer
        .client
        .get(&format!("/admin/validations/{case}/card"))
        .await?;
    card.expect(200)?;
    Ok(())
}

async fn found_and_opened(app: &App, candidate: &Candidate) -> anyhow::Result<()> {
    let company = Company::join(&app.place, "Sahel Numérique").await?;
    let profile = candidate.profile_id().await?;
    let card = company.find(&json!({ "q": "rust" }), &profile).await?;
    anonymous(candidate, &card)?;
    for secret in candidate.persona.secrets() {
        let hit = company.hit(&json!({ "q": secret }), &profile).await?;
        ensure!(hit.is_none(), "{secret} finds the person");
    }
    company.read(&profile).await?.refused(403, "not_opened")?;
    let opened = company.open(&profile).await?.expect(201)?;
    ensure!(
        opened.to_string().contains(&candidate.persona.last_name),
        "the full profile"
    );
    company.open(&profile).await?.expect(200)?;
    let (used, limit) = company.quota("consultations").await?;
    ensure!(used == 1 && limit == Some(10), "{used} of {limit:?}");
    let cv = cv_of(candidate).await?;
    company
        .link(&cv)
        .await?
        .refused(403, "documents_not_in_plan")?;
    app.set_plan(&company.email, "enterprise").await?;
    let link = company.link(&cv).await?.expect(201)?;
    let file = app.place.api.get(text_at(&link, "/url")?).await?;
    ensure!(file.body.starts_with(b"%PDF"), "the file");
    let viewers = candidate
        .client
        .get("/candidates/me/viewers")
        .await?
        .expect(200)?;
    ensure!(list_at(&viewers, "/items")?.len() == 1, "{viewers}");
    Ok(())
}

fn anonymous(candidate: &Candidate, card: &Value) -> anyhow::Result<()> {
    let text = card.to_string().to_lowercase();
    for secret in candidate.persona.secrets() {
        ensure!(
            !text.contains(&secret.to_lowercase()),
            "the card tells {secret}: {card}"
        );
    }
    Ok(())
}

async fn cv_of(candidate: &Candidate) -> anyhow::Result<String> {
    let profile = candidate.profile().await?;
    let cv = list_at(&profile, "/documents")?
        .iter()
        .find(|document| document["kind"] == "cv")
        .and_then(|document| document["id"].as_str())
        .map(str::to_owned);
    cv.ok_or_else(|| anyhow::anyhow!("no CV: {profile}"))
}

#[tokio::test]
async fn a_rejected_candidate_is_told_why_and_found_by_nobody() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let company = Company::join(&app.place, "Nulle part").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        reviewer.take(&case).await?;
        let reason = "Les références n'ont pas pu être confirmées.";
        let decided = reviewer
            .decide(&case, "rejected", Some(reason))
            .await?
            .expect(200)?;
        ensure!(decided["status"] == "REJECTED", "{decided}");
        let mailbox = &app.place.mailbox;
        let address = &candidate.persona.email;
        mailbox
            .wait(address, "the reason", |mail| {
                mail.text.contains("références")
            })
            .await?;
        let profile = candidate.profile_id().await?;
        ensure!(
            company.hit(&json!({}), &profile).await?.is_none(),
            "found after all"
        );
        company.open(&profile).await?.problem(404)?;
        company.read(&profile).await?.problem(404)?;
        candidate.submit().await?.problem(409)?;
        let rejected = reviewer
            .client
            .get("/admin/rejected-profiles")
            .await?
            .expect(200)?;
        ensure!(rejected.to_string().contains(&profile), "{rejected}");
        let path = format!("/admin/rejected-profiles/{profile}/reactivation");
        reviewer
            .client
            .post_empty(&path)
            .await?
            .expect_one_of(&[200, 202, 204])?;
        candidate.wait_status("DRAFT").await?;
        candidate.submitted().await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn corrections_open_their_steps_only_and_come_back_to_the_same_case() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        reviewer.take(&case).await?;
        let asked = reviewer
            .ask_correction(&case, "Précisez votre titre.", &["identity"])
            .await?;
        asked.expect(200)?;
        ensure!(candidate.status().await? == "IN_REVIEW");
        reviewer.wait_case(&case, "awaiting_candidate").await?;
        reviewer
            .decide(&case, "validated", None)
            .await?
            .problem(409)?;
        let etag = candidate.profile_answer().await?.etag()?;
        let closed = candidate
            .save_against(&etag, "skills", json!({ "tools": [] }))
            .await?;
        closed.problem(409)?;
        candidate
            .save("identity", identity(&candidate.persona))
            .await?;
        let answer = candidate.submit().await?.expect(202)?;
        ensure!(
            answer["status"] == "IN_REVIEW" && answer["validation_id"] == case,
            "{answer}"
        );
        reviewer.wait_case(&case, "claimed").await?;
        reviewer.accept_documents(&case).await?;
        reviewer
            .interview(&case, "Entretien clair et précis.")
            .await?;
        reviewer.assess(&case, &expert_summary()).await?;
        reviewer
            .decide(&case, "validated", None)
            .await?
            .expect(200)?;
        Ok(())
    })
    .await;
}
