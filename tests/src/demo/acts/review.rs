//! The reviewer's part: correction, interview, grid, decision; and the other outcome.

use anyhow::ensure;
use serde_json::json;

use super::super::stage::Stage;
use crate::http::text_at;
use crate::people::{Candidate, expert_summary, identity};

/// The reviewer claims the case, asks for a correction, and gets the same case back.
pub(in super::super) async fn correction(
    stage: &mut Stage,
    candidate: &Candidate,
    case: &str,
) -> anyhow::Result<()> {
    let reviewer = stage.reviewer.clone();
    let claimed = reviewer.claim(case).await?.expect(200)?;
    ensure!(claimed["status"] == "claimed", "the claim: {claimed}");
    ensure!(
        candidate.status().await? == "IN_REVIEW",
        "a claim begins the review"
    );
    stage.step(
        "a reviewer claims it",
        "IN_REVIEW; the others see who holds it",
    );
    let message = "Merci de préciser le titre de votre profil.";
    reviewer
        .ask_correction(case, message, &["identity"])
        .await?
        .expect(200)?;
    reviewer.wait_case(case, "awaiting_candidate").await?;
    stage.step(
        "asks for a correction of identity",
        "awaiting_candidate, 30 days to answer",
    );
    candidate
        .save("skills", json!({ "tools": [] }))
        .await
        .err()
        .ok_or_else(|| anyhow::anyhow!("only the named step may be edited"))?;
    let mut corrected = identity(&candidate.persona);
    corrected["profile_title"] = json!("Ingénieure de données, temps réel");
    candidate.save("identity", corrected).await?;
    let answer = candidate.submit().await?.expect(202)?;
    ensure!(answer["status"] == "IN_REVIEW", "resubmission: {answer}");
    ensure!(answer["validation_id"] == case, "the same case: {answer}");
    stage.step(
        "the candidate corrects and resubmits",
        "the same case, the same reviewer",
    );
    Ok(())
}

/// Documents, interview, grid, decision.
pub(in super::super) async fn decision(
    stage: &mut Stage,
    candidate: &Candidate,
    case: &str,
) -> anyhow::Result<()> {
    let reviewer = stage.reviewer.clone();
    let early = reviewer.decide(case, "validated", None).await?;
    early.refused(409, "decision_blocked")?;
    stage.step(
        "decides too early",
        &format!("409: {}", early.pointers()?.join(", ")),
    );
    let accepted = reviewer.accept_documents(case).await?;
    stage.step("reviews the documents", &format!("{accepted} accepted"));
    let (interview, _) = reviewer.arrange(case).await?;
    stage.step(
        "arranges an interview in 2 s",
        "an invitation to both (iCalendar)",
    );
    stage.mail("the invitation");
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let report = "Entretien clair et précis, exemples vérifiés.";
    reviewer
        .conclude(case, &interview, report)
        .await?
        .expect(200)?;
    stage.step("reports on it", "done");
    let saved = reviewer.assess(case, &expert_summary()).await?;
    stage.step(
        "fills the grid in",
        &format!("{} of 5, {} of 100", saved["score_5"], saved["score_100"]),
    );
    let decided = reviewer
        .decide(case, "validated", None)
        .await?
        .expect(200)?;
    ensure!(decided["status"] == "VALIDATED", "the decision: {decided}");
    ensure!(
        candidate.status().await? == "VALIDATED",
        "the candidate sees it"
    );
    stage.step("decides", "VALIDATED");
    stage.case = reviewer.case(case).await?;
    let profile = text_at(&stage.case, "/profile_id")?.to_owned();
    stage.workflow("search entry", &format!("search-index-{profile}"));
    Ok(())
}

/// Another candidate is rejected and can never be found.
pub(in super::super) async fn rejection(stage: &mut Stage) -> anyhow::Result<()> {
    stage.show.act("Another candidate");
    let candidate = Candidate::ready(&stage.place).await?;
    let case = candidate.submitted().await?;
    stage.step(
        "registers, fills everything in, submits",
        &candidate.persona.email,
    );
    let reviewer = stage.reviewer.clone();
    reviewer.take(&case).await?;
    let reason = "Les références données n'ont pas pu être confirmées.";
    let decided = reviewer
        .decide(&case, "rejected", Some(reason))
        .await?
        .expect(200)?;
    ensure!(decided["status"] == "REJECTED", "the rejection: {decided}");
    let mailbox = stage.place.mailbox.clone();
    let mail = mailbox
        .wait(&candidate.persona.email, "the reason", |mail| {
            mail.text.contains("références")
        })
        .await?;
    stage.step(
        "is rejected",
        &format!("told why and when to come back: \"{}\"", mail.subject),
    );
    let profile = candidate.profile_id().await?;
    let hit = stage.company.hit(&json!({}), &profile).await?;
    ensure!(hit.is_none(), "a rejected profile is found: {hit:?}");
    stage.company.open(&profile).await?.problem(404)?;
    stage.step(
        "is looked for by a company",
        "found by nobody, 404 by its id",
    );
    stage.workflow("rejected case", &format!("validation-{case}"));
    Ok(())
}
