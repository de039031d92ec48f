//! What a mail server means by "later", and by "no"; and what a mail says that leaves late.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use store::notifications::{self, NewNotification};
use temporalio_client::{WorkflowFetchHistoryOptions, WorkflowGetResultOptions};
use tests::api::TestTime;
use tests::database::TestDatabase;
use tests::poison::{mend, refuse};
use tests::temporal::{TemporalServer, record_history};
use uuid::Uuid;
use workers::relay::drain_once;
use workflows::events::EventType;
use workflows::notifications::{
    DeliveryOutcome, NotificationDelivery, Template, notification_id, workflow_id,
};

use super::smtp::ScriptedServer;
use super::stage::{house, link, person, worker};
use crate::events::support::{count, relay, write};

/// A person's notice on its way to a mail server that follows a script.
struct Stage {
    database: TestDatabase,
    smtp: ScriptedServer,
    server: TemporalServer,
    id: Uuid,
    _worker: tests::temporal::RunningWorker,
}

impl Stage {
    async fn begin(script: &[&'static str]) -> Self {
        let database = TestDatabase::create().await;
        let server = TemporalServer::start().await;
        let smtp = ScriptedServer::start(script).await;
        let writer = database.writer();
        let url = format!("smtp://{}", smtp.address);
        let worker = worker(&server, house(writer.clone(), &url));
        let mut relay = relay(writer.clone(), server.client());
        relay.timers.smtp_backoff_seconds = 1;
        relay.timers.smtp_later_seconds = 1;
        let (user, _) = person(&database, "fr").await;
        let payload = json!({"user_id": user, "action": "password_changed"});
        let event = write(&writer, EventType::UserAction, "user", user, payload).await;
        drain_once(&relay).await.unwrap();
        Self {
            id: notification_id(event, Template::PasswordChanged, user),
            database,
            smtp,
            server,
            _worker: worker,
        }
    }

    async fn ended(&self) -> DeliveryOutcome {
        let process = self.process();
        let result = process.get_result(WorkflowGetResultOptions::default());
        tokio::time::timeout(Duration::from_secs(60), result)
            .await
            .expect("the delivery ends within a minute")
            .unwrap()
    }

    fn process(
        &self,
    ) -> temporalio_client::WorkflowHandle<temporalio_client::Client, NotificationDelivery> {
        let client = self.server.client();
        client.get_workflow_handle::<NotificationDelivery>(workflow_id(self.id))
    }

    fn taken(&self) -> usize {
        self.smtp.taken.lock().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn greylisting_is_waited_out_and_uses_up_no_attempt() {
    let script = [
        "450 4.7.1 greylisted, come back",
        "451 4.3.0 local error in processing",
        "452 4.2.2 mailbox full",
        "421 4.7.0 too many connections",
        "450 4.7.1 greylisted, come back",
    ];
    let stage = Stage::begin(&script).await;
    assert_eq!(stage.ended().await, DeliveryOutcome::Sent);
    assert_eq!((stage.smtp.left(), stage.taken()), (0, 1));
    let owner = stage.database.owner().await;
    let dead = "SELECT count(*) FROM events.deliveries WHERE state = 'dead'";
    assert_eq!(count(&owner, dead).await, 0);
    let history = stage.process();
    let history = history.fetch_history(WorkflowFetchHistoryOptions::default());
    record_history(history, "NotificationDelivery", "later").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_is_an_attempt_whatever_its_second_digit_is() {
    let script = [
        "550 5.1.1 no such mailbox",
        "521 5.3.2 this host takes no mail",
        "450 4.7.1 greylisted, come back",
        "554 5.7.1 refused",
    ];
    let stage = Stage::begin(&script).await;
    assert_eq!(stage.ended().await, DeliveryOutcome::GaveUp);
    assert_eq!((stage.smtp.left(), stage.taken()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_cannot_be_recorded_is_not_sent_again() {
    let stage = Stage::begin(&["450 4.7.1 greylisted", "450 4.7.1 greylisted"]).await;
    let owner = stage.database.owner().await;
    refuse(&owner, "events.events", "type <> 'notification.sent'").await;
    for _ in 0..100 {
        if stage.taken() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.server.skip(Duration::from_secs(10 * 60)).await;
    assert_eq!(stage.taken(), 1);
    mend(&owner, "events.events").await;
    stage.server.skip(Duration::from_secs(60 * 60)).await;
    assert_eq!(stage.ended().await, DeliveryOutcome::Sent);
    assert_eq!(stage.taken(), 1);
    let sent = "SELECT count(*) FROM events.events WHERE type = 'notification.sent'";
    assert_eq!(count(&owner, sent).await, 1);
}

/// The time of a link begins when its mail leaves, however long that waited.
#[tokio::test]
async fn a_link_that_leaves_late_is_good_for_a_day() {
    let database = TestDatabase::create().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let owner = database.owner().await;
    let (user, _) = person(&database, "fr").await;
    let link = link(&owner, &writer, user).await;
    let payload = json!({"user_id": user, "link_id": link});
    let event = write(
        &writer,
        EventType::UserCreated,
        "user",
        user,
        payload.clone(),
    )
    .await;
    let id = notification_id(event, Template::EmailVerification, user);
    let new = NewNotification {
        id,
        user_id: user,
        event_id: event,
        template: Template::EmailVerification,
        params: payload,
    };
    notifications::insert(&writer, &[new]).await.unwrap();
    let said = async || {
        let letter = notifications::letter(&writer, id).await.unwrap().unwrap();
        assert!(!letter.facts.is_obsolete);
        letter.facts.link.unwrap()
    };
    let first = said().await;
    assert_eq!(first.id, link);
    // The mail server was away for two days.
    time.pass(TimeDelta::hours(50));
    let second = said().await;
    let left = second.expires_at - writer.now();
    assert!(
        (TimeDelta::hours(23)..=TimeDelta::hours(24)).contains(&left),
        "{left}"
    );
    // Whoever follows it then is in time.
    time.pass(TimeDelta::hours(23));
    let context = store::Context::system(writer.new_id(), None);
    let store = database.store_with(time.clock());
    store::identity::verify_email(&store, &context, link, None)
        .await
        .unwrap();
    let links = "SELECT count(*) FROM auth.one_time_links";
    assert_eq!(count(&owner, links).await, 1);
}
