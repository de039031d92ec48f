//! What can go wrong in the store, and whether trying again can help.

use serde_json::error::Category;
use thiserror::Error;

use crate::database;

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
    /// The dependency is there and has more to do than it can: this call alone is to try again
    /// later. No failure of the dependency, so nothing that its breaker counts.
    #[error("{dependency} is overloaded")]
    Overloaded {
        /// The dependency's name, as in `/readyz`.
        dependency: &'static str,
        /// What the driver said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
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
        /// Schema and table, and the column where one is meant.
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

    /// A row whose JSON cannot be read or made.
    #[must_use]
    pub fn unreadable(table: &'static str, error: &serde_json::Error) -> Self {
        Self::inconsistent(table, json_problem(error))
    }

    /// Whether the same call may succeed later without anybody mending anything. What is not
    /// listed here can never succeed: a violated constraint, a missing grant, a row that the code
    /// rules out.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. }
            | Self::Overloaded { .. }
            | Self::IdempotencyRace
            | Self::Superseded => true,
            Self::Inconsistent { .. } | Self::Database(_) | Self::Dependency { .. } => false,
        }
    }

    /// Whether the dependency could not serve, for its breaker.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_overload(&error) {
            return Self::Overloaded {
                dependency: database::DEPENDENCY,
                source: error.into(),
            };
        }
        if is_unavailable(&error) {
            return Self::unavailable(database::DEPENDENCY, error);
        }
        match json_of(&error) {
            Some(problem) => Self::inconsistent("a query's answer", problem),
            None => Self::Database(error),
        }
    }
}

/// What is wrong with a column of JSON, if that is what the error is about.
fn json_of(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::ColumnDecode { index, source } = error else {
        return None;
    };
    let json = source.downcast_ref::<serde_json::Error>()?;
    Some(format!("column {index}: {}", json_problem(json)))
}

/// What is wrong with JSON and where, for logs and histories. Serde's own words quote values, which
/// may be a person's.
#[must_use]
pub fn json_problem(error: &serde_json::Error) -> String {
    let problem = match error.classify() {
        Category::Io => "the JSON could not be passed on",
        Category::Syntax => "the JSON is malformed",
        Category::Data => "the JSON has not the expected form",
        Category::Eof => "the JSON ends too early",
    };
    // What is read from a value, not from text, has no place in it.
    match (error.line(), error.column()) {
        (0, _) => problem.to_owned(),
        (line, column) => format!("{problem} at line {line} column {column}"),
    }
}

/// The value of a column of codes; one outside its list means that code and data are out of step.
pub(crate) fn code<T>(
    column: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| StoreError::inconsistent(column, "an unknown code"))
}

/// An error with its causes, for the log.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |error| error.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Whether PostgreSQL, or the way to it, has more to do than it can. PostgreSQL appendix A:
/// 57014 a statement that ran into its time limit, 55P03 a lock that was not to be had, 53300 too
/// many connections.
fn is_overload(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| matches!(&*code, "57014" | "55P03" | "53300")),
        _ => false,
    }
}

/// Whether PostgreSQL could not be reached or gave up for a reason that passes by itself.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL appendix A: class 08 connection, 53 resources, 57 operator intervention,
        // 58 system error, 40 serialization failure and deadlock, 25006 a server that was made a
        // standby.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let passing = ["08", "53", "57", "58", "40", "25006"];
            passing.iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn unreadable_json_is_told_without_its_values() {
        let value = json!({"number": "Aminata Diallo"});
        let from_value = serde_json::from_value::<std::collections::BTreeMap<String, u8>>(value)
            .expect_err("a name is no number");
        assert!(from_value.to_string().contains("Aminata"));
        let error = StoreError::unreadable("admin.command_inputs", &from_value);
        assert_eq!(
            error.to_string(),
            "inconsistent data in admin.command_inputs: the JSON has not the expected form"
        );
        let from_text = serde_json::from_str::<Value>("{\n  Aminata").expect_err("no key");
        assert_eq!(
            json_problem(&from_text),
            "the JSON is malformed at line 2 column 3"
        );
    }

    #[test]
    fn a_column_of_unreadable_json_is_told_without_its_values() {
        let json = serde_json::from_str::<u8>("\"Aminata\"").expect_err("a name is no number");
        let error = StoreError::from(sqlx::Error::ColumnDecode {
            index: "\"profile\"".to_owned(),
            source: Box::new(json),
        });
        let told = chain(&error);
        assert!(
            told.contains("profile") && !told.contains("Aminata"),
            "{told}"
        );
    }
}
