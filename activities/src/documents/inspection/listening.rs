//! What the parent understands of a child's words. The child is not trusted: what comes out of
//! turn ends the listening.

use tokio::io::AsyncRead;
use workflows::documents::rules::{ContentType, MAX_PAGES, Rejection};

use super::confinement::Confinement;
use super::parent::{Drawing, Judged, PageStore};
use super::protocol::{self, Judgement, PartRead};

/// What a child said of itself and of its file, whatever came afterwards.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    /// How it is confined: it has begun.
    pub(super) confinement: Option<Confinement>,
    /// The file's type by its first bytes.
    pub(super) file_type: Option<ContentType>,
}

impl Heard {
    /// The next part that is no word of the child on itself; `None` when it fell silent.
    async fn next(&mut self, from: &mut (impl AsyncRead + Unpin)) -> Option<PartRead> {
        loop {
            match protocol::read(from).await.ok()? {
                PartRead::Confined(confinement) => self.confinement = Some(confinement),
                PartRead::Recognised(file_type) => self.file_type = Some(file_type),
                other => return Some(other),
            }
        }
    }
}

/// The whole judgement, with the end behind it; `None` when the child fell silent before.
pub(super) async fn to_judgement(
    from: &mut (impl AsyncRead + Unpin),
    heard: &mut Heard,
) -> Option<Result<Judged, Rejection>> {
    let Some(PartRead::Judgement(judgement)) = heard.next(from).await else {
        return None;
    };
    let judgement = match judgement {
        Judgement::Rejected(rejection) => Err(rejection),
        Judgement::Accepted(pages) if is_sane(pages) => Ok(pages),
        Judgement::Accepted(_) => return None,
    };
    let (rewritten, last) = match heard.next(from).await? {
        PartRead::Rewritten(file) if judgement.is_ok() => (Some(file), heard.next(from).await?),
        last => (None, last),
    };
    (last == PartRead::End).then(|| judgement.map(|pages| Judged { pages, rewritten }))
}

fn is_sane(pages: u32) -> bool {
    pages > 0 && usize::try_from(pages).is_ok_and(|pages| pages <= MAX_PAGES)
}

/// What came of the pages, as far as the child spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// Whether it said everything.
    pub(super) is_whole: bool,
    /// Pages without a picture.
    undrawn: Vec<u32>,
    /// Why the file is refused after all.
    rejection: Option<Rejection>,
}

impl Drawn {
    /// What it means for the document.
    pub(super) fn into_drawing(self) -> Drawing {
        match self.rejection {
            Some(rejection) => Drawing::Rejected(rejection),
            None => Drawing::Made {
                undrawn: self.undrawn,
            },
        }
    }
}

/// Stores the pages as they come. Those that did not come have no picture.
pub(super) async fn to_pages<S: PageStore>(
    from: &mut (impl AsyncRead + Unpin),
    heard: &mut Heard,
    page_count: u32,
    store: &mut S,
) -> Result<Drawn, S::Error> {
    let mut undrawn = Vec::new();
    for expected in 1..=page_count {
        match heard.next(from).await {
            Some(PartRead::Page(number, image)) if number == expected => {
                store.put(number, image).await?;
            }
            Some(PartRead::Undrawn(number)) if number == expected => undrawn.push(number),
            Some(PartRead::Judgement(Judgement::Rejected(rejection))) => {
                return Ok(Drawn {
                    is_whole: true,
                    undrawn,
                    rejection: Some(rejection),
                });
            }
            _ => {
                undrawn.extend(expected..=page_count);
                return Ok(Drawn {
                    is_whole: false,
                    undrawn,
                    rejection: None,
                });
            }
        }
    }
    // Every page came: whether the child also said farewell tells nothing more.
    Ok(Drawn {
        is_whole: true,
        undrawn,
        rejection: None,
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io;

    use workflows::documents::rules::RejectionCode;

    use super::*;

    /// The numbers of the pages that were stored.
    struct Stored(Vec<u32>);

    impl PageStore for Stored {
        type Error = Infallible;

        async fn put(&mut self, number: u32, _: Vec<u8>) -> Result<(), Infallible> {
            self.0.push(number);
            Ok(())
        }
    }

    /// What a parent makes of the words of a child that draws three pages.
    async fn heard(
        say: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> (Drawn, Vec<u32>, Heard) {
        let mut said = Vec::new();
        say(&mut said).unwrap();
        let (mut heard, mut stored) = (Heard::default(), Stored(Vec::new()));
        let Ok(drawn) = to_pages(&mut said.as_slice(), &mut heard, 3, &mut stored).await;
        (drawn, stored.0, heard)
    }

    #[tokio::test]
    async fn a_page_that_was_not_drawn_or_did_not_come_has_no_picture() {
        let (drawn, stored, _) = heard(|out| {
            protocol::write_page(out, 1, b"one")?;
            protocol::write_undrawn(out, 2)?;
            protocol::write_page(out, 3, b"three")
        })
        .await;
        assert!(drawn.is_whole);
        assert_eq!(
            (drawn.undrawn.as_slice(), stored),
            ([2].as_slice(), vec![1, 3])
        );
        let (drawn, stored, known) = heard(|out| {
            protocol::write_recognised(out, ContentType::Pdf)?;
            protocol::write_page(out, 1, b"one")?;
            out.write_all(b"P\0\0")
        })
        .await;
        assert!(!drawn.is_whole, "it fell silent");
        assert_eq!(known.file_type, Some(ContentType::Pdf));
        assert_eq!(
            (drawn.undrawn.as_slice(), stored),
            ([2, 3].as_slice(), vec![1])
        );
        let (drawn, stored, _) = heard(|out| protocol::write_page(out, 3, b"three")).await;
        assert!(!drawn.is_whole && stored.is_empty(), "out of turn");
    }

    #[tokio::test]
    async fn a_child_that_draws_may_still_refuse() {
        let rejection = Rejection::from(RejectionCode::PdfTooComplex);
        let (drawn, ..) = heard(|out| {
            protocol::write_page(out, 1, b"one")?;
            protocol::write_judgement(out, Judgement::Rejected(rejection))
        })
        .await;
        assert!(drawn.is_whole);
        assert_eq!(drawn.into_drawing(), Drawing::Rejected(rejection));
    }

    #[tokio::test]
    async fn a_judgement_counts_with_the_end_behind_it_and_sane_pages() {
        let whole = Judged {
            pages: 3,
            rewritten: None,
        };
        for (pages, ends, expected) in [
            (3, true, Some(Ok(whole))),
            (3, false, None),
            (0, true, None),
            (201, true, None),
        ] {
            let mut said = Vec::new();
            protocol::write_judgement(&mut said, Judgement::Accepted(pages)).unwrap();
            if ends {
                protocol::write_end(&mut said).unwrap();
            }
            let mut heard = Heard::default();
            let judgement = to_judgement(&mut said.as_slice(), &mut heard).await;
            assert_eq!(judgement, expected, "{pages} {ends}");
        }
    }

    #[tokio::test]
    async fn a_file_written_anew_comes_between_a_judgement_and_the_end() {
        for (judgement, ends) in [
            (Judgement::Accepted(2), true),
            (Judgement::Accepted(2), false),
            (Judgement::Rejected(RejectionCode::Archive.into()), true),
        ] {
            let mut said = Vec::new();
            protocol::write_judgement(&mut said, judgement).unwrap();
            protocol::write_rewritten(&mut said, b"anew").unwrap();
            if ends {
                protocol::write_end(&mut said).unwrap();
            }
            let heard = to_judgement(&mut said.as_slice(), &mut Heard::default()).await;
            let expected = (judgement == Judgement::Accepted(2) && ends).then(|| {
                Ok(Judged {
                    pages: 2,
                    rewritten: Some(b"anew".to_vec()),
                })
            });
            assert_eq!(heard, expected, "{judgement:?} {ends}");
        }
    }
}
