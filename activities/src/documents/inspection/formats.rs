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

/// How other files begin that a program would open or run.
const OTHERS: &[&[u8]] = &[
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"#!",
    b"<",
    b"%!",
    b"{\\rtf",
    b"\xd0\xcf\x11\xe0",
    b"GIF8",
    b"BM",
    b"RIFF",
    b"ID3",
    b"OggS",
    b"fLaC",
    b"\x1aE\xdf\xa3",
    b"SQLite format 3",
    b"wOFF",
    b"\0asm",
    b"MThd",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"8BPS",
    b"FWS",
    b"CWS",
    b"regf",
    b"L\0\0\0\x01\x14\x02\0",
];
/// How far from its first byte a PDF may begin (ISO 32000-1, annex H, note 13).
const MOST_BEFORE_PDF: usize = 1024;

/// Where a PDF begins: some servers and programs put a mark, a line or a header of their own
/// before it.
pub(super) fn pdf_header(bytes: &[u8]) -> Option<usize> {
    let begins = bytes.get(..MOST_BEFORE_PDF + PDF.len()).unwrap_or(bytes);
    begins.windows(PDF.len()).position(|window| window == PDF)
}

/// Whether bytes before or behind a file begin a file of another format, white space and marks of
/// byte order aside.
pub(super) fn begin_another(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"];
    let mut rest = bytes;
    loop {
        if is_archive(rest)
            || [PDF, PNG, JPEG]
                .iter()
                .chain(OTHERS)
                .any(|begin| rest.starts_with(begin))
        {
            return true;
        }
        let unmarked = marks.iter().find_map(|mark| rest.strip_prefix(*mark));
        rest = match (unmarked, rest.split_first()) {
            (Some(unmarked), _) => unmarked,
            (None, Some((b'\0' | b'\t' | b'\n' | 0x0c | b'\r' | b' ' | 0x1a, others))) => others,
            _ => return false,
        };
    }
}

fn is_archive(bytes: &[u8]) -> bool {
    ARCHIVES.iter().any(|(offset, magic)| {
        bytes
            .get(*offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    })
}

/// Recognises the three types that a document may have.
pub(super) fn recognise(bytes: &[u8]) -> Result<ContentType, RejectionCode> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let is_archive = is_archive(bytes);
    let file_type = if begins(PNG) {
        ContentType::Png
    } else if begins(JPEG) {
        ContentType::Jpeg
    } else if pdf_header(bytes).is_some() {
        ContentType::Pdf
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
