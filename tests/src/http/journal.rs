//! What a client was promised: every accepted change with its answer.

use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::Value;

use super::Answer;

/// One accepted change.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who asked.
    pub name: String,
    /// The method.
    pub method: Method,
    /// The path without its prefix.
    pub path: String,
    /// The body that was sent.
    pub request: Value,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: Value,
}

impl Entry {
    /// Whether it is a request of this method and of a path that ends so.
    #[must_use]
    pub fn is(&self, method: &Method, ending: &str) -> bool {
        self.method == *method && self.path.ends_with(ending)
    }

    /// The identifier in the path after this word, such as `validations`.
    #[must_use]
    pub fn id_after(&self, word: &str) -> Option<&str> {
        let mut segments = self.path.split('/');
        segments.find(|segment| *segment == word)?;
        segments.next()
    }
}

/// The accepted changes of everybody who shares it, in the order of their answers.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Journal {
    pub(super) fn note(
        &self,
        name: &str,
        method: &Method,
        path: &str,
        request: Value,
        answer: &Answer,
    ) {
        let entry = Entry {
            name: name.to_owned(),
            method: method.clone(),
            path: path.to_owned(),
            request,
            status: answer.status,
            answer: answer.json().unwrap_or_default(),
        };
        self.entries
            .lock()
            .expect("nobody panics while writing")
            .push(entry);
    }

    /// Everything so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.entries
            .lock()
            .expect("nobody panics while writing")
            .clone()
    }

    /// The accepted changes of one kind.
    #[must_use]
    pub fn of(&self, method: &Method, ending: &str) -> Vec<Entry> {
        let mut found = self.entries();
        found.retain(|entry| entry.is(method, ending));
        found
    }
}
