//! Mail and web addresses: the text as words, dots and at-signs, whatever these are written as.

use std::ops::Range;

use crate::reference;

/// Ends of web addresses that no other word is.
const TOP_LEVEL: &[&str] = &[
    "africa",
    "agency",
    "ai",
    "app",
    "biz",
    "blog",
    "cloud",
    "club",
    "co",
    "com",
    "cv",
    "design",
    "dev",
    "digital",
    "edu",
    "eu",
    "gov",
    "group",
    "info",
    "int",
    "io",
    "jobs",
    "link",
    "live",
    "me",
    "mobi",
    "name",
    "net",
    "online",
    "org",
    "page",
    "pro",
    "shop",
    "site",
    "social",
    "solutions",
    "space",
    "store",
    "studio",
    "team",
    "tech",
    "tel",
    "top",
    "tv",
    "uk",
    "website",
    "work",
    "world",
    "xyz",
];

/// Those of them that give an address away even when it is taken apart.
const TELLING_TOP_LEVEL: &[&str] = &[
    "com", "net", "org", "io", "info", "biz", "fr", "ci", "sn", "ml", "bf", "tg", "bj", "cm", "ga",
    "cd", "eu", "co", "dev", "app", "africa",
];

/// Houses whose name after "at" makes a mail address.
const MAIL_HOUSES: &[&str] = &[
    "gmail",
    "googlemail",
    "yahoo",
    "hotmail",
    "outlook",
    "icloud",
    "live",
    "proton",
    "protonmail",
    "laposte",
    "aol",
    "gmx",
    "yandex",
    "ymail",
    "msn",
];

/// Tools whose names look like web addresses.
const TOOLS: &[&str] = &[
    "asp.net",
    "vb.net",
    "ado.net",
    "ml.net",
    "socket.io",
    "draw.io",
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Word(String),
    /// A full stop, or what stands for one; `plain` when it is the character itself.
    Dot {
        plain: bool,
    },
    /// An at-sign or what stands for one; a mere word "at" is not `sure`.
    At {
        sure: bool,
    },
    Space,
    Other(char),
}

#[derive(Debug, Clone)]
struct Symbol {
    kind: Kind,
    span: Range<usize>,
}

/// Where a text has a mail address, a handle or a web address.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let symbols = symbols(text);
    let mut spans = Vec::new();
    for index in 0..symbols.len() {
        let found = match &symbols[index].kind {
            Kind::At { sure } => mail(&symbols, index, *sure),
            Kind::Word(word) => scheme(&symbols, index, word).or_else(|| domain(&symbols, index)),
            _ => None,
        };
        spans.extend(
            found.map(|range| symbols[range.start].span.start..symbols[range.end - 1].span.end),
        );
    }
    spans
}

fn symbols(text: &str) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (kind, length) = disguise(&text[at..]).unwrap_or_else(|| plain(&text[at..], c));
        symbols.push(Symbol {
            kind,
            span: at..at + length,
        });
        at += length;
    }
    symbols
}

fn plain(text: &str, c: char) -> (Kind, usize) {
    let in_word = |c: char| c.is_alphanumeric() || "_-%+~'".contains(c);
    match c {
        '@' => (Kind::At { sure: true }, 1),
        '.' | '。' | '․' => (Kind::Dot { plain: true }, c.len_utf8()),
        _ if c.is_whitespace() => {
            let length = text
                .find(|c: char| !c.is_whitespace())
                .unwrap_or(text.len());
            (Kind::Space, length)
        }
        _ if in_word(c) => {
            let length = text.find(|c| !in_word(c)).unwrap_or(text.len());
            let word = text[..length].to_lowercase();
            let kind = match word.as_str() {
                "at" => Kind::At { sure: false },
                "arobase" | "arrobase" | "arobas" => Kind::At { sure: true },
                "dot" | "point" => Kind::Dot { plain: false },
                _ => Kind::Word(word),
            };
            (kind, length)
        }
        _ => (Kind::Other(c), c.len_utf8()),
    }
}

/// "(at)", "[dot]", "{ point }" and the like.
fn disguise(text: &str) -> Option<(Kind, usize)> {
    let open = text.chars().next().filter(|c| "([{<".contains(*c))?;
    let length = text.find([')', ']', '}', '>'])? + 1;
    let inside = text[open.len_utf8()..length - 1].trim().to_lowercase();
    match inside.as_str() {
        "at" | "@" | "arobase" | "arrobase" | "arobas" | "a" | "chez" => {
            Some((Kind::At { sure: true }, length))
        }
        "dot" | "point" | "." => Some((Kind::Dot { plain: false }, length)),
        _ => None,
    }
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
fn mail(symbols: &[Symbol], at: usize, sure: bool) -> Option<Range<usize>> {
    let right = skip_space(symbols, at + 1);
    let (end, count) = labels_after(symbols, right)?;
    let joined = sure && right == at + 1;
    let house = word(symbols, right).is_some_and(|word| MAIL_HOUSES.contains(&word));
    let disguised = sure && symbols[at].span.len() > 1;
    let dotted = count > 1 && (sure || TELLING_TOP_LEVEL.contains(&word(symbols, end - 1)?));
    (joined || house || disguised || dotted).then(|| labels_before(symbols, at)..end)
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
fn domain(symbols: &[Symbol], first: usize) -> Option<Range<usize>> {
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
        is_top_level(top) && long && !is_harmless(name, top)
    } else {
        TELLING_TOP_LEVEL.contains(&top)
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

fn is_top_level(word: &str) -> bool {
    TOP_LEVEL.contains(&word)
        || (word.len() == 2 && reference::is_country(&word.to_ascii_uppercase()))
}
