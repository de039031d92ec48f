//! Files to upload, made here: real ones, and the ones that must be caught.

mod hostile;
mod images;
mod pdf;

use sha2::{Digest, Sha256};

pub use hostile::{
    active_pdf, archive, broken_pdf, eicar, empty, false_extension, infected_pdf, oversize,
    polyglot, truncated_jpeg, truncated_pdf,
};
pub use images::{certificate, photo};
pub use pdf::{cv, letter};

/// A file as somebody would choose it on their computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFile {
    /// Its name.
    pub name: String,
    /// The type that the browser would declare.
    pub content_type: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl TestFile {
    /// A file of these bytes.
    #[must_use]
    pub fn new(name: &str, content_type: &str, content: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            content: content.into(),
        }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The same, declared as another type.
    #[must_use]
    pub fn declared(mut self, content_type: &str) -> Self {
        content_type.clone_into(&mut self.content_type);
        self
    }

    /// Its SHA-256 in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for byte in Sha256::digest(&self.content) {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}
