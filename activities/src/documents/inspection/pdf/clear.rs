//! Encryption that asks its reader for no password: it only locks the document for changes.

use lopdf::encryption::decrypt_object;
use lopdf::{Dictionary, Document, EncryptionState, Object, ObjectId, Stream};
use workflows::documents::rules::RejectionCode;

use super::layout::{Indirect, Layout};

/// Ways of a crypt filter that encrypt everything alike.
const METHODS: &[&[u8]] = &[b"V2", b"AESV2", b"AESV3"];

/// What decrypts a file: the key that belongs to the empty password.
pub(super) struct Key {
    state: EncryptionState,
    /// The dictionary that describes the encryption is in clear itself.
    description: Option<ObjectId>,
}

/// The key of an encrypted file; `None` where nothing is encrypted. A file that asks for a
/// password, or whose parts are encrypted in different ways, is refused.
pub(super) fn key(
    layout: &Layout,
    document: Option<&Document>,
) -> Result<Option<Key>, RejectionCode> {
    let streams = layout.objects.iter().filter_map(|object| {
        let dictionary = object.value.as_dict().ok()?;
        (object.data.is_some() && dictionary.has_type(b"XRef")).then_some(dictionary)
    });
    let trailers = layout.sections.iter().map(|section| &section.trailer);
    let mut described = trailers
        .chain(streams)
        .filter_map(|trailer| trailer.get(b"Encrypt").ok())
        .filter(|encrypt| !encrypt.is_null());
    let Some(first) = described.next() else {
        return Ok(None);
    };
    let asks = RejectionCode::PdfEncrypted;
    let state = document
        .and_then(|document| document.encryption_state.clone())
        .ok_or(asks)?;
    let (description, dictionary) = describe(layout, first).ok_or(asks)?;
    if described.any(|other| other != first) || !is_even(dictionary) {
        return Err(asks);
    }
    Ok(Some(Key { state, description }))
}

fn describe<'a>(
    layout: &'a Layout,
    encrypt: &'a Object,
) -> Option<(Option<ObjectId>, &'a Dictionary)> {
    match encrypt {
        Object::Dictionary(dictionary) => Some((None, dictionary)),
        Object::Reference(id) => {
            let mut versions = layout.objects.iter().filter(|object| object.id.0 == id.0);
            let (only, None) = (versions.next()?, versions.next()) else {
                return None;
            };
            Some((Some(only.id), only.value.as_dict().ok()?))
        }
        _ => None,
    }
}

/// Whether strings and streams are all encrypted in the same way: one that is not could be read
/// in two ways.
fn is_even(encrypt: &Dictionary) -> bool {
    let name = |dictionary: &Dictionary, key: &[u8]| {
        dictionary
            .get(key)
            .and_then(Object::as_name)
            .map(<[u8]>::to_vec)
            .ok()
    };
    match encrypt.get(b"V").and_then(Object::as_i64) {
        Ok(1 | 2) => true,
        Ok(4 | 5) => {
            let filter = name(encrypt, b"StmF").filter(|filter| {
                Some(filter) == name(encrypt, b"StrF").as_ref() && filter != b"Identity"
            });
            let method = filter.and_then(|filter| {
                let filters = encrypt.get(b"CF").and_then(Object::as_dict).ok()?;
                name(filters.get(&filter).and_then(Object::as_dict).ok()?, b"CFM")
            });
            method.is_some_and(|method| METHODS.contains(&method.as_slice()))
        }
        _ => false,
    }
}

impl Key {
    /// Decrypts the strings of objects outside of object streams.
    pub(super) fn clear(&self, objects: &mut [Indirect]) -> Result<(), RejectionCode> {
        for object in objects {
            let is_section = object.data.is_some() && is_section(&object.value);
            if Some(object.id) != self.description && !is_section {
                decrypt_object(&self.state, object.id, &mut object.value)
                    .map_err(|_| RejectionCode::PdfBroken)?;
            }
        }
        Ok(())
    }

    /// Decrypts the data of a stream.
    pub(super) fn data(
        &self,
        id: ObjectId,
        dictionary: &Dictionary,
        data: &[u8],
    ) -> Result<Vec<u8>, RejectionCode> {
        // Of the dictionary only what says how the data is encrypted, its strings are in clear.
        let mut kept = Dictionary::new();
        for key in [b"Type".as_slice(), b"Filter", b"DecodeParms"] {
            if let Ok(value) = dictionary.get(key) {
                kept.set(key, value.clone());
            }
        }
        let mut stream = Object::Stream(Stream::new(kept, data.to_vec()));
        decrypt_object(&self.state, id, &mut stream).map_err(|_| RejectionCode::PdfBroken)?;
        match stream {
            Object::Stream(stream) => Ok(stream.content),
            _ => Err(RejectionCode::PdfBroken),
        }
    }
}

fn is_section(value: &Object) -> bool {
    value
        .as_dict()
        .is_ok_and(|dictionary| dictionary.has_type(b"XRef"))
}
