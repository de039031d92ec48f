//! A crowd of validated candidates, written by a few statements: what plans and benchmarks are
//! looked at on.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use workflows::search::redaction::RULE;

use crate::search::developer;

/// Writes so many validated candidates with everything that belongs to them, as the journey would
/// leave it, and gathers PostgreSQL's statistics.
///
/// Of person `n` the title holds `métier<n % 500>`, the tools are `outil<n % 37>` and `commun`; the
/// sector is `s<n % 20>`, the country `c<n % 15>`, the first skill `k<n % 200>`.
///
/// # Panics
/// When the database refuses.
pub async fn gather(owner: &PgPool, people: i32) {
    let mut connection = owner.acquire().await.expect("a connection");
    sqlx::query(CROWD)
        .bind(people)
        .bind(json!(developer()))
        .execute(&mut *connection)
        .await
        .expect("the crowd");
    let belongings = include_str!("crowd.sql").replace("{rule}", &RULE.to_string());
    sqlx::raw_sql(AssertSqlSafe(belongings))
        .execute(&mut *connection)
        .await
        .expect("what belongs to the crowd");
    sqlx::query("VACUUM ANALYZE")
        .execute(&mut *connection)
        .await
        .expect("statistics");
}

/// Writes so many entries of the index with their validated profiles and nothing else, and gathers
/// PostgreSQL's statistics.
///
/// # Panics
/// When the database refuses.
pub async fn index(owner: &PgPool, people: i32) {
    let statements = include_str!("crowd_index.sql")
        .replace("{people}", &people.to_string())
        .replace("{rule}", &RULE.to_string());
    for statements in [statements.as_str(), "VACUUM ANALYZE"] {
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(owner)
            .await
            .expect("the entries");
    }
}

/// The body of a search with three facets that finds one in five hundred of a crowd.
#[must_use]
pub fn question(number: u32) -> Value {
    json!({
        "q": format!("métier{}", number % 500),
        "facets": ["sectors", "skills", "countries"],
    })
}

/// The people and what sets them apart.
const CROWD: &str = "CREATE TEMPORARY TABLE crowd AS
    SELECT n, gen_random_uuid() AS user_id, gen_random_uuid() AS profile_id,
        gen_random_uuid() AS revision_id, 's' || n % 20 AS sector, 'o' || n % 100 AS occupation,
        'c' || n % 15 AS country, 'k' || n % 200 AS skill, 'l' || n % 50 AS place,
        'Métier' || n % 500 || ' confirmé' AS title, $2::jsonb AS profile,
        timestamptz '2026-01-01' + n * interval '1 minute' AS validated_at
    FROM generate_series(1, $1::integer) n";
