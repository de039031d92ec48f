//! The correlation id: accepted or made, returned, and in the span of every log line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;
use workflows::identity::rules::Locale;

use crate::state::AppState;

/// The header that carries the correlation id, both ways.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
/// The W3C trace context.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What is kept of a user agent: enough to recognise a browser.
const USER_AGENT_LENGTH: usize = 256;

/// What is known of a request before anything is asked of it.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// One id for the request's whole story.
    pub correlation_id: Uuid,
    /// The language of its answer.
    pub locale: Locale,
    /// Where it comes from, behind the proxies that are trusted.
    pub address: IpAddr,
    /// The program that sent it.
    pub user_agent: Option<String>,
    /// The trace it belongs to.
    pub traceparent: Option<String>,
}

impl Default for RequestInfo {
    fn default() -> Self {
        Self {
            correlation_id: Uuid::nil(),
            locale: Locale::French,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            user_agent: None,
            traceparent: None,
        }
    }
}

/// The address of the socket's other end, put there by the server.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

impl<S: Sync> FromRequestParts<S> for RequestInfo {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Middleware, the outermost: gives the request its [`RequestInfo`] and its span, and the answer
/// its header.
pub async fn trace(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let info = describe(&state, &request);
    let correlation_id = info.correlation_id.to_string();
    let span = tracing::info_span!(
        "request",
        correlation_id,
        trace_id = info.traceparent.as_deref().and_then(trace_id)
    );
    request.extensions_mut().insert(info);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&correlation_id) {
        response.headers_mut().insert(CORRELATION_ID, value);
    }
    response
}

fn describe(state: &AppState, request: &Request) -> RequestInfo {
    let headers = request.headers();
    let sent = text(headers, &CORRELATION_ID).and_then(|id| Uuid::parse_str(id).ok());
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    RequestInfo {
        correlation_id: sent
            .filter(|id| !id.is_nil())
            .unwrap_or_else(|| state.store.new_id()),
        locale: text(headers, &header::ACCEPT_LANGUAGE)
            .map_or(Locale::French, Locale::from_accept_language),
        address: state.config.http.trusted_proxies.origin(peer, headers),
        user_agent: text(headers, &header::USER_AGENT)
            .map(|agent| agent.chars().take(USER_AGENT_LENGTH).collect()),
        traceparent: text(headers, &TRACEPARENT)
            .filter(|value| trace_id(value).is_some())
            .map(str::to_owned),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The trace id of a well-formed `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`.
fn trace_id(traceparent: &str) -> Option<&str> {
    let parts: Vec<&str> = traceparent.split('-').collect();
    let [version, trace, span, flags, ..] = parts[..] else {
        return None;
    };
    let lower_hex = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let lengths = [version.len(), trace.len(), span.len(), flags.len()] == [2, 32, 16, 2];
    let well_formed = lengths && [version, trace, span, flags].into_iter().all(lower_hex);
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    (well_formed && version != "ff" && !zero(trace) && !zero(span)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_trace_context_is_taken_over() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(trace_id(good), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(bad), None, "{bad}");
        }
    }
}
