//! One command at a time for each process and instance: a crowd waits here, not in Temporal.
//!
//! A workflow admits about ten updates at once and, under a crowd, hands few of them to a worker.
//! Whenever one of the crowd is served, the others ask PostgreSQL again, all at once, and mostly
//! find that the race is lost. It is no lock: the workflow serves one command at a time anyway.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use moka::future::Cache;
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};

use super::{DEPENDENCY, TOTAL};
use crate::gateway::problem::ApiError;

/// How long to wait for a turn in all: as long as a command may take.
const WAIT: Duration = TOTAL;
/// How many processes are remembered, and for how long after their last command.
const MOST_PROCESSES: u64 = 10_000;
const IDLE: Duration = Duration::from_secs(60);

/// A question to PostgreSQL. Boxed: of an async closure the compiler cannot prove that a handler
/// may send it between threads.
pub type Ask<'a, T> = BoxFuture<'a, Result<T, ApiError>>;

/// The queue before each process.
#[derive(Debug)]
pub(super) struct Turns {
    gates: Cache<String, Arc<Gate>>,
    /// When a command last could not be delivered.
    undelivered: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Gate {
    place: Arc<tokio::sync::Mutex<()>>,
    freed: Notify,
}

/// The place of the one whose turn it is, given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    place: Option<OwnedMutexGuard<()>>,
    gate: Arc<Gate>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.place.take());
        self.gate.freed.notify_waiters();
    }
}

impl Default for Turns {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(MOST_PROCESSES);
        Self {
            gates: cache.time_to_idle(IDLE).build(),
            undelivered: Mutex::default(),
        }
    }
}

impl Turns {
    /// Waits for one's turn with a process. `known` is what PostgreSQL said before; `ask` says what
    /// it says now, or why the command is not to be given: each time that somebody else was served.
    ///
    /// # Errors
    /// What `ask` refuses; 503 when the process served nobody for so long: a race that is lost is
    /// heard from `ask`.
    pub(super) async fn take<'a, T>(
        &self,
        workflow_id: &str,
        mut known: T,
        ask: impl Fn() -> Ask<'a, T>,
    ) -> Result<(Turn, T), ApiError> {
        let began = Instant::now();
        let deadline = began + WAIT;
        let gate = self
            .gates
            .get_with_by_ref(workflow_id, async { Arc::default() })
            .await;
        loop {
            // Listening before the try: what is freed in between is not missed.
            let freed = gate.freed.notified();
            if let Ok(place) = Arc::clone(&gate.place).try_lock_owned() {
                let turn = Turn {
                    place: Some(place),
                    gate: Arc::clone(&gate),
                };
                return Ok((turn, known));
            }
            if timeout_at(deadline, freed).await.is_err() {
                return Err(ApiError::unavailable(DEPENDENCY));
            }
            known = ask().await?;
            // What failed in front would fail again, for each of the crowd one after another.
            if self.last_undelivered().is_some_and(|at| at > began) {
                return Err(ApiError::unavailable(DEPENDENCY));
            }
        }
    }

    /// A command could not be delivered: who waits behind it does not try the same.
    pub(super) fn note_undelivered(&self) {
        let mut at = self
            .undelivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *at = Some(Instant::now());
    }

    fn last_undelivered(&self) -> Option<Instant> {
        *self
            .undelivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::FutureExt as _;

    use super::*;
    use crate::gateway::codes::candidates::COMMAND_IN_PROGRESS;

    async fn free(turns: &Turns, id: &str) -> Turn {
        let ask = || async { Ok(()) }.boxed();
        turns.take(id, (), ask).await.unwrap().0
    }

    #[tokio::test]
    async fn one_at_a_time_and_each_process_has_its_own_queue() {
        let turns = Turns::default();
        let first = free(&turns, "a").await;
        free(&turns, "b").await;
        let second = turns.take("a", "before", || async { Ok("after") }.boxed());
        let mut second = std::pin::pin!(second);
        let early = tokio::time::timeout(Duration::from_millis(50), &mut second).await;
        assert!(early.is_err(), "two at once");
        drop(first);
        let (_turn, answer) = second.await.unwrap();
        assert_eq!(answer, "after");
    }

    #[tokio::test]
    async fn who_waits_behind_a_command_that_was_not_delivered_does_not_try_the_same() {
        let turns = Turns::default();
        let first = free(&turns, "a").await;
        let crowd = (0..8).map(|_| turns.take("a", (), || async { Ok(()) }.boxed()));
        let end = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            turns.note_undelivered();
            drop(first);
        };
        let (answers, ()) = tokio::join!(futures::future::join_all(crowd), end);
        for answer in answers {
            let refused = answer.expect_err("nobody tries again");
            assert_eq!(refused.code().name(), "service_unavailable");
        }
        free(&turns, "a").await;
    }

    #[tokio::test]
    async fn whoever_lost_while_waiting_hears_it_at_once() {
        let turns = Turns::default();
        let first = free(&turns, "a").await;
        let asked = AtomicU32::new(0);
        let ask = || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { Err::<(), _>(ApiError::new(COMMAND_IN_PROGRESS)) }.boxed()
        };
        let crowd = futures::future::join_all((0..8).map(|_| turns.take("a", (), ask)));
        let end = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(first);
        };
        let (answers, ()) = tokio::join!(crowd, end);
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(asked.load(Ordering::SeqCst), 8);
    }
}
