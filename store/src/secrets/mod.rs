//! The one home of secrets: link tokens, refresh tokens, kept answers and password hashes.

pub mod document_keys;
pub mod document_links;
mod kept_answers;
mod passwords;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use kept_answers::{AnswerKey, NotSealed};
pub use passwords::{PasswordError, PasswordHash, Passwords};

use self::passwords::SALT_LENGTH;
use crate::clock::random_bytes;

const KEY_LENGTH: usize = 32;
const ID_LENGTH: usize = 16;

/// The keys made from `AUTH_LINK_KEY`, one for each use, so that none can stand in for another.
#[derive(Clone)]
pub struct Keyring {
    links: [u8; KEY_LENGTH],
    refresh: [u8; KEY_LENGTH],
    fingerprints: [u8; KEY_LENGTH],
    answers: [u8; KEY_LENGTH],
}

/// The key is not 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("AUTH_LINK_KEY must be 32 bytes in base64")]
pub struct InvalidKey;

/// What a link is for; a token of one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Verifying an email address.
    VerifyEmail,
    /// Opening a document.
    Document,
}

impl LinkPurpose {
    /// The word in `auth.one_time_links.purpose`, which is also part of what is signed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::Document => "document",
        }
    }
}

/// A refresh token: shown to its owner once, never stored.
#[derive(Clone)]
pub struct RefreshToken([u8; KEY_LENGTH]);

impl Keyring {
    /// Reads `AUTH_LINK_KEY`.
    pub fn parse(key: &SecretString) -> Result<Self, InvalidKey> {
        let key = STANDARD
            .decode(key.expose_secret().trim())
            .map_err(|_| InvalidKey)?;
        let key: [u8; KEY_LENGTH] = key.try_into().map_err(|_| InvalidKey)?;
        let derived = |label: &str| authenticate(&key, &[b"yemma", label.as_bytes()]);
        Ok(Self {
            links: derived("links"),
            refresh: derived("refresh tokens"),
            fingerprints: derived("request fingerprints"),
            answers: derived("kept answers"),
        })
    }

    /// The token of a link: the id of its row, and proof that we made it.
    #[must_use]
    pub fn link_token(&self, purpose: LinkPurpose, id: Uuid) -> String {
        let proof = self.proof(purpose, id);
        URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &proof].concat())
    }

    /// The id in a token of that purpose, if we made it.
    #[must_use]
    pub fn link_id(&self, purpose: LinkPurpose, token: &str) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, proof) = bytes.split_at_checked(ID_LENGTH)?;
        let id = Uuid::from_slice(id).ok()?;
        let mac = keyed(&self.links, &[purpose.as_str().as_bytes(), id.as_bytes()]);
        mac.verify_slice(proof).ok().map(|()| id)
    }

    /// The first refresh token of a session.
    #[must_use]
    pub fn new_refresh_token(&self) -> RefreshToken {
        RefreshToken(random_bytes())
    }

    /// The token that follows: the same each time it is asked for.
    #[must_use]
    pub fn successor(&self, token: &RefreshToken) -> RefreshToken {
        RefreshToken(authenticate(&self.refresh, &[&token.0]))
    }

    /// A keyed digest of a request's parts, hexadecimal: it recognises a request without keeping
    /// anything of it.
    #[must_use]
    pub fn fingerprint(&self, parts: &[&[u8]]) -> String {
        hex(&authenticate(&self.fingerprints, parts))
    }

    /// The salt of passwords that are to be hashed alike for one subject: nobody else can tell it
    /// beforehand.
    #[must_use]
    pub fn salt(&self, subject: &[u8]) -> [u8; SALT_LENGTH] {
        let mut salt = [0; SALT_LENGTH];
        let drawn = authenticate(&self.fingerprints, &[b"salt", subject]);
        salt.copy_from_slice(&drawn[..SALT_LENGTH]);
        salt
    }

    /// Proof that we made this document link.
    pub(crate) fn document_link_proof(&self, link: &[u8]) -> [u8; KEY_LENGTH] {
        authenticate(
            &self.links,
            &[LinkPurpose::Document.as_str().as_bytes(), link],
        )
    }

    /// Whether that is the proof of this document link.
    pub(crate) fn is_document_link_proof(&self, link: &[u8], proof: &[u8]) -> bool {
        keyed(
            &self.links,
            &[LinkPurpose::Document.as_str().as_bytes(), link],
        )
        .verify_slice(proof)
        .is_ok()
    }

    fn proof(&self, purpose: LinkPurpose, id: Uuid) -> [u8; KEY_LENGTH] {
        authenticate(&self.links, &[purpose.as_str().as_bytes(), id.as_bytes()])
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl RefreshToken {
    /// Reads a token that a client sent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The token as its owner gets it.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored of it. The token has 256 random bits, so that a plain hash is enough.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

fn authenticate(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> [u8; KEY_LENGTH] {
    keyed(key, parts).finalize().into_bytes().into()
}

/// Each part goes in with its length, so that no two lists of parts look the same. A key shorter
/// than a block is padded with zeros (RFC 2104), which spares an error that cannot happen.
fn keyed(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..KEY_LENGTH].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(byte: u8) -> Keyring {
        Keyring::parse(&STANDARD.encode([byte; KEY_LENGTH]).into()).unwrap()
    }

    #[test]
    fn a_link_token_tells_its_id_for_its_purpose_only() {
        let keys = keyring(1);
        let id = Uuid::from_u128(42);
        let token = keys.link_token(LinkPurpose::VerifyEmail, id);
        assert_eq!(keys.link_id(LinkPurpose::VerifyEmail, &token), Some(id));
        assert_eq!(keys.link_id(LinkPurpose::Document, &token), None);
        assert_eq!(keyring(2).link_id(LinkPurpose::VerifyEmail, &token), None);
    }

    #[test]
    fn a_forged_link_token_is_refused() {
        let keys = keyring(1);
        let token = keys.link_token(LinkPurpose::VerifyEmail, Uuid::from_u128(42));
        for bad in [
            "",
            "x",
            &token[..20],
            &format!("{token}AAAA"),
            &token.replace('A', "B"),
        ] {
            assert_eq!(keys.link_id(LinkPurpose::VerifyEmail, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_successor_is_always_the_same_and_never_its_predecessor() {
        let keys = keyring(1);
        let first = keys.new_refresh_token();
        let next = keys.successor(&first);
        assert_eq!(next.reveal(), keys.successor(&first).reveal());
        assert_ne!(next.reveal(), first.reveal());
        assert_ne!(keyring(2).successor(&first).reveal(), next.reveal());
        assert_eq!(
            RefreshToken::parse(&next.reveal()).unwrap().hash(),
            next.hash()
        );
    }

    #[test]
    fn fingerprints_tell_parts_apart() {
        let keys = keyring(1);
        assert_ne!(
            keys.fingerprint(&[b"ab", b"c"]),
            keys.fingerprint(&[b"a", b"bc"])
        );
        assert_eq!(keys.fingerprint(&[b"ab"]).len(), 64);
    }

    #[test]
    fn a_key_must_be_32_bytes() {
        assert!(Keyring::parse(&"short".into()).is_err());
        assert!(Keyring::parse(&STANDARD.encode([0; 31]).into()).is_err());
    }
}
