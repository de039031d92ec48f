//! What a question asks for, its joined words taken apart and its typing errors corrected by the
//! words that entries hold.

use std::collections::HashSet;

use serde_json::{Value, json};
use sqlx::PgConnection;
use workflows::search::genders::other_genders;
use workflows::search::words::{cuts, fold, may_be_meant};

use crate::error::StoreError;
use crate::search::criteria::Criteria;

/// The shortest word whose spelling is doubted.
const SHORTEST_CORRECTED: usize = 4;
/// How many words one that is not known may have been meant for.
const MOST_CORRECTIONS: usize = 5;

/// The groups of `search.text_query`: each must be met by any of its alternatives. Nothing without
/// a question.
pub(super) async fn groups(
    connection: &mut PgConnection,
    criteria: &Criteria,
) -> Result<Option<Value>, StoreError> {
    if criteria.asked.is_empty() {
        return Ok(None);
    }
    let mut groups: Vec<Vec<String>> = criteria
        .asked
        .iter()
        .map(|asked| asked.alternatives.clone())
        .collect();
    let known = known(connection, &groups).await?;
    let mut doubted = Vec::new();
    for alternatives in &mut groups {
        let typed = fold(&alternatives[0]);
        let phrases = phrases(alternatives, &known);
        if phrases.is_empty() && is_doubted(&typed, alternatives, &known) {
            doubted.push(typed);
        }
        alternatives.extend(phrases);
    }
    if !doubted.is_empty() {
        let nearest = nearest(connection, &doubted).await?;
        for alternatives in &mut groups {
            correct(alternatives, &nearest);
        }
    }
    Ok(Some(json!(groups)))
}

/// Those of the words asked for, and of the parts that they may be made of, that entries hold.
async fn known(
    connection: &mut PgConnection,
    groups: &[Vec<String>],
) -> Result<HashSet<String>, StoreError> {
    let mut words = HashSet::new();
    for alternative in groups.iter().flatten().filter(|word| is_one_word(word)) {
        let word = fold(alternative);
        for (first, second) in cuts(&word) {
            words.extend([first.to_owned(), second.to_owned()]);
        }
        words.insert(word);
    }
    let words: Vec<String> = words.into_iter().collect();
    let known = sqlx::query_scalar!("SELECT word FROM search.words WHERE word = ANY($1)", &words)
        .fetch_all(connection)
        .await?;
    Ok(known.into_iter().collect())
}

/// The words asked for as two where entries hold both: "frontend" is "front end" as well.
fn phrases(alternatives: &[String], known: &HashSet<String>) -> Vec<String> {
    let mut phrases = Vec::new();
    for word in alternatives.iter().filter(|word| is_one_word(word)) {
        let word = fold(word);
        for (first, second) in cuts(&word) {
            let is_known = |part: &str| part == "e" || known.contains(part);
            let phrase = format!("{first} {second}");
            if is_known(first) && is_known(second) && !alternatives.contains(&phrase) {
                phrases.push(phrase);
            }
        }
    }
    phrases
}

/// Whether a word was misspelled: no entry holds it, in any gender or spelling that means the same.
fn is_doubted(typed: &str, alternatives: &[String], known: &HashSet<String>) -> bool {
    typed.chars().count() >= SHORTEST_CORRECTED
        && is_one_word(typed)
        && !alternatives.iter().any(|word| known.contains(&fold(word)))
}

fn is_one_word(text: &str) -> bool {
    !text.contains(' ')
}

/// Adds the words that the one typed may have been meant for, in their genders.
fn correct(alternatives: &mut Vec<String>, nearest: &[(String, String)]) {
    let typed = fold(&alternatives[0]);
    let meant = nearest
        .iter()
        .filter(|(of, known)| *of == typed && may_be_meant(of, known))
        .take(MOST_CORRECTIONS);
    for (_, known) in meant {
        alternatives.push(known.clone());
        alternatives.extend(other_genders(known));
    }
}

/// For each of the words the nearest that some entry holds; the nearest first.
async fn nearest(
    connection: &mut PgConnection,
    typed: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT typed AS "typed!", known AS "known!"
        FROM unnest($1::text[]) AS question (typed)
        CROSS JOIN LATERAL search.nearest_words(typed) AS known"#,
        typed,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.typed, row.known)).collect())
}
