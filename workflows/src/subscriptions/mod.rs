//! Plans, quotas and their periods.

pub mod rules;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The plan every company begins on.
pub const FREEMIUM: &str = "freemium";

/// What a plan counts and may limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// Profiles opened in a period.
    Consultations,
    /// Searches made in a period.
    Searches,
    /// People of the company, at any moment.
    Seats,
}

impl Quota {
    /// Every quota, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Consultations, Self::Searches, Self::Seats];

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consultations => "consultations",
            Self::Searches => "searches",
            Self::Seats => "seats",
        }
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often a subscription is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

impl Interval {
    /// The name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Its length in whole months.
    #[must_use]
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

/// The text names no value of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown value")]
pub struct UnknownValue;

impl FromStr for Interval {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Month, Self::Year]
            .into_iter()
            .find(|interval| interval.as_str() == text)
            .ok_or(UnknownValue)
    }
}

impl FromStr for Quota {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|quota| quota.as_str() == text)
            .ok_or(UnknownValue)
    }
}
