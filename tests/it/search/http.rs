//! `/search`, `/subscriptions` and `/reference`, seen from outside.

use reqwest::Method;
use serde_json::{Value, json};
use store::search::{PostgresIndex, SearchIndex, entry_of};
use tests::api::{Reply, Session, TestApi};
use tests::search::{Candidate, developer, set_status, validated};

struct Scene {
    api: TestApi,
    session: Session,
    candidate: Candidate,
}

impl Scene {
    async fn new() -> Self {
        let api = TestApi::start().await;
        let session = api.join("rh@example.sn", "company").await;
        let writer = api.database.writer();
        let owner = api.database.owner().await;
        let summary = "Une développeuse rigoureuse.";
        let candidate = validated(&owner, &developer(), 4.2, summary, writer.now()).await;
        let entry = entry_of(&writer, candidate.profile_id)
            .await
            .unwrap()
            .unwrap();
        PostgresIndex::new((*writer).clone())
            .put(&entry)
            .await
            .unwrap();
        Self {
            api,
            session,
            candidate,
        }
    }

    async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Reply {
        let mut call = self
            .api
            .call(Method::POST, &format!("/api/v1{path}"))
            .bearer_auth(&self.session.access_token)
            .json(body);
        if let Some(key) = key {
            call = call.header("idempotency-key", key);
        }
        self.api.send(call).await
    }

    async fn search(&self, body: Value) -> Reply {
        self.post("/search/profiles", &body, None).await
    }

    async fn open(&self, key: Option<&str>) -> Reply {
        let path = format!("/search/profiles/{}/opening", self.candidate.profile_id);
        self.post(&path, &json!({}), key).await
    }

    async fn read(&self) -> Reply {
        let path = format!("/search/profiles/{}", self.candidate.profile_id);
        self.api.get(&path, &self.session.access_token).await
    }

    async fn used(&self, quota: &str) -> i64 {
        let me = self
            .api
            .get("/subscriptions/me", &self.session.access_token)
            .await;
        assert_eq!(me.status, 200, "{me:?}");
        let quotas = me.body["quotas"].as_array().unwrap().clone();
        let quota = quotas.iter().find(|q| q["name"] == quota).unwrap();
        quota["used"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn cards_are_anonymous_and_an_opening_reveals_the_person() {
    let scene = Scene::new().await;
    let found = scene
        .search(json!({"q": "developpeuse rust", "facets": ["skills", "countries"]}))
        .await;
    assert_eq!(
        (found.status, &found.body["total"]),
        (200, &json!(1)),
        "{found:?}"
    );
    let card = &found.body["items"][0];
    assert_eq!(card["profile_id"], scene.candidate.profile_id.to_string());
    assert_eq!(card["score_5"], 4.2);
    assert_eq!(card["already_opened"], false);
    assert!(
        card["summary_highlight"]
            .as_str()
            .unwrap()
            .contains("<em>développeuse</em>")
    );
    assert_eq!(found.body["facets"]["skills"]["Rust"], 1);
    for secret in [
        "Kouam",
        "Awa",
        "2250700",
        "Zyntravo",
        "Secretissime",
        "example.ci",
    ] {
        assert!(!found.body.to_string().contains(secret), "{secret}");
    }
    let closed = scene.read().await;
    assert_eq!((closed.status, closed.code()), (403, "not_opened"));
    assert_eq!(closed.body["card"]["profile_title"], card["profile_title"]);

    let opened = scene.open(None).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    assert_eq!(opened.body["identity"]["last_name"], "Kouamé");
    assert_eq!(opened.body["contact"]["phone"], "+2250700000001");
    assert_eq!(opened.body["expert_opinion"]["score_5"], 4.2);
    assert_eq!(scene.open(None).await.status, 200);
    assert_eq!(scene.read().await.status, 200);
    let found = scene.search(json!({})).await;
    assert_eq!(found.body["items"][0]["already_opened"], true);
    assert_eq!(
        (
            scene.used("consultations").await,
            scene.used("searches").await
        ),
        (1, 2)
    );
}

#[tokio::test]
async fn a_name_an_employer_or_a_contact_finds_nobody() {
    let scene = Scene::new().await;
    for q in [
        "Kouamé",
        "Awa",
        "Zyntravo",
        "Secretissime",
        "+2250700000001",
        "2250700000001",
    ] {
        let found = scene.search(json!({"q": q})).await;
        assert_eq!(found.body["total"], 0, "{q}");
    }
}

#[tokio::test]
async fn a_profile_that_left_validated_is_404_everywhere() {
    let scene = Scene::new().await;
    assert_eq!(scene.open(Some("k-1")).await.status, 201);
    let owner = scene.api.database.owner().await;
    set_status(&owner, scene.candidate.profile_id, "IN_REVIEW").await;
    assert_eq!(scene.read().await.status, 404);
    assert_eq!(scene.open(None).await.status, 404);
    assert_eq!(scene.open(Some("k-1")).await.status, 404);
    assert_eq!(scene.search(json!({})).await.body["total"], 0);
}

#[tokio::test]
async fn a_key_opens_once_and_answers_the_same() {
    let scene = Scene::new().await;
    let first = scene.open(Some("k-1")).await;
    let again = scene.open(Some("k-1")).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(scene.open(Some("k-2")).await.status, 200);
    assert_eq!(scene.used("consultations").await, 1);
    let body = json!({"q": "rust"});
    for _ in 0..2 {
        assert_eq!(
            scene
                .post("/search/profiles", &body, Some("s-1"))
                .await
                .status,
            200
        );
    }
    assert_eq!(scene.used("searches").await, 1);
    let other = scene
        .post("/search/profiles", &json!({"q": "go"}), Some("s-1"))
        .await;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_key_reused")
    );
}

#[tokio::test]
async fn a_used_up_quota_is_402_with_the_date() {
    let scene = Scene::new().await;
    let owner = scene.api.database.owner().await;
    sqlx::query(
        "INSERT INTO subscription.quota_usage (company_id, quota, period_start, used)
        SELECT company_id, 'consultations', anchor, 10 FROM subscription.subscriptions",
    )
    .execute(&owner)
    .await
    .unwrap();
    let refused = scene.open(None).await;
    assert_eq!((refused.status, refused.code()), (402, "quota_exceeded"));
    assert!(refused.body["renews_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let scene = Scene::new().await;
    for (body, pointer) in [
        (json!({"filters": {"names": []}}), "/filters/names"),
        (json!({"facets": ["names"]}), "/facets/0"),
        (json!({"sort": "name"}), "/sort"),
        (json!({"limit": 0}), "/limit"),
        (json!({"cursor": "abc"}), "/cursor"),
    ] {
        let refused = scene.search(body).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec![pointer]));
    }
    let nobody = scene
        .search(json!({"filters": {"countries": ["Atlantis"]}}))
        .await;
    assert_eq!((nobody.status, &nobody.body["total"]), (200, &json!(0)));
}

#[tokio::test]
async fn whoever_left_is_not_counted_while_the_index_lags() {
    let scene = Scene::new().await;
    let owner = scene.api.database.owner().await;
    set_status(&owner, scene.candidate.profile_id, "IN_REVIEW").await;
    let filtered = json!({"filters": {"countries": ["CI"]}, "facets": ["countries", "skills"]});
    let found = scene.search(filtered).await;
    assert_eq!(found.body["total"], 0, "{found:?}");
    assert_eq!(found.body["facets"], json!({"countries": {}, "skills": {}}));
}

#[tokio::test]
async fn pages_follow_each_other_and_a_cursor_keeps_to_its_question() {
    let scene = Scene::new().await;
    let writer = scene.api.database.writer();
    let owner = scene.api.database.owner().await;
    let index = PostgresIndex::new((*writer).clone());
    for score in [3.0, 3.5] {
        let other = validated(&owner, &developer(), score, "Sérieux.", writer.now()).await;
        let entry = entry_of(&writer, other.profile_id).await.unwrap().unwrap();
        index.put(&entry).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = scene
            .search(json!({"sort": "score", "limit": 1, "cursor": cursor}))
            .await;
        assert_eq!(
            (page.status, &page.body["total"]),
            (200, &json!(3)),
            "{page:?}"
        );
        seen.extend(
            page.body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["score_5"].clone()),
        );
        cursor = page.body["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
        let other = scene
            .search(json!({"sort": "recent", "cursor": cursor}))
            .await;
        assert_eq!((other.status, other.pointers()), (422, vec!["/cursor"]));
    }
    assert_eq!(seen, [json!(4.2), json!(3.5), json!(3.0)]);
    assert_eq!(scene.used("searches").await, 1);
}

#[tokio::test]
async fn only_companies_search() {
    let scene = Scene::new().await;
    let candidate = scene.api.join("awa@example.ci", "candidate").await;
    let call = |token: Option<&str>| {
        let call = scene
            .api
            .call(Method::POST, "/api/v1/search/profiles")
            .json(&json!({}));
        match token {
            Some(token) => call.bearer_auth(token),
            None => call,
        }
    };
    assert_eq!(scene.api.send(call(None)).await.status, 401);
    let token = candidate.access_token.as_str();
    assert_eq!(scene.api.send(call(Some(token))).await.status, 403);
    assert_eq!(scene.api.get("/subscriptions/me", token).await.status, 403);
}

#[tokio::test]
async fn plans_and_reference_lists_are_public_and_cached() {
    let api = TestApi::start().await;
    let get = async |path: &str| api.send(api.call(Method::GET, path)).await;
    let plans = get("/api/v1/subscriptions/plans").await;
    assert_eq!(plans.status, 200);
    assert_eq!(plans.body["items"][0]["code"], "freemium");
    assert_eq!(plans.body["items"][2]["quotas"][0]["limit"], Value::Null);
    for list in workflows::reference::LISTS {
        let list = get(&format!("/api/v1/reference/{list}")).await;
        assert_eq!(list.status, 200);
        assert!(
            list.headers["cache-control"]
                .to_str()
                .unwrap()
                .starts_with("public")
        );
        let first = &list.body["items"][0];
        assert!(first["code"].is_string() && first["label_fr"].is_string());
    }
    let unknown = get("/api/v1/reference/nothing").await;
    assert_eq!((unknown.status, unknown.code()), (404, "not_found"));
}
