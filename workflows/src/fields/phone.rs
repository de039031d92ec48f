//! Telephone numbers as people write them, kept in E.164 form.

use phonenumber::Mode;
use phonenumber::metadata::DATABASE;

use super::FieldCode;
use super::formats::visible;

/// Digits of a number with its country code; E.164 allows no more.
const LENGTHS: std::ops::RangeInclusive<usize> = 7..=15;

/// A number in international form, with or without blanks, brackets and other marks between its
/// digits, in E.164 form. A trunk prefix that some countries put before the number, as in
/// `+33 (0)6 …`, is left out where the country's own numbers do not begin with it.
pub(crate) fn phone(value: &str) -> Result<String, FieldCode> {
    let written = international(value).ok_or(FieldCode::InvalidPhone)?;
    let read = phonenumber::parse(None, &written).map_err(|_| FieldCode::InvalidPhone)?;
    // What is a number of its country as it stands is not touched: a zero is a digit like another
    // in Côte d'Ivoire and in Italy.
    let code = read.country().code();
    let prefix = format!("+{code}");
    let national = written.strip_prefix(&prefix).unwrap_or_default();
    if is_national(code, national) {
        return Ok(written);
    }
    let shorter = read.format().mode(Mode::E164).to_string();
    let is_shorter = shorter
        .strip_prefix(&prefix)
        .is_some_and(|rest| national.ends_with(rest));
    Ok(if is_shorter && read.is_valid() {
        shorter
    } else {
        written
    })
}

/// Whether numbers of a country that has this code begin so.
fn is_national(code: u16, national: &str) -> bool {
    let countries = DATABASE.by_code(&code).unwrap_or_default();
    countries
        .iter()
        .any(|country| country.descriptors().general().is_match(national))
}

/// Whether the number, in E.164 form, is one that its country's plan has: plans change, and a
/// number noted years ago may lack a digit today.
pub(crate) fn is_dialled(number: &str) -> bool {
    phonenumber::parse(None, number).is_ok_and(|number| number.is_valid())
}

/// Reads the numbering plans, so that the first number to be checked does not wait for it.
pub fn warm_up() {
    let _ = is_dialled("+2250700000000");
}

/// A plus sign and digits, if nothing else but marks stood among them.
fn international(value: &str) -> Option<String> {
    let value = visible(value);
    let mut written = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '0'..='9' => written.push(c),
            '+' if written.is_empty() => written.push(c),
            _ if is_mark(c) => {}
            _ => return None,
        }
    }
    let number = written.strip_prefix('+').unwrap_or(&written);
    let number = match number.strip_prefix("00") {
        Some(rest) => rest,
        None if written.starts_with('+') => number,
        None => return None,
    };
    LENGTHS
        .contains(&number.len())
        .then(|| format!("+{number}"))
}

/// What people put between digits.
fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_taken_as_people_and_phone_books_write_it() {
        for (written, kept) in [
            ("+2250708091011", "+2250708091011"),
            ("+225 07 08 09 10 11", "+2250708091011"),
            (" +225\u{a0}07\u{202f}08 09 10 11 ", "+2250708091011"),
            ("(+225) 07.08.09.10.11", "+2250708091011"),
            ("+225 07/08/09/10/11", "+2250708091011"),
            ("00225 07 08 09 10 11", "+2250708091011"),
            ("+00225 0708091011", "+2250708091011"),
            ("\u{202a}+225 07 08 09 10 11\u{202c}", "+2250708091011"),
            ("\u{200e}+221\u{2011}77\u{2013}123 45 67", "+221771234567"),
            ("+33 (0)6 12 34 56 78", "+33612345678"),
            ("+33 06 12 34 56 78", "+33612345678"),
            ("+44 (0) 20 7946 0958", "+442079460958"),
            // A zero that belongs to the number.
            ("+39 (0)6 1234 5678", "+390612345678"),
            ("+225 (0)7 08 09 10 11", "+2250708091011"),
            ("+229 01 97 12 34 56", "+2290197123456"),
            // Kept, and told of.
            ("+225 07 07 07 07", "+22507070707"),
            ("+229 97 12 34 56", "+22997123456"),
        ] {
            assert_eq!(phone(written).as_deref(), Ok(kept), "{written:?}");
        }
    }

    #[test]
    fn what_is_no_international_number_is_refused() {
        for malformed in [
            "0707070707",
            "0225070707",
            "+0225070707",
            "+22",
            "+225 07",
            "+1234567890123456",
            "+225 0708091011 / 0506070809",
            "+225 07 08 09 10 11 (soir)",
            "+225+0708091011",
            "+800",
            "+999 12 34 56 78",
            "",
        ] {
            assert_eq!(
                phone(malformed),
                Err(FieldCode::InvalidPhone),
                "{malformed:?}"
            );
        }
    }

    #[test]
    fn a_number_of_an_older_plan_is_not_dialled() {
        for number in ["+22507070707", "+22997123456", "+22177123456", "+33123"] {
            assert!(!is_dialled(number), "{number}");
        }
        for number in [
            "+2250708091011",
            "+2290197123456",
            "+221771234567",
            "+22370123456",
        ] {
            assert!(is_dialled(number), "{number}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_was_kept_is_kept_again(number in "\\+[1-9][0-9]{6,14}") {
            if let Ok(kept) = phone(&number) {
                prop_assert_eq!(phone(&kept), Ok(kept));
            }
        }

        #[test]
        fn any_text_is_a_number_or_refused(text in "[+0-9 ()\\PC]{0,24}") {
            let _ = phone(&text);
        }
    }
}
