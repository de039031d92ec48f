//! The embedded engine: PostgreSQL full text in French with and without accents, `pg_trgm` for
//! typing errors, one GIN index over all filters.

mod ask;
mod everybody;
mod statement;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::Row;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::search::card::SearchableProfile;

use super::criteria::Criteria;
use super::document::{IndexEntry, Texts, places, terms};
use super::index::{Hit, Hits, SearchIndex};
use crate::database::Store;
use crate::error::StoreError;

/// The engine for whom no other is configured.
#[derive(Clone, Debug)]
pub struct PostgresIndex {
    store: Store,
    census: Arc<everybody::Census>,
}

impl PostgresIndex {
    /// An engine on this database. Who only searches may be `yemma_api`; who writes entries is
    /// `yemma_worker`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            census: Arc::default(),
        }
    }
}

#[async_trait]
impl SearchIndex for PostgresIndex {
    async fn put(&self, entry: &IndexEntry) -> Result<(), StoreError> {
        let texts = Texts::of(&entry.profile);
        let row = EntryRow::of(entry)?;
        let mut tx = self.store.begin().await?;
        sqlx::query!(
            "INSERT INTO search.words (word) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
            &texts.lexicon(),
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            r#"INSERT INTO search.profile_index
                (profile_id, revision_id, entry, summary, terms, sector, occupation, country,
                 availability, education_levels, locations, contract_types, skills, languages,
                 score, experience_years, salary_min, salary_currency, validated_at, document)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                $18, $19,
                setweight(search.both_vectors($20), 'A') || setweight(search.both_vectors($21), 'B')
                || setweight(search.both_vectors($22), 'C')
                || setweight(search.both_vectors($23), 'D'))
            ON CONFLICT (profile_id) DO UPDATE SET
                revision_id = excluded.revision_id, entry = excluded.entry,
                summary = excluded.summary, terms = excluded.terms, sector = excluded.sector,
                occupation = excluded.occupation, country = excluded.country,
                availability = excluded.availability,
                education_levels = excluded.education_levels, locations = excluded.locations,
                contract_types = excluded.contract_types, skills = excluded.skills,
                languages = excluded.languages, score = excluded.score,
                experience_years = excluded.experience_years, salary_min = excluded.salary_min,
                salary_currency = excluded.salary_currency,
                validated_at = excluded.validated_at, document = excluded.document"#,
            entry.profile.profile_id,
            entry.revision_id,
            row.entry,
            row.summary,
            &row.terms,
            row.sector,
            row.occupation,
            row.country,
            row.availability,
            &row.education_levels,
            &row.locations,
            &row.contract_types,
            &row.skills,
            &row.languages,
            row.score,
            row.experience_years,
            row.salary_min,
            row.salary_currency,
            entry.profile.validated_at,
            texts.title,
            texts.trade,
            texts.labels,
            texts.summary,
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn remove(&self, profile_id: Uuid) -> Result<(), StoreError> {
        let mut connection = self.store.connection().await?;
        sqlx::query!(
            "DELETE FROM search.profile_index WHERE profile_id = $1",
            profile_id
        )
        .execute(&mut *connection)
        .await?;
        Ok(())
    }

    async fn search(&self, criteria: &Criteria) -> Result<Hits, StoreError> {
        if criteria.is_everybody() {
            return everybody::search(&self.store, &self.census, criteria).await;
        }
        let mut connection = self.store.connection().await?;
        let groups = ask::groups(&mut connection, criteria).await?;
        let mut statement = statement::build(criteria, groups);
        let row = statement
            .build()
            // The plan depends on how common the words and values are that are asked for.
            .persistent(false)
            .fetch_one(&mut *connection)
            .await?;
        let hits: Json<Vec<HitRow>> = row.try_get("hits")?;
        let facets: Json<Vec<CountRow>> = row.try_get("facets")?;
        let total: i64 = row.try_get("total")?;
        Ok(Hits {
            total: u64::try_from(total).unwrap_or_default(),
            hits: hits.0.into_iter().map(HitRow::into_hit).collect(),
            facets: counted(facets.0),
        })
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    fn dependency(&self) -> &'static str {
        crate::database::DEPENDENCY
    }
}

/// How PostgreSQL goes about a search, for tests and operators: `EXPLAIN` in JSON.
pub async fn explain(store: &Store, criteria: &Criteria) -> Result<serde_json::Value, StoreError> {
    let mut connection = store.connection().await?;
    let groups = ask::groups(&mut connection, criteria).await?;
    let mut statement = statement::explain(criteria, groups);
    let row = statement
        .build()
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// The columns of an entry that are not words.
struct EntryRow {
    entry: serde_json::Value,
    summary: String,
    terms: Vec<String>,
    sector: Option<String>,
    occupation: Option<String>,
    country: Option<String>,
    availability: Option<&'static str>,
    education_levels: Vec<String>,
    locations: Vec<String>,
    contract_types: Vec<String>,
    skills: Vec<String>,
    languages: Vec<String>,
    score: i32,
    experience_years: i32,
    salary_min: Option<i64>,
    salary_currency: Option<&'static str>,
}

impl EntryRow {
    fn of(entry: &IndexEntry) -> Result<Self, StoreError> {
        let profile = &entry.profile;
        let text = |cleared: &Option<workflows::search::redaction::Cleared>| {
            cleared.as_ref().map(|text| text.as_str().to_owned())
        };
        let skills = profile.skills.iter().chain(&profile.tools);
        let score = profile.score_5.map_or(0, |score| score.hundredths());
        Ok(Self {
            entry: serde_json::to_value(profile)
                .map_err(|error| StoreError::unreadable("search.profile_index", &error))?,
            summary: text(&profile.summary).unwrap_or_default(),
            terms: terms(profile),
            sector: text(&profile.sector),
            occupation: text(&profile.occupation),
            country: profile.country.clone(),
            availability: profile.availability.map(|value| value.as_str()),
            education_levels: codes(&profile.education_levels, |level| level.as_str()),
            locations: places(profile).map(str::to_owned).collect(),
            contract_types: codes(&profile.contract_types, |kind| kind.as_str()),
            skills: skills.map(|skill| skill.name.as_str().to_owned()).collect(),
            languages: profile.languages.iter().map(|l| l.code.clone()).collect(),
            score: i32::try_from(score).unwrap_or(i32::MAX),
            experience_years: i32::try_from(profile.experience_years).unwrap_or(i32::MAX),
            salary_min: profile.low_salary.map(|salary| salary.monthly()),
            salary_currency: profile.low_salary.map(|salary| salary.currency.as_str()),
        })
    }
}

fn codes<T: Copy>(values: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| name(*value).to_owned()).collect()
}

#[derive(Deserialize)]
struct HitRow {
    revision_id: Uuid,
    entry: SearchableProfile,
    highlight: Option<String>,
}

impl HitRow {
    fn into_hit(self) -> Hit {
        Hit {
            entry: IndexEntry {
                revision_id: self.revision_id,
                profile: self.entry,
            },
            highlight: self.highlight,
        }
    }
}

#[derive(Deserialize)]
struct CountRow {
    facet: String,
    value: String,
    count: u64,
}

fn counted(rows: Vec<CountRow>) -> BTreeMap<String, Vec<(String, u64)>> {
    let mut facets: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for row in rows {
        facets
            .entry(row.facet)
            .or_default()
            .push((row.value, row.count));
    }
    facets
}
