//! The autosave of one step.

use futures::future::join_all;
use serde_json::{Value, json};
use store::candidates::{StepEdit, edit_step};
use store::{Actor, Context};
use tests::api::TestApi;
use tests::statements::counted;
use workflows::candidates::profile::{ConsentVersions, StepName};

use super::{Candidate, add_cv, complete_steps, events, set};

#[tokio::test]
async fn what_was_typed_is_read_back_and_the_gauge_follows() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    for (step, body) in complete_steps() {
        let saved = candidate.save(&api, step, &body).await;
        assert_eq!(saved.status, 200, "{step}: {saved:?}");
        assert_eq!(saved.body["step"]["name"], step);
        assert_eq!(saved.body["step"]["status"], "complete", "{saved:?}");
        let profile = candidate.get(&api, "profile").await;
        assert_eq!(profile.headers["etag"], saved.headers["etag"]);
        for (field, value) in body.as_object().unwrap() {
            assert_read_back(step, field, value, &profile.body);
        }
    }
    add_cv(
        &api.database,
        candidate.profile_id,
        candidate.session.user_id,
    )
    .await;
    let onboarding = candidate.get(&api, "onboarding").await.body;
    assert_eq!(onboarding["completion_percentage"], 94);
    assert_eq!(onboarding["current_step"], "review");
    assert_eq!(onboarding["can_submit"], true);
    assert_eq!(onboarding["blockers"], json!([]));
    assert_eq!(onboarding["steps"].as_array().unwrap().len(), 9);
    assert_eq!(
        events(&api.database, candidate.profile_id, "profile.updated").await,
        6
    );
}

fn assert_read_back(step: &str, field: &str, sent: &Value, profile: &Value) {
    let read = match profile[step].as_array() {
        Some(_) => &profile[step],
        None => &profile[step][field],
    };
    match (sent, read) {
        (Value::Bool(accepted), read) if step == "consent" => {
            assert_eq!(read["accepted"], *accepted);
            assert!(read["version"].is_string() && read["at"].is_string());
        }
        (Value::Array(sent), Value::Array(read)) => {
            assert_eq!(sent.len(), read.len(), "{field}");
            for (sent, read) in sent.iter().zip(read) {
                for (name, value) in sent.as_object().into_iter().flatten() {
                    assert_eq!(&read[name], value, "{field}");
                }
            }
        }
        (Value::String(sent), read) => assert_eq!(read.as_str().unwrap(), sent.trim(), "{field}"),
        (sent, read) => assert_eq!(read, sent, "{field}"),
    }
}

#[tokio::test]
async fn a_number_is_taken_as_it_is_written_and_warned_of_when_it_is_dialled_no_longer() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    for (written, kept, warned) in [
        (
            "\u{202a}+225\u{a0}07 08 09 10 11\u{202c}",
            json!("+2250708091011"),
            false,
        ),
        ("00225 07 08 09 10 11", json!("+2250708091011"), false),
        ("+33 (0)6 12 34 56 78", json!("+33612345678"), false),
        ("+225 07 08 09 10", json!("+22507080910"), true),
        ("+229 97 12 34 56", json!("+22997123456"), true),
        ("", Value::Null, false),
    ] {
        let saved = candidate
            .save(&api, "identity", &json!({"phone": written}))
            .await;
        assert_eq!(saved.status, 200, "{written}: {saved:?}");
        let warnings = saved.body["warnings"].as_array().unwrap();
        assert_eq!(
            warnings.len(),
            usize::from(warned),
            "{written}: {warnings:?}"
        );
        if let Some(warning) = warnings.first() {
            assert_eq!(warning["pointer"], "/phone");
            assert_eq!(warning["code"], "phone_not_dialled");
            assert!(!warning["message"].as_str().unwrap().is_empty());
        }
        let profile = candidate.get(&api, "profile").await.body;
        assert_eq!(profile["identity"]["phone"], kept, "{written}");
    }
    // Whatever else of the step is saved, the number is still told of.
    candidate
        .save(&api, "identity", &json!({"phone": "+225 07 08 09 10"}))
        .await;
    let other = candidate
        .save(
            &api,
            "identity",
            &json!({"city": "", "date_of_birth": "", "gender": "", "country": ""}),
        )
        .await;
    assert_eq!(other.body["warnings"][0]["pointer"], "/phone", "{other:?}");
    assert_eq!(
        candidate.get(&api, "profile").await.body["identity"]["gender"],
        Value::Null
    );
}

#[tokio::test]
async fn an_item_keeps_its_id_and_what_is_not_sent_goes() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let two = json!({"experiences": [{"company": "A"}, {"company": "B"}]});
    candidate.save(&api, "experiences", &two).await;
    let before = candidate.get(&api, "profile").await.body["experiences"].clone();
    let kept =
        json!({"experiences": [{"company": "C"}, {"id": before[1]["id"], "position": "Chef"}]});
    assert_eq!(candidate.save(&api, "experiences", &kept).await.status, 200);
    let after = candidate.get(&api, "profile").await.body["experiences"].clone();
    assert_eq!(after.as_array().unwrap().len(), 2);
    assert_eq!(after[1]["id"], before[1]["id"]);
    assert_eq!(after[1]["position"], "Chef");
    assert_ne!(after[0]["id"], before[0]["id"]);
    let foreign = json!({"experiences": [{"id": before[0]["id"], "company": "A"}]});
    let refused = candidate.save(&api, "experiences", &foreign).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.pointers(), ["/experiences/0/id"]);
}

#[tokio::test]
async fn the_checks_come_in_their_order() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let tag = candidate.tag(&api).await;
    let bad = json!({"phone": 7}).to_string();
    let save = async |step: &str, tag: &str, body: &str| {
        candidate
            .save_if(&api, step, tag, body.to_owned())
            .await
            .status
    };
    assert_eq!(save("identity", &tag, "{").await, 400);
    assert_eq!(save("identity", &tag, r#"{"city": "\ud800"}"#).await, 400);
    assert_eq!(save("nowhere", &tag, "{}").await, 404);
    assert_eq!(save("identity", "\"0\"", &bad).await, 412);
    assert_eq!(save("identity", &tag, &bad).await, 422);
    set(&api.database, candidate.profile_id, "status = 'SUBMITTED'").await;
    assert_eq!(save("identity", "\"0\"", &bad).await, 412);
    assert_eq!(save("identity", &tag, &bad).await, 409);
    assert_eq!(save("identity", &tag, r#"{"city": "a\u0000b"}"#).await, 409);
    let unconditional = api
        .call(
            reqwest::Method::PATCH,
            "/api/v1/candidates/me/onboarding/steps/identity",
        )
        .bearer_auth(&candidate.session.access_token)
        .json(&json!({}));
    assert_eq!(api.send(unconditional).await.status, 428);
    let anonymous = api.call(
        reqwest::Method::PATCH,
        "/api/v1/candidates/me/onboarding/steps/identity",
    );
    assert_eq!(api.send(anonymous.json(&json!({}))).await.status, 401);
}

#[tokio::test]
async fn a_tag_that_a_proxy_changed_is_taken_as_it_was_and_another_spelling_is_not() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    for (before, after) in [
        ("W/\"", "\""),
        ("\"", "-gzip\""),
        ("W/\"", "-br\""),
        ("\"", ";gzip\""),
        ("\"0\", \"", "\""),
    ] {
        let tag = candidate.tag(&api).await;
        let version = tag.trim_matches('"').to_owned();
        let save = async |tag: String| {
            let body = json!({"city": tag}).to_string();
            candidate.save_if(&api, "identity", &tag, body).await
        };
        for wrong in [
            format!("\"+{version}\""),
            format!("\"0{version}\""),
            format!("\" {version}\""),
            version.clone(),
            format!("W/\"{version}x\""),
        ] {
            assert_eq!(save(wrong.clone()).await.status, 412, "{wrong}");
        }
        let changed = format!("{before}{version}{after}");
        let saved = save(changed.clone()).await;
        assert_eq!(saved.status, 200, "{changed}: {saved:?}");
        assert_eq!(saved.headers["cache-control"], "no-store, no-transform");
    }
}

#[tokio::test]
async fn of_two_edits_of_one_version_one_is_kept() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let tag = candidate.tag(&api).await;
    let saves = (0..4).map(|city| {
        let body = json!({"experiences": [{"company": format!("E{city}")}]});
        candidate.save_if(&api, "experiences", &tag, body.to_string())
    });
    let mut statuses: Vec<u16> = join_all(saves).await.iter().map(|r| r.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);
    let items = candidate.get(&api, "profile").await.body["experiences"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_status_says_what_may_be_edited() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let save = async |step: &str| candidate.save(&api, step, &json!({})).await;
    set(
        &api.database,
        candidate.profile_id,
        "status = 'IN_REVIEW', open_correction_steps = '{identity}'",
    )
    .await;
    assert_eq!(save("identity").await.status, 200);
    assert_eq!(save("skills").await.code(), "step_not_open");
    set(
        &api.database,
        candidate.profile_id,
        "status = 'VALIDATED', open_correction_steps = NULL",
    )
    .await;
    assert_eq!(save("identity").await.code(), "step_verified");
    assert_eq!(save("skills").await.status, 200);
    assert_eq!(save("job_preferences").await.status, 200);
    set(
        &api.database,
        candidate.profile_id,
        "status = 'REJECTED', resubmission_open_at = '2030-01-02T03:04:05Z'",
    )
    .await;
    let rejected = save("skills").await;
    assert_eq!(rejected.status, 409);
    assert_eq!(
        rejected.body["resubmission_open_at"],
        "2030-01-02T03:04:05Z"
    );
}

#[tokio::test]
async fn search_hears_only_of_a_validated_profile() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    candidate.save(&api, "skills", &json!({})).await;
    set(&api.database, candidate.profile_id, "status = 'VALIDATED'").await;
    candidate.save(&api, "skills", &json!({})).await;
    let heard: Vec<String> = sqlx::query_scalar(
        "SELECT d.consumer FROM events.deliveries d JOIN events.events e ON e.id = d.event_id
         WHERE e.type = 'profile.updated' ORDER BY e.id, d.consumer",
    )
    .fetch_all(&api.database.owner().await)
    .await
    .unwrap();
    assert_eq!(
        heard,
        [
            "audit.profile.updated",
            "candidate.profile.updated",
            "audit.profile.updated",
            "candidate.profile.updated",
            "search.profile.updated"
        ]
    );
}

#[tokio::test]
async fn of_two_edits_at_once_that_ask_for_no_version_neither_is_lost() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let owner = api.database.owner().await;
    // Both have begun before either can write.
    let mut held = owner.begin().await.unwrap();
    sqlx::query("SELECT id FROM candidate.profiles WHERE id = $1 FOR UPDATE")
        .bind(candidate.profile_id)
        .execute(&mut *held)
        .await
        .unwrap();
    let technical = json!({"technical": [{"name": "OHADA", "level": "expert", "years": 8}]});
    let tools = json!({"tools": [{"name": "Sage", "level": "advanced"}]});
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        held.rollback().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(
        candidate.save_if(&api, "skills", "*", technical.to_string()),
        candidate.save_if(&api, "skills", "*", tools.to_string()),
        release,
    );
    assert_eq!((first.status, second.status), (200, 200));
    let profile = candidate.get(&api, "profile").await.body;
    assert_eq!(profile["skills"]["technical"][0]["name"], "OHADA");
    assert_eq!(profile["skills"]["tools"][0]["name"], "Sage");
}

#[tokio::test]
async fn an_edit_is_at_most_four_statements() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let store = api.database.store();
    let versions = ConsentVersions {
        terms_of_use: "1".to_owned(),
        processing_of_personal_data: "1".to_owned(),
        permission_to_verify: "1".to_owned(),
    };
    let context = Context {
        actor: Actor::Person(candidate.session.user_id),
        ..Context::system(store.new_id(), None)
    };
    let tag = candidate.tag(&api).await;
    let mut version: i64 = tag.trim_matches('"').parse().unwrap();
    for (step, body) in complete_steps() {
        let edit = StepEdit {
            user_id: candidate.session.user_id,
            step: StepName::from_code(step).unwrap(),
            versions: Some(&[version]),
            body,
            consent_versions: &versions,
        };
        let (edited, statements) = counted(edit_step(&store, &context, edit)).await;
        version = edited.unwrap().version;
        assert!(
            (3..=4).contains(&statements.len()),
            "{step}: {statements:#?}"
        );
    }
}

#[tokio::test]
async fn the_api_cannot_write_a_status() {
    let api = TestApi::start().await;
    let candidate = Candidate::join(&api).await;
    let store = api.database.store();
    for statement in [
        "UPDATE candidate.profiles SET status = 'VALIDATED' WHERE id = $1",
        "UPDATE candidate.profiles SET submission_number = 7 WHERE id = $1",
        "UPDATE candidate.profiles SET open_correction_steps = '{identity}' WHERE id = $1",
        "DELETE FROM candidate.profiles WHERE id = $1",
        "INSERT INTO candidate.status_changes
            (id, profile_id, from_status, to_status, cause, occurred_at)
         VALUES (gen_random_uuid(), $1, 'DRAFT', 'VALIDATED', 'validated', now())",
        "INSERT INTO candidate.profiles
            (id, user_id, status, draft_since, created_at, updated_at)
         VALUES (gen_random_uuid(), $1, 'VALIDATED', now(), now(), now())",
    ] {
        let mut connection = store.connection().await.unwrap();
        let refused = sqlx::query(statement)
            .bind(candidate.profile_id)
            .execute(&mut *connection)
            .await
            .unwrap_err();
        let code = refused.as_database_error().unwrap().code().unwrap();
        assert_eq!(code, "42501", "{statement}");
    }
}
