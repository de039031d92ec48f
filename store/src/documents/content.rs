//! The bytes of a document: found by its row, opened on the way, never whole in memory.

use bytes::Bytes;
use futures::Stream;
use uuid::Uuid;

use crate::error::StoreError;
use crate::objects::{DEPENDENCY, ObjectBody, ObjectStore, PAGE};
use crate::secrets::document_keys::{
    DocumentKey, DocumentKeyError, MasterKeys, Opener, Part, WrappedKey, sealed_length,
};

/// Rounds of listing and deleting in which the previews of a document must be gone. A document has
/// fewer previews than one listing holds, so that the second round finds nothing; the others are
/// for listings that lag behind.
const MOST_ROUNDS: usize = 4;

/// Object storage with the keys that make its content readable.
#[derive(Clone, Debug)]
pub struct Vault {
    /// The bucket.
    pub objects: ObjectStore,
    /// The master keys.
    pub keys: std::sync::Arc<MasterKeys>,
}

/// Where a document's content is and what opens it.
#[derive(Clone, Debug)]
pub struct Located {
    /// The document.
    pub document_id: Uuid,
    /// Its object.
    pub object_key: String,
    /// Its key, wrapped.
    pub wrapped_key: WrappedKey,
}

/// Why content cannot be read. None of it is the file's doing, and all of it may be mended: the
/// pipeline waits, and never takes it for a verdict.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The bucket is there, and the object is not.
    #[error("the content is missing")]
    Missing,
    /// The object, or the document's key, is not what was sealed under the key at hand.
    #[error("the content, or its key, is not what was sealed")]
    Tampered,
    /// The master key that wraps this document's key is not configured.
    #[error(transparent)]
    Key(DocumentKeyError),
    /// Object storage did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DocumentKeyError> for ContentError {
    fn from(error: DocumentKeyError) -> Self {
        match error {
            DocumentKeyError::Tampered => Self::Tampered,
            other => Self::Key(other),
        }
    }
}

/// The key under which the preview of a page is kept, pages counted from 1.
#[must_use]
pub fn preview_key(document_id: Uuid, page: u32) -> String {
    format!("previews/{document_id}/{page}")
}

/// The key under which the file written anew is kept: beside the previews, so that it goes when
/// they go.
#[must_use]
pub fn rewritten_key(document_id: Uuid) -> String {
    format!("previews/{document_id}/rewritten")
}

impl Vault {
    /// Begins to read a document, or one of its previews.
    pub async fn open(&self, located: &Located, part: Part) -> Result<Content, ContentError> {
        let key = self
            .keys
            .unwrap(located.document_id, &located.wrapped_key)?;
        let name = match part {
            Part::Original => located.object_key.clone(),
            Part::Page(page) => preview_key(located.document_id, page),
            Part::Rewritten => rewritten_key(located.document_id),
        };
        let body = self
            .objects
            .get(&name)
            .await?
            .ok_or(ContentError::Missing)?;
        Ok(Content {
            opener: Some(key.opener(located.document_id, part)),
            body,
        })
    }

    /// Seals and stores the preview of a page. Doing it again replaces it.
    pub async fn put_preview(
        &self,
        located: &Located,
        page: u32,
        image: &[u8],
    ) -> Result<(), ContentError> {
        let name = preview_key(located.document_id, page);
        self.put(located, Part::Page(page), &name, image).await
    }

    /// Seals and stores the file that is handed out instead of the original. Doing it again
    /// replaces it.
    pub async fn put_rewritten(&self, located: &Located, file: &[u8]) -> Result<(), ContentError> {
        let name = rewritten_key(located.document_id);
        self.put(located, Part::Rewritten, &name, file).await
    }

    async fn put(
        &self,
        located: &Located,
        part: Part,
        name: &str,
        plaintext: &[u8],
    ) -> Result<(), ContentError> {
        let key = self
            .keys
            .unwrap(located.document_id, &located.wrapped_key)?;
        let sealed = seal_whole(&key, located.document_id, part, plaintext)?;
        Ok(self.objects.put_bytes(name, sealed).await?)
    }

    /// Deletes a document's object and its previews, a page of them at a time. Doing it again
    /// changes nothing. An error that passes when the storage still lists previews after
    /// [`MOST_ROUNDS`] rounds: what is deleted stays deleted, and the next call goes on.
    pub async fn discard(
        &self,
        document_id: Uuid,
        object_key: Option<&str>,
    ) -> Result<(), StoreError> {
        if let Some(object_key) = object_key {
            self.objects.delete(object_key).await?;
        }
        let prefix = format!("previews/{document_id}/");
        for _ in 0..MOST_ROUNDS {
            let mut previews = self.objects.list(&prefix, None).await?;
            if previews.is_empty() {
                return Ok(());
            }
            previews.truncate(PAGE);
            self.objects.delete_all(&previews).await?;
        }
        let problem = "previews that were deleted are still listed";
        Err(StoreError::unavailable(DEPENDENCY, problem))
    }
}

fn seal_whole(
    key: &DocumentKey,
    document_id: Uuid,
    part: Part,
    plaintext: &[u8],
) -> Result<Vec<u8>, DocumentKeyError> {
    let length = usize::try_from(sealed_length(plaintext.len() as u64)).unwrap_or_default();
    let mut sealed = Vec::with_capacity(length);
    let mut sealer = key.sealer(document_id, part);
    sealer.update(plaintext, &mut sealed)?;
    sealer.finish(&mut sealed)?;
    Ok(sealed)
}

/// Content being read: every piece it gives was proved.
pub struct Content {
    opener: Option<Opener>,
    body: ObjectBody,
}

impl Content {
    /// The next piece of plaintext. Content that was cut short ends in an error, never in silence.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ContentError> {
        let mut plaintext = Vec::new();
        while plaintext.is_empty() {
            let Some(opener) = &mut self.opener else {
                return Ok(None);
            };
            if let Some(sealed) = self.body.next().await? {
                opener.update(&sealed, &mut plaintext)?;
            } else if let Some(opener) = self.opener.take() {
                opener.finish(&mut plaintext)?;
            }
        }
        Ok(Some(plaintext.into()))
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, ContentError>> + Send {
        futures::stream::try_unfold(self, |mut content| async move {
            Ok(content.next().await?.map(|piece| (piece, content)))
        })
    }

    /// The whole content, for what is known to be small; more than `limit` is an error.
    pub async fn collect(mut self, limit: usize) -> Result<Vec<u8>, ContentError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.next().await? {
            if whole.len() + piece.len() > limit {
                return Err(StoreError::Dependency {
                    dependency: DEPENDENCY,
                    source: "an object is larger than it can be".into(),
                }
                .into());
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content")
    }
}
