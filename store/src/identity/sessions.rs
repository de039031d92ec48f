//! Sessions: families of refresh tokens, each token used once.
//!
//! Whatever begins, renews or ends a session takes the lock of its person first
//! ([`people::lock`]): an end sees every token that was made before it, and what comes after it sees
//! the end.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::people::{self, Locked};
use super::user_action;
use crate::context::{Actor, Context};
use crate::database::Store;
use crate::error::StoreError;
use crate::secrets::{PasswordHash, RefreshToken};
use crate::{events, idempotency};

/// How long a refresh token lives.
const LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a used token still gives its successor, for an answer that was lost on the way, unless
/// the successor was used.
const GRACE: TimeDelta = TimeDelta::seconds(60);
/// The status of every logout.
const LOGGED_OUT: u16 = 204;

/// A login whose password was right.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Whose.
    pub user_id: Uuid,
    /// The password that was right.
    pub password: &'a PasswordHash,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
    /// The attempt it began with.
    pub attempt_id: Uuid,
}

/// A session that was begun or renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: Uuid,
    /// The account.
    pub user_id: Uuid,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
    /// When it was begun or renewed, before any end that comes after: an access token counts from
    /// here, however late it is made.
    pub at: DateTime<Utc>,
}

/// Why no session begins for a password that was right a moment ago.
#[derive(Debug, thiserror::Error)]
pub enum LoginRefusal {
    /// The account was suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The account is gone, or its password was changed.
    #[error("the password is not the account's any more")]
    Outdated,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for LoginRefusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Why a refresh token is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum RefreshRefusal {
    /// Unknown, expired, revoked, used before, or of a suspended account.
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
    company_id: Option<Uuid>,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

/// Begins a session with its first token.
pub async fn start_session(
    store: &Store,
    context: &Context,
    new: NewSession<'_>,
    token: &RefreshToken,
) -> Result<Session, LoginRefusal> {
    let mut transaction = store.begin().await?;
    let person = people::lock(&mut transaction, new.user_id).await?;
    let person = person.ok_or(LoginRefusal::Outdated)?;
    if person.suspended {
        return Err(LoginRefusal::Suspended);
    }
    if person.password != *new.password {
        return Err(LoginRefusal::Outdated);
    }
    let session = Session {
        id: store.new_id(),
        user_id: new.user_id,
        company_id: new.company_id,
        at: store.now(),
    };
    insert(&mut transaction, store, session, token).await?;
    sqlx::query!(
        "UPDATE auth.login_history SET outcome = 'succeeded' WHERE id = $1",
        new.attempt_id,
    )
    .execute(&mut *transaction)
    .await?;
    let event = user_action(new.user_id, "login", json!({"session_id": session.id}));
    let context = acting(context, new.user_id);
    events::append(&mut transaction, store, &context, event).await?;
    transaction.commit().await?;
    Ok(session)
}

/// Exchanges a token for its successor. A token that was used longer ago than a lost answer
/// explains, or whose successor was used, was stolen, from its owner or by somebody: the whole
/// session ends.
pub async fn refresh(
    store: &Store,
    context: &Context,
    token: &RefreshToken,
    successor: &RefreshToken,
) -> Result<Session, RefreshRefusal> {
    let mut transaction = store.begin().await?;
    let found = find(&mut transaction, token).await?;
    let (person, row) = found.ok_or(RefreshRefusal::Invalid)?;
    let now = store.now();
    if person.suspended || row.revoked_at.is_some() || row.expires_at <= now {
        return Err(RefreshRefusal::Invalid);
    }
    let session = Session {
        id: row.session_id,
        user_id: person.id,
        company_id: row.company_id,
        at: now,
    };
    let context = acting(context, person.id);
    if let Some(used_at) = row.used_at {
        if now - used_at <= GRACE && is_live(&mut transaction, successor, now).await? {
            return Ok(session);
        }
        end_stolen(transaction, store, &context, &person, session).await?;
        return Err(RefreshRefusal::Invalid);
    }
    use_up(&mut transaction, row.id, now).await?;
    insert(&mut transaction, store, session, successor).await?;
    let event = user_action(
        person.id,
        "session_refreshed",
        json!({"session_id": session.id}),
    );
    events::append(&mut transaction, store, &context, event).await?;
    transaction.commit().await?;
    Ok(session)
}

/// Ends a session whose token came back, and tells its owner; once it is over, nothing.
async fn end_stolen(
    mut transaction: Transaction<'_, Postgres>,
    store: &Store,
    context: &Context,
    person: &Locked,
    session: Session,
) -> Result<(), StoreError> {
    if end_sessions(&mut transaction, store, person, Some(session.id)).await? {
        let reason = json!({"session_id": session.id, "reason": "refresh_token_reused"});
        let event = user_action(person.id, "session_revoked", reason);
        events::append(&mut transaction, store, context, event).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Ends the session of a token, if it is anybody's.
pub async fn end_session(
    store: &Store,
    context: &Context,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    end(store, context, token, false).await
}

/// Ends every session of the token's owner, if the token's own goes on.
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
    if let Some((person, row)) = find(&mut transaction, token).await?
        && end_sessions(&mut transaction, store, &person, Some(row.session_id)).await?
    {
        if all {
            end_sessions(&mut transaction, store, &person, None).await?;
        }
        let event = user_action(
            person.id,
            "logout",
            json!({"session_id": row.session_id, "all": all}),
        );
        let context = acting(context, person.id);
        events::append(&mut transaction, store, &context, event).await?;
    }
    idempotency::record(&mut transaction, store, context, LOGGED_OUT, json!({})).await?;
    transaction.commit().await?;
    Ok(())
}

/// Ends one session or, without one named, all sessions of a person who is locked. Whether any
/// went on until now.
///
/// Used tokens stay as they are: nothing follows from them any more, since a session goes on by its
/// one live token.
pub(super) async fn end_sessions(
    connection: &mut PgConnection,
    store: &Store,
    person: &Locked,
    session_id: Option<Uuid>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE auth.refresh_tokens SET revoked_at = $3
         WHERE user_id = $1 AND ($2::uuid IS NULL OR session_id = $2)
            AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3",
        person.id,
        session_id,
        store.now(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A token with its person, who is locked. The token is read once the lock is there, or what an
/// end did meanwhile would not be seen.
async fn find(
    connection: &mut PgConnection,
    token: &RefreshToken,
) -> Result<Option<(Locked, Row)>, StoreError> {
    let Some(person) = people::lock_owner(connection, token).await? else {
        return Ok(None);
    };
    let row = sqlx::query_as!(
        Row,
        "SELECT id, session_id, company_id, expires_at, used_at, revoked_at
         FROM auth.refresh_tokens WHERE token_hash = $1",
        token.hash(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (person, row)))
}

async fn is_live(
    connection: &mut PgConnection,
    token: &RefreshToken,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (
            SELECT 1 FROM auth.refresh_tokens
            WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2
        ) AS "live!""#,
        token.hash(),
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

async fn use_up(
    connection: &mut PgConnection,
    token_id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE auth.refresh_tokens SET used_at = $2 WHERE id = $1",
        token_id,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert(
    connection: &mut PgConnection,
    store: &Store,
    session: Session,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO auth.refresh_tokens
            (id, session_id, user_id, company_id, token_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        store.new_id(),
        session.id,
        session.user_id,
        session.company_id,
        token.hash(),
        session.at,
        session.at + LIFETIME,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The same circumstances, with the person as who acts.
fn acting(context: &Context, user_id: Uuid) -> Context {
    Context {
        actor: Actor::Person(user_id),
        ..context.clone()
    }
}
