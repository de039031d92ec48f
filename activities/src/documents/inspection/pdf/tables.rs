//! Whether the tables of a PDF lead to objects and to nothing else.
//!
//! An entry that leads into a comment, a string or the data of a stream shows an object to the
//! programs that follow the tables and to no other. Every section of every revision is looked at.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object};
use workflows::documents::rules::RejectionCode;

use super::layout::{Entry, Layout, Section};
use super::syntax::Reader;

/// What the tables are compared with.
pub(super) struct Ground<'a> {
    bytes: &'a [u8],
    /// Where objects begin, with their numbers.
    objects: HashMap<usize, u32>,
    /// Where cross-reference sections begin.
    sections: HashSet<usize>,
    /// The numbers that each object stream holds.
    packed: &'a HashMap<u32, HashSet<u32>>,
    /// What the first object's offset is counted from.
    base: usize,
}

/// Checks the tables of a file whose header is at an offset. Some programs count offsets from the
/// header, others from the first byte. Returns whether it is the header.
pub(super) fn check(
    bytes: &[u8],
    header: usize,
    layout: &Layout,
    streams: &[Section],
    packed: &HashMap<u32, HashSet<u32>>,
) -> Result<bool, RejectionCode> {
    let all = || layout.sections.iter().chain(streams);
    let mut ground = Ground {
        bytes,
        objects: layout
            .objects
            .iter()
            .map(|object| (object.at, object.id.0))
            .collect(),
        sections: all().map(|section| section.at).collect(),
        packed,
        base: header,
    };
    if ground.carries(layout, all()) {
        return Ok(true);
    }
    ground.base = 0;
    if header > 0 && ground.carries(layout, all()) {
        return Ok(false);
    }
    Err(RejectionCode::PdfBroken)
}

impl Ground<'_> {
    fn carries<'a>(
        &self,
        layout: &Layout,
        mut sections: impl Iterator<Item = &'a Section>,
    ) -> bool {
        !layout.starts.is_empty()
            && layout.starts.iter().all(|start| self.is_section(*start))
            && sections.all(|section| {
                self.links(&section.trailer)
                    && section
                        .entries
                        .iter()
                        .all(|(number, entry)| self.is_true(*number, *entry))
            })
    }

    /// Whether the sections that a trailer names are there.
    fn links(&self, trailer: &Dictionary) -> bool {
        [b"Prev".as_slice(), b"XRefStm"]
            .iter()
            .all(|key| match trailer.get(key) {
                Err(_) | Ok(Object::Null) => true,
                Ok(Object::Integer(offset)) => {
                    u64::try_from(*offset).is_ok_and(|offset| self.is_section(offset))
                }
                Ok(Object::Real(_) | _) => false,
            })
    }

    fn is_true(&self, number: u32, entry: Entry) -> bool {
        match entry {
            // An offset of nothing is how some programs write that there is no such object.
            Entry::Free | Entry::At(0) => true,
            Entry::At(offset) => self
                .landing(offset)
                .is_some_and(|at| self.objects.get(&at) == Some(&number)),
            Entry::In(stream) => self
                .packed
                .get(&stream)
                .is_some_and(|numbers| numbers.contains(&number)),
        }
    }

    /// Whether a section begins there. The first part of a linearized file names none.
    fn is_section(&self, offset: u64) -> bool {
        offset == 0
            || self
                .landing(offset)
                .is_some_and(|at| self.sections.contains(&at))
    }

    /// Where a reader that begins at an offset meets something.
    fn landing(&self, offset: u64) -> Option<usize> {
        let at = usize::try_from(offset).ok()?.checked_add(self.base)?;
        if at >= self.bytes.len() {
            return None;
        }
        let mut reader = Reader::new(self.bytes, at);
        reader.skip_space();
        Some(reader.position())
    }
}
