//! How much one profile may send and keep.

use chrono::{DateTime, Days, NaiveTime, Utc};
use thiserror::Error;

/// Documents of a profile that may wait for their verdict at once: whoever sends more holds up the
/// scanner and the inspection for everybody.
pub const MOST_SCANNING: u32 = 3;
/// Documents that a profile may keep: those that are `scanning` or `available` and not archived.
pub const MOST_KEPT: u32 = 40;
/// Bytes that a profile may send in a day of UTC, whatever became of the files.
pub const MOST_BYTES_A_DAY: u64 = 200 * 1024 * 1024;

/// What a profile has sent and keeps, before an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Documents that wait for their verdict, archived ones included: they are being checked too.
    pub scanning: u32,
    /// Documents that it keeps.
    pub kept: u32,
    /// Bytes that it has sent since midnight, UTC.
    pub bytes_today: u64,
}

/// Why a profile may send no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UploadLimit {
    /// [`MOST_SCANNING`] wait for their verdict: it passes by itself.
    #[error("too many documents of the profile are being checked")]
    TooManyScanning,
    /// [`MOST_KEPT`] are kept: one must be archived first.
    #[error("the profile keeps too many documents")]
    TooManyDocuments,
    /// [`MOST_BYTES_A_DAY`] were sent, or would be with this file.
    #[error("the profile has sent its volume of the day")]
    DailyVolumeReached {
        /// Bytes sent since midnight.
        sent: u64,
        /// Midnight, UTC.
        until: DateTime<Utc>,
    },
}

/// The midnight at which the day of `now` began, UTC.
#[must_use]
pub fn day_begun_at(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// Whether a profile that holds so much may send a file of that many bytes. What the person can do
/// something about is told first.
pub fn may_send(held: Holdings, size: u64, now: DateTime<Utc>) -> Result<(), UploadLimit> {
    if held.kept >= MOST_KEPT {
        return Err(UploadLimit::TooManyDocuments);
    }
    if held.bytes_today.saturating_add(size) > MOST_BYTES_A_DAY {
        let begun = day_begun_at(now);
        return Err(UploadLimit::DailyVolumeReached {
            sent: held.bytes_today,
            until: begun.checked_add_days(Days::new(1)).unwrap_or(begun),
        });
    }
    if held.scanning >= MOST_SCANNING {
        return Err(UploadLimit::TooManyScanning);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        "2026-11-24T14:30:00Z".parse().expect("a time")
    }

    #[test]
    fn each_limit_is_the_last_that_is_taken() {
        let held = |scanning, kept, bytes_today| Holdings {
            scanning,
            kept,
            bytes_today,
        };
        let full = MOST_BYTES_A_DAY;
        for (held, size, expected) in [
            (held(2, 39, full - 10), 10, Ok(())),
            (held(3, 39, 0), 10, Err(UploadLimit::TooManyScanning)),
            (held(0, 40, 0), 10, Err(UploadLimit::TooManyDocuments)),
            (
                held(0, 0, full - 10),
                11,
                Err(UploadLimit::DailyVolumeReached {
                    sent: full - 10,
                    until: "2026-11-25T00:00:00Z".parse().expect("a time"),
                }),
            ),
        ] {
            assert_eq!(may_send(held, size, at()), expected, "{held:?}");
        }
    }

    #[test]
    fn the_day_begins_at_midnight() {
        assert_eq!(day_begun_at(at()).to_rfc3339(), "2026-11-24T00:00:00+00:00");
    }
}
