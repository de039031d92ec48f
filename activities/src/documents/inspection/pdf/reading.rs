//! A PDF read whole: every object of every revision, unpacked and in clear.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use lopdf::xref::{XrefEntry, XrefRecovery};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use workflows::documents::rules::RejectionCode;

use super::actions::TELLING_NAMES;
use super::clear::{self, Key};
use super::layout::{self, Indirect, Layout, MOST_OBJECTS, Section};
use super::objects::{Defined, Objects};
use super::packing::{self, MOST_UNPACKED};
use super::{syntax, tables};

/// How far behind the head of a hidden object names are looked for.
const HIDDEN: usize = 4096;

/// A PDF that was read whole.
pub(super) struct Whole<'a> {
    bytes: &'a [u8],
    /// Its objects, those in object streams too.
    pub(super) objects: Objects,
    /// Where the data of its streams is.
    streams: Vec<(ObjectId, Dictionary, Range<usize>)>,
    /// The document as `lopdf` reads it by the tables.
    pub(super) document: Document,
    /// The document as `lopdf` reads it by looking for objects.
    pub(super) scanned: Document,
    /// What decrypts it, where its reader needs no password.
    key: Option<Key>,
}

/// Reads a file whose header is at an offset.
pub(super) fn read(bytes: &[u8], header: usize) -> Result<Whole<'_>, RejectionCode> {
    let mut layout = layout::read(bytes, header)?;
    hides_no_object(bytes, header, &layout)?;
    let document = load(bytes, false);
    let key = clear::key(&layout, document.as_ref().ok())?;
    if let Some(key) = &key {
        key.clear(&mut layout.objects)?;
    }
    let mut unpacked = Unpacked::default();
    for object in &layout.objects {
        unpacked.take(bytes, &layout, object, key.as_ref())?;
    }
    let by_header = tables::check(
        bytes,
        header,
        &layout,
        &unpacked.sections,
        &unpacked.numbers,
    )?;
    let scanned = load(bytes, true)?;
    // `lopdf` counts offsets from the header alone.
    let document = if by_header {
        all_loaded(document?, &layout)?
    } else {
        load(bytes, true)?
    };
    let streams = layout.objects.iter().filter_map(stream).collect();
    let objects = gather(layout, unpacked);
    let whole = Whole {
        bytes,
        objects,
        streams,
        document,
        scanned,
        key,
    };
    whole.lengths_agree()?;
    Ok(whole)
}

fn stream(object: &Indirect) -> Option<(ObjectId, Dictionary, Range<usize>)> {
    let data = object.data.as_ref()?;
    let dictionary = object.value.as_dict().ok()?;
    Some((object.id, dictionary.clone(), data.range.clone()))
}

fn gather(layout: Layout, unpacked: Unpacked) -> Objects {
    let outside = layout.objects.into_iter().map(|object| Defined {
        id: object.id,
        is_stream: object.data.is_some(),
        value: object.value,
    });
    let trailers = layout.sections.into_iter().map(|section| section.trailer);
    Objects::new(
        outside.chain(unpacked.objects).collect(),
        trailers.collect(),
    )
}

impl Whole<'_> {
    /// Whether the file is encrypted, with a password that is empty.
    pub(super) const fn is_encrypted(&self) -> bool {
        self.key.is_some()
    }

    /// The content of a stream that has one version.
    pub(super) fn content(&self, id: ObjectId) -> Result<Vec<u8>, RejectionCode> {
        let mut found = self.streams.iter().filter(|(stream, ..)| *stream == id);
        let (Some((_, dictionary, range)), None) = (found.next(), found.next()) else {
            return Err(RejectionCode::PdfActiveContent);
        };
        let data = self.bytes.get(range.clone()).unwrap_or_default();
        packing::unpack(dictionary, data, MOST_UNPACKED)
    }

    /// A reader that trusts the length of a stream must find the end that the others find.
    fn lengths_agree(&self) -> Result<(), RejectionCode> {
        let agree = self.streams.iter().all(|(_, dictionary, range)| {
            self.objects
                .values(dictionary, b"Length")
                .into_iter()
                .filter_map(|length| length.as_i64().ok())
                .any(|length| layout::length_agrees(self.bytes, range, length))
        });
        agree.then_some(()).ok_or(RejectionCode::PdfBroken)
    }
}

/// What was packed into streams.
#[derive(Default)]
struct Unpacked {
    objects: Vec<Defined>,
    /// The numbers that each object stream holds.
    numbers: HashMap<u32, HashSet<u32>>,
    sections: Vec<Section>,
    bytes: usize,
}

impl Unpacked {
    fn take(
        &mut self,
        bytes: &[u8],
        layout: &Layout,
        object: &Indirect,
        key: Option<&Key>,
    ) -> Result<(), RejectionCode> {
        let (Some(data), Ok(dictionary)) = (&object.data, object.value.as_dict()) else {
            return Ok(());
        };
        let is_section = dictionary.has_type(b"XRef");
        if !is_section && !packing::holds_objects(dictionary) {
            return Ok(());
        }
        if !data.begins_clearly {
            return Err(RejectionCode::PdfBroken);
        }
        let raw = bytes.get(data.range.clone()).unwrap_or_default();
        let clear = match key.filter(|_| !is_section) {
            Some(key) => {
                let length = layout.length(bytes, dictionary, &data.range);
                let raw = length.and_then(|length| raw.get(..length)).unwrap_or(raw);
                key.data(object.id, dictionary, raw)?
            }
            None => raw.to_vec(),
        };
        let plain = packing::unpack(dictionary, &clear, MOST_UNPACKED.saturating_sub(self.bytes))?;
        self.bytes += plain.len();
        if is_section {
            self.sections.push(Section {
                at: object.at,
                entries: packing::entries(dictionary, &plain)?,
                trailer: dictionary.clone(),
            });
            return Ok(());
        }
        self.hold(object.id.0, packing::objects(dictionary, &plain)?)
    }

    fn hold(&mut self, stream: u32, objects: Vec<(u32, Object)>) -> Result<(), RejectionCode> {
        let numbers = self.numbers.entry(stream).or_default();
        for (number, value) in objects {
            numbers.insert(number);
            self.objects.push(Defined {
                id: (number, 0),
                value,
                is_stream: false,
            });
        }
        if self.objects.len() > MOST_OBJECTS {
            return Err(RejectionCode::PdfTooComplex);
        }
        Ok(())
    }
}

/// Programs that look for objects find them in comments, strings and data as well.
fn hides_no_object(bytes: &[u8], header: usize, layout: &Layout) -> Result<(), RejectionCode> {
    let known: HashSet<usize> = layout.objects.iter().map(|object| object.at).collect();
    let hides = syntax::heads(bytes)
        .filter(|head| head.start >= header && !known.contains(&head.start))
        .any(|head| {
            let behind = bytes.get(head.end..).unwrap_or_default();
            let behind = behind.get(..HIDDEN).unwrap_or(behind);
            syntax::mentions(behind, TELLING_NAMES)
        });
    if hides {
        Err(RejectionCode::PdfActiveContent)
    } else {
        Ok(())
    }
}

fn load(bytes: &[u8], by_scanning: bool) -> Result<Document, RejectionCode> {
    let options = LoadOptions {
        max_decompressed_size: Some(MOST_UNPACKED),
        force_reconstruct: by_scanning,
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(bytes, options).map_err(|_| RejectionCode::PdfBroken)
}

/// Refuses a document of which `lopdf` could not load all that the tables name, or whose tables
/// it had to make anew.
fn all_loaded(document: Document, layout: &Layout) -> Result<Document, RejectionCode> {
    // `lopdf` keeps no object without a value, as some programs write them.
    let nothing: HashSet<ObjectId> = layout
        .objects
        .iter()
        .filter(|object| object.value.is_null())
        .map(|object| object.id)
        .collect();
    let encryption = document
        .encryption_state
        .as_ref()
        .and_then(|state| state.encrypt_object_id());
    let has = |id: ObjectId| {
        document.objects.contains_key(&id) || encryption == Some(id) || nothing.contains(&id)
    };
    let all = document
        .reference_table
        .entries
        .iter()
        .all(|(number, entry)| match entry {
            XrefEntry::Normal { offset, generation } => *offset == 0 || has((*number, *generation)),
            XrefEntry::Compressed { .. } => has((*number, 0)),
            XrefEntry::Free | XrefEntry::UnusableFree => true,
        });
    if all && document.xref_recovery != Some(XrefRecovery::Reconstructed) {
        Ok(document)
    } else {
        Err(RejectionCode::PdfBroken)
    }
}
