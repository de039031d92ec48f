//! `POST /search/profiles`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use store::search::{DEEPEST, count_search};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::search::query::{SearchQuery, read_query};
use workflows::subscriptions::rules::Period;

use super::card::CardAnswer;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common;
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::Body;
use crate::gateway::pagination::cursor;
use crate::gateway::permission::SearchProfiles;
use crate::gateway::problem::{ApiError, FieldError, PROBLEM_JSON, Problem};
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What is looked for. Every field may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(title = "SearchRequest", example = json!({
    "q": "développeur rust", "filters": {"countries": ["CI"], "skills": [{"name": "Rust", "level": "advanced"}]},
    "facets": ["skills", "sectors"], "sort": "relevance", "limit": 20
}))]
#[expect(dead_code, reason = "documents what `read_query` reads")]
pub struct SearchRequest {
    /// Words; spelling, accents and synonyms are forgiven.
    q: Option<String>,
    /// What a hit has to have.
    filters: Option<FiltersRequest>,
    /// What to count: the names of the list filters.
    facets: Option<Vec<String>>,
    /// `relevance`, `score`, `experience` or `recent`.
    sort: Option<String>,
    /// Entries of a page, 20 by default.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What a hit has to have: all filters, all skills and languages, one value of every other list.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(title = "SearchFilters")]
#[expect(dead_code, reason = "documents what `read_query` reads")]
pub struct FiltersRequest {
    /// All of these skills or tools, at that level or above: `{name, level?}`.
    #[schema(value_type = Option<Vec<Object>>)]
    skills: Option<Vec<serde_json::Value>>,
    /// Years of experience: `{min?, max?}`.
    #[schema(value_type = Option<Object>)]
    experience: Option<serde_json::Value>,
    /// Sectors.
    sectors: Option<Vec<String>>,
    /// Main occupations.
    occupations: Option<Vec<String>>,
    /// Countries, ISO 3166-1 alpha-2.
    countries: Option<Vec<String>>,
    /// Cities and wanted places.
    locations: Option<Vec<String>>,
    /// Kinds of contract.
    contract_types: Option<Vec<String>>,
    /// Availabilities.
    availability: Option<Vec<String>>,
    /// Education levels.
    education_levels: Option<Vec<String>>,
    /// All of these languages, at that level or above: `{code, level?}`.
    #[schema(value_type = Option<Vec<Object>>)]
    languages: Option<Vec<serde_json::Value>>,
    /// Who asks for no more than this a month at the low end: `{amount, currency}`.
    #[schema(value_type = Option<Object>)]
    salary_max: Option<serde_json::Value>,
    /// The least score out of 5.
    score_min: Option<f64>,
    /// Validated on this day (UTC) or later.
    #[schema(format = Date)]
    validated_after: Option<String>,
}

/// A page of anonymous cards.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchAnswer")]
pub struct SearchAnswer {
    /// How many profiles match.
    total: u64,
    /// The cards.
    items: Vec<CardAnswer>,
    /// How often each value occurs, by facet; a facet that is filtered by is counted without its
    /// own filter.
    facets: BTreeMap<String, BTreeMap<String, u64>>,
    /// What to send as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
    /// How long the search took, in milliseconds.
    took_ms: u64,
}

/// Searches the validated profiles. A further page of the same search is not counted as another.
#[utoipa::path(post, path = "/profiles", tag = "search", request_body = SearchRequest,
    responses(
        (status = OK, description = "A page of anonymous cards", body = SearchAnswer),
        (status = PAYMENT_REQUIRED, description = "The quota of the plan is used up", body = Problem, content_type = PROBLEM_JSON),
    ))]
pub(super) async fn search(
    State(state): State<AppState>,
    caller: Allowed<SearchProfiles>,
    once: Once,
    body: Body,
) -> Result<Rendered, ApiError> {
    let company_id = caller.company()?;
    let asked = [company_id.as_bytes().as_slice(), body.bytes()].concat();
    once.run(
        &state,
        caller.context(),
        &asked,
        async |context| {
            let (answer, period) = find(&state, company_id, &body).await?;
            let Some(period) = period else {
                return Ok(Acted::Done(answer));
            };
            let sealed = once.seal(&state, &context, &answer);
            count_search(&state.store, &context, company_id, period, sealed).await?;
            Ok(Acted::Kept(answer))
        },
        async |_| {
            let (answer, _) = find(&state, company_id, &body).await?;
            Ok(Acted::Done(answer))
        },
    )
    .await
}

/// The answer, and the period in which the search counts; a further page counts in none.
async fn find(
    state: &AppState,
    company_id: Uuid,
    body: &Body,
) -> Result<(Rendered, Option<Period>), ApiError> {
    let began = Instant::now();
    let query = read_query(body.value()?.clone()).map_err(|fields| {
        ApiError::new(common::INVALID).with_fields(fields.into_iter().map(FieldError::from))
    })?;
    let place = Place::of(state, &query)?;
    let index = &*state.index;
    let found =
        store::search::search(&state.store, index, company_id, &query, place.offset).await?;
    let answer = SearchAnswer {
        total: found.total,
        items: found.cards.into_iter().map(CardAnswer::from).collect(),
        facets: found.facets,
        next_cursor: found.next_offset.map(|next| place.cursor(next)),
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let answer = Rendered::json(StatusCode::OK, &answer)?;
    Ok((answer, (place.offset == 0).then_some(found.period)))
}

/// Where a page begins, in the hits of one question.
struct Place {
    offset: u32,
    question: String,
}

impl Place {
    /// The cursor's place; a cursor belongs to the question that it was given for.
    fn of(state: &AppState, query: &SearchQuery) -> Result<Self, ApiError> {
        let invalid = || ApiError::field("/cursor", common::INVALID_CURSOR);
        let asked = SearchQuery {
            cursor: None,
            limit: 0,
            ..query.clone()
        };
        let asked = serde_json::to_vec(&asked).map_err(ApiError::internal)?;
        let question = state.keyring.fingerprint(&[b"search", &asked]);
        let Some(cursor) = &query.cursor else {
            return Ok(Self {
                offset: 0,
                question,
            });
        };
        let decoded = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let (offset, given_for): (u32, String) =
            serde_json::from_slice(&decoded).map_err(|_| invalid())?;
        if given_for != question || offset == 0 || offset > DEEPEST {
            return Err(invalid());
        }
        Ok(Self { offset, question })
    }

    fn cursor(&self, offset: u32) -> String {
        cursor(&(offset, &self.question))
    }
}
