//! Rate limits of the routes that need no token, shared by all instances through Redis; while
//! Redis is away each instance counts for itself, and more strictly.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::cache::{Cache, Usage};
use tokio::time::Instant;

use super::codes::common;
use super::correlation::RequestInfo;
use super::problem::ApiError;
use crate::config::LimitsConfig;
use crate::state::AppState;

const WINDOW: Duration = Duration::from_mins(1);
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// More addresses than this at once and the oldest windows are forgotten.
const ADDRESSES_KEPT: usize = 100_000;

/// Counts the requests of addresses.
pub struct Limits {
    cache: Cache,
    shared: u32,
    alone: u32,
    windows: Mutex<HashMap<IpAddr, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    begun: Instant,
    used: u64,
}

impl Limits {
    /// Limits that count in that cache.
    #[must_use]
    pub fn new(cache: Cache, config: &LimitsConfig) -> Self {
        Self {
            cache,
            shared: config.auth_requests_per_minute,
            alone: config
                .auth_requests_per_minute_alone
                .min(config.auth_requests_per_minute),
            windows: Mutex::default(),
        }
    }

    /// The cache, for `/readyz`.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    async fn count(&self, address: IpAddr) -> (u32, Usage) {
        let key = format!("yemma:limit:auth:{address}");
        match self.cache.count(&key, WINDOW).await {
            Ok(usage) => (self.shared, usage),
            Err(_) => (self.alone, self.count_alone(address, Instant::now())),
        }
    }

    fn count_alone(&self, address: IpAddr, now: Instant) -> Usage {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= ADDRESSES_KEPT {
            windows.retain(|_, window| now.duration_since(window.begun) < WINDOW);
        }
        let window = windows.entry(address).or_insert(Window {
            begun: now,
            used: 0,
        });
        if now.duration_since(window.begun) >= WINDOW {
            *window = Window {
                begun: now,
                used: 0,
            };
        }
        window.used += 1;
        Usage {
            used: window.used,
            resets_in: WINDOW.saturating_sub(now.duration_since(window.begun)),
        }
    }
}

/// Middleware of the routes that need no token.
pub async fn without_token(
    Extension(state): Extension<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let address = request
        .extensions()
        .get::<RequestInfo>()
        .map(|info| info.address);
    let Some(address) = address else {
        return next.run(request).await;
    };
    let (limit, usage) = state.limits.count(address).await;
    let mut response = if usage.used > u64::from(limit) {
        ApiError::new(common::RATE_LIMITED)
            .retry_after(usage.resets_in)
            .into_response()
    } else {
        next.run(request).await
    };
    announce(response.headers_mut(), limit, usage);
    response
}

fn announce(headers: &mut HeaderMap, limit: u32, usage: Usage) {
    let left = u64::from(limit).saturating_sub(usage.used);
    let policy = format!("\"auth\";q={limit};w={}", WINDOW.as_secs());
    let state = format!("\"auth\";r={left};t={}", usage.resets_in.as_secs());
    for (name, value) in [(POLICY, policy), (LIMIT, state)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_instance_counts_alone_when_it_must() {
        let config = LimitsConfig {
            redis_url: "redis://127.0.0.1:1/".into(),
            auth_requests_per_minute: 10,
            auth_requests_per_minute_alone: 2,
        };
        let limits = Limits::new(Cache::connect_lazy(&config.redis_url).unwrap(), &config);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now = Instant::now();
        assert_eq!(limits.count_alone(one, now).used, 1);
        assert_eq!(limits.count_alone(one, now).used, 2);
        assert_eq!(limits.count_alone(other, now).used, 1);
        assert_eq!(limits.count_alone(one, now + WINDOW).used, 1);
    }
}
