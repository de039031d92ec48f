//! Onboarding through HTTP: autosave, gauge, blockers, tags, and other people's things.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::play;
use tests::files;
use tests::http::text_at;
use tests::people::{Candidate, Persona, identity};

#[tokio::test]
async fn a_fresh_profile_is_there_after_the_first_login_and_lists_what_blocks_it() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let onboarding = candidate.onboarding().await?;
        ensure!(onboarding["current_step"] == "consent", "{onboarding}");
        ensure!(onboarding["can_submit"] == false, "{onboarding}");
        let refused = candidate.submit().await?;
        refused.problem(422)?;
        let mut pointers = refused.pointers()?;
        let mut expected = fresh_blockers();
        pointers.sort();
        expected.sort();
        ensure!(
            pointers == expected,
            "{pointers:?} where {expected:?} was promised"
        );
        let mut listed = pointers_of(&onboarding["blockers"]);
        listed.sort();
        ensure!(listed == expected, "the two lists are one: {listed:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_edit_needs_the_present_tag_and_raises_it() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let first = candidate.profile_answer().await?.etag()?;
        let body = json!({ "city": "Dakar" });
        let path = "/candidates/me/onboarding/steps/identity";
        candidate
            .client
            .patch(path, body.clone())
            .await?
            .problem(428)?;
        let saved = candidate
            .save_against(&first, "identity", body.clone())
            .await?;
        saved.expect(200)?;
        let second = saved.etag()?;
        ensure!(second != first, "an accepted edit raises the version");
        candidate
            .save_against(&first, "identity", body)
            .await?
            .problem(412)?;
        let read = candidate.profile_answer().await?;
        ensure!(read.etag()? == second, "a refused edit does not");
        ensure!(
            read.header("cache-control")
                .is_some_and(|value| value.contains("no-store"))
        );
        let by_step = candidate
            .save_against(&second, "no-such-step", json!({}))
            .await?;
        by_step.problem(404)?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn another_persons_things_are_not_there() {
    play(async |app| {
        let one = Candidate::join(&app.place, Persona::new()).await?;
        let other = Candidate::join(&app.place, Persona::new()).await?;
        let document = one.upload("cv", &files::cv("One")).await?.expect(202)?;
        let id = text_at(&document, "/id")?;
        let client = &other.client;
        client
            .get(&format!("/documents/{id}"))
            .await?
            .problem(404)?;
        client
            .delete(&format!("/documents/{id}"))
            .await?
            .problem(404)?;
        client
            .get(&format!("/documents/{id}/pages/1"))
            .await?
            .problem(404)?;
        other.link(id).await?.problem(404)?;
        let profile = one.profile_id().await?;
        for (path, method) in [
            (format!("/candidates/{profile}"), Method::GET),
            ("/admin/validations".to_owned(), Method::GET),
            (format!("/search/profiles/{profile}"), Method::GET),
        ] {
            client.call(method, &path).send().await?.problem(403)?;
        }
        one.save("identity", identity(&one.persona)).await?;
        ensure!(
            other.profile().await?["identity"]["city"].is_null(),
            "the other's profile is untouched"
        );
        Ok(())
    })
    .await;
}

fn pointers_of(blockers: &Value) -> Vec<String> {
    let list = blockers.as_array().cloned().unwrap_or_default();
    list.iter()
        .filter_map(|blocker| blocker["pointer"].as_str().map(str::to_owned))
        .collect()
}

fn fresh_blockers() -> Vec<String> {
    [
        "/completion_percentage",
        "/consent/terms_of_use",
        "/consent/processing_of_personal_data",
        "/consent/permission_to_verify",
        "/identity/date_of_birth",
        "/identity/nationality",
        "/identity/phone",
        "/identity/city",
        "/identity/country",
        "/identity/profile_title",
        "/identity/professional_summary",
        "/identity/sector",
        "/identity/main_occupation",
        "/identity/total_years_of_experience",
        "/experiences",
        "/educations",
        "/skills/technical",
        "/documents/cv",
        "/job_preferences/desired_positions",
        "/job_preferences/contract_types",
        "/job_preferences/locations",
        "/job_preferences/availability",
        "/job_preferences/salary_range",
    ]
    .map(str::to_owned)
    .to_vec()
}
