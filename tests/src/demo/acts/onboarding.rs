//! From the registration to the submission.

use anyhow::ensure;
use serde_json::{Value, json};

use super::super::stage::Stage;
use crate::files;
use crate::http::{Upload, list_at, text_at};
use crate::people::{Candidate, Persona, complete_profile, register, verify};

/// A candidate registers, fills the steps in and uploads proof, an infected file among it.
pub(in super::super) async fn onboarding(stage: &mut Stage) -> anyhow::Result<Candidate> {
    stage.show.act("A candidate");
    let candidate = arrival(stage).await?;
    blocked(stage, &candidate).await?;
    steps(stage, &candidate).await?;
    documents(stage, &candidate).await?;
    infected(stage, &candidate).await?;
    Ok(candidate)
}

async fn arrival(stage: &mut Stage) -> anyhow::Result<Candidate> {
    let persona = Persona::new();
    register(&stage.place, &persona, json!({})).await?;
    let name = format!("{} {}", persona.first_name, persona.last_name);
    stage.step("registers", &format!("{name}, {}", persona.email));
    verify(&stage.place, &persona.email).await?;
    stage.step(
        "follows the link in the mail",
        "the address is verified, a DRAFT profile is there",
    );
    let inbox = stage.mail.clone();
    stage.show.look("mail", &inbox);
    let candidate = Candidate::log_in(&stage.place, persona).await?;
    let profile = candidate.profile().await?;
    ensure!(
        profile["status"] == "DRAFT",
        "a new profile is a draft: {profile}"
    );
    stage.step("logs in", "an access token of 15 minutes");
    let id = text_at(&profile, "/id")?;
    stage.workflow("onboarding", &format!("onboarding-{id}"));
    Ok(candidate)
}

async fn blocked(stage: &mut Stage, candidate: &Candidate) -> anyhow::Result<()> {
    let refused = candidate.submit().await?;
    refused.problem(422)?;
    let blockers = refused.pointers()?;
    ensure!(
        blockers.contains(&"/documents/cv".to_owned()),
        "the CV blocks: {blockers:?}"
    );
    let first = blockers
        .iter()
        .take(3)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let outcome = format!("422 with {} blockers: {first}, …", blockers.len());
    stage.step("submits too early", &outcome);
    Ok(())
}

async fn steps(stage: &mut Stage, candidate: &Candidate) -> anyhow::Result<()> {
    let partial = json!({ "phone": candidate.persona.phone });
    let saved = candidate.save("identity", partial).await?;
    let missing = list_at(&saved, "/step/missing")?.len();
    let gauge = &saved["completion_percentage"];
    stage.step(
        "types a telephone number",
        &format!("saved; {missing} fields to go, gauge {gauge} %"),
    );
    for (step, body) in complete_profile(&candidate.persona) {
        let saved = candidate.save(step, body).await?;
        ensure!(
            saved["step"]["status"] == "complete",
            "{step} is complete: {saved}"
        );
        let gauge = &saved["completion_percentage"];
        stage.step(
            &format!("fills in {step}"),
            &format!("complete, gauge {gauge} %"),
        );
    }
    Ok(())
}

async fn documents(stage: &mut Stage, candidate: &Candidate) -> anyhow::Result<()> {
    let cv = candidate.upload_cv().await?;
    stage.step("uploads a CV (PDF)", "scanned clean, available");
    stage.workflow("CV's way", &format!("document-{cv}"));
    let certificate = certificate_of(candidate).await?;
    ensure!(
        certificate["status"] == "available",
        "the certificate: {certificate}"
    );
    let percentage = candidate.onboarding().await?["completion_percentage"].clone();
    ensure!(percentage == 100, "proof fills the gauge: {percentage}");
    stage.step(
        "uploads a certificate (PNG)",
        &format!("available, gauge {percentage} %"),
    );
    Ok(())
}

async fn certificate_of(candidate: &Candidate) -> anyhow::Result<Value> {
    let profile = candidate.profile().await?;
    let experience = text_at(&profile, "/experiences/0/id")?.to_owned();
    let upload =
        Upload::new("work_certificate", &files::certificate()).field("experience_id", &experience);
    let taken = candidate.send_upload(upload).await?.expect(202)?;
    candidate.settled(text_at(&taken, "/id")?).await
}

async fn infected(stage: &mut Stage, candidate: &Candidate) -> anyhow::Result<()> {
    let document = candidate.upload_settled("diploma", &files::eicar()).await?;
    ensure!(
        document["status"] == "infected",
        "EICAR is caught: {document}"
    );
    let id = text_at(&document, "/id")?;
    candidate
        .link(id)
        .await?
        .refused(409, "document_not_available")?;
    stage.step(
        "uploads EICAR as a diploma",
        "infected: no link, for nobody, ever again",
    );
    stage.workflow("infected file", &format!("document-{id}"));
    let mail = told(stage, candidate, "infected").await?;
    stage.step("is told by mail", &mail);
    Ok(())
}

/// Waits for one more mail than the verification and gives its subject.
async fn told(stage: &Stage, candidate: &Candidate, what: &str) -> anyhow::Result<String> {
    let address = &candidate.persona.email;
    let mail = stage
        .place
        .mailbox
        .wait(address, what, |mail| mail.token().is_none())
        .await?;
    Ok(format!("\"{}\"", mail.subject))
}

/// The candidate submits; the case appears in the queue.
pub(in super::super) async fn submission(
    stage: &mut Stage,
    candidate: &Candidate,
) -> anyhow::Result<String> {
    stage.show.act("The review");
    let answer = candidate.submit().await?.expect(202)?;
    ensure!(answer["status"] == "SUBMITTED", "submission: {answer}");
    let case = text_at(&answer, "/validation_id")?.to_owned();
    stage.step("the candidate submits", &format!("SUBMITTED, case {case}"));
    stage.workflow("the case", &format!("validation-{case}"));
    let queued = stage.reviewer.wait_in_queue(&case).await?;
    ensure!(queued["status"] == "queued", "the case waits: {queued}");
    stage.step(
        "the case is in the queue",
        &format!("within its 48 h: {}", queued["sla"]),
    );
    Ok(case)
}
