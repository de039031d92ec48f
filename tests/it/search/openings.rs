//! Openings: the quota is exact under any concurrency, nobody pays twice.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use sqlx::PgPool;
use store::search::{Look, Opening, OpeningError, look, open};
use store::{Context, Store};
use tests::api::TestTime;
use tests::database::TestDatabase;
use tests::search::{company, developer, set_status, validated};
use tests::statements::counted;
use uuid::Uuid;

struct Scene {
    database: TestDatabase,
    owner: PgPool,
    time: TestTime,
    store: Store,
}

impl Scene {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let time = TestTime::now();
        Self {
            owner: database.owner().await,
            store: database.store_with(time.clock()),
            time,
            database,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.store.now()
    }

    async fn candidate(&self) -> Uuid {
        validated(
            &self.owner,
            &developer(),
            4.2,
            "Une personne rigoureuse.",
            self.now(),
        )
        .await
        .profile_id
    }

    async fn open(&self, company: Uuid, profile: Uuid) -> Result<Opening, OpeningError> {
        let context = Context::system(self.store.new_id(), None);
        open(
            &self.store,
            &context,
            company,
            profile,
            Uuid::from_u128(9),
            |_| None,
        )
        .await
    }

    /// As a caller does who is told to come back: a busy machine may have no connection to give
    /// within its second.
    async fn open_patiently(&self, company: Uuid, profile: Uuid) -> Result<Opening, OpeningError> {
        loop {
            match self.open(company, profile).await {
                Err(OpeningError::Store(error)) if error.is_retryable() => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    async fn used(&self) -> i64 {
        self.count(
            "SELECT coalesce(sum(used), 0)::bigint FROM subscription.quota_usage
            WHERE quota = 'consultations'",
        )
        .await
    }
}

#[tokio::test]
async fn an_opening_is_charged_once_in_a_period() {
    let scene = Scene::new().await;
    let company = company(&scene.owner, "freemium", scene.now()).await;
    let profile = scene.candidate().await;
    assert!(matches!(
        scene.open(company, profile).await,
        Ok(Opening::Charged(_))
    ));
    assert!(matches!(
        scene.open(company, profile).await,
        Ok(Opening::Again(_))
    ));
    assert_eq!(scene.used().await, 1);
    scene.time.pass(chrono::TimeDelta::days(32));
    assert!(matches!(
        scene.open(company, profile).await,
        Ok(Opening::Charged(_))
    ));
    assert_eq!(scene.used().await, 2);
    let viewed = "SELECT count(*) FROM events.events WHERE type = 'profile.viewed'";
    assert_eq!(scene.count(viewed).await, 2);
}

#[tokio::test]
async fn an_opening_reveals_the_person() {
    let scene = Scene::new().await;
    let company = company(&scene.owner, "enterprise", scene.now()).await;
    let profile = scene.candidate().await;
    let Ok(Opening::Charged(opened)) = scene.open(company, profile).await else {
        panic!("the profile is opened");
    };
    assert_eq!(opened.profile.identity.last_name.as_deref(), Some("Kouamé"));
    assert_eq!(
        opened.profile.identity.phone.as_deref(),
        Some("+2250700000001")
    );
    assert!(opened.email.ends_with("@example.ci"));
    assert_eq!(opened.expert_opinion["summary"], "Une personne rigoureuse.");
    assert_eq!(
        opened.profile.skills.technical[0].name.as_deref(),
        Some("Rust")
    );
    assert!(opened.documents_included);
}

#[tokio::test]
async fn sixty_four_recruiters_with_ten_left_open_exactly_ten() {
    let scene = Scene::new().await;
    let company = company(&scene.owner, "freemium", scene.now()).await;
    let mut profiles = Vec::new();
    for _ in 0..64 {
        profiles.push(scene.candidate().await);
    }
    let outcomes = join_all(
        profiles
            .iter()
            .map(|profile| scene.open_patiently(company, *profile)),
    )
    .await;
    let charged = outcomes
        .iter()
        .filter(|o| matches!(o, Ok(Opening::Charged(_))))
        .count();
    let refused = outcomes
        .iter()
        .filter(|o| matches!(o, Err(OpeningError::QuotaExceeded { .. })))
        .count();
    assert_eq!((charged, refused), (10, 54));
    assert_eq!(scene.used().await, 10);
    assert_eq!(
        scene.count("SELECT count(*) FROM search.openings").await,
        10
    );
    let exceeded = "SELECT count(*) FROM events.events WHERE type = 'quota.exceeded'";
    assert_eq!(scene.count(exceeded).await, 1);
    let viewed = "SELECT count(*) FROM events.events WHERE type = 'profile.viewed'";
    assert_eq!(scene.count(viewed).await, 10);
}

#[tokio::test]
async fn sixty_four_recruiters_on_one_profile_pay_once() {
    let scene = Scene::new().await;
    let company = company(&scene.owner, "freemium", scene.now()).await;
    let profile = scene.candidate().await;
    let outcomes = join_all((0..64).map(|_| scene.open_patiently(company, profile))).await;
    let charged = outcomes
        .iter()
        .filter(|o| matches!(o, Ok(Opening::Charged(_))))
        .count();
    let again = outcomes
        .iter()
        .filter(|o| matches!(o, Ok(Opening::Again(_))))
        .count();
    assert_eq!((charged, again), (1, 63));
    assert_eq!(scene.used().await, 1);
    // Whether a colleague lost the race or came later, what was shown is on record.
    let accessed = "SELECT count(*) FROM events.events WHERE type = 'profile.accessed'";
    assert_eq!(scene.count(accessed).await, 63);
}

#[tokio::test]
async fn a_used_up_quota_says_when_it_renews_and_tells_it_once() {
    let scene = Scene::new().await;
    let anchor = scene.now();
    let company = company(&scene.owner, "freemium", anchor).await;
    for _ in 0..10 {
        let profile = scene.candidate().await;
        scene.open(company, profile).await.unwrap();
    }
    let profile = scene.candidate().await;
    for _ in 0..3 {
        let Err(OpeningError::QuotaExceeded { renews_at }) = scene.open(company, profile).await
        else {
            panic!("the quota is used up");
        };
        assert_eq!(renews_at, anchor + chrono::Months::new(1));
    }
    let exceeded = "SELECT count(*) FROM events.events WHERE type = 'quota.exceeded'";
    assert_eq!(scene.count(exceeded).await, 1);
    // A larger plan keeps the period and changes its limit.
    let context = Context::system(scene.store.new_id(), None);
    let writer = scene.database.writer_with(scene.time.clock());
    store::subscriptions::set_plan(&writer, &context, company, "pro")
        .await
        .unwrap();
    assert!(matches!(
        scene.open(company, profile).await,
        Ok(Opening::Charged(_))
    ));
    assert_eq!(scene.used().await, 11);
}

#[tokio::test]
async fn whoever_is_not_validated_now_is_not_there() {
    let scene = Scene::new().await;
    let company = company(&scene.owner, "enterprise", scene.now()).await;
    let profile = scene.candidate().await;
    scene.open(company, profile).await.unwrap();
    let context = Context::system(scene.store.new_id(), None);
    for status in ["DRAFT", "SUBMITTED", "IN_REVIEW", "REJECTED", "ARCHIVED"] {
        set_status(&scene.owner, profile, status).await;
        let opened = scene.open(company, profile).await;
        assert!(matches!(opened, Err(OpeningError::NotFound)), "{status}");
        let seen = look(&scene.store, &context, company, profile)
            .await
            .unwrap();
        assert!(seen.is_none(), "{status}");
    }
    let absent = scene.open(company, Uuid::from_u128(4)).await;
    assert!(matches!(absent, Err(OpeningError::NotFound)));
}

#[tokio::test]
async fn another_companys_opening_opens_nothing() {
    let scene = Scene::new().await;
    let payer = company(&scene.owner, "pro", scene.now()).await;
    let other = company(&scene.owner, "pro", scene.now()).await;
    let profile = scene.candidate().await;
    scene.open(payer, profile).await.unwrap();
    let context = Context::system(scene.store.new_id(), None);
    let own = look(&scene.store, &context, payer, profile).await.unwrap();
    assert!(matches!(own, Some(Look::Opened(_))));
    let foreign = look(&scene.store, &context, other, profile).await.unwrap();
    let Some(Look::NotOpened(card)) = foreign else {
        panic!("only the card");
    };
    let shown = format!("{card:?}");
    for secret in [
        "Kouamé",
        "Awa",
        "+225",
        "Zyntravo",
        "Secretissime",
        "example.ci",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn an_opening_takes_three_counted() {
    let scene = Scene::new().await;
    let company = company(&scene.owner, "freemium", scene.now()).await;
    let profile = scene.candidate().await;
    let (outcome, sent) = counted(scene.open(company, profile)).await;
    assert!(matches!(outcome, Ok(Opening::Charged(_))));
    assert_eq!(sent.len(), 3, "{sent:#?}");
    let (outcome, sent) = counted(scene.open(company, profile)).await;
    assert!(matches!(outcome, Ok(Opening::Again(_))));
    assert_eq!(sent.len(), 2, "{sent:#?}");
    let context = Context::system(scene.store.new_id(), None);
    let (seen, sent) = counted(look(&scene.store, &context, company, profile)).await;
    assert!(matches!(seen, Ok(Some(Look::Opened(_)))));
    assert_eq!(sent.len(), 2, "{sent:#?}");
}
