//! One audit row for each event, whoever writes them.

use futures::future::join_all;
use serde_json::json;
use tests::database::TestDatabase;
use uuid::Uuid;
use workflows::events::EventType;

use super::support::{count, delivery, write};

#[tokio::test]
async fn four_relays_at_once_record_every_event_once() {
    let database = TestDatabase::create().await;
    let (store, writer) = (database.store(), database.writer());
    for number in 0..300_u128 {
        let payload = json!({"user_id": Uuid::from_u128(number)});
        let event = EventType::UserUpdated;
        write(&store, event, "user", Uuid::from_u128(number), payload).await;
    }
    let relays = (0..4).map(|_| async {
        let mut recorded = 0;
        for _ in 0..20 {
            recorded += store::audit::record_due(&writer, 40).await.unwrap();
        }
        recorded
    });
    let recorded: u64 = join_all(relays).await.into_iter().sum();

    assert_eq!(recorded, 300);
    let owner = database.owner().await;
    assert_eq!(
        count(&owner, "SELECT count(*) FROM audit.audit_logs").await,
        300
    );
    let open = "SELECT count(*) FROM events.deliveries WHERE state <> 'delivered'";
    assert_eq!(count(&owner, open).await, 0);
}

#[tokio::test]
async fn a_row_says_who_what_when_on_what_and_in_which_request() {
    let database = TestDatabase::create().await;
    let (store, writer) = (database.store(), database.writer());
    let profile = store.new_id();
    let payload = json!({"profile_id": profile});
    let event = write(
        &store,
        EventType::ProfileAccessed,
        "profile",
        profile,
        payload,
    )
    .await;
    store::audit::record_due(&writer, 10).await.unwrap();
    store::audit::record_one(&writer, event).await.unwrap();

    let owner = database.owner().await;
    let same = "SELECT count(*) FROM audit.audit_logs log JOIN events.events event
         ON event.id = log.event_id AND event.type = log.action
        AND event.aggregate = log.subject AND event.aggregate_id = log.subject_id
        AND event.actor_kind = log.actor_kind AND event.correlation_id = log.correlation_id
        AND event.occurred_at = log.occurred_at AND event.payload = log.payload";
    assert_eq!(count(&owner, same).await, 1);
    let accesses = "SELECT count(*) FROM audit.access_logs WHERE action = 'profile.accessed'";
    assert_eq!(count(&owner, accesses).await, 1);
    let consumer = "audit.profile.accessed";
    assert_eq!(
        delivery(&owner, event, consumer).await,
        ("delivered".to_owned(), 0)
    );
}

#[tokio::test]
async fn nobody_rewrites_the_audit_trail() {
    let database = TestDatabase::create().await;
    for store in [database.store(), (*database.writer()).clone()] {
        for statement in [
            "UPDATE audit.audit_logs SET action = 'x'",
            "DELETE FROM audit.audit_logs",
            "TRUNCATE audit.access_logs",
        ] {
            let mut connection = store.connection().await.unwrap();
            let refused = sqlx::query(statement).execute(&mut *connection).await;
            let code = refused.unwrap_err();
            let code = code.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some("42501"), "{statement}");
        }
    }
}
