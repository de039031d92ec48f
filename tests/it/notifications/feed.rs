//! The in-app feed over HTTP.

use chrono::TimeDelta;
use reqwest::Method;
use reqwest::header::{ACCEPT_LANGUAGE, HeaderValue};
use serde_json::json;
use tests::api::{TestApi, TestTime};
use tests::database::TestDatabase;
use tests::temporal::TemporalServer;
use uuid::Uuid;
use workers::relay::drain_once;
use workflows::events::EventType;

use super::stage::person;
use crate::events::support::{count, delivery, relay, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_reads_their_feed_in_their_language_and_nobody_elses() {
    let api = TestApi::start().await;
    let server = TemporalServer::start().await;
    let writer = api.database.writer();
    let relay = relay(writer.clone(), server.client());
    let person = api.join("reader@example.org", "candidate").await;
    let other = api.join("other@example.org", "candidate").await;
    for _ in 0..3 {
        let profile = writer.new_id();
        let payload = json!({
            "profile_id": profile, "user_id": person.user_id, "validation_id": Uuid::nil(),
        });
        write(
            &writer,
            EventType::ProfileSubmitted,
            "profile",
            profile,
            payload,
        )
        .await;
    }
    drain_once(&relay).await.unwrap();

    let page = |path: String, language: &'static str| {
        let request = api
            .call(Method::GET, &path)
            .bearer_auth(&person.access_token)
            .headers(
                [(ACCEPT_LANGUAGE, HeaderValue::from_static(language))]
                    .into_iter()
                    .collect(),
            );
        api.send(request)
    };
    let first = page("/api/v1/notifications?limit=2".to_owned(), "en").await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.body["unread_count"], 3);
    assert_eq!(first.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(first.body["items"][0]["title"], "Profile submitted");
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = format!("/api/v1/notifications?limit=2&cursor={cursor}");
    let rest = page(rest, "fr").await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest.body["items"][0]["title"], "Profil soumis");
    assert!(rest.body["next_cursor"].is_null());

    let id = first.body["items"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/notifications/{id}/read");
    let mark = |token: String| api.send(api.call(Method::POST, &path).bearer_auth(token));
    assert_eq!(mark(other.access_token.clone()).await.status, 404);
    assert_eq!(mark(person.access_token.clone()).await.status, 204);
    assert_eq!(mark(person.access_token.clone()).await.status, 204);
    let after = api.get("/notifications", &person.access_token).await;
    assert_eq!(after.body["unread_count"], 2);
    let others = api.get("/notifications", &other.access_token).await;
    assert_eq!(others.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_goes_on_while_temporal_is_away_and_the_mails_wait() {
    let database = TestDatabase::create().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let owner = database.owner().await;
    let gone = TemporalServer::start().await;
    let away = relay(writer.clone(), gone.client());
    drop(gone);
    let (user, _) = person(&database, "fr").await;
    let payload = json!({"user_id": user, "profile_id": Uuid::nil(), "validation_id": Uuid::nil()});
    let kind = EventType::ProfileSubmitted;
    let mut events = Vec::new();
    // More than it takes to open the breaker.
    for _ in 0..8 {
        events.push(write(&writer, kind, "profile", user, payload.clone()).await);
        drain_once(&away).await.unwrap();
    }
    let lines = "SELECT count(*) FROM notification.notifications WHERE in_feed";
    assert_eq!(count(&owner, lines).await, 8);
    for event in &events {
        let found = delivery(&owner, *event, "notification.profile.submitted").await;
        assert_eq!(found, ("pending".to_owned(), 0));
    }

    time.pass(TimeDelta::seconds(10));
    let back = TemporalServer::start().await;
    drain_once(&relay(writer, back.client())).await.unwrap();
    assert_eq!(count(&owner, lines).await, 8);
    for event in &events {
        let found = delivery(&owner, *event, "notification.profile.submitted").await;
        assert_eq!(found.0, "delivered");
    }
}
