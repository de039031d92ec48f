//! A circuit breaker for each dependency: after repeated failures calls fail at once, and one
//! probe at a time finds out whether the dependency is back.
//!
//! Written here because the libraries looked at count either consecutive failures or a rate over
//! a window, while both are asked for, with a single probe each interval.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row that open the breaker.
const FAILURES_IN_A_ROW: u32 = 5;
/// The window over which a rate of failures is taken.
const WINDOW: Duration = Duration::from_secs(10);
/// How many calls in the window make its rate meaningful.
const CALLS_IN_WINDOW: usize = 20;
/// How long the breaker waits between two probes.
const PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// Whether calls go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// Calls fail at once, but for one probe each five seconds.
    Open,
}

/// The breaker is open: the dependency was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the circuit breaker of {dependency} is open")]
pub struct Open {
    /// Whose breaker.
    pub dependency: &'static str,
}

/// A breaker, shared by all users of one dependency in this process.
#[derive(Clone, Debug)]
pub struct Breaker {
    dependency: &'static str,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    failures_in_a_row: u32,
    /// When each call of the window ended, and whether well.
    window: VecDeque<(Instant, bool)>,
    failures_in_window: usize,
    last_probe: Option<Instant>,
}

impl Breaker {
    /// A closed breaker; `dependency` names it in `/readyz` and `/metrics`.
    #[must_use]
    pub fn new(dependency: &'static str) -> Self {
        metrics::gauge!("yemma_breaker_open", "dependency" => dependency).set(0.0);
        Self {
            dependency,
            inner: Arc::default(),
        }
    }

    /// Whether calls go through now.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        match self.lock().last_probe {
            Some(_) => BreakerState::Open,
            None => BreakerState::Closed,
        }
    }

    /// Asks for leave to call. Whoever gets it must say how it went with [`Self::record`].
    pub fn admit(&self) -> Result<(), Open> {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> Result<(), Open> {
        let mut inner = self.lock();
        match inner.last_probe {
            None => Ok(()),
            Some(last) if now.duration_since(last) >= PROBE_INTERVAL => {
                inner.last_probe = Some(now);
                Ok(())
            }
            Some(_) => Err(Open {
                dependency: self.dependency,
            }),
        }
    }

    /// Says how a call went; only a dependency that could not serve counts as a failure, a
    /// refusal of what was asked does not.
    pub fn record(&self, success: bool) {
        self.record_at(Instant::now(), success);
    }

    fn record_at(&self, now: Instant, success: bool) {
        let mut inner = self.lock();
        let was_open = inner.last_probe.is_some();
        inner.note(now, success);
        let is_open = inner.last_probe.is_some();
        drop(inner);
        if was_open != is_open {
            self.announce(is_open);
        }
    }

    /// Runs a call under the breaker.
    pub async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        is_failure: impl FnOnce(&E) -> bool,
    ) -> Result<T, E>
    where
        E: From<Open>,
    {
        self.admit()?;
        let result = call.await;
        self.record(!result.as_ref().is_err_and(is_failure));
        result
    }

    fn announce(&self, is_open: bool) {
        let dependency = self.dependency;
        metrics::gauge!("yemma_breaker_open", "dependency" => dependency).set(if is_open {
            1.0
        } else {
            0.0
        });
        if is_open {
            tracing::warn!(dependency, "circuit breaker opened");
        } else {
            tracing::info!(dependency, "circuit breaker closed");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn note(&mut self, now: Instant, success: bool) {
        if success {
            if self.last_probe.take().is_some() {
                self.forget();
            }
            self.failures_in_a_row = 0;
        } else {
            self.failures_in_a_row += 1;
        }
        self.window.push_back((now, success));
        self.failures_in_window += usize::from(!success);
        while let Some((at, success)) = self.window.front().copied()
            && now.duration_since(at) > WINDOW
        {
            self.window.pop_front();
            self.failures_in_window -= usize::from(!success);
        }
        if self.last_probe.is_none() && self.is_failing() {
            self.last_probe = Some(now);
        }
    }

    /// Asked after every call: it counts nothing anew.
    fn is_failing(&self) -> bool {
        let calls = self.window.len();
        self.failures_in_a_row >= FAILURES_IN_A_ROW
            || (calls >= CALLS_IN_WINDOW && self.failures_in_window * 2 >= calls)
    }

    fn forget(&mut self) {
        self.window.clear();
        self.failures_in_window = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker, now: Instant, times: u32) {
        for _ in 0..times {
            breaker.record_at(now, false);
        }
    }

    fn alternate(breaker: &Breaker, now: Instant, times: u32) {
        for _ in 0..times {
            breaker.record_at(now, true);
            breaker.record_at(now, false);
        }
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_four_do_not() {
        let (breaker, now) = (Breaker::new("test"), Instant::now());
        fail(&breaker, now, 4);
        assert_eq!(breaker.admit_at(now), Ok(()));
        fail(&breaker, now, 1);
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.admit_at(now).is_err());
    }

    #[test]
    fn half_of_twenty_calls_open_it() {
        let (breaker, now) = (Breaker::new("test"), Instant::now());
        alternate(&breaker, now, 10);
        assert_eq!(breaker.state(), BreakerState::Open);
    }

    #[test]
    fn failures_long_ago_do_not_count() {
        let (breaker, now) = (Breaker::new("test"), Instant::now());
        alternate(&breaker, now, 9);
        alternate(&breaker, now + WINDOW * 2, 1);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn one_probe_each_interval_and_a_good_one_closes_it() {
        let (breaker, now) = (Breaker::new("test"), Instant::now());
        fail(&breaker, now, 5);
        let later = now + PROBE_INTERVAL;
        assert_eq!(breaker.admit_at(later), Ok(()));
        assert!(breaker.admit_at(later).is_err(), "a second probe at once");
        breaker.record_at(later, true);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn a_probe_that_fails_keeps_it_open_for_another_interval() {
        let (breaker, now) = (Breaker::new("test"), Instant::now());
        fail(&breaker, now, 5);
        let later = now + PROBE_INTERVAL;
        assert_eq!(breaker.admit_at(later), Ok(()));
        breaker.record_at(later, false);
        assert!(breaker.admit_at(later + PROBE_INTERVAL / 2).is_err());
        assert_eq!(breaker.admit_at(later + PROBE_INTERVAL), Ok(()));
    }
}
