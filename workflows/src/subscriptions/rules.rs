//! The periods of a subscription, computed from its anchor and never opened by a process.
//!
//! The *k*-th boundary is the anchor plus *k* whole months, counted from the anchor itself: where
//! the month has no such day, its last day stands in for it at the same time of day. A
//! subscription of 31 January therefore turns on 28 (or 29) February, 31 March, 30 April: a short
//! month shortens its own period and no later one. Boundaries are UTC; a period holds its start
//! and not its end.

use chrono::{DateTime, Datelike, Months, Utc};

use super::Interval;

/// A period of a subscription: from its start until just before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first moment of it.
    pub start: DateTime<Utc>,
    /// The first moment of the next.
    pub end: DateTime<Utc>,
}

impl Period {
    /// Whether the moment lies in it.
    #[must_use]
    pub fn contains(&self, moment: DateTime<Utc>) -> bool {
        self.start <= moment && moment < self.end
    }
}

/// The quota period that holds `now`: whole months from the anchor, whatever the plan and however
/// it is charged. A moment before the anchor (a clock that lags) counts as the anchor.
#[must_use]
pub fn quota_period(anchor: DateTime<Utc>, now: DateTime<Utc>) -> Period {
    billing_period(anchor, Interval::Month, now)
}

/// The charged period that holds `now`.
#[must_use]
pub fn billing_period(anchor: DateTime<Utc>, interval: Interval, now: DateTime<Utc>) -> Period {
    let step = interval.months();
    let mut index = whole_months(anchor, now) / step;
    if index > 0 && boundary(anchor, index * step) > now {
        index -= 1;
    }
    Period {
        start: boundary(anchor, index * step),
        end: boundary(anchor, (index + 1) * step),
    }
}

/// Calendar months from the anchor's month to that of `now`: at most one too many for the number
/// of boundaries passed, since the day within the month is not looked at.
fn whole_months(anchor: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let months = |moment: DateTime<Utc>| i64::from(moment.year()) * 12 + i64::from(moment.month0());
    u32::try_from(months(now) - months(anchor)).unwrap_or(0)
}

/// The anchor plus that many months, on the month's last day when it has no such day. Beyond the
/// calendar's end (the year 262,000) it stays at the anchor.
fn boundary(anchor: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    anchor
        .checked_add_months(Months::new(months))
        .unwrap_or(anchor)
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_holds_its_start_and_not_its_end() {
        let period = quota_period(at("2026-01-15T10:00:00Z"), at("2026-02-01T00:00:00Z"));
        let second = Duration::seconds(1);
        assert!(period.contains(period.start) && period.contains(period.end - second));
        assert!(!period.contains(period.end) && !period.contains(period.start - second));
    }

    #[test]
    fn a_period_begins_on_the_anchors_day() {
        let period = quota_period(at("2026-01-15T10:00:00Z"), at("2026-03-15T09:59:59Z"));
        assert_eq!(period.start, at("2026-02-15T10:00:00Z"));
        assert_eq!(period.end, at("2026-03-15T10:00:00Z"));
    }

    #[test]
    fn the_end_of_one_is_the_start_of_the_next() {
        let anchor = at("2026-01-15T10:00:00Z");
        let period = quota_period(anchor, at("2026-02-15T10:00:00Z"));
        assert_eq!(period.start, at("2026-02-15T10:00:00Z"));
    }

    #[test]
    fn a_short_month_shortens_its_own_period_only() {
        let anchor = at("2026-01-31T12:00:00Z");
        let starts: Vec<_> = [
            "2026-02-15T00:00:00Z",
            "2026-03-15T00:00:00Z",
            "2026-04-15T00:00:00Z",
            "2026-05-15T00:00:00Z",
        ]
        .into_iter()
        .map(|now| quota_period(anchor, at(now)).start)
        .collect();
        assert_eq!(
            starts,
            [
                at("2026-01-31T12:00:00Z"),
                at("2026-02-28T12:00:00Z"),
                at("2026-03-31T12:00:00Z"),
                at("2026-04-30T12:00:00Z"),
            ]
        );
    }

    #[test]
    fn the_last_day_of_february_turns_at_the_anchors_hour() {
        let anchor = at("2024-01-31T12:00:00Z");
        assert_eq!(
            quota_period(anchor, at("2024-02-29T11:59:59Z")).start,
            anchor
        );
        assert_eq!(
            quota_period(anchor, at("2024-02-29T12:00:00Z")).start,
            at("2024-02-29T12:00:00Z")
        );
    }

    #[test]
    fn a_lagging_clock_counts_as_the_anchor() {
        let anchor = at("2026-01-15T10:00:00Z");
        assert_eq!(
            quota_period(anchor, at("2025-11-01T00:00:00Z")).start,
            anchor
        );
    }

    #[test]
    fn a_year_is_charged_from_anchor_to_anchor() {
        let period = billing_period(
            at("2024-02-29T00:00:00Z"),
            Interval::Year,
            at("2025-06-01T00:00:00Z"),
        );
        assert_eq!(period.start, at("2025-02-28T00:00:00Z"));
        assert_eq!(period.end, at("2026-02-28T00:00:00Z"));
    }

    fn moment() -> impl Strategy<Value = DateTime<Utc>> {
        // 2000 to 2100, to the second.
        (946_684_800_i64..4_102_444_800).prop_map(|s| Utc.timestamp_opt(s, 0).unwrap())
    }

    proptest! {
        #[test]
        fn a_period_holds_its_moment(anchor in moment(), later in 0_i64..3_000_000_000) {
            let now = anchor + Duration::seconds(later);
            for interval in [Interval::Month, Interval::Year] {
                prop_assert!(billing_period(anchor, interval, now).contains(now));
            }
        }

        #[test]
        fn periods_follow_each_other_without_gap(anchor in moment(), later in 0_i64..3_000_000_000) {
            let period = quota_period(anchor, anchor + Duration::seconds(later));
            let next = quota_period(anchor, period.end);
            prop_assert_eq!(next.start, period.end);
            let last_moment = period.end - Duration::nanoseconds(1);
            prop_assert_eq!(quota_period(anchor, last_moment), period);
        }

        #[test]
        fn a_month_lasts_28_to_31_days(anchor in moment(), later in 0_i64..3_000_000_000) {
            let period = quota_period(anchor, anchor + Duration::seconds(later));
            let days = (period.end - period.start).num_days();
            prop_assert!((28..=31).contains(&days), "{} days", days);
        }

        #[test]
        fn a_charged_year_begins_with_a_quota_period(anchor in moment(), later in 0_i64..3_000_000_000) {
            let year = billing_period(anchor, Interval::Year, anchor + Duration::seconds(later));
            prop_assert_eq!(quota_period(anchor, year.start).start, year.start);
            prop_assert_eq!(quota_period(anchor, year.end).start, year.end);
        }
    }
}
