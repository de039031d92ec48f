//! The longest that a request may take. A server that goes silent, behind a proxy that keeps its
//! connection open, would otherwise hold its requests for ever.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::ApiError;

/// Longer than a slow body (15 s) and every call to a dependency after it may take.
pub const LONGEST: Duration = Duration::from_secs(30);
/// An upload takes as long as its sender does: its pauses are bounded by the body's time-out, its pace
/// and its whole time by `documents::pace`.
const UPLOAD: &str = "/api/v1/documents";

/// Middleware: 503 for a request without an answer in time. What streams after its headers is not
/// bounded by it.
pub async fn bound(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let is_upload = request.method() == Method::POST
        && route.is_some_and(|route| route.as_str().trim_end_matches('/') == UPLOAD);
    if is_upload {
        return next.run(request).await;
    }
    tokio::time::timeout(longest, next.run(request))
        .await
        .unwrap_or_else(|_| {
            tracing::warn!("a request exceeded its deadline");
            ApiError::try_later().into_response()
        })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::{get, post};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_request_that_hangs_is_answered_and_an_upload_may_last() {
        let longest = Duration::from_millis(50);
        let slow = async move || tokio::time::sleep(longest * 2).await;
        let app = Router::new()
            .route("/api/v1/documents", post(slow))
            .route("/hangs", get(std::future::pending::<()>))
            .layer(from_fn_with_state(longest, bound));
        let ask = async |request: axum::http::request::Builder| {
            let request = request.body(axum::body::Body::empty()).unwrap();
            app.clone()
                .oneshot(request)
                .await
                .unwrap()
                .status()
                .as_u16()
        };
        assert_eq!(ask(Request::get("/hangs")).await, 503);
        assert_eq!(ask(Request::post("/api/v1/documents")).await, 200);
    }
}
