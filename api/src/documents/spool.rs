//! An upload on its way: hashed as it passes, and on disk only as ciphertext.

use sha2::{Digest as _, Sha256};
use store::secrets::document_keys::{DocumentKey, Part, Sealer};
use store::secrets::hex;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

/// Plaintext sealed and written at a time; times the uploads at once, this is memory.
const STEP: usize = 64 * 1024;

/// Why a file could not be spooled.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoolError {
    /// The disk.
    #[error("the upload could not be written to the temporary directory")]
    Disk(#[from] std::io::Error),
    /// The cipher.
    #[error("the upload could not be sealed")]
    Seal(#[from] store::secrets::document_keys::DocumentKeyError),
}

/// A file being received.
pub(super) struct Spool {
    file: File,
    path: TempPath,
    key: DocumentKey,
    sealer: Sealer,
    hash: Sha256,
    sealed: Vec<u8>,
    received: u64,
    written: u64,
}

/// A file that was received whole. The ciphertext is removed with this value.
pub(super) struct Spooled {
    /// Where the ciphertext is.
    pub(super) path: TempPath,
    /// Bytes of ciphertext.
    pub(super) sealed_size: u64,
    /// What opens it.
    pub(super) key: DocumentKey,
    /// Bytes of the file.
    pub(super) size: u64,
    /// Hash of the file, hexadecimal.
    pub(super) sha256: String,
}

impl Spool {
    /// Begins to receive the file of a document.
    pub(super) fn begin(document_id: Uuid) -> Result<Self, SpoolError> {
        let (file, path) = tempfile::NamedTempFile::with_prefix("yemma-upload-")?.into_parts();
        let key = DocumentKey::generate();
        let mut file = File::from_std(file);
        file.set_max_buf_size(STEP * 2);
        Ok(Self {
            file,
            path,
            sealer: key.sealer(document_id, Part::Original),
            key,
            hash: Sha256::new(),
            sealed: Vec::with_capacity(STEP * 2),
            received: 0,
            written: 0,
        })
    }

    /// Bytes received so far.
    pub(super) const fn received(&self) -> u64 {
        self.received
    }

    /// Takes a piece of the file.
    pub(super) async fn write(&mut self, piece: &[u8]) -> Result<(), SpoolError> {
        for step in piece.chunks(STEP) {
            self.hash.update(step);
            self.received += step.len() as u64;
            self.sealer.update(step, &mut self.sealed)?;
            self.flush().await?;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) async fn finish(mut self) -> Result<Spooled, SpoolError> {
        let sealer = std::mem::replace(
            &mut self.sealer,
            self.key.sealer(Uuid::nil(), Part::Original),
        );
        sealer.finish(&mut self.sealed)?;
        self.flush().await?;
        self.file.flush().await?;
        Ok(Spooled {
            path: self.path,
            sealed_size: self.written,
            key: self.key,
            size: self.received,
            sha256: hex(&self.hash.finalize()),
        })
    }

    async fn flush(&mut self) -> Result<(), SpoolError> {
        self.file.write_all(&self.sealed).await?;
        self.written += self.sealed.len() as u64;
        self.sealed.clear();
        Ok(())
    }
}
