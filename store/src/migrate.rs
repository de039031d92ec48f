//! Migrations, applied by the owner of the database while others use it.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::MigrateError;
use sqlx::{Connection as _, Executor as _, PgConnection};
use thiserror::Error;

use crate::database::MIGRATOR;

/// PostgreSQL's code of a lock that was not to be had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// How a migration waits for a lock.
///
/// A statement that waits for a lock on a table makes everybody wait who comes after it, readers
/// included. So it waits for a moment only, lets the others pass, and comes back.
#[derive(Clone, Copy, Debug)]
pub struct LockPatience {
    /// How long a statement waits for a lock.
    pub wait: Duration,
    /// The pause before the next attempt.
    pub pause: Duration,
    /// Attempts in all.
    pub attempts: u32,
}

impl Default for LockPatience {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(3),
            pause: Duration::from_secs(5),
            attempts: 20,
        }
    }
}

/// Why the migrations were not applied.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// Somebody else holds a lock that a migration needs. Each migration is one transaction: those
    /// before it are applied, of this one nothing is.
    #[error(
        "another session holds a lock that a migration needs; {attempts} attempts were made: end \
         that session or try again when it is quiet (pg_stat_activity and pg_locks name it)"
    )]
    Locked {
        /// Attempts made.
        attempts: u32,
        /// What PostgreSQL said.
        #[source]
        source: MigrateError,
    },
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] MigrateError),
}

impl From<sqlx::Error> for MigrationError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Applies the migrations that are missing, as the owner of the database.
///
/// Migrations may take longer than a statement of the API may, so this connects by itself and
/// without a time limit for statements; only for locks there is one. Two processes that migrate at
/// once wait for each other in the same way.
///
/// # Errors
/// [`MigrationError::Locked`] when a lock was not to be had within the patience.
pub async fn migrate(url: &SecretString, patience: LockPatience) -> Result<(), MigrationError> {
    let mut attempts = 1;
    loop {
        match attempt(url, patience.wait).await {
            Err(MigrationError::Failed(source)) if is_locked(&source) => {
                if attempts >= patience.attempts {
                    return Err(MigrationError::Locked { attempts, source });
                }
                tracing::warn!(
                    attempts,
                    "a migration waits for a lock that is held elsewhere"
                );
                attempts += 1;
                tokio::time::sleep(patience.pause).await;
            }
            ended => return ended,
        }
    }
}

/// Over a connection of its own: `sqlx` keeps its advisory lock after a failure.
async fn attempt(url: &SecretString, wait: Duration) -> Result<(), MigrationError> {
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    let set = format!("SET lock_timeout = {}", wait.as_millis());
    connection.execute(sqlx::AssertSqlSafe(set)).await?;
    let migrated = MIGRATOR.run(&mut connection).await;
    // With it go the locks of the session; one that is cut has none.
    drop(connection.close().await);
    Ok(migrated?)
}

fn is_locked(error: &MigrateError) -> bool {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else {
        return false;
    };
    let code = cause.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == LOCK_NOT_AVAILABLE)
}
