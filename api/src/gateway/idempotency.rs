//! `Idempotency-Key`: the same request, asked again, gets the answer of the first time.
//!
//! What was answered is kept for 24 hours, sealed under a key that is made of the raw
//! `Idempotency-Key`; only that key's hash is stored. The row is written in the transaction of the
//! change, through the mark in the [`Context`]: by a fact with its answer, or with what the answer
//! is made of, by a command's activity with its outcome. The answer is put beside an outcome before
//! it is sent; a repetition that finds the outcome alone makes the answer anew and keeps that.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Context;
use store::idempotency::{KeptAnswer, Lookup};
use store::secrets::hex;
use workflows::commands::IdempotencyMark;

use super::codes::common;
use super::problem::ApiError;
use super::rendered::Rendered;
use crate::state::AppState;

/// The header that carries the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;

/// A request that may be asked again: its key, if it has one, and what it is.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<SecretString>,
    target: String,
}

/// What a request came to.
#[derive(Debug)]
pub enum Acted {
    /// This answer, to be kept under the key.
    Done(Rendered),
    /// This answer, which was kept in the transaction of the change.
    Kept(Rendered),
    /// A command that was admitted and has no outcome yet (202): the same key asks for it again.
    Unfinished(Rendered),
}

/// What a handler may hand over as its answer.
pub trait IntoActed {
    /// The answer in bytes.
    fn into_acted(self) -> Result<Acted, ApiError>;
}

/// A request whose key was looked up: the key and what it stands for.
struct Request<'a> {
    state: &'a AppState,
    mark: Option<IdempotencyMark>,
    key: Option<&'a SecretString>,
}

impl Once {
    /// Answers once: `act` does it the first time, `again` makes the same answer anew from what the
    /// change left behind, for the case that the answer itself was not kept. The key is looked up
    /// before any other check, and again when `act` fails: what it finds in its way may be the
    /// effect of the same request sent twice at once.
    ///
    /// `content` is the body, or for an upload its fields and the file's hash.
    pub async fn run<A: IntoActed>(
        &self,
        state: &AppState,
        context: Context,
        content: &[u8],
        act: impl AsyncFnOnce(Context) -> Result<A, ApiError>,
        again: impl AsyncFnOnce(KeptAnswer) -> Result<A, ApiError>,
    ) -> Result<Rendered, ApiError> {
        let may = || async { Ok(()) }.boxed();
        self.run_while(state, context, content, may, act, again)
            .await
    }

    /// As [`Once::run`], but what was answered is given again only while `may` allows it: an answer
    /// with another person's data must not outlive the right to see it.
    pub async fn run_while<'a, A: IntoActed>(
        &self,
        state: &AppState,
        mut context: Context,
        content: &[u8],
        may: impl Fn() -> BoxFuture<'a, Result<(), ApiError>>,
        act: impl AsyncFnOnce(Context) -> Result<A, ApiError>,
        again: impl AsyncFnOnce(KeptAnswer) -> Result<A, ApiError>,
    ) -> Result<Rendered, ApiError> {
        let request = self.request(state, &context, content);
        context.idempotency.clone_from(&request.mark);
        if let Some(kept) = request.look_up().await? {
            may().await?;
            return request.repeat(kept, again).await;
        }
        match act(context).await {
            Ok(acted) => request.keep(acted.into_acted()?).await,
            Err(error) => match request.look_up().await {
                Ok(Some(kept)) => {
                    may().await?;
                    request.repeat(kept, again).await
                }
                Err(reused) if reused.code() == common::IDEMPOTENCY_KEY_REUSED => Err(reused),
                Ok(None) | Err(_) => Err(error),
            },
        }
    }

    /// Whether this key is on record for the caller, whatever it was sent with: before a body is read,
    /// when it is not known yet whether the request is the same.
    pub async fn is_known(&self, state: &AppState, context: &Context) -> Result<bool, ApiError> {
        match self.request(state, context, &[]).look_up().await {
            Ok(kept) => Ok(kept.is_some()),
            Err(reused) if reused.code() == common::IDEMPOTENCY_KEY_REUSED => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The answer sealed for the row of its change; none without a key.
    #[must_use]
    pub fn seal(&self, state: &AppState, context: &Context, answer: &Rendered) -> Option<Vec<u8>> {
        let request = Request {
            state,
            mark: context.idempotency.clone(),
            key: self.key.as_ref(),
        };
        // Not sealed is not kept; whoever asks again gets the answer made anew.
        request.seal(answer).ok().flatten()
    }

    fn request<'a>(
        &'a self,
        state: &'a AppState,
        context: &Context,
        content: &[u8],
    ) -> Request<'a> {
        Request {
            state,
            mark: self.mark(state, context, content),
            key: self.key.as_ref(),
        }
    }

    /// What the key leaves behind, for that caller and content.
    fn mark(&self, state: &AppState, context: &Context, content: &[u8]) -> Option<IdempotencyMark> {
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
            key_hash: hex(&Sha256::digest(key.expose_secret())),
            fingerprint: state
                .keyring
                .fingerprint(&[self.target.as_bytes(), content]),
        })
    }
}

impl Request<'_> {
    /// What is on record for the key.
    async fn look_up(&self) -> Result<Option<KeptAnswer>, ApiError> {
        let Some(mark) = &self.mark else {
            return Ok(None);
        };
        match store::idempotency::find(&self.state.store, mark).await? {
            Lookup::New => Ok(None),
            Lookup::Kept(kept) => Ok(Some(kept)),
            Lookup::Reused => Err(ApiError::new(common::IDEMPOTENCY_KEY_REUSED)),
        }
    }

    /// The answer that was kept, else one made anew.
    async fn repeat<A: IntoActed>(
        &self,
        kept: KeptAnswer,
        again: impl AsyncFnOnce(KeptAnswer) -> Result<A, ApiError>,
    ) -> Result<Rendered, ApiError> {
        match self.open(&kept) {
            Some(answer) => Ok(answer),
            None => self.keep(again(kept).await?.into_acted()?).await,
        }
    }

    /// Keeps an answer before it is sent, unless another one was kept first: then that one is the
    /// answer. If it cannot be kept it is not sent either: whoever asks again finds the outcome.
    async fn keep(&self, acted: Acted) -> Result<Rendered, ApiError> {
        let answer = match acted {
            Acted::Kept(answer) | Acted::Unfinished(answer) => return Ok(answer),
            Acted::Done(answer) => answer,
        };
        let (Some(mark), Some(sealed)) = (&self.mark, self.seal(&answer)?) else {
            return Ok(answer);
        };
        let status = answer.status().as_u16();
        if store::idempotency::keep(&self.state.store, mark, status, &sealed).await? {
            return Ok(answer);
        }
        let first = self.look_up().await?;
        Ok(first.and_then(|kept| self.open(&kept)).unwrap_or(answer))
    }

    fn seal(&self, answer: &Rendered) -> Result<Option<Vec<u8>>, ApiError> {
        let (Some(mark), Some(key)) = (&self.mark, self.key) else {
            return Ok(None);
        };
        let key = self.state.keyring.answer_key(key, mark);
        let sealed = key.seal(&answer.to_bytes()?).map_err(ApiError::internal)?;
        Ok(Some(sealed))
    }

    fn open(&self, kept: &KeptAnswer) -> Option<Rendered> {
        let sealed = kept.sealed.as_deref()?;
        let key = self
            .state
            .keyring
            .answer_key(self.key?, self.mark.as_ref()?);
        let answer = key
            .open(sealed)
            .and_then(|bytes| Rendered::from_bytes(&bytes));
        if answer.is_none() {
            // AUTH_LINK_KEY was changed since, or the row was.
            tracing::warn!("a kept answer cannot be opened and is made anew");
        }
        answer
    }
}

impl IntoActed for Acted {
    fn into_acted(self) -> Result<Acted, ApiError> {
        Ok(self)
    }
}

impl IntoActed for Rendered {
    fn into_acted(self) -> Result<Acted, ApiError> {
        Ok(Acted::Done(self))
    }
}

impl IntoActed for StatusCode {
    fn into_acted(self) -> Result<Acted, ApiError> {
        Ok(Acted::Done(Rendered::empty(self)))
    }
}

impl<T: Serialize> IntoActed for (StatusCode, axum::Json<T>) {
    fn into_acted(self) -> Result<Acted, ApiError> {
        Rendered::json(self.0, &self.1.0).map(Acted::Done)
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
            (Some(value), None) => Some(valid(value.as_bytes())?.into()),
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
