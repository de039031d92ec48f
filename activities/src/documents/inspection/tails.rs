//! What follows an image's end: telephones and web servers leave things there, and so does who
//! makes one file be two.

use workflows::documents::rules::RejectionCode;

use super::polyglots::find_last;

/// How programs know a file of theirs from its first bytes, short as some of these marks are.
const BEGINNINGS: &[&[u8]] = &[
    b"MZ",
    b"#!",
    b"BM",
    b"BZh",
    b"GIF8",
    b"RIFF",
    b"II*\0",
    b"MM\0*",
    b"OggS",
    b"ID3",
    b"fLaC",
    b"\x1f\x8b",
    b"\x1f\x9d",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ",
    b"\xca\xfe\xba\xbe",
    b"<",
];
/// Marks too long to be there by chance, wherever they lie.
const FORMATS: &[&[u8]] = &[
    b"\x89PNG\r\n\x1a\n",
    b"%PDF-",
    b"%!PS",
    b"\x7fELF\x01",
    b"\x7fELF\x02",
    b"This program cannot be run in DOS mode",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"GIF87a",
    b"GIF89a",
    b"\x1a\x45\xdf\xa3",
    b"\0asm\x01\0\0\0",
    b"SQLite format 3\0",
];
/// The longest tail that is passed without being known: web servers leave lines, not files.
const LONGEST_UNKNOWN: usize = 64 * 1024;

/// Judges what follows an image's end mark.
pub(super) fn check(tail: &[u8]) -> Result<(), RejectionCode> {
    let padding = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let Some(begins) = tail.iter().position(|byte| !padding(byte)) else {
        return Ok(());
    };
    let rest = tail.get(begins..).unwrap_or_default();
    if holds_film(tail) {
        Err(RejectionCode::ImageMotionPhoto)
    } else if BEGINNINGS.iter().any(|mark| rest.starts_with(mark))
        || FORMATS.iter().any(|mark| find_last(rest, mark).is_some())
        || super::polyglots::is_script(rest)
        || (rest.len() > LONGEST_UNKNOWN && !is_samsung(rest))
    {
        Err(RejectionCode::Polyglot)
    } else {
        Ok(())
    }
}

/// Whether a film of the MPEG-4 family lies there, as behind the "motion photos" of telephones.
fn holds_film(tail: &[u8]) -> bool {
    const BOX: &[u8] = b"ftyp";
    let is_first_box = |at: usize| {
        let length = at.checked_sub(4).and_then(|from| tail.get(from..at));
        let length = length.and_then(|bytes| bytes.try_into().ok());
        length.is_some_and(|bytes| (8..=1024).contains(&u32::from_be_bytes(bytes)))
    };
    tail.windows(BOX.len())
        .enumerate()
        .any(|(at, window)| window == BOX && is_first_box(at))
}

/// Whether a tail is Samsung's: data that other programs pass over, with a directory behind it
/// and the directory's length behind that.
fn is_samsung(tail: &[u8]) -> bool {
    let Some(body) = tail.strip_suffix(b"SEFT") else {
        return false;
    };
    let Some((body, length)) = body.split_last_chunk::<4>() else {
        return false;
    };
    let directory = usize::try_from(u32::from_le_bytes(*length))
        .ok()
        .and_then(|length| body.len().checked_sub(length))
        .and_then(|from| body.get(from..));
    directory.is_some_and(|directory| directory.starts_with(b"SEFH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_lines_and_notes_of_telephones_pass() {
        let note = b"\0\0\x01\n\x0e\0\0\0Image_UTC_Data1767521700000";
        let directory = b"SEFHk\0\0\0\x01\0\0\0\0\0\x01\n#\0\0\0#\0\0\0\x18\0\0\0SEFT";
        let long = [vec![7; LONGEST_UNKNOWN], directory.to_vec()].concat();
        for tail in [
            b"".as_slice(),
            b"\n",
            b"\0\0\0\0",
            b" \r\n\t",
            b"200 OK\r\n",
            b"\n-- sent by a gateway --\n",
            &[note.as_slice(), directory].concat(),
            &long,
        ] {
            assert_eq!(check(tail), Ok(()), "{} bytes", tail.len());
        }
    }

    #[test]
    fn a_film_is_called_one() {
        let film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat";
        let named = [b"\0\x000\n\x10\0\0\0MotionPhoto_Data".as_slice(), film].concat();
        let late = [vec![9; 100_000], film.to_vec()].concat();
        for tail in [film.as_slice(), &named, &late] {
            assert_eq!(check(tail), Err(RejectionCode::ImageMotionPhoto));
        }
        assert_eq!(check(b"the box ftyp is mentioned"), Ok(()));
    }

    #[test]
    fn the_beginning_of_another_file_and_what_is_long_and_unknown_are_refused() {
        let long = vec![7; LONGEST_UNKNOWN + 1];
        for tail in [
            b"MZ\x90\0".as_slice(),
            b"\n\n#!/bin/sh\n",
            b"\0GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"a line, then %PDF-1.7",
            b"x\x7fELF\x02\x01",
            b"plain <ScRiPt>",
            &long,
        ] {
            assert_eq!(check(tail), Err(RejectionCode::Polyglot), "{tail:?}");
        }
    }
}
