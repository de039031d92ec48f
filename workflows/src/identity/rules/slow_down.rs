//! How failed logins slow further ones down, and never lock an account's owner out.
//!
//! Guessing at one account from one network waits longer each time, and so does a network that
//! tries many accounts. Guessing at one account from many networks cannot be told from its owner
//! who travels, so it is answered late, never refused, and not even that where the owner is at
//! home.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Failures on one account from one network that cost nothing.
const FREE_HERE: i64 = 5;
/// The longest wait after the last of them.
const LONGEST_HERE: TimeDelta = TimeDelta::minutes(5);
/// Failures of one network on any account that cost nothing.
const FREE_OF_NETWORK: i64 = 100;
/// How many further failures double a network's wait.
const STEP_OF_NETWORK: i64 = 10;
const LONGEST_OF_NETWORK: TimeDelta = TimeDelta::minutes(1);
/// Failures on one account from anywhere that cost nothing.
const FREE_ON_ACCOUNT: i64 = 10;
const SHORTEST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(4);

/// The failed logins of the last quarter of an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// On this account from this network, since the last success from here.
    pub here: i64,
    /// The last of them.
    pub last_here: Option<DateTime<Utc>>,
    /// From this network on any account.
    pub of_network: i64,
    /// The last of them.
    pub last_of_network: Option<DateTime<Utc>>,
    /// On this account from anywhere.
    pub on_account: i64,
    /// Whether the account was logged into from this network lately.
    pub known_network: bool,
}

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowDown {
    /// It is looked at after that time.
    After(Duration),
    /// It is not looked at; another may come after that time.
    Refused(Duration),
}

/// What becomes of an attempt after those failures.
#[must_use]
pub fn slow_down(failures: &Failures, now: DateTime<Utc>) -> SlowDown {
    let here = wait(
        failures.here - FREE_HERE,
        failures.last_here,
        LONGEST_HERE,
        now,
    );
    let excess = failures.of_network - FREE_OF_NETWORK;
    let steps = if excess < 0 {
        -1
    } else {
        excess / STEP_OF_NETWORK
    };
    let network = wait(steps, failures.last_of_network, LONGEST_OF_NETWORK, now);
    match here.max(network) {
        Some(wait) => SlowDown::Refused(wait),
        None => SlowDown::After(delay(failures)),
    }
}

/// What is left of one second, doubled `doublings` times, after the last failure.
fn wait(
    doublings: i64,
    last: Option<DateTime<Utc>>,
    longest: TimeDelta,
    now: DateTime<Utc>,
) -> Option<Duration> {
    let doublings = u32::try_from(doublings).ok()?;
    let seconds = 1_i64.checked_shl(doublings.min(30))?;
    let until = last? + TimeDelta::seconds(seconds).min(longest);
    (until - now).to_std().ok().filter(|left| !left.is_zero())
}

fn delay(failures: &Failures) -> Duration {
    match u32::try_from(failures.on_account - FREE_ON_ACCOUNT) {
        Ok(doublings) if !failures.known_network => {
            (SHORTEST_DELAY * 2_u32.pow(doublings.min(10))).min(LONGEST_DELAY)
        }
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn here(failures: i64, seconds_ago: i64) -> Failures {
        let last_here = Some(now() - TimeDelta::seconds(seconds_ago));
        Failures {
            here: failures,
            last_here,
            ..Failures::default()
        }
    }

    #[test]
    fn the_first_failures_cost_nothing_and_the_next_ones_double() {
        let seconds = Duration::from_secs;
        assert_eq!(
            slow_down(&here(4, 0), now()),
            SlowDown::After(Duration::ZERO)
        );
        assert_eq!(slow_down(&here(5, 0), now()), SlowDown::Refused(seconds(1)));
        assert_eq!(slow_down(&here(8, 0), now()), SlowDown::Refused(seconds(8)));
        assert_eq!(slow_down(&here(8, 5), now()), SlowDown::Refused(seconds(3)));
        assert_eq!(
            slow_down(&here(8, 8), now()),
            SlowDown::After(Duration::ZERO)
        );
        assert_eq!(
            slow_down(&here(500, 0), now()),
            SlowDown::Refused(seconds(300))
        );
    }

    #[test]
    fn a_network_that_tries_many_accounts_waits() {
        let network = |failures| Failures {
            of_network: failures,
            last_of_network: Some(now()),
            ..Failures::default()
        };
        assert_eq!(
            slow_down(&network(99), now()),
            SlowDown::After(Duration::ZERO)
        );
        assert_eq!(
            slow_down(&network(100), now()),
            SlowDown::Refused(Duration::from_secs(1))
        );
        assert_eq!(
            slow_down(&network(9000), now()),
            SlowDown::Refused(Duration::from_mins(1))
        );
    }

    #[test]
    fn strangers_slow_down_who_comes_from_elsewhere_more_and_more_and_not_the_owner_at_home() {
        let after = |on_account, known_network| {
            let failures = Failures {
                on_account,
                known_network,
                ..Failures::default()
            };
            match slow_down(&failures, now()) {
                SlowDown::After(delay) => delay,
                SlowDown::Refused(_) => Duration::MAX,
            }
        };
        assert_eq!(after(FREE_ON_ACCOUNT - 1, false), Duration::ZERO);
        assert_eq!(after(FREE_ON_ACCOUNT, false), SHORTEST_DELAY);
        assert_eq!(after(FREE_ON_ACCOUNT + 1, false), SHORTEST_DELAY * 2);
        assert_eq!(after(FREE_ON_ACCOUNT + 60, false), LONGEST_DELAY);
        assert_eq!(after(FREE_ON_ACCOUNT + 60, true), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn an_owner_at_home_is_neither_refused_nor_delayed_by_strangers(strangers in 0_i64..1_000_000) {
            let failures = Failures { on_account: strangers, known_network: true, ..Failures::default() };
            prop_assert_eq!(slow_down(&failures, now()), SlowDown::After(Duration::ZERO));
        }

        #[test]
        fn an_owner_elsewhere_is_never_refused_for_strangers(strangers in 0_i64..1_000_000) {
            let failures = Failures { on_account: strangers, ..Failures::default() };
            let SlowDown::After(delay) = slow_down(&failures, now()) else {
                return Err(TestCaseError::fail("refused"));
            };
            prop_assert!(delay <= LONGEST_DELAY);
        }

        #[test]
        fn no_wait_is_endless(mine in 0_i64..1_000_000, network in 0_i64..1_000_000, ago in 300_i64..900) {
            let last = Some(now() - TimeDelta::seconds(ago));
            let failures = Failures {
                here: mine, last_here: last, of_network: network, last_of_network: last,
                ..Failures::default()
            };
            prop_assert!(matches!(slow_down(&failures, now()), SlowDown::After(_)));
        }
    }
}
