//! How PostgreSQL goes about every statement of the store among 20,000 profiles.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use store::search::{Criteria, PostgresIndex, SearchIndex, explain};
use tests::crowd;
use tests::database::TestDatabase;
use workflows::search::query::read_query;

/// Statements whose plan depends on how common the value is that is asked for, and a value as it
/// is asked for.
const PLANNED_FOR_VALUES: [(&str, &str); 2] = [
    ("WHERE user_roles.role = $1", "('admin')"),
    (
        "FROM admin.validations\n         WHERE status = ANY($1)",
        "('{queued,claimed,awaiting_candidate,interview}', NULL, false, NULL, NULL, 20)",
    ),
];
/// Indexes of a few rows, which their own condition selects: all along them is a short way.
const PARTIAL: [&str; 5] = [
    "idx_deliveries_dead",
    "idx_deliveries_service",
    "idx_documents_scanning",
    "idx_users_updated_at",
    "idx_validations_submitted_at",
];
/// Fewer rows than that are best read from beginning to end.
const SMALL: f32 = 1_000.0;

#[tokio::test]
async fn no_statement_scans_a_table_that_grows() {
    let database = TestDatabase::create().await;
    let owner = database.owner().await;
    crowd::gather(&owner, 20_000).await;
    let large = large_tables(&owner).await;
    assert!(large.len() > 20, "{large:?}");
    let mut connection = owner.acquire().await.unwrap();
    let mut scans = Vec::new();
    let statements = statements();
    assert!(statements.len() > 100, "{}", statements.len());
    for (number, statement) in statements.iter().enumerate() {
        let plan = plan_of(&mut connection, number, statement).await;
        let mut tables = scanned(&plan);
        tables.retain(|table| large.iter().any(|large| large == table));
        if !tables.is_empty() {
            scans.push(format!("{tables:?}: {}", statement.text));
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n\n"));
}

async fn large_tables(owner: &PgPool) -> Vec<String> {
    sqlx::query_scalar("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND reltuples >= $1")
        .bind(SMALL)
        .fetch_all(owner)
        .await
        .unwrap()
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

/// The plan of a statement that has run often, whatever is bound; of those above, with a value.
async fn plan_of(connection: &mut PgConnection, number: usize, statement: &Statement) -> Value {
    let special = PLANNED_FOR_VALUES
        .iter()
        .find(|(part, _)| statement.text.contains(part));
    let (mode, values) = match special {
        Some((_, values)) => ("force_custom_plan", (*values).to_owned()),
        None if statement.values == 0 => ("force_generic_plan", String::new()),
        None => {
            let nulls = vec!["NULL"; statement.values].join(", ");
            ("force_generic_plan", format!("({nulls})"))
        }
    };
    let mut transaction = connection.begin().await.unwrap();
    let prepare = format!(
        "SET LOCAL plan_cache_mode = {mode}; PREPARE statement_{number} AS {}",
        statement.text
    );
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut *transaction)
        .await
        .unwrap();
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE statement_{number}{values}");
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
        let scans_the_index = scanned(&plan).contains(&"profile_index");
        assert!(!scans_the_index, "{body}: {plan:#}");
    }
}

/// The first question of everybody who comes: it must cost no more the more people there are.
#[tokio::test]
async fn everybody_is_shown_along_an_index_and_counted_once() {
    let database = TestDatabase::create().await;
    crowd::index(&database.owner().await, 100_000).await;
    let store = database.store();
    for (sort, index) in [
        ("relevance", "idx_profile_index_score"),
        ("score", "idx_profile_index_score"),
        ("experience", "idx_profile_index_experience_years"),
        ("recent", "idx_profile_index_validated_at"),
    ] {
        let query = read_query(json!({"sort": sort})).unwrap();
        let plan = explain(&store, &Criteria::of(&query, 0)).await.unwrap();
        let text = plan.to_string();
        assert!(text.contains(index), "{sort}: {plan:#}");
        for whole in ["Seq Scan", "\"Sort\"", "CTE Scan", "Hash Join"] {
            assert!(!text.contains(whole), "{sort}: {whole} in {plan:#}");
        }
    }
    let index = PostgresIndex::new(store.clone());
    let body = json!({"facets": ["sectors", "skills", "countries"]});
    let query = read_query(body).unwrap();
    let began = Instant::now();
    let first = index.search(&Criteria::of(&query, 0)).await.unwrap();
    let counting = began.elapsed();
    assert_eq!((first.total, first.hits.len()), (100_000, 20));
    assert_eq!(first.facets["sectors"].len(), 20);
    assert_eq!(first.facets["skills"][0], ("commun".to_owned(), 100_000));
    // A page further down, and the same again, from what was counted.
    let began = Instant::now();
    for page in 0..20 {
        let further = index
            .search(&Criteria::of(&query, page * 20))
            .await
            .unwrap();
        assert_eq!((further.total, further.hits.len()), (100_000, 20));
    }
    let took = began.elapsed();
    assert!(
        took < counting * 10,
        "twenty pages took {took:?}, counting {counting:?}"
    );
}

/// The tables that a plan reads from beginning to end: as they lie, or all along an index that holds
/// every row.
fn scanned(plan: &Value) -> Vec<&str> {
    match plan {
        Value::Object(node) => {
            let text = |name: &str| node.get(name).and_then(Value::as_str);
            let is_scan = match text("Node Type") {
                Some("Seq Scan") => true,
                Some("Index Scan" | "Index Only Scan") => {
                    let partial = text("Index Name").is_some_and(|name| PARTIAL.contains(&name));
                    !node.contains_key("Index Cond") && !partial
                }
                _ => false,
            };
            let own = text("Relation Name").filter(|_| is_scan);
            own.into_iter()
                .chain(node.values().flat_map(scanned))
                .collect()
        }
        Value::Array(nodes) => nodes.iter().flat_map(scanned).collect(),
        _ => Vec::new(),
    }
}
