//! How PostgreSQL goes about every statement of the store among 20,000 profiles.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::search::{Criteria, PostgresIndex, SearchIndex, explain};
use tests::crowd;
use tests::database::TestDatabase;
use workflows::search::query::read_query;

/// Tables that stay small whatever the crowd: a scan of them is the best plan.
const SMALL: [&str; 8] = [
    "roles",
    "plans",
    "plan_prices",
    "quotas",
    "assessment_grids",
    "subscriptions",
    "quota_usage",
    "command_inputs",
];

#[tokio::test]
async fn no_statement_scans_a_table_that_grows() {
    let database = TestDatabase::create().await;
    let owner = database.owner().await;
    crowd::gather(&owner, 20_000).await;
    let mut connection = owner.acquire().await.unwrap();
    // As a statement is planned that has run often, with whatever is bound.
    sqlx::query("SET plan_cache_mode = force_generic_plan")
        .execute(&mut *connection)
        .await
        .unwrap();
    let mut scans = Vec::new();
    let statements = statements();
    assert!(statements.len() > 100, "{}", statements.len());
    for (number, statement) in statements.iter().enumerate() {
        let plan = generic_plan(&mut connection, number, statement).await;
        let tables = scanned(&plan);
        if !tables.is_empty() {
            scans.push(format!("{tables:?}: {}", statement.text));
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n\n"));
}

/// A statement of the store and how many values are bound to it.
struct Statement {
    text: String,
    values: usize,
}

/// What `make prepare` has written of every checked statement.
fn statements() -> Vec<Statement> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/.sqlx");
    fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let data: Value =
                serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
            Statement {
                text: data["query"].as_str().unwrap().to_owned(),
                values: data["describe"]["parameters"]["Left"]
                    .as_array()
                    .unwrap()
                    .len(),
            }
        })
        .collect()
}

async fn generic_plan(
    connection: &mut PgConnection,
    number: usize,
    statement: &Statement,
) -> Value {
    let nulls = vec!["NULL"; statement.values].join(", ");
    let nulls = if nulls.is_empty() {
        nulls
    } else {
        format!("({nulls})")
    };
    let mut transaction = connection.begin().await.unwrap();
    let prepare = format!("PREPARE statement_{number} AS {}", statement.text);
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut *transaction)
        .await
        .unwrap();
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE statement_{number}{nulls}");
    let plan = sqlx::query_scalar(AssertSqlSafe(explain))
        .persistent(false)
        .fetch_one(&mut *transaction)
        .await
        .unwrap_or_else(|error| panic!("{error}: {}", statement.text));
    transaction.rollback().await.unwrap();
    plan
}

#[tokio::test]
async fn a_search_of_twenty_thousand_scans_no_table() {
    let database = TestDatabase::create().await;
    crowd::gather(&database.owner().await, 20_000).await;
    let store = database.store();
    let index = PostgresIndex::new(store.clone());
    for body in [
        json!({"q": "métier42"}),
        json!({"q": "metier421", "facets": ["sectors", "skills", "countries"]}),
        json!({"filters": {"sectors": ["s2"], "countries": ["c2"]}, "facets": ["sectors", "skills"]}),
        json!({"filters": {"skills": [{"name": "k7"}]}, "sort": "recent"}),
        json!({"q": "outil5", "filters": {"countries": ["c1"]}, "sort": "score"}),
    ] {
        let query = read_query(body.clone()).unwrap();
        let criteria = Criteria::of(&query, 0);
        assert!(index.search(&criteria).await.unwrap().total > 0, "{body}");
        let plan = explain(&store, &criteria).await.unwrap();
        assert_eq!(scanned(&plan), [""; 0], "{body}: {plan:#}");
    }
}

/// The tables that a plan reads from beginning to end, the small ones apart.
fn scanned(plan: &Value) -> Vec<&str> {
    match plan {
        Value::Object(node) => {
            let table = node.get("Relation Name").and_then(Value::as_str);
            let is_scan = node.get("Node Type") == Some(&json!("Seq Scan"));
            let own = table.filter(|table| is_scan && !SMALL.contains(table));
            own.into_iter()
                .chain(node.values().flat_map(scanned))
                .collect()
        }
        Value::Array(nodes) => nodes.iter().flat_map(scanned).collect(),
        _ => Vec::new(),
    }
}
