//! What the child says to its parent: how it is confined and what it was given; then a verdict when
//! it judges, with the file written anew if there is one, or the pages when it draws; an end. Each
//! part is preceded by its kind and its length.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use workflows::documents::rules::{ContentType, Rejection};

use super::confinement::Confinement;

/// The longest part: a page's picture, or a file that was written anew.
pub(super) const LONGEST_PART: u32 = 16 << 20;

/// The child's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Judgement {
    /// Accepted with this many pages.
    Accepted(u32),
    /// Refused; nothing follows.
    Rejected(Rejection),
}

/// One part of what the child says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PartRead {
    /// The child is confined and begins to read; a child that ended before tells of the machine,
    /// not of the file.
    Confined(Confinement),
    /// The file's type by its first bytes.
    Recognised(ContentType),
    /// The judgement.
    Judgement(Judgement),
    /// The file written anew, to be handed out in its place.
    Rewritten(Vec<u8>),
    /// The picture of a page.
    Page(u32, Vec<u8>),
    /// A page that could not be drawn.
    Undrawn(u32),
    /// All was said.
    End,
}

const CONFINED: u8 = b'C';
const RECOGNISED: u8 = b'T';
const JUDGEMENT: u8 = b'J';
const REWRITTEN: u8 = b'R';
const PAGE: u8 = b'P';
const UNDRAWN: u8 = b'U';
const END: u8 = b'E';

/// Writes how the child is confined, at once: it tells the parent that the child has begun.
pub(super) fn write_confined(out: &mut dyn Write, confinement: Confinement) -> io::Result<()> {
    write(out, CONFINED, 0, &serde_json::to_vec(&confinement)?)?;
    out.flush()
}

/// Writes the file's type, at once: what follows may be the last that the child does.
pub(super) fn write_recognised(out: &mut dyn Write, file_type: ContentType) -> io::Result<()> {
    write(out, RECOGNISED, 0, &serde_json::to_vec(&file_type)?)?;
    out.flush()
}

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

/// Writes that a page could not be drawn.
pub(super) fn write_undrawn(out: &mut dyn Write, number: u32) -> io::Result<()> {
    write(out, UNDRAWN, number, &[])
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
        CONFINED => Ok(PartRead::Confined(serde_json::from_slice(&body)?)),
        RECOGNISED => Ok(PartRead::Recognised(serde_json::from_slice(&body)?)),
        JUDGEMENT => Ok(PartRead::Judgement(serde_json::from_slice(&body)?)),
        REWRITTEN => Ok(PartRead::Rewritten(body)),
        PAGE => Ok(PartRead::Page(number, body)),
        UNDRAWN => Ok(PartRead::Undrawn(number)),
        END => Ok(PartRead::End),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
