//! PDF: whole, readable without a password, not too long, and with nothing in it that acts.
//!
//! Programs read a damaged or a cunning PDF in different ways, so it is read here in a way that
//! leaves them no choice ([`layout`], [`syntax`], [`packing`], [`tables`]): what is not written as
//! the format says is refused, and what cannot be unpacked too. Then every object of every revision
//! is judged ([`actions`], [`attachments`]), and again as `lopdf` reads them, by the file's tables
//! and by looking for objects.

mod actions;
mod attachments;
mod clear;
mod layout;
mod links;
mod objects;
mod packing;
mod reading;
mod syntax;
mod tables;
#[cfg(test)]
mod tests;

use lopdf::Document;
use workflows::documents::rules::{MAX_PAGES, Rejection, RejectionCode, RejectionFigures};

use self::attachments::Attachment;
use self::objects::Objects;
use self::reading::Whole;
use super::{Judged, formats};

/// Judges a PDF.
pub(super) fn check(bytes: &[u8]) -> Result<Judged, Rejection> {
    let header = formats::pdf_header(bytes).ok_or(RejectionCode::PdfBroken)?;
    check_at(bytes, header).map_err(|rejection| match rejection.code {
        // What cannot be read is refused in any case; this says why.
        RejectionCode::PdfBroken if syntax::mentions(bytes, actions::TELLING_NAMES) => {
            RejectionCode::PdfActiveContent.into()
        }
        _ => rejection,
    })
}

fn check_at(bytes: &[u8], header: usize) -> Result<Judged, Rejection> {
    let whole = reading::read(bytes, header)?;
    let attachment = judge(&whole)?;
    let pages = count_pages(&whole.document, bytes)?;
    let rewritten = attachment
        .map(|attachment| rewrite(whole, attachment, pages))
        .transpose()?;
    Ok(Judged { pages, rewritten })
}

/// Judges the objects of the file, and those that `lopdf` sees in it.
fn judge(whole: &Whole<'_>) -> Result<Option<Attachment>, RejectionCode> {
    for objects in [
        &whole.objects,
        &Objects::of(&whole.document),
        &Objects::of(&whole.scanned),
    ] {
        actions::check(objects)?;
    }
    attachments::find(&whole.objects)
}

/// Takes an attached file out of a document. The rewritten file must pass the check itself.
fn rewrite(whole: Whole<'_>, attachment: Attachment, pages: u32) -> Result<Vec<u8>, Rejection> {
    let active = RejectionCode::PdfActiveContent;
    let content = whole.content(attachment.stream)?;
    if whole.is_encrypted() || !attachments::is_own_data(&content) {
        return Err(active.into());
    }
    let rewritten = attachments::without(whole.document)?;
    let header = formats::pdf_header(&rewritten).ok_or(active)?;
    let again = reading::read(&rewritten, header)?;
    let is_clean = judge(&again)?.is_none() && count_pages(&again.document, &rewritten)? == pages;
    drop(again);
    is_clean.then_some(rewritten).ok_or(active.into())
}

/// Counts the pages as two readers see them; if they disagree, the file is not whole.
fn count_pages(document: &Document, bytes: &[u8]) -> Result<u32, Rejection> {
    let mut pages = 0_usize;
    for id in document.page_iter() {
        document
            .get_dictionary(id)
            .map_err(|_| RejectionCode::PdfBroken)?;
        pages += 1;
    }
    let rendered = super::previews::open_pdf(bytes)?.pages().len();
    let most = pages.max(rendered);
    if most > MAX_PAGES {
        let figure = |count| u64::try_from(count).unwrap_or(u64::MAX);
        return Err(Rejection {
            code: RejectionCode::PdfTooManyPages,
            figures: Some(RejectionFigures {
                found: figure(most),
                limit: figure(MAX_PAGES),
                dimensions: None,
            }),
        });
    }
    if pages == 0 || pages != rendered {
        return Err(RejectionCode::PdfBroken.into());
    }
    u32::try_from(pages).map_err(|_| RejectionCode::PdfBroken.into())
}
