//! What a file really is: its type by content, whether anything in it acts, and its pages as
//! pictures.
//!
//! Files come from strangers and their parsers are large, so all of this runs in a child process
//! of its own with limits on memory and time and nothing within its reach (see [`confinement`]);
//! the parent only counts and stores what the child sends. One child judges; another draws, since
//! a file may be sound although it cannot be drawn.

mod child;
mod confinement;
mod formats;
mod gradients;
mod images;
mod limits;
mod listening;
mod meter;
mod parent;
mod pdf;
mod places;
mod polyglots;
mod previews;
mod protocol;
mod tails;

use workflows::documents::rules::{ContentType, DocumentKind, Rejection, RejectionCode};

pub use child::{InspectDocument, run_child, run_if_child};
pub use confinement::{Confinement, confine};
pub use parent::{Drawing, Inspector, InspectorError, Judged, PageStore};
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
    /// The next page is about to be drawn.
    fn begin(&mut self) -> std::io::Result<()>;
    /// Takes the picture of one page, JPEG.
    fn page(&mut self, number: u32, image: &[u8]) -> std::io::Result<()>;
    /// Takes note of a page that could not be drawn.
    fn undrawn(&mut self, number: u32) -> std::io::Result<()>;
}

/// Judges a file.
fn judge(bytes: &[u8], claims: &Claims) -> Result<Judged, Rejection> {
    let file_type = formats::recognise(bytes)?;
    if !formats::agrees(file_type, claims) {
        return Err(RejectionCode::TypeMismatch.into());
    }
    if !claims.kind.accepts(file_type) {
        return Err(RejectionCode::KindMismatch.into());
    }
    polyglots::check(bytes, file_type)?;
    match file_type {
        ContentType::Pdf => pdf::check(bytes),
        ContentType::Jpeg | ContentType::Png => images::check(bytes, file_type).map(|()| Judged {
            pages: 1,
            rewritten: None,
        }),
    }
}

/// Makes the pictures of the pages of a file that was accepted. A file that is beyond the budget
/// is [`RejectionCode::PdfTooComplex`].
fn picture(bytes: &[u8], sink: &mut dyn PageSink) -> Result<(), RejectionCode> {
    match formats::recognise(bytes)? {
        ContentType::Pdf => previews::of_pdf(bytes, sink),
        ContentType::Jpeg | ContentType::Png => previews::of_image(bytes, sink),
    }
}

#[cfg(test)]
mod tests;
