//! The form of single values: texts, dates, addresses.

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

/// A name, label or line as it is kept: NFC, control characters as spaces, invisible ones dropped,
/// trimmed.
///
/// Joiners and variation selectors stay behind a character that they shape: scripts other than
/// Latin are spelt with them, and pictures are composed by them.
#[must_use]
pub fn clean_line(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.nfc() {
        if c.is_control() {
            kept.push(' ');
        } else if !is_invisible(c) || (is_shaping(c) && kept.ends_with(can_be_shaped)) {
            kept.push(c);
        }
    }
    // What an invisible character kept apart may compose now.
    kept.nfc().collect::<String>().trim().to_owned()
}

/// The text without any character that takes no room: copies from web pages and phone books bring
/// them along.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).collect()
}

/// Whether nothing of the text is to be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Characters that Unicode calls default ignorable: zero-width ones, marks of direction, joiners,
/// soft hyphens, fillers, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn is_shaping(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

fn can_be_shaped(c: char) -> bool {
    let is_latin = c.is_ascii()
        || matches!(c, '\u{a0}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}');
    let is_selected = matches!(c, '\u{fe00}'..='\u{fe0f}');
    !is_latin && (is_selected || !is_invisible(c)) && !c.is_whitespace()
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
    Ok((!is_blank(&kept)).then_some(kept))
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
        assert_eq!(text("\u{200b}\n", MAX_LONG_TEXT), Ok(None));
        assert_eq!(text(" a\n", MAX_LONG_TEXT), Ok(Some(" a\n".to_owned())));
    }

    #[test]
    fn what_cannot_be_seen_is_dropped_from_a_line() {
        for (written, kept) in [
            ("\u{feff}Awa\u{200b} Koné\u{2060}", "Awa Koné"),
            ("\u{202a}Koné\u{202c}", "Koné"),
            ("Ko\u{ad}ne\u{200d}\u{301}", "Koné"),
            ("\u{200b} \u{200b}", ""),
            // A script that is spelt with joiners, and a picture that is composed by them.
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}💻 dev", "👩\u{200d}💻 dev"),
            ("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥"),
        ] {
            assert_eq!(clean_line(written), kept, "{written:?}");
        }
    }
}
