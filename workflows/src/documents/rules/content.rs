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
    /// The type that an extension declares, in whatever case.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
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
        match essence(header).as_str() {
            "image/jpg" | "image/pjpeg" | "image/jfif" => Some(Self::Jpeg),
            "application/x-pdf" => Some(Self::Pdf),
            "image/x-png" => Some(Self::Png),
            essence => Self::from_code(essence),
        }
    }

    /// The type that a file's first bytes speak of: for a file whose uploader said nothing. What it
    /// is, the inspection decides.
    #[must_use]
    pub fn from_first_bytes(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..PDF_HEADER_WITHIN).unwrap_or(bytes);
        if bytes.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if head.windows(5).any(|window| window == b"%PDF-") {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    /// The extension of a file of this type.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// Bytes among which a reader looks for `%PDF-`.
const PDF_HEADER_WITHIN: usize = 1024;
/// Bytes at the beginning of a file by which it is told what it is.
pub const FIRST_BYTES: usize = PDF_HEADER_WITHIN;

/// What the uploader of a file says of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// One that is taken.
    Type(ContentType),
    /// The photographs of iPhones, which no browser shows and nothing here opens.
    Heic,
    /// Nothing, or nothing that means anything.
    Nothing,
    /// One that is not taken.
    Other,
}

impl Declared {
    /// What a part's media type declares. Clients that do not know the type of a file send one of a
    /// few words that mean as much as none.
    #[must_use]
    pub fn by_media_type(header: Option<&str>) -> Self {
        let Some(header) = header else {
            return Self::Nothing;
        };
        if let Some(known) = ContentType::from_media_type(header) {
            return Self::Type(known);
        }
        match essence(header).as_str() {
            ""
            | "*/*"
            | "application/*"
            | "image/*"
            | "application/octet-stream"
            | "binary/octet-stream"
            | "application/binary"
            | "application/download"
            | "application/force-download"
            | "application/x-download"
            | "application/x-force-download"
            | "application/unknown"
            | "text/pdf" => Self::Nothing,
            "image/heic" | "image/heif" | "image/heic-sequence" | "image/heif-sequence" => {
                Self::Heic
            }
            _ => Self::Other,
        }
    }

    /// What a file's name declares.
    #[must_use]
    pub fn by_name(file_name: &str) -> Self {
        let Some(extension) = super::file_extension(file_name) else {
            return Self::Nothing;
        };
        match extension.as_str() {
            "heic" | "heif" | "hif" => Self::Heic,
            extension => ContentType::from_extension(extension).map_or(Self::Other, Self::Type),
        }
    }
}

/// Whether a file begins as a HEIC picture does (ISO/IEC 23008-12): a box `ftyp` with one of its
/// brands.
#[must_use]
pub fn begins_as_heic(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 10] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1",
    ];
    bytes.get(4..8) == Some(b"ftyp".as_slice())
        && bytes
            .get(8..12)
            .is_some_and(|brand| BRANDS.contains(&brand))
}

fn essence(header: &str) -> String {
    let essence = header.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
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
        for (extension, expected) in [
            ("PDF", Some(ContentType::Pdf)),
            ("JPEG", Some(ContentType::Jpeg)),
            ("jfif", Some(ContentType::Jpeg)),
            ("JPE", Some(ContentType::Jpeg)),
            ("docx", None),
        ] {
            assert_eq!(ContentType::from_extension(extension), expected);
        }
        let header = "Image/PNG; charset=binary";
        assert_eq!(ContentType::from_media_type(header), Some(ContentType::Png));
        assert_eq!(ContentType::from_media_type("text/html"), None);
    }

    #[test]
    fn a_type_that_means_nothing_is_none() {
        for header in [
            None,
            Some(""),
            Some("*/*"),
            Some("application/octet-stream"),
            Some("Application/Force-Download; x=y"),
            Some("application/x-download"),
            Some("text/pdf"),
        ] {
            assert_eq!(Declared::by_media_type(header), Declared::Nothing);
        }
        let declared = |header| Declared::by_media_type(Some(header));
        assert_eq!(declared("image/heic"), Declared::Heic);
        assert_eq!(declared("text/html"), Declared::Other);
        assert_eq!(declared("image/png"), Declared::Type(ContentType::Png));
    }

    #[test]
    fn a_name_declares_by_its_extension_alone() {
        for (name, expected) in [
            ("CV M. Koné", Declared::Nothing),
            ("CV v1.2", Declared::Nothing),
            ("cv", Declared::Nothing),
            ("cv.exe", Declared::Other),
            ("IMG_0001.HEIC", Declared::Heic),
            ("photo.jfif", Declared::Type(ContentType::Jpeg)),
            ("CV v1.2.pdf", Declared::Type(ContentType::Pdf)),
        ] {
            assert_eq!(Declared::by_name(name), expected, "{name}");
        }
    }

    #[test]
    fn first_bytes_tell_the_type_that_nobody_said() {
        for (bytes, expected) in [
            (&b"%PDF-1.7"[..], Some(ContentType::Pdf)),
            (b"\n\n%PDF-1.7", Some(ContentType::Pdf)),
            (b"\xff\xd8\xff\xe0", Some(ContentType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(ContentType::Png)),
            (b"PK\x03\x04", None),
            (b"", None),
        ] {
            assert_eq!(ContentType::from_first_bytes(bytes), expected);
        }
        let far = [&[b' '; FIRST_BYTES][..], b"%PDF-1.7"].concat();
        assert_eq!(ContentType::from_first_bytes(&far), None);
        assert!(begins_as_heic(b"\0\0\0\x18ftypheic\0\0\0\0"));
        assert!(!begins_as_heic(b"\0\0\0\x18ftypmp42\0\0\0\0"));
        assert!(!begins_as_heic(b"\0\0\0\x18ft"));
    }

    #[test]
    fn a_cv_is_a_pdf_and_a_photo_an_image() {
        assert!(DocumentKind::Cv.accepts(ContentType::Pdf));
        assert!(!DocumentKind::Cv.accepts(ContentType::Png));
        assert!(!DocumentKind::Photo.accepts(ContentType::Pdf));
        assert!(DocumentKind::Diploma.accepts(ContentType::Jpeg));
    }
}
