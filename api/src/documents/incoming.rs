//! A multipart body in bounds, of memory and of time. The parser keeps whatever comes before a
//! part's content, however much that is; so what it was given since it last handed something out is
//! counted here, and so is how fast it comes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use futures::{Stream, StreamExt as _};
use tower_http::timeout::TimeoutError;

use super::pace::{Pace, PaceSettings};
use crate::gateway::codes::common;
use crate::gateway::encoding;
use crate::gateway::problem::ApiError;

/// The most that a preamble or the headers of a part may take. The server reads up to 32 KB at a
/// time, and the parser may take several such pieces before it hands one out.
const MOST_HELD: usize = 256 * 1024;
/// How much of a refused upload is still read, so that the client gets to hear why, and for how long.
const DRAINED: u64 = 64 << 20;
const DRAINED_FOR: Duration = Duration::from_secs(30);

/// A multipart body that is arriving.
#[derive(Debug)]
pub(super) struct Incoming {
    multipart: Multipart,
    wire: Wire,
    /// Bytes of the whole body, where the client said.
    length: Option<u64>,
    /// Whether the client sends the body only once it is asked to.
    waits_to_be_asked: bool,
}

/// A part of it.
#[derive(Debug)]
pub(super) struct Part<'a> {
    field: Field<'a>,
    wire: Wire,
}

impl Incoming {
    /// The next part; what was not read of the one before is passed over.
    pub(super) async fn next_part(&mut self) -> Result<Option<Part<'_>>, MultipartError> {
        let field = self.multipart.next_field().await?;
        self.wire.handed_out();
        let wire = self.wire.clone();
        Ok(field.map(|field| Part { field, wire }))
    }

    /// From now on it must come at that pace; `size` is the most that it may be.
    pub(super) fn keep_pace(&mut self, settings: PaceSettings, size: u64) {
        self.wire.lock().pace = Some(Pace::begin(settings, size));
    }

    /// Whether it did not.
    pub(super) fn was_too_slow(&self) -> bool {
        self.wire.lock().was_too_slow
    }

    /// Bytes of the whole body, where the client said.
    pub(super) const fn length(&self) -> Option<u64> {
        self.length
    }

    /// Bytes that the file has at least, as far as is known.
    pub(super) fn least_size(&self) -> u64 {
        self.length.unwrap_or(0).saturating_sub(MOST_HELD as u64)
    }

    /// Leaves a body that is refused. The answer need not wait for it, and yet a client that sends on
    /// must find somebody who reads, or it would not read the answer; one that waits to be asked is
    /// not asked.
    pub(super) fn leave(self) {
        let is_sent = !self.waits_to_be_asked || self.wire.lock().was_asked_for;
        if is_sent && !self.was_too_slow() {
            let drained = tokio::time::timeout(DRAINED_FOR, self.drain(DRAINED));
            tokio::spawn(drained);
        }
    }

    /// Reads on without keeping anything, to the end or up to that many bytes.
    async fn drain(mut self, most: u64) {
        self.wire.handed_out();
        let mut drained = 0;
        while let Some(Ok(piece)) = self.wire.next().await {
            self.wire.handed_out();
            drained += piece.len() as u64;
            if drained > most {
                return;
            }
        }
    }
}

impl Part<'_> {
    /// The name of the form's field.
    pub(super) fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The name of the file.
    pub(super) fn file_name(&self) -> &str {
        self.field.file_name().unwrap_or_default()
    }

    /// The declared type.
    pub(super) fn content_type(&self) -> Option<&str> {
        self.field.content_type()
    }

    /// The next piece of the content.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let piece = self.field.chunk().await?;
        self.wire.handed_out();
        Ok(piece)
    }
}

impl<S: Send + Sync> FromRequest<S> for Incoming {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        encoding::plain(request.headers())?;
        let (parts, body) = request.into_parts();
        let (length, waits_to_be_asked) = (length(&parts.headers), waits(&parts.headers));
        let wire = Wire::new(body);
        let request = Request::from_parts(parts, Body::from_stream(wire.clone()));
        let multipart = Multipart::from_request(request, state)
            .await
            .map_err(|_| ApiError::new(common::UNSUPPORTED_MEDIA_TYPE))?;
        Ok(Self {
            multipart,
            wire,
            length,
            waits_to_be_asked,
        })
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// `Expect: 100-continue` (RFC 9110, 10.1.1).
fn waits(headers: &HeaderMap) -> bool {
    headers
        .get(header::EXPECT)
        .is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// The body itself, between the parser and whoever drains it.
#[derive(Clone, Debug)]
struct Wire(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    body: BodyDataStream,
    bytes: usize,
    pace: Option<Pace>,
    was_too_slow: bool,
    was_asked_for: bool,
}

impl Wire {
    fn new(body: Body) -> Self {
        let body = body.into_data_stream();
        Self(Arc::new(Mutex::new(Held {
            body,
            bytes: 0,
            pace: None,
            was_too_slow: false,
            was_asked_for: false,
        })))
    }

    fn handed_out(&self) {
        self.lock().bytes = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Whether the client is too slow; asked when it is waited for.
    fn poll_too_slow(&mut self, context: &mut Context<'_>) -> bool {
        let pace = self.pace.as_mut();
        self.was_too_slow |= pace.is_some_and(|pace| pace.poll_too_slow(context).is_ready());
        self.was_too_slow
    }
}

impl Stream for Wire {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut held = self.lock();
        if held.bytes > MOST_HELD {
            return Poll::Ready(Some(Err(cut("the headers of a part have no end"))));
        }
        held.was_asked_for = true;
        let next = held.body.poll_next_unpin(context);
        match &next {
            // A pause that the server does not wait out.
            Poll::Ready(Some(Err(error))) if is_timeout(error) => held.was_too_slow = true,
            Poll::Ready(Some(Ok(piece))) => {
                held.bytes += piece.len();
                if let Some(pace) = &mut held.pace {
                    pace.came(piece.len());
                }
            }
            Poll::Pending if held.poll_too_slow(context) => {
                return Poll::Ready(Some(Err(cut("the body comes too slowly"))));
            }
            _ => {}
        }
        next
    }
}

fn is_timeout(error: &axum::Error) -> bool {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source())
        .any(<dyn std::error::Error>::is::<TimeoutError>)
}

fn cut(problem: &'static str) -> axum::Error {
    axum::Error::new(std::io::Error::other(problem))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const PIECE: usize = 16 * 1024;

    /// A form that begins so and goes on with one letter for ever.
    async fn endless(beginning: &'static str, taken: Arc<AtomicUsize>) -> Incoming {
        let rest = futures::stream::repeat_with(move || {
            taken.fetch_add(PIECE, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_static(&[b'a'; PIECE]))
        });
        let beginning = futures::stream::iter([Ok(Bytes::from_static(beginning.as_bytes()))]);
        let pieces = beginning.chain(rest).then(async |piece| {
            tokio::task::yield_now().await;
            piece
        });
        let request = Request::post("/")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from_stream(Box::pin(pieces)))
            .unwrap();
        Incoming::from_request(request, &()).await.unwrap()
    }

    #[tokio::test]
    async fn a_preamble_or_a_header_without_an_end_is_not_kept() {
        for beginning in ["", "--b\r\nContent-Disposition: form-data; name=\""] {
            let taken = Arc::new(AtomicUsize::new(0));
            let mut incoming = endless(beginning, taken.clone()).await;
            assert!(incoming.next_part().await.is_err());
            assert!(taken.load(Ordering::Relaxed) <= MOST_HELD + 2 * PIECE);
        }
    }

    #[tokio::test]
    async fn content_may_be_longer_than_what_is_held() {
        let beginning = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        let taken = Arc::new(AtomicUsize::new(0));
        let mut incoming = endless(beginning, taken.clone()).await;
        let mut part = incoming.next_part().await.unwrap().unwrap();
        let mut read = 0;
        while read < 4 * MOST_HELD {
            read += part.chunk().await.unwrap().unwrap().len();
        }
        drop(part);
        incoming.drain(1 << 20).await;
        assert!(taken.load(Ordering::Relaxed) > 4 * MOST_HELD + (1 << 20));
    }
}
