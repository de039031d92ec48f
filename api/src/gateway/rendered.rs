//! A success answer as its bytes, so that it can be kept and given again as it was.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use store::error::json_problem;

use super::problem::ApiError;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Status, headers of its own and body of an answer. What belongs to the moment (the correlation
/// id, limits) is added outside.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

/// What stands before the body where an answer is kept, on a line of its own.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

impl Rendered {
    /// An answer with a JSON body.
    pub fn json(status: StatusCode, content: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(content)
            .map_err(|error| ApiError::internal(json_problem(&error)))?;
        Ok(Self {
            status,
            headers: vec![(header::CONTENT_TYPE, JSON)],
            body: body.into(),
        })
    }

    /// An answer without a body.
    #[must_use]
    pub const fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer as it is kept; a header that is no text is left out.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, ApiError> {
        let text = |(name, value): &(HeaderName, HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let head = Head {
            status: self.status.as_u16(),
            headers: self.headers.iter().filter_map(text).collect(),
        };
        let mut bytes =
            serde_json::to_vec(&head).map_err(|error| ApiError::internal(json_problem(&error)))?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }

    /// The answer that was kept so.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = bytes.split_at(end);
        let head: Head = serde_json::from_slice(head).ok()?;
        let header = |(name, value): (String, String)| {
            Some((
                HeaderName::try_from(name).ok()?,
                HeaderValue::try_from(value).ok()?,
            ))
        };
        Some(Self {
            status: StatusCode::from_u16(head.status).ok()?,
            headers: head
                .headers
                .into_iter()
                .map(header)
                .collect::<Option<_>>()?,
            body: Bytes::copy_from_slice(body.get(1..)?),
        })
    }
}

impl IntoResponse for Rendered {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        headers.extend(self.headers);
        response
    }
}

/// The body may hold a person's data.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered")
            .field("status", &self.status)
            .field("length", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::if_match::etag;

    #[test]
    fn an_answer_is_read_back_as_it_was() {
        let answer = Rendered::json(StatusCode::CREATED, &"a\nb")
            .unwrap()
            .with(header::ETAG, etag(4));
        for answer in [answer, Rendered::empty(StatusCode::NO_CONTENT)] {
            let kept = answer.to_bytes().unwrap();
            assert_eq!(Rendered::from_bytes(&kept).unwrap(), answer);
        }
        for bad in [
            b"".as_slice(),
            b"{}",
            b"{}\n",
            b"{\"status\":1,\"headers\":[]}\n",
        ] {
            assert_eq!(Rendered::from_bytes(bad), None);
        }
    }

    #[test]
    fn an_answer_has_its_own_headers_and_no_other_type() {
        let response = Rendered::empty(StatusCode::NO_CONTENT).into_response();
        assert!(response.headers().is_empty());
        let response = Rendered::json(StatusCode::OK, &1).unwrap().into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    }
}
