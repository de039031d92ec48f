//! `GET /admin/assessment-grid`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::validation;
use utoipa::ToSchema;
use workflows::identity::rules::Locale;
use workflows::validation::rules::{Category, Criterion, Grid};

use crate::gateway::caller::Allowed;
use crate::gateway::permission::GridRead;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// The assessment grid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "AssessmentGrid")]
pub struct GridView {
    /// Raised by every change; a case keeps the version it began with.
    version: i32,
    /// The weighted categories.
    categories: Vec<CategoryView>,
}

/// A weighted category.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "AssessmentCategory")]
pub struct CategoryView {
    /// Its code.
    code: String,
    /// Its name in the caller's language.
    label: String,
    /// Its weight.
    weight: u32,
    /// What is rated in it.
    criteria: Vec<CriterionView>,
}

/// One thing that is rated from 1 to 5.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "AssessmentCriterion")]
pub struct CriterionView {
    /// Its code, which a rating names.
    code: String,
    /// Its name in the caller's language.
    label: String,
}

/// Read the grid that new cases begin with
#[utoipa::path(
    get,
    path = "/assessment-grid",
    tag = "admin",
    responses((status = 200, description = "The grid", body = GridView))
)]
pub async fn grid(
    State(state): State<AppState>,
    caller: Allowed<GridRead>,
) -> Result<Json<GridView>, ApiError> {
    let grid = validation::current_grid(&state.store).await?;
    Ok(Json(GridView::new(grid, caller.info.locale)))
}

impl GridView {
    fn new(grid: Grid, locale: Locale) -> Self {
        let shown = |category: Category| CategoryView {
            code: category.code,
            label: label(locale, category.label_fr, category.label_en),
            weight: category.weight,
            criteria: category
                .criteria
                .into_iter()
                .map(|criterion: Criterion| CriterionView {
                    code: criterion.code,
                    label: label(locale, criterion.label_fr, criterion.label_en),
                })
                .collect(),
        };
        Self {
            version: grid.version,
            categories: grid.categories.into_iter().map(shown).collect(),
        }
    }
}

fn label(locale: Locale, french: String, english: String) -> String {
    match locale {
        Locale::French => french,
        Locale::English => english,
    }
}
