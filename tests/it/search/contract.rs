//! What both engines are held to.

use std::time::Duration;

use serde_json::{Value, json};
use store::clock::Clock;
use store::search::{Criteria, Hits, IndexEntry, MeilisearchIndex, PostgresIndex, SearchIndex};
use tests::database::TestDatabase;
use tests::search::are_validated;
use uuid::Uuid;
use workflows::search::card::SearchableProfile;
use workflows::search::query::read_query;

fn entry(number: u128, change: Value) -> IndexEntry {
    let mut profile = json!({
        "profile_id": Uuid::from_u128(number), "profile_title": "Développeuse Rust confirmée",
        "summary": "Une personne rigoureuse, à l'aise avec les systèmes répartis & <rapides>.",
        "sector": "Informatique", "occupation": "Développeur logiciel", "experience_years": 6,
        "country": "CI", "city": "Abidjan", "locations": ["Dakar"],
        "skills": [{"name": "Rust", "level": "advanced"}, {"name": "C++", "level": null}],
        "tools": [{"name": "Kubernetes", "level": "intermediate"}],
        "languages": [{"code": "fr", "level": "C2"}, {"code": "en", "level": "B1"}],
        "education_levels": ["bac_5"], "certifications": ["Ingénierie des données"],
        "contract_types": ["permanent"], "availability": "immediate",
        "low_salary": {"amount": 600_000, "currency": "XOF", "period": "month"},
        "score_5": 4.2, "validated_at": "2026-10-01T08:00:00Z",
    });
    for (name, value) in change.as_object().expect("fields") {
        profile[name] = value.clone();
    }
    IndexEntry {
        revision_id: Uuid::from_u128(1_000 + number),
        profile: serde_json::from_value::<SearchableProfile>(profile).expect("an entry"),
    }
}

/// A developer in Abidjan, an accountant in Dakar, a recruiter in Paris.
fn entries() -> [IndexEntry; 3] {
    [
        entry(1, json!({})),
        entry(
            2,
            json!({
                "profile_title": "Comptable senior", "summary": "Un professionnel de la paie.",
                "sector": "Finance", "occupation": "Comptable", "experience_years": 12,
                "country": "SN", "city": "Dakar", "locations": [], "tools": [],
                "skills": [{"name": "Fiscalité", "level": "expert"}],
                "languages": [{"code": "fr", "level": "C1"}], "education_levels": ["bac_3"],
                "certifications": [], "contract_types": ["fixed_term", "permanent"],
                "availability": "one_month", "score_5": 4.8, "validated_at": "2026-09-01T08:00:00Z",
                "low_salary": {"amount": 9_600_000, "currency": "XOF", "period": "year"},
            }),
        ),
        entry(
            3,
            json!({
                "profile_title": "Responsable ressources humaines", "sector": "informatique",
                "summary": "Une recruteuse expérimentée.", "occupation": "Responsable RH",
                "experience_years": 3, "country": "FR", "city": "Paris", "locations": [],
                "skills": [{"name": "Rust", "level": "beginner"}], "tools": [],
                "languages": [{"code": "fr", "level": "C2"}], "education_levels": ["bac_5"],
                "certifications": [], "contract_types": ["freelance"], "availability": "later",
                "low_salary": {"amount": 250_000, "currency": "EUR", "period": "month"},
                "score_5": 3.5, "validated_at": "2026-11-01T08:00:00Z",
            }),
        ),
    ]
}

async fn ask(index: &dyn SearchIndex, body: Value) -> Hits {
    let query = read_query(body).expect("a question");
    index
        .search(&Criteria::of(&query, 0))
        .await
        .expect("an answer")
}

fn found(hits: &Hits) -> Vec<u128> {
    hits.hits
        .iter()
        .map(|hit| hit.entry.profile.profile_id.as_u128())
        .collect()
}

async fn assert_found(index: &dyn SearchIndex, body: Value, expected: &[u128]) {
    let mut numbers = found(&ask(index, body.clone()).await);
    numbers.sort_unstable();
    assert_eq!(numbers, expected, "{body}");
}

/// Meilisearch does what it was told a little later.
async fn settled(index: &dyn SearchIndex, total: u64) {
    for _ in 0..100 {
        if ask(index, json!({})).await.total == total {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the index did not reach {total} entries");
}

async fn contract(index: &dyn SearchIndex) {
    index.health().await.expect("the engine answers");
    for entry in entries() {
        index.put(&entry).await.expect("the entry is taken");
    }
    settled(index, 3).await;
    words(index).await;
    filters(index).await;
    facets(index).await;
    order_and_pages(index).await;
    changes(index).await;
}

async fn words(index: &dyn SearchIndex) {
    for (q, expected) in [
        ("développeuse", vec![1]),
        ("developpeuse", vec![1]),
        ("DÉVELOPPEUSE rust", vec![1]),
        ("developeuse", vec![1]),
        ("kubernets", vec![1]),
        ("k8s", vec![1]),
        ("rh", vec![3]),
        ("human resources", vec![3]),
        ("comptabilité", vec![2]),
        ("comptabel", vec![2]),
        ("recruteuse", vec![3]),
        ("recruteur", vec![3]),
        ("développeur", vec![1]),
        ("Abidjan", vec![1]),
        ("c++", vec![1]),
        ("développeuse Paris", vec![]),
        ("Zyntravo", vec![]),
        ("\" OR 1=1 --", vec![]),
        ("rust", vec![1, 3]),
        ("les", vec![1, 2, 3]),
    ] {
        assert_found(index, json!({"q": q}), &expected).await;
    }
    let hits = ask(index, json!({"q": "systemes repartis"})).await;
    let highlight = hits.hits[0].highlight.clone().unwrap_or_default();
    assert!(
        highlight.contains("\u{E000}systèmes\u{E001}"),
        "{highlight}"
    );
}

async fn filters(index: &dyn SearchIndex) {
    for (filters, expected) in [
        (json!({"skills": [{"name": "rust"}]}), vec![1, 3]),
        (
            json!({"skills": [{"name": "RUST", "level": "intermediate"}]}),
            vec![1],
        ),
        (
            json!({"skills": [{"name": "rust"}, {"name": "kubernetes"}]}),
            vec![1],
        ),
        (json!({"skills": [{"name": "c"}]}), vec![]),
        (
            json!({"skills": [{"name": "rust", "level": "guru"}]}),
            vec![],
        ),
        (json!({"experience": {"min": 6}}), vec![1, 2]),
        (json!({"experience": {"min": 4, "max": 6}}), vec![1]),
        (json!({"sectors": ["INFORMATIQUE"]}), vec![1, 3]),
        (json!({"occupations": ["developpeur logiciel"]}), vec![1]),
        (json!({"countries": ["CI", "FR"]}), vec![1, 3]),
        (json!({"countries": ["Atlantis"]}), vec![]),
        (json!({"sectors": [" "]}), vec![]),
        (json!({"skills": [{"name": " "}]}), vec![]),
        (json!({"locations": ["", "dakar"]}), vec![1, 2]),
        (json!({"locations": ["dakar"]}), vec![1, 2]),
        (json!({"contract_types": ["permanent"]}), vec![1, 2]),
        (json!({"availability": ["later", "one_month"]}), vec![2, 3]),
        (json!({"education_levels": ["bac_5"]}), vec![1, 3]),
        (json!({"languages": [{"code": "en"}]}), vec![1]),
        (
            json!({"languages": [{"code": "en", "level": "B2"}]}),
            vec![],
        ),
        (
            json!({"languages": [{"code": "fr", "level": "C2"}]}),
            vec![1, 3],
        ),
        (
            json!({"salary_max": {"amount": 600_000, "currency": "XOF"}}),
            vec![1],
        ),
        (
            json!({"salary_max": {"amount": 800_000, "currency": "XOF"}}),
            vec![1, 2],
        ),
        (
            json!({"salary_max": {"amount": 800_000, "currency": "EUR"}}),
            vec![3],
        ),
        (json!({"score_min": 4.2}), vec![1, 2]),
        (json!({"validated_after": "2026-10-01"}), vec![1, 3]),
        (json!({"validated_after": "2026-10-02"}), vec![3]),
        (
            json!({"sectors": ["Informatique"], "countries": ["FR"]}),
            vec![3],
        ),
    ] {
        assert_found(index, json!({"filters": filters}), &expected).await;
    }
}

async fn facets(index: &dyn SearchIndex) {
    let hits = ask(
        index,
        json!({"filters": {"countries": ["CI"]}, "facets": ["countries", "skills", "contract_types"]}),
    )
    .await;
    assert_eq!(hits.total, 1);
    // Counted without its own filter, the others with it.
    let mut countries = hits.facets["countries"].clone();
    countries.sort();
    assert_eq!(
        countries,
        [
            ("CI".to_owned(), 1),
            ("FR".to_owned(), 1),
            ("SN".to_owned(), 1)
        ]
    );
    let mut skills: Vec<_> = hits.facets["skills"]
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    skills.sort_unstable();
    assert_eq!(skills, ["C++", "Kubernetes", "Rust"]);
    assert_eq!(hits.facets["contract_types"], [("permanent".to_owned(), 1)]);
}

async fn order_and_pages(index: &dyn SearchIndex) {
    for (sort, expected) in [
        ("score", [2, 1, 3]),
        ("experience", [2, 1, 3]),
        ("recent", [3, 1, 2]),
        ("relevance", [2, 1, 3]),
    ] {
        assert_eq!(
            found(&ask(index, json!({"sort": sort})).await),
            expected,
            "{sort}"
        );
    }
    let query = read_query(json!({"sort": "score", "limit": 1})).expect("a question");
    let second = index
        .search(&Criteria::of(&query, 1))
        .await
        .expect("a page");
    assert_eq!((found(&second), second.total), (vec![1], 3));
    // A title weighs more than a skill.
    let rust = ask(index, json!({"q": "rust"})).await;
    assert_eq!(found(&rust), [1, 3]);
}

async fn changes(index: &dyn SearchIndex) {
    let moved = entry(1, json!({"country": "ML"}));
    index.put(&moved).await.expect("the entry is replaced");
    index.put(&moved).await.expect("twice is once");
    index
        .remove(Uuid::from_u128(3))
        .await
        .expect("it is removed");
    index
        .remove(Uuid::from_u128(3))
        .await
        .expect("twice is once");
    settled(index, 2).await;
    assert_found(index, json!({"filters": {"countries": ["ML"]}}), &[1]).await;
    assert_found(index, json!({"filters": {"countries": ["CI"]}}), &[]).await;
}

#[tokio::test]
async fn the_embedded_engine_keeps_the_contract() {
    let database = TestDatabase::create().await;
    let people: Vec<Uuid> = entries().iter().map(|e| e.profile.profile_id).collect();
    are_validated(&database.owner().await, &people).await;
    contract(&PostgresIndex::new((*database.writer()).clone())).await;
}

#[tokio::test]
async fn meilisearch_keeps_the_contract() {
    let Ok(url) = std::env::var("MEILISEARCH_URL") else {
        say("not run: MEILISEARCH_URL is not set");
        return;
    };
    let key = std::env::var("MEILISEARCH_API_KEY").ok().map(Into::into);
    let name = format!("contract-{}", Clock::system().new_id().simple());
    let index = MeilisearchIndex::new(&url, key, &name).expect("a client");
    index
        .put(&entries()[0])
        .await
        .expect("the collection is made");
    settled(&index, 1).await;
    contract(&index).await;
}

#[expect(clippy::print_stderr, reason = "the run must say what it did not do")]
fn say(text: &str) {
    eprintln!("{text}");
}
