//! What a cunning author would try, and what ordinary programs write.

mod build;
mod files;
mod hiding;
mod placing;

use workflows::documents::rules::RejectionCode;

/// Judges a PDF as the whole inspection does, without its claims.
fn judge(bytes: &[u8]) -> Result<u32, RejectionCode> {
    super::super::polyglots::check(bytes, workflows::documents::rules::ContentType::Pdf)?;
    super::check(bytes)
        .map(|judged| judged.pages)
        .map_err(|rejection| rejection.code)
}

#[track_caller]
fn accepted(what: &str, bytes: &[u8]) {
    assert_eq!(judge(bytes), Ok(1), "{what}");
}

/// Refused, and with the word that the owner is told.
#[track_caller]
fn active(what: &str, bytes: &[u8]) {
    assert_eq!(judge(bytes), Err(RejectionCode::PdfActiveContent), "{what}");
}

/// Refused as what it is at the least: a file that not every program reads alike.
#[track_caller]
fn refused(what: &str, bytes: &[u8]) {
    let judged = judge(bytes);
    let codes = [RejectionCode::PdfActiveContent, RejectionCode::PdfBroken];
    assert!(
        judged.is_err_and(|code| codes.contains(&code)),
        "{what}: {judged:?}"
    );
}
