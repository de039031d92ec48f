//! The form of single values: texts, dates, telephone numbers, addresses.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use crate::fields::FieldCode;

/// Names and labels.
pub(crate) const MAX_LABEL: usize = 80;
/// Single lines.
pub(crate) const MAX_LINE: usize = 200;
/// Long texts.
pub(crate) const MAX_LONG_TEXT: usize = 3_000;
/// Entries of a list, where the field says nothing else.
pub(crate) const MAX_ITEMS: usize = 50;
/// Years of anything a person can have done.
pub(crate) const MAX_YEARS: u32 = 80;

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2100;

/// A name, label or line as it is kept: NFC, control characters as spaces, trimmed.
#[must_use]
pub fn clean_line(text: &str) -> String {
    let spaced: String = text
        .nfc()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    spaced.trim().to_owned()
}

/// A long text as it is kept: NFC; spaces and line breaks are the person's own.
#[must_use]
pub fn clean_text(text: &str) -> String {
    text.nfc().collect()
}

/// Cleans a text and holds it to its length; blank becomes absent.
pub(crate) fn text(value: &str, max: usize) -> Result<Option<String>, FieldCode> {
    if value.contains('\0') {
        return Err(FieldCode::InvalidCharacter);
    }
    let kept = if max == MAX_LONG_TEXT {
        clean_text(value)
    } else {
        clean_line(value)
    };
    if kept.chars().count() > max {
        return Err(FieldCode::TooLong);
    }
    Ok((!kept.trim().is_empty()).then_some(kept))
}

/// Strictly `YYYY-MM-DD`, a day of the calendar, in the years of a life.
pub(crate) fn date(value: &str) -> Result<NaiveDate, FieldCode> {
    let digits = |range: std::ops::Range<usize>| {
        value
            .get(range)
            .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|part| part.parse::<u32>().ok())
    };
    let separated =
        value.len() == 10 && value.get(4..5) == Some("-") && value.get(7..8) == Some("-");
    let (Some(year), Some(month), Some(day), true) =
        (digits(0..4), digits(5..7), digits(8..10), separated)
    else {
        return Err(FieldCode::InvalidDate);
    };
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or(FieldCode::InvalidDate)
        .and_then(|date| year_in_range(date.year()).map(|_| date))
}

/// A year of a life.
pub(crate) fn year_in_range(year: i32) -> Result<i32, FieldCode> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&year) {
        Ok(year)
    } else {
        Err(FieldCode::OutOfRange)
    }
}

/// E.164: a plus sign, then 7 to 15 digits, the first not zero.
pub(crate) fn phone(value: &str) -> Result<String, FieldCode> {
    let digits = value.strip_prefix('+').unwrap_or_default();
    let well_formed = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if well_formed {
        Ok(value.to_owned())
    } else {
        Err(FieldCode::InvalidPhone)
    }
}

/// An `http` or `https` address with a host and without credentials.
pub(crate) fn url(value: &str) -> Result<String, FieldCode> {
    if value.chars().count() > MAX_LINE {
        return Err(FieldCode::TooLong);
    }
    let lower = value.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))
        .ok_or(FieldCode::InvalidUrl)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let is_host = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let plain = !value
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || "<>\"\\^`{}|".contains(c));
    if plain && host.split('.').all(is_host) && port.parse::<u16>().is_ok() {
        Ok(value.to_owned())
    } else {
        Err(FieldCode::InvalidUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_strict() {
        for malformed in [
            "",
            "2020-1-05",
            "2020-02-30",
            "20200105",
            "2020-01-05T00:00:00Z",
            "05/01/2020",
            "+020-01-05",
            "２０２０-01-05",
            "2020-13-01",
            " 2020-01-05",
        ] {
            assert_eq!(date(malformed), Err(FieldCode::InvalidDate), "{malformed}");
        }
        assert_eq!(date("0001-01-01"), Err(FieldCode::OutOfRange));
        assert!(date("2024-02-29").is_ok());
    }

    #[test]
    fn phones_are_international() {
        assert!(phone("+2250707070707").is_ok());
        for malformed in [
            "0707070707",
            "+0225070707",
            "+225 07 07",
            "+22",
            "+1234567890123456",
            "",
        ] {
            assert_eq!(
                phone(malformed),
                Err(FieldCode::InvalidPhone),
                "{malformed}"
            );
        }
    }

    #[test]
    fn addresses_are_of_the_web() {
        for good in [
            "https://verify.example.org/abc?x=1#y",
            "http://example.ci:8080",
            "https://é.fr/",
        ] {
            assert!(url(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "example.org",
            "https://user@host/",
            "https://a..b/",
            "https://host:99999/",
            "https://a b/",
            "ftp://host/",
        ] {
            assert_eq!(url(bad), Err(FieldCode::InvalidUrl), "{bad}");
        }
    }

    #[test]
    fn texts_are_normalised_then_counted() {
        assert_eq!(
            text("  e\u{301}ric\u{7} ", MAX_LABEL),
            Ok(Some("éric".to_owned()))
        );
        assert_eq!(
            text(&"e\u{301}".repeat(80), MAX_LABEL),
            Ok(Some("é".repeat(80)))
        );
        assert_eq!(text(&"é".repeat(81), MAX_LABEL), Err(FieldCode::TooLong));
        assert_eq!(text("a\0b", MAX_LINE), Err(FieldCode::InvalidCharacter));
        assert_eq!(text(" \n ", MAX_LONG_TEXT), Ok(None));
        assert_eq!(text(" a\n", MAX_LONG_TEXT), Ok(Some(" a\n".to_owned())));
    }
}
