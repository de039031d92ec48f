//! Answers: whatever an engine says, PostgreSQL has the last word.

use async_trait::async_trait;
use serde_json::json;
use store::search::{
    Answer, Criteria, Hits, IndexEntry, PostgresIndex, SearchIndex, count_search, entry_of, open,
    search,
};
use store::{Context, Store, StoreError};
use tests::database::TestDatabase;
use tests::search::{company, developer, set_status, validated};
use uuid::Uuid;
use workflows::search::query::read_query;

/// An engine that never forgets and always answers with everything it was given.
#[derive(Default)]
struct StaleIndex(Vec<IndexEntry>);

#[async_trait]
impl SearchIndex for StaleIndex {
    async fn put(&self, _: &IndexEntry) -> Result<(), StoreError> {
        Ok(())
    }

    async fn remove(&self, _: Uuid) -> Result<(), StoreError> {
        Ok(())
    }

    async fn search(&self, _: &Criteria) -> Result<Hits, StoreError> {
        let hits = self.0.iter().map(|entry| store::search::Hit {
            entry: entry.clone(),
            highlight: None,
        });
        Ok(Hits {
            total: self.0.len() as u64,
            hits: hits.collect(),
            ..Hits::default()
        })
    }

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn dependency(&self) -> &'static str {
        "stale"
    }
}

async fn ask(store: &Store, index: &dyn SearchIndex, company: Uuid) -> Answer {
    let query = read_query(json!({"facets": ["sectors"]})).unwrap();
    search(store, index, company, &query, 0).await.unwrap()
}

#[tokio::test]
async fn a_stale_hit_never_leaves() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    let company = company(&owner, "pro", store.now()).await;
    let candidate = validated(&owner, &developer(), 4.0, "Rigoureuse.", store.now()).await;
    let entry = entry_of(&store, candidate.profile_id)
        .await
        .unwrap()
        .unwrap();
    let index = StaleIndex(vec![entry]);
    assert_eq!(ask(&store, &index, company).await.cards.len(), 1);
    for status in ["DRAFT", "SUBMITTED", "IN_REVIEW", "REJECTED", "ARCHIVED"] {
        set_status(&owner, candidate.profile_id, status).await;
        let answer = ask(&store, &index, company).await;
        assert_eq!((answer.cards.len(), answer.total), (0, 0), "{status}");
    }
    set_status(&owner, candidate.profile_id, "VALIDATED").await;
    sqlx::query("UPDATE candidate.profile_revisions SET withdrawn_at = now() WHERE id = $1")
        .bind(candidate.revision_id)
        .execute(&owner)
        .await
        .unwrap();
    assert!(ask(&store, &index, company).await.cards.is_empty());
}

#[tokio::test]
async fn an_entry_holds_nothing_that_tells_who_it_is() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    let summary = "Awa Kouamé a brillé chez Zyntravo ; appelez le +225 07 00 00 00 01.";
    let candidate = validated(&owner, &developer(), 4.0, summary, store.now()).await;
    let entry = entry_of(&store, candidate.profile_id)
        .await
        .unwrap()
        .unwrap();
    PostgresIndex::new((*database.writer()).clone())
        .put(&entry)
        .await
        .unwrap();
    let stored: String =
        sqlx::query_scalar("SELECT i::text || (SELECT string_agg(word, ' ') FROM search.words) FROM search.profile_index i")
            .fetch_one(&owner)
            .await
            .unwrap();
    let stored = stored.to_lowercase();
    for secret in [
        "kouam",
        "zyntravo",
        "07 00 00",
        "secretissime",
        "example.ci",
    ] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
}

#[tokio::test]
async fn a_search_is_counted_when_it_is_said_to_be_one() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    let company = company(&owner, "freemium", store.now()).await;
    let index = PostgresIndex::new(store.clone());
    let context = Context::system(store.new_id(), None);
    for _ in 0..60 {
        let period = ask(&store, &index, company).await.period;
        count_search(&store, &context, company, period, None)
            .await
            .unwrap();
    }
    ask(&store, &index, company).await;
    let used: i64 =
        sqlx::query_scalar("SELECT used FROM subscription.quota_usage WHERE quota = 'searches'")
            .fetch_one(&owner)
            .await
            .unwrap();
    assert_eq!(used, 60);
    let events: i64 =
        sqlx::query_scalar("SELECT count(*) FROM events.events WHERE type = 'search.performed'")
            .fetch_one(&owner)
            .await
            .unwrap();
    assert_eq!(events, 60);
}

#[tokio::test]
async fn a_card_says_whether_this_company_opened_it() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    let payer = company(&owner, "pro", store.now()).await;
    let other = company(&owner, "pro", store.now()).await;
    let candidate = validated(&owner, &developer(), 4.0, "Rigoureuse.", store.now()).await;
    let entry = entry_of(&store, candidate.profile_id)
        .await
        .unwrap()
        .unwrap();
    let index = StaleIndex(vec![entry]);
    let context = Context::system(store.new_id(), None);
    open(
        &store,
        &context,
        payer,
        candidate.profile_id,
        Uuid::from_u128(1),
        |_| None,
    )
    .await
    .unwrap();
    assert!(ask(&store, &index, payer).await.cards[0].already_opened);
    assert!(!ask(&store, &index, other).await.cards[0].already_opened);
}
