//! A search: here the store itself is called, for its statement is put together anew each time.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use store::search::{PostgresIndex, count_search};
use store::{Actor, Context};
use uuid::Uuid;
use workflows::search::query::read_query;

use super::{Bare, Failure};

pub(super) async fn search(
    State(bare): State<Bare>,
    Path(company_id): Path<Uuid>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Failure> {
    let query = read_query(body).map_err(|errors| Failure(format!("{errors:?}")))?;
    let context = Context {
        actor: Actor::Person(company_id),
        ..Context::system(bare.store.new_id(), None)
    };
    let index = PostgresIndex::new(bare.store.clone());
    let found = store::search::search(&bare.store, &index, company_id, &query, 0).await?;
    count_search(&bare.store, &context, company_id, found.period, None).await?;
    Ok(Json(json!({
        "total": found.total,
        "items": found.cards,
        "facets": found.facets,
        "next": found.next_offset,
    })))
}
