//! What every request passes, seen from outside.

use ::api::gateway::documented::{is_public, operations};
use reqwest::Method;
use serde_json::{Value, json};
use store::clock::Clock;
use tests::api::{Reply, TestApi, credentials, registration};
use uuid::Uuid;

/// The public operations of the contract; everything else needs a token.
const PUBLIC: [&str; 9] = [
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/verify-email/resend",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/logout-all",
    "GET /api/v1/subscriptions/plans",
    "GET /api/v1/reference/{list}",
];
/// A signed link is its own authorization.
const SIGNED: &str = "GET /api/v1/documents/content/{token}";

/// Every operation of the documentation under `/api`, and whether it says it is public.
fn documented() -> Vec<(String, String, bool)> {
    let mut document = ::api::router::document();
    let mut found = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let method = serde_json::to_value(&method).unwrap();
            let method = method.as_str().unwrap().to_uppercase();
            found.push((method, path.clone(), is_public(operation)));
        }
    }
    found.retain(|(_, path, _)| path.starts_with("/api/"));
    found
}

#[test]
fn nothing_is_public_but_what_the_contract_lists() {
    for (method, path, public) in documented() {
        let name = format!("{method} {path}");
        let listed = PUBLIC.contains(&name.as_str()) || name == SIGNED;
        assert_eq!(public, listed, "{name}");
    }
}

#[tokio::test]
async fn every_other_route_is_401_without_a_token() {
    let api = TestApi::start().await;
    for (method, path, _) in documented().into_iter().filter(|(_, _, public)| !public) {
        let id = Uuid::from_u128(7).to_string();
        let url = path
            .split('/')
            .map(|part| if part.starts_with('{') { &id } else { part });
        let url = url.collect::<Vec<_>>().join("/");
        let verb: Method = method.parse().unwrap();
        for token in [None, Some("not.a.token")] {
            let mut call = api.call(verb.clone(), &url);
            if let Some(token) = token {
                call = call.bearer_auth(token);
            }
            let reply = api.send(call).await;
            assert_eq!(
                (reply.status, reply.code()),
                (401, "unauthenticated"),
                "{method} {path}"
            );
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
}

#[test]
fn every_operation_documents_its_errors() {
    let document = serde_json::to_value(::api::router::document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let is_error = status.starts_with(['4', '5']) && path.starts_with("/api/");
                let named = response["$ref"]
                    .as_str()
                    .is_some_and(|name| name.contains("Problem"));
                let inline = response["content"]
                    .get("application/problem+json")
                    .is_some();
                assert!(!is_error || named || inline, "{method} {path} {status}");
            }
        }
    }
}

async fn register(api: &TestApi, body: String) -> Reply {
    let call = api.call(Method::POST, "/api/v1/auth/register");
    let call = call.header("content-type", "application/json").body(body);
    let reply = api.send(call).await;
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    reply
}

#[tokio::test]
async fn what_is_not_json_or_too_much_is_told_apart() {
    let api = TestApi::start().await;
    for (body, status, code) in [
        ("{".to_owned(), 400, "invalid_json"),
        (r#"{"email":"\ud800"}"#.to_owned(), 400, "invalid_json"),
        (
            format!("\"{}\"", "a".repeat(300_000)),
            413,
            "payload_too_large",
        ),
        ("[]".to_owned(), 422, "invalid_input"),
    ] {
        let shown: String = body.chars().take(20).collect();
        let reply = register(&api, body).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{shown}");
    }
}

#[tokio::test]
async fn a_wrong_field_is_pointed_at_and_nothing_is_written() {
    let api = TestApi::start().await;
    for (field, value) in [
        ("email", json!(4)),
        ("email", json!("nobody")),
        ("first_name", json!("a\0b")),
        ("first_name", json!(" ")),
        ("last_name", json!("x".repeat(81))),
        ("unknown", json!(1)),
        ("account_type", json!("staff")),
        ("accept_terms", json!(false)),
        ("password", json!("aaaaaaaaaaaaaaaaaaaa")),
    ] {
        let mut body = registration("awa@example.ci", "candidate");
        body[field] = value;
        let reply = register(&api, body.to_string()).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "invalid_input"),
            "{body}"
        );
        assert_eq!(reply.pointers(), [format!("/{field}")], "{body}");
    }
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM auth.users")
        .fetch_one(&api.database.owner().await)
        .await
        .unwrap();
    assert_eq!(users, 0);
}

#[tokio::test]
async fn compressed_content_is_refused_by_its_own_code() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.ci", "candidate").await;
    for (path, content_type) in [
        ("/auth/register", "application/json"),
        ("/candidates/me/submission", "application/json"),
        ("/documents", "multipart/form-data; boundary=b"),
    ] {
        for (language, words) in [("en", "without compression"), ("fr", "sans compression")] {
            let call = reqwest::Client::builder().no_proxy().build().unwrap();
            let url = api.call(Method::POST, &format!("/api/v1{path}"));
            let url = url.build().unwrap().url().clone();
            let answer = call
                .post(url)
                .header("accept-language", language)
                .header("content-type", content_type)
                .header("content-encoding", "gzip")
                .bearer_auth(&awa.access_token)
                .body(vec![0x1f, 0x8b, 8, 0])
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 415, "{path}");
            assert_eq!(answer.headers()["accept-encoding"], "identity");
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["code"], "unsupported_content_encoding");
            assert!(
                problem["detail"].as_str().unwrap().contains(words),
                "{problem}"
            );
        }
    }
    let plain = api
        .call(Method::POST, "/api/v1/auth/logout")
        .header("content-encoding", "identity")
        .json(&json!({"refresh_token": "x"}));
    assert_eq!(api.send(plain).await.status, 204);
}

#[tokio::test]
async fn a_byte_order_mark_another_order_and_blanks_make_no_other_request() {
    let api = TestApi::start().await;
    let ask = async |body: &str| {
        let call = api
            .call(Method::POST, "/api/v1/auth/register")
            .header("content-type", "application/json")
            .header("idempotency-key", "k-1");
        api.send(call.body(body.to_owned())).await
    };
    let body = registration("awa@example.ci", "candidate");
    let members: Vec<String> = body
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!("{}:\n {value}", json!(name)))
        .collect();
    let backwards: Vec<String> = members.iter().rev().cloned().collect();
    for same in [
        format!("\u{feff}{body}"),
        format!("{{{}}}", members.join(",")),
        format!("{{ {} }}", backwards.join(" , ")),
    ] {
        let reply = ask(&same).await;
        assert_eq!(reply.status, 202, "{same}: {reply:?}");
    }
    let other = registration("awa@example.ci", "company").to_string();
    assert_eq!(ask(&other).await.code(), "idempotency_key_reused");
    let told: i64 =
        sqlx::query_scalar("SELECT count(*) FROM events.events WHERE type = 'user.created'")
            .fetch_one(&api.database.owner().await)
            .await
            .unwrap();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn no_answer_may_be_stored_or_transformed_but_what_is_public() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.ci", "candidate").await;
    for path in [
        "/auth/me",
        "/candidates/me/profile",
        "/notifications",
        "/nowhere",
    ] {
        let reply = api.get(path, &awa.access_token).await;
        assert_eq!(
            reply.headers["cache-control"], "no-store, no-transform",
            "{path}"
        );
    }
    let plans = api.get("/subscriptions/plans", &awa.access_token).await;
    assert_eq!(plans.headers["cache-control"], "public, max-age=300");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_allowed_are_problems_too() {
    let api = TestApi::start().await;
    for (method, path, status, code) in [
        (Method::GET, "/api/v1/nothing", 404, "not_found"),
        (Method::GET, "/nothing", 404, "not_found"),
        (Method::DELETE, "/api/v1/auth/me", 405, "method_not_allowed"),
    ] {
        let reply = api.send(api.call(method, path)).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
        assert_eq!(reply.body["instance"], path);
    }
    let call = api
        .call(Method::POST, "/api/v1/auth/login")
        .header("content-type", "text/plain");
    assert_eq!(api.send(call.body("{}")).await.status, 415);
}

#[tokio::test]
async fn an_answer_speaks_the_language_asked_for() {
    let api = TestApi::start().await;
    let detail = async |language: &str| {
        let call = api
            .call(Method::GET, "/api/v1/auth/me")
            .header("accept-language", language);
        // The client's own header comes first; a list of both is what a browser may send as well.
        let reply = api.send(call).await;
        (
            reply.headers["content-language"]
                .to_str()
                .unwrap()
                .to_owned(),
            reply.body["title"].clone(),
        )
    };
    assert_eq!(
        detail("fr;q=0.1").await,
        ("en".to_owned(), json!("Unauthorized"))
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = api.call(Method::GET, "/api/v1/auth/me").build().unwrap();
    let reply = http.get(call.url().clone()).send().await.unwrap();
    assert_eq!(reply.headers()["content-language"], "fr");
    let body: Value = reply.json().await.unwrap();
    assert_eq!(body["detail"], "Connectez-vous pour continuer.");
}

#[tokio::test]
async fn one_correlation_id_goes_from_the_request_to_its_event() {
    let api = TestApi::start().await;
    let id = Uuid::from_u128(0x0199_a0b4_9f5e_7cc3_b1f2_3f8f_0c5a_7e11);
    let call = api
        .call(Method::POST, "/api/v1/auth/register")
        .header("x-correlation-id", id.to_string());
    let reply = api
        .send(call.json(&registration("awa@example.ci", "candidate")))
        .await;
    assert_eq!(reply.headers["x-correlation-id"], id.to_string().as_str());
    let event: (String, String) =
        sqlx::query_as("SELECT type, origin_address FROM events.events WHERE correlation_id = $1")
            .bind(id)
            .fetch_one(&api.database.owner().await)
            .await
            .unwrap();
    assert_eq!(event, ("user.created".to_owned(), "127.0.0.1".to_owned()));
    let made = api
        .send(
            api.call(Method::GET, "/healthz")
                .header("x-correlation-id", "'; DROP"),
        )
        .await;
    assert!(
        made.headers["x-correlation-id"]
            .to_str()
            .unwrap()
            .parse::<Uuid>()
            .is_ok()
    );
}

#[tokio::test]
async fn without_postgres_everything_is_503_and_the_process_alive() {
    let api = TestApi::start_with(Clock::system(), |config| {
        config.database.url = "postgres://yemma_api:x@127.0.0.1:1/yemma".into();
    })
    .await;
    for _ in 0..7 {
        let reply = api
            .post("/auth/login", &credentials("awa@example.ci", "x"))
            .await;
        assert_eq!((reply.status, reply.code()), (503, "service_unavailable"));
        assert!(reply.headers.contains_key("retry-after"));
    }
    assert_eq!(
        api.send(api.call(Method::GET, "/healthz")).await.status,
        200
    );
    let ready = api.send(api.call(Method::GET, "/readyz")).await;
    assert_eq!(
        (ready.status, &ready.body["dependencies"]["postgres"]),
        (503, &json!("down"))
    );
}

#[tokio::test]
async fn without_redis_and_temporal_people_still_log_in() {
    let api = TestApi::start_with(Clock::system(), |config| {
        config.limits.redis_url = "redis://127.0.0.1:1/0".into();
        config.temporal.address = "127.0.0.1:1".to_owned();
    })
    .await;
    let session = api.join("awa@example.ci", "candidate").await;
    assert_eq!(api.get("/auth/me", &session.access_token).await.status, 200);
    let ready = api.send(api.call(Method::GET, "/readyz")).await;
    assert_eq!(
        (ready.status, &ready.body["status"]),
        (200, &json!("degraded"))
    );
    assert_eq!(ready.body["dependencies"]["redis"], "down");
    assert_eq!(ready.body["dependencies"]["temporal"], "down");
}

#[tokio::test]
async fn an_address_has_a_limit_also_without_redis() {
    let api = TestApi::start_with(Clock::system(), |config| {
        config.limits.redis_url = "redis://127.0.0.1:1/0".into();
        config.limits.auth_requests_per_minute_alone = 3;
    })
    .await;
    for left in ["r=2", "r=1", "r=0"] {
        let reply = api
            .post("/auth/logout", &json!({"refresh_token": "x"}))
            .await;
        assert_eq!(reply.status, 204);
        assert!(reply.headers["ratelimit"].to_str().unwrap().contains(left));
    }
    let reply = api
        .post("/auth/logout", &json!({"refresh_token": "x"}))
        .await;
    assert_eq!((reply.status, reply.code()), (429, "rate_limited"));
    assert!(
        reply.headers.contains_key("retry-after") && reply.headers.contains_key("ratelimit-policy")
    );
    // What anybody may read is counted apart.
    let plans = api.call(Method::GET, "/api/v1/subscriptions/plans");
    let plans = api.send(plans).await;
    assert_eq!(plans.status, 200);
    let left = plans.headers["ratelimit"].to_str().unwrap();
    assert!(left.starts_with("\"public\";r=2;"), "{left}");
}

#[tokio::test]
async fn the_documentation_is_a_page_that_reads_the_document() {
    let api = TestApi::start().await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    let bare = api.call(Method::GET, "/docs").build().unwrap();
    let moved = http.build().unwrap().execute(bare).await.unwrap();
    assert_eq!(moved.status(), 308);
    assert_eq!(moved.headers()["location"], "docs/");
    // With the slash, and by following from without it.
    let followed = api.send(api.call(Method::GET, "/docs")).await;
    assert_eq!(followed.status, 200);
    let page = api.send(api.call(Method::GET, "/docs/")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let script = api
        .send(api.call(Method::GET, "/docs/swagger-initializer.js"))
        .await;
    assert_eq!(script.status, 200);
    let missing = api.send(api.call(Method::GET, "/docs/nothing.js")).await;
    assert_eq!(missing.status, 404);
}
