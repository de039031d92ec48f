//! What a file may be, and why one is refused.

use serde::{Deserialize, Serialize};

use super::DocumentKind;
use crate::codes;

codes! {
    /// The three kinds of file that are taken, found by content.
    pub enum ContentType {
        /// PDF.
        Pdf = "application/pdf",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// PNG.
        Png = "image/png",
    }
}

impl ContentType {
    /// The type that a file name's extension declares.
    #[must_use]
    pub fn from_extension(file_name: &str) -> Option<Self> {
        let (_, extension) = file_name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "jpg" | "jpeg" | "jpe" | "jfif" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }

    /// The type that a `Content-Type` header declares, its parameters left aside.
    #[must_use]
    pub fn from_media_type(header: &str) -> Option<Self> {
        let essence = header.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "image/jpg" | "image/pjpeg" => Some(Self::Jpeg),
            "application/x-pdf" => Some(Self::Pdf),
            "image/x-png" => Some(Self::Png),
            essence => Self::from_code(essence),
        }
    }
}

impl DocumentKind {
    /// Whether a document of this kind may be such a file: a CV is a PDF, a photo is an image.
    #[must_use]
    pub const fn accepts(self, content: ContentType) -> bool {
        match self {
            Self::Cv => matches!(content, ContentType::Pdf),
            Self::Photo => matches!(content, ContentType::Jpeg | ContentType::Png),
            _ => true,
        }
    }
}

codes! {
    /// Why the checks of the content refuse a file.
    pub enum RejectionCode {
        /// Neither PDF nor JPEG nor PNG.
        UnsupportedType = "unsupported_type",
        /// The declared type or the extension says something else than the content.
        TypeMismatch = "type_mismatch",
        /// Not a file for this kind of document.
        KindMismatch = "kind_mismatch",
        /// Two formats at once.
        Polyglot = "polyglot",
        /// An archive.
        Archive = "archive",
        /// A PDF that asks for a password.
        PdfEncrypted = "pdf_encrypted",
        /// A PDF that cannot be read.
        PdfBroken = "pdf_broken",
        /// A PDF of more than 200 pages.
        PdfTooManyPages = "pdf_too_many_pages",
        /// A PDF that acts: scripts, launches, submissions, remote actions, embedded files, XFA.
        PdfActiveContent = "pdf_active_content",
        /// A PDF with a link that runs what it names: `javascript:`, `vbscript:` or `data:`.
        PdfScriptLink = "pdf_script_link",
        /// A PDF whose pages take more than the budget to draw.
        PdfTooComplex = "pdf_too_complex",
        /// An image that cannot be decoded.
        ImageBroken = "image_broken",
        /// An image of more than 64 megapixels.
        ImageTooLarge = "image_too_large",
        /// A photograph with a film behind it.
        ImageMotionPhoto = "image_motion_photo",
        /// The scanner could not look into the whole of it.
        NotScannable = "not_scannable",
        /// What is stored cannot be read, or looking into it broke the limits.
        Unreadable = "unreadable",
    }
}

/// The figure that a file is refused for, so that its owner can be told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionFigures {
    /// What was found, in the unit of the code's limit: pages, pixels or seconds.
    pub found: u64,
    /// The most that is taken.
    pub limit: u64,
    /// Width and height of an image, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<(u32, u32)>,
}

/// Why a file is refused, with the figure that decided where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The reason.
    pub code: RejectionCode,
    /// Its figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<RejectionFigures>,
}

impl From<RejectionCode> for Rejection {
    fn from(code: RejectionCode) -> Self {
        Self {
            code,
            figures: None,
        }
    }
}

/// Pages of a PDF at most.
pub const MAX_PAGES: usize = 200;
/// Pixels of an image at most: telephones sold with "50 megapixels" make 8,192 × 6,144.
pub const MAX_PIXELS: u64 = 64_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_leniently() {
        assert_eq!(
            ContentType::from_extension("CV.final.PDF"),
            Some(ContentType::Pdf)
        );
        assert_eq!(
            ContentType::from_extension("photo.JPEG"),
            Some(ContentType::Jpeg)
        );
        for name in ["photo.jfif", "photo.JPE"] {
            assert_eq!(ContentType::from_extension(name), Some(ContentType::Jpeg));
        }
        assert_eq!(ContentType::from_extension("cv.docx"), None);
        assert_eq!(ContentType::from_extension("pdf"), None);
        let header = "Image/PNG; charset=binary";
        assert_eq!(ContentType::from_media_type(header), Some(ContentType::Png));
        assert_eq!(ContentType::from_media_type("text/html"), None);
    }

    #[test]
    fn a_cv_is_a_pdf_and_a_photo_an_image() {
        assert!(DocumentKind::Cv.accepts(ContentType::Pdf));
        assert!(!DocumentKind::Cv.accepts(ContentType::Png));
        assert!(!DocumentKind::Photo.accepts(ContentType::Pdf));
        assert!(DocumentKind::Diploma.accepts(ContentType::Jpeg));
    }
}
