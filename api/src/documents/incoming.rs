//! A multipart body in bounds. The parser keeps whatever comes before a part's content, however
//! much that is; so what it was given since it last handed something out is counted here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use futures::{Stream, StreamExt as _};

use crate::gateway::codes::common;
use crate::gateway::encoding;
use crate::gateway::problem::ApiError;

/// The most that a preamble or the headers of a part may take. The server reads up to 32 KB at a
/// time, and the parser may take several such pieces before it hands one out.
const MOST_HELD: usize = 256 * 1024;

/// A multipart body that is arriving.
#[derive(Debug)]
pub(super) struct Incoming {
    multipart: Multipart,
    wire: Wire,
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

    /// Reads on without keeping anything, to the end or up to that many bytes.
    pub(super) async fn drain(mut self, most: u64) {
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
        let wire = Wire::new(body);
        let request = Request::from_parts(parts, Body::from_stream(wire.clone()));
        let multipart = Multipart::from_request(request, state)
            .await
            .map_err(|_| ApiError::new(common::UNSUPPORTED_MEDIA_TYPE))?;
        Ok(Self { multipart, wire })
    }
}

/// The body itself, between the parser and whoever drains it.
#[derive(Clone, Debug)]
struct Wire(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    body: BodyDataStream,
    bytes: usize,
}

impl Wire {
    fn new(body: Body) -> Self {
        let body = body.into_data_stream();
        Self(Arc::new(Mutex::new(Held { body, bytes: 0 })))
    }

    fn handed_out(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes = 0;
    }
}

impl Stream for Wire {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.bytes > MOST_HELD {
            let error = std::io::Error::other("the headers of a part have no end");
            return Poll::Ready(Some(Err(axum::Error::new(error))));
        }
        let next = held.body.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(piece))) = &next {
            held.bytes += piece.len();
        }
        next
    }
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
