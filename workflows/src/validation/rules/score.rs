//! The score: exact fractions, rounded half up to two decimals once, at the end.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A score with two decimals, kept as whole hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u32);

impl Score {
    /// A score of that many hundredths.
    #[must_use]
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// The score in hundredths, as a column may keep it.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }

    /// The score as a number for an answer.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let hundredths = format!("{:.0}", number * 100.0);
        hundredths
            .parse()
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// A sum of weighted means as one fraction, reduced after every addition so that a grid of any
/// sensible size fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeightedMeans {
    numerator: u128,
    denominator: u128,
    weights: u128,
}

impl WeightedMeans {
    pub(super) const EMPTY: Self = Self {
        numerator: 0,
        denominator: 1,
        weights: 0,
    };

    /// Adds the mean `sum / count` with its weight; a category without criteria weighs nothing.
    pub(super) fn add(&mut self, weight: u32, sum: u32, count: u32) {
        if count == 0 {
            return;
        }
        let (weight, sum, count) = (u128::from(weight), u128::from(sum), u128::from(count));
        self.numerator = self.numerator * count + weight * sum * self.denominator;
        self.denominator *= count;
        self.weights += weight;
        let divisor = greatest_common_divisor(self.numerator, self.denominator);
        self.numerator /= divisor;
        self.denominator /= divisor;
    }

    /// The weighted mean times that factor; nothing when nothing weighs.
    pub(super) fn times(self, factor: u32) -> Option<Score> {
        let denominator = self.denominator * self.weights;
        if denominator == 0 {
            return None;
        }
        let hundredths = self.numerator * u128::from(factor) * 100;
        let rounded = (2 * hundredths + denominator) / (2 * denominator);
        u32::try_from(rounded).ok().map(Score)
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_up() {
        let mut means = WeightedMeans::EMPTY;
        means.add(1, 1, 8);
        assert_eq!(means.times(1), Some(Score(13)));
        assert_eq!(means.times(20), Some(Score(250)));
        assert_eq!(WeightedMeans::EMPTY.times(1), None);
    }

    #[test]
    fn a_score_reads_back_as_it_was_written() {
        for hundredths in 0..=10_000 {
            let json = serde_json::to_string(&Score(hundredths)).unwrap();
            assert_eq!(
                serde_json::from_str::<Score>(&json).unwrap(),
                Score(hundredths),
                "{json}"
            );
        }
    }
}
