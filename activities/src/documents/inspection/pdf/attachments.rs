//! Files inside a PDF: none, but the XML that a Europass CV carries of itself.
//!
//! That one is data which nothing opens by itself, and thousands of honest CVs have it. It is taken
//! out all the same: what is handed out is a rewritten file without it, which must pass the whole
//! check as a file of its own.

use lopdf::{Dictionary, Document, Object, ObjectId};
use roxmltree::{NodeType, ParsingOptions};
use workflows::documents::rules::RejectionCode;

use super::objects::{Defined, Objects};

/// Beginnings of the namespaces of Europass CVs, from 2005 to today.
const EUROPASS: &[&str] = &[
    "http://europass.cedefop.europa.eu/",
    "http://www.europass.eu/",
    "http://europass.europa.eu/",
    "https://europass.europa.eu/",
    "https://europa.eu/europass",
];
/// Elements, attributes and texts of one such CV.
const MOST_NODES: u32 = 200_000;

/// A file inside the document that may be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attachment {
    /// The stream that holds it.
    pub(super) stream: ObjectId,
}

/// Finds what is attached: nothing, or the one file that may be taken out if it is what it must
/// be. Anything else is active content.
pub(super) fn find(objects: &Objects) -> Result<Option<Attachment>, RejectionCode> {
    let mut files = Vec::new();
    let mut is_foreign = false;
    let mut carries = false;
    objects.any_dictionary(|dictionary, is_stream| {
        if is_stream && dictionary.has_type(b"EmbeddedFile") {
            carries = true;
        }
        carries |= lists_files(objects, dictionary);
        if let Some(held) = held_file(objects, dictionary) {
            match held {
                Some(stream) => files.push(stream),
                None => is_foreign = true,
            }
        }
        is_foreign
    });
    let embedded: Vec<&Defined> = objects
        .all()
        .iter()
        .filter(|defined| defined.is_stream)
        .filter(|defined| is_embedded(&defined.value) || files.contains(&defined.id))
        .collect();
    match (files.as_slice(), embedded.as_slice()) {
        ([], []) if !carries && !is_foreign => Ok(None),
        ([file], [only]) if !is_foreign && only.id == *file => {
            Ok(Some(Attachment { stream: *file }))
        }
        _ => Err(RejectionCode::PdfActiveContent),
    }
}

fn is_embedded(value: &Object) -> bool {
    value
        .as_dict()
        .is_ok_and(|dictionary| dictionary.has_type(b"EmbeddedFile"))
}

/// Whether a dictionary lists attached files, or shows one as an annotation.
fn lists_files(objects: &Objects, dictionary: &Dictionary) -> bool {
    objects
        .dictionaries(dictionary, b"Names")
        .iter()
        .any(|names| names.has(b"EmbeddedFiles"))
        || objects
            .names(dictionary, b"Subtype")
            .contains(&b"FileAttachment".as_slice())
}

/// The stream of a file specification that carries its file; `Some(None)` when that is not one
/// stream with a name that ends in `.xml`.
fn held_file(objects: &Objects, specification: &Dictionary) -> Option<Option<ObjectId>> {
    const PLATFORMS: [&[u8]; 5] = [b"F", b"UF", b"DOS", b"Mac", b"Unix"];
    let held = objects.dictionaries(specification, b"EF");
    // A resource may be called `EF`; what it leads to holds no streams under these keys.
    let held = held
        .into_iter()
        .filter(|held| PLATFORMS.iter().any(|key| held.has(key)));
    let streams: Vec<&Object> = held
        .flat_map(|held| held.iter())
        .map(|(_, file)| file)
        .collect();
    let first = streams.first()?;
    let named = [b"F".as_slice(), b"UF"].into_iter().all(|key| {
        let names = objects.names(specification, key);
        names.into_iter().all(is_xml_name)
    });
    let only = streams.iter().all(|stream| stream == first) && !specification.has(b"RF") && named;
    Some(first.as_reference().ok().filter(|_| only))
}

fn is_xml_name(name: &[u8]) -> bool {
    let plain: Vec<u8> = name.iter().copied().filter(|byte| *byte != 0).collect();
    plain.to_ascii_lowercase().ends_with(b".xml")
}

/// Whether an attached file is a CV's own data: well-formed XML of the Europass namespaces, or
/// plain data that nothing opens, which is XML of no namespace that names no program.
pub(super) fn is_own_data(content: &[u8]) -> bool {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let Ok(text) = std::str::from_utf8(content) else {
        return false;
    };
    let options = ParsingOptions {
        // Without a document type there are no entities to expand.
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let Ok(document) = roxmltree::Document::parse_with_options(text, options) else {
        return false;
    };
    match document.root_element().tag_name().namespace() {
        Some(namespace) => EUROPASS.iter().any(|begins| namespace.starts_with(begins)),
        None => document
            .descendants()
            .all(|node| node.node_type() != NodeType::PI && node.tag_name().namespace().is_none()),
    }
}

/// Writes the document anew without what is attached.
pub(super) fn without(mut document: Document) -> Result<Vec<u8>, RejectionCode> {
    let specifications: Vec<ObjectId> = ids(&document, |dictionary| dictionary.has(b"EF"));
    let annotations = ids(&document, shows_file);
    let files = ids(&document, |dictionary| dictionary.has_type(b"EmbeddedFile"));
    let gone: Vec<ObjectId> = [specifications, annotations, files].concat();
    for object in document.objects.values_mut() {
        forget(object, &gone);
    }
    document.objects.retain(|id, _| !gone.contains(id));
    document.prune_objects();
    let mut rewritten = Vec::new();
    document
        .save_to(&mut rewritten)
        .map_err(|_| RejectionCode::PdfBroken)?;
    Ok(rewritten)
}

fn shows_file(dictionary: &Dictionary) -> bool {
    dictionary
        .get(b"Subtype")
        .and_then(Object::as_name)
        .is_ok_and(|kind| kind == b"FileAttachment")
}

fn ids(document: &Document, wanted: impl Fn(&Dictionary) -> bool) -> Vec<ObjectId> {
    let dictionary = |object: &Object| match object {
        Object::Dictionary(dictionary) => wanted(dictionary),
        Object::Stream(stream) => wanted(&stream.dict),
        _ => false,
    };
    let found = document
        .objects
        .iter()
        .filter(|(_, object)| dictionary(object));
    found.map(|(id, _)| *id).collect()
}

/// Takes out of an object whatever leads to what is gone.
fn forget(object: &mut Object, gone: &[ObjectId]) {
    let leads = |object: &Object| match object {
        Object::Reference(id) => gone.contains(id),
        Object::Dictionary(dictionary) => dictionary.has(b"EF") || shows_file(dictionary),
        _ => false,
    };
    match object {
        Object::Array(items) => {
            items.retain(|item| !leads(item));
            for item in items {
                forget(item, gone);
            }
        }
        Object::Dictionary(dictionary) => forget_entries(dictionary, gone, leads),
        Object::Stream(stream) => forget_entries(&mut stream.dict, gone, leads),
        _ => {}
    }
}

fn forget_entries(dictionary: &mut Dictionary, gone: &[ObjectId], leads: impl Fn(&Object) -> bool) {
    dictionary.remove(b"EmbeddedFiles");
    let entries = dictionary.as_hashmap_mut();
    entries.retain(|_, value| !leads(value));
    for value in entries.values_mut() {
        forget(value, gone);
    }
    // A list of associated files of which none is left.
    entries
        .retain(|key, value| key != b"AF" || !value.as_array().is_ok_and(|files| files.is_empty()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cvs_own_data_may_be_attached() {
        for own in [
            b"<?xml version=\"1.0\"?><Profile/>".as_slice(),
            b"\xef\xbb\xbf<SkillsPassport xmlns=\"http://europass.cedefop.europa.eu/Europass\"/>",
            b"<?xml-stylesheet href=\"cv.xsl\"?><e:learnerinfo xmlns:e=\"http://europass.cedefop.europa.eu/Europass/V2.0\"/>",
            b"<Candidate xmlns=\"http://www.europass.eu/1.0\" xmlns:o=\"http://www.openapplications.org/oagis/9\"><o:ID>1</o:ID></Candidate>",
        ] {
            assert!(is_own_data(own), "{}", own.escape_ascii());
        }
        for other in [
            b"MZ\x90\0".as_slice(),
            b"plain text",
            b"<Profile>",
            b"<Profile/><Profile/>",
            b"<!DOCTYPE p [<!ENTITY a \"b\">]><Profile>&a;</Profile>",
            b"<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            b"<Profile><svg xmlns=\"http://www.w3.org/2000/svg\"/></Profile>",
            b"<?xml-stylesheet href=\"x.xsl\"?><Profile/>",
            b"",
        ] {
            assert!(!is_own_data(other), "{}", other.escape_ascii());
        }
    }
}
