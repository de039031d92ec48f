//! Single fields that are wrong, and single reasons of a refusal.

use std::borrow::Cow;

use serde_json::{Map, Value};
use workflows::fields::FieldCode;
use workflows::identity::rules::Locale;

use super::document::{ProblemField, interpolate};
use crate::gateway::codes::{self, Code, common};

/// One field that is wrong, or one reason for a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pointer: String,
    reason: Reason,
    figures: Map<String, Value>,
}

/// Why: a code of the catalogue, or one that a rule of `workflows` named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self(Cow::Borrowed(code.name()))
    }
}

impl From<FieldCode> for Reason {
    fn from(code: FieldCode) -> Self {
        Self(Cow::Borrowed(code.as_str()))
    }
}

impl From<String> for Reason {
    fn from(code: String) -> Self {
        Self(Cow::Owned(code))
    }
}

impl Reason {
    fn sentence(&self, locale: Locale) -> &'static str {
        match (FieldCode::from_code(&self.0), locale) {
            (Some(code), Locale::French) => code.message_fr(),
            (Some(code), Locale::English) => code.message_en(),
            (None, _) => codes::find(&self.0)
                .unwrap_or(common::INVALID_VALUE)
                .message(locale),
        }
    }
}

impl FieldError {
    /// The field at a JSON pointer, and why.
    #[must_use]
    pub fn new(pointer: impl Into<String>, reason: impl Into<Reason>) -> Self {
        Self {
            pointer: pointer.into(),
            reason: reason.into(),
            figures: Map::new(),
        }
    }

    /// What the reason's sentence names as `{name}`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.figures.insert(name.to_owned(), value.into());
        self
    }

    /// How the contract shows it.
    #[must_use]
    pub fn shown(&self, locale: Locale) -> ProblemField {
        ProblemField {
            pointer: self.pointer.clone(),
            code: self.reason.0.to_string(),
            message: interpolate(self.reason.sentence(locale), &self.figures),
        }
    }
}

impl From<workflows::fields::FieldError> for FieldError {
    fn from(error: workflows::fields::FieldError) -> Self {
        Self::new(error.pointer, error.code)
    }
}
