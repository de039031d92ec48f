//! The one home of time, ids and randomness. Everything else is given them.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use rand::{Rng, rand_core::UnwrapErr, rngs::SysRng};
use uuid::{ContextV7, Timestamp, Uuid};

/// Where the present moment comes from.
pub trait TimeSource: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl TimeSource for SystemTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// What makes ids of one millisecond follow each other: a counter beside the time.
type Sequence = Arc<Mutex<ContextV7>>;

/// The sequence of every clock that follows the machine's, so that ids are in order in the whole
/// process.
static SYSTEM_SEQUENCE: LazyLock<Sequence> = LazyLock::new(Sequence::default);

/// Time, ids and randomness, as handed to whatever needs them.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn TimeSource>,
    sequence: Sequence,
}

impl Clock {
    /// A clock that follows the given source.
    #[must_use]
    pub fn new(source: Arc<dyn TimeSource>) -> Self {
        Self {
            source,
            sequence: Sequence::default(),
        }
    }

    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            source: Arc::new(SystemTime),
            sequence: Arc::clone(&SYSTEM_SEQUENCE),
        }
    }

    /// The present moment, in the microseconds that PostgreSQL keeps: what is written is what is
    /// read back.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.source.now().trunc_subsecs(6)
    }

    /// A fresh id: UUID version 7 (RFC 9562, with a counter by its method 1). Greater than every id
    /// that this clock and its clones made before, even within one millisecond and when the time
    /// is set back.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one home of fresh ids")]
    pub fn new_id(&self) -> Uuid {
        let now = self.source.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let moment = Timestamp::from_unix(&*self.sequence, seconds, now.timestamp_subsec_nanos());
        Uuid::new_v7(moment)
    }
}

/// Bytes from the operating system's generator, fit for keys and nonces.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    UnwrapErr(SysRng).fill_bytes(&mut bytes);
    bytes
}

/// Reads a number of seconds, fractions allowed, as the configuration has it.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time that a test moves, also backwards.
    struct Still(Mutex<DateTime<Utc>>);

    impl TimeSource for Still {
        fn now(&self) -> DateTime<Utc> {
            *self.0.lock().unwrap()
        }
    }

    fn still() -> (Arc<Still>, Clock) {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let still = Arc::new(Still(Mutex::new(start)));
        let clock = Clock::new(Arc::clone(&still) as Arc<dyn TimeSource>);
        (still, clock)
    }

    #[test]
    fn ids_of_one_millisecond_are_in_order_of_making() {
        let (still, clock) = still();
        let mut ids: Vec<Uuid> = (0..10_000).map(|_| clock.new_id()).collect();
        // Set back by the operator or by NTP.
        *still.0.lock().unwrap() -= chrono::TimeDelta::seconds(5);
        ids.extend((0..1_000).map(|_| clock.clone().new_id()));
        assert!(ids.is_sorted_by(|one, next| one < next));
        let version = |id: &Uuid| id.get_version_num();
        assert!(ids.iter().all(|id| version(id) == 7));
        let (seconds, _) = ids[0].get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, 1_800_000_000);
    }

    #[test]
    fn ids_are_in_order_across_threads() {
        let (_, clock) = still();
        let last = Mutex::new(Uuid::nil());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let before = *last.lock().unwrap();
                        // Made after `before` was known: it must be greater, whoever made that.
                        let id = clock.new_id();
                        assert!(id > before);
                        let mut last = last.lock().unwrap();
                        *last = (*last).max(id);
                    }
                });
            }
        });
    }

    #[test]
    fn clocks_of_the_machine_share_their_order() {
        let ids: Vec<Uuid> = (0..1_000).map(|_| Clock::system().new_id()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_duration_is_a_positive_number_of_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(seconds("-1").is_err() && seconds("soon").is_err());
    }
}
