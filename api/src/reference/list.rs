//! `GET /reference/{list}`

use axum::Json;
use axum::http::{HeaderName, header};
use serde::Serialize;
use utoipa::ToSchema;
use workflows::reference::{Entry, lookup};

use crate::gateway::codes::common::NOT_FOUND;
use crate::gateway::path::Path;
use crate::gateway::problem::ApiError;

/// How long a list may be kept by anybody: it changes with a release only.
const CACHED: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=3600")];

/// A reference list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "ReferenceList", example = json!({
    "items": [{"code": "permanent", "label_fr": "CDI", "label_en": "Permanent"}], "next_cursor": null
}))]
pub struct ListAnswer {
    /// The entries.
    items: Vec<EntryAnswer>,
    /// Always `null`: there is one page.
    next_cursor: Option<String>,
}

/// One entry of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "ReferenceEntry")]
pub struct EntryAnswer {
    /// The stable code.
    code: &'static str,
    /// French label.
    label_fr: &'static str,
    /// English label.
    label_en: &'static str,
}

/// A reference list with French and English labels: `sectors`, `occupations`, `skills`,
/// `behavioural-skills`, `countries`, `languages`, `contract-types`, `document-kinds` and others.
#[utoipa::path(get, path = "/{list}", tag = "reference", security(()),
    params(("list" = String, Path, description = "The list's name")),
    responses((status = OK, description = "The list", body = ListAnswer)))]
pub(super) async fn list(
    Path(list): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], Json<ListAnswer>), ApiError> {
    let entries = lookup(&list).ok_or_else(|| ApiError::new(NOT_FOUND))?;
    let answer = ListAnswer {
        items: entries.iter().map(EntryAnswer::from).collect(),
        next_cursor: None,
    };
    Ok((CACHED, Json(answer)))
}

impl From<&'static Entry> for EntryAnswer {
    fn from(entry: &'static Entry) -> Self {
        Self {
            code: &entry.code,
            label_fr: &entry.label_fr,
            label_en: &entry.label_en,
        }
    }
}
