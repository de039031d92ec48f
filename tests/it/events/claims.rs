//! Claims by state with a lease.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;
use store::deliveries::{self, Outcome};
use tests::api::TestTime;
use tests::database::TestDatabase;
use uuid::Uuid;
use workflows::events::{EventType, Service};

use super::support::{delivery, write};

const LEASE: Duration = Duration::from_secs(30);
const SEARCH: [Service; 1] = [Service::Subscription];

#[tokio::test]
async fn a_dead_relays_claim_is_taken_over_and_its_late_word_ignored() {
    let database = TestDatabase::create().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let event = write(
        &writer,
        EventType::SearchPerformed,
        "search",
        Uuid::nil(),
        json!({}),
    )
    .await;

    let first = deliveries::claim(&writer, &SEARCH, 10, LEASE)
        .await
        .unwrap()
        .deliveries;
    assert_eq!(first.len(), 1);
    let again = deliveries::claim(&writer, &SEARCH, 10, LEASE)
        .await
        .unwrap()
        .deliveries;
    assert!(again.is_empty(), "claimed twice within the lease");

    time.pass(TimeDelta::seconds(31));
    let second = deliveries::claim(&writer, &SEARCH, 10, LEASE)
        .await
        .unwrap()
        .deliveries;
    assert_eq!(second.len(), 1);

    let dead = Outcome::Dead {
        reason: "a zombie's word".to_owned(),
    };
    let ignored = deliveries::settle(&writer, &[(first[0].clone(), dead)]).await;
    assert_eq!(ignored.unwrap(), 0);
    let settled = deliveries::settle(&writer, &[(second[0].clone(), Outcome::Delivered)]).await;
    assert_eq!(settled.unwrap(), 1);
    let owner = database.owner().await;
    let found = delivery(&owner, event, "subscription.search.performed").await;
    assert_eq!(found, ("delivered".to_owned(), 0));
}

#[tokio::test]
async fn relays_at_once_share_the_rows_and_none_gets_one_twice() {
    let database = TestDatabase::create().await;
    let writer = database.writer();
    for number in 0..200_u128 {
        let id = Uuid::from_u128(number);
        write(&writer, EventType::SearchPerformed, "search", id, json!({})).await;
    }
    let claims = (0..8).map(|_| async {
        let mut claimed = Vec::new();
        loop {
            let batch = deliveries::claim(&writer, &SEARCH, 7, LEASE)
                .await
                .unwrap()
                .deliveries;
            if batch.is_empty() {
                return claimed;
            }
            claimed.extend(batch.into_iter().map(|delivery| delivery.event_id));
        }
    });
    let claimed: Vec<Uuid> = join_all(claims).await.into_iter().flatten().collect();
    let distinct: HashSet<&Uuid> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (200, 200));
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_overlooked() {
    let database = TestDatabase::create().await;
    let (store, writer) = (database.store(), database.writer());
    let context = store::Context::system(store.new_id(), None);
    let event = || {
        let event = EventType::SearchPerformed;
        store::events::NewEvent::new(event, "search", Uuid::nil(), json!({}))
    };
    // The older id commits after the younger one was delivered.
    let mut slow = store.begin().await.unwrap();
    let older = store::events::append(&mut slow, &store, &context, event())
        .await
        .unwrap();
    let younger = write(
        &store,
        EventType::SearchPerformed,
        "search",
        Uuid::nil(),
        json!({}),
    )
    .await;
    let claimed = deliveries::claim(&writer, &SEARCH, 10, LEASE)
        .await
        .unwrap()
        .deliveries;
    assert_eq!(claimed[0].event_id, younger);
    slow.commit().await.unwrap();
    let claimed = deliveries::claim(&writer, &SEARCH, 10, LEASE)
        .await
        .unwrap()
        .deliveries;
    assert_eq!(claimed[0].event_id, older);
}
