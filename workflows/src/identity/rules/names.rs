//! Names that somebody registers with. They may reach a mailbox whose owner never asked for it, so
//! nothing that reads like a link or a message is a name here.

use unicode_normalization::UnicodeNormalization;

use crate::fields::{FieldCode, clean_line};

/// Characters of a person's first or last name.
pub const MAX_PERSON_NAME: usize = 60;
/// Characters of a company's name.
pub const MAX_COMPANY_NAME: usize = 200;
/// Digits in a row that a company's name may have: a year, a street's number, not a telephone
/// number.
const MAX_DIGITS: usize = 6;

/// A person's first or last name as it is kept, or what is wrong with it.
pub fn person_name(text: &str) -> Result<String, FieldCode> {
    let name = measured(text, MAX_PERSON_NAME)?;
    if reads_like_link(&name) || folded(&name).any(char::is_numeric) {
        return Err(FieldCode::NotAName);
    }
    Ok(name)
}

/// A company's name as it is kept, or what is wrong with it.
pub fn company_name(text: &str) -> Result<String, FieldCode> {
    let name = measured(text, MAX_COMPANY_NAME)?;
    if reads_like_link(&name) || has_telephone_number(&name) {
        return Err(FieldCode::NotAName);
    }
    Ok(name)
}

fn measured(text: &str, longest: usize) -> Result<String, FieldCode> {
    if text.contains('\0') {
        return Err(FieldCode::InvalidCharacter);
    }
    let name = clean_line(text);
    match name.chars().count() {
        0 => Err(FieldCode::Required),
        length if length > longest => Err(FieldCode::TooLong),
        _ => Ok(name),
    }
}

/// The characters as they look: full-width ones and their like are the plain ones.
fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.nfkc().flat_map(char::to_lowercase).map(|c| match c {
        '\u{3002}' => '.',
        '\u{2044}' | '\u{2215}' => '/',
        other => other,
    })
}

/// `://`, `www.`, a slash, a mail address, a domain.
fn reads_like_link(name: &str) -> bool {
    let name: String = folded(name).collect();
    name.contains(['/', '\\', '@'])
        || name.contains("www.")
        || name.split_whitespace().any(has_domain)
}

/// Whether a dot joins something to two letters or more, as in `example.ci`; an initial or an
/// abbreviation has a space or another dot behind its own.
fn has_domain(word: &str) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    labels.windows(2).any(|pair| {
        let begins = pair[0]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric);
        let letters = pair[1].chars().take_while(|c| c.is_alphanumeric()).count();
        begins && letters >= 2
    })
}

/// Whether more digits than a year has follow each other, whatever stands between them but
/// letters.
fn has_telephone_number(name: &str) -> bool {
    let mut digits = 0;
    folded(name).any(|c| {
        if c.is_numeric() {
            digits += 1;
        } else if c.is_alphabetic() {
            digits = 0;
        }
        digits > MAX_DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_as_they_are_called() {
        for name in [
            "Awa",
            "N'Guessan",
            "Koné-Traoré",
            "Jean Paul Jr.",
            "J. R. R.",
            "J.R.R.",
            "St. John",
            "d’Almeida",
            "Ạlàkẹ́",
            "محمد",
            "Ouédraogo (Sawadogo)",
        ] {
            assert_eq!(person_name(name).as_deref(), Ok(name));
        }
        assert_eq!(person_name("\u{200b} Awa\u{feff} ").as_deref(), Ok("Awa"));
        assert!(person_name(&"é".repeat(MAX_PERSON_NAME)).is_ok());
    }

    #[test]
    fn a_link_or_a_message_is_no_name() {
        for name in [
            "http://evil.example",
            "evil://x",
            "www.evil",
            "WWW.evil",
            "evil.com",
            "EVIL.COM",
            "Visitez evil.com!",
            "t.me",
            "ｅｖｉｌ．ｃｏｍ",
            "evil。com",
            "ev\u{200b}il.c\u{ad}om",
            "a/b",
            "a⁄b",
            "awa@example.ci",
            "Awa 2",
            "Appelez le ٠٧",
            "①",
        ] {
            assert_eq!(person_name(name), Err(FieldCode::NotAName), "{name}");
        }
        assert_eq!(person_name(" \u{200b}"), Err(FieldCode::Required));
        assert_eq!(person_name("a\0"), Err(FieldCode::InvalidCharacter));
        let long = "é".repeat(MAX_PERSON_NAME + 1);
        assert_eq!(person_name(&long), Err(FieldCode::TooLong));
    }

    #[test]
    fn a_company_has_numbers_in_its_name_and_no_telephone_number() {
        for name in [
            "3M",
            "Groupe 2000",
            "S.A. Sahel & Fils",
            "1-2-3 Services",
            "Agence n° 12, rue 7",
        ] {
            assert_eq!(company_name(name).as_deref(), Ok(name));
        }
        for name in [
            "Gagnez sur evil.com",
            "https://evil",
            "Appelez le 07 08 09 10 11",
            "Rappel 0-7.0 8:0 9 1",
            "Sahel SA / Filiale",
        ] {
            assert_eq!(company_name(name), Err(FieldCode::NotAName), "{name}");
        }
    }
}
