//! One command at a time for each process and instance: a crowd waits here, not in Temporal.
//!
//! A workflow admits about ten updates at once and, under a crowd, hands few of them to a worker.
//! Whoever has waited asks PostgreSQL again first, and mostly finds that the race is lost. It is
//! no lock: the workflow serves one command at a time anyway, and who waits too long goes on.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long to wait for one's turn.
const WAIT: Duration = Duration::from_secs(2);
/// How many processes are remembered, and for how long after their last command.
const MOST_PROCESSES: u64 = 10_000;
const IDLE: Duration = Duration::from_secs(60);

/// The queue before each process.
#[derive(Debug)]
pub(super) struct Turns(Cache<String, Arc<Mutex<()>>>);

/// The place of the one whose turn it is, given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    has_waited: bool,
    _place: Option<OwnedMutexGuard<()>>,
}

impl Turn {
    /// Whether somebody else was served meanwhile, so that things may stand differently now.
    #[must_use]
    pub const fn has_waited(&self) -> bool {
        self.has_waited
    }
}

impl Default for Turns {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(MOST_PROCESSES);
        Self(cache.time_to_idle(IDLE).build())
    }
}

impl Turns {
    pub(super) async fn take(&self, workflow_id: &str) -> Turn {
        let gate = self
            .0
            .get_with_by_ref(workflow_id, async { Arc::default() })
            .await;
        if let Ok(place) = Arc::clone(&gate).try_lock_owned() {
            return Turn {
                has_waited: false,
                _place: Some(place),
            };
        }
        Turn {
            has_waited: true,
            _place: tokio::time::timeout(WAIT, gate.lock_owned()).await.ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_goes_on_and_nobody_waits_for_ever() {
        let turns = Turns::default();
        let first = turns.take("a").await;
        assert!(!first.has_waited());
        assert!(!turns.take("b").await.has_waited());
        let second = turns.take("a").await;
        assert!(second.has_waited());
        drop(first);
        assert!(!turns.take("a").await.has_waited());
    }
}
