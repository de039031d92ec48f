//! A house with real mail, and what one sees of it from outside.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use activities::clients::mail::{MailConfig, Mailer};
use serde_json::Value;
use sqlx::PgPool;
use store::search::{SearchConfig, engine};
use store::secrets::Keyring;
use store::{Store, Writer};
use tests::database::TestDatabase;
use tests::environment::required;
use tests::temporal::{RunningWorker, TemporalServer};
use uuid::Uuid;
use workers::house::House;
use workers::queues;

/// A house over the database whose mail goes to `smtp_url`.
pub fn house(writer: Writer, smtp_url: &str) -> House {
    let index = engine(&SearchConfig::default(), &writer).unwrap();
    House {
        keys: Keyring::parse(&required("AUTH_LINK_KEY").into()).unwrap(),
        public_url: "https://yemma.test".to_owned(),
        zone: "Europe/Paris".parse().unwrap(),
        mailer: Some(mailer(smtp_url)),
        vault: None,
        scanner: None,
        index: Arc::clone(&index),
        writer,
    }
}

pub fn mailer(smtp_url: &str) -> Mailer {
    Mailer::new(&MailConfig {
        smtp_url: smtp_url.to_owned().into(),
        smtp_from: required("SMTP_FROM"),
    })
    .unwrap()
}

/// A worker of the queue `notifications`.
pub fn worker(server: &TemporalServer, house: House) -> RunningWorker {
    server.spawn_worker(move || queues::options(workflows::queues::NOTIFICATIONS, &house).unwrap())
}

/// A person of this database alone: addresses are shared by all tests of the mail server.
pub async fn person(database: &TestDatabase, locale: &str) -> (Uuid, String) {
    let store = database.store();
    let id = store.new_id();
    let email = format!("person-{}@example.org", id.simple());
    sqlx::query(
        "INSERT INTO auth.users
            (id, email, password_hash, first_name, last_name, locale, account_type, created_at, updated_at)
         VALUES ($1, $2, 'x', 'Zoé <b>', 'O’Brien', $3, 'candidate', now(), now())",
    )
    .bind(id)
    .bind(&email)
    .bind(locale)
    .execute(&database.owner().await)
    .await
    .unwrap();
    (id, email)
}

/// A link row of a person who is to verify their address.
pub async fn link(owner: &PgPool, store: &Store, user_id: Uuid) -> Uuid {
    let id = store.new_id();
    sqlx::query("INSERT INTO auth.one_time_links (id, user_id, purpose, created_at) VALUES ($1, $2, 'verify_email', now())")
        .bind(id)
        .bind(user_id)
        .execute(owner)
        .await
        .unwrap();
    id
}

/// The mails that the mail server holds for an address.
pub async fn mails(email: &str) -> Vec<Value> {
    let url = format!(
        "{}/api/email?to.address={email}",
        required("YEMMA_MAIL_URL")
    );
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    client.get(url).send().await.unwrap().json().await.unwrap()
}

/// A port where nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
