//! What the people of a run do, each in their own way.

use anyhow::ensure;
use serde_json::json;

use super::Run;
use crate::files;
use crate::http::text_at;
use crate::people::{Candidate, Persona, identity};

/// Plays one journey; its number says how it ends.
pub(super) async fn play(run: &Run, number: usize) -> anyhow::Result<()> {
    let candidate = arrive(run).await?;
    match number % 5 {
        0 => validated(run, &candidate).await,
        1 => rejected(run, &candidate).await,
        2 => corrected(run, &candidate).await,
        3 => infected(run, &candidate).await,
        _ => waiting(run, &candidate).await,
    }
}

async fn arrive(run: &Run) -> anyhow::Result<Candidate> {
    let persona = Persona::new();
    let mut place = run.place.clone();
    place.api = place.api.noting(&persona.email, &run.journal);
    let candidate = Candidate::join(&place, persona).await?;
    candidate.fill().await?;
    candidate.upload_cv().await?;
    Ok(candidate)
}

async fn validated(run: &Run, candidate: &Candidate) -> anyhow::Result<()> {
    let case = candidate.submitted().await?;
    let profile = candidate.profile_id().await?;
    never_found(run, &profile).await?;
    run.reviewer.validate(&case).await?;
    found(run, &profile).await
}

async fn rejected(run: &Run, candidate: &Candidate) -> anyhow::Result<()> {
    let case = candidate.submitted().await?;
    run.reviewer.take(&case).await?;
    let reason = "Les références n'ont pas pu être confirmées.";
    run.reviewer
        .decide(&case, "rejected", Some(reason))
        .await?
        .expect(200)?;
    never_found(run, &candidate.profile_id().await?).await
}

async fn corrected(run: &Run, candidate: &Candidate) -> anyhow::Result<()> {
    let case = candidate.submitted().await?;
    run.reviewer.take(&case).await?;
    let asked = run
        .reviewer
        .ask_correction(&case, "Précisez votre titre.", &["identity"]);
    asked.await?.expect(200)?;
    candidate
        .save("identity", identity(&candidate.persona))
        .await?;
    ensure!(candidate.submitted().await? == case, "the same case");
    // Accepted is not finished: while the worker is dead the case still awaits the candidate.
    run.reviewer.wait_case(&case, "claimed").await?;
    let profile = candidate.profile_id().await?;
    never_found(run, &profile).await?;
    run.reviewer.accept_documents(&case).await?;
    run.reviewer
        .interview(&case, "Entretien clair et précis.")
        .await?;
    let summary = crate::people::expert_summary();
    run.reviewer.assess(&case, &summary).await?;
    run.reviewer
        .decide(&case, "validated", None)
        .await?
        .expect(200)?;
    found(run, &profile).await
}

/// An infected file is asked for all the time until it is settled, and never given.
async fn infected(run: &Run, candidate: &Candidate) -> anyhow::Result<()> {
    let taken = candidate
        .upload("diploma", &files::eicar())
        .await?
        .expect(202)?;
    let id = text_at(&taken, "/id")?;
    let settled = async {
        let settled = candidate.settled(id).await?;
        ensure!(settled["status"] == "infected", "{settled}");
        anyhow::Ok(())
    };
    let asked = async {
        for _ in 0..10 {
            let link = candidate.link(id).await?;
            ensure!(
                link.status == 409,
                "an infected file is given away: {}",
                link.text()
            );
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(settled, asked)?;
    candidate.submitted().await?;
    never_found(run, &candidate.profile_id().await?).await
}

/// Submits, is claimed, and waits.
async fn waiting(run: &Run, candidate: &Candidate) -> anyhow::Result<()> {
    let case = candidate.submitted().await?;
    run.reviewer.take(&case).await?;
    never_found(run, &candidate.profile_id().await?).await
}

async fn never_found(run: &Run, profile: &str) -> anyhow::Result<()> {
    let hit = run.company.hit(&json!({}), profile).await?;
    ensure!(hit.is_none(), "found without being validated: {hit:?}");
    run.company.open(profile).await?.problem(404)?;
    Ok(())
}

async fn found(run: &Run, profile: &str) -> anyhow::Result<()> {
    crate::http::eventually(
        "the search finds the profile",
        super::PATIENCE,
        async || run.company.hit(&json!({}), profile).await,
    )
    .await?;
    run.company
        .open(profile)
        .await?
        .expect_one_of(&[200, 201])?;
    run.company.open(profile).await?.expect(200)?;
    Ok(())
}
