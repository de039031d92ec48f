//! The submission, over HTTP, through the process, into PostgreSQL.

use futures::future::join_all;
use serde_json::json;
use tests::api::TestApi;
use workflows::candidates::contract::validation_id;

use super::stage::{Mood, Stage};
use super::{Candidate, events, set};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incomplete_profile_is_refused_with_every_blocker() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let refused = candidate.submit(&api, None).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.code(), "profile_incomplete");
    let onboarding = candidate.get(&api, "onboarding").await.body;
    assert_eq!(refused.body["errors"], onboarding["blockers"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complete_profile_is_submitted_once_whatever_is_asked_again() {
    let stage = Stage::new(Mood::Sound).await;
    let api = &stage.api;
    let candidate = Candidate::join(api).await;
    candidate.complete(api).await;
    let tag = candidate.tag(api).await;
    let submitted = candidate.submit(api, Some("k1")).await;
    assert_eq!(submitted.status, 202, "{submitted:?}");
    let case = validation_id(candidate.profile_id, 1);
    assert_eq!(
        submitted.body,
        json!({"status": "SUBMITTED", "validation_id": case,
               "workflow_id": format!("onboarding-{}", candidate.profile_id)})
    );
    let profile = candidate.get(api, "profile").await;
    assert_eq!(profile.body["status"], "SUBMITTED");
    assert!(profile.body["submitted_at"].is_string());
    assert_eq!(profile.headers["etag"].to_str().unwrap(), tag);
    let again = candidate.submit(api, Some("k1")).await;
    assert_eq!((again.status, &again.body), (202, &submitted.body));
    let conflict = candidate.submit(api, Some("k2")).await;
    assert_eq!(
        (conflict.status, conflict.code()),
        (409, "already_submitted")
    );
    assert_eq!(
        candidate.save(api, "identity", &json!({})).await.code(),
        "profile_locked"
    );
    let timeline = candidate.get(api, "timeline").await.body;
    assert_eq!(timeline["items"][1]["status"], "SUBMITTED");
    assert_eq!(timeline["items"][1]["validation_id"], json!(case));
    let told = events(&api.database, candidate.profile_id, "profile.submitted").await;
    assert_eq!(told, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_submissions_at_once_one_is_made() {
    let stage = Stage::new(Mood::Sound).await;
    let api = &stage.api;
    let candidate = Candidate::join(api).await;
    candidate.complete(api).await;
    let replies = join_all((0..5).map(|_| candidate.submit(api, None))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 202, "{statuses:?}");
    assert!(
        statuses[1..].iter().all(|status| *status == 409),
        "{statuses:?}"
    );
    let told = events(&api.database, candidate.profile_id, "profile.submitted").await;
    assert_eq!(told, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_may_fail_or_die_once() {
    for mood in [Mood::FailsOnce, Mood::DiesOnce] {
        let stage = Stage::new(mood).await;
        let api = &stage.api;
        let candidate = Candidate::join(api).await;
        candidate.complete(api).await;
        let submitted = candidate.submit(api, Some("k")).await;
        assert_eq!(submitted.status, 202, "{mood:?} {submitted:?}");
        let told = events(&api.database, candidate.profile_id, "profile.submitted").await;
        assert_eq!(told, 1, "{mood:?}");
        assert_eq!(stage.status(&candidate).await, "SUBMITTED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_temporal_away_it_is_503_and_nothing_moved() {
    let api = TestApi::start_with(store::clock::Clock::system(), |config| {
        "127.0.0.1:1".clone_into(&mut config.temporal.address);
    })
    .await;
    let candidate = Candidate::join(&api).await;
    candidate.complete(&api).await;
    let refused = candidate.submit(&api, Some("k")).await;
    assert_eq!(refused.status, 503);
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(candidate.get(&api, "profile").await.body["status"], "DRAFT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_candidate_is_told_when_to_come_back() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    set(
        &api.database,
        candidate.profile_id,
        "status = 'REJECTED', resubmission_open_at = '2030-01-02T03:04:05Z'",
    )
    .await;
    let refused = candidate.submit(&api, None).await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "resubmission_not_open")
    );
    assert_eq!(refused.body["resubmission_open_at"], "2030-01-02T03:04:05Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn corrections_go_back_to_the_same_case() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    candidate.complete(&api).await;
    let case = validation_id(candidate.profile_id, 1);
    set(
        &api.database,
        candidate.profile_id,
        "status = 'IN_REVIEW', submission_number = 1, open_correction_steps = '{identity}'",
    )
    .await;
    sqlx::query("UPDATE candidate.profiles SET validation_id = $1")
        .bind(case)
        .execute(&api.database.owner().await)
        .await
        .unwrap();
    let writer = api.database.writer();
    let context = store::Context::system(case, None);
    let mut tx = writer.begin().await.unwrap();
    let other = writer.new_id();
    let id = candidate.profile_id;
    let resubmit = store::candidates::resubmit;
    assert!(
        resubmit(&mut tx, &writer, &context, id, other)
            .await
            .unwrap()
            .is_err()
    );
    let done = resubmit(&mut tx, &writer, &context, id, case)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done.validation_id, case);
    tx.commit().await.unwrap();
    let profile = candidate.get(&api, "profile").await.body;
    assert_eq!(profile["status"], "IN_REVIEW");
    assert_eq!(profile["open_steps"], json!([]));
    let started: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events.deliveries WHERE consumer = 'admin.profile.submitted'",
    )
    .fetch_one(&api.database.owner().await)
    .await
    .unwrap();
    assert_eq!(started, 0);
}
