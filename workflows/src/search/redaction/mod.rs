//! Clears texts of everything that tells who a person is.
//!
//! Cleared are the person's own names, employers, street and contacts, however they are spelled
//! (case, accents, hyphens, dots, letters that look the same, joined, taken apart or inside a longer
//! word), anything shaped like a telephone number, a mail or web address or a name in a network, and
//! words of other alphabets, which are not read here. Labels are cleared alone and side by side. When
//! in doubt a word goes: a card that says too little can be opened, one that says too much cannot be
//! taken back.

mod alphabet;
mod fold;
mod foreign;
mod shapes;
mod terms;
mod together;
mod vocabulary;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::candidates::profile::Profile;

use fold::{Look, normalise};
use terms::Terms;

/// A text that was cleared; only [`Redaction`] makes one from a person's words.
///
/// It can also be read back from an index, where nothing else was ever put.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cleared(String);

impl Cleared {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first characters of the text, cut between words where there is a gap.
    #[must_use]
    pub fn excerpt(&self, characters: usize) -> String {
        let Some((cut, _)) = self.0.char_indices().nth(characters) else {
            return self.0.clone();
        };
        let head = &self.0[..cut];
        let end = head.rfind(char::is_whitespace).unwrap_or(cut);
        format!("{}…", head[..end].trim_end())
    }
}

impl From<Cleared> for String {
    fn from(text: Cleared) -> Self {
        text.0
    }
}

/// What tells who a person is, gathered from the profile and the account.
#[derive(Debug, Clone, Default)]
pub struct RedactionContext {
    /// First names, last names, names of the account.
    pub names: Vec<String>,
    /// Companies worked for.
    pub employers: Vec<String>,
    /// Street addresses.
    pub streets: Vec<String>,
    /// Mail addresses and telephone numbers.
    pub contacts: Vec<String>,
    /// City, country and wanted places: a part of an employer's or a street's name that is one of
    /// these stays, or nobody could be found where they live.
    pub places: Vec<String>,
}

impl RedactionContext {
    /// Everything that the profile itself tells.
    #[must_use]
    pub fn of_profile(profile: &Profile) -> Self {
        let identity = &profile.identity;
        let texts = |fields: &[&Option<String>]| -> Vec<String> {
            fields.iter().filter_map(|field| (*field).clone()).collect()
        };
        let mut places = profile.job_preferences.locations.clone();
        places.extend(identity.city.clone());
        Self {
            names: texts(&[&identity.first_name, &identity.last_name]),
            employers: profile
                .experiences
                .iter()
                .filter_map(|e| e.company.clone())
                .collect(),
            streets: texts(&[&identity.address]),
            contacts: texts(&[&identity.phone]),
            places,
        }
    }

    /// Adds what the account tells, which may differ from the profile.
    #[must_use]
    pub fn with_account(mut self, first_name: &str, last_name: &str, email: &str) -> Self {
        self.names
            .extend([first_name.to_owned(), last_name.to_owned()]);
        self.contacts.push(email.to_owned());
        self
    }
}

/// The version of the rule: an entry that was made under an older one is made again. Whoever
/// changes what is cleared counts it up.
pub const RULE: u32 = 2;

/// Clears the texts of one person.
#[derive(Debug, Clone)]
pub struct Redaction {
    terms: Terms,
}

impl Redaction {
    /// Prepares the clearing of that person's texts.
    #[must_use]
    pub fn new(context: &RedactionContext) -> Self {
        Self {
            terms: Terms::of(context),
        }
    }

    /// Clears a label; nothing when nothing telling is left.
    #[must_use]
    pub fn label(&self, text: &str) -> Option<Cleared> {
        self.clear(text, "")
    }

    /// Clears a text of several sentences; an ellipsis stands where something was.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<Cleared> {
        self.clear(text, "…")
    }

    /// Clears until nothing more is found: what is taken out may bring two halves together.
    fn clear(&self, text: &str, replacement: &str) -> Option<Cleared> {
        let mut kept = tidy(&normalise(text));
        loop {
            let spans = self.spans(&kept);
            if spans.is_empty() {
                break;
            }
            kept = tidy(&replace(&kept, &spans, replacement));
        }
        kept.chars()
            .any(char::is_alphanumeric)
            .then_some(Cleared(kept))
    }

    /// Where something has to go, in order and without overlaps.
    fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let look = Look::of(text);
        let mut spans = self.terms.find(&look);
        spans.extend(shapes::find(&look, self.terms.numbers()));
        spans.extend(foreign::find(&look));
        let mut spans: Vec<_> = spans.iter().map(|span| look.origin(span)).collect();
        spans.sort_by_key(|span| (span.start, span.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }
}

fn replace(text: &str, spans: &[Range<usize>], replacement: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        kept.push_str(&text[from..span.start]);
        let closed = text[span.end..].starts_with([',', '.', ';', ':', '!', '?', ')', ']']);
        if closed && replacement.is_empty() {
            kept.truncate(kept.trim_end().len());
        } else {
            // A space keeps the neighbours from becoming one word.
            kept.push(' ');
            kept.push_str(replacement);
        }
        if !closed {
            kept.push(' ');
        }
        from = span.end;
    }
    kept.push_str(&text[from..]);
    kept
}

/// Closes the gaps: empty brackets, doubled spaces, punctuation that hangs at an end.
fn tidy(text: &str) -> String {
    let mut kept = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (gap, closed) in [
        ("( ", "("),
        ("[ ", "["),
        ("()", ""),
        ("[]", ""),
        ("… …", "…"),
    ] {
        while kept.contains(gap) {
            kept = kept.replace(gap, closed);
        }
    }
    let hanging = |c: char| c.is_whitespace() || ",;:/|·-–—&".contains(c);
    let kept = kept.trim_matches(hanging);
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "redaction_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "redaction_cases.rs"]
mod cases;
