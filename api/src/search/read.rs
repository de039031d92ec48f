//! `GET /search/profiles/{profile_id}`

use axum::Json;
use axum::extract::State;
use store::search::Look;
use uuid::Uuid;

use super::card::CardAnswer;
use super::profile::ProfileAnswer;
use crate::gateway::caller::Allowed;
use crate::gateway::codes::common::NOT_FOUND;
use crate::gateway::codes::search::NOT_OPENED;
use crate::gateway::path::Path;
use crate::gateway::permission::SearchReadProfile;
use crate::gateway::problem::ApiError;
use crate::state::AppState;

/// A profile that the company opened in its current period; never charges. Of another it is 403
/// with the anonymous card as `card`.
#[utoipa::path(get, path = "/profiles/{profile_id}", tag = "search",
    params(("profile_id" = Uuid, Path, description = "The profile")),
    responses((status = OK, description = "The full profile", body = ProfileAnswer)))]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: Allowed<SearchReadProfile>,
    Path(profile_id): Path<Uuid>,
) -> Result<Json<ProfileAnswer>, ApiError> {
    let company_id = caller.company()?;
    let context = caller.context();
    match store::search::look(&state.store, &context, company_id, profile_id).await? {
        Some(Look::Opened(opened)) => Ok(Json((*opened).into())),
        Some(Look::NotOpened(card)) => {
            let card = serde_json::to_value(CardAnswer::from(*card)).map_err(ApiError::internal)?;
            Err(ApiError::new(NOT_OPENED).with("card", card))
        }
        None => Err(ApiError::new(NOT_FOUND)),
    }
}
