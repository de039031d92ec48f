//! Telephone numbers: enough digits with nothing but the usual separators between them.

use std::ops::Range;

/// The shortest national numbers of the market have seven digits.
const MIN_DIGITS: usize = 7;
/// More separators in a row than people put between two groups.
const MAX_GAP: usize = 4;

/// Where digits of any script stand together like a telephone number.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut run = Run::default();
    for (at, c) in text.char_indices() {
        if c.is_numeric() {
            run.digit(at, at + c.len_utf8(), c);
        } else if !(is_separator(c) && run.gap()) {
            spans.extend(run.close());
        }
    }
    spans.extend(run.close());
    spans
        .into_iter()
        .map(|span| with_prefix(text, span))
        .collect()
}

/// The plus sign and the brackets around a number belong to it.
fn with_prefix(text: &str, span: Range<usize>) -> Range<usize> {
    let head = &text[..span.start];
    let opened = head.strip_suffix('(');
    let closed = opened.is_some() && text[span.end..].starts_with(')');
    let head = opened.unwrap_or(head);
    head.strip_suffix('+').unwrap_or(head).len()..span.end + usize::from(closed)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || "+().-/_·•*|[]‐‑‒–—―−".contains(c)
}

/// Digits seen so far that may belong together.
#[derive(Debug, Default)]
struct Run {
    span: Range<usize>,
    groups: Vec<String>,
    in_gap: usize,
}

impl Run {
    fn digit(&mut self, start: usize, end: usize, c: char) {
        if self.groups.is_empty() {
            self.span.start = start;
        }
        match self.groups.last_mut().filter(|_| self.in_gap == 0) {
            Some(group) => group.push(c),
            None => self.groups.push(c.to_string()),
        }
        self.span.end = end;
        self.in_gap = 0;
    }

    /// Counts a separator; false once there are too many.
    fn gap(&mut self) -> bool {
        self.in_gap += 1;
        self.in_gap <= MAX_GAP
    }

    fn close(&mut self) -> Option<Range<usize>> {
        let run = std::mem::take(self);
        let digits: usize = run.groups.iter().map(|group| group.chars().count()).sum();
        (digits >= MIN_DIGITS && !is_range_of_years(&run.groups)).then_some(run.span)
    }
}

/// "2015 - 2020" has eight digits and calls nobody.
fn is_range_of_years(groups: &[String]) -> bool {
    let is_year =
        |group: &String| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    groups.len() == 2 && groups.iter().all(is_year)
}
