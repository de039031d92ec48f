//! Starts and signals: idempotent, in any order.

use chrono::TimeDelta;
use serde_json::{Value, json};
use store::{Context, deliveries};
use temporalio_client::{
    Client, UntypedWorkflow, WorkflowDescribeOptions, WorkflowFetchHistoryOptions,
    WorkflowTerminateOptions,
};
use temporalio_common::protos::temporal::api::enums::v1::EventType as EventKind;
use tests::api::TestTime;
use tests::database::TestDatabase;
use tests::temporal::TemporalServer;
use uuid::Uuid;
use workers::relay::drain_once;
use workflows::candidates::onboarding_id;
use workflows::events::EventType;

use super::support::{delivery, relay, write};

const STARTS: &str = "candidate.profile.created";
const SIGNALS: &str = "candidate.profile.updated";

fn created(profile: Uuid) -> Value {
    json!({"profile_id": profile, "user_id": Uuid::nil(), "status": "DRAFT"})
}

fn completed(profile: Uuid) -> Value {
    json!({
        "profile_id": profile, "user_id": Uuid::nil(), "step": "consent",
        "before": "in_progress", "after": "complete", "version": 2, "status": "DRAFT",
    })
}

/// How often a process was signalled.
async fn signals(client: &Client, id: String) -> usize {
    let process = client.get_workflow_handle::<UntypedWorkflow>(id);
    let history = process.fetch_history(WorkflowFetchHistoryOptions::default());
    let events = history.into_events().await.unwrap();
    let kind = EventKind::WorkflowExecutionSignaled;
    events
        .iter()
        .filter(|event| event.event_type() == kind)
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_delivered_twice_starts_one_process_and_one_that_ended_stays_ended() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let writer = database.writer();
    let relay = relay(writer.clone(), server.client());
    let profile = writer.new_id();
    let event = write(
        &writer,
        EventType::ProfileCreated,
        "profile",
        profile,
        created(profile),
    )
    .await;
    drain_once(&relay).await.unwrap();
    let owner = database.owner().await;
    assert_eq!(delivery(&owner, event, STARTS).await.0, "delivered");
    let handle = server
        .client()
        .get_workflow_handle::<UntypedWorkflow>(onboarding_id(profile));
    let describe = || handle.describe(WorkflowDescribeOptions::default());
    let first = describe().await.unwrap().run_id().to_owned();

    for _ in 0..2 {
        again(&owner, event).await;
        drain_once(&relay).await.unwrap();
        let found = delivery(&owner, event, STARTS).await;
        assert_eq!(found, ("delivered".to_owned(), 0));
        assert_eq!(describe().await.unwrap().run_id(), first);
        // The second time the process is over.
        drop(handle.terminate(WorkflowTerminateOptions::default()).await);
    }
}

async fn again(owner: &sqlx::PgPool, event: Uuid) {
    sqlx::query("UPDATE events.deliveries SET state = 'pending' WHERE event_id = $1")
        .bind(event)
        .execute(owner)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_overtakes_the_start_waits_without_an_attempt() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let relay = relay(writer.clone(), server.client());
    let owner = database.owner().await;
    let profile = writer.new_id();
    let start = write(
        &writer,
        EventType::ProfileCreated,
        "profile",
        profile,
        created(profile),
    )
    .await;
    sqlx::query("UPDATE events.deliveries SET available_at = available_at + interval '1 minute' WHERE consumer = $1")
        .bind(STARTS)
        .execute(&owner)
        .await
        .unwrap();
    let signal = write(
        &writer,
        EventType::ProfileUpdated,
        "profile",
        profile,
        completed(profile),
    )
    .await;
    for _ in 0..5 {
        drain_once(&relay).await.unwrap();
        assert_eq!(
            delivery(&owner, signal, SIGNALS).await,
            ("pending".to_owned(), 0)
        );
        time.pass(TimeDelta::seconds(5));
    }
    time.pass(TimeDelta::minutes(1));
    for _ in 0..2 {
        drain_once(&relay).await.unwrap();
        time.pass(TimeDelta::minutes(2));
    }
    assert_eq!(delivery(&owner, start, STARTS).await.0, "delivered");
    assert_eq!(
        delivery(&owner, signal, SIGNALS).await,
        ("delivered".to_owned(), 0)
    );
    assert_eq!(signals(server.client(), onboarding_id(profile)).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_whose_start_is_a_dead_letter_becomes_one_and_both_are_replayed() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let relay = relay(writer.clone(), server.client());
    let owner = database.owner().await;
    let profile = writer.new_id();
    let kind = EventType::ProfileCreated;
    let start = write(&writer, kind, "profile", profile, created(profile)).await;
    let dead = "UPDATE events.deliveries SET state = 'dead', dead_letter_id = $1, last_error = 'x'
        WHERE consumer = $2";
    sqlx::query(dead)
        .bind(writer.new_id())
        .bind(STARTS)
        .execute(&owner)
        .await
        .unwrap();
    let kind = EventType::ProfileUpdated;
    let signal = write(&writer, kind, "profile", profile, completed(profile)).await;
    for refusals in 1..=3 {
        drain_once(&relay).await.unwrap();
        let state = if refusals == 3 { "dead" } else { "pending" };
        let found = delivery(&owner, signal, SIGNALS).await;
        assert_eq!(found, (state.to_owned(), refusals));
        time.pass(TimeDelta::seconds(60));
    }
    let context = Context::system(writer.new_id(), None);
    for letter in deliveries::dead_letters(&writer, None, 10).await.unwrap() {
        deliveries::replay(&writer, &context, letter.id)
            .await
            .unwrap();
    }
    for _ in 0..3 {
        drain_once(&relay).await.unwrap();
        time.pass(TimeDelta::minutes(2));
    }
    for (event, consumer) in [(start, STARTS), (signal, SIGNALS)] {
        assert_eq!(delivery(&owner, event, consumer).await.0, "delivered");
    }
    assert_eq!(signals(server.client(), onboarding_id(profile)).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_waits_for_its_start_is_counted() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let writer = database.writer();
    let relay = relay(writer.clone(), server.client());
    let owner = database.owner().await;
    let profile = writer.new_id();
    let kind = EventType::ProfileCreated;
    write(&writer, kind, "profile", profile, created(profile)).await;
    let later = "UPDATE events.deliveries SET available_at = available_at + interval '1 hour'
        WHERE consumer = $1";
    sqlx::query(later)
        .bind(STARTS)
        .execute(&owner)
        .await
        .unwrap();
    let kind = EventType::ProfileUpdated;
    write(&writer, kind, "profile", profile, completed(profile)).await;
    let waiting = async || {
        let backlog = deliveries::backlog(&writer).await.unwrap();
        let found = backlog
            .iter()
            .find(|row| row.service == "candidate")
            .unwrap();
        (found.pending, found.not_started)
    };
    assert_eq!(waiting().await, (2, 0));
    drain_once(&relay).await.unwrap();
    assert_eq!(waiting().await, (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_to_nobody_is_delivered_when_its_start_was() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let writer = database.writer();
    let relay = relay(writer.clone(), server.client());
    let profile = writer.new_id();
    let signal = write(
        &writer,
        EventType::ProfileUpdated,
        "profile",
        profile,
        completed(profile),
    )
    .await;
    drain_once(&relay).await.unwrap();
    let found = delivery(&database.owner().await, signal, SIGNALS).await;
    assert_eq!(found, ("delivered".to_owned(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_edit_of_a_validated_profile_begins_no_round() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let writer = database.writer();
    let relay = relay(writer.clone(), server.client());
    let profile = writer.new_id();
    let mut edited = completed(profile);
    edited["status"] = json!("VALIDATED");
    let kind = EventType::ProfileUpdated;
    let signal = write(&writer, kind, "profile", profile, edited).await;
    drain_once(&relay).await.unwrap();
    let found = delivery(&database.owner().await, signal, SIGNALS).await;
    assert_eq!(found, ("delivered".to_owned(), 0));
    let round = server
        .client()
        .get_workflow_handle::<UntypedWorkflow>(onboarding_id(profile));
    let begun = round.describe(WorkflowDescribeOptions::default()).await;
    assert!(begun.is_err(), "a round was begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_event_signals_once_however_often_it_is_delivered() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let writer = database.writer();
    let relay = relay(writer.clone(), server.client());
    let owner = database.owner().await;
    let profile = writer.new_id();
    write(
        &writer,
        EventType::ProfileCreated,
        "profile",
        profile,
        created(profile),
    )
    .await;
    drain_once(&relay).await.unwrap();
    let signal = write(
        &writer,
        EventType::ProfileUpdated,
        "profile",
        profile,
        completed(profile),
    )
    .await;
    for _ in 0..3 {
        drain_once(&relay).await.unwrap();
        assert_eq!(
            delivery(&owner, signal, SIGNALS).await,
            ("delivered".to_owned(), 0)
        );
        again(&owner, signal).await;
    }
    // The server knows the signal by its request id; where one does not, the process dedupes.
    let told = signals(server.client(), onboarding_id(profile)).await;
    assert!((1..=3).contains(&told), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_reaches_its_onboarding_and_its_case_in_any_order() {
    let database = TestDatabase::create().await;
    let server = TemporalServer::start().await;
    let time = TestTime::now();
    let writer = database.writer_with(time.clock());
    let relay = relay(writer.clone(), server.client());
    let owner = database.owner().await;
    let (profile, case, document) = (writer.new_id(), writer.new_id(), writer.new_id());
    let scanned = json!({
        "document_id": document, "profile_id": profile, "user_id": Uuid::nil(),
        "validation_id": case, "status": "available", "step": "documents",
        "before": "todo", "after": "complete",
    });
    let submitted = json!({
        "profile_id": profile, "user_id": Uuid::nil(), "validation_id": case, "number": 1,
        "version": 3, "status": "SUBMITTED", "resubmission": false,
    });
    // Told in the reverse order of what happened.
    write(
        &writer,
        EventType::DocumentScanned,
        "document",
        document,
        scanned,
    )
    .await;
    drain_once(&relay).await.unwrap();
    write(
        &writer,
        EventType::ProfileSubmitted,
        "profile",
        profile,
        submitted,
    )
    .await;
    write(
        &writer,
        EventType::ProfileCreated,
        "profile",
        profile,
        created(profile),
    )
    .await;
    for _ in 0..3 {
        time.pass(TimeDelta::seconds(20));
        drain_once(&relay).await.unwrap();
    }
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT consumer FROM events.deliveries WHERE state <> 'delivered' ORDER BY consumer",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    assert!(open.is_empty(), "{open:?}");
}
