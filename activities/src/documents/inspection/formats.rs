//! A file's type by its first bytes, and whether it is what its uploader says.

use workflows::documents::rules::{ContentType, RejectionCode};

use super::Claims;

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
pub(super) fn recognise(bytes: &[u8]) -> Result<ContentType, RejectionCode> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let is_archive = ARCHIVES.iter().any(|(offset, magic)| {
        bytes
            .get(*offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    });
    let file_type = if begins(PDF) {
        ContentType::Pdf
    } else if begins(PNG) {
        ContentType::Png
    } else if begins(JPEG) {
        ContentType::Jpeg
    } else if is_archive {
        return Err(RejectionCode::Archive);
    } else {
        return Err(RejectionCode::UnsupportedType);
    };
    // The mark of a tape or disk archive lies further in: such a file is both.
    if is_archive {
        return Err(RejectionCode::Polyglot);
    }
    Ok(file_type)
}

/// Whether the declared type and the extension name this type.
pub(super) fn agrees(file_type: ContentType, claims: &Claims) -> bool {
    let named = claims.extension.as_deref();
    ContentType::from_media_type(&claims.content_type) == Some(file_type)
        && named.is_none_or(|extension| ContentType::from_extension(extension) == Some(file_type))
}
