//! What the child says to its parent: a verdict, a rewritten file if there is one, the pages, an end. Each part is preceded by its
//! kind and its length.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use workflows::documents::rules::Rejection;

/// The longest part: a page's picture, or a file that was written anew.
pub(super) const LONGEST_PART: u32 = 16 << 20;

/// The child's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Judgement {
    /// Accepted with this many pages; their pictures follow.
    Accepted(u32),
    /// Refused; nothing follows.
    Rejected(Rejection),
}

/// One part of what the child says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PartRead {
    /// The judgement.
    Judgement(Judgement),
    /// The file written anew, to be handed out in its place.
    Rewritten(Vec<u8>),
    /// The picture of a page.
    Page(u32, Vec<u8>),
    /// All was said.
    End,
}

const JUDGEMENT: u8 = b'J';
const REWRITTEN: u8 = b'R';
const PAGE: u8 = b'P';
const END: u8 = b'E';

/// Writes the judgement.
pub(super) fn write_judgement(out: &mut dyn Write, judgement: Judgement) -> io::Result<()> {
    write(out, JUDGEMENT, 0, &serde_json::to_vec(&judgement)?)
}

/// Writes the file that is handed out in the place of the one that was judged.
pub(super) fn write_rewritten(out: &mut dyn Write, file: &[u8]) -> io::Result<()> {
    write(out, REWRITTEN, 0, file)
}

/// Writes a page.
pub(super) fn write_page(out: &mut dyn Write, number: u32, image: &[u8]) -> io::Result<()> {
    write(out, PAGE, number, image)
}

/// Writes the end.
pub(super) fn write_end(out: &mut dyn Write) -> io::Result<()> {
    write(out, END, 0, &[])?;
    out.flush()
}

fn write(out: &mut dyn Write, kind: u8, number: u32, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len())
        .ok()
        .filter(|length| *length <= LONGEST_PART)
        .ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
    out.write_all(&[kind])?;
    out.write_all(&number.to_be_bytes())?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(body)
}

/// Reads a part. The child is not trusted: whatever is malformed is an error.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<PartRead> {
    let kind = from.read_u8().await?;
    let number = from.read_u32().await?;
    let length = from.read_u32().await?;
    if length > LONGEST_PART {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; usize::try_from(length).unwrap_or_default()];
    from.read_exact(&mut body).await?;
    match kind {
        JUDGEMENT => Ok(PartRead::Judgement(serde_json::from_slice(&body)?)),
        REWRITTEN => Ok(PartRead::Rewritten(body)),
        PAGE => Ok(PartRead::Page(number, body)),
        END => Ok(PartRead::End),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
