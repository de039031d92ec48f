//! A company finds the candidate, opens the profile once, and reads a document.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::super::stage::Stage;
use crate::http::{list_at, text_at};
use crate::people::{Candidate, Company};

/// A new company on Freemium, then the demo's company on Enterprise.
pub(in super::super) async fn company(
    stage: &mut Stage,
    candidate: &Candidate,
) -> anyhow::Result<()> {
    stage.show.act("A company");
    let newcomer = Company::join(&stage.place, "Sahel Numérique").await?;
    stage.step(
        "a company registers",
        &format!("{}, Freemium", newcomer.email),
    );
    let profile = candidate.profile_id().await?;
    let card = search(stage, &newcomer, &profile).await?;
    anonymous(candidate, &card)?;
    stage.step(
        "the card is anonymous",
        &format!("{}, {} of 5", card["profile_title"], card["score_5"]),
    );
    open(stage, &newcomer, &profile).await?;
    let document = available_document(candidate).await?;
    newcomer
        .link(&document)
        .await?
        .refused(403, "documents_not_in_plan")?;
    stage.step("asks for a document on Freemium", "403: not in its plan");
    document_link(stage, &profile, &document).await?;
    viewers(stage, candidate).await
}

async fn search(stage: &mut Stage, company: &Company, profile: &str) -> anyhow::Result<Value> {
    let query = json!({
        "q": "données",
        "filters": { "skills": [{ "name": "Rust", "level": "advanced" }], "countries": ["SN"] },
        "facets": ["skills", "countries"],
        "sort": "recent",
    });
    let card = company.find(&query, profile).await?;
    let page = company.search(query).await?.expect(200)?;
    let facets = page["facets"]["countries"].to_string();
    stage.step(
        "searches",
        &format!(
            "{} found in {} ms, countries {facets}",
            page["total"], page["took_ms"]
        ),
    );
    Ok(card)
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

async fn open(stage: &mut Stage, company: &Company, profile: &str) -> anyhow::Result<()> {
    company.read(profile).await?.refused(403, "not_opened")?;
    stage.step("reads before opening", "403 not_opened, with the card");
    let (before, _) = company.quota("consultations").await?;
    company.open(profile).await?.expect(201)?;
    let (after, limit) = company.quota("consultations").await?;
    ensure!(
        after == before + 1,
        "one consultation: {before} then {after}"
    );
    let limit = limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    stage.step(
        "opens the profile",
        &format!("201, consultations {after} of {limit}"),
    );
    company.open(profile).await?.expect(200)?;
    ensure!(
        company.quota("consultations").await?.0 == after,
        "opened twice, charged once"
    );
    stage.step("opens it again", "200, no charge");
    Ok(())
}

async fn available_document(candidate: &Candidate) -> anyhow::Result<String> {
    let profile = candidate.profile().await?;
    let documents = list_at(&profile, "/documents")?;
    let cv = documents
        .iter()
        .find(|document| document["kind"] == "cv" && document["status"] == "available")
        .context("an available CV")?;
    Ok(text_at(cv, "/id")?.to_owned())
}

async fn document_link(stage: &mut Stage, profile: &str, document: &str) -> anyhow::Result<()> {
    let company = stage.company.clone();
    company.open(profile).await?.expect(201)?;
    let link = company.link(document).await?.expect(201)?;
    let answer = stage.place.api.get(text_at(&link, "/url")?).await?;
    ensure!(
        answer.status == 200,
        "the link: {} {}",
        answer.status,
        answer.text()
    );
    ensure!(answer.body.starts_with(b"%PDF"), "the link gives the file");
    let outcome = format!(
        "{} bytes by a link until {}",
        answer.body.len(),
        link["expires_at"]
    );
    stage.step("a company on Enterprise reads the CV", &outcome);
    Ok(())
}

async fn viewers(stage: &mut Stage, candidate: &Candidate) -> anyhow::Result<()> {
    let page = candidate
        .client
        .get("/candidates/me/viewers")
        .await?
        .expect(200)?;
    let viewers = list_at(&page, "/items")?;
    ensure!(
        viewers.len() == 2,
        "two companies opened the profile: {page}"
    );
    stage.step(
        "the candidate sees who opened it",
        &format!("{} companies", viewers.len()),
    );
    Ok(())
}
