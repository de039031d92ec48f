//! A PostgreSQL that has more to do than it can is no PostgreSQL that is away.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::future::join_all;
use serde_json::json;
use store::breaker::BreakerState;
use store::clock::Clock;
use store::{DatabaseConfig, Store, StoreError};
use tests::app::{App, play_with};
use tests::database::TestDatabase;
use tests::http::Answer;
use tests::people::{Candidate, Company, Persona};

const SMALL: DatabaseConfig = DatabaseConfig { max_connections: 2 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_is_used_up_turns_calls_away_and_opens_no_breaker() {
    let database = TestDatabase::create().await;
    let url = database.url("DB_API_URL");
    let store = Store::connect_lazy(&url, &SMALL, Clock::system()).unwrap();
    let held = [
        store.connection().await.unwrap(),
        store.connection().await.unwrap(),
    ];
    // More in a row, and more within the window, than it takes to open a breaker.
    let calls = (0..24).map(|_| store.connection());
    for turned_away in join_all(calls).await {
        let error = turned_away.expect_err("there is no connection left");
        assert!(matches!(error, StoreError::Overloaded { .. }), "{error:?}");
        assert!(error.is_retryable());
    }
    assert_eq!(store.breaker().state(), BreakerState::Closed);
    store.ping().await.expect("PostgreSQL answers");
    drop(held);
    store.connection().await.expect("there is one again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_takes_too_long_is_no_outage_either() {
    let database = TestDatabase::create().await;
    let store = database.store();
    let mut connection = store.connection().await.unwrap();
    let slow = sqlx::query("SELECT pg_sleep(10)").execute(&mut *connection);
    let error = StoreError::from(slow.await.unwrap_err());
    assert!(matches!(error, StoreError::Overloaded { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_is_away_opens_the_breaker_whatever_the_pool_says() {
    let nowhere = "postgres://yemma_api:x@127.0.0.1:1/yemma".to_owned().into();
    let store = Store::connect_lazy(&nowhere, &SMALL, Clock::system()).unwrap();
    let calls = (0..5).map(|_| store.connection());
    for failed in join_all(calls).await {
        let error = failed.expect_err("nobody listens");
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
    assert_eq!(store.breaker().state(), BreakerState::Open);
    let begun = Instant::now();
    store.connection().await.expect_err("it is not even asked");
    assert!(begun.elapsed() < Duration::from_millis(500));
}

/// Searches that hang in PostgreSQL hold every connection of the API.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_searches_are_no_outage_of_everything_else() {
    play_with(&[("DB_MAX_CONNECTIONS", "4")], async |app| {
        let company = Company::join(&app.place, "Lenteur SA").await?;
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let owner = app.owner().await;
        let mut held = owner.begin().await?;
        sqlx::query("LOCK TABLE search.profile_index IN ACCESS EXCLUSIVE MODE")
            .execute(&mut *held)
            .await?;
        let searches = join_all((0..20).map(|_| company.search(json!({}))));
        let meanwhile = ready_all_the_time(app);
        let (answers, ready) = tokio::join!(searches, meanwhile);
        ready?;
        for answer in answers {
            turned_away(&answer?)?;
        }
        held.rollback().await?;
        // As soon as a connection is free, and not after the pause of a breaker.
        candidate.profile_answer().await?.expect(200)?;
        company.search(json!({})).await?.expect(200)?;
        let opened = app.api.log().contains("circuit breaker opened");
        ensure!(!opened, "the breaker opened");
        Ok(())
    })
    .await;
}

async fn ready_all_the_time(app: &App) -> anyhow::Result<()> {
    for _ in 0..10 {
        let ready = app.place.api.get("/readyz").await?;
        ready.expect(200).context("it is busy, not unready")?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

fn turned_away(answer: &Answer) -> anyhow::Result<()> {
    answer.refused(503, "service_unavailable")?;
    let when = answer.header("retry-after").context("when to come back")?;
    ensure!((1..=5).contains(&when.parse::<u64>()?), "{when} s");
    Ok(())
}
