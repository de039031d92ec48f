//! Telephone numbers: enough digits with nothing but separators between them, whatever these are
//! and however the digits are written.

use std::ops::Range;

use super::calendar::{self, Group};
use super::figures::{Kind, Unit, units};
use super::{number_words, standards};
use crate::search::redaction::fold::Look;

/// The shortest national numbers of the market have seven digits.
pub(in crate::search::redaction) const MIN_DIGITS: usize = 7;
/// Digits with single letters between them are a number from so many on, in so many groups.
const MIN_LETTERED_DIGITS: usize = 8;
const MIN_LETTERED_GROUPS: usize = 3;
/// Or as many as any number has, in so many groups.
const MANY_GROUPS: usize = 5;
/// The part of a person's own number that is looked for across words.
const OWN_DIGITS: usize = 8;

/// Where digits of any script, letters that look like digits and number words stand together like
/// a telephone number, or the person's own numbers are spread over a text.
pub(super) fn find(look: &Look, own: &[String]) -> Vec<Range<usize>> {
    let mut units = units(look);
    standards::settle(&look.text, &mut units);
    let mut spans = runs(&look.text, &units, breaks_number, is_number);
    spans.extend(runs(&look.text, &units, breaks_lettered, is_lettered));
    let mut spans: Vec<_> = spans
        .into_iter()
        .map(|span| with_prefix(&look.text, span))
        .collect();
    spans.extend(spread(&units, own));
    spans
}

/// Whether a text is nothing but figures; their digits if so.
pub(in crate::search::redaction) fn figures_only(look: &Look) -> Option<usize> {
    let units = units(look);
    let only = units.iter().all(|unit| {
        matches!(
            unit.kind,
            Kind::Group(_) | Kind::Spoken(_) | Kind::Times(_) | Kind::Link
        )
    });
    let digits = digits(&units).len();
    let groups = groups(&look.text, &units);
    let is_calendar = !groups.is_empty() && calendar::is_calendar(&groups);
    (only && digits > 0 && !is_calendar).then_some(digits)
}

/// Parts of the units that nothing breaks and that the test takes for a number, from their first
/// figure to their last.
fn runs(
    text: &str,
    units: &[Unit],
    breaks: impl Fn(&Unit) -> bool,
    test: impl Fn(&str, &[Unit]) -> bool,
) -> Vec<Range<usize>> {
    units
        .split(|unit| breaks(unit))
        .filter_map(|run| {
            let first = run.iter().position(is_figure)?;
            let last = run.iter().rposition(is_figure)?;
            let run = &run[first..=last];
            test(text, run).then(|| run[0].span.start..run[run.len() - 1].span.end)
        })
        .collect()
}

fn is_figure(unit: &Unit) -> bool {
    matches!(
        unit.kind,
        Kind::Group(_) | Kind::Code(_) | Kind::Spoken(_) | Kind::Times(_)
    )
}

fn breaks_number(unit: &Unit) -> bool {
    matches!(
        unit.kind,
        Kind::Word | Kind::Letter | Kind::Code(_) | Kind::Known | Kind::Alike(_)
    )
}

fn breaks_lettered(unit: &Unit) -> bool {
    matches!(unit.kind, Kind::Word | Kind::Known)
}

fn is_number(text: &str, run: &[Unit]) -> bool {
    if digits(run).len() < MIN_DIGITS {
        return false;
    }
    let is_spoken = run
        .iter()
        .any(|unit| matches!(unit.kind, Kind::Spoken(_) | Kind::Times(_)));
    is_spoken || !calendar::is_calendar(&groups(text, run))
}

/// "07x08x09x10": the letters, two at least, are no words; years among them do not count.
fn is_lettered(text: &str, run: &[Unit]) -> bool {
    let letters = run
        .iter()
        .filter(|unit| matches!(unit.kind, Kind::Letter | Kind::Code(_)));
    if letters.count() < 2 {
        return false;
    }
    let is_year = |unit: &Unit| {
        let digits = &text[unit.span.clone()];
        calendar::as_year(&Group { digits, before: "" }).is_some()
    };
    let counted: Vec<Unit> = run
        .iter()
        .filter(|unit| is_figure(unit) && !is_year(unit))
        .cloned()
        .collect();
    let (groups, digits) = (counted.len(), digits(&counted).len());
    groups >= MIN_LETTERED_GROUPS && digits >= MIN_LETTERED_DIGITS
        || groups >= MANY_GROUPS && digits >= MIN_DIGITS
}

/// The digits that units say one after the other.
fn digits(units: &[Unit]) -> String {
    let mut said = String::new();
    let mut values: Vec<u32> = Vec::new();
    let mut times = 1;
    for unit in units {
        match &unit.kind {
            Kind::Spoken(spoken) if times == 1 => values.extend(spoken),
            Kind::Spoken(spoken) => {
                said.push_str(&number_words::digits(&std::mem::take(&mut values)));
                said.push_str(&number_words::digits(spoken).repeat(times));
                times = 1;
            }
            Kind::Group(digits) | Kind::Code(digits) => {
                said.push_str(&number_words::digits(&std::mem::take(&mut values)));
                said.push_str(&digits.repeat(times));
                times = 1;
            }
            Kind::Times(more) => times = *more,
            _ => {}
        }
    }
    said.push_str(&number_words::digits(&values));
    said
}

fn groups<'a>(text: &'a str, run: &'a [Unit]) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    let mut end = run.first().map_or(0, |unit| unit.span.start);
    for unit in run {
        if let Kind::Group(digits) = &unit.kind {
            groups.push(Group {
                digits,
                before: &text[end..unit.span.start],
            });
            end = unit.span.end;
        }
    }
    groups
}

/// The figures, whatever words stand between them, that together are one of the person's own
/// numbers.
fn spread(units: &[Unit], own: &[String]) -> Vec<Range<usize>> {
    let mut stream = String::new();
    let mut sources = Vec::new();
    for unit in units.iter().filter(|unit| is_figure(unit)) {
        stream.push_str(&digits(std::slice::from_ref(unit)));
        sources.resize(stream.len(), unit.span.clone());
    }
    let mut spans = Vec::new();
    for number in own.iter().filter(|number| number.len() >= MIN_DIGITS) {
        let (head, tail) = number.split_at(number.len().saturating_sub(OWN_DIGITS));
        let places = 0..stream.len().saturating_sub(tail.len() - 1);
        for at in places.filter(|at| stream[*at..].starts_with(tail)) {
            let more = alike_from_behind(&stream[..at], head);
            spans.extend(sources[at - more..at + tail.len()].iter().cloned());
        }
    }
    spans.dedup();
    spans
}

/// How many characters two texts have in common at their ends.
fn alike_from_behind(one: &str, other: &str) -> usize {
    one.bytes()
        .rev()
        .zip(other.bytes().rev())
        .take_while(|(one, other)| one == other)
        .count()
}

/// The plus sign and the brackets around a number belong to it.
fn with_prefix(text: &str, span: Range<usize>) -> Range<usize> {
    let head = &text[..span.start];
    let opened = head.strip_suffix('(');
    let closed = opened.is_some() && text[span.end..].starts_with(')');
    let head = opened.unwrap_or(head);
    head.strip_suffix('+').unwrap_or(head).len()..span.end + usize::from(closed)
}
