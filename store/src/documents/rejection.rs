//! Why a file was refused, as columns of its row.

use workflows::documents::rules::{Rejection, RejectionCode, RejectionFigures};

use super::inconsistent;
use crate::error::StoreError;

/// The columns `rejection_*`. A figure beyond what a column holds is told as the most that it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) code: Option<String>,
    pub(crate) found: Option<i64>,
    pub(crate) limit: Option<i64>,
    pub(crate) width: Option<i64>,
    pub(crate) height: Option<i64>,
}

impl Columns {
    /// What is written for a verdict.
    pub(super) fn of(rejection: Option<Rejection>) -> Self {
        let figures = rejection.and_then(|rejection| rejection.figures);
        let dimensions = figures.and_then(|figures| figures.dimensions);
        let column = |figure: u64| i64::try_from(figure).unwrap_or(i64::MAX);
        Self {
            code: rejection.map(|rejection| rejection.code.as_str().to_owned()),
            found: figures.map(|figures| column(figures.found)),
            limit: figures.map(|figures| column(figures.limit)),
            width: dimensions.map(|(width, _)| width.into()),
            height: dimensions.map(|(_, height)| height.into()),
        }
    }

    /// What was written.
    pub(crate) fn read(self) -> Result<Option<Rejection>, StoreError> {
        let Some(code) = self.code else {
            return Ok(None);
        };
        let code = RejectionCode::from_code(&code).ok_or_else(|| inconsistent("rejection_code"))?;
        let figure =
            |column: i64| u64::try_from(column).map_err(|_| inconsistent("rejection_found"));
        let length =
            |column: i64| u32::try_from(column).map_err(|_| inconsistent("rejection_width"));
        let dimensions = match self.width.zip(self.height) {
            Some((width, height)) => Some((length(width)?, length(height)?)),
            None => None,
        };
        let figures = match self.found.zip(self.limit) {
            Some((found, limit)) => Some(RejectionFigures {
                found: figure(found)?,
                limit: figure(limit)?,
                dimensions,
            }),
            None => None,
        };
        Ok(Some(Rejection { code, figures }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let plain = Rejection::from(RejectionCode::Polyglot);
        let pages = Rejection {
            code: RejectionCode::PdfTooManyPages,
            figures: Some(RejectionFigures {
                found: 201,
                limit: 200,
                dimensions: None,
            }),
        };
        let pixels = Rejection {
            code: RejectionCode::ImageTooLarge,
            figures: Some(RejectionFigures {
                found: 1 << 50,
                limit: 64_000_000,
                dimensions: Some((u32::MAX, 1)),
            }),
        };
        for rejection in [None, Some(plain), Some(pages), Some(pixels)] {
            assert_eq!(Columns::of(rejection).read().unwrap(), rejection);
        }
    }
}
