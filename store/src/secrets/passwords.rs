//! Passwords: argon2id on blocking threads, a few at a time, and what makes one good enough.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use zxcvbn::Score;

use crate::clock::random_bytes;

/// Memory of one hash in KiB: 19 MiB.
const MEMORY: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
const SALT_LENGTH: usize = 16;

/// The least a password counts without a second factor.
const SHORTEST: usize = 15;
/// The most that is hashed: more adds no strength, only work.
const LONGEST: usize = 200;

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
        let stranger = hash(&argon2, &random_bytes::<SHORTEST>())?;
        Ok(Self {
            places: Arc::new(Semaphore::new(at_once.max(1))),
            argon2,
            stranger,
        })
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        let password = password.clone();
        let argon2 = self.argon2.clone();
        self.work(move || hash(&argon2, password.expose_secret().as_bytes()))
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
        let password = password.clone();
        let argon2 = self.argon2.clone();
        let verify = move || {
            let password = password.expose_secret().as_bytes();
            argon2.verify_password(password, stored.0.as_str()).is_ok()
        };
        self.work(verify).await.map(|same| same && known)
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

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<PasswordHash, PasswordError> {
    argon2
        .hash_password_with_salt(password, &random_bytes::<SALT_LENGTH>())
        .map(|hash| PasswordHash(hash.to_string()))
        .map_err(PasswordError::Hash)
}

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Under 15 characters.
    TooShort,
    /// Over 200 characters.
    TooLong,
    /// Easy to guess, also for whoever knows the person.
    Guessable,
}

/// Judges a new password; `known_words` are the person's own: names, address, company.
pub fn judge(password: &SecretString, known_words: &[&str]) -> Result<(), Weakness> {
    let password = password.expose_secret();
    match password.chars().count() {
        ..SHORTEST => return Err(Weakness::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(Weakness::TooLong),
    }
    let words: Vec<&str> = known_words
        .iter()
        .flat_map(|word| std::iter::once(*word).chain(word.split(['@', '.', ' ', '-', '_'])))
        .filter(|word| word.len() > 2)
        .collect();
    if zxcvbn::zxcvbn(password, &words).score() < Score::Three {
        return Err(Weakness::Guessable);
    }
    Ok(())
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

    #[test]
    fn weak_passwords_are_refused() {
        let judged = |password: &str, words: &[&str]| judge(&password.to_owned().into(), words);
        assert_eq!(judged("Tr0ub4dor&3", &[]), Err(Weakness::TooShort));
        assert_eq!(
            judged("aaaaaaaaaaaaaaaaaaaa", &[]),
            Err(Weakness::Guessable)
        );
        assert_eq!(judged("passwordpassword", &[]), Err(Weakness::Guessable));
        assert_eq!(judged(&"x7#".repeat(67), &[]), Err(Weakness::TooLong));
        assert_eq!(judged("orage-violet-cactus-42", &[]), Ok(()));
    }

    #[test]
    fn the_persons_own_words_do_not_count() {
        let password = "aminatadiallo2024".to_owned().into();
        assert_eq!(
            judge(&password, &["Aminata", "Diallo"]),
            Err(Weakness::Guessable)
        );
    }
}
