//! A search: the engine's answer, checked against PostgreSQL and made into cards.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;
use workflows::search::card::SearchCard;
use workflows::search::query::SearchQuery;
use workflows::search::words::fold;
use workflows::subscriptions::rules::Period;

use super::check::{Checked, check};
use super::criteria::Criteria;
use super::index::{Hit, Hits, SearchIndex};
use super::truth::entry_of;
use crate::database::Store;
use crate::error::StoreError;

/// The deepest hit that a page may show.
pub const DEEPEST: u32 = 10_000;

/// What a company is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How many profiles match.
    pub total: u64,
    /// The page of anonymous cards.
    pub cards: Vec<SearchCard>,
    /// How often each value occurs, by facet.
    pub facets: BTreeMap<String, BTreeMap<String, u64>>,
    /// Where the next page begins, if there is one.
    pub next_offset: Option<u32>,
    /// The period of the company's quotas, in which the search counts.
    pub period: Period,
}

/// Searches for a company, from that many hits on. Whatever the engine says, nobody is shown who
/// is not `VALIDATED` now. Counting the search is [`count_search`](super::count_search)'s.
pub async fn search(
    store: &Store,
    index: &dyn SearchIndex,
    company_id: Uuid,
    query: &SearchQuery,
    offset: u32,
) -> Result<Answer, StoreError> {
    let mut found = index.search(&Criteria::of(query, offset)).await?;
    let (profile_ids, revision_ids): (Vec<Uuid>, Vec<Uuid>) = found
        .hits
        .iter()
        .map(|hit| (hit.entry.profile.profile_id, hit.entry.revision_id))
        .unzip();
    let checked = check(store, company_id, &profile_ids, &revision_ids).await?;
    make_current(store, &mut found).await?;
    Ok(answer(found, query, offset, &checked))
}

/// Makes those entries anew that were cleared by an older rule: until the index has them again, the
/// truth stands in for them.
async fn make_current(store: &Store, found: &mut Hits) -> Result<(), StoreError> {
    let outdated = |hit: &&mut Hit| !hit.entry.profile.is_current();
    for hit in found.hits.iter_mut().filter(outdated) {
        if let Some(entry) = entry_of(store, hit.entry.profile.profile_id).await? {
            hit.entry = entry;
            hit.highlight = None;
        }
    }
    Ok(())
}

fn answer(found: Hits, query: &SearchQuery, offset: u32, checked: &Checked) -> Answer {
    let seen = u64::from(offset) + found.hits.len() as u64;
    let has_more = found.hits.len() == query.limit as usize && seen < found.total;
    let next_offset = offset
        .checked_add(query.limit)
        .filter(|next| has_more && *next + query.limit <= DEEPEST);
    let hits = found.hits.len();
    let cards: Vec<SearchCard> = found
        .hits
        .into_iter()
        .filter_map(|hit| {
            // Somebody who left meanwhile has no truth to stand in for an older entry.
            let current = Some(&hit.entry.profile).filter(|profile| profile.is_current())?;
            let is_opened = checked.is_opened(current.profile_id)?;
            let highlight = hit.highlight.filter(|text| !text.is_empty());
            Some(hit.entry.profile.card(highlight, is_opened))
        })
        .collect();
    let hidden = (hits - cards.len()) as u64;
    let mut facets: BTreeMap<String, BTreeMap<String, u64>> = query
        .facets
        .iter()
        .map(|facet| (facet.as_str().to_owned(), BTreeMap::new()))
        .collect();
    facets.extend(found.facets.into_iter().map(counts));
    Answer {
        total: found.total.saturating_sub(hidden),
        cards,
        facets,
        next_offset,
        period: checked.period,
    }
}

/// Labels that differ in case or accents only are one value, shown as most people write it.
fn counts((facet, values): (String, Vec<(String, u64)>)) -> (String, BTreeMap<String, u64>) {
    let mut labels: HashMap<String, String> = HashMap::new();
    let mut counts = BTreeMap::new();
    for (value, count) in values {
        let label = labels.entry(fold(&value)).or_insert(value);
        *counts.entry(label.clone()).or_insert(0) += count;
    }
    (facet, counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_label_are_counted_together() {
        let values = vec![
            ("Informatique".to_owned(), 3),
            ("Santé".to_owned(), 2),
            ("informatique".to_owned(), 1),
        ];
        let (_, counts) = counts(("sectors".to_owned(), values));
        assert_eq!(counts["Informatique"], 4);
        assert_eq!(counts.len(), 2);
    }
}
