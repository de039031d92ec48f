//! How long a case has waited for the team, and how long a claim lasts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::codes;

codes! {
    /// How a case stands against its target.
    pub enum Sla {
        /// In time.
        Ok = "ok",
        /// Half of the time is gone.
        Warning = "warning",
        /// Out of time.
        Breached = "breached",
    }
}

/// The ages from which a case is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaTargets {
    /// Seconds until the warning.
    pub warning_seconds: i64,
    /// Seconds until the target is missed.
    pub breached_seconds: i64,
}

/// The age of a case: from its first submission, without the time spent awaiting the candidate,
/// both the `waited_seconds` of earlier requests and the one that began at `waiting_since`.
#[must_use]
pub fn age(
    submitted_at: DateTime<Utc>,
    waited_seconds: i64,
    waiting_since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> TimeDelta {
    let until = waiting_since.map_or(now, |since| since.min(now));
    let waited = TimeDelta::try_seconds(waited_seconds).unwrap_or_default();
    (until - submitted_at - waited).max(TimeDelta::zero())
}

/// How that age stands against the targets.
#[must_use]
pub fn sla(age: TimeDelta, targets: SlaTargets) -> Sla {
    if age.num_seconds() >= targets.breached_seconds {
        Sla::Breached
    } else if age.num_seconds() >= targets.warning_seconds {
        Sla::Warning
    } else {
        Sla::Ok
    }
}

/// When a claim runs out: never while the candidate is awaited, else a while after the last
/// action or after the end of the scheduled interview, whichever is later.
#[must_use]
pub fn claim_expires_at(
    last_action_at: DateTime<Utc>,
    awaiting_candidate: bool,
    interview_ends_at: Option<DateTime<Utc>>,
    claim_seconds: i64,
) -> Option<DateTime<Utc>> {
    if awaiting_candidate {
        return None;
    }
    let from = interview_ends_at.map_or(last_action_at, |end| end.max(last_action_at));
    from.checked_add_signed(TimeDelta::try_seconds(claim_seconds)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGETS: SlaTargets = SlaTargets {
        warning_seconds: 24 * 3_600,
        breached_seconds: 48 * 3_600,
    };
    const CLAIM_SECONDS: i64 = 4 * 3_600;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn warning_from_24_hours_and_breached_from_48() {
        let cases = [
            (23, Sla::Ok),
            (24, Sla::Warning),
            (47, Sla::Warning),
            (48, Sla::Breached),
        ];
        for (hours, expected) in cases {
            assert_eq!(sla(age(at(0), 0, None, at(hours)), TARGETS), expected);
        }
        assert_eq!(sla(TimeDelta::seconds(24 * 3_600 - 1), TARGETS), Sla::Ok);
    }

    #[test]
    fn awaiting_the_candidate_does_not_count() {
        assert_eq!(age(at(0), 10 * 3_600, None, at(30)), TimeDelta::hours(20));
        assert_eq!(age(at(0), 0, Some(at(5)), at(30)), TimeDelta::hours(5));
        assert_eq!(age(at(0), 3_600, Some(at(5)), at(30)), TimeDelta::hours(4));
        assert_eq!(age(at(3), 0, None, at(0)), TimeDelta::zero());
    }

    #[test]
    fn a_claim_lasts_from_the_last_action_or_the_interview() {
        let ends =
            |awaiting, interview| claim_expires_at(at(10), awaiting, interview, CLAIM_SECONDS);
        assert_eq!(ends(false, None), Some(at(14)));
        assert_eq!(ends(false, Some(at(40))), Some(at(44)));
        assert_eq!(ends(false, Some(at(2))), Some(at(14)));
        assert_eq!(ends(true, Some(at(40))), None);
    }
}
