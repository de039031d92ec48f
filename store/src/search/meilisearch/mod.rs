//! The production engine, Meilisearch, chosen by `MEILISEARCH_URL`.

mod entry;
mod filter;
mod http;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use meilisearch_sdk::client::Client;
use meilisearch_sdk::errors::{Error, ErrorCode, ErrorType};
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::search::{MatchingStrategies, SearchQuery, SearchResults, Selectors};
use meilisearch_sdk::task_info::TaskInfo;
use secrecy::SecretString;
use tokio::sync::OnceCell;
use uuid::Uuid;
use workflows::search::query::{Facet, Sort};

use super::criteria::Criteria;
use super::document::IndexEntry;
use super::index::{HIGHLIGHT_END, HIGHLIGHT_START, Hit, Hits, SearchIndex};
use crate::breaker::Breaker;
use crate::error::{StoreError, json_problem};
use entry::{Document, Stored};
use http::TimedHttp;

/// The name of this dependency.
const DEPENDENCY: &str = "meilisearch";
/// How long an answer may take altogether.
const TOTAL: Duration = Duration::from_millis(1_500);
/// How long the engine may take to do what it was told.
const TASK: Duration = Duration::from_secs(5);
/// Between two looks at whether it is done.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Words of the summary around what matches.
const EXCERPT_WORDS: usize = 40;

/// Meilisearch, behind a breaker.
pub struct MeilisearchIndex {
    client: Client<TimedHttp>,
    index: String,
    breaker: Breaker,
    is_set_up: OnceCell<()>,
}

impl MeilisearchIndex {
    /// The engine at that address, without connecting. `index` names the collection of entries.
    pub fn new(url: &str, key: Option<SecretString>, index: &str) -> Result<Self, StoreError> {
        let http =
            TimedHttp::new(key).map_err(|error| StoreError::unavailable(DEPENDENCY, error))?;
        Ok(Self {
            client: Client::new_with_client(url.trim_end_matches('/'), None::<String>, http),
            index: index.to_owned(),
            breaker: Breaker::new(DEPENDENCY),
            is_set_up: OnceCell::new(),
        })
    }

    fn index(&self) -> Index<TimedHttp> {
        self.client.index(&self.index)
    }

    /// Runs a call within the total, under the breaker.
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, StoreError> {
        let call = async {
            match tokio::time::timeout(TOTAL, call).await {
                Ok(result) => result.map_err(store_error),
                Err(elapsed) => Err(StoreError::unavailable(DEPENDENCY, elapsed)),
            }
        };
        self.breaker.call(call, StoreError::is_unavailable).await
    }

    /// Waits until the engine has done what it was told: until then it may still refuse.
    async fn done(&self, task: TaskInfo) -> Result<(), StoreError> {
        let waiting = task.wait_for_completion(&self.client, Some(BETWEEN_LOOKS), Some(TASK));
        let task = waiting.await.map_err(store_error)?;
        if task.is_failure() {
            return Err(store_error(Error::Meilisearch(task.unwrap_failure())));
        }
        Ok(())
    }

    /// Gives the engine its settings, once in a process, before the first entry: it does both in
    /// the order it was told.
    async fn set_up(&self) -> Result<(), StoreError> {
        self.is_set_up
            .get_or_try_init(|| async {
                let settings = entry::settings();
                self.call(async { self.index().set_settings(&settings).await })
                    .await?;
                Ok(())
            })
            .await
            .copied()
    }
}

#[async_trait]
impl SearchIndex for MeilisearchIndex {
    async fn put(&self, entry: &IndexEntry) -> Result<(), StoreError> {
        self.set_up().await?;
        let documents = [Document::of(entry)];
        let task = self
            .call(async {
                self.index()
                    .add_or_replace(&documents, Some("profile_id"))
                    .await
            })
            .await?;
        self.done(task).await
    }

    async fn remove(&self, profile_id: Uuid) -> Result<(), StoreError> {
        self.call(async { self.index().delete_document(profile_id).await })
            .await?;
        Ok(())
    }

    async fn search(&self, criteria: &Criteria) -> Result<Hits, StoreError> {
        let index = self.index();
        let question = Question::of(criteria);
        let answers = self
            .call(async {
                let main = question.main.ask(&index);
                let others: Vec<_> = question.others.iter().map(|o| o.ask(&index)).collect();
                let mut multi = self.client.multi_search();
                multi.with_search_query(main);
                for other in others {
                    multi.with_search_query(other);
                }
                let answered = self.client.execute_multi_search_query::<Stored>(&multi);
                match answered.await {
                    Ok(answers) => Ok(answers.results),
                    // Nobody was ever put into it.
                    Err(Error::Meilisearch(refusal))
                        if refusal.error_code == ErrorCode::IndexNotFound =>
                    {
                        Ok(Vec::new())
                    }
                    Err(error) => Err(error),
                }
            })
            .await?;
        Ok(hits(answers))
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.call(async { self.client.health().await }).await?;
        Ok(())
    }

    fn dependency(&self) -> &'static str {
        DEPENDENCY
    }
}

/// A question as one search for the page, and one for each facet that is filtered by: that one is
/// counted without its own filter.
struct Question {
    main: Part,
    others: Vec<Part>,
}

struct Part {
    text: String,
    conditions: Vec<String>,
    facets: Vec<&'static str>,
    sort: Vec<&'static str>,
    limit: usize,
    offset: usize,
}

impl Question {
    fn of(criteria: &Criteria) -> Self {
        let is_filtered = |facet: &Facet| {
            criteria
                .any_of
                .iter()
                .any(|(filtered, _)| filtered == facet)
        };
        let (filtered, free): (Vec<Facet>, Vec<Facet>) =
            criteria.facets.iter().copied().partition(is_filtered);
        let main = Part::of(criteria, None, free.iter().map(|f| f.as_str()).collect());
        let others = filtered.into_iter().map(|facet| Part {
            limit: 0,
            offset: 0,
            ..Part::of(criteria, Some(facet), vec![facet.as_str()])
        });
        Self {
            main,
            others: others.collect(),
        }
    }
}

impl Part {
    fn of(criteria: &Criteria, without: Option<Facet>, facets: Vec<&'static str>) -> Self {
        let words: Vec<&str> = criteria
            .asked
            .iter()
            .map(|asked| asked.alternatives[0].as_str())
            .collect();
        Self {
            text: words.join(" "),
            conditions: filter::conditions(criteria, without),
            facets,
            sort: match criteria.sort {
                Sort::Relevance => vec![],
                Sort::Score => vec!["score:desc", "validated_at:desc"],
                Sort::Experience => vec!["experience_years:desc", "score:desc"],
                Sort::Recent => vec!["validated_at:desc"],
            },
            limit: usize::try_from(criteria.limit).unwrap_or_default(),
            offset: usize::try_from(criteria.offset).unwrap_or_default(),
        }
    }

    fn ask<'a>(&'a self, index: &'a Index<TimedHttp>) -> SearchQuery<'a, TimedHttp> {
        let mut query = SearchQuery::new(index);
        query
            .with_index_uid()
            .with_query(&self.text)
            .with_limit(self.limit)
            .with_offset(self.offset)
            .with_array_filter(self.conditions.iter().map(String::as_str).collect())
            .with_facets(Selectors::Some(&self.facets))
            .with_sort(&self.sort)
            .with_matching_strategy(MatchingStrategies::ALL)
            .with_attributes_to_retrieve(Selectors::Some(&["revision_id", "entry", "summary"]))
            .with_attributes_to_highlight(Selectors::Some(&["summary"]))
            .with_attributes_to_crop(Selectors::Some(&[("summary", None)]))
            .with_crop_length(EXCERPT_WORDS)
            .with_highlight_pre_tag(HIGHLIGHT_START)
            .with_highlight_post_tag(HIGHLIGHT_END);
        query
    }
}

fn hits(answers: Vec<SearchResults<Stored>>) -> Hits {
    let mut facets: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    let mut page = None;
    for mut answer in answers {
        for (facet, values) in answer.facet_distribution.take().unwrap_or_default() {
            facets.insert(facet, most_frequent_first(values));
        }
        // The page's own search comes first.
        page.get_or_insert(answer);
    }
    let Some(page) = page else {
        return Hits::default();
    };
    Hits {
        total: page.estimated_total_hits.unwrap_or_default() as u64,
        facets,
        hits: page
            .hits
            .into_iter()
            .map(|hit| Hit {
                highlight: hit
                    .formatted_result
                    .and_then(|formatted| Some(formatted.get("summary")?.as_str()?.to_owned())),
                entry: IndexEntry {
                    revision_id: hit.result.revision_id,
                    profile: hit.result.entry,
                },
            })
            .collect(),
    }
}

fn most_frequent_first(values: HashMap<String, usize>) -> Vec<(String, u64)> {
    let mut values: Vec<(String, u64)> = values
        .into_iter()
        .map(|(value, count)| (value, count as u64))
        .collect();
    values.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    values
}

/// An engine that answers with a refusal is there; anything else may be tried again.
fn store_error(error: Error) -> StoreError {
    match &error {
        Error::Meilisearch(refusal) if refusal.error_type != ErrorType::Internal => {
            StoreError::Dependency {
                dependency: DEPENDENCY,
                source: Box::new(error),
            }
        }
        // Whatever it did not understand may be somebody's.
        Error::ParseError(json) => StoreError::unavailable(DEPENDENCY, json_problem(json)),
        _ => StoreError::unavailable(DEPENDENCY, error),
    }
}
