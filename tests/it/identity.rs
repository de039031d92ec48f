//! Accounts and sessions, seen from outside and in the database.

use chrono::TimeDelta;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use store::Context;
use store::clock::Clock;
use tests::api::{PASSWORD, TestApi, TestTime, credentials, registration};
use tests::database::TestDatabase;
use workflows::identity::rules::{Permission, Role};

const EMAIL: &str = "awa@example.ci";

async fn count(api: &TestApi, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(&api.database.owner().await)
        .await
        .unwrap()
}

async fn actions(api: &TestApi, name: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM events.events WHERE type || ' ' || coalesce(payload->>'action', '') = $1")
        .bind(name)
        .fetch_one(&api.database.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn verification_gives_a_candidate_everything_at_once() {
    let api = TestApi::start().await;
    let session = api.join(EMAIL, "candidate").await;
    let me = api.get("/auth/me", &session.access_token).await;
    assert_eq!(me.body["roles"], json!(["candidate"]));
    assert_eq!(me.body["email"], EMAIL);
    let drafts = count(
        &api,
        "SELECT count(*) FROM candidate.profiles WHERE status = 'DRAFT'",
    )
    .await;
    assert_eq!(drafts, 1);
    assert_eq!(actions(&api, "profile.created ").await, 1);
    assert_eq!(actions(&api, "user.updated ").await, 1);
}

#[tokio::test]
async fn verification_gives_a_company_its_people_and_its_plan() {
    let api = TestApi::start().await;
    let session = api.join(EMAIL, "company").await;
    let company = session
        .company_id
        .expect("the session acts for the company");
    let me = api.get("/auth/me", &session.access_token).await;
    assert_eq!(me.body["roles"], json!(["company_admin"]));
    let plan: String = sqlx::query_scalar(
        "SELECT plan_code FROM subscription.subscriptions WHERE company_id = $1",
    )
    .bind(company)
    .fetch_one(&api.database.owner().await)
    .await
    .unwrap();
    assert_eq!(plan, "freemium");
    assert_eq!(actions(&api, "company.created ").await, 1);
    assert_eq!(actions(&api, "subscription.created ").await, 1);
}

#[tokio::test]
async fn a_verified_address_is_left_alone_and_its_owner_told_once_a_day() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    api.join(EMAIL, "candidate").await;
    let fresh = api
        .post(
            "/auth/register",
            &registration("new@example.ci", "candidate"),
        )
        .await;
    let mut body = registration("AWA@example.ci", "candidate");
    body["first_name"] = json!("Eve");
    for _ in 0..3 {
        let known = api.post("/auth/register", &body).await;
        assert_eq!((known.status, &known.body), (fresh.status, &fresh.body));
    }
    assert_eq!(actions(&api, "user.action registration_attempted").await, 1);
    time.pass(TimeDelta::hours(24));
    api.post("/auth/register", &body).await;
    assert_eq!(actions(&api, "user.action registration_attempted").await, 2);
    let names = count(
        &api,
        "SELECT count(*) FROM auth.users WHERE first_name = 'Eve'",
    )
    .await;
    assert_eq!(names, 0);
}

#[tokio::test]
async fn a_link_clicked_many_times_at_once_verifies_once() {
    let api = TestApi::start().await;
    api.post("/auth/register", &registration(EMAIL, "candidate"))
        .await;
    let body = json!({"token": api.verification_token(EMAIL).await});
    let replies = join_all((0..16).map(|_| api.post("/auth/verify-email", &body))).await;
    assert!(
        replies.iter().all(|reply| reply.status == 204),
        "{replies:?}"
    );
    assert_eq!(actions(&api, "profile.created ").await, 1);
    assert_eq!(api.post("/auth/verify-email", &body).await.status, 204);
}

#[tokio::test]
async fn a_link_ends_with_its_time() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    api.post("/auth/register", &registration(EMAIL, "candidate"))
        .await;
    sqlx::query("UPDATE auth.one_time_links SET expires_at = created_at + interval '24 hours'")
        .execute(&api.database.owner().await)
        .await
        .unwrap();
    let body = json!({"token": api.verification_token(EMAIL).await});
    time.pass(TimeDelta::hours(24));
    let late = api.post("/auth/verify-email", &body).await;
    assert_eq!((late.status, late.code()), (422, "invalid_token"));
}

#[tokio::test]
async fn one_key_makes_one_registration_however_often_it_is_sent() {
    let api = TestApi::start().await;
    let send = async |body: Value| {
        let call = api
            .call(Method::POST, "/api/v1/auth/register")
            .header("idempotency-key", "k-1");
        api.send(call.json(&body)).await
    };
    let body = registration(EMAIL, "candidate");
    let replies = join_all((0..8).map(|_| send(body.clone()))).await;
    assert!(
        replies.iter().all(|reply| reply.status == 202),
        "{replies:?}"
    );
    assert_eq!(count(&api, "SELECT count(*) FROM events.events").await, 1);
    let other = send(registration("other@example.ci", "candidate")).await;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_key_reused")
    );
    let call = api
        .call(Method::POST, "/api/v1/auth/register")
        .header("idempotency-key", "a b");
    assert_eq!(api.send(call.json(&body)).await.status, 400);
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_its_theft_ends_the_session() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    let session = api.join(EMAIL, "candidate").await;
    let refresh = async |token: &str| {
        api.post("/auth/refresh", &json!({"refresh_token": token}))
            .await
    };
    let replies = join_all((0..8).map(|_| refresh(&session.refresh_token))).await;
    let next = replies[0].body["refresh_token"]
        .as_str()
        .expect("a successor")
        .to_owned();
    assert!(
        replies
            .iter()
            .all(|reply| reply.body["refresh_token"] == next.as_str()),
        "{replies:?}"
    );
    assert_eq!(
        count(&api, "SELECT count(*) FROM auth.refresh_tokens").await,
        2
    );
    time.pass(TimeDelta::seconds(59));
    let late = refresh(&session.refresh_token).await;
    assert_eq!(late.body["refresh_token"], next.as_str());
    time.pass(TimeDelta::seconds(2));
    let stolen = refresh(&session.refresh_token).await;
    assert_eq!(
        (stolen.status, stolen.code()),
        (401, "invalid_refresh_token")
    );
    assert_eq!(refresh(&next).await.status, 401);
    assert_eq!(actions(&api, "user.action session_revoked").await, 1);
    let told = "SELECT count(*) FROM events.deliveries JOIN events.events ON id = event_id
        WHERE payload->>'action' = 'session_revoked' AND consumer LIKE 'notification.%'";
    assert_eq!(count(&api, told).await, 1, "the owner is told");
}

/// A lost answer is asked for again before its successor is used; afterwards it is a thief's.
#[tokio::test]
async fn a_token_whose_successor_was_used_is_stolen_however_soon() {
    let api = TestApi::start().await;
    let session = api.join(EMAIL, "candidate").await;
    let refresh = async |token: &str| {
        let reply = api
            .post("/auth/refresh", &json!({"refresh_token": token}))
            .await;
        let next = reply.body["refresh_token"].as_str().map(str::to_owned);
        (reply.status, next.unwrap_or_default())
    };
    let (_, second) = refresh(&session.refresh_token).await;
    let (status, third) = refresh(&second).await;
    assert_eq!(status, 200);
    assert_eq!(refresh(&session.refresh_token).await.0, 401);
    assert_eq!(refresh(&third).await.0, 401);
    assert_eq!(actions(&api, "user.action session_revoked").await, 1);
    // What is over already is no theft.
    assert_eq!(refresh(&second).await.0, 401);
    assert_eq!(actions(&api, "user.action session_revoked").await, 1);
}

#[tokio::test]
async fn logging_out_ends_one_session_or_all() {
    let api = TestApi::start().await;
    let (one, two) = (api.join(EMAIL, "candidate").await, api.log_in(EMAIL).await);
    let three = api.log_in(EMAIL).await;
    let body = |token: &str| json!({"refresh_token": token});
    assert_eq!(
        api.post("/auth/logout", &body(&one.refresh_token))
            .await
            .status,
        204
    );
    assert_eq!(
        api.post("/auth/refresh", &body(&one.refresh_token))
            .await
            .status,
        401
    );
    assert_eq!(
        api.post("/auth/logout-all", &body(&two.refresh_token))
            .await
            .status,
        204
    );
    assert_eq!(
        api.post("/auth/refresh", &body(&three.refresh_token))
            .await
            .status,
        401
    );
    assert_eq!(
        api.post("/auth/logout", &body("nobody's")).await.status,
        204
    );
}

#[tokio::test]
async fn guessing_slows_down_and_the_owner_still_gets_in() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    api.join(EMAIL, "candidate").await;
    time.pass(TimeDelta::seconds(1));
    let wrong = credentials(EMAIL, "not the password");
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(api.post("/auth/login", &wrong).await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    let refused = api.post("/auth/login", &credentials(EMAIL, PASSWORD)).await;
    assert_eq!((refused.status, refused.code()), (429, "login_slowed_down"));
    assert_eq!(refused.headers["retry-after"], "1");
    time.pass(TimeDelta::seconds(1));
    assert_eq!(
        api.post("/auth/login", &credentials(EMAIL, PASSWORD))
            .await
            .status,
        200
    );
    // A success from here forgives what failed from here.
    assert_eq!(api.post("/auth/login", &wrong).await.status, 401);
}

#[tokio::test]
async fn attempts_at_the_same_moment_see_each_other() {
    let api = TestApi::start().await;
    let wrong = credentials(EMAIL, "not the password");
    let replies = join_all((0..40).map(|_| api.post("/auth/login", &wrong))).await;
    let looked_at = replies.iter().filter(|reply| reply.status == 401).count();
    assert!(looked_at < 20, "{looked_at} passwords were tried at once");
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status, 401 | 429)),
        "{:?}",
        replies.iter().map(|reply| reply.status).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_suspension_acts_within_five_seconds() {
    let api = TestApi::start().await;
    let session = api.join(EMAIL, "candidate").await;
    assert_eq!(api.get("/auth/me", &session.access_token).await.status, 200);
    sqlx::query("UPDATE auth.users SET suspended_at = now()")
        .execute(&api.database.owner().await)
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5_050)).await;
    assert_eq!(api.get("/auth/me", &session.access_token).await.status, 401);
    let body = json!({"refresh_token": session.refresh_token});
    assert_eq!(api.post("/auth/refresh", &body).await.status, 401);
    let login = api.post("/auth/login", &credentials(EMAIL, PASSWORD)).await;
    assert_eq!((login.status, login.code()), (403, "account_suspended"));
}

#[tokio::test]
async fn a_candidate_may_not_what_a_reviewer_may() {
    let api = TestApi::start().await;
    let session = api.join(EMAIL, "candidate").await;
    let company = api.join("co@example.ci", "company").await;
    for path in ["/admin/validations", "/admin/dead-letters"] {
        for token in [&session.access_token, &company.access_token] {
            let reply = api.get(path, token).await;
            assert!(
                matches!(reply.status, 403 | 404),
                "{path}: {}",
                reply.status
            );
        }
    }
}

#[tokio::test]
async fn accounts_never_verified_are_removed_after_a_week() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    api.join("verified@example.ci", "candidate").await;
    api.post("/auth/register", &registration(EMAIL, "candidate"))
        .await;
    let writer = api.database.writer_with(time.clock());
    let context = Context::system(writer.new_id(), None);
    let sweep = async || {
        store::identity::remove_unverified(&writer, &context)
            .await
            .unwrap()
    };
    time.pass(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(sweep().await, 0);
    time.pass(TimeDelta::seconds(2));
    assert_eq!(sweep().await, 1);
    assert_eq!(count(&api, "SELECT count(*) FROM auth.users").await, 1);
    assert_eq!(actions(&api, "user.deleted ").await, 1);
}

#[tokio::test]
async fn the_api_can_neither_suspend_nor_bring_back() {
    let database = TestDatabase::create().await;
    let store = database.store();
    for statement in [
        "UPDATE auth.users SET suspended_at = NULL",
        "DELETE FROM auth.users",
    ] {
        let mut connection = store.connection().await.unwrap();
        let refused = sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn a_fresh_platform_has_the_roles_of_the_rules() {
    let database = TestDatabase::create().await;
    let rows: Vec<(String, Vec<String>)> =
        sqlx::query_as("SELECT name, permissions FROM auth.roles")
            .fetch_all(&database.owner().await)
            .await
            .unwrap();
    assert_eq!(rows.len(), Role::ALL.len());
    for (name, mut permissions) in rows {
        let role = Role::from_code(&name).expect("a role of the rules");
        let words = role
            .default_permissions()
            .iter()
            .map(|permission: &Permission| permission.as_str());
        let mut expected: Vec<&str> = words.collect();
        expected.sort_unstable();
        permissions.sort_unstable();
        assert_eq!(permissions, expected, "{name}");
    }
}

#[tokio::test]
async fn staff_is_created_once() {
    use store::identity::{NewStaff, StaffStanding, create_staff};
    let database = TestDatabase::create().await;
    let owner = database.url("DATABASE_URL");
    let store =
        store::Store::connect_lazy(&owner, &store::DatabaseConfig::default(), Clock::system())
            .unwrap();
    let context = Context::system(store.new_id(), None);
    let password = store::secrets::Passwords::new(1)
        .unwrap()
        .hash(&PASSWORD.into())
        .await
        .unwrap();
    let staff = |role| NewStaff {
        email: "root@yemma.test".to_owned(),
        password: password.clone(),
        first_name: "Root".to_owned(),
        last_name: "Yemma".to_owned(),
        role,
    };
    let create = async |role| create_staff(&store, &context, &staff(role)).await.unwrap();
    assert_eq!(create(Role::SuperAdmin).await, StaffStanding::Created);
    assert_eq!(create(Role::SuperAdmin).await, StaffStanding::Unchanged);
    assert_eq!(create(Role::Admin).await, StaffStanding::Granted);
}
