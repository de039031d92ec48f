//! Keys of documents: one per document, wrapped by a master key that can be rotated.
//!
//! A document and its previews are sealed chunk by chunk (AES-256-GCM in the STREAM
//! construction), so that a file of any size passes through a fixed amount of memory and a chunk
//! that is changed, moved, missing or added is noticed. Each chunk is bound to the document and
//! to the part of it (the file itself or one page), so no object can stand in for another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use uuid::Uuid;

use super::authenticate;
use crate::clock::random_bytes;

/// Plaintext bytes of every chunk but the last.
const CHUNK: usize = 64 * 1024;
/// Bytes that sealing adds to a chunk.
const TAG: usize = 16;
/// Format mark at the head of a sealed object.
const MAGIC: [u8; 4] = *b"YMD1";
/// Random part of the nonce; STREAM adds a counter and a last-chunk flag.
const NONCE_PREFIX: usize = 7;
/// Bytes before the first chunk.
const HEADER: usize = MAGIC.len() + NONCE_PREFIX;
/// Nonce of a wrapped key.
const WRAP_NONCE: usize = 12;

/// What a master key's check value is a digest of.
const CHECK_LABEL: &[u8] = b"yemma/document-master-key/check/1";

/// Why a key or an object could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentKeyError {
    /// `DOCUMENT_MASTER_KEYS` is not a list of `id:base64` with 32-byte keys.
    #[error("DOCUMENT_MASTER_KEYS must be `id:base64,...` with keys of 32 bytes")]
    Configuration,
    /// The document's key is wrapped by a master key that is no longer configured.
    #[error("the master key `{0}` is not configured")]
    UnknownMasterKey(String),
    /// The cipher refused to seal: a part of more chunks than its counter counts.
    #[error("the data could not be sealed")]
    Seal,
    /// What was read is not what was sealed: changed, cut, reordered or another document's.
    #[error("the sealed data was tampered with")]
    Tampered,
}

/// The master keys: the first configured one wraps, all of them unwrap.
pub struct MasterKeys {
    current: String,
    keys: BTreeMap<String, SecretBox<[u8; 32]>>,
    are_proved: AtomicBool,
}

impl MasterKeys {
    /// Reads `id:base64,...`; the first key is the current one.
    pub fn parse(configured: &SecretString) -> Result<Self, DocumentKeyError> {
        let mut keys = BTreeMap::new();
        let mut current = None;
        for entry in configured.expose_secret().split(',') {
            let (id, encoded) = entry
                .trim()
                .split_once(':')
                .ok_or(DocumentKeyError::Configuration)?;
            let bytes: [u8; 32] = STANDARD
                .decode(encoded)
                .ok()
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(DocumentKeyError::Configuration)?;
            if id.is_empty() || keys.contains_key(id) {
                return Err(DocumentKeyError::Configuration);
            }
            keys.insert(id.to_owned(), SecretBox::new(Box::new(bytes)));
            current.get_or_insert_with(|| id.to_owned());
        }
        let current = current.ok_or(DocumentKeyError::Configuration)?;
        Ok(Self {
            current,
            keys,
            are_proved: AtomicBool::new(false),
        })
    }

    /// The id of each key with a digest that tells its bytes from others, and nothing of them.
    pub(crate) fn check_values(&self) -> impl Iterator<Item = (&str, [u8; 32])> {
        self.keys.iter().map(|(id, key)| {
            let check = authenticate(key.expose_secret(), &[CHECK_LABEL]);
            (id.as_str(), check)
        })
    }

    /// Whether these keys were found to be what they were when they were first used.
    pub(crate) fn are_proved(&self) -> bool {
        self.are_proved.load(Ordering::Relaxed)
    }

    /// Remembers that they were.
    pub(crate) fn set_proved(&self) {
        self.are_proved.store(true, Ordering::Relaxed);
    }

    /// Wraps a document's key for its row.
    pub fn wrap(
        &self,
        document_id: Uuid,
        key: &DocumentKey,
    ) -> Result<WrappedKey, DocumentKeyError> {
        let master = self.master(&self.current)?;
        let nonce: [u8; WRAP_NONCE] = random_bytes();
        let sealed = master
            .encrypt(
                &nonce.into(),
                Payload {
                    msg: key.0.expose_secret(),
                    aad: &wrapping_context(document_id),
                },
            )
            .map_err(|_| DocumentKeyError::Seal)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(WrappedKey {
            master_key_id: self.current.clone(),
            bytes,
        })
    }

    /// Unwraps the key of a document.
    pub fn unwrap(
        &self,
        document_id: Uuid,
        wrapped: &WrappedKey,
    ) -> Result<DocumentKey, DocumentKeyError> {
        let master = self.master(&wrapped.master_key_id)?;
        let (nonce, sealed) = wrapped
            .bytes
            .split_first_chunk::<WRAP_NONCE>()
            .ok_or(DocumentKeyError::Tampered)?;
        let key: [u8; 32] = master
            .decrypt(
                &(*nonce).into(),
                Payload {
                    msg: sealed,
                    aad: &wrapping_context(document_id),
                },
            )
            .ok()
            .and_then(|key| key.try_into().ok())
            .ok_or(DocumentKeyError::Tampered)?;
        Ok(DocumentKey(SecretBox::new(Box::new(key))))
    }

    fn master(&self, id: &str) -> Result<Aes256Gcm, DocumentKeyError> {
        self.keys
            .get(id)
            .map(|key| Aes256Gcm::new(key.expose_secret().into()))
            .ok_or_else(|| DocumentKeyError::UnknownMasterKey(id.to_owned()))
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeys")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// A document's key as its row holds it. Deleting it makes the document unreadable for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which master key wraps it.
    pub master_key_id: String,
    /// Nonce and sealed key.
    pub bytes: Vec<u8>,
}

/// The key of one document.
pub struct DocumentKey(SecretBox<[u8; 32]>);

impl DocumentKey {
    /// Draws a new key.
    #[must_use]
    pub fn generate() -> Self {
        Self(SecretBox::new(Box::new(random_bytes())))
    }

    /// Begins sealing a part of the document.
    #[must_use]
    pub fn sealer(&self, document_id: Uuid, part: Part) -> Sealer {
        let prefix: [u8; NONCE_PREFIX] = random_bytes();
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&prefix);
        Sealer {
            stream: EncryptorBE32::new(self.0.expose_secret().into(), &prefix.into()),
            context: part_context(document_id, part),
            header: Some(header),
            pending: Vec::with_capacity(CHUNK + TAG),
        }
    }

    /// Begins opening a part of the document.
    #[must_use]
    pub fn opener(&self, document_id: Uuid, part: Part) -> Opener {
        Opener {
            cipher: Some(Aes256Gcm::new(self.0.expose_secret().into())),
            stream: None,
            context: part_context(document_id, part),
            pending: Vec::with_capacity(CHUNK + TAG),
        }
    }
}

impl std::fmt::Debug for DocumentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DocumentKey(..)")
    }
}

/// What is sealed under a document's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The file as it was uploaded.
    Original,
    /// The preview of a page, counted from 1.
    Page(u32),
    /// The file written anew, where something had to be taken out of the original.
    Rewritten,
}

/// How long a plaintext of `length` bytes becomes.
#[must_use]
pub const fn sealed_length(length: u64) -> u64 {
    let chunks = if length == 0 {
        1
    } else {
        length.div_ceil(CHUNK as u64)
    };
    HEADER as u64 + length + chunks * TAG as u64
}

/// Seals a stream of plaintext.
pub struct Sealer {
    stream: EncryptorBE32<Aes256Gcm>,
    context: Vec<u8>,
    header: Option<Vec<u8>>,
    pending: Vec<u8>,
}

impl Sealer {
    /// Takes plaintext and appends what can be sealed of it to `out`.
    pub fn update(
        &mut self,
        mut plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), DocumentKeyError> {
        out.extend(self.header.take().into_iter().flatten());
        while !plaintext.is_empty() {
            // Only a chunk that more data follows may be sealed here: the last one is flagged.
            if self.pending.len() == CHUNK {
                self.stream
                    .encrypt_next_in_place(&self.context, &mut self.pending)
                    .map_err(|_| DocumentKeyError::Seal)?;
                out.append(&mut self.pending);
            }
            let (taken, rest) = plaintext.split_at(plaintext.len().min(CHUNK - self.pending.len()));
            self.pending.extend_from_slice(taken);
            plaintext = rest;
        }
        Ok(())
    }

    /// Seals the last chunk.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), DocumentKeyError> {
        out.extend(self.header.take().into_iter().flatten());
        self.stream
            .encrypt_last_in_place(&self.context, &mut self.pending)
            .map_err(|_| DocumentKeyError::Seal)?;
        out.append(&mut self.pending);
        Ok(())
    }
}

/// Opens a stream of sealed data.
pub struct Opener {
    cipher: Option<Aes256Gcm>,
    stream: Option<DecryptorBE32<Aes256Gcm>>,
    context: Vec<u8>,
    pending: Vec<u8>,
}

impl Opener {
    /// Takes sealed data and appends what is proven of it to `out`.
    pub fn update(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<(), DocumentKeyError> {
        while !sealed.is_empty() {
            let room = if self.stream.is_none() {
                HEADER
            } else {
                CHUNK + TAG
            };
            if self.pending.len() == room {
                self.open_pending(out)?;
                continue;
            }
            let (taken, rest) = sealed.split_at(sealed.len().min(room - self.pending.len()));
            self.pending.extend_from_slice(taken);
            sealed = rest;
        }
        Ok(())
    }

    /// Opens the last chunk; data cut short, even at the border of a chunk, is an error.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), DocumentKeyError> {
        let stream = self.stream.take().ok_or(DocumentKeyError::Tampered)?;
        stream
            .decrypt_last_in_place(&self.context, &mut self.pending)
            .map_err(|_| DocumentKeyError::Tampered)?;
        out.append(&mut self.pending);
        Ok(())
    }

    fn open_pending(&mut self, out: &mut Vec<u8>) -> Result<(), DocumentKeyError> {
        let Some(stream) = &mut self.stream else {
            return self.open_header();
        };
        stream
            .decrypt_next_in_place(&self.context, &mut self.pending)
            .map_err(|_| DocumentKeyError::Tampered)?;
        out.append(&mut self.pending);
        Ok(())
    }

    fn open_header(&mut self) -> Result<(), DocumentKeyError> {
        let (magic, prefix) = self
            .pending
            .split_first_chunk::<4>()
            .ok_or(DocumentKeyError::Tampered)?;
        let prefix: [u8; NONCE_PREFIX] =
            prefix.try_into().map_err(|_| DocumentKeyError::Tampered)?;
        let cipher = self.cipher.take().ok_or(DocumentKeyError::Tampered)?;
        if *magic != MAGIC {
            return Err(DocumentKeyError::Tampered);
        }
        self.stream = Some(DecryptorBE32::from_aead(cipher, &prefix.into()));
        self.pending.clear();
        Ok(())
    }
}

fn wrapping_context(document_id: Uuid) -> Vec<u8> {
    [b"yemma/document-key/1/".as_slice(), document_id.as_bytes()].concat()
}

fn part_context(document_id: Uuid, part: Part) -> Vec<u8> {
    let page = match part {
        Part::Original => 0,
        Part::Page(number) => number,
        // No document has that many pages.
        Part::Rewritten => u32::MAX,
    };
    [
        b"yemma/document/1/".as_slice(),
        document_id.as_bytes(),
        &page.to_be_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(ids: &[&str]) -> MasterKeys {
        let keys: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(
                    "{id}:{}",
                    STANDARD.encode([u8::try_from(id.len()).unwrap(); 32])
                )
            })
            .collect();
        MasterKeys::parse(&SecretString::from(keys.join(","))).unwrap()
    }

    fn seal(key: &DocumentKey, id: Uuid, part: Part, plaintext: &[u8], step: usize) -> Vec<u8> {
        let mut sealer = key.sealer(id, part);
        let mut out = Vec::new();
        for piece in plaintext.chunks(step) {
            sealer.update(piece, &mut out).unwrap();
        }
        sealer.finish(&mut out).unwrap();
        out
    }

    fn open(
        key: &DocumentKey,
        id: Uuid,
        part: Part,
        sealed: &[u8],
        step: usize,
    ) -> Result<Vec<u8>, DocumentKeyError> {
        let mut opener = key.opener(id, part);
        let mut out = Vec::new();
        for piece in sealed.chunks(step) {
            opener.update(piece, &mut out)?;
        }
        opener.finish(&mut out)?;
        Ok(out)
    }

    #[test]
    fn what_was_sealed_opens_whatever_the_pieces() {
        let (key, id) = (DocumentKey::generate(), Uuid::from_u128(1));
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7] {
            let plaintext: Vec<u8> = (0..length)
                .map(|i| u8::try_from(i % 251).unwrap())
                .collect();
            let sealed = seal(&key, id, Part::Original, &plaintext, 1000);
            assert_eq!(
                sealed.len() as u64,
                sealed_length(length as u64),
                "{length}"
            );
            for step in [777, CHUNK + TAG, sealed.len()] {
                assert_eq!(
                    open(&key, id, Part::Original, &sealed, step).unwrap(),
                    plaintext
                );
            }
        }
    }

    #[test]
    fn a_change_a_cut_and_a_swap_are_noticed() {
        let (key, id) = (DocumentKey::generate(), Uuid::from_u128(1));
        let sealed = seal(&key, id, Part::Original, &vec![7; 3 * CHUNK], CHUNK);
        let refused = |bytes: &[u8]| open(&key, id, Part::Original, bytes, 4096).is_err();
        for at in [0, 5, HEADER, HEADER + CHUNK, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(refused(&changed), "byte {at}");
        }
        let border = HEADER + CHUNK + TAG;
        for end in [0, 3, HEADER, border, border + CHUNK + TAG, sealed.len() - 1] {
            assert!(refused(&sealed[..end]), "cut at {end}");
        }
        let mut swapped = sealed.clone();
        let (first, second) = swapped[HEADER..].split_at_mut(CHUNK + TAG);
        first.swap_with_slice(&mut second[..CHUNK + TAG]);
        assert!(refused(&swapped));
        assert!(refused(&[sealed.as_slice(), b"x"].concat()));
        assert!(!refused(&sealed));
    }

    #[test]
    fn an_object_stands_for_nothing_but_itself() {
        let (key, id) = (DocumentKey::generate(), Uuid::from_u128(1));
        let sealed = seal(&key, id, Part::Page(1), b"page", 4);
        assert!(open(&key, id, Part::Page(1), &sealed, 99).is_ok());
        assert!(open(&key, id, Part::Page(2), &sealed, 99).is_err());
        assert!(open(&key, id, Part::Original, &sealed, 99).is_err());
        assert!(open(&key, id, Part::Rewritten, &sealed, 99).is_err());
        assert!(open(&key, Uuid::from_u128(2), Part::Page(1), &sealed, 99).is_err());
        assert!(open(&DocumentKey::generate(), id, Part::Page(1), &sealed, 99).is_err());
    }

    #[test]
    fn a_rotated_master_key_still_unwraps() {
        let (key, id) = (DocumentKey::generate(), Uuid::from_u128(1));
        let wrapped = master(&["a"]).wrap(id, &key).unwrap();
        let unwrapped = master(&["bb", "a"]).unwrap(id, &wrapped).unwrap();
        assert_eq!(unwrapped.0.expose_secret(), key.0.expose_secret());
        assert!(matches!(
            master(&["bb"]).unwrap(id, &wrapped),
            Err(DocumentKeyError::UnknownMasterKey(_))
        ));
        assert!(matches!(
            master(&["a"]).unwrap(Uuid::from_u128(2), &wrapped),
            Err(DocumentKeyError::Tampered)
        ));
    }

    #[test]
    fn a_check_value_tells_keys_apart_and_is_no_key() {
        let value = |keys: &MasterKeys| keys.check_values().next().unwrap().1;
        let (one, same, other) = (master(&["a"]), master(&["a"]), master(&["bb"]));
        assert_eq!(value(&one), value(&same));
        assert_ne!(value(&one), value(&other));
        assert_ne!(value(&one), [1; 32]);
    }

    #[test]
    fn a_wrong_configuration_is_refused() {
        for text in ["", "a", "a:AAAA", ":AAAA", "a:!"] {
            assert!(
                MasterKeys::parse(&SecretString::from(text)).is_err(),
                "{text}"
            );
        }
    }
}
