//! Writes the document of an error answer, where language, path and correlation id are known.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::{ApiError, PROBLEM_JSON};
use crate::gateway::codes::{Code, common};
use crate::gateway::correlation::RequestInfo;

/// Marks an error answer whose body is written already and is no problem document.
#[derive(Debug, Clone, Copy)]
pub struct Finished;

/// Middleware: writes the problem document of every error answer, also of those that no handler
/// made.
pub async fn render(request: Request, next: Next) -> Response {
    let info = request
        .extensions()
        .get::<RequestInfo>()
        .cloned()
        .unwrap_or_default();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    if response.extensions_mut().remove::<Finished>().is_some() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None if is_error(status) && !is_problem(&response) => ApiError::new(code_of(status)),
        None => return response,
    };
    let problem = error.document(info.locale, &path, info.correlation_id);
    match serde_json::to_vec(&problem) {
        Ok(body) => *response.body_mut() = body.into(),
        Err(error) => tracing::error!(%error, "a problem could not be written"),
    }
    *response.status_mut() = error.code().status();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if error.code().status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if error.code() == common::UNSUPPORTED_CONTENT_ENCODING {
        // RFC 9110, 15.5.16: what would be taken.
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
    }
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(info.locale.as_str()),
    );
    response
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn is_problem(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == PROBLEM_JSON)
}

/// The code of an error answer that came from a library: its status is all that is known.
fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => common::UNAUTHENTICATED,
        StatusCode::FORBIDDEN => common::FORBIDDEN,
        StatusCode::NOT_FOUND => common::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => common::METHOD_NOT_ALLOWED,
        StatusCode::NOT_ACCEPTABLE => common::NOT_ACCEPTABLE,
        StatusCode::REQUEST_TIMEOUT => common::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE => common::TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => common::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY => common::INVALID,
        StatusCode::TOO_MANY_REQUESTS => common::RATE_LIMITED,
        StatusCode::SERVICE_UNAVAILABLE => common::UNAVAILABLE,
        status if status.is_client_error() => common::MALFORMED,
        _ => common::INTERNAL,
    }
}
