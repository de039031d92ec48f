//! Deliveries of one batch do not wait for each other.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use tests::api::TestTime;
use tests::database::TestDatabase;
use tests::proxy::{FaultProxy, Mood};
use tests::temporal::{TemporalServer, connect_patiently};
use uuid::Uuid;
use workers::relay::drain_once;
use workflows::events::EventType;
use workflows::notifications::{Template, notification_id};

use super::support::{count, delivery, relay, write};
use crate::notifications::stage::person;

const CONSUMER: &str = "notification.user.action";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_delivery_is_settled_as_it_ends() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let writer = database.writer();
    let relay = relay(writer.clone(), server.client());
    let owner = database.owner().await;
    let mut events = Vec::new();
    for _ in 0..8 {
        let (user, _) = person(&database, "fr").await;
        let payload = json!({"user_id": user, "action": "password_changed"});
        let event = write(&writer, EventType::UserAction, "user", user, payload).await;
        events.push((event, user));
    }
    // Somebody else is writing the notification of the first: it has to wait for them.
    let (slow, user) = events[0];
    let mut held = owner.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO notification.notifications
            (id, user_id, event_id, template, category, params, mailed, in_feed, created_at)
         VALUES ($1, $2, $3, 'password_changed', 'account', '{}', true, true, now())",
    )
    .bind(notification_id(slow, Template::PasswordChanged, user))
    .bind(user)
    .bind(slow)
    .execute(&mut *held)
    .await
    .unwrap();
    let draining = tokio::spawn(async move { drain_once(&relay).await });
    for (event, _) in &events[1..] {
        let mut state = String::new();
        for _ in 0..30 {
            state = delivery(&owner, *event, CONSUMER).await.0;
            if state == "delivered" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(state, "delivered", "it waits for another");
    }
    assert!(!draining.is_finished(), "the slow one is done as well");
    held.rollback().await.unwrap();
    draining.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mails_of_a_whole_team_begin_side_by_side() {
    const TEAM: usize = 40;
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let proxy = FaultProxy::before(server.address()).await.unwrap();
    let far = connect_patiently(&proxy.address(), server.namespace()).await;
    proxy.set(Mood::Far(Duration::from_millis(150)));
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let relay = relay(writer.clone(), &far);
    let owner = database.owner().await;
    for _ in 0..TEAM {
        let (user, _) = person(&database, "fr").await;
        for role in ["admin", "super_admin"] {
            sqlx::query("INSERT INTO auth.user_roles (user_id, role) VALUES ($1, $2)")
                .bind(user)
                .bind(role)
                .execute(&owner)
                .await
                .unwrap();
        }
    }
    let case = writer.new_id();
    let payload = json!({
        "validation_id": case, "profile_id": case, "user_id": Uuid::nil(), "level": "breached",
        "claimed_by": null,
    });
    let event = write(&writer, EventType::CaseEscalated, "case", case, payload).await;
    let begun = std::time::Instant::now();
    for _ in 0..3 {
        drain_once(&relay).await.unwrap();
        time.pass(TimeDelta::seconds(40));
    }
    let took = begun.elapsed();
    let consumer = "notification.case.escalated";
    assert_eq!(delivery(&owner, event, consumer).await.0, "delivered");
    let told = "SELECT count(*) FROM notification.notifications";
    assert_eq!(count(&owner, told).await, i64::try_from(TEAM).unwrap());
    // One after the other takes the way there and back for each: twelve seconds.
    assert!(took < Duration::from_secs(7), "{took:?}");
}
