//! Accounts: addresses, passwords, roles, what each role may do, and how guessing is slowed.

mod email;
mod password;
mod permissions;
mod slow_down;

pub use email::normalise_email;
pub use password::{
    MAX_PASSWORD, MIN_PASSWORD, MIN_PASSWORD_WITH_MFA, MIN_ZXCVBN_SCORE, normalise_password,
    password_context, password_problem,
};
pub use permissions::{AccountType, Permission, Role};
pub use slow_down::{Failures, SlowDown, slow_down};

use crate::codes;

codes! {
    /// The language a person reads.
    pub enum Locale {
        /// French, the first language of the market.
        French = "fr",
        /// English.
        English = "en",
    }
}

impl Locale {
    /// The text of this language.
    #[must_use]
    pub fn choose<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}

impl Locale {
    /// The best of the two for an `Accept-Language` header; French where it names neither.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let weighted = header.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let language = parts.next()?.split('-').next()?.to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .unwrap_or("1");
            let weight = weight.parse::<f32>().ok().filter(|weight| *weight > 0.0)?;
            let locale = if language == "*" {
                Some(Self::French)
            } else {
                Self::from_code(&language)
            };
            Some((weight, locale?))
        });
        // The first of equals wins, so a later one has to be greater.
        let best = weighted.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(Self::French, |(_, locale)| locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_best_of_the_two() {
        let cases = [
            ("", Locale::French),
            ("de", Locale::French),
            ("en", Locale::English),
            ("en-GB,fr;q=0.9", Locale::English),
            ("de, fr;q=0.5, en;q=0.8", Locale::English),
            ("en;q=0, *", Locale::French),
            ("FR-ci", Locale::French),
            ("en;q=abc", Locale::French),
        ];
        for (header, expected) in cases {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
    }
}
