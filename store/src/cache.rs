//! Redis: shared counters that may be lost at any moment.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};
use secrecy::{ExposeSecret, SecretString};

use crate::breaker::Breaker;
use crate::error::StoreError;

/// The name of this dependency in `/readyz` and `/metrics`.
const DEPENDENCY: &str = "redis";
const CONNECT_TIMEOUT: Duration = Duration::from_millis(100);
const CALL_TIMEOUT: Duration = Duration::from_millis(200);
const TOTAL_TIMEOUT: Duration = Duration::from_millis(300);

/// Adds one to a window's count and begins the window if it was over, in one step, so that no
/// counter is ever left without its end.
const COUNT: &str = "
local used = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    left = tonumber(ARGV[1])
end
return {used, left}";

/// A connection to Redis that is made when it is first needed, and again after it was lost.
#[derive(Clone)]
pub struct Cache {
    connection: ConnectionManager,
    breaker: Breaker,
}

/// How full a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Requests counted, this one included.
    pub used: u64,
    /// Time until the window is over.
    pub resets_in: Duration,
}

impl Cache {
    /// Prepares the connection without making it. Must be called within a Tokio runtime.
    pub fn connect_lazy(url: &SecretString) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(CALL_TIMEOUT))
            .set_number_of_retries(1)
            .set_max_delay(CONNECT_TIMEOUT);
        let failed = |error| StoreError::unavailable(DEPENDENCY, error);
        let client = Client::open(url.expose_secret()).map_err(failed)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(failed)?;
        Ok(Self {
            connection,
            breaker: Breaker::new(DEPENDENCY),
        })
    }

    /// Counts one more request in the window of that key.
    pub async fn count(&self, key: &str, window: Duration) -> Result<Usage, StoreError> {
        let script = Script::new(COUNT);
        let mut call = script.key(key);
        call.arg(u64::try_from(window.as_millis()).unwrap_or(u64::MAX));
        let (used, left): (u64, u64) = self
            .guarded(call.invoke_async(&mut self.connection.clone()))
            .await?;
        Ok(Usage {
            used,
            resets_in: Duration::from_millis(left),
        })
    }

    /// Whether Redis answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.connection.clone();
        let command = redis::cmd("PING");
        self.guarded(command.query_async::<()>(&mut connection))
            .await
    }

    /// The breaker, for `/readyz`.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    async fn guarded<T>(
        &self,
        call: impl Future<Output = Result<T, redis::RedisError>>,
    ) -> Result<T, StoreError> {
        let call = async {
            tokio::time::timeout(TOTAL_TIMEOUT, call)
                .await
                .map_err(|error| StoreError::unavailable(DEPENDENCY, error))?
                .map_err(|error| StoreError::unavailable(DEPENDENCY, error))
        };
        self.breaker.call(call, |_| true).await
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cache")
    }
}
