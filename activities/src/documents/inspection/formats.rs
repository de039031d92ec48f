//! A file's type by its first bytes, and whether it is what its uploader says.

use workflows::documents::contract::RejectionCode;
use workflows::documents::rules::DocumentKind;

use super::{Claims, FileType};

const PDF: &[u8] = b"%PDF-";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// How archives begin, and where.
const ARCHIVES: &[(usize, &[u8])] = &[
    (0, b"PK\x03\x04"),
    (0, b"PK\x05\x06"),
    (0, b"PK\x07\x08"),
    (0, b"7z\xbc\xaf\x27\x1c"),
    (0, b"Rar!\x1a\x07"),
    (0, b"\x1f\x8b"),
    (0, b"\x1f\x9d"),
    (0, b"BZh"),
    (0, b"\xfd7zXZ\x00"),
    (0, b"\x28\xb5\x2f\xfd"),
    (0, b"\x04\x22\x4d\x18"),
    (0, b"LZIP"),
    (0, b"MSCF"),
    (0, b"!<arch>\n"),
    (0, b"xar!"),
    (0, b"070701"),
    (257, b"ustar"),
    (32_769, b"CD001"),
];

/// Recognises the three types that a document may have.
pub(super) fn recognise(bytes: &[u8]) -> Result<FileType, RejectionCode> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let is_archive = ARCHIVES.iter().any(|(offset, magic)| {
        bytes
            .get(*offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    });
    let file_type = if begins(PDF) {
        FileType::Pdf
    } else if begins(PNG) {
        FileType::Png
    } else if begins(JPEG) {
        FileType::Jpeg
    } else if is_archive {
        return Err(RejectionCode::Archive);
    } else {
        return Err(RejectionCode::TypeMismatch);
    };
    // The mark of a tape or disk archive lies further in: such a file is both.
    if is_archive {
        return Err(RejectionCode::Polyglot);
    }
    Ok(file_type)
}

/// Whether the declared type and the extension name this type.
pub(super) fn agrees(file_type: FileType, claims: &Claims) -> bool {
    let (content_type, extensions): (_, &[&str]) = match file_type {
        FileType::Pdf => ("application/pdf", &["pdf"]),
        FileType::Jpeg => ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
        FileType::Png => ("image/png", &["png"]),
    };
    claims.content_type == content_type
        && claims
            .extension
            .as_deref()
            .is_none_or(|extension| extensions.contains(&extension))
}

/// Whether that kind of document may be of this type: a CV is a PDF, a photo an image.
pub(super) fn suits(file_type: FileType, kind: DocumentKind) -> bool {
    match kind {
        DocumentKind::Cv => file_type == FileType::Pdf,
        DocumentKind::Photo => file_type != FileType::Pdf,
        DocumentKind::WorkCertificate
        | DocumentKind::Diploma
        | DocumentKind::Certificate
        | DocumentKind::RecommendationLetter
        | DocumentKind::IdentityDocument => true,
    }
}
