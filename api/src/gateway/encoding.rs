//! `Content-Encoding` of a request: its content is read as it comes, so a compressed one is refused
//! by its own code instead of being taken for bad JSON.

use axum::http::{HeaderMap, header};

use super::codes::common;
use super::problem::ApiError;

/// 415 unless the content is what it is, without any coding.
pub fn plain(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut codings = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii);
    if codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")) {
        Ok(())
    } else {
        Err(ApiError::new(common::UNSUPPORTED_CONTENT_ENCODING))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_content_without_a_coding_is_plain() {
        let with = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            plain(&headers)
        };
        for fine in [&[][..], &["identity"], &["Identity, "], &["", "identity"]] {
            assert!(with(fine).is_ok(), "{fine:?}");
        }
        for coded in [
            &["gzip"][..],
            &["identity, gzip"],
            &["identity", "br"],
            &["x"],
        ] {
            let error = with(coded).unwrap_err();
            assert_eq!(error.code(), common::UNSUPPORTED_CONTENT_ENCODING);
        }
    }
}
