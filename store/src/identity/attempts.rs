//! Guesses at a password, counted where nothing wipes them: before the password is looked at.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;
use workflows::events::{EventType, Service};
use workflows::identity::rules::Failures;

use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// How far back failures count.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How far back a success makes a network known.
const KNOWN_FOR: TimeDelta = TimeDelta::days(90);

/// An attempt that begins.
#[derive(Debug, Clone, Copy)]
pub struct AttemptInput<'a> {
    /// A keyed digest of what is guessed at: an address that was typed, a link that was followed.
    pub account_key: &'a str,
    /// The address that somebody logs in with, in its one spelling: the attempt is in the history
    /// of its owner, if it has one.
    pub email: Option<&'a str>,
    /// Where it comes from.
    pub address: IpAddr,
    /// The program it comes from.
    pub user_agent: Option<&'a str>,
}

/// An attempt on record, with the failures before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Its row.
    pub id: Uuid,
    /// What came before it.
    pub before: Failures,
}

/// Puts an attempt on record as failed, so that attempts at the same moment see each other, and
/// tells what came before it.
pub async fn begin_attempt(store: &Store, input: AttemptInput<'_>) -> Result<Attempt, StoreError> {
    let id = store.new_id();
    let mut connection = store.connection().await?;
    let before = sqlx::query!(
        r#"WITH attempt AS (
            INSERT INTO auth.login_history
                (id, account_key, user_id, network, address, user_agent, outcome, at)
            VALUES ($1, $2, (SELECT id FROM auth.users WHERE lower(email) = $7),
                network(set_masklen($3::text::inet, CASE family($3::text::inet) WHEN 4 THEN 24 ELSE 56 END)),
                $3::text::inet, $4, 'failed', $5)
            RETURNING network
        ), success AS (
            SELECT max(at) AS at FROM auth.login_history
            WHERE account_key = $2 AND outcome = 'succeeded' AND network = (SELECT network FROM attempt)
                AND at > $8
        ), account AS (
            SELECT network, at FROM auth.login_history
            WHERE account_key = $2 AND outcome = 'failed' AND at > $6
        ), here AS (
            SELECT at FROM account
            WHERE network = (SELECT network FROM attempt)
                AND at > coalesce((SELECT at FROM success), '-infinity')
        ), network AS (
            SELECT at FROM auth.login_history
            WHERE network = (SELECT network FROM attempt) AND outcome = 'failed' AND at > $6
        )
        SELECT
            (SELECT count(*) FROM here) AS "failures_here!",
            (SELECT max(at) FROM here) AS last_failure_here,
            (SELECT count(*) FROM network) AS "failures_of_network!",
            (SELECT max(at) FROM network) AS last_failure_of_network,
            (SELECT count(*) FROM account) AS "failures_on_account!",
            (SELECT at FROM success) IS NOT NULL AS "known_network!""#,
        id,
        input.account_key,
        input.address.to_string(),
        input.user_agent,
        store.now(),
        store.now() - WINDOW,
        input.email,
        store.now() - KNOWN_FOR,
    )
    .fetch_one(&mut *connection)
    .await?;
    let before = Failures {
        here: before.failures_here,
        last_here: before.last_failure_here,
        of_network: before.failures_of_network,
        last_of_network: before.last_failure_of_network,
        on_account: before.failures_on_account,
        known_network: before.known_network,
    };
    Ok(Attempt { id, before })
}

/// What became of an attempt that did not fail. Whoever begins a session says so with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not looked at, so that it counts for nothing.
    Refused,
    /// The password was right.
    Succeeded,
}

/// Says what became of an attempt.
pub async fn settle_attempt(
    store: &Store,
    attempt_id: Uuid,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let outcome = match outcome {
        Outcome::Refused => "refused",
        Outcome::Succeeded => "succeeded",
    };
    let mut connection = store.connection().await?;
    sqlx::query!(
        "UPDATE auth.login_history SET outcome = $2 WHERE id = $1",
        attempt_id,
        outcome,
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Tells of an attempt that failed, at a login or at whatever `action` names; of one on an address
/// that nobody has, too.
pub async fn fail_attempt(
    store: &Store,
    context: &Context,
    attempt_id: Uuid,
    action: &'static str,
    user_id: Option<Uuid>,
) -> Result<(), StoreError> {
    let payload = json!({"action": action, "user_id": user_id, "attempt_id": attempt_id});
    let event = NewEvent::new(EventType::UserAction, "login_attempt", attempt_id, payload)
        .consumed_by_if(Service::Notification, false);
    let mut transaction = store.begin().await?;
    events::append(&mut transaction, store, context, event).await?;
    transaction.commit().await?;
    Ok(())
}
