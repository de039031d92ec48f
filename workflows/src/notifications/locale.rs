//! The languages in which Yemma speaks.

use serde::{Deserialize, Serialize};

/// A language of mails and screens; French is the market's first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// `fr`
    #[default]
    #[serde(rename = "fr")]
    French,
    /// `en`
    #[serde(rename = "en")]
    English,
}

impl Locale {
    /// The language of a tag as it is kept with a person; French when it is neither.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        match tag {
            "en" => Self::English,
            _ => Self::French,
        }
    }

    /// The tag, `fr` or `en`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The text of this language.
    #[must_use]
    pub fn choose<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}
