//! What can go wrong in the store, and whether trying again can help.

use thiserror::Error;

/// An error of the store. Business refusals are enums of their domain; this is the rest.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The dependency cannot be reached or does not answer in time: try again later.
    #[error("{dependency} is unavailable")]
    Unavailable {
        /// The dependency's name, as in `/readyz`.
        dependency: &'static str,
        /// What the driver said, when it was asked at all.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Two requests with one `Idempotency-Key` raced and the other one won: look its answer up.
    #[error("another request with the same idempotency key was recorded first")]
    IdempotencyRace,
    /// Another attempt at the same command made the change: ask again what it came to.
    #[error("another attempt at the command was first")]
    Superseded,
    /// A row says something that the code rules out.
    #[error("inconsistent data in {table}: {problem}")]
    Inconsistent {
        /// Schema and table.
        table: &'static str,
        /// What is wrong, without any value of a person.
        problem: String,
    },
    /// Any other failure of the database: a bug, a missing grant, a violated constraint.
    #[error("database error")]
    Database(#[source] sqlx::Error),
    /// Any other failure of another dependency.
    #[error("{dependency} failed")]
    Dependency {
        /// The dependency's name, as in `/readyz`.
        dependency: &'static str,
        /// What its client said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// A dependency that cannot be reached.
    pub fn unavailable(
        dependency: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable {
            dependency,
            source: Some(source.into()),
        }
    }

    /// A row that contradicts the code.
    pub fn inconsistent(table: &'static str, problem: impl Into<String>) -> Self {
        Self::Inconsistent {
            table,
            problem: problem.into(),
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. } | Self::IdempotencyRace | Self::Superseded
        )
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) {
            return Self::unavailable("postgres", error);
        }
        match error.as_database_error().and_then(|e| e.constraint()) {
            Some("pk_idempotency_keys") => Self::IdempotencyRace,
            _ => Self::Database(error),
        }
    }
}

/// Whether PostgreSQL could not be reached or gave up for a reason that passes by itself.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL appendix A: class 08 connection, 53 resources, 57 operator intervention
        // (a statement time-out included), 40 serialization failure and deadlock.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "53", "57", "40"].iter().any(|c| code.starts_with(c))),
        _ => false,
    }
}
