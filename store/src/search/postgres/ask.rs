//! What a question asks for, its typing errors corrected by the words that entries hold.

use serde_json::{Value, json};
use sqlx::PgConnection;
use workflows::search::words::{fold, may_be_meant};

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
    let doubted: Vec<String> = groups
        .iter()
        .map(|alternatives| fold(&alternatives[0]))
        .filter(|word| word.chars().count() >= SHORTEST_CORRECTED && !word.contains(' '))
        .collect();
    if !doubted.is_empty() {
        for (typed, known) in nearest(connection, &doubted).await? {
            if !may_be_meant(&typed, &known) {
                continue;
            }
            for alternatives in &mut groups {
                let is_it = fold(&alternatives[0]) == typed;
                if is_it && alternatives.len() <= MOST_CORRECTIONS {
                    alternatives.push(known.clone());
                }
            }
        }
    }
    Ok(Some(json!(groups)))
}

/// For each word that no entry holds, the nearest that some do; the nearest first.
async fn nearest(
    connection: &mut PgConnection,
    typed: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT typed AS "typed!", known AS "known!"
        FROM unnest($1::text[]) AS question (typed)
        CROSS JOIN LATERAL search.nearest_words(typed) AS known
        WHERE (SELECT word FROM search.words WHERE word = typed) IS NULL"#,
        typed,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.typed, row.known)).collect())
}
