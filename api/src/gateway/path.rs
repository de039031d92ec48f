//! Path parameters: what cannot be an id names nothing, so it is 404.

use axum::extract::{FromRequestParts, Path as Inner};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::codes::common;
use super::problem::ApiError;

/// The path's parameters as `T`.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        if parts.uri.path().contains("%00") {
            return Err(ApiError::new(common::NOT_FOUND));
        }
        Inner::<T>::from_request_parts(parts, state)
            .await
            .map(|Inner(value)| Self(value))
            .map_err(|_| ApiError::new(common::NOT_FOUND))
    }
}
