//! Candidates: edits, submission and the onboarding.

mod editing;
mod onboarding;
mod poison;
mod reading;
mod stage;
mod submission;

use reqwest::Method;
use serde_json::{Value, json};
use tests::api::{Reply, Session, TestApi};
use tests::database::TestDatabase;
use uuid::Uuid;

/// The address of the candidate of a test.
const EMAIL: &str = "awa@example.ci";

/// Somebody who writes a profile.
struct Candidate {
    session: Session,
    profile_id: Uuid,
}

impl Candidate {
    async fn join(api: &TestApi) -> Self {
        let session = api.join(EMAIL, "candidate").await;
        let profile = api
            .get("/candidates/me/profile", &session.access_token)
            .await;
        let profile_id = profile.body["id"].as_str().unwrap().parse().unwrap();
        Self {
            session,
            profile_id,
        }
    }

    async fn get(&self, api: &TestApi, what: &str) -> Reply {
        let path = format!("/candidates/me/{what}");
        api.get(&path, &self.session.access_token).await
    }

    async fn tag(&self, api: &TestApi) -> String {
        let profile = self.get(api, "profile").await;
        profile.headers["etag"].to_str().unwrap().to_owned()
    }

    /// Saves a step on top of what was read last.
    async fn save(&self, api: &TestApi, step: &str, body: &Value) -> Reply {
        let tag = self.tag(api).await;
        self.save_if(api, step, &tag, body.to_string()).await
    }

    async fn save_if(&self, api: &TestApi, step: &str, tag: &str, body: String) -> Reply {
        let path = format!("/api/v1/candidates/me/onboarding/steps/{step}");
        let request = api
            .call(Method::PATCH, &path)
            .bearer_auth(&self.session.access_token)
            .header("content-type", "application/json")
            .header("if-match", tag)
            .body(body);
        api.send(request).await
    }

    /// Saves everything that a submission needs, the CV included.
    async fn complete(&self, api: &TestApi) {
        for (step, body) in complete_steps() {
            let saved = self.save(api, step, &body).await;
            assert_eq!(saved.status, 200, "{step}: {saved:?}");
        }
        add_cv(&api.database, self.profile_id, self.session.user_id).await;
    }

    async fn submit(&self, api: &TestApi, key: Option<&str>) -> Reply {
        let mut request = api
            .call(Method::POST, "/api/v1/candidates/me/submission")
            .bearer_auth(&self.session.access_token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        api.send(request).await
    }
}

/// Every required field of the steps that have fields.
fn complete_steps() -> [(&'static str, Value); 6] {
    [
        (
            "consent",
            json!({"terms_of_use": true, "processing_of_personal_data": true,
                   "permission_to_verify": true}),
        ),
        (
            "identity",
            json!({"date_of_birth": "1992-04-17", "gender": "female", "nationality": "CI",
                   "phone": "+2250700000001", "city": "Abidjan", "country": "CI",
                   "profile_title": "Comptable confirmée",
                   "professional_summary": ("Dix ans de comptabilité. ".repeat(15).trim()),
                   "sector": "Finance", "main_occupation": "Comptable",
                   "total_years_of_experience": 10}),
        ),
        (
            "experiences",
            json!({"experiences": [
                {"company": "Sahel Conseil", "sector": "Finance", "position": "Comptable",
                 "contract_type": "permanent", "start_date": "2019-01-01", "current": true},
                {"company": "Lagune SA", "sector": "Finance", "position": "Aide-comptable",
                 "start_date": "2016-01-01", "end_date": "2018-12-31"}]}),
        ),
        (
            "educations",
            json!({"educations": [{"diploma": "Licence", "institution": "UFHB", "country": "CI",
                                   "graduation_year": 2015, "level": "bac_3"}]}),
        ),
        (
            "skills",
            json!({"technical": [{"name": "OHADA", "level": "expert", "years": 8}],
                   "tools": [{"name": "Sage", "level": "advanced"}],
                   "languages": [{"code": "fr", "level": "C2"}]}),
        ),
        (
            "job_preferences",
            json!({"desired_positions": ["Chef comptable"], "contract_types": ["permanent"],
                   "locations": ["Abidjan"], "availability": "one_month",
                   "salary_range": {"min": 400_000, "max": 600_000, "currency": "XOF",
                                    "period": "month"}}),
        ),
    ]
}

/// A CV that was scanned clean, as the ingestion leaves it.
async fn add_cv(database: &TestDatabase, profile_id: Uuid, user_id: Uuid) {
    sqlx::query(
        "INSERT INTO document.documents
            (id, profile_id, user_id, kind, file_name, content_type, size, sha256, status,
             page_count, key_wrapped, master_key_id, object_key, created_at, settled_at)
         VALUES (gen_random_uuid(), $1, $2, 'cv', 'cv.pdf', 'application/pdf', 10, repeat('0', 64),
             'available', 1, '\\x00', 'k', gen_random_uuid()::text, now(), now())",
    )
    .bind(profile_id)
    .bind(user_id)
    .execute(&database.owner().await)
    .await
    .unwrap();
}

/// Sets what no request may set.
async fn set(database: &TestDatabase, profile_id: Uuid, assignment: &'static str) {
    let statement = format!("UPDATE candidate.profiles SET {assignment} WHERE id = $1");
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(profile_id)
        .execute(&database.owner().await)
        .await
        .unwrap();
}

/// How many events of that type there are about a profile.
async fn events(database: &TestDatabase, profile_id: Uuid, event_type: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM events.events WHERE aggregate_id = $1 AND type = $2")
        .bind(profile_id)
        .bind(event_type)
        .fetch_one(&database.owner().await)
        .await
        .unwrap()
}
