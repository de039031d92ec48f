//! Optimistic edits of a profile: one strong tag, from its version.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};

use super::codes::common;
use super::problem::ApiError;

/// The `ETag` of a version.
#[must_use]
pub fn etag(version: i64) -> HeaderValue {
    let mut text = version.to_string();
    text.insert(0, '"');
    text.push('"');
    // Digits between quotes are always a valid header value.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

/// The versions a caller accepts to edit. Without the header: 428.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever the version is.
    Any,
    /// One of these; a tag that is weak or not ours matches nothing.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// 412 unless that version is among those the caller read.
    pub fn check(&self, version: i64) -> Result<(), ApiError> {
        match self {
            Self::Versions(versions) if !versions.contains(&version) => {
                Err(ApiError::new(common::PRECONDITION_FAILED))
            }
            _ => Ok(()),
        }
    }

    /// The versions to ask for in the edit's own statement; `None` for any.
    #[must_use]
    pub fn versions(&self) -> Option<&[i64]> {
        match self {
            Self::Any => None,
            Self::Versions(versions) => Some(versions),
        }
    }

    fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::Any;
        }
        let strong = |tag: &str| {
            tag.trim()
                .strip_prefix('"')?
                .strip_suffix('"')?
                .parse()
                .ok()
        };
        Self::Versions(value.split(',').filter_map(strong).collect())
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let values: Vec<&str> = parts
            .headers
            .get_all(header::IF_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        if values.is_empty() {
            return Err(ApiError::new(common::PRECONDITION_REQUIRED));
        }
        Ok(Self::parse(&values.join(",")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_back() {
        let tag = etag(42);
        assert_eq!(tag, "\"42\"");
        assert_eq!(
            IfMatch::parse(tag.to_str().unwrap()),
            IfMatch::Versions(vec![42])
        );
    }

    #[test]
    fn weak_and_foreign_tags_match_nothing() {
        assert!(IfMatch::parse("W/\"42\"").check(42).is_err());
        assert!(IfMatch::parse("\"abc\"").check(42).is_err());
        assert!(IfMatch::parse("42").check(42).is_err());
        assert!(IfMatch::parse("\"41\", \"42\"").check(42).is_ok());
        assert!(IfMatch::parse("*").check(42).is_ok());
    }

    #[test]
    fn a_stale_tag_is_412() {
        let error = IfMatch::parse("\"41\"").check(42).unwrap_err();
        assert_eq!(error.code(), common::PRECONDITION_FAILED);
    }
}
