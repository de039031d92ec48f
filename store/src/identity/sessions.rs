//! Sessions: families of refresh tokens, each token used once.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::user_action;
use crate::context::{Actor, Context};
use crate::database::Store;
use crate::error::StoreError;
use crate::secrets::RefreshToken;
use crate::{events, idempotency};

/// How long a refresh token lives.
const LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a used token still gives its successor, for an answer that was lost on the way.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// The status of every logout.
const LOGGED_OUT: u16 = 204;

/// A login that succeeded.
#[derive(Debug, Clone, Copy)]
pub struct NewSession {
    /// Whose.
    pub user_id: Uuid,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
    /// The attempt it began with.
    pub attempt_id: Uuid,
}

/// Whom a refreshed session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    /// The session.
    pub session_id: Uuid,
    /// The account.
    pub user_id: Uuid,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
}

/// Why a refresh token is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum RefreshRefusal {
    /// Unknown, expired, revoked, or used before.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RefreshRefusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

struct Row {
    id: Uuid,
    session_id: Uuid,
    user_id: Uuid,
    company_id: Option<Uuid>,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

/// Begins a session with its first token. Returns its id.
pub async fn start_session(
    store: &Store,
    context: &Context,
    session: NewSession,
    token: &RefreshToken,
) -> Result<Uuid, StoreError> {
    let session_id = store.new_id();
    let begun = Refreshed {
        session_id,
        user_id: session.user_id,
        company_id: session.company_id,
    };
    let mut transaction = store.begin().await?;
    insert(&mut transaction, store, begun, token).await?;
    sqlx::query!(
        "UPDATE auth.login_history SET outcome = 'succeeded' WHERE id = $1",
        session.attempt_id,
    )
    .execute(&mut *transaction)
    .await?;
    let context = Context {
        actor: Actor::Person(session.user_id),
        ..context.clone()
    };
    let event = user_action(session.user_id, "login", json!({"session_id": session_id}));
    events::append(&mut transaction, store, &context, event).await?;
    transaction.commit().await?;
    Ok(session_id)
}

/// Exchanges a token for its successor. A token that was used longer ago than a lost answer
/// explains was stolen, from its owner or by somebody: the whole session ends.
pub async fn refresh(
    store: &Store,
    context: &Context,
    token: &RefreshToken,
    successor: &RefreshToken,
) -> Result<Refreshed, RefreshRefusal> {
    let mut transaction = store.begin().await?;
    let row = lock(&mut transaction, token)
        .await?
        .ok_or(RefreshRefusal::Invalid)?;
    let now = store.now();
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Err(RefreshRefusal::Invalid);
    }
    let session = Refreshed {
        session_id: row.session_id,
        user_id: row.user_id,
        company_id: row.company_id,
    };
    let context = Context {
        actor: Actor::Person(row.user_id),
        ..context.clone()
    };
    match row.used_at {
        Some(used_at) if now - used_at <= GRACE => return Ok(session),
        Some(_) => {
            revoke(&mut transaction, store, Some(row.session_id), row.user_id).await?;
            let reason = json!({"session_id": row.session_id, "reason": "refresh_token_reused"});
            let event = user_action(row.user_id, "session_revoked", reason);
            events::append(&mut transaction, store, &context, event).await?;
            transaction.commit().await?;
            return Err(RefreshRefusal::Invalid);
        }
        None => {}
    }
    sqlx::query!(
        "UPDATE auth.refresh_tokens SET used_at = $2 WHERE id = $1",
        row.id,
        now
    )
    .execute(&mut *transaction)
    .await?;
    insert(&mut transaction, store, session, successor).await?;
    let event = user_action(
        row.user_id,
        "session_refreshed",
        json!({"session_id": row.session_id}),
    );
    events::append(&mut transaction, store, &context, event).await?;
    transaction.commit().await?;
    Ok(session)
}

/// Ends the session of a token, if it is anybody's.
pub async fn end_session(
    store: &Store,
    context: &Context,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    end(store, context, token, false).await
}

/// Ends every session of the token's owner.
pub async fn end_every_session(
    store: &Store,
    context: &Context,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    end(store, context, token, true).await
}

async fn end(
    store: &Store,
    context: &Context,
    token: &RefreshToken,
    all: bool,
) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    if let Some(row) = lock(&mut transaction, token).await?
        && row.revoked_at.is_none()
    {
        let session = (!all).then_some(row.session_id);
        revoke(&mut transaction, store, session, row.user_id).await?;
        let context = Context {
            actor: Actor::Person(row.user_id),
            ..context.clone()
        };
        let event = user_action(
            row.user_id,
            "logout",
            json!({"session_id": row.session_id, "all": all}),
        );
        events::append(&mut transaction, store, &context, event).await?;
    }
    idempotency::record(&mut transaction, store, context, LOGGED_OUT, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

async fn lock(
    connection: &mut PgConnection,
    token: &RefreshToken,
) -> Result<Option<Row>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, session_id, user_id, company_id, expires_at, used_at, revoked_at
         FROM auth.refresh_tokens WHERE token_hash = $1 FOR UPDATE",
        token.hash(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

async fn insert(
    connection: &mut PgConnection,
    store: &Store,
    session: Refreshed,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO auth.refresh_tokens
            (id, session_id, user_id, company_id, token_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        store.new_id(),
        session.session_id,
        session.user_id,
        session.company_id,
        token.hash(),
        store.now(),
        store.now() + LIFETIME,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn revoke(
    connection: &mut PgConnection,
    store: &Store,
    session_id: Option<Uuid>,
    user_id: Uuid,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE auth.refresh_tokens SET revoked_at = $3
         WHERE user_id = $2 AND ($1::uuid IS NULL OR session_id = $1) AND revoked_at IS NULL",
        session_id,
        user_id,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
