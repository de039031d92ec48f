//! The stable codes of every error answer, each with its status and its words in French and
//! English: one file a domain, one code an entry.

pub mod candidates;
pub mod common;
pub mod documents;
pub mod identity;
pub mod search;
pub mod validation;

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::StatusCode;
use workflows::identity::rules::Locale;

/// A stable error code of the HTTP contract.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    name: &'static str,
    status: StatusCode,
    french: &'static str,
    english: &'static str,
}

impl Code {
    /// A code; declare codes with [`codes!`](crate::gateway::codes::codes) rather than by hand.
    #[must_use]
    pub const fn new(
        name: &'static str,
        status: StatusCode,
        french: &'static str,
        english: &'static str,
    ) -> Self {
        Self {
            name,
            status,
            french,
            english,
        }
    }

    /// The name clients rely on, in `snake_case`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The status an answer with this code has.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence shown to a person; `{member}` stands for a member of the answer.
    #[must_use]
    pub const fn message(&self, locale: Locale) -> &'static str {
        match locale {
            Locale::French => self.french,
            Locale::English => self.english,
        }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

/// Declares a domain's codes, one entry each: constant, status, name, French, English.
macro_rules! codes {
    ($($constant:ident $status:ident $name:literal $french:literal $english:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub const $constant: $crate::gateway::codes::Code = $crate::gateway::codes::Code::new(
                $name,
                axum::http::StatusCode::$status,
                $french,
                $english,
            );
        )*

        /// Every code of this file.
        pub const ALL: &[$crate::gateway::codes::Code] = &[$($constant),*];
    };
}
pub(crate) use codes;

/// The files of this folder: a new domain adds its own here.
const CATALOGUE: &[&[Code]] = &[
    candidates::ALL,
    common::ALL,
    documents::ALL,
    identity::ALL,
    search::ALL,
    validation::ALL,
];

static BY_NAME: LazyLock<HashMap<&'static str, Code>> =
    LazyLock::new(|| catalogue().map(|code| (code.name, code)).collect());

/// Every code of the contract.
pub fn catalogue() -> impl Iterator<Item = Code> {
    CATALOGUE.iter().flat_map(|codes| codes.iter().copied())
}

/// The code of that name: how a refusal that comes from a rule or a workflow gets its words.
#[must_use]
pub fn find(name: &str) -> Option<Code> {
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_snake_case() {
        assert_eq!(
            catalogue().count(),
            BY_NAME.len(),
            "a code is declared twice"
        );
        for code in catalogue() {
            let plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(
                code.name.bytes().all(plain),
                "{} is not snake_case",
                code.name
            );
        }
    }

    #[test]
    fn no_code_is_a_field_code_too() {
        for code in catalogue() {
            let field = workflows::fields::FieldCode::from_code(code.name);
            assert!(field.is_none(), "{} is declared in workflows", code.name);
        }
    }

    #[test]
    fn every_code_speaks_both_languages() {
        for code in catalogue() {
            assert!(
                !code.french.is_empty() && !code.english.is_empty(),
                "{}",
                code.name
            );
            assert!(
                code.status.is_client_error() || code.status.is_server_error(),
                "{}",
                code.name
            );
        }
    }
}
