//! How slowly an upload may come. Time is counted only while the client is waited for, so that a slow
//! disk of ours is nobody's fault.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The least that a client must send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PaceSettings {
    /// In each window, on average.
    pub(super) bytes_per_second: u64,
    /// The window.
    pub(super) window: Duration,
    /// What any upload may take in all, however small.
    pub(super) longest: Duration,
}

impl PaceSettings {
    /// What an upload of that size may take in all: as long as any, or as long as its size takes at
    /// the least rate.
    pub(super) fn longest(&self, size: u64) -> Duration {
        let seconds = size.div_ceil(self.bytes_per_second.max(1));
        self.longest.max(Duration::from_secs(seconds))
    }

    fn least_in_window(&self) -> u128 {
        u128::from(self.bytes_per_second) * self.window.as_millis() / 1000
    }
}

/// The pace of one upload.
#[derive(Debug)]
pub(super) struct Pace {
    settings: PaceSettings,
    ends: Instant,
    /// Since when the client is being waited for.
    waiting_since: Option<Instant>,
    /// How long it was waited for in this window, before that.
    waited: Duration,
    /// Bytes that came in this window.
    bytes: u64,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// Begins now, for an upload of that size at most.
    pub(super) fn begin(settings: PaceSettings, size: u64) -> Self {
        Self {
            settings,
            ends: Instant::now() + settings.longest(size),
            waiting_since: None,
            waited: Duration::ZERO,
            bytes: 0,
            timer: None,
        }
    }

    /// Takes note of bytes that came.
    pub(super) fn came(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        if let Some(since) = self.waiting_since.take() {
            self.waited += since.elapsed();
            self.timer = None;
        }
    }

    /// Ready when the client is too slow; else wakes up when it may have become so.
    pub(super) fn poll_too_slow(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            let since = *self.waiting_since.get_or_insert(now);
            let ends = self
                .ends
                .min(since + self.settings.window.saturating_sub(self.waited));
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(sleep_until(ends)));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            let came_enough = u128::from(self.bytes) >= self.settings.least_in_window();
            if Instant::now() >= self.ends || !came_enough {
                return Poll::Ready(());
            }
            // A new window.
            self.timer = None;
            self.waiting_since = None;
            self.waited = Duration::ZERO;
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{sleep, timeout};

    use super::*;

    const TICK: Duration = Duration::from_millis(50);

    fn settings(longest: Duration) -> PaceSettings {
        PaceSettings {
            bytes_per_second: 1000,
            window: TICK * 4,
            longest,
        }
    }

    /// Sends so many bytes each tick until it is told that this is too slow, or for so many ticks.
    async fn send(mut pace: Pace, bytes: usize, ticks: usize) -> bool {
        for _ in 0..ticks {
            let slow = poll_fn(|context| pace.poll_too_slow(context));
            if timeout(TICK, slow).await.is_ok() {
                return false;
            }
            pace.came(bytes);
        }
        true
    }

    #[tokio::test]
    async fn whoever_sends_enough_may_go_on_and_whoever_does_not_is_stopped() {
        let hour = Duration::from_secs(3600);
        assert!(send(Pace::begin(settings(hour), 1), 100, 12).await);
        assert!(!send(Pace::begin(settings(hour), 1), 1, 12).await);
        // A burst does not pay for the next windows.
        let mut pace = Pace::begin(settings(hour), 1);
        pace.came(1_000_000);
        assert!(!send(pace, 0, 12).await);
    }

    #[tokio::test]
    async fn all_of_it_has_an_end() {
        let pace = Pace::begin(settings(TICK * 6), 1);
        assert!(!send(pace, 1000, 20).await);
        let settings = settings(TICK);
        assert_eq!(settings.longest(10_000), Duration::from_secs(10));
        assert_eq!(settings.longest(1), Duration::from_secs(1));
    }

    #[tokio::test]
    async fn the_time_that_we_take_is_not_the_clients() {
        let mut pace = Pace::begin(settings(Duration::from_secs(3600)), 1);
        let slow = poll_fn(|context| pace.poll_too_slow(context));
        assert!(timeout(TICK, slow).await.is_err());
        pace.came(1);
        sleep(TICK * 8).await;
        let slow = poll_fn(|context| pace.poll_too_slow(context));
        assert!(
            timeout(TICK, slow).await.is_err(),
            "a slow disk is no slow client"
        );
    }
}
