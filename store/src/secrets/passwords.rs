//! Passwords: argon2id on blocking threads, a few at a time, and how strong one is.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use workflows::fields::FieldCode;
use workflows::identity::rules::{
    MIN_ZXCVBN_SCORE, normalise_password, password_context, password_problem,
};
use zxcvbn::zxcvbn;

use crate::clock::random_bytes;

/// Memory of one hash in KiB: 19 MiB.
const MEMORY: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
/// Bytes of a salt.
pub(super) const SALT_LENGTH: usize = 16;

/// A stored password hash in PHC form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash read from its row.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// The hasher could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// A row holds something that is no password hash.
    #[error("a stored password hash is malformed: {0}")]
    Stored(argon2::password_hash::Error),
    /// The algorithm refused its input.
    #[error("the password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    /// The runtime is going down.
    #[error("the password hasher has stopped")]
    Stopped,
}

/// Hashes and verifies passwords, off the async threads and few at a time, so that a flood of
/// logins neither fills the memory nor stops other requests.
#[derive(Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    argon2: Argon2<'static>,
    stranger: PasswordHash,
}

impl Passwords {
    /// A hasher that works on so many passwords at once.
    pub fn new(at_once: usize) -> Result<Self, PasswordError> {
        let params = Params::new(MEMORY, ITERATIONS, LANES, None)
            .map_err(|error| PasswordError::Hash(error.into()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let stranger = hash(&argon2, &random_bytes::<SALT_LENGTH>(), &random_bytes())?;
        Ok(Self {
            places: Arc::new(Semaphore::new(at_once.max(1))),
            argon2,
            stranger,
        })
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        self.hash_with(password, random_bytes()).await
    }

    /// The hash of a password with a salt of the caller's: with the same one it is the same again.
    pub async fn hash_with(
        &self,
        password: &SecretString,
        salt: [u8; SALT_LENGTH],
    ) -> Result<PasswordHash, PasswordError> {
        let password = normalised(password);
        let argon2 = self.argon2.clone();
        self.work(move || hash(&argon2, password.expose_secret().as_bytes(), &salt))
            .await?
    }

    /// Whether the password is the stored one. Without a stored one, for an address that nobody
    /// has, the same work is done and the answer is no.
    pub async fn verify(
        &self,
        password: &SecretString,
        stored: Option<&PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.stranger).clone();
        let password = normalised(password);
        let argon2 = self.argon2.clone();
        let verify = move || {
            let password = password.expose_secret().as_bytes();
            match argon2.verify_password(password, stored.0.as_str()) {
                Ok(()) => Ok(known),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(PasswordError::Stored(error)),
            }
        };
        self.work(verify).await?
    }

    /// What is wrong with a new password; `own_words` are the person's: names, address, company.
    pub async fn judge(
        &self,
        password: &SecretString,
        own_words: &[&str],
    ) -> Result<Option<FieldCode>, PasswordError> {
        let problem = password_problem(password.expose_secret(), false);
        if problem.is_some() {
            return Ok(problem);
        }
        let words = password_context(own_words);
        let password = password.clone();
        let measure = move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            u8::from(zxcvbn(password.expose_secret(), &words).score())
        };
        let score = self.work(measure).await?;
        Ok((score < MIN_ZXCVBN_SCORE).then_some(FieldCode::WeakPassword))
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let places = Arc::clone(&self.places);
        let place = places
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Stopped)?;
        // The place is given back when the hash is done, even if nobody waits for it any more.
        let work = move || {
            let done = work();
            drop(place);
            done
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| PasswordError::Stopped)
    }
}

fn normalised(password: &SecretString) -> SecretString {
    normalise_password(password.expose_secret()).into()
}

fn hash(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8; SALT_LENGTH],
) -> Result<PasswordHash, PasswordError> {
    argon2
        .hash_password_with_salt(password, salt)
        .map(|hash| PasswordHash(hash.to_string()))
        .map_err(PasswordError::Hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_verifies() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords
            .hash(&"correct horse battery".into())
            .await
            .unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            passwords
                .verify(&"correct horse battery".into(), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&"correct horse batterz".into(), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&"correct horse battery".into(), None)
                .await
                .unwrap()
        );
        assert_ne!(
            hash,
            passwords
                .hash(&"correct horse battery".into())
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn with_one_salt_the_same_password_is_known_by_its_hash() {
        let passwords = Passwords::new(1).unwrap();
        let hash = async |password: &str, salt| {
            let password = SecretString::from(password);
            let hash = passwords.hash_with(&password, [salt; SALT_LENGTH]);
            hash.await.unwrap()
        };
        let first = hash("correct horse battery", 1).await;
        assert!(first == hash("correct horse battery", 1).await);
        assert!(first != hash("correct horse battery", 2).await);
        assert!(first != hash("correct horse batterz", 1).await);
    }

    #[tokio::test]
    async fn a_stored_hash_that_is_none_is_no_wrong_password() {
        let passwords = Passwords::new(1).unwrap();
        for stored in ["", "not a hash", "$md5$v=1$c2FsdHNhbHQ$aGFzaGhhc2g"] {
            let stored = PasswordHash::stored(stored.to_owned());
            let verified = passwords.verify(&"any".into(), Some(&stored)).await;
            assert!(matches!(verified, Err(PasswordError::Stored(_))));
        }
    }

    #[tokio::test]
    async fn a_password_that_can_be_guessed_is_refused() {
        let passwords = Passwords::new(1).unwrap();
        for (password, problem) in [
            ("Tr0ub4dor&3", Some(FieldCode::TooShort)),
            ("aaaaaaaaaaaaaaaaaaaa", Some(FieldCode::WeakPassword)),
            ("passwordpassword", Some(FieldCode::WeakPassword)),
            ("aminatadiallo2024", Some(FieldCode::WeakPassword)),
            ("orage-violet-cactus-42", None),
        ] {
            let judged = passwords
                .judge(&password.into(), &["Aminata", "Diallo"])
                .await
                .unwrap();
            assert_eq!(judged, problem, "{password}");
        }
    }

    #[tokio::test]
    async fn a_composed_character_is_the_same_however_it_was_typed() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords
            .hash(&"caf\u{e9} caf\u{e9} caf\u{e9}".into())
            .await
            .unwrap();
        let typed = "cafe\u{301} cafe\u{301} cafe\u{301}".into();
        assert!(passwords.verify(&typed, Some(&hash)).await.unwrap());
    }
}
