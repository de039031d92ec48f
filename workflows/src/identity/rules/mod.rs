//! Accounts: addresses, names, passwords, roles, what each role may do, and how guessing is slowed.

mod email;
mod names;
mod password;
mod permissions;
mod slow_down;

pub use email::normalise_email;
pub use names::{MAX_COMPANY_NAME, MAX_PERSON_NAME, company_name, person_name};
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
    /// The language of a tag as browsers and systems write it: `fr`, `fr-FR`, `fr_CI`, `EN-us`,
    /// `en_US.UTF-8`. `None` for every other language.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag
            .trim()
            .split(|c: char| !c.is_ascii_alphabetic())
            .next()?;
        Self::from_code(&language.to_ascii_lowercase())
    }

    /// The best of the two for an `Accept-Language` header; French where it names neither.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let weighted = header.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let language = parts.next()?;
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .unwrap_or("1");
            let weight = weight.parse::<f32>().ok().filter(|weight| *weight > 0.0)?;
            let locale = if language == "*" {
                Some(Self::French)
            } else {
                Self::from_tag(language)
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
    fn a_tag_names_its_language_however_it_is_written() {
        for tag in [
            "fr",
            "fr-FR",
            "fr_CI",
            " FR ",
            "fr-Latn-CI",
            "fr_FR.UTF-8",
            "fr@euro",
        ] {
            assert_eq!(Locale::from_tag(tag), Some(Locale::French), "{tag}");
        }
        for tag in ["en", "en-US", "en_GB", "EN"] {
            assert_eq!(Locale::from_tag(tag), Some(Locale::English), "{tag}");
        }
        for tag in ["", "de", "frr", "french", "-fr", "*", "é"] {
            assert_eq!(Locale::from_tag(tag), None, "{tag}");
        }
    }

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
