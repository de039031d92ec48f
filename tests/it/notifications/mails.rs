//! One mail for one cause, on the real mail server.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use store::Context;
use store::deliveries;
use temporalio_client::{WorkflowFetchHistoryOptions, WorkflowGetResultOptions};
use tests::database::TestDatabase;
use tests::environment::required;
use tests::temporal::{TemporalServer, record_history};
use uuid::Uuid;
use workers::relay::drain_once;
use workflows::events::EventType;
use workflows::notifications::{
    DeliveryOutcome, NotificationDelivery, Template, notification_id, workflow_id,
};

use super::smtp::{RefusingServer, forward};
use super::stage::{free_port, house, link, mails, person, worker};
use crate::events::support::{count, delivery, relay, write};

const CONSUMER: &str = "notification.user.created";

async fn ended(server: &TemporalServer, id: Uuid) -> DeliveryOutcome {
    let process = server
        .client()
        .get_workflow_handle::<NotificationDelivery>(workflow_id(id));
    let result = process.get_result(WorkflowGetResultOptions::default());
    tokio::time::timeout(Duration::from_secs(60), result)
        .await
        .expect("the delivery ends within a minute")
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_cause_is_mailed_once_however_often_it_is_delivered() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let (writer, owner) = (database.writer(), database.owner().await);
    let _worker = worker(&server, house(writer.clone(), &required("SMTP_URL")));
    let relay = relay(writer.clone(), server.client());
    let (user, email) = person(&database, "fr").await;
    let link = link(&owner, &writer, user).await;
    let payload = json!({"user_id": user, "link_id": link});
    let event = write(&writer, EventType::UserCreated, "user", user, payload).await;
    let id = notification_id(event, Template::EmailVerification, user);
    for _ in 0..3 {
        drain_once(&relay).await.unwrap();
        assert_eq!(delivery(&owner, event, CONSUMER).await.0, "delivered");
        assert_eq!(ended(&server, id).await, DeliveryOutcome::Sent);
        sqlx::query("UPDATE events.deliveries SET state = 'pending' WHERE consumer = $1")
            .bind(CONSUMER)
            .execute(&owner)
            .await
            .unwrap();
    }

    let mails = mails(&email).await;
    assert_eq!(mails.len(), 1);
    let domain = required("SMTP_FROM");
    let domain = domain.rsplit('@').next().unwrap().trim_end_matches('>');
    assert_eq!(
        mails[0]["headers"]["message-id"],
        format!("<{id}@{domain}>")
    );
    let text = mails[0]["text"].as_str().unwrap();
    assert!(
        text.contains("https://yemma.test/verify-email?token="),
        "{text}"
    );
    let html = mails[0]["html"].as_str().unwrap();
    assert!(!html.contains("Zoé <b>"), "{html}");
    let sent = "SELECT count(*) FROM events.events WHERE type = 'notification.sent'";
    assert_eq!(count(&owner, sent).await, 1);
    let kept = "SELECT count(*) FROM auth.one_time_links WHERE expires_at IS NOT NULL";
    assert_eq!(count(&owner, kept).await, 1);
    let history = server
        .client()
        .get_workflow_handle::<NotificationDelivery>(workflow_id(id))
        .fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(history, "NotificationDelivery", "sent").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_is_away_uses_up_no_attempt() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let (writer, owner) = (database.writer(), database.owner().await);
    let port = free_port();
    let url = format!("smtp://127.0.0.1:{port}");
    let _worker = worker(&server, house(writer.clone(), &url));
    let relay = relay(writer.clone(), server.client());
    let (user, email) = person(&database, "en").await;
    let payload = json!({"user_id": user, "action": "password_changed"});
    let event = write(&writer, EventType::UserAction, "user", user, payload).await;
    drain_once(&relay).await.unwrap();
    // Several attempts fail meanwhile.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(mails(&email).await.is_empty());
    let failed = "SELECT count(*) FROM notification.notifications WHERE failed_at IS NOT NULL";
    assert_eq!(count(&owner, failed).await, 0);

    let real = required("SMTP_URL");
    forward(port, real.trim_start_matches("smtp://").to_owned()).await;
    let id = notification_id(event, Template::PasswordChanged, user);
    assert_eq!(ended(&server, id).await, DeliveryOutcome::Sent);
    let mails = mails(&email).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["subject"], "Your password has changed");
    let dead = "SELECT count(*) FROM events.deliveries WHERE state = 'dead'";
    assert_eq!(count(&owner, dead).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_refusals_are_a_dead_letter_whose_replay_sends_once() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let (writer, owner) = (database.writer(), database.owner().await);
    let smtp = RefusingServer::start(3).await;
    let _worker = worker(
        &server,
        house(writer.clone(), &format!("smtp://{}", smtp.address)),
    );
    let mut relay = relay(writer.clone(), server.client());
    relay.timers.smtp_backoff_seconds = 1;
    let (user, _) = person(&database, "fr").await;
    let link = link(&owner, &writer, user).await;
    let payload = json!({"user_id": user, "link_id": link});
    let event = write(&writer, EventType::UserCreated, "user", user, payload).await;
    let id = notification_id(event, Template::EmailVerification, user);
    drain_once(&relay).await.unwrap();
    assert_eq!(ended(&server, id).await, DeliveryOutcome::GaveUp);
    assert_eq!(smtp.refused.load(Ordering::SeqCst), 3);
    assert_eq!(delivery(&owner, event, CONSUMER).await.0, "dead");
    let failed = "SELECT count(*) FROM events.events WHERE type = 'notification.failed'";
    assert_eq!(count(&owner, failed).await, 1);
    let history = server
        .client()
        .get_workflow_handle::<NotificationDelivery>(workflow_id(id))
        .fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(history, "NotificationDelivery", "gave_up").await;

    let letters = deliveries::dead_letters(&writer, None, 10).await.unwrap();
    assert_eq!(letters[0].last_error.as_deref(), Some("smtp_550"));
    assert_eq!(letters[0].attempts, 3);
    let context = Context::system(writer.new_id(), None);
    deliveries::replay(&writer, &context, letters[0].id)
        .await
        .unwrap();
    drain_once(&relay).await.unwrap();
    assert_eq!(ended(&server, id).await, DeliveryOutcome::Sent);
    assert_eq!(smtp.taken.load(Ordering::SeqCst), 1);
    assert_eq!(delivery(&owner, event, CONSUMER).await.0, "delivered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_voided_is_not_mailed() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let (writer, owner) = (database.writer(), database.owner().await);
    let _worker = worker(&server, house(writer.clone(), &required("SMTP_URL")));
    let relay = relay(writer.clone(), server.client());
    let (user, email) = person(&database, "fr").await;
    let link = link(&owner, &writer, user).await;
    sqlx::query("UPDATE auth.one_time_links SET voided_at = now() WHERE id = $1")
        .bind(link)
        .execute(&owner)
        .await
        .unwrap();
    let payload = json!({"user_id": user, "link_id": link});
    let event = write(&writer, EventType::UserCreated, "user", user, payload).await;
    drain_once(&relay).await.unwrap();
    let id = notification_id(event, Template::EmailVerification, user);
    assert_eq!(ended(&server, id).await, DeliveryOutcome::Obsolete);
    assert!(mails(&email).await.is_empty());
}
