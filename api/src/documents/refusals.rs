//! Uploads that are refused, in the words of their code: at `/file`, with the file's name where it is
//! known, the figures and what to do next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use workflows::documents::rules::{MOST_BYTES_A_DAY, MOST_KEPT, MOST_SCANNING, UploadLimit};

use super::pace::PaceSettings;
use crate::gateway::codes::{Code, common, documents as codes};
use crate::gateway::problem::{ApiError, FieldError};

/// Where the refused thing is in the form.
const FILE: &str = "/file";
/// After which a check that is going on may have ended.
const SOON: Duration = Duration::from_secs(5);
const MEBIBYTE: u64 = 1024 * 1024;

/// What a refusal names.
#[derive(Debug, Default)]
struct Figures(Map<String, Value>);

impl Figures {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// An answer of that code whose only error is another, or the same, at `/file`.
    fn refuse(self, answer: Code, reason: Code) -> ApiError {
        let mut error = ApiError::new(answer);
        let mut field = FieldError::new(FILE, reason);
        for (name, value) in self.0 {
            field = field.with(&name, value.clone());
            error = error.with(&name, value);
        }
        error.with_fields([field])
    }
}

fn of_file(file_name: &str) -> Figures {
    Figures::default().with("file_name", file_name)
}

/// A type that is not taken, by what is declared or by the first bytes.
pub(super) fn unsupported(file_name: &str) -> ApiError {
    of_file(file_name).refuse(common::UNSUPPORTED_MEDIA_TYPE, codes::UNSUPPORTED_FILE)
}

/// A photograph of an iPhone.
pub(super) fn heic(file_name: &str) -> ApiError {
    of_file(file_name).refuse(common::UNSUPPORTED_MEDIA_TYPE, codes::HEIC_PHOTOGRAPH)
}

/// A file without a byte.
pub(super) fn empty(file_name: &str) -> ApiError {
    of_file(file_name).refuse(common::INVALID, codes::EMPTY_FILE)
}

/// A file of more than `limit` bytes.
pub(super) fn too_large(file_name: &str, limit: u64) -> ApiError {
    of_file(file_name)
        .with("limit", limit)
        .with("limit_mb", mebibytes(limit))
        .refuse(common::TOO_LARGE, codes::FILE_TOO_LARGE)
}

/// A profile that may send no more now.
pub(super) fn limited(limit: UploadLimit, file_name: Option<&str>, now: DateTime<Utc>) -> ApiError {
    let mut figures = file_name.map(of_file).unwrap_or_default();
    match limit {
        UploadLimit::TooManyScanning => {
            figures = figures.with("limit", MOST_SCANNING);
            let code = codes::TOO_MANY_SCANNING;
            figures.refuse(code, code).retry_after(SOON)
        }
        UploadLimit::TooManyDocuments => {
            figures = figures.with("limit", MOST_KEPT);
            let code = codes::TOO_MANY_DOCUMENTS;
            figures.refuse(code, code)
        }
        UploadLimit::DailyVolumeReached { sent, until } => {
            figures = figures
                .with("limit_mb", mebibytes(MOST_BYTES_A_DAY))
                .with("sent_mb", mebibytes(sent));
            let code = codes::DAILY_VOLUME_REACHED;
            let wait = (until - now).to_std().unwrap_or(SOON);
            figures.refuse(code, code).retry_after(wait)
        }
    }
}

/// An account with as many uploads on their way as it may have.
pub(super) fn too_many_at_once(limit: usize) -> ApiError {
    let code = codes::TOO_MANY_UPLOADS;
    Figures::default()
        .with("limit", limit)
        .refuse(code, code)
        .retry_after(SOON)
}

/// No room for more files that arrive.
pub(super) fn full() -> ApiError {
    let code = codes::UPLOADS_FULL;
    Figures::default().refuse(code, code).retry_after(SOON)
}

/// A client that sends less than the least.
pub(super) fn too_slow(pace: &PaceSettings, size: u64) -> ApiError {
    let code = codes::UPLOAD_TOO_SLOW;
    let minutes = pace.longest(size).as_secs().div_ceil(60);
    Figures::default()
        .with("minimum_kib", pace.bytes_per_second.div_ceil(1024))
        .with("minutes", minutes)
        .refuse(code, code)
}

/// Whole, or with one decimal.
fn mebibytes(bytes: u64) -> Value {
    let tenths = bytes.saturating_mul(10) / MEBIBYTE;
    if tenths.is_multiple_of(10) {
        (tenths / 10).into()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn megabytes_are_said_as_people_say_them() {
        assert_eq!(mebibytes(10 * MEBIBYTE), 10);
        assert_eq!(mebibytes(MEBIBYTE * 3 / 2), "1.5");
        assert_eq!(mebibytes(0), 0);
    }

    #[test]
    fn every_refusal_is_at_the_file() {
        let now = "2026-11-24T23:00:00Z".parse().unwrap();
        let until = "2026-11-25T00:00:00Z".parse().unwrap();
        for error in [
            unsupported("a"),
            heic("a"),
            empty("a"),
            too_large("a", 1),
            limited(UploadLimit::TooManyScanning, None, now),
            limited(UploadLimit::TooManyDocuments, Some("a"), now),
            limited(
                UploadLimit::DailyVolumeReached { sent: 1, until },
                None,
                now,
            ),
            too_many_at_once(3),
            full(),
        ] {
            assert_eq!(error.fields().len(), 1);
            for locale in [
                workflows::identity::rules::Locale::French,
                workflows::identity::rules::Locale::English,
            ] {
                let shown = error.fields()[0].shown(locale);
                assert_eq!(shown.pointer, "/file");
                assert!(!shown.message.contains('{'), "{}", shown.message);
            }
        }
    }
}
