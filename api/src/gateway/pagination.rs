//! Lists: `?limit=&cursor=` → `{"items": [...], "next_cursor": null}`.

use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use workflows::fields::FieldCode;

use super::codes::common;
use super::problem::ApiError;
use super::query::Query;

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;
/// The years of anything that happened.
const YEARS: RangeInclusive<i32> = 1970..=9999;

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many items, 1 to 100.
    pub limit: i64,
    cursor: Option<String>,
}

/// The query parameters of [`Page`], for the documentation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items, 20 by default.
    #[param(minimum = 1, maximum = 100, default = 20)]
    #[expect(
        dead_code,
        reason = "read as text, so that a bad value names its field"
    )]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[expect(
        dead_code,
        reason = "read as text, so that a bad value names its field"
    )]
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    limit: Option<String>,
    cursor: Option<String>,
}

impl Page {
    /// Where the page begins: the key of the last item before it.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, ApiError> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let key = URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .filter(is_storable)
            .and_then(|key| serde_json::from_value(key).ok());
        key.map(Some)
            .ok_or_else(|| ApiError::field("/cursor", common::INVALID_CURSOR))
    }

    /// One row more than the page: it tells whether another page follows.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }

    fn new(limit: Option<&str>, cursor: Option<String>) -> Result<Self, ApiError> {
        let limit = limit.map_or(Some(DEFAULT_LIMIT), |limit| limit.parse().ok());
        match limit {
            Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(Self { limit, cursor }),
            _ => Err(ApiError::field("/limit", FieldCode::OutOfRange)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Query(raw) = Query::<Raw>::from_request_parts(parts, state).await?;
        Self::new(
            raw.limit.as_deref(),
            raw.cursor.filter(|cursor| !cursor.is_empty()),
        )
    }
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct List<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A page from up to [`Page::rows`] rows; `key` gives what the next page starts after.
    pub fn new<R, K: Serialize>(
        page: &Page,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        show: impl FnMut(R) -> T,
    ) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| cursor(&key(last)));
        Self {
            items: rows.into_iter().map(show).collect(),
            next_cursor,
        }
    }
}

/// Whether a query can hold what a crafted cursor says: the database refuses years that the
/// program can count, and characters that it can hold.
fn is_storable(key: &Value) -> bool {
    match key {
        Value::String(text) => {
            let moment = text.parse::<DateTime<Utc>>();
            !text.contains('\0') && moment.map_or(true, |at| YEARS.contains(&at.year()))
        }
        Value::Array(items) => items.iter().all(is_storable),
        Value::Object(members) => members.values().all(is_storable),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A cursor that stands for a key.
pub fn cursor<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: &str) -> Result<Page, ApiError> {
        Page::new(Some(limit), None)
    }

    #[test]
    fn limits_are_1_to_100() {
        assert_eq!(Page::new(None, None).unwrap().limit, 20);
        assert!(page("1").is_ok() && page("100").is_ok());
        for bad in ["0", "101", "-1", "abc", "", "1e1", "99999999999999999999"] {
            assert!(page(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_leads_to_the_next_page_and_the_last_has_none() {
        let two = page("2").unwrap();
        let list = List::new(&two, vec![1, 2, 3], |n| *n, |n| n * 10);
        assert_eq!(list.items, [10, 20]);
        let next = Page::new(Some("2"), list.next_cursor).unwrap();
        assert_eq!(next.after::<i32>().unwrap(), Some(2));
        assert!(
            List::new(&two, vec![1, 2], |n| *n, |n| n)
                .next_cursor
                .is_none()
        );
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        let bad = Page::new(None, Some("!!".into())).unwrap();
        assert!(bad.after::<i32>().is_err());
        let other = Page::new(None, Some(cursor(&"text"))).unwrap();
        assert!(other.after::<i32>().is_err());
    }

    #[test]
    fn a_cursor_beyond_what_a_query_can_hold_is_refused() {
        let after = |key: &Value| {
            let page = Page::new(None, Some(cursor(key))).unwrap();
            page.after::<(String, i32)>()
        };
        for good in ["2026-11-24T08:00:00Z", "1970-01-01T00:00:00Z", "a name"] {
            assert!(after(&serde_json::json!([good, 1])).is_ok(), "{good}");
        }
        for bad in [
            "+262142-12-31T00:00:00Z",
            "-262143-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "a\0b",
        ] {
            assert!(after(&serde_json::json!([bad, 1])).is_err(), "{bad}");
        }
    }
}
