//! Commands to processes, against a real Temporal: refused, lost, late, and ordered once.

use std::time::Instant;

use ::api::config::{Config, TemporalConfig};
use ::api::gateway::commands::{CommandError, Commands, Order, Sent, order};
use ::api::gateway::problem::ApiError;
use ::api::state::AppState;
use clap::Parser;
use serde_json::json;
use store::clock::Clock;
use store::{Actor, Context};
use temporalio_client::WorkflowStartOptions;
use temporalio_sdk::WorkerOptions;
use tests::database::TestDatabase;
use tests::temporal::TemporalServer;
use uuid::Uuid;
use workflows::commands::{Command, IdempotencyMark};
use workflows::queues::VALIDATION;
use workflows::validation::{
    CaseChanged, ProfileValidation, Release, ValidationInput, ValidationTiming, workflow_id,
};

fn commands(address: &str) -> Commands {
    Commands::new(TemporalConfig {
        address: address.to_owned(),
        namespace: "default".to_owned(),
    })
}

async fn release(commands: &Commands, case: Uuid) -> Result<Sent<CaseChanged>, CommandError> {
    let id = Clock::system().new_id();
    let command = Command {
        id,
        actor_id: id,
        correlation_id: id,
        idempotency: None,
        body: Release {},
    };
    let order = Order {
        update_id: id.to_string(),
        command,
    };
    let release = || ProfileValidation::release;
    commands
        .send::<ProfileValidation, _, _>(&workflow_id(case), release, &order)
        .await
}

async fn start_case(temporal: &TemporalServer) -> Uuid {
    let case = Clock::system().new_id();
    let input = ValidationInput {
        validation_id: case,
        profile_id: case,
        user_id: case,
        submitted_at: Clock::system().now(),
        correlation_id: case,
        event_id: None,
        timing: ValidationTiming::default(),
        carried: None,
    };
    let options = WorkflowStartOptions::new(VALIDATION, workflow_id(case)).build();
    temporal
        .client()
        .start_workflow(ProfileValidation::run, input, options)
        .await
        .unwrap();
    case
}

#[tokio::test]
async fn a_process_that_is_not_there_is_told_from_a_server_that_is_away() {
    let temporal = TemporalServer::start().await;
    let sender = commands(temporal.address());
    let gone = release(&sender, Uuid::from_u128(1)).await;
    assert!(matches!(gone, Err(CommandError::NotFound)), "{gone:?}");
    let nowhere = commands("127.0.0.1:1");
    for _ in 0..7 {
        let begun = Instant::now();
        let away = release(&nowhere, Uuid::from_u128(1)).await;
        assert!(matches!(away, Err(CommandError::Unavailable)), "{away:?}");
        assert!(begun.elapsed().as_secs() < 2);
    }
}

#[tokio::test]
async fn a_command_that_was_accepted_but_takes_long_is_no_error() {
    let temporal = TemporalServer::start().await;
    let worker = temporal.spawn_worker(|| {
        WorkerOptions::new(VALIDATION)
            .register_workflow::<ProfileValidation>()
            .unwrap()
            .build()
    });
    let case = start_case(&temporal).await;
    // Nobody runs activities here, so the case never opens and the command waits for it.
    let begun = Instant::now();
    let accepted = release(&commands(temporal.address()), case).await;
    assert!(matches!(accepted, Ok(Sent::Accepted)), "{accepted:?}");
    assert!(begun.elapsed().as_millis() < 5_100, "{:?}", begun.elapsed());
    // A worker does not stop while an activity of its workflow waits for nobody; it ends with the
    // test's process.
    std::mem::forget(worker);
}

#[tokio::test]
async fn without_a_worker_the_answer_comes_within_the_deadline_and_opens_no_breaker() {
    let temporal = TemporalServer::start().await;
    let case = start_case(&temporal).await;
    let sender = commands(temporal.address());
    let begun = Instant::now();
    let late = release(&sender, case).await;
    assert!(matches!(late, Err(CommandError::NotAccepted)), "{late:?}");
    assert!(begun.elapsed().as_millis() < 5_100, "{:?}", begun.elapsed());
    assert!(sender.ping().await.is_ok());
}

#[tokio::test]
async fn a_key_orders_one_command_and_another_request_in_flight_is_refused() {
    let database = TestDatabase::create().await;
    let mut config = Config::parse_from(["yemma-api"]);
    config.database.url = database.url("DB_API_URL");
    let state = AppState::new(config, Clock::system()).unwrap();
    let person = state.store.new_id();
    let context = |fingerprint: &str| Context {
        actor: Actor::Person(person),
        idempotency: Some(IdempotencyMark {
            caller: format!("user:{person}"),
            key_hash: "k".to_owned(),
            fingerprint: fingerprint.to_owned(),
        }),
        ..Context::system(person, None)
    };
    let texts = json!({"reason": "none"});
    let place = async |context: &Context| order(&state, context, (), &texts).await;
    let first = place(&context("a")).await.unwrap();
    assert_eq!(place(&context("a")).await.unwrap(), first);
    let other: ApiError = place(&context("b")).await.unwrap_err();
    assert_eq!(other.code().name(), "idempotency_key_reused");
    let keyless = Context {
        idempotency: None,
        ..context("a")
    };
    let (one, two) = (
        place(&keyless).await.unwrap(),
        place(&keyless).await.unwrap(),
    );
    assert_ne!(one.update_id, two.update_id);
}
