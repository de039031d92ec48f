//! Registration and verification: an address is its owner's, whoever else has registered it.

use chrono::TimeDelta;
use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};
use tests::api::{PASSWORD, Reply, TestApi, TestTime, credentials, registration};
use tests::database::TestDatabase;

const EMAIL: &str = "awa@example.ci";
const STRANGERS: &str = "tambour-lagune-midi-88";
const MIGRATION: &str = "identity registration attempts";

/// The same address, registered by somebody else.
fn by_stranger() -> Value {
    let mut body = registration(EMAIL, "candidate");
    body["first_name"] = json!("Eve");
    body["password"] = json!(STRANGERS);
    body
}

async fn register(api: &TestApi, body: &Value) {
    let reply = api.post("/auth/register", body).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    assert_eq!(reply.body, json!({"status": "verification_sent"}));
}

/// Registers and gives the token that is mailed for it.
async fn registered(api: &TestApi, body: &Value) -> String {
    register(api, body).await;
    api.verification_token(EMAIL).await
}

async fn verify(api: &TestApi, token: &str, password: Option<&str>) -> Reply {
    let mut body = json!({"token": token});
    if let Some(password) = password {
        body["password"] = json!(password);
    }
    api.post("/auth/verify-email", &body).await
}

fn expect_password_required(reply: &Reply) {
    assert_eq!((reply.status, reply.code()), (422, "password_required"));
    assert_eq!(reply.pointers(), ["/password"]);
    assert_eq!(reply.body["errors"][0]["code"], "password_required");
}

fn expect_invalid_token(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.code()),
        (422, "invalid_token"),
        "{reply:?}"
    );
}

async fn login(api: &TestApi, password: &str) -> Reply {
    api.post("/auth/login", &credentials(EMAIL, password)).await
}

async fn number(api: &TestApi, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(&api.database.owner().await)
        .await
        .unwrap()
}

/// Each of these events is one mail.
async fn mails(api: &TestApi) -> i64 {
    number(
        api,
        "SELECT count(*) FROM events.events WHERE type = 'user.created'
            OR payload->>'action' = 'verification_requested'",
    )
    .await
}

#[tokio::test]
async fn nobodys_click_confirms_somebody_elses_password() {
    for stranger_comes_first in [true, false] {
        let api = TestApi::start().await;
        let own = registration(EMAIL, "candidate");
        let (theirs, mine) = if stranger_comes_first {
            let theirs = registered(&api, &by_stranger()).await;
            (theirs, registered(&api, &own).await)
        } else {
            let mine = registered(&api, &own).await;
            (registered(&api, &by_stranger()).await, mine)
        };
        for (token, password) in [
            (&theirs, None),
            (&theirs, Some(PASSWORD)),
            (&mine, None),
            (&mine, Some(STRANGERS)),
            (&mine, Some("")),
        ] {
            expect_password_required(&verify(&api, token, password).await);
        }
        assert_eq!(login(&api, PASSWORD).await.status / 100, 4);
        assert_eq!(verify(&api, &mine, Some(PASSWORD)).await.status, 204);
        // Again within its time, with or without.
        assert_eq!(verify(&api, &mine, None).await.status, 204);
        expect_invalid_token(&verify(&api, &theirs, Some(STRANGERS)).await);
        expect_invalid_token(&verify(&api, &theirs, None).await);
        assert_eq!(login(&api, STRANGERS).await.code(), "invalid_credentials");
        let me = login(&api, PASSWORD).await;
        assert_eq!(me.body["user"]["first_name"], "Awa", "{me:?}");
        let left = "SELECT count(*) FROM auth.registration_attempts";
        assert_eq!(
            number(&api, left).await,
            0,
            "nothing of the stranger is kept"
        );
        let unsent =
            "SELECT count(*) FROM auth.one_time_links WHERE used_at IS NULL AND voided_at IS NULL";
        assert_eq!(
            number(&api, unsent).await,
            0,
            "no mail on its way is sent any more"
        );
    }
}

/// Who owns the address decides what becomes of it, also as the other kind of account.
#[tokio::test]
async fn the_account_is_what_its_own_registration_said() {
    let api = TestApi::start().await;
    let mut company = registration(EMAIL, "company");
    company["password"] = json!(STRANGERS);
    registered(&api, &registration(EMAIL, "candidate")).await;
    let token = registered(&api, &company).await;
    assert_eq!(verify(&api, &token, Some(STRANGERS)).await.status, 204);
    let me = login(&api, STRANGERS).await;
    assert_eq!(me.body["user"]["account_type"], "company");
    assert_eq!(me.body["user"]["roles"], json!(["company_admin"]));
}

#[tokio::test]
async fn no_registration_in_flight_slips_under_a_click() {
    for _ in 0..6 {
        let api = TestApi::start().await;
        let token = registered(&api, &registration(EMAIL, "candidate")).await;
        let strangers = (0..4).map(async |number| {
            let mut body = by_stranger();
            body["password"] = json!(format!("{STRANGERS}-{number}"));
            register(&api, &body).await;
        });
        let (click, _) = join(verify(&api, &token, None), join_all(strangers)).await;
        if click.status == 204 {
            assert_eq!(login(&api, PASSWORD).await.status, 200);
        } else {
            expect_password_required(&click);
            assert_eq!(verify(&api, &token, Some(PASSWORD)).await.status, 204);
        }
        for number in 0..4 {
            let password = format!("{STRANGERS}-{number}");
            assert_eq!(login(&api, &password).await.status, 401);
        }
    }
}

#[tokio::test]
async fn the_same_registration_within_the_hour_changes_and_mails_nothing() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    let body = registration(EMAIL, "candidate");
    let first = registered(&api, &body).await;
    for _ in 0..4 {
        register(&api, &body).await;
    }
    assert_eq!(mails(&api).await, 1);
    time.pass(TimeDelta::minutes(61));
    let second = registered(&api, &body).await;
    assert_eq!(mails(&api).await, 2);
    let attempts = "SELECT count(*) FROM auth.registration_attempts";
    assert_eq!(number(&api, attempts).await, 1, "the same attempt");
    assert_ne!(first, second);
    // Neither has made the other worthless.
    assert_eq!(verify(&api, &first, None).await.status, 204);
    assert_eq!(verify(&api, &second, None).await.status, 204);
    assert_eq!(login(&api, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_gets_three_mails_an_hour_whoever_asks() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    let resend = async || {
        let reply = api
            .post(
                "/auth/verify-email/resend",
                &json!({"email": "AWA@example.ci"}),
            )
            .await;
        assert_eq!(reply.status, 202, "{reply:?}");
        assert_eq!(reply.body, json!({"status": "verification_sent"}));
    };
    resend().await;
    assert_eq!(mails(&api).await, 0, "nobody registered this address");
    let own = registered(&api, &registration(EMAIL, "candidate")).await;
    resend().await;
    assert_eq!(mails(&api).await, 2);
    assert_ne!(api.verification_token(EMAIL).await, own);
    register(&api, &by_stranger()).await;
    for number in 0..3 {
        let mut more = by_stranger();
        more["password"] = json!(format!("{STRANGERS}-{number}"));
        register(&api, &more).await;
        resend().await;
    }
    assert_eq!(mails(&api).await, 3);
    time.pass(TimeDelta::minutes(61));
    resend().await;
    assert_eq!(mails(&api).await, 4);
    // What was not mailed is no attempt: the owner's own password opens the own link.
    assert_eq!(verify(&api, &own, Some(PASSWORD)).await.status, 204);
    time.pass(TimeDelta::minutes(61));
    resend().await;
    assert_eq!(mails(&api).await, 4, "a verified address is not mailed");
    let malformed = api
        .post("/auth/verify-email/resend", &json!({"email": "awa"}))
        .await;
    assert_eq!(
        (malformed.status, malformed.pointers()),
        (422, vec!["/email"])
    );
}

#[tokio::test]
async fn guesses_at_a_registrations_password_slow_down() {
    let api = TestApi::start_with(TestTime::now().clock(), |_| ()).await;
    registered(&api, &registration(EMAIL, "candidate")).await;
    let token = registered(&api, &by_stranger()).await;
    let mut statuses = Vec::new();
    for number in 0..7 {
        let guess = format!("not the password {number}");
        let reply = verify(&api, &token, Some(&guess)).await;
        statuses.push((reply.status, reply.code().to_owned()));
    }
    assert!(
        statuses[..5].iter().all(|(status, _)| *status == 422),
        "{statuses:?}"
    );
    assert_eq!(statuses[6], (429, "login_slowed_down".to_owned()));
}

#[tokio::test]
async fn a_login_before_the_click_says_so_to_the_last_registration() {
    let api = TestApi::start().await;
    registered(&api, &registration(EMAIL, "candidate")).await;
    let early = login(&api, PASSWORD).await;
    assert_eq!((early.status, early.code()), (403, "email_not_verified"));
    assert_eq!(login(&api, "not the password").await.status, 401);
}

#[tokio::test]
async fn a_name_that_reads_like_a_link_or_a_message_is_refused() {
    let api = TestApi::start().await;
    let long = "é".repeat(61);
    for (field, text) in [
        ("first_name", "http://evil.example"),
        ("first_name", "www.evil.example"),
        ("last_name", "Gagnez sur evil.com"),
        ("last_name", "a/b"),
        ("last_name", "Appelez le 0708091011"),
        ("last_name", long.as_str()),
        ("company_name", "https://evil.example"),
        ("company_name", "Votre prix sur evil.com"),
    ] {
        let mut body = registration(EMAIL, "company");
        body[field] = json!(text);
        let reply = api.post("/auth/register", &body).await;
        assert_eq!(reply.status, 422, "{text}");
        assert_eq!(reply.pointers(), [format!("/{field}")], "{text}");
        let code = if text == long {
            "too_long"
        } else {
            "not_a_name"
        };
        assert_eq!(reply.body["errors"][0]["code"], code, "{text}");
    }
    let users = "SELECT count(*) FROM auth.users";
    assert_eq!(number(&api, users).await, 0);
}

#[tokio::test]
async fn the_language_of_a_browser_is_taken() {
    let api = TestApi::start().await;
    for (number, (tag, kept)) in [
        (json!("fr-FR"), "fr"),
        (json!("fr_CI"), "fr"),
        (json!("en-US"), "en"),
        (json!("EN"), "en"),
        (json!("de-DE"), "fr"),
        (json!("x"), "fr"),
        // That of the answer.
        (json!(""), "en"),
        (Value::Null, "en"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("person{number}@example.ci");
        let mut body = registration(&email, "candidate");
        body["locale"] = tag.clone();
        register(&api, &body).await;
        let token = api.verification_token(&email).await;
        assert_eq!(verify(&api, &token, None).await.status, 204);
        let me = api
            .post("/auth/login", &credentials(&email, PASSWORD))
            .await;
        assert_eq!(me.body["user"]["locale"], kept, "{tag}");
    }
    let mut body = registration(EMAIL, "candidate");
    body["locale"] = json!(5);
    assert_eq!(
        api.post("/auth/register", &body).await.pointers(),
        ["/locale"]
    );
}

#[tokio::test]
async fn an_address_has_one_account_in_whatever_script_it_is_written() {
    let api = TestApi::start().await;
    let kept = "awa@xn--socit-esab.example";
    let mut body = registration("\u{200b}Awa@SOCIÉTÉ.example\u{a0}", "candidate");
    body["first_name"] = json!("\u{feff}Awa\u{200b}");
    body["last_name"] = json!("Ko\u{ad}né");
    register(&api, &body).await;
    let token = api.verification_token(kept).await;
    assert_eq!(verify(&api, &token, None).await.status, 204);
    for written in [
        kept,
        "awa@société.example",
        "AWA@Socie\u{301}te\u{301}.EXAMPLE",
    ] {
        let me = api
            .post("/auth/login", &credentials(written, PASSWORD))
            .await;
        assert_eq!(me.status, 200, "{written}: {me:?}");
        assert_eq!(me.body["user"]["email"], kept);
        assert_eq!(me.body["user"]["first_name"], "Awa");
        assert_eq!(me.body["user"]["last_name"], "Koné");
    }
    register(&api, &registration("awa@société.example", "candidate")).await;
    let users = "SELECT count(*) FROM auth.users";
    assert_eq!(number(&api, users).await, 1);
}

#[tokio::test]
async fn what_ended_long_ago_is_forgotten() {
    use store::identity::{forget_attempts, forget_links, forget_logins, forget_refresh_tokens};
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    let session = api.join("other@example.ci", "candidate").await;
    register(&api, &registration(EMAIL, "candidate")).await;
    let writer = api.database.writer_with(time.clock());
    let count = async |table: &str| -> i64 {
        let query = format!("SELECT count(*) FROM auth.{table}");
        let found = sqlx::query_scalar(AssertSqlSafe(query));
        found.fetch_one(&api.database.owner().await).await.unwrap()
    };
    time.pass(TimeDelta::days(6));
    register(&api, &by_stranger()).await;
    assert_eq!(count("registration_attempts").await, 2);
    time.pass(TimeDelta::days(2));
    assert_eq!(
        forget_attempts(&writer).await.unwrap(),
        1,
        "the first attempt"
    );
    assert_eq!(
        forget_links(&writer).await.unwrap(),
        1,
        "the link that was used"
    );
    assert_eq!(
        count("one_time_links").await,
        1,
        "the link of the attempt that is open"
    );

    let refresh = async |token: &str| {
        api.post("/auth/refresh", &json!({"refresh_token": token}))
            .await
    };
    let next = refresh(&session.refresh_token).await;
    assert_eq!(next.status, 200);
    time.pass(TimeDelta::days(21));
    assert_eq!(forget_refresh_tokens(&writer).await.unwrap(), 0);
    // Its reuse is still seen within its life.
    assert_eq!(refresh(&session.refresh_token).await.status, 401);
    assert_eq!(
        refresh(next.body["refresh_token"].as_str().unwrap())
            .await
            .status,
        401
    );
    time.pass(TimeDelta::days(30) + TimeDelta::seconds(1));
    assert_eq!(
        forget_refresh_tokens(&writer).await.unwrap(),
        1,
        "the one that was revoked"
    );
    time.pass(TimeDelta::days(2));
    assert_eq!(
        forget_refresh_tokens(&writer).await.unwrap(),
        1,
        "the one that was used"
    );
    assert_eq!(forget_logins(&writer).await.unwrap(), 0);
    time.pass(TimeDelta::days(365));
    assert_eq!(forget_logins(&writer).await.unwrap(), 1);
    assert_eq!(count("login_history").await, 0);
}

#[tokio::test]
async fn every_batch_is_swept_until_nothing_is_left() {
    let database = TestDatabase::create().await;
    database
        .owner()
        .await
        .execute(
            "INSERT INTO auth.login_history (id, account_key, network, address, outcome, at)
             SELECT gen_random_uuid(), n::text, '192.0.2.0/24', '192.0.2.1', 'failed',
                now() - interval '2 years' FROM generate_series(1, 2500) n",
        )
        .await
        .unwrap();
    let sweeper = workers::sweeper::Sweeper {
        writer: database.writer(),
        vault: None,
    };
    sweeper.sweep().await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM auth.login_history")
        .fetch_one(&database.owner().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_login_is_in_the_history_of_whoever_has_the_address() {
    let api = TestApi::start().await;
    let session = api.join(EMAIL, "candidate").await;
    api.post("/auth/login", &credentials(EMAIL, "not the password"))
        .await;
    api.post("/auth/login", &credentials("nobody@example.ci", PASSWORD))
        .await;
    let history: Vec<(String, bool)> = sqlx::query_as(
        "SELECT outcome, coalesce(user_id = $1, false) FROM auth.login_history ORDER BY at, id",
    )
    .bind(session.user_id)
    .fetch_all(&api.database.owner().await)
    .await
    .unwrap();
    let expected = [("succeeded", true), ("failed", true), ("failed", false)];
    assert_eq!(
        history,
        expected.map(|(outcome, own)| (outcome.to_owned(), own))
    );
}

#[tokio::test]
async fn accounts_of_the_release_before_are_one_attempt_each() {
    let api = TestApi::start().await;
    let token = registered(&api, &registration(EMAIL, "candidate")).await;
    let owner = api.database.owner().await;
    owner
        .execute(
            "ALTER TABLE auth.one_time_links DROP COLUMN attempt_id;
             DROP TABLE auth.registration_attempts;",
        )
        .await
        .unwrap();
    let migration = store::MIGRATOR
        .iter()
        .find(|migration| migration.description == MIGRATION)
        .expect("the migration");
    owner
        .execute(AssertSqlSafe(migration.sql.as_str().to_owned()))
        .await
        .unwrap();
    let theirs = registered(&api, &by_stranger()).await;
    expect_password_required(&verify(&api, &theirs, None).await);
    expect_password_required(&verify(&api, &token, None).await);
    assert_eq!(verify(&api, &token, Some(PASSWORD)).await.status, 204);
    assert_eq!(login(&api, PASSWORD).await.status, 200);
}

/// While a release is rolled out, the one before it goes on making links without an attempt.
#[tokio::test]
async fn a_link_of_the_release_before_is_as_good_as_its_account() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    let token = registered(&api, &registration(EMAIL, "candidate")).await;
    let before =
        "UPDATE auth.one_time_links SET attempt_id = NULL; DELETE FROM auth.registration_attempts";
    api.database.owner().await.execute(before).await.unwrap();
    let theirs = registered(&api, &by_stranger()).await;
    expect_password_required(&verify(&api, &token, None).await);
    assert_eq!(verify(&api, &token, Some(PASSWORD)).await.status, 204);
    expect_invalid_token(&verify(&api, &theirs, Some(STRANGERS)).await);
    assert_eq!(login(&api, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn one_key_verifies_once_with_its_password() {
    let api = TestApi::start().await;
    registered(&api, &by_stranger()).await;
    let token = registered(&api, &registration(EMAIL, "candidate")).await;
    let send = async |body: &Value| {
        let call = api
            .call(Method::POST, "/api/v1/auth/verify-email")
            .header("idempotency-key", "k-1");
        api.send(call.json(body)).await
    };
    expect_password_required(&send(&json!({"token": token})).await);
    let body = json!({"token": token, "password": PASSWORD});
    assert_eq!(send(&body).await.status, 204);
    assert_eq!(send(&body).await.status, 204);
}
