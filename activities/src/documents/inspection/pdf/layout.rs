//! Everything that stands in a PDF, from its header to its end, in the order of the bytes.
//!
//! Programs follow the file's tables, or trust none and look for objects themselves. This reader
//! takes the file as a sequence: objects of every revision, cross-reference sections, trailers,
//! white space and comments. Anything else between them is a fault, so that nothing can stand
//! where one program sees an object and another none.

use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId};
use memchr::memmem;

use super::syntax::{Fault, Reader, is_space};

/// Objects in one file: far more than 200 pages need.
pub(super) const MOST_OBJECTS: usize = 200_000;

/// An object as it stands in the file.
pub(super) struct Indirect {
    /// Its number and generation.
    pub(super) id: ObjectId,
    /// Where its head begins.
    pub(super) at: usize,
    /// What it is; the dictionary of a stream.
    pub(super) value: Object,
    /// Where a stream's data is.
    pub(super) data: Option<Data>,
}

/// The data of a stream.
pub(super) struct Data {
    /// Its bytes, up to the first `endstream`.
    pub(super) range: Range<usize>,
    /// Whether the keyword before it ends as the format says, so that all readers begin at the
    /// same byte.
    pub(super) begins_clearly: bool,
}

/// Where an object is, as a cross-reference section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nowhere.
    Free,
    /// At this offset.
    At(u64),
    /// In this object stream.
    In(u32),
}

/// A cross-reference section.
pub(super) struct Section {
    /// Where it begins.
    pub(super) at: usize,
    /// Its entries by number.
    pub(super) entries: Vec<(u32, Entry)>,
    /// Its trailer; the dictionary of a cross-reference stream.
    pub(super) trailer: Dictionary,
}

/// What stands in a file.
#[derive(Default)]
pub(super) struct Layout {
    /// The objects outside of object streams.
    pub(super) objects: Vec<Indirect>,
    /// The tables, with the trailers behind them.
    pub(super) sections: Vec<Section>,
    /// The offsets behind `startxref`.
    pub(super) starts: Vec<u64>,
}

/// Reads a file from its header on.
pub(super) fn read(bytes: &[u8], header: usize) -> Result<Layout, Fault> {
    let mut reader = Reader::new(bytes, header);
    let mut layout = Layout::default();
    loop {
        reader.skip_space();
        match reader.peek() {
            None => return Ok(layout),
            // What DOS programs put behind a text.
            Some(0x1a) => return ends(&mut reader).map(|()| layout),
            Some(b'0'..=b'9') => layout.objects.push(indirect(&mut reader, bytes)?),
            Some(_) => keyword(&mut reader, &mut layout)?,
        }
        if layout.objects.len() > MOST_OBJECTS {
            return Err(Fault::TooComplex);
        }
    }
}

fn ends(reader: &mut Reader<'_>) -> Result<(), Fault> {
    while reader.peek() == Some(0x1a) {
        reader.seek(reader.position() + 1);
        reader.skip_space();
    }
    match reader.peek() {
        None => Ok(()),
        Some(_) => Err(Fault::Malformed),
    }
}

fn indirect(reader: &mut Reader<'_>, bytes: &[u8]) -> Result<Indirect, Fault> {
    let at = reader.position();
    let id = reader.take_head().ok_or(Fault::Malformed)?;
    if reader.take_word(b"endobj") {
        let value = Object::Null;
        let data = None;
        return Ok(Indirect {
            id,
            at,
            value,
            data,
        });
    }
    let value = reader.object()?;
    let data = if reader.take_word(b"stream") {
        value.as_dict().map_err(|_| Fault::Malformed)?;
        Some(stream_data(reader, bytes)?)
    } else {
        None
    };
    if reader.take_word(b"endobj") {
        Ok(Indirect {
            id,
            at,
            value,
            data,
        })
    } else {
        Err(Fault::Malformed)
    }
}

/// Takes the data of a stream up to the first end mark: a reader that trusts the length and one
/// that looks for the mark must find the same, which [`length_agrees`] asks later.
fn stream_data(reader: &mut Reader<'_>, bytes: &[u8]) -> Result<Data, Fault> {
    let (skipped, begins_clearly) = match reader.rest() {
        [b'\r', b'\n', ..] => (2, true),
        [b'\n', ..] => (1, true),
        [b'\r', ..] => (1, false),
        _ => (0, false),
    };
    let start = reader.position() + skipped;
    let data = bytes.get(start..).ok_or(Fault::Malformed)?;
    let length = memmem::find(data, b"endstream").ok_or(Fault::Malformed)?;
    reader.seek(start + length + b"endstream".len());
    Ok(Data {
        range: start..start + length,
        begins_clearly,
    })
}

fn keyword(reader: &mut Reader<'_>, layout: &mut Layout) -> Result<(), Fault> {
    let at = reader.position();
    match reader.word() {
        b"xref" => {
            let entries = table(reader)?;
            if !reader.take_word(b"trailer") {
                return Err(Fault::Malformed);
            }
            let trailer = reader.dictionary()?;
            layout.sections.push(Section {
                at,
                entries,
                trailer,
            });
        }
        b"startxref" => layout
            .starts
            .push(reader.take_natural().ok_or(Fault::Malformed)?),
        _ => return Err(Fault::Malformed),
    }
    Ok(())
}

fn table(reader: &mut Reader<'_>) -> Result<Vec<(u32, Entry)>, Fault> {
    let mut entries = Vec::new();
    while let Some(first) = reader.take_natural() {
        let count = reader.take_natural().ok_or(Fault::Malformed)?;
        for number in (first..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let number = u32::try_from(number).map_err(|_| Fault::Malformed)?;
            let offset = reader.take_natural().ok_or(Fault::Malformed)?;
            reader.take_natural().ok_or(Fault::Malformed)?;
            let entry = if reader.take_word(b"n") {
                Entry::At(offset)
            } else if reader.take_word(b"f") {
                Entry::Free
            } else {
                return Err(Fault::Malformed);
            };
            entries.push((number, entry));
            if entries.len() > MOST_OBJECTS {
                return Err(Fault::TooComplex);
            }
        }
    }
    Ok(entries)
}

impl Layout {
    /// The length of a stream's data without the white space behind it, as its dictionary says.
    pub(super) fn length(
        &self,
        bytes: &[u8],
        dictionary: &Dictionary,
        data: &Range<usize>,
    ) -> Option<usize> {
        let agreed = |length: &Object| {
            let length = length.as_i64().ok()?;
            length_agrees(bytes, data, length)
                .then(|| usize::try_from(length).ok())
                .flatten()
        };
        match dictionary.get(b"Length").ok()? {
            Object::Reference((number, _)) => self
                .objects
                .iter()
                .filter(|object| object.id.0 == *number)
                .find_map(|object| agreed(&object.value)),
            length => agreed(length),
        }
    }
}

/// Whether a stream is as long as its dictionary says: nothing but white space may stand between
/// its end and the end mark.
pub(super) fn length_agrees(bytes: &[u8], data: &Range<usize>, length: i64) -> bool {
    usize::try_from(length)
        .ok()
        .and_then(|length| data.start.checked_add(length))
        .filter(|end| *end <= data.end)
        .and_then(|end| bytes.get(end..data.end))
        .is_some_and(|between| between.len() <= 4 && between.iter().all(|byte| is_space(*byte)))
}
