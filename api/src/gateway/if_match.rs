//! Optimistic edits of a profile: one strong tag, from its version.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};

use super::codes::common;
use super::problem::ApiError;

/// What proxies that compress an answer put behind its tag, after `-`, `--` or `;`.
const CODINGS: [&str; 5] = ["gzip", "br", "zstd", "deflate", "compress"];

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
    /// One of these. A tag that is not ours matches nothing, a list that cannot be read has none.
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
        let tags = tags(value).unwrap_or_default();
        Self::Versions(tags.into_iter().filter_map(version).collect())
    }
}

/// The tags of a list (RFC 9110, 5.6.1 and 8.8.3), without their quotes; `None` when it is none.
///
/// RFC 9110 has `If-Match` compare strongly. But we give no weak tags: where one is ours, a proxy
/// on the way has weakened it, and the version it names is as good as before.
fn tags(list: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(found);
        }
        let quoted = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        if tag.contains(|c: char| c == ' ' || c.is_ascii_control()) {
            return None;
        }
        found.push(tag);
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// The version of a tag of ours, in the one spelling that [`etag`] gives it.
fn version(tag: &str) -> Option<i64> {
    let digits = CODINGS
        .iter()
        .find_map(|coding| without(tag, coding))
        .unwrap_or(tag);
    let version: i64 = digits.parse().ok()?;
    (version.to_string() == digits).then_some(version)
}

fn without<'a>(tag: &'a str, coding: &str) -> Option<&'a str> {
    let tag = tag.strip_suffix(coding)?;
    ["--", "-", ";"]
        .iter()
        .find_map(|mark| tag.strip_suffix(mark))
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let values = parts.headers.get_all(header::IF_MATCH).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
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
    fn what_a_proxy_did_to_our_tag_is_seen_through() {
        for taken in [
            "\"42\"",
            "W/\"42\"",
            "\"42-gzip\"",
            "W/\"42-br\"",
            "\"42--gzip\"",
            "\"42-zstd\"",
            "\"42;gzip\"",
            "\"41\", \"42\"",
            "\"41\",W/\"42-gzip\"",
            " , \"a,b\" ,\t\"42\", ",
            "*",
            " * ",
        ] {
            assert!(IfMatch::parse(taken).check(42).is_ok(), "{taken}");
        }
    }

    #[test]
    fn what_is_no_tag_of_ours_matches_nothing() {
        for other in [
            "",
            "42",
            "\"+42\"",
            "\"042\"",
            "\" 42\"",
            "\"42 \"",
            "\"42.0\"",
            "\"abc\"",
            "\"-gzip\"",
            "\"42-\"",
            "\"42-lzma\"",
            "\"42gzip\"",
            "w/\"42\"",
            "W/ \"42\"",
            "\"42",
            "42\"",
            "\"42\" \"42\"",
            "\"42\", 42",
            "\"42\", *",
            "\"4\u{fffd}2\"",
        ] {
            assert!(IfMatch::parse(other).check(42).is_err(), "{other}");
        }
    }

    #[test]
    fn a_stale_tag_is_412() {
        let error = IfMatch::parse("\"41\"").check(42).unwrap_err();
        assert_eq!(error.code(), common::PRECONDITION_FAILED);
    }
}
