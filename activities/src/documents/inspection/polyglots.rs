//! Files of two formats at once: what one program shows as a picture, another unpacks or runs.

use memchr::memmem;
use workflows::documents::rules::{ContentType, RejectionCode};

use super::{formats, images, tails};

/// What makes a browser or a server see a page or a program in the text parts of an image.
const SCRIPTS: &[&[u8]] = &[b"<script", b"<html", b"<!doctype", b"<?php"];

/// Refuses a file that is also something else.
pub(super) fn check(bytes: &[u8], file_type: ContentType) -> Result<(), RejectionCode> {
    if holds_archive(bytes) {
        return Err(RejectionCode::Polyglot);
    }
    match file_type {
        ContentType::Pdf => {
            check_pdf_beginning(bytes)?;
            check_pdf_end(bytes)
        }
        ContentType::Jpeg | ContentType::Png => check_image(bytes, file_type),
    }
}

/// What stands before a PDF's header is text, if anything, and begins nothing else.
fn check_pdf_beginning(bytes: &[u8]) -> Result<(), RejectionCode> {
    let header = formats::pdf_header(bytes).ok_or(RejectionCode::PdfBroken)?;
    let before = bytes.get(..header).unwrap_or_default();
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"];
    let text = marks
        .iter()
        .find_map(|mark| before.strip_prefix(*mark))
        .unwrap_or(before);
    if formats::begin_another(before) || !is_text(text) || text.contains(&b'<') {
        Err(RejectionCode::Polyglot)
    } else {
        Ok(())
    }
}

/// What follows a PDF's last end mark is white space and comments, if anything: some programs
/// sign there, others write the end of a text file of old.
fn check_pdf_end(bytes: &[u8]) -> Result<(), RejectionCode> {
    const END: &[u8] = b"%%EOF";
    let Some(end) = find_last(bytes, END) else {
        return Err(RejectionCode::PdfBroken);
    };
    let rest = bytes.get(end + END.len()..).unwrap_or_default();
    let is_comment = |line: &[u8]| {
        let line = line.trim_ascii_start();
        line.is_empty()
            || (line.starts_with(b"%") && !formats::begin_another(line) && is_text(line))
            || line
                .iter()
                .all(|byte| matches!(byte, 0 | 0x1a) || byte.is_ascii_whitespace())
    };
    if rest
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .all(is_comment)
    {
        Ok(())
    } else if rest.len() > 1024 || !is_pdf_tail(rest) {
        Err(RejectionCode::Polyglot)
    } else {
        // An incremental update that was cut off before its end mark.
        Err(RejectionCode::PdfBroken)
    }
}

/// Printable text in some encoding, with no control character but those of lines and padding.
fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, 0 | b' '..=b'~' | 0x80..) || byte.is_ascii_whitespace())
}

fn is_pdf_tail(rest: &[u8]) -> bool {
    [b" obj".as_slice(), b"xref", b"trailer"]
        .iter()
        .any(|mark| find_last(rest, mark).is_some())
}

fn check_image(bytes: &[u8], file_type: ContentType) -> Result<(), RejectionCode> {
    let layout = images::layout(bytes, file_type)?;
    tails::check(layout.trailing)?;
    if find_last(bytes, b"%PDF-").is_some() || layout.texts.iter().any(|text| is_script(text)) {
        Err(RejectionCode::Polyglot)
    } else {
        Ok(())
    }
}

/// Whether a browser or a server would see a page or a program in a text.
pub(super) fn is_script(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    SCRIPTS
        .iter()
        .any(|script| find_last(&lower, script).is_some())
}

/// Whether an unpacker would find an archive anywhere in the file. Programs look for a ZIP from
/// its end, for the others from a mark that is too long to be there by chance.
fn holds_archive(bytes: &[u8]) -> bool {
    let marks: &[&[u8]] = &[b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF\0\0\0\0"];
    marks.iter().any(|mark| memmem::find(bytes, mark).is_some()) || holds_zip(bytes)
}

/// Programs are lenient with a ZIP: they add up offsets in their own ways, believe one count or the
/// other, or read entry after entry. So an end record, of either size, together with a directory or
/// an entry anywhere is one, whatever its figures; and so is an end record of an empty archive, or
/// an entry alone. Each mark has four bytes: two of them are in no file by chance.
fn holds_zip(bytes: &[u8]) -> bool {
    const END: &[u8] = b"PK\x05\x06";
    const END_64: &[u8] = b"PK\x06\x06";
    const LOCATOR_64: &[u8] = b"PK\x06\x07";
    const DIRECTORY: &[u8] = b"PK\x01\x02";
    const ENTRY: &[u8] = b"PK\x03\x04";
    let holds = |mark: &[u8]| memmem::find(bytes, mark).is_some();
    let from = |at: usize| bytes.get(at..).unwrap_or_default();
    let ends = holds(END) || holds(END_64) || holds(LOCATOR_64);
    (ends && (holds(DIRECTORY) || holds(ENTRY)))
        || memmem::find_iter(bytes, END).any(|at| is_empty_zip(from(at)))
        || memmem::find_iter(bytes, ENTRY).any(|at| is_zip_entry(from(at)))
        || memmem::find_iter(bytes, DIRECTORY).any(|at| is_zip_directory(from(at)))
}

/// The end record of an archive on its only disk, without entries.
fn is_empty_zip(record: &[u8]) -> bool {
    record.len() >= 22
        && record.get(4..8) == Some(&[0; 4])
        && record.get(8..10) == record.get(10..12)
}

/// An entry whose version and method exist and whose name is there.
fn is_zip_entry(record: &[u8]) -> bool {
    has_zip_head(record, 4) && has_zip_name(record, 26, 30)
}

/// The same in a directory, which has the version of the program that made it first.
fn is_zip_directory(record: &[u8]) -> bool {
    has_zip_head(record, 6) && has_zip_name(record, 28, 46)
}

fn has_zip_head(record: &[u8], at: usize) -> bool {
    // The version's second byte is the system that the entry was made on.
    record.get(at).is_some_and(|version| *version <= 63)
        && number(record, at + 4).is_some_and(|method| matches!(method, 0..=20 | 93..=99))
}

fn has_zip_name(record: &[u8], length_at: usize, name_at: usize) -> bool {
    number(record, length_at).is_some_and(|length| {
        length > 0
            && record
                .get(name_at..name_at + usize::from(length))
                .is_some_and(|name| name.iter().all(|byte| *byte >= b' '))
    })
}

fn number(record: &[u8], at: usize) -> Option<u16> {
    let pair = record.get(at..at + 2)?;
    Some(u16::from(pair[0]) | u16::from(pair[1]) << 8)
}

/// Where a mark was last found.
pub(super) fn find_last(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    memmem::rfind(bytes, mark)
}
