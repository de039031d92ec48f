//! A database that refuses what the code is sure of: a constraint that nobody foresaw.

use sqlx::{AssertSqlSafe, Executor as _, PgPool};

const NAME: &str = "poison";

/// Lets `table` refuse every new row, and every change of a row, that is not as `check` says.
///
/// # Panics
/// When the owner cannot.
pub async fn refuse(owner: &PgPool, table: &str, check: &str) {
    let alter = format!("ALTER TABLE {table} ADD CONSTRAINT {NAME} CHECK ({check}) NOT VALID");
    owner
        .execute(AssertSqlSafe(alter))
        .await
        .expect("a constraint");
}

/// Takes the constraint away.
///
/// # Panics
/// When the owner cannot.
pub async fn mend(owner: &PgPool, table: &str) {
    let alter = format!("ALTER TABLE {table} DROP CONSTRAINT {NAME}");
    owner
        .execute(AssertSqlSafe(alter))
        .await
        .expect("the constraint goes");
}
