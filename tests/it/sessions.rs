//! Ends of sessions that no refresh and no login in flight outruns.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde_json::{Value, json};
use store::Context;
use store::clock::Clock;
use store::identity::{lift_suspension, suspend};
use tests::api::{PASSWORD, Reply, Session, TestApi, TestTime, credentials};

const EMAIL: &str = "awa@example.ci";
/// How often each end is tried: a hole of a few milliseconds is met within some tries.
const ROUNDS: usize = 6;
/// Sessions that refresh at once.
const SESSIONS: usize = 6;
/// The longest life of an access token.
const ACCESS: TimeDelta = TimeDelta::minutes(15);

/// What clients were given while they went on refreshing.
#[derive(Default)]
struct Given {
    refresh: Vec<String>,
    access: Vec<String>,
}

impl Given {
    fn take(&mut self, reply: &Reply) -> String {
        let text = |name: &str| reply.body[name].as_str().expect("a token").to_owned();
        self.refresh.push(text("refresh_token"));
        self.access.push(text("access_token"));
        text("refresh_token")
    }
}

async fn refresh(api: &TestApi, token: &str) -> Reply {
    api.post("/auth/refresh", &json!({"refresh_token": token}))
        .await
}

/// What the clients of a race tell each other.
#[derive(Default)]
struct Course {
    stop: AtomicBool,
    refreshed: AtomicUsize,
}

impl Course {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::SeqCst)
    }

    /// Waits until the sessions are refreshed one after another, on however busy a machine.
    async fn is_under_way(&self, sessions: usize) {
        for _ in 0..2_000 {
            if self.refreshed.load(Ordering::SeqCst) >= 2 * sessions {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody refreshes");
    }
}

/// A client that refreshes until it is told to stop or its session is over.
async fn refreshing(api: &TestApi, first: String, course: &Course) -> Given {
    let mut given = Given::default();
    let mut token = first;
    while course.goes_on() {
        let reply = refresh(api, &token).await;
        if reply.status != 200 {
            break;
        }
        token = given.take(&reply);
        course.refreshed.fetch_add(1, Ordering::SeqCst);
    }
    given
}

/// A client that logs in again and again until it is refused.
async fn logging_in(api: &TestApi, course: &Course) -> Given {
    let mut given = Given::default();
    while course.goes_on() {
        let reply = api.post("/auth/login", &credentials(EMAIL, PASSWORD)).await;
        if reply.status != 200 {
            break;
        }
        given.take(&reply);
    }
    given
}

/// Lets clients refresh, and so many log in, while something ends their sessions; what they were
/// given, and when the end was there.
async fn race(
    api: &TestApi,
    sessions: &[Session],
    logins: usize,
    end: impl AsyncFnOnce(),
) -> (Given, DateTime<Utc>) {
    let course = Course::default();
    let refreshers = sessions
        .iter()
        .map(|session| refreshing(api, session.refresh_token.clone(), &course));
    let logins = (0..logins).map(|_| logging_in(api, &course));
    let ending = async {
        course.is_under_way(sessions.len()).await;
        end().await;
        let ended = Clock::system().now();
        // What was in flight comes to its end, and a survivor goes on.
        tokio::time::sleep(Duration::from_millis(150)).await;
        course.stop.store(true, Ordering::SeqCst);
        ended
    };
    let (refreshed, logged_in, ended) =
        tokio::join!(join_all(refreshers), join_all(logins), ending);
    let mut all = Given::default();
    for given in refreshed.into_iter().chain(logged_in) {
        all.refresh.extend(given.refresh);
        all.access.extend(given.access);
    }
    (all, ended)
}

/// When an access token ends, as it says itself.
fn expiry(access_token: &str) -> DateTime<Utc> {
    let claims = access_token.split('.').nth(1).expect("claims");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    DateTime::from_timestamp(claims["exp"].as_i64().unwrap(), 0).unwrap()
}

async fn live_tokens(api: &TestApi) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM auth.refresh_tokens
         WHERE used_at IS NULL AND revoked_at IS NULL AND user_id =
            (SELECT id FROM auth.users WHERE email = $1)",
    )
    .bind(EMAIL)
    .fetch_one(&api.database.owner().await)
    .await
    .unwrap()
}

/// No refresh token works any more, and no access token lives longer than its bound.
async fn expect_no_survivor(api: &TestApi, given: &Given, ended: DateTime<Utc>) {
    assert_eq!(
        live_tokens(api).await,
        0,
        "live refresh tokens after the end"
    );
    for token in given.refresh.iter().rev() {
        assert_eq!(refresh(api, token).await.status, 401, "a survivor");
    }
    for token in &given.access {
        assert!(expiry(token) <= ended + ACCESS, "beyond its bound");
    }
}

/// One after another: logins at the same moment take each other for guesses.
async fn sessions(api: &TestApi) -> Vec<Session> {
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(api.log_in(EMAIL).await);
    }
    sessions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_in_flight_outruns_a_logout_from_everywhere() {
    let api = TestApi::start().await;
    api.join(EMAIL, "candidate").await;
    for _ in 0..ROUNDS {
        let (sessions, own) = (sessions(&api).await, api.log_in(EMAIL).await);
        let body = json!({"refresh_token": own.refresh_token});
        let (given, ended) = race(&api, &sessions, 0, async || {
            let reply = api.post("/auth/logout-all", &body).await;
            assert_eq!(reply.status, 204, "{reply:?}");
        })
        .await;
        expect_no_survivor(&api, &given, ended).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_in_flight_outruns_the_end_of_a_stolen_session() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    api.join(EMAIL, "candidate").await;
    api.post(
        "/auth/logout-all",
        &json!({"refresh_token": api.log_in(EMAIL).await.refresh_token}),
    )
    .await;
    for _ in 0..ROUNDS {
        let stolen = api.log_in(EMAIL).await;
        let mut session = stolen.clone();
        session.refresh_token = Given::default().take(&refresh(&api, &stolen.refresh_token).await);
        time.pass(TimeDelta::seconds(61));
        let (given, _) = race(&api, &[session], 0, async || {
            let reply = refresh(&api, &stolen.refresh_token).await;
            assert_eq!(reply.status, 401, "{reply:?}");
        })
        .await;
        // The test's clock stands still.
        expect_no_survivor(&api, &given, time.clock().now()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_in_flight_outruns_a_suspension() {
    let api = TestApi::start().await;
    let user_id = api.join(EMAIL, "candidate").await.user_id;
    let writer = api.database.writer();
    let context = Context::system(writer.new_id(), None);
    for _ in 0..ROUNDS {
        let sessions = sessions(&api).await;
        let (given, ended) = race(&api, &sessions, 2, async || {
            let changed = suspend(&writer, &context, user_id).await.unwrap();
            assert!(changed);
        })
        .await;
        assert!(lift_suspension(&writer, &context, user_id).await.unwrap());
        expect_no_survivor(&api, &given, ended).await;
    }
}
