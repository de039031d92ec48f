//! The question without words and filters, the most common one: everybody, page by page.
//!
//! Its page follows an index and reads what it shows. How many there are, and how often each value
//! occurs, takes a look at every entry; that is counted at most once a second and kept in this
//! process. Each count is a statement of its own, so that none comes near the time-out.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use tokio::time::Instant;
use uuid::Uuid;
use workflows::search::card::SearchableProfile;
use workflows::search::query::Facet;

use super::statement;
use crate::database::{DEPENDENCY, Store};
use crate::error::StoreError;
use crate::search::criteria::Criteria;
use crate::search::document::IndexEntry;
use crate::search::index::{Hit, Hits};

/// So long a count is as good as new, at least.
const FRESH: Duration = Duration::from_secs(1);
/// What takes long to count is counted as much more rarely: it is as good as new for so many times
/// what it took.
const RARELY: u32 = 20;
/// So long a count will do at most, while another search is counting anew.
const USABLE: Duration = Duration::from_secs(10);

/// How long the counts of another search are waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// The values of a facet with how often each occurs, the most frequent first; of all people one
/// value, the number of them.
type Counts = Vec<(String, u64)>;

/// What was counted lately: all people, and facets by their names.
#[derive(Debug, Default)]
pub(super) struct Census {
    kept: Mutex<HashMap<Option<&'static str>, Kept>>,
    counting: tokio::sync::Mutex<()>,
}

/// Counts, when they began to be made, and how long that took.
#[derive(Debug)]
struct Kept {
    began: Instant,
    took: Duration,
    counts: Counts,
}

impl Kept {
    fn is_fresh(&self) -> bool {
        self.began.elapsed() < (self.took * RARELY).clamp(FRESH, USABLE)
    }

    fn is_usable(&self) -> bool {
        self.began.elapsed() < USABLE
    }
}

impl Census {
    fn kept(&self, facet: Option<Facet>, will_do: fn(&Kept) -> bool) -> Option<Counts> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(&facet.map(Facet::as_str))?;
        will_do(kept).then(|| kept.counts.clone())
    }

    /// One's turn to count, when nothing was counted that would do. Who waits longer than a statement
    /// may take comes back later: a crowd must not fail one after another.
    async fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, StoreError> {
        let turn = tokio::time::timeout(PATIENCE, self.counting.lock()).await;
        turn.map_err(|elapsed| StoreError::Overloaded {
            dependency: DEPENDENCY,
            source: elapsed.into(),
        })
    }

    /// Counts, unless that was done lately. Of several at once one counts; the others take the
    /// counts before, if there are any.
    async fn count(&self, store: &Store, facet: Option<Facet>) -> Result<Counts, StoreError> {
        if let Some(counts) = self.kept(facet, Kept::is_fresh) {
            return Ok(counts);
        }
        let _turn = match self.counting.try_lock() {
            Ok(turn) => turn,
            Err(_) => match self.kept(facet, Kept::is_usable) {
                Some(counts) => return Ok(counts),
                None => self.turn().await?,
            },
        };
        if let Some(counts) = self.kept(facet, Kept::is_fresh) {
            return Ok(counts);
        }
        let mut connection = store.connection().await?;
        let began = Instant::now();
        let rows = statement::count_of_everybody(facet)
            .build()
            .fetch_all(&mut *connection)
            .await?;
        let counts = rows.iter().map(count).collect::<Result<Counts, _>>()?;
        let kept = Kept {
            began,
            took: began.elapsed(),
            counts: counts.clone(),
        };
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(facet.map(Facet::as_str), kept);
        Ok(counts)
    }
}

fn count(row: &PgRow) -> Result<(String, u64), StoreError> {
    let count: i64 = row.try_get("count")?;
    Ok((
        row.try_get("value")?,
        u64::try_from(count).unwrap_or_default(),
    ))
}

/// Answers the question without words and filters.
pub(super) async fn search(
    store: &Store,
    census: &Census,
    criteria: &Criteria,
) -> Result<Hits, StoreError> {
    let all = census.count(store, None).await?;
    let mut facets = BTreeMap::new();
    for facet in &criteria.facets {
        let counts = census.count(store, Some(*facet)).await?;
        facets.insert(facet.as_str().to_owned(), counts);
    }
    let mut connection = store.connection().await?;
    let rows = statement::page_of_everybody(criteria)
        .build()
        .fetch_all(&mut *connection)
        .await?;
    let hits = rows
        .iter()
        .map(|row| {
            let profile: Json<SearchableProfile> = row.try_get("entry")?;
            Ok(Hit {
                entry: IndexEntry {
                    revision_id: row.try_get::<Uuid, _>("revision_id")?,
                    profile: profile.0,
                },
                highlight: None,
            })
        })
        .collect::<Result<Vec<Hit>, StoreError>>()?;
    Ok(Hits {
        total: all.iter().map(|(_, count)| count).sum(),
        hits,
        facets,
    })
}
