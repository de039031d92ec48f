//! What is packed into streams: objects and cross-references.
//!
//! Only what every program unpacks alike is unpacked: `FlateDecode`, `ASCIIHexDecode` and
//! `ASCII85Decode`, named in the stream's own dictionary. No program that writes PDFs packs its
//! objects in any other way, so another filter, or one named elsewhere, hides them.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use lopdf::{Dictionary, Object, Stream};
use workflows::documents::rules::RejectionCode;

use super::actions;
use super::layout::{Entry, MOST_OBJECTS};
use super::syntax::{self, Fault, Reader, is_space};

/// Most bytes that all object and cross-reference streams of a file unpack to, and an attachment.
pub(super) const MOST_UNPACKED: usize = 64 << 20;
/// Filters of one stream, one inside the other.
const MOST_FILTERS: usize = 3;

impl From<Fault> for RejectionCode {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed => Self::PdfBroken,
            Fault::TooComplex => Self::PdfTooComplex,
        }
    }
}

/// Unpacks the data of a stream that the check must read.
pub(super) fn unpack(
    dictionary: &Dictionary,
    data: &[u8],
    most: usize,
) -> Result<Vec<u8>, RejectionCode> {
    let mut content = data.to_vec();
    for (filter, parameters) in filters(dictionary).ok_or(RejectionCode::PdfActiveContent)? {
        content = unpack_once(filter, parameters, content, most)?;
    }
    if content.len() > most {
        return Err(RejectionCode::PdfTooComplex);
    }
    Ok(content)
}

/// The filters of a stream with their parameters, in the order of unpacking; `None` where they
/// are not written in the dictionary itself.
fn filters(dictionary: &Dictionary) -> Option<Vec<(&[u8], Option<&Dictionary>)>> {
    let elsewhere: [&[u8]; 4] = [b"F", b"FFilter", b"FDecodeParms", b"DP"];
    if elsewhere.iter().any(|key| dictionary.has(key)) {
        return None;
    }
    let names = match dictionary.get(b"Filter") {
        Err(_) | Ok(Object::Null) => Vec::new(),
        Ok(Object::Array(names)) => names.iter().collect(),
        Ok(name) => vec![name],
    };
    let parameters = match dictionary.get(b"DecodeParms") {
        Err(_) | Ok(Object::Null) => Vec::new(),
        Ok(Object::Array(parameters)) => parameters.iter().collect(),
        Ok(parameters) => vec![parameters],
    };
    if names.len() > MOST_FILTERS || parameters.len() > names.len() {
        return None;
    }
    let parameters = parameters
        .into_iter()
        .map(|parameters| match parameters {
            Object::Null => Some(None),
            Object::Dictionary(direct) if is_direct(direct) => Some(Some(direct)),
            _ => None,
        })
        .chain(std::iter::repeat(Some(None)));
    names
        .into_iter()
        .zip(parameters)
        .map(|(name, parameters)| Some((name.as_name().ok()?, parameters?)))
        .collect()
}

fn is_direct(parameters: &Dictionary) -> bool {
    parameters
        .iter()
        .all(|(_, value)| matches!(value, Object::Integer(_) | Object::Name(_) | Object::Null))
}

fn unpack_once(
    filter: &[u8],
    parameters: Option<&Dictionary>,
    content: Vec<u8>,
    most: usize,
) -> Result<Vec<u8>, RejectionCode> {
    match filter {
        b"FlateDecode" => inflates(&content, most)?,
        b"ASCII85Decode" if is_ascii85(&content) => {}
        b"ASCII85Decode" => return Err(RejectionCode::PdfBroken),
        b"ASCIIHexDecode" => {}
        _ => return Err(RejectionCode::PdfActiveContent),
    }
    let mut dictionary = Dictionary::new();
    dictionary.set("Filter", Object::Name(filter.to_vec()));
    if let Some(parameters) = parameters {
        dictionary.set("DecodeParms", Object::Dictionary(parameters.clone()));
    }
    Stream::new(dictionary, content)
        .get_plain_content_with_limit(most)
        .map_err(|_| RejectionCode::PdfBroken)
}

/// Whether data inflates to its end: `lopdf` gives what came before an error, others what comes
/// after it.
fn inflates(content: &[u8], most: usize) -> Result<(), RejectionCode> {
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let mut inflated = ZlibDecoder::new(content).take(most + 1);
    match std::io::copy(&mut inflated, &mut std::io::sink()) {
        Ok(length) if length <= most => Ok(()),
        Ok(_) => Err(RejectionCode::PdfTooComplex),
        Err(_) => Err(RejectionCode::PdfBroken),
    }
}

/// Whether this is base-85 to its end mark and nothing else.
fn is_ascii85(content: &[u8]) -> bool {
    let Some(end) = content.iter().position(|byte| *byte == b'~') else {
        return false;
    };
    let (digits, end) = content.split_at(end);
    let digits = digits
        .iter()
        .all(|byte| matches!(byte, b'!'..=b'u' | b'z') || byte.is_ascii_whitespace());
    digits && end == b"~>"
}

/// Whether a stream holds objects: by its type, or because it has what one must have.
pub(super) fn holds_objects(dictionary: &Dictionary) -> bool {
    dictionary.has_type(b"ObjStm") || (dictionary.has(b"N") && dictionary.has(b"First"))
}

/// The objects in an object stream, with their numbers. All that its head lists must be there.
pub(super) fn objects(
    dictionary: &Dictionary,
    plain: &[u8],
) -> Result<Vec<(u32, Object)>, RejectionCode> {
    let number = |key| {
        dictionary
            .get(key)
            .and_then(Object::as_i64)
            .ok()
            .and_then(|number| usize::try_from(number).ok())
            .ok_or(RejectionCode::PdfBroken)
    };
    let (count, first) = (number(b"N")?, number(b"First")?);
    if count > MOST_OBJECTS {
        return Err(RejectionCode::PdfTooComplex);
    }
    let head = plain.get(..first).ok_or(RejectionCode::PdfBroken)?;
    let mut head = Reader::new(head, 0);
    let mut objects = Vec::new();
    let mut places = Vec::new();
    for _ in 0..count {
        let (number, at) = pair(&mut head).ok_or(RejectionCode::PdfBroken)?;
        let mut reader = Reader::new(plain, first.saturating_add(at));
        objects.push((number, reader.object()?));
        places.push((first + at, reader.position()));
    }
    head.skip_space();
    if head.peek().is_some() {
        return Err(RejectionCode::PdfBroken);
    }
    gaps_are_quiet(plain, first, places)?;
    Ok(objects)
}

fn pair(head: &mut Reader<'_>) -> Option<(u32, usize)> {
    let number = u32::try_from(head.take_natural()?).ok()?;
    let at = usize::try_from(head.take_natural()?).ok()?;
    Some((number, at))
}

/// Some readers take the objects one after another, whatever the head says: what stands between
/// those that it lists must not act.
fn gaps_are_quiet(
    plain: &[u8],
    first: usize,
    mut places: Vec<(usize, usize)>,
) -> Result<(), RejectionCode> {
    places.sort_unstable();
    let mut at = first;
    for (start, end) in places.into_iter().chain([(plain.len(), plain.len())]) {
        let gap = plain.get(at..start).unwrap_or_default();
        if syntax::mentions(gap, actions::TELLING_NAMES) {
            return Err(RejectionCode::PdfActiveContent);
        }
        at = at.max(end);
    }
    Ok(())
}

/// The entries of a cross-reference stream.
pub(super) fn entries(
    dictionary: &Dictionary,
    plain: &[u8],
) -> Result<Vec<(u32, Entry)>, RejectionCode> {
    read_entries(dictionary, plain).ok_or(RejectionCode::PdfBroken)
}

fn read_entries(dictionary: &Dictionary, plain: &[u8]) -> Option<Vec<(u32, Entry)>> {
    let numbers = |object: &Object| -> Option<Vec<u64>> {
        let numbers = object.as_array().ok()?.iter();
        numbers
            .map(|number| {
                number
                    .as_i64()
                    .ok()
                    .and_then(|number| number.try_into().ok())
            })
            .collect()
    };
    let widths = numbers(dictionary.get(b"W").ok()?)?;
    let &[kind, second, third] = widths.as_slice() else {
        return None;
    };
    if widths.iter().any(|width| *width > 8) {
        return None;
    }
    let parts = [kind, second, third].map(|width| usize::try_from(width).unwrap_or_default());
    let sections = match dictionary.get(b"Index") {
        Ok(index) => numbers(index)?,
        Err(_) => vec![
            0,
            dictionary
                .get(b"Size")
                .ok()?
                .as_i64()
                .ok()?
                .try_into()
                .ok()?,
        ],
    };
    let mut rows = plain.chunks_exact(parts.iter().sum::<usize>().max(1));
    let mut entries = Vec::new();
    for section in sections.chunks(2) {
        let &[first, count] = section else {
            return None;
        };
        for number in (first..).take(usize::try_from(count).ok()?) {
            let row = rows.next()?;
            entries.push((u32::try_from(number).ok()?, entry(row, parts)?));
        }
    }
    let whole = rows.next().is_none() && rows.remainder().iter().all(|byte| is_space(*byte));
    whole.then_some(entries)
}

fn entry(row: &[u8], [kind, second, _]: [usize; 3]) -> Option<Entry> {
    let number = |part: &[u8]| {
        part.iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (first, rest) = row.split_at_checked(kind)?;
    let place = number(rest.get(..second)?);
    Some(match number(first) {
        _ if kind == 0 => Entry::At(place),
        1 => Entry::At(place),
        2 => Entry::In(u32::try_from(place).ok()?),
        _ => Entry::Free,
    })
}
