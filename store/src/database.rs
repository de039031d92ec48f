//! The connection to PostgreSQL: one pool, a breaker, and the two handles built on it.

use std::ops::Deref;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::breaker::{Breaker, Open};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::probe::Probe;

/// The migrations, in order. They only go forward.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// The name of this dependency in `/readyz`, `/metrics` and errors.
pub const DEPENDENCY: &str = "postgres";

/// How long a connection may take to be had, the wait for a place in the pool included: a crowd
/// that waits its turn is no outage. Within the total that a caller is promised an answer in.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(2900);
/// After this long it is asked meanwhile whether PostgreSQL is there at all.
const SUSPICIOUS: Duration = Duration::from_millis(1000);
/// How long one statement may run; PostgreSQL ends it.
const STATEMENT_TIMEOUT: &str = "2s";

/// How the pool is sized.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// Most connections that this process keeps open.
    #[arg(long, env = "DB_MAX_CONNECTIONS", default_value_t = 20)]
    pub max_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            max_connections: 20,
        }
    }
}

/// The data, for whoever reads it or writes the facts that people own.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    probe: Probe,
    breaker: Breaker,
    clock: Clock,
}

impl Store {
    /// Prepares a pool without connecting, so that a process starts while PostgreSQL is away.
    ///
    /// `url` must name the role of the process: `yemma_api` or `yemma_worker`.
    pub fn connect_lazy(
        url: &SecretString,
        config: &DatabaseConfig,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.expose_secret().parse()?;
        let options = options.options([("statement_timeout", STATEMENT_TIMEOUT)]);
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.clone());
        Ok(Self {
            pool,
            probe: Probe::new(options),
            breaker: Breaker::new(DEPENDENCY),
            clock,
        })
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A fresh id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }

    /// The source of time and ids.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The breaker, for `/readyz`.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Measures how many connections the pool has open and how many of them are idle, for
    /// `/metrics`.
    pub fn measure_pool(&self) {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        for (state, count) in [("open", self.pool.size()), ("idle", idle)] {
            metrics::gauge!("yemma_pool_connections", "state" => state).set(f64::from(count));
        }
    }

    /// The pool, for a connection that must live longer than one call.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A connection for reads outside a transaction.
    pub async fn connection(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.guarded(self.pool.acquire()).await
    }

    /// A transaction; it is rolled back unless it is committed.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.guarded(self.pool.begin()).await
    }

    /// Whether PostgreSQL answers, however much the pool is used.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let asked = async {
            if self.probe.answers().await {
                return Ok(());
            }
            Err(StoreError::Unavailable {
                dependency: DEPENDENCY,
                source: None,
            })
        };
        self.breaker.call(asked, StoreError::is_unavailable).await
    }

    /// Closes the pool; what runs is finished first.
    pub async fn close(&self) {
        self.pool.close().await;
        self.probe.close().await;
    }

    async fn guarded<T>(
        &self,
        call: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        // Boxed: sqlx's connect is 20 KB of state that every caller would carry.
        let call = Box::pin(self.told_apart(call));
        self.breaker.call(call, StoreError::is_unavailable).await
    }

    /// A crowd that waits in vain is no outage; a PostgreSQL that does not answer is, and looks the
    /// same from here.
    async fn told_apart<T>(
        &self,
        call: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        let probing = async {
            tokio::time::sleep(SUSPICIOUS).await;
            self.probe.answers().await
        };
        let (mut call, mut probing) = (pin!(call), pin!(probing));
        let mut answers = None;
        let result = loop {
            tokio::select! {
                result = &mut call => break result,
                found = &mut probing, if answers.is_none() => answers = Some(found),
            }
        };
        let Err(error @ sqlx::Error::PoolTimedOut) = result else {
            return result.map_err(StoreError::from);
        };
        let answers = match answers {
            Some(answers) => answers,
            None => probing.await,
        };
        if answers {
            return Err(error.into());
        }
        Err(StoreError::unavailable(DEPENDENCY, error))
    }
}

impl From<Open> for StoreError {
    fn from(open: Open) -> Self {
        Self::Unavailable {
            dependency: open.dependency,
            source: None,
        }
    }
}

/// The handle that may write statuses. Only the worker makes one: activities write status, the
/// API writes data. PostgreSQL enforces the same by the grants of `yemma_api`.
#[derive(Clone, Debug)]
pub struct Writer(Store);

impl Writer {
    /// Takes a store that is connected as `yemma_worker`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Deref for Writer {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}
