//! How PostgreSQL goes about a search of 20,000 profiles.

use serde_json::{Value, json};
use sqlx::PgPool;
use store::search::{Criteria, PostgresIndex, SearchIndex, explain};
use tests::database::TestDatabase;
use tests::search::are_validated;
use uuid::Uuid;
use workflows::search::query::read_query;

/// Twenty thousand entries of some variety, written in one statement.
async fn seed(owner: &PgPool) {
    sqlx::query(
        "INSERT INTO search.profile_index
            (profile_id, revision_id, entry, summary, document, terms, sector, occupation, country,
             availability, education_levels, locations, contract_types, skills, languages, score,
             experience_years, salary_min, salary_currency, validated_at)
        SELECT id, id,
            jsonb_build_object('profile_id', id, 'experience_years', n % 30, 'skills', '[]'::jsonb,
                'tools', '[]'::jsonb, 'languages', '[]'::jsonb, 'locations', '[]'::jsonb,
                'education_levels', '[]'::jsonb, 'certifications', '[]'::jsonb,
                'contract_types', '[]'::jsonb, 'validated_at', '2026-01-01T00:00:00Z'),
            repeat('Une personne rigoureuse et autonome. ', 10),
            setweight(search.both_vectors('métier' || n % 500), 'A')
                || setweight(search.both_vectors('outil' || n % 37 || ' commun'), 'B'),
            ARRAY['sectors:s' || n % 20, 'countries:c' || n % 15, 'skills:k' || n % 200],
            's' || n % 20, 'o' || n % 100, 'c' || n % 15, 'immediate', ARRAY['bac_5'],
            ARRAY['l' || n % 50], ARRAY['permanent'], ARRAY['k' || n % 200], ARRAY['fr'],
            n % 500, n % 30, n, 'XOF', timestamptz '2026-01-01' + n * interval '1 minute'
        FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 20000) n) numbered",
    )
    .execute(owner)
    .await
    .unwrap();
    let people: Vec<Uuid> = sqlx::query_scalar("SELECT profile_id FROM search.profile_index")
        .fetch_all(owner)
        .await
        .unwrap();
    are_validated(owner, &people).await;
    sqlx::query("INSERT INTO search.words SELECT 'metier' || n FROM generate_series(0, 499) n")
        .execute(owner)
        .await
        .unwrap();
    sqlx::query("VACUUM ANALYZE search.profile_index, search.words, candidate.profiles")
        .execute(owner)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_search_of_twenty_thousand_scans_no_table() {
    let database = TestDatabase::create().await;
    seed(&database.owner().await).await;
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
        assert!(!scans_the_table(&plan), "{body}: {plan:#}");
    }
}

fn scans_the_table(plan: &Value) -> bool {
    match plan {
        Value::Object(node) => {
            (node.get("Node Type") == Some(&json!("Seq Scan"))
                && node.get("Relation Name") == Some(&json!("profile_index")))
                || node.values().any(scans_the_table)
        }
        Value::Array(nodes) => nodes.iter().any(scans_the_table),
        _ => false,
    }
}
