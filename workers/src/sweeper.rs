//! Remains that nobody needs any more: many, small and alike, so swept here and not by a process
//! each.

use std::time::Duration;

use store::documents::{self, Vault};
use store::{Context, StoreError, Writer, commands, idempotency, identity, search};
use tokio_util::sync::CancellationToken;

/// Between two sweeps.
const INTERVAL: Duration = Duration::from_mins(10);
/// Before the first one: a restart has more urgent work.
const BEFORE_THE_FIRST: Duration = Duration::from_mins(1);

/// What is swept.
#[derive(Clone, Debug)]
pub struct Sweeper {
    /// Rows.
    pub writer: Writer,
    /// Objects, where this worker can reach them.
    pub vault: Option<Vault>,
}

impl Sweeper {
    /// Sweeps now and then until the token is cancelled. Several sweepers do no harm.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = BEFORE_THE_FIRST;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            // A backlog may take long; whatever is cut short is swept next time.
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.sweep() => {}
            }
            pause = INTERVAL;
        }
    }

    /// Sweeps everything once, the rows batch after batch until one finds nothing.
    pub async fn sweep(&self) {
        while told("idempotency_keys", idempotency::sweep(&self.writer).await) > 0 {}
        while told("command_inputs", commands::sweep(&self.writer).await) > 0 {}
        while told("unverified_accounts", self.unverified().await) > 0 {}
        let writer = &self.writer;
        while told("registrations", identity::forget_attempts(writer).await) > 0 {}
        while told("links", identity::forget_links(writer).await) > 0 {}
        while told("logins", identity::forget_logins(writer).await) > 0 {}
        while told(
            "refresh_tokens",
            identity::forget_refresh_tokens(writer).await,
        ) > 0
        {}
        while told("search_entries", search::tell_outdated(&self.writer).await) > 0 {}
        if let Some(vault) = &self.vault {
            let swept = documents::sweep_orphans(&self.writer, vault).await;
            told("objects", swept.map(|swept| swept.orphans + swept.refused));
        }
    }

    async fn unverified(&self) -> Result<u64, StoreError> {
        let context = Context::system(self.writer.new_id(), None);
        let removed = identity::remove_unverified(&self.writer, &context).await?;
        Ok(u64::try_from(removed).unwrap_or_default())
    }
}

/// Tells what was swept and returns how many; a sweep that failed swept nothing.
fn told(what: &'static str, result: Result<u64, StoreError>) -> u64 {
    let count = result.unwrap_or_else(|error| {
        tracing::warn!(
            what,
            error = &error as &(dyn std::error::Error + 'static),
            "a sweep failed; it comes again"
        );
        0
    });
    if count > 0 {
        tracing::info!(what, count, "swept");
        metrics::counter!("yemma_swept_total", "what" => what).increment(count);
    }
    count
}
