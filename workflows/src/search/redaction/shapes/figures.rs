//! A text as figures and what stands between them.

use std::ops::Range;

use super::number_words;
use crate::search::redaction::fold::Look;

/// What a part of a text is to who looks for a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits, or letters that stand for some.
    Group(String),
    /// Few digits right behind letters: a code such as C03 or v4.
    Code(String),
    /// Number words.
    Spoken(Vec<u32>),
    /// "Double" or "triple".
    Times(usize),
    /// Letters that look like digits and may be some: "O", "ll".
    Alike(String),
    /// One letter.
    Letter,
    /// What people say between the groups of a number.
    Link,
    /// Any other word.
    Word,
    /// Digits that are known to be no contact.
    Known,
}

/// A part of a look, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// Digits behind letters are a code up to this many.
const LONGEST_CODE: usize = 3;
/// Letters between digits are no word up to this many.
const LONGEST_JOINT: usize = 3;
/// A name that looks like digits.
const NAME: &str = "O365";

/// The units of a look, in order.
pub(super) fn units(look: &Look) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut chunk: Option<usize> = None;
    for (at, c) in look.text.char_indices() {
        if c.is_alphanumeric() {
            chunk.get_or_insert(at);
        } else if let Some(start) = chunk.take() {
            read_chunk(&look.text, start..at, &mut units);
        }
    }
    if let Some(start) = chunk {
        read_chunk(&look.text, start..look.text.len(), &mut units);
    }
    settle_alike(&mut units);
    units
}

/// A run of letters and digits.
fn read_chunk(text: &str, span: Range<usize>, units: &mut Vec<Unit>) {
    let chunk = &text[span.clone()];
    if let Some(digits) = as_digits(chunk) {
        let has_digit = chunk.contains(char::is_numeric);
        let kind = match has_digit {
            true if chunk.eq_ignore_ascii_case(NAME) => Kind::Word,
            true => Kind::Group(digits),
            false => Kind::Alike(digits),
        };
        units.push(Unit { kind, span });
        return;
    }
    let mut start = span.start;
    let mut is_glued = false;
    while start < span.end {
        let rest = &text[start..span.end];
        let is_digit = rest.starts_with(char::is_numeric);
        let length = rest
            .find(|c: char| c.is_numeric() != is_digit)
            .unwrap_or(rest.len());
        let part = &rest[..length];
        let is_between = start > span.start && start + length < span.end;
        let kind = match is_digit {
            false if is_between && length <= LONGEST_JOINT => joint(&part.to_lowercase()),
            false => word(&part.to_lowercase()),
            true if is_glued && length <= LONGEST_CODE => Kind::Code(part.to_owned()),
            true => Kind::Group(part.to_owned()),
        };
        is_glued = matches!(kind, Kind::Word | Kind::Letter);
        units.push(Unit {
            kind,
            span: start..start + length,
        });
        start += length;
    }
}

/// Few letters with digits right before and behind, such as the x of "07x08".
fn joint(letters: &str) -> Kind {
    match word(letters) {
        Kind::Word => Kind::Letter,
        kind => kind,
    }
}

fn word(word: &str) -> Kind {
    if let Some(value) = number_words::value(word) {
        Kind::Spoken(vec![value])
    } else if let Some(values) = number_words::joined(word) {
        Kind::Spoken(values)
    } else if let Some(times) = number_words::times(word) {
        Kind::Times(times)
    } else if number_words::is_link(word) {
        Kind::Link
    } else if word.chars().count() == 1 {
        // A letter of another alphabet is a mark like any other.
        if word.is_ascii() {
            Kind::Letter
        } else {
            Kind::Link
        }
    } else {
        Kind::Word
    }
}

/// The digits of a chunk in which every letter looks like one.
fn as_digits(chunk: &str) -> Option<String> {
    chunk
        .chars()
        .map(|c| match c {
            'O' | 'o' => Some('0'),
            'l' | 'I' => Some('1'),
            _ => Some(c).filter(char::is_ascii_digit),
        })
        .collect()
}

/// Letters alone are digits where digits stand beside them; a capital I, which is also a Roman
/// number and a word, only between two groups.
fn settle_alike(units: &mut [Unit]) {
    let is_figure = |unit: Option<&Unit>| {
        unit.is_some_and(|unit| matches!(unit.kind, Kind::Group(_) | Kind::Spoken(_)))
    };
    for at in 0..units.len() {
        let Kind::Alike(digits) = units[at].kind.clone() else {
            continue;
        };
        let before = is_figure(at.checked_sub(1).and_then(|before| units.get(before)));
        let after = is_figure(units.get(at + 1));
        // Zeros or small l are no Roman number: their spelling is lost, their digits are not.
        let is_roman = !digits.contains('0');
        let is_digits = if is_roman {
            before && (after || digits.len() > 1)
        } else {
            before || after
        };
        units[at].kind = match is_digits {
            true => Kind::Group(digits),
            false if digits.len() == 1 => Kind::Letter,
            false => Kind::Word,
        };
    }
}
