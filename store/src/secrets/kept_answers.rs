//! Answers kept for an `Idempotency-Key`, sealed: an answer may hold a person's data, and its row
//! must tell nothing to somebody who reads the database.
//!
//! The cipher's key is made of the raw `Idempotency-Key`, of which the row keeps a hash only, and
//! of our own secret, so that a key which is easy to guess opens nothing by itself.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use workflows::commands::IdempotencyMark;

use super::{KEY_LENGTH, Keyring, authenticate};
use crate::clock::random_bytes;

const NONCE_LENGTH: usize = 12;

/// Seals and opens the answer of one row of `events.idempotency_keys`.
pub struct AnswerKey {
    key: SecretBox<[u8; KEY_LENGTH]>,
    row: Vec<u8>,
}

/// The cipher refused to seal: more than the 64 GB that AES-GCM takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer could not be sealed")]
pub struct NotSealed;

impl Keyring {
    /// The key of the answer to the request of that mark, which the caller sent with that
    /// `Idempotency-Key`.
    #[must_use]
    pub fn answer_key(&self, idempotency_key: &SecretString, mark: &IdempotencyMark) -> AnswerKey {
        let raw = idempotency_key.expose_secret().as_bytes();
        let key = authenticate(&self.answers, &[mark.caller.as_bytes(), raw]);
        AnswerKey {
            key: SecretBox::new(Box::new(key)),
            row: row_of(mark),
        }
    }
}

impl AnswerKey {
    /// Nonce and sealed answer, bound to the row they are written to.
    pub fn seal(&self, answer: &[u8]) -> Result<Vec<u8>, NotSealed> {
        let nonce: [u8; NONCE_LENGTH] = random_bytes();
        let payload = Payload {
            msg: answer,
            aad: &self.row,
        };
        let sealed = self
            .cipher()
            .encrypt(&nonce.into(), payload)
            .map_err(|_| NotSealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The answer, if it was sealed by this key for this row.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LENGTH>()?;
        let payload = Payload {
            msg: sealed,
            aad: &self.row,
        };
        self.cipher().decrypt(&(*nonce).into(), payload).ok()
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.key.expose_secret().into())
    }
}

impl std::fmt::Debug for AnswerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerKey(..)")
    }
}

/// What makes a row the one it is, each part with its length.
fn row_of(mark: &IdempotencyMark) -> Vec<u8> {
    let mut row = Vec::new();
    for part in [&mark.caller, &mark.key_hash, &mark.fingerprint] {
        row.extend_from_slice(&(part.len() as u64).to_be_bytes());
        row.extend_from_slice(part.as_bytes());
    }
    row
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn keyring(byte: u8) -> Keyring {
        Keyring::parse(&STANDARD.encode([byte; KEY_LENGTH]).into()).unwrap()
    }

    fn mark(caller: &str, fingerprint: &str) -> IdempotencyMark {
        IdempotencyMark {
            caller: caller.to_owned(),
            key_hash: "h".to_owned(),
            fingerprint: fingerprint.to_owned(),
        }
    }

    #[test]
    fn an_answer_is_opened_by_its_key_in_its_row_only() {
        let key = |byte, raw: &str, mark| keyring(byte).answer_key(&raw.into(), &mark);
        let own = || key(1, "k-1", mark("user:a", "f"));
        let sealed = own().seal(b"awa@example.ci").unwrap();
        assert_eq!(own().open(&sealed).unwrap(), b"awa@example.ci");
        assert!(!sealed.windows(3).any(|part| part == b"awa"));
        for other in [
            key(2, "k-1", mark("user:a", "f")),
            key(1, "k-2", mark("user:a", "f")),
            key(1, "k-1", mark("user:b", "f")),
            key(1, "k-1", mark("user:a", "g")),
        ] {
            assert_eq!(other.open(&sealed), None);
        }
    }

    #[test]
    fn a_changed_answer_is_not_opened() {
        let key = keyring(1).answer_key(&"k-1".into(), &mark("user:a", "f"));
        let sealed = key.seal(b"{}").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(&changed), None, "{at}");
        }
        for short in [&sealed[..NONCE_LENGTH], &[]] {
            assert_eq!(key.open(short), None);
        }
        assert_ne!(key.seal(b"{}").unwrap(), sealed);
    }
}
