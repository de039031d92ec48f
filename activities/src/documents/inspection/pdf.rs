//! PDF: whole, readable without a password, not too long, and with nothing in it that acts.
//!
//! Anything that runs, submits, launches, fetches or carries another file is looked for three
//! times: in the objects that the file's tables name, in those that a scan of the whole file
//! finds, and in the bare names of every revision. A plain link to a web page, followed by a
//! click, is no such thing.

use lopdf::xref::XrefRecovery;
use lopdf::{Dictionary, Document, LoadOptions, Object};
use workflows::documents::rules::{MAX_PAGES, RejectionCode};

use super::pdf_names;

/// Most bytes that one stream may unpack to while the file is loaded.
const MOST_UNPACKED: usize = 64 << 20;

/// Names that have no innocent use.
const ACTIVE_NAMES: &[&[u8]] = &[
    b"JavaScript",
    b"JS",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToR",
    b"GoToE",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"XFA",
    b"RichMedia",
    b"RichMediaContent",
    b"RichMediaExecute",
];
/// Keys of dictionaries that make a file active.
const ACTIVE_KEYS: &[&[u8]] = &[
    b"JS",
    b"JavaScript",
    b"XFA",
    b"EmbeddedFiles",
    b"EF",
    b"RichMediaContent",
    b"RichMediaSettings",
];
/// Types of actions that do more than move within the document or open a web page.
const ACTIVE_ACTIONS: &[&[u8]] = &[
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToR",
    b"GoToE",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"RichMediaExecute",
];
/// Annotations that play or carry something.
const ACTIVE_ANNOTATIONS: &[&[u8]] = &[
    b"RichMedia",
    b"Screen",
    b"Movie",
    b"Sound",
    b"3D",
    b"FileAttachment",
];
/// Schemes that a link may have.
const LINK_SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

/// Judges a PDF. `Ok` is the number of its pages.
pub(super) fn check(bytes: &[u8]) -> Result<u32, RejectionCode> {
    check_names(bytes)?;
    let document = load(bytes, false)?;
    let pages = count_pages(&document, bytes)?;
    check_objects(&document)?;
    // The file may be read another way by a program that trusts no table.
    if let Ok(scanned) = load(bytes, true) {
        check_objects(&scanned)?;
    }
    Ok(pages)
}

fn check_names(bytes: &[u8]) -> Result<(), RejectionCode> {
    let mut encrypted = false;
    let mut active = false;
    pdf_names::each_name(bytes, &mut |name| {
        encrypted |= name == b"Encrypt";
        active |= ACTIVE_NAMES.contains(&name);
    });
    if encrypted {
        Err(RejectionCode::PdfEncrypted)
    } else if active {
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
    let document =
        Document::load_mem_with_options(bytes, options).map_err(|_| RejectionCode::PdfBroken)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(RejectionCode::PdfEncrypted);
    }
    // A file whose tables had to be made anew was damaged or cut short.
    if !by_scanning && document.xref_recovery == Some(XrefRecovery::Reconstructed) {
        return Err(RejectionCode::PdfBroken);
    }
    Ok(document)
}

/// Counts the pages as two readers see them; if they disagree, the file is not whole.
fn count_pages(document: &Document, bytes: &[u8]) -> Result<u32, RejectionCode> {
    let mut pages = 0_usize;
    for id in document.page_iter() {
        document
            .get_dictionary(id)
            .map_err(|_| RejectionCode::PdfBroken)?;
        pages += 1;
        if pages > MAX_PAGES {
            return Err(RejectionCode::PdfTooManyPages);
        }
    }
    let rendered = super::previews::open_pdf(bytes)?.pages().len();
    if rendered > MAX_PAGES {
        return Err(RejectionCode::PdfTooManyPages);
    }
    if pages == 0 || pages != rendered {
        return Err(RejectionCode::PdfBroken);
    }
    u32::try_from(pages).map_err(|_| RejectionCode::PdfTooManyPages)
}

fn check_objects(document: &Document) -> Result<(), RejectionCode> {
    let trailer = Object::Dictionary(document.trailer.clone());
    let acts = document
        .objects
        .values()
        .chain(std::iter::once(&trailer))
        .any(|object| acts(document, object));
    if acts {
        Err(RejectionCode::PdfActiveContent)
    } else {
        Ok(())
    }
}

/// Whether an object, or anything written inside it, acts.
fn acts(document: &Document, object: &Object) -> bool {
    let mut waiting = vec![object];
    while let Some(object) = waiting.pop() {
        match object {
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(dictionary) => {
                if dictionary_acts(document, dictionary) {
                    return true;
                }
                waiting.extend(dictionary.iter().map(|(_, value)| value));
            }
            Object::Stream(stream) => {
                if dictionary_acts(document, &stream.dict) || stream_fetches(&stream.dict) {
                    return true;
                }
                waiting.extend(stream.dict.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    false
}

fn dictionary_acts(document: &Document, dictionary: &Dictionary) -> bool {
    if ACTIVE_KEYS.iter().any(|key| dictionary.has(key)) {
        return true;
    }
    let name = |key: &[u8]| {
        dictionary
            .get_deref(key, document)
            .and_then(Object::as_name)
            .unwrap_or_default()
    };
    ACTIVE_ACTIONS.contains(&name(b"S"))
        || ACTIVE_ANNOTATIONS.contains(&name(b"Subtype"))
        || (name(b"Subtype") == b"PS" && name(b"Type") == b"XObject")
        || name(b"Type") == b"EmbeddedFile"
        || link_is_foul(document, dictionary)
        || goes_out_by_itself(document, dictionary)
}

/// A stream whose data, or whose picture, lies in another file.
fn stream_fetches(dictionary: &Dictionary) -> bool {
    dictionary.has(b"F") || dictionary.has(b"FFilter") || dictionary.has(b"Ref")
}

/// A link to something other than a web page, a mail address or a telephone.
fn link_is_foul(document: &Document, dictionary: &Dictionary) -> bool {
    let Ok(Object::String(target, _)) = dictionary.get_deref(b"URI", document) else {
        return false;
    };
    let text: String = target
        .iter()
        .filter(|byte| **byte > b' ' && **byte != 0x7f)
        .map(|byte| char::from(*byte).to_ascii_lowercase())
        .collect();
    let scheme = text
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .filter(|scheme| {
            scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-".contains(c))
        });
    text.starts_with("\\\\") || scheme.is_some_and(|scheme| !LINK_SCHEMES.contains(&scheme))
}

/// An action that goes to the network without a click: when the document or a page opens, or by
/// any other trigger.
fn goes_out_by_itself(document: &Document, dictionary: &Dictionary) -> bool {
    let is_link = |action: &Object| {
        document
            .dereference(action)
            .and_then(|(_, action)| action.as_dict())
            .and_then(|action| action.get_deref(b"S", document))
            .and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"URI")
    };
    let opens = dictionary.get(b"OpenAction").is_ok_and(is_link);
    let triggers = dictionary
        .get_deref(b"AA", document)
        .and_then(Object::as_dict)
        .is_ok_and(|triggers| triggers.iter().any(|(_, action)| is_link(action)));
    opens || triggers
}
