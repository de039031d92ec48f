//! Joined words and genders: however a word is spelled, the same people are found.

use serde_json::{Value, json};
use store::search::{Criteria, IndexEntry, PostgresIndex, SearchIndex};
use tests::database::TestDatabase;
use tests::search::are_validated;
use uuid::Uuid;
use workflows::search::query::read_query;

/// People by their title, their skill and what was said of them.
const PEOPLE: [(&str, &str, &str); 12] = [
    ("Développeur front-end", "Power BI", "À l'aise en back-end."),
    ("Développeuse frontend", "PowerBI", "À l'aise en backend."),
    ("Sage-femme", "E-commerce", "Sage, et femme de terrain."),
    ("Sagefemme", "Ecommerce", ""),
    ("Rédactrice web", "Full-stack", ""),
    ("Rédacteur web", "Fullstack", ""),
    ("Infirmière", "Team-building", ""),
    ("Infirmier", "Teambuilding", ""),
    ("Technicienne réseau", "Vue.js", ""),
    ("Technicien réseau", "VueJS", ""),
    ("Chanteuse", "Micro-finance", ""),
    ("Chanteur", "Microfinance", ""),
];

fn entry(number: usize) -> IndexEntry {
    let (title, skill, summary) = PEOPLE[number];
    let profile = json!({
        "profile_id": id(number), "profile_title": title, "summary": summary,
        "experience_years": 1, "locations": [], "skills": [{"name": skill, "level": null}],
        "tools": [], "languages": [], "education_levels": [], "certifications": [],
        "contract_types": [], "validated_at": "2026-10-01T08:00:00Z",
    });
    IndexEntry {
        revision_id: id(number),
        profile: serde_json::from_value(profile).expect("an entry"),
    }
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(1 + number as u128)
}

async fn found(index: &dyn SearchIndex, q: &str) -> (Vec<usize>, u64) {
    let query = read_query(json!({"q": q, "facets": ["skills"]})).expect("a question");
    let hits = index
        .search(&Criteria::of(&query, 0))
        .await
        .expect("an answer");
    let mut numbers: Vec<usize> = (0..PEOPLE.len())
        .filter(|number| {
            hits.hits
                .iter()
                .any(|hit| hit.entry.profile.profile_id == id(*number))
        })
        .collect();
    numbers.sort_unstable();
    (numbers, hits.total)
}

#[tokio::test]
async fn every_spelling_finds_the_same_people() {
    let database = TestDatabase::create().await;
    let people: Vec<Uuid> = (0..PEOPLE.len()).map(id).collect();
    are_validated(&database.owner().await, &people).await;
    let index = PostgresIndex::new((*database.writer()).clone());
    for number in 0..PEOPLE.len() {
        index.put(&entry(number)).await.unwrap();
    }
    for (spellings, expected) in [
        (
            vec!["frontend", "front-end", "Front end", "FRONTEND"],
            vec![0, 1],
        ),
        (vec!["backend", "back-end"], vec![0, 1]),
        (vec!["fullstack", "full-stack"], vec![4, 5]),
        (vec!["ecommerce", "e-commerce"], vec![2, 3]),
        (vec!["powerbi", "power-bi", "Power BI"], vec![0, 1]),
        (vec!["sagefemme", "sage-femme"], vec![2, 3]),
        (vec!["teambuilding", "team-building"], vec![6, 7]),
        (vec!["vuejs", "vue.js"], vec![8, 9]),
        (vec!["microfinance", "micro-finance"], vec![10, 11]),
        (
            vec![
                "rédacteur",
                "rédactrice",
                "redacteur",
                "REDACTRICE",
                "rédacteurs",
                "rédactrices",
            ],
            vec![4, 5],
        ),
        (
            vec!["infirmier", "infirmière", "infirmiere", "infirmières"],
            vec![6, 7],
        ),
        (vec!["technicien réseau", "technicienne réseau"], vec![8, 9]),
        (vec!["chanteur", "chanteuse"], vec![10, 11]),
        (
            vec!["développeur", "développeuse", "developpeurs"],
            vec![0, 1],
        ),
        (
            vec!["développeuse front-end", "développeur frontend"],
            vec![0, 1],
        ),
    ] {
        for q in spellings {
            let (people, total) = found(&index, q).await;
            assert_eq!(
                (people, total),
                (expected.clone(), expected.len() as u64),
                "{q}"
            );
        }
    }
}

#[tokio::test]
async fn a_word_cut_by_chance_finds_nobody() {
    let database = TestDatabase::create().await;
    are_validated(&database.owner().await, &[id(0)]).await;
    let index = PostgresIndex::new((*database.writer()).clone());
    let mut entry = entry(0);
    let title: Value = json!("Cours de dessin, des serveurs, par mois");
    entry.profile.profile_title = serde_json::from_value(title).unwrap();
    index.put(&entry).await.unwrap();
    for q in ["parcours", "desserveurs", "moisdessin", "coursdes"] {
        assert_eq!(found(&index, q).await.1, 0, "{q}");
    }
}
