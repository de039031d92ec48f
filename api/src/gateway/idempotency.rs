//! `Idempotency-Key`: the same request, asked again, gets the answer of the first time.
//!
//! The key is never kept, only its hash; the answer is recorded by the store in the transaction
//! of the change, through the mark that [`Once::run`] puts into the [`Context`].

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use sha2::{Digest, Sha256};
use store::Context;
use store::idempotency::{KeptAnswer, Lookup};
use store::secrets::hex;
use workflows::commands::IdempotencyMark;

use super::codes::common;
use super::problem::ApiError;
use crate::state::AppState;

/// The header that carries the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;

/// A request that may be asked again: its key, if it has one, and what it is.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    target: String,
}

/// What is known when a request begins.
#[derive(Debug)]
pub enum Begun {
    /// It is new: act with this context.
    New(Context),
    /// It was answered before.
    Kept(KeptAnswer),
}

impl Once {
    /// Looks the key up, before any other check of the request. `body` is the body, or for an
    /// upload its fields and the file's hash.
    pub async fn begin(
        &self,
        state: &AppState,
        mut context: Context,
        body: &[u8],
    ) -> Result<Begun, ApiError> {
        context.idempotency = self.mark(state, &context, body);
        let Some(mark) = &context.idempotency else {
            return Ok(Begun::New(context));
        };
        match store::idempotency::find(&state.store, mark).await? {
            Lookup::New => Ok(Begun::New(context)),
            Lookup::Kept(kept) => Ok(Begun::Kept(kept)),
            Lookup::Reused => Err(ApiError::new(common::IDEMPOTENCY_KEY_REUSED)),
        }
    }

    /// Answers once: `act` does it the first time, `again` builds the same answer from what was
    /// kept, also when another request with the same key wins a race against this one: what this
    /// one then finds in its way is its own effect.
    pub async fn run<T>(
        &self,
        state: &AppState,
        context: Context,
        body: &[u8],
        act: impl AsyncFnOnce(Context) -> Result<T, ApiError>,
        again: impl AsyncFnOnce(KeptAnswer) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let fresh = match self.begin(state, context.clone(), body).await? {
            Begun::Kept(kept) => return again(kept).await,
            Begun::New(fresh) => fresh,
        };
        match act(fresh).await {
            Err(error) if self.has_key() && error.code().status() == StatusCode::CONFLICT => {
                match self.begin(state, context, body).await? {
                    Begun::Kept(kept) => again(kept).await,
                    Begun::New(_) => Err(error),
                }
            }
            result => result,
        }
    }

    /// Whether this key is on record for the caller, whatever it was sent with: before a body is read,
    /// when nobody knows yet whether it is the same request.
    pub async fn is_known(&self, state: &AppState, context: &Context) -> Result<bool, ApiError> {
        let Some(mark) = self.mark(state, context, &[]) else {
            return Ok(false);
        };
        let found = store::idempotency::find(&state.store, &mark).await?;
        Ok(!matches!(found, Lookup::New))
    }

    /// Whether the caller sent a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// What the key leaves behind, for that caller and content.
    #[must_use]
    pub fn mark(
        &self,
        state: &AppState,
        context: &Context,
        body: &[u8],
    ) -> Option<IdempotencyMark> {
        let key = self.key.as_ref()?;
        let caller = context.actor.id().map_or_else(
            || {
                let address = context.origin.address.as_deref().unwrap_or_default();
                format!(
                    "address:{}",
                    state.keyring.fingerprint(&[address.as_bytes()])
                )
            },
            |id| format!("user:{id}"),
        );
        Some(IdempotencyMark {
            caller,
            key_hash: hex(&Sha256::digest(key)),
            fingerprint: state.keyring.fingerprint(&[self.target.as_bytes(), body]),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |uri| &uri.0);
        let target = format!("{} {}", parts.method, uri.path());
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let key = match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => Some(valid(value.as_bytes())?),
            (Some(_), Some(_)) => return Err(ApiError::new(common::IDEMPOTENCY_KEY_INVALID)),
        };
        Ok(Self { key, target })
    }
}

fn valid(bytes: &[u8]) -> Result<String, ApiError> {
    let visible = bytes.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| visible && !text.is_empty() && text.len() <= LONGEST_KEY)
        .map(str::to_owned)
        .ok_or_else(|| ApiError::new(common::IDEMPOTENCY_KEY_INVALID))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_characters() {
        assert_eq!(valid(b"a-1").unwrap(), "a-1");
        assert!(valid(&[b'k'; 255]).is_ok());
        for bad in [
            b"".as_slice(),
            b"a b",
            b"a\tb",
            &[b'k'; 256],
            "clé".as_bytes(),
        ] {
            assert!(valid(bad).is_err(), "{bad:?}");
        }
    }
}
