//! Numbers of standards, which are no contacts however many digits they have.

use super::figures::{Kind, Unit};

/// Who numbers standards.
const BODIES: [&str; 18] = [
    "iso", "iec", "cei", "en", "nf", "bs", "din", "ansi", "astm", "ieee", "rfc", "itu", "ohsas",
    "une", "cen", "nfc", "cispr", "sae",
];

/// Standards that people list after the first one: "ISO 9001, 14001 et 45001".
const LISTED: [&str; 22] = [
    "9001", "14001", "45001", "18001", "27001", "27002", "27005", "27701", "22000", "22301",
    "50001", "31000", "20000", "17025", "17020", "13485", "26000", "37001", "21001", "15189",
    "19011", "21500",
];

/// Control units of one maker: "S7-1200/1500".
const CONTROLLERS: [&str; 5] = ["200", "300", "400", "1200", "1500"];

/// Marks the digits of standards as known, with their parts and years.
pub(super) fn settle(text: &str, units: &mut [Unit]) {
    let mut at = 0;
    while at < units.len() {
        let name = text[units[at].span.clone()].to_lowercase();
        at += 1;
        if units[at - 1].kind == Kind::Word && BODIES.contains(&name.as_str()) {
            if is_number(units.get(at)) && matches!(gap(text, units, at), "" | " " | "-" | " n°") {
                at = settle_standard(text, units, at);
                at = settle_list(text, units, at, &LISTED);
            }
        } else if name == "s"
            && matches!(units.get(at).map(|unit| &unit.kind), Some(Kind::Code(code)) if code == "7")
        {
            at = settle_list(text, units, at + 1, &CONTROLLERS);
        }
    }
}

/// The number, its part after a hyphen, its year; none of them when more digits follow as in a
/// telephone number.
fn settle_standard(text: &str, units: &mut [Unit], from: usize) -> usize {
    let mut at = from + 1;
    let part = |unit: &Unit| matches!(&unit.kind, Kind::Group(digits) if digits.len() <= 3);
    if units.get(at).is_some_and(part) && gap(text, units, at) == "-" {
        at += 1;
    }
    if is_year(units.get(at)) && gap(text, units, at).chars().count() <= 3 {
        at += 1;
    }
    let goes_on = units.get(at).is_some_and(|unit| {
        matches!(unit.kind, Kind::Group(_) | Kind::Spoken(_))
            && !gap(text, units, at).contains([',', ';', '/', '&', '+', '|', '·', '–', '\n'])
    });
    if !goes_on {
        for unit in &mut units[from..at] {
            unit.kind = Kind::Known;
        }
    }
    at
}

fn settle_list(text: &str, units: &mut [Unit], mut at: usize, listed: &[&str]) -> usize {
    loop {
        let next = at + usize::from(units.get(at).is_some_and(|unit| unit.kind == Kind::Link));
        let is_listed = units.get(next).is_some_and(
            |unit| matches!(&unit.kind, Kind::Group(digits) if listed.contains(&digits.as_str())),
        );
        if !is_listed {
            return at;
        }
        at = settle_standard(text, units, next);
    }
}

/// Three to five digits that begin with no zero.
fn is_number(unit: Option<&Unit>) -> bool {
    unit.is_some_and(|unit| match &unit.kind {
        Kind::Group(digits) => (3..=5).contains(&digits.len()) && !digits.starts_with('0'),
        _ => false,
    })
}

fn is_year(unit: Option<&Unit>) -> bool {
    unit.is_some_and(|unit| match &unit.kind {
        Kind::Group(digits) => {
            digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
        }
        _ => false,
    })
}

/// What stands before a unit.
fn gap<'a>(text: &'a str, units: &[Unit], at: usize) -> &'a str {
    let from = at.checked_sub(1).map_or(0, |before| units[before].span.end);
    units
        .get(at)
        .map_or("", |unit| &text[from..unit.span.start])
}
