//! Files of two formats at once: what one program shows as a picture, another unpacks or runs.

use workflows::documents::rules::{ContentType, RejectionCode};

use super::{images, tails};

/// What makes a browser or a server see a page or a program in the text parts of an image.
const SCRIPTS: &[&[u8]] = &[b"<script", b"<html", b"<!doctype", b"<?php"];

/// Refuses a file that is also something else.
pub(super) fn check(bytes: &[u8], file_type: ContentType) -> Result<(), RejectionCode> {
    if holds_archive(bytes) {
        return Err(RejectionCode::Polyglot);
    }
    match file_type {
        ContentType::Pdf => check_pdf_end(bytes),
        ContentType::Jpeg | ContentType::Png => check_image(bytes, file_type),
    }
}

/// Nothing but white space may follow a PDF's last end mark.
fn check_pdf_end(bytes: &[u8]) -> Result<(), RejectionCode> {
    const END: &[u8] = b"%%EOF";
    let Some(end) = find_last(bytes, END) else {
        return Err(RejectionCode::PdfBroken);
    };
    let rest = bytes.get(end + END.len()..).unwrap_or_default();
    if rest
        .iter()
        .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
    {
        Ok(())
    } else if rest.len() > 1024 || !is_pdf_tail(rest) {
        Err(RejectionCode::Polyglot)
    } else {
        // An incremental update that was cut off before its end mark.
        Err(RejectionCode::PdfBroken)
    }
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
    marks.iter().any(|mark| find_last(bytes, mark).is_some())
        || positions(bytes, b"PK\x05\x06").any(|at| is_zip_end(bytes.get(at..).unwrap_or_default()))
        || positions(bytes, b"PK\x03\x04")
            .any(|at| is_zip_entry(bytes.get(at..).unwrap_or_default()))
}

/// An end record on its only disk: both disk numbers zero, both counts of entries equal.
fn is_zip_end(record: &[u8]) -> bool {
    record.len() >= 22
        && record.get(4..8) == Some(&[0; 4])
        && record.get(8..10) == record.get(10..12)
}

/// An entry whose version and method exist and whose name is of a sane length.
fn is_zip_entry(record: &[u8]) -> bool {
    let number = |at: usize| {
        record
            .get(at..at + 2)
            .map(|pair| u16::from(pair[0]) | u16::from(pair[1]) << 8)
    };
    number(4).is_some_and(|version| version <= 63)
        && number(8).is_some_and(|method| matches!(method, 0..=20 | 93..=99))
        && number(26).is_some_and(|length| (1..=512).contains(&length))
}

fn positions<'a>(bytes: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes
        .windows(mark.len())
        .enumerate()
        .filter(move |(_, window)| *window == mark)
        .map(|(at, _)| at)
}

/// Where a mark was last found.
pub(super) fn find_last(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).rposition(|window| window == mark)
}
