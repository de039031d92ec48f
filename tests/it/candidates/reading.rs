//! What a candidate, and who may look at one, reads.

use serde_json::json;
use store::candidates::load_profile;
use tests::api::TestApi;
use tests::statements::counted;

use super::{Candidate, complete_steps, events, set};

#[tokio::test]
async fn a_fresh_profile_lists_everything_that_is_missing() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let profile = candidate.get(&api, "profile").await;
    assert_eq!(profile.headers["cache-control"], "no-store, no-transform");
    assert_eq!(profile.body["status"], "DRAFT");
    assert_eq!(profile.body["current_step"], "consent");
    assert_eq!(profile.body["identity"]["first_name"], "Awa");
    assert_eq!(profile.body["revision"], "none");
    let onboarding = candidate.get(&api, "onboarding").await.body;
    assert_eq!(onboarding["can_submit"], false);
    let blockers = onboarding["blockers"].as_array().unwrap();
    let pointers: Vec<&str> = blockers
        .iter()
        .map(|blocker| blocker["pointer"].as_str().unwrap())
        .collect();
    for expected in [
        "/consent/terms_of_use",
        "/identity/phone",
        "/experiences",
        "/educations",
        "/skills/technical",
        "/documents/cv",
        "/job_preferences/desired_positions",
        "/completion_percentage",
    ] {
        assert!(pointers.contains(&expected), "{expected}: {pointers:?}");
    }
    assert_eq!(pointers.len(), 3 + 10 + 4 + 5 + 1, "{pointers:?}");
}

#[tokio::test]
async fn a_whole_profile_is_one_statement() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    for (step, body) in complete_steps() {
        candidate.save(&api, step, &body).await;
    }
    let store = api.database.store();
    let (read, statements) = counted(load_profile(&store, candidate.session.user_id)).await;
    assert_eq!(read.unwrap().unwrap().profile.experiences.len(), 2);
    assert_eq!(statements.len(), 1, "{statements:#?}");
}

#[tokio::test]
async fn only_an_admin_reads_by_id_and_it_is_an_event() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let path = format!("/candidates/{}", candidate.profile_id);
    let own = api.get(&path, &candidate.session.access_token).await;
    assert_eq!(own.status, 403);
    let admin = api.join("admin@example.ci", "candidate").await;
    sqlx::query("INSERT INTO auth.user_roles (user_id, role) VALUES ($1, 'admin')")
        .bind(admin.user_id)
        .execute(&api.database.owner().await)
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
    let read = api.get(&path, &admin.access_token).await;
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(read.body["id"], json!(candidate.profile_id));
    let accessed = events(&api.database, candidate.profile_id, "profile.accessed").await;
    assert_eq!(accessed, 1);
    let absent = format!("/candidates/{}", admin.user_id);
    assert_eq!(api.get(&absent, &admin.access_token).await.status, 404);
    assert_eq!(
        api.get("/candidates/x", &admin.access_token).await.status,
        404
    );
}

#[tokio::test]
async fn the_timeline_begins_with_the_draft_and_pages() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    sqlx::query(
        "INSERT INTO candidate.status_changes
            (id, profile_id, from_status, to_status, cause, occurred_at)
         VALUES ('ffffffff-0000-7000-8000-000000000000', $1, 'DRAFT', 'SUBMITTED', 'submitted',
             now())",
    )
    .bind(candidate.profile_id)
    .execute(&api.database.owner().await)
    .await
    .unwrap();
    let first = candidate.get(&api, "timeline?limit=1").await.body;
    assert_eq!(first["items"][0]["status"], "DRAFT");
    assert_eq!(first["items"][0]["cause"], "created");
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = candidate
        .get(&api, &format!("timeline?limit=1&cursor={cursor}"))
        .await
        .body;
    assert_eq!(next["items"][0]["status"], "SUBMITTED");
    assert_eq!(next["items"][0]["from"], "DRAFT");
    assert_eq!(next["next_cursor"], json!(null));
}

#[tokio::test]
async fn a_candidate_sees_who_opened_the_profile() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let nobody = candidate.get(&api, "viewers").await.body;
    assert_eq!(nobody, json!({"items": [], "next_cursor": null}));
    set(&api.database, candidate.profile_id, "status = 'VALIDATED'").await;
    let company = api.join("company@example.ci", "company").await;
    for month in ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"] {
        sqlx::query(
            "INSERT INTO search.openings
                (company_id, profile_id, period_start, revision_id, opened_by, opened_at)
             VALUES ($1, $2, $3::timestamptz, gen_random_uuid(), $4, $3::timestamptz)",
        )
        .bind(company.company_id)
        .bind(candidate.profile_id)
        .bind(month.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
        .bind(company.user_id)
        .execute(&api.database.owner().await)
        .await
        .unwrap();
    }
    let viewers = candidate.get(&api, "viewers").await.body;
    assert_eq!(viewers["items"].as_array().unwrap().len(), 1);
    assert_eq!(viewers["items"][0]["openings"], 2);
    assert_eq!(viewers["items"][0]["company_name"], "Sahel Services SA");
    assert_eq!(
        viewers["items"][0]["last_opened_at"],
        "2026-02-01T00:00:00Z"
    );
}
