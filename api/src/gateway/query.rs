//! Query strings: a bad one is a problem document too.

use axum::extract::{FromRequestParts, Query as Inner};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use workflows::fields::FieldCode;

use super::codes::common;
use super::problem::ApiError;

/// The query string as `T`. A value that `T` refuses is 422.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let raw = parts.uri.query().unwrap_or_default();
        // PostgreSQL has no text with a NUL in it.
        if raw.contains("%00") {
            return Err(ApiError::field("", FieldCode::InvalidCharacter));
        }
        Inner::try_from_uri(&parts.uri)
            .map(|Inner(value)| Self(value))
            .map_err(|_| ApiError::new(common::INVALID))
    }
}
