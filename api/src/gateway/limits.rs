//! Rate limits of the `/auth` routes that need no token and of what anybody may read, shared by all
//! instances through Redis; while Redis is away each instance counts for itself, and more strictly.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
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
/// Addresses that are counted one by one in a window; all others share one count.
const ADDRESSES_KEPT: usize = 100_000;
/// Stands for the addresses beyond that; nobody calls from it.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A class of routes; an address has a count in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Accounts and sessions.
    Auth,
    /// What anybody may read: plans and reference lists.
    Public,
}

impl Class {
    /// Its name in the headers and in Redis.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Public => "public",
        }
    }
}

/// Counts the requests of addresses.
pub struct Limits {
    cache: Cache,
    shared: u32,
    alone: u32,
    window: Mutex<Option<Window>>,
}

/// One window for everybody: it is forgotten as a whole, so that no request pays for a search of
/// what may be forgotten.
struct Window {
    begun: Instant,
    used: HashMap<(Class, IpAddr), u64>,
}

impl Window {
    fn begin(now: Instant) -> Self {
        Self {
            begun: now,
            used: HashMap::new(),
        }
    }

    fn count(&mut self, class: Class, address: IpAddr) -> u64 {
        let key = (class, address);
        let is_full = self.used.len() >= ADDRESSES_KEPT && !self.used.contains_key(&key);
        let key = if is_full { (class, OTHERS) } else { key };
        let used = self.used.entry(key).or_default();
        *used += 1;
        *used
    }
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
            window: Mutex::default(),
        }
    }

    /// The cache, for `/readyz`.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    async fn count(&self, class: Class, address: IpAddr) -> (u32, Usage) {
        let address = network(address);
        let key = format!("yemma:limit:{}:{address}", class.as_str());
        match self.cache.count(&key, WINDOW).await {
            Ok(usage) => (self.shared, usage),
            Err(_) => (self.alone, self.count_alone(class, address, Instant::now())),
        }
    }

    fn count_alone(&self, class: Class, address: IpAddr, now: Instant) -> Usage {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let window = window.get_or_insert_with(|| Window::begin(now));
        if now.duration_since(window.begun) >= WINDOW {
            *window = Window::begin(now);
        }
        Usage {
            used: window.count(class, address),
            resets_in: WINDOW.saturating_sub(now.duration_since(window.begun)),
        }
    }
}

/// What is counted as one: an IPv4 address, or the /64 that one IPv6 subscriber has to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let prefix = v6.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Middleware of the routes of that class, which need no token.
pub async fn without_token(
    State(class): State<Class>,
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
    let (limit, usage) = state.limits.count(class, address).await;
    let mut response = if usage.used > u64::from(limit) {
        ApiError::new(common::RATE_LIMITED)
            .retry_after(usage.resets_in)
            .into_response()
    } else {
        next.run(request).await
    };
    announce(response.headers_mut(), class, limit, usage);
    response
}

fn announce(headers: &mut HeaderMap, class: Class, limit: u32, usage: Usage) {
    let class = class.as_str();
    let left = u64::from(limit).saturating_sub(usage.used);
    let policy = format!("\"{class}\";q={limit};w={}", WINDOW.as_secs());
    let state = format!("\"{class}\";r={left};t={}", usage.resets_in.as_secs());
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
        let used = |class, address, now| limits.count_alone(class, address, now).used;
        assert_eq!(used(Class::Auth, one, now), 1);
        assert_eq!(used(Class::Auth, one, now), 2);
        assert_eq!(used(Class::Auth, other, now), 1);
        assert_eq!(used(Class::Public, one, now), 1);
        assert_eq!(used(Class::Auth, one, now + WINDOW), 1);
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_full_window_counts_strangers_together() {
        let mut window = Window::begin(Instant::now());
        let address = |n: usize| IpAddr::V6(Ipv6Addr::from_bits((n as u128) << 64));
        let mut count = |number| window.count(Class::Auth, address(number));
        for number in 1..=ADDRESSES_KEPT {
            count(number);
        }
        assert_eq!(count(1), 2);
        assert_eq!(count(ADDRESSES_KEPT + 1), 1);
        assert_eq!(count(ADDRESSES_KEPT + 2), 2);
        assert!(window.used.len() <= ADDRESSES_KEPT + 1);
    }
}
