//! The one home of time, ids and randomness. Everything else is given them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use rand::{Rng, rand_core::UnwrapErr, rngs::SysRng};
use uuid::{Builder, Uuid};

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

/// Time, ids and randomness, as handed to whatever needs them.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn TimeSource>,
}

impl Clock {
    /// A clock that follows the given source.
    #[must_use]
    pub fn new(source: Arc<dyn TimeSource>) -> Self {
        Self { source }
    }

    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemTime))
    }

    /// The present moment, in the microseconds that PostgreSQL keeps: what is written is what is
    /// read back.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.source.now().trunc_subsecs(6)
    }

    /// A fresh id: UUID version 7 (RFC 9562), ordered by time of making.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.source.now().timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &random_bytes()).into_uuid()
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

    #[test]
    fn a_duration_is_a_positive_number_of_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(seconds("-1").is_err() && seconds("soon").is_err());
    }
}
