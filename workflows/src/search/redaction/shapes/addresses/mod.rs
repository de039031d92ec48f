//! Mail and web addresses: the text as words, dots and at-signs, whatever these are written as.

mod names;
mod symbols;

use std::ops::Range;

use crate::reference;
use names::{AT, COMMA_TOP_LEVEL, TELLING_TOP_LEVEL, TOOLS, TOP_LEVEL};
use symbols::{Kind, Sure, Symbol, symbols};

pub(super) use names::MAIL_HOUSES;

/// Where a text has a mail address, a handle or a web address.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let symbols = symbols(text);
    let mut spans = Vec::new();
    for index in 0..symbols.len() {
        let found = match &symbols[index].kind {
            Kind::At(sure) => mail(&symbols, index, *sure),
            Kind::Word(word) if is_written_as_one(word) => Some(index..index + 1),
            Kind::Word(word) if is_mail_house(word) && has_bare_end(&symbols, index) => {
                Some(labels_before(&symbols, index)..skip_space(&symbols, index + 1) + 1)
            }
            Kind::Word(word) => {
                scheme(&symbols, index, word).or_else(|| domain(text, &symbols, index))
            }
            _ => None,
        };
        spans.extend(
            found.map(|range| symbols[range.start].span.start..symbols[range.end - 1].span.end),
        );
    }
    spans
}

/// `gmaildotcom`, `name_at_house_dot_com`.
fn is_written_as_one(word: &str) -> bool {
    let letters: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    let ends = || {
        COMMA_TOP_LEVEL
            .iter()
            .flat_map(|top| ["dot", "point"].map(|dot| format!("{dot}{top}")))
    };
    let named = ends().any(|end| letters.len() > end.len() + 2 && letters.ends_with(&end));
    let housed = MAIL_HOUSES.iter().any(|house| {
        COMMA_TOP_LEVEL
            .iter()
            .any(|top| letters.ends_with(&format!("{house}{top}")))
    });
    let has_at = AT
        .iter()
        .any(|at| letters.len() > at.len() + 2 && letters.contains(at));
    named || housed || has_at
}

fn word(symbols: &[Symbol], index: usize) -> Option<&str> {
    match &symbols.get(index)?.kind {
        Kind::Word(word) => Some(word),
        _ => None,
    }
}

fn is(symbols: &[Symbol], index: usize, expected: impl Fn(&Kind) -> bool) -> bool {
    symbols
        .get(index)
        .is_some_and(|symbol| expected(&symbol.kind))
}

fn skip_space(symbols: &[Symbol], index: usize) -> usize {
    index + usize::from(is(symbols, index, |kind| *kind == Kind::Space))
}

fn is_dot(kind: &Kind) -> bool {
    matches!(kind, Kind::Dot { .. })
}

/// The place after "word (dot word)*", spaces allowed around the dots.
fn labels_after(symbols: &[Symbol], from: usize) -> Option<(usize, usize)> {
    word(symbols, from)?;
    let (mut end, mut count) = (from + 1, 1);
    loop {
        let dot = skip_space(symbols, end);
        let next = skip_space(symbols, dot + 1);
        if !is(symbols, dot, is_dot) || word(symbols, next).is_none() {
            return Some((end, count));
        }
        (end, count) = (next + 1, count + 1);
    }
}

/// The start of "(word dot)* word" that ends before that place.
fn labels_before(symbols: &[Symbol], end: usize) -> usize {
    let back = |index: usize| {
        index - usize::from(index > 0 && is(symbols, index - 1, |kind| *kind == Kind::Space))
    };
    let mut from = back(end);
    if from == 0 || word(symbols, from - 1).is_none() {
        return end;
    }
    from -= 1;
    loop {
        let dot = back(from);
        if dot == 0 || !is(symbols, dot - 1, is_dot) {
            return from;
        }
        let previous = back(dot - 1);
        if previous == 0 || word(symbols, previous - 1).is_none() {
            return from;
        }
        from = previous - 1;
    }
}

/// A mail address around an at-sign, or a handle after one.
fn mail(symbols: &[Symbol], at: usize, sure: Sure) -> Option<Range<usize>> {
    let right = skip_space(symbols, at + 1);
    let (end, count) = labels_after(symbols, right)?;
    let left = labels_before(symbols, at);
    let is_house = word(symbols, right).is_some_and(is_mail_house);
    let is_dotted =
        || count > 1 && word(symbols, end - 1).is_some_and(|top| TELLING_TOP_LEVEL.contains(&top));
    let found = match sure {
        Sure::Sign => right == at + 1 || is_house || count > 1,
        Sure::Disguise => is_house || left < at,
        Sure::Word => is_house || is_dotted(),
        Sure::Preposition => {
            let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
            is_house && (count > 1 || word(symbols, left).is_some_and(has_digit))
        }
    };
    found.then_some(left..end)
}

/// "name gmail com": a house with its end, without the signs.
fn has_bare_end(symbols: &[Symbol], house: usize) -> bool {
    let end = skip_space(symbols, house + 1);
    end > house + 1 && word(symbols, end).is_some_and(|word| COMMA_TOP_LEVEL.contains(&word))
}

fn is_mail_house(word: &str) -> bool {
    MAIL_HOUSES.contains(&word.replace(['-', '_'], "").as_str())
}

/// "https://…" and "www.…", up to the next space.
fn scheme(symbols: &[Symbol], at: usize, text: &str) -> Option<Range<usize>> {
    let is_slash = |kind: &Kind| *kind == Kind::Other('/');
    let schemed = is(symbols, at + 1, |kind| *kind == Kind::Other(':'))
        && is(symbols, at + 2, is_slash)
        && is(symbols, at + 3, is_slash);
    let www = text == "www" && is(symbols, skip_space(symbols, at + 1), is_dot);
    let end = if www {
        labels_after(symbols, at).map_or(at + 1, |(end, _)| end)
    } else {
        at + 1
    };
    (schemed || www).then(|| at..until_space(symbols, end))
}

fn until_space(symbols: &[Symbol], from: usize) -> usize {
    let gap = symbols[from..]
        .iter()
        .position(|symbol| symbol.kind == Kind::Space);
    gap.map_or(symbols.len(), |gap| from + gap)
}

/// "site.example.com/path"; taken apart only with an end that gives it away.
fn domain(text: &str, symbols: &[Symbol], first: usize) -> Option<Range<usize>> {
    let dot = skip_space(symbols, first + 1);
    let last = skip_space(symbols, dot + 1);
    if !is(symbols, dot, is_dot) {
        return None;
    }
    let (name, top) = (word(symbols, first)?, word(symbols, last)?);
    let together = is(symbols, first + 1, |kind| {
        *kind == Kind::Dot { plain: true }
    }) && last == first + 2;
    let path = is(symbols, last + 1, |kind| {
        matches!(kind, Kind::Other('/' | ':' | '?'))
    });
    let found = if together {
        // "M.Sc" and "B.A" are no addresses, "t.co/x" and "a.b.co" are.
        let chained = first > 0 && is(symbols, first - 1, is_dot);
        let long = name.chars().count() > 1 || chained || path;
        let begins_sentence = || {
            is_beginning(&text[symbols[last].span.clone()])
                && is(symbols, last + 1, |kind| *kind == Kind::Space)
        };
        is_top_level(top) && long && !is_harmless(name, top) && !begins_sentence()
    } else {
        // "Développeur .NET" is no address, "exemple . net" is.
        let is_technology = top == "net" && dot > first + 1 && last == dot + 1;
        TELLING_TOP_LEVEL.contains(&top) && !is_technology
    };
    let end = if path {
        until_space(symbols, last)
    } else {
        last + 1
    };
    found.then(|| labels_before(symbols, first + 1)..end)
}

/// Tools, and the feminine of a trade: "développeur.se", "technicien.ne".
fn is_harmless(name: &str, top: &str) -> bool {
    TOOLS.contains(&format!("{name}.{top}").as_str())
        || (top == "se" && name.ends_with("eur"))
        || (top == "ne" && name.ends_with('n'))
}

/// A word that begins a sentence after a full stop without a space: "projets.La suite".
fn is_beginning(word: &str) -> bool {
    const WORDS: [&str; 20] = [
        "De", "La", "Il", "Au", "Et", "Ne", "Se", "Me", "So", "To", "It", "In", "No", "As", "At",
        "Is", "My", "Be", "Am", "Sa",
    ];
    WORDS.contains(&word)
}

fn is_top_level(word: &str) -> bool {
    TOP_LEVEL.contains(&word)
        || (word.len() == 2 && reference::is_country(&word.to_ascii_uppercase()))
}
