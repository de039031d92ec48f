//! What a file really is: its type by content, whether anything in it acts, and its pages as
//! pictures.
//!
//! Files come from strangers and their parsers are large, so all of this runs in a child process
//! of its own with limits on memory and time (see [`child`]); the parent only counts and stores
//! what the child sends.

mod child;
mod formats;
mod images;
mod parent;
mod pdf;
mod pdf_names;
mod places;
mod polyglots;
mod previews;
mod protocol;

use workflows::documents::rules::{ContentType, DocumentKind, Rejection, RejectionCode};

pub use child::{InspectDocument, run_child, run_if_child};
pub use parent::{Inspector, InspectorError, PageStore};
pub use places::Place;

/// What the uploader says a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The kind of document.
    pub kind: DocumentKind,
    /// The declared type.
    pub content_type: String,
    /// The name's extension in lower case, if it has one.
    pub extension: Option<String>,
}

/// Receives the pages' pictures, in order, after the file was accepted.
trait PageSink {
    /// Takes the picture of one page, JPEG.
    fn page(&mut self, number: u32, image: &[u8]) -> std::io::Result<()>;
}

/// Judges a file. `Ok` is the number of its pages.
fn judge(bytes: &[u8], claims: &Claims) -> Result<u32, Rejection> {
    let file_type = formats::recognise(bytes)?;
    if !formats::agrees(file_type, claims) {
        return Err(RejectionCode::TypeMismatch.into());
    }
    if !claims.kind.accepts(file_type) {
        return Err(RejectionCode::KindMismatch.into());
    }
    polyglots::check(bytes, file_type)?;
    match file_type {
        ContentType::Pdf => Ok(pdf::check(bytes)?),
        ContentType::Jpeg | ContentType::Png => images::check(bytes, file_type).map(|()| 1),
    }
}

/// Makes the pictures of the pages of a file that was accepted.
fn picture(bytes: &[u8], sink: &mut dyn PageSink) -> Result<(), RejectionCode> {
    match formats::recognise(bytes)? {
        ContentType::Pdf => previews::of_pdf(bytes, sink),
        ContentType::Jpeg | ContentType::Png => previews::of_image(bytes, sink),
    }
}

#[cfg(test)]
mod tests;
