//! One connection beside the pool, by which a PostgreSQL that is away is told from a pool that is
//! merely used up: `sqlx` says "pool timed out" of both.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long PostgreSQL may take to connect and answer.
const PATIENCE: Duration = Duration::from_millis(1800);
/// How long an answer counts for whoever asks next, so that a crowd asks once.
const FRESH: Duration = Duration::from_millis(500);

/// Asks PostgreSQL whether it answers, by a connection that no request can hold.
#[derive(Clone)]
pub(crate) struct Probe {
    options: PgConnectOptions,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    connection: Option<PgConnection>,
    last: Option<(Instant, bool)>,
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

impl Probe {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            held: Arc::default(),
        }
    }

    /// Whether PostgreSQL answers now.
    pub(crate) async fn answers(&self) -> bool {
        let mut held = self.held.lock().await;
        if let Some((at, answered)) = held.last
            && at.elapsed() < FRESH
        {
            return answered;
        }
        let kept = held.connection.take();
        // Boxed: sqlx's connect is 20 KB of state.
        let asked = Box::pin(ask(&self.options, kept));
        held.connection = tokio::time::timeout(PATIENCE, asked).await.ok().flatten();
        let answered = held.connection.is_some();
        held.last = Some((Instant::now(), answered));
        answered
    }

    /// Gives the connection back.
    pub(crate) async fn close(&self) {
        if let Some(connection) = self.held.lock().await.connection.take() {
            // A connection that cannot be closed is closed already.
            drop(connection.close().await);
        }
    }
}

/// The connection that answered: the one that was kept, or a new one when that is cut.
async fn ask(options: &PgConnectOptions, kept: Option<PgConnection>) -> Option<PgConnection> {
    if let Some(mut connection) = kept
        && connection.ping().await.is_ok()
    {
        return Some(connection);
    }
    let mut connection = options.connect().await.ok()?;
    connection.ping().await.ok()?;
    Some(connection)
}
