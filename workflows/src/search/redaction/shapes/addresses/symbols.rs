//! A text as words, dots and at-signs, whatever these are written as.

use std::ops::Range;

use super::names::{AT, COMMA_TOP_LEVEL};

/// What a part of a text is to who looks for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    /// A full stop, or what stands for one; `plain` when it is the character itself.
    Dot {
        plain: bool,
    },
    /// An at-sign or what stands for one.
    At(Sure),
    Space,
    Other(char),
}

/// How surely something stands for an at-sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// The sign itself.
    Sign,
    /// "(at)", "arobase": nothing else is meant.
    Disguise,
    /// The word "at".
    Word,
    /// A word of every sentence: "à", "chez".
    Preposition,
}

/// A part of a text, with its place.
#[derive(Debug, Clone)]
pub(super) struct Symbol {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// A text as words, dots and at-signs.
pub(super) fn symbols(text: &str) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let is_after_word = matches!(
            symbols.last(),
            Some(Symbol {
                kind: Kind::Word(_),
                ..
            })
        );
        let (kind, length) = disguise(&text[at..])
            .or_else(|| comma(&text[at..], c).filter(|_| is_after_word))
            .unwrap_or_else(|| plain(&text[at..], c));
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
        '@' => (Kind::At(Sure::Sign), 1),
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
                "at" => Kind::At(Sure::Word),
                "a" | "chez" => Kind::At(Sure::Preposition),
                _ if AT.contains(&word.as_str()) => Kind::At(Sure::Disguise),
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
        "at" | "@" | "a" | "chez" => Some((Kind::At(Sure::Disguise), length)),
        word if AT.contains(&word) => Some((Kind::At(Sure::Disguise), length)),
        "dot" | "point" | "." => Some((Kind::Dot { plain: false }, length)),
        _ => None,
    }
}

/// A comma or a point in the middle of the line before the end of an address: "exemple,com".
fn comma(text: &str, c: char) -> Option<(Kind, usize)> {
    let rest = text.strip_prefix([',', ';', '·', '•', '∙', '‧', '・'])?;
    let end = rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len());
    let is_end = COMMA_TOP_LEVEL.contains(&rest[..end].to_lowercase().as_str());
    is_end.then_some((Kind::Dot { plain: false }, c.len_utf8()))
}
