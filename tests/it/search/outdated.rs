//! What was indexed by an older rule, and skills that nobody reviewed.

use serde_json::{Value, json};
use sqlx::PgPool;
use store::search::{
    IndexEntry, Look, PostgresIndex, SearchIndex, entry_of, look, note_reflected, open, search,
    tell_outdated,
};
use store::{Context, Store};
use tests::database::TestDatabase;
use tests::search::{Candidate, company, developer, set_status, validated};
use uuid::Uuid;
use workflows::search::query::read_query;
use workflows::search::redaction::RULE;

/// The entry of a candidate as a rule without versions might have left it.
async fn leaking(store: &Store, candidate: Candidate) -> IndexEntry {
    let mut entry = entry_of(store, candidate.profile_id)
        .await
        .unwrap()
        .unwrap();
    let mut profile = json!(entry.profile);
    profile["profile_title"] = json!("Développeuse 05,46,47,48,49");
    profile["summary"] = json!("Développeuse, insta awa_92.");
    profile.as_object_mut().unwrap().remove("rule");
    entry.profile = serde_json::from_value(profile).unwrap();
    entry
}

#[tokio::test]
async fn an_entry_of_an_older_rule_is_cleared_before_it_is_shown() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    let company = company(&owner, "pro", store.now()).await;
    let candidate = validated(&owner, &developer(), 4.0, "Rigoureuse.", store.now()).await;
    let index = PostgresIndex::new((*database.writer()).clone());
    index.put(&leaking(&store, candidate).await).await.unwrap();
    let query = read_query(json!({"q": "développeuse"})).unwrap();
    let ask = async || search(&store, &index, company, &query, 0).await.unwrap();
    let cards = ask().await.cards;
    let shown = json!(cards).to_string();
    assert_eq!(cards.len(), 1, "{shown}");
    assert!(
        !shown.contains("46") && !shown.contains("awa_92"),
        "{shown}"
    );
    assert_eq!(cards[0].summary_highlight.as_deref(), Some("Rigoureuse."));
    set_status(&owner, candidate.profile_id, "ARCHIVED").await;
    let answer = ask().await;
    assert_eq!((answer.cards.len(), answer.total), (0, 0));
}

async fn tell_of(owner: &PgPool, candidate: Candidate) -> Uuid {
    let event: Uuid = sqlx::query_scalar(
        "INSERT INTO events.events (id, type, aggregate, aggregate_id, payload, actor_kind,
            correlation_id, occurred_at)
        VALUES (gen_random_uuid(), 'profile.validated', 'profile', $1,
            jsonb_build_object('profile_id', $1), 'system', gen_random_uuid(), now())
        RETURNING id",
    )
    .bind(candidate.profile_id)
    .fetch_one(owner)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO events.deliveries (event_id, consumer, state, attempts, available_at,
            delivered_at)
        VALUES ($1, 'search.profile.validated', 'delivered', 3, now(), now())",
    )
    .bind(event)
    .execute(owner)
    .await
    .unwrap();
    event
}

async fn pending(owner: &PgPool) -> Vec<Uuid> {
    sqlx::query_scalar(
        "SELECT event_id FROM events.deliveries
        WHERE consumer = 'search.profile.validated' AND state = 'pending' AND attempts = 0",
    )
    .fetch_all(owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_index_is_told_again_of_entries_of_an_older_rule_and_of_no_others() {
    let database = TestDatabase::create().await;
    let (owner, writer) = (database.owner().await, database.writer());
    let mut events = Vec::new();
    for _ in 0..3 {
        let candidate = validated(&owner, &developer(), 4.0, "", writer.now()).await;
        events.push(tell_of(&owner, candidate).await);
        note_reflected(&writer, candidate.profile_id, true)
            .await
            .unwrap();
    }
    assert_eq!(tell_outdated(&writer).await.unwrap(), 0);
    assert!(pending(&owner).await.is_empty());
    sqlx::query(
        "UPDATE search.reflections SET rule = $1 WHERE profile_id = (
            SELECT aggregate_id FROM events.events WHERE id = $2)",
    )
    .bind(i32::try_from(RULE).unwrap() - 1)
    .bind(events[1])
    .execute(&owner)
    .await
    .unwrap();
    assert_eq!(tell_outdated(&writer).await.unwrap(), 1);
    assert_eq!(pending(&owner).await, [events[1]]);
    assert_eq!(tell_outdated(&writer).await.unwrap(), 0);
}

#[tokio::test]
async fn a_skill_that_neither_the_list_nor_a_reviewer_knows_is_not_on_the_card() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    let company = company(&owner, "pro", store.now()).await;
    let mut profile = json!(developer());
    profile["skills"]["technical"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "Apiculture nomade", "level": "expert"}));
    let profile = tests::search::profile(profile);
    let candidate = validated(&owner, &profile, 4.0, "Rigoureuse.", store.now()).await;
    for (rank, (category, label)) in (10..).zip([
        ("technical", "Écrivez moi"),
        ("technical", "Kubernetes"),
        ("tool", "Ma boutique"),
        ("tool", "Terraform"),
    ]) {
        sqlx::query(
            "INSERT INTO candidate.skills (profile_id, category, rank, label, level)
            VALUES ($1, $2, $3, $4, 'expert')",
        )
        .bind(candidate.profile_id)
        .bind(category)
        .bind(rank)
        .bind(label)
        .execute(&owner)
        .await
        .unwrap();
    }
    let names = |skills: &Value| -> Vec<String> {
        let skills = skills.as_array().unwrap().iter();
        skills
            .map(|skill| skill["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let entry = entry_of(&store, candidate.profile_id)
        .await
        .unwrap()
        .unwrap();
    let entry = json!(entry.profile);
    assert_eq!(
        names(&entry["skills"]),
        ["Rust", "Apiculture nomade", "Kubernetes"]
    );
    assert_eq!(names(&entry["tools"]), ["Docker", "Terraform"]);
    let context = Context::system(store.new_id(), None);
    let Some(Look::NotOpened(card)) = look(&store, &context, company, candidate.profile_id)
        .await
        .unwrap()
    else {
        panic!("a card");
    };
    assert_eq!(
        names(&json!(card.skills)),
        ["Rust", "Apiculture nomade", "Kubernetes"]
    );
    // Who opens the profile sees all of it.
    open(
        &store,
        &context,
        company,
        candidate.profile_id,
        Uuid::from_u128(1),
        |_| None,
    )
    .await
    .unwrap();
    let Some(Look::Opened(opened)) = look(&store, &context, company, candidate.profile_id)
        .await
        .unwrap()
    else {
        panic!("a profile");
    };
    assert_eq!(opened.profile.skills.technical.len(), 4);
}
