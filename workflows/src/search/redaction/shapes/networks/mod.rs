//! Names in social networks: a network with a handle, however both are written.

mod names;

use std::ops::Range;

use names::{FILLERS, NETWORKS, NICKNAMES, Named, PAIRS, POINTING, is_of_the_trade, named};

/// A word with its place: letters, digits and what handles are joined by.
#[derive(Debug, Clone)]
struct Word<'a> {
    text: &'a str,
    low: String,
    span: Range<usize>,
}

/// Where a text has a network with a handle, or a handle that needs no network.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let words = words(text);
    let mut spans = Vec::new();
    for at in 0..words.len() {
        if is_underscored(&words[at].low) || is_glued(&words[at].low) {
            spans.push(words[at].span.clone());
        }
        let Some((length, named)) = network(&words, at) else {
            continue;
        };
        if let Some(handle) = handle_after(text, &words, at + length, named) {
            spans.push(words[at].span.start..words[handle].span.end);
        }
        if let Some(handle) = handle_before(&words, at) {
            spans.push(words[handle].span.start..words[at + length - 1].span.end);
        }
    }
    spans
}

fn words(text: &str) -> Vec<Word<'_>> {
    let inside = |c: char| c.is_alphanumeric() || "_.-#".contains(c);
    let mut words = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(inside).map(|at| from + at) {
        let end = text[start..]
            .find(|c| !inside(c))
            .map_or(text.len(), |length| start + length);
        let bare = text[start..end].trim_matches(['.', '-', '#']);
        if !bare.is_empty() {
            let start = start + text[start..end].find(bare).unwrap_or_default();
            words.push(Word {
                text: bare,
                low: bare.to_lowercase(),
                span: start..start + bare.len(),
            });
        }
        from = end;
    }
    words
}

/// How many words name a network here, and how.
fn network(words: &[Word<'_>], at: usize) -> Option<(usize, Named)> {
    if let Some(named) = named(&words[at].low) {
        return Some((1, named));
    }
    let next = words.get(at + 1)?;
    if PAIRS.contains(&(words[at].low.as_str(), next.low.as_str())) {
        return Some((2, Named::Whole));
    }
    spaced(words, at)
}

/// "i n s t a".
fn spaced(words: &[Word<'_>], at: usize) -> Option<(usize, Named)> {
    let mut joined = String::new();
    for (count, word) in words[at..].iter().enumerate() {
        if word.low.chars().count() > 1 || joined.len() > 12 {
            return None;
        }
        joined.push_str(&word.low);
        if joined.len() > 4
            && let Some(named) = named(&joined)
        {
            return Some((count + 1, named));
        }
    }
    None
}

/// The handle that follows a network, fillers between them.
fn handle_after(text: &str, words: &[Word<'_>], from: usize, named: Named) -> Option<usize> {
    let mut at = from;
    let mut is_pointed = false;
    for _ in 0..4 {
        let before = words.get(at.checked_sub(1)?)?.span.end;
        let word = words.get(at)?;
        is_pointed |= text[before..word.span.start].contains([':', '=', '→', '>']);
        let is_pointing = POINTING.contains(&word.low.as_str());
        if !is_pointing && !FILLERS.contains(&word.low.as_str()) {
            break;
        }
        is_pointed |= is_pointing;
        at += 1;
    }
    // "Facebook: Miss Queen225".
    let is_second = is_pointed && words.get(at + 1).is_some_and(is_plainly_handle);
    if is_second && words.get(at).is_some_and(|word| is_unknown(&word.low)) {
        return Some(at + 1);
    }
    let word = words.get(at)?;
    let ends = words.get(at + 1).is_none_or(|next| {
        text[word.span.end..next.span.start].contains([',', ';', '/', '|', ')', '.', '·', '\n'])
    });
    let is_familiar = is_pointed || named == Named::Nickname;
    let found = is_plainly_handle(word)
        || (is_familiar && is_hyphened(&word.low))
        || (is_unknown(&word.low) && (named == Named::Nickname || (is_pointed && ends)))
        || (is_number(&word.low) && named != Named::Nickname);
    found.then_some(at)
}

/// The handle before a network: `queen_225 sur insta`.
fn handle_before(words: &[Word<'_>], network: usize) -> Option<usize> {
    let mut at = network.checked_sub(1)?;
    for _ in 0..2 {
        if FILLERS.contains(&words[at].low.as_str()) {
            at = at.checked_sub(1)?;
        }
    }
    is_plainly_handle(&words[at]).then_some(at)
}

/// Letters and digits or low lines, or a name with a dot in it, none of whose words is ordinary.
fn is_plainly_handle(word: &Word<'_>) -> bool {
    let letters = word.low.chars().filter(|c| c.is_alphabetic()).count();
    let has_digit = word.low.contains(|c: char| c.is_ascii_digit());
    let is_tagged = word
        .text
        .rsplit_once('#')
        .is_some_and(|(name, tag)| !name.is_empty() && tag.len() == 4 && is_number_of(tag, 4));
    let is_joined = word.low.contains('_') || is_dotted(&word.low);
    is_tagged || (letters >= 3 && (has_digit || is_joined) && !is_of_the_trade(&word.low))
}

/// Two names of letters with a dot between them; the last is no ending of a tool's name.
fn is_dotted(word: &str) -> bool {
    let parts: Vec<_> = word.split('.').collect();
    let named = |part: &&str| part.len() >= 2 && part.chars().all(char::is_alphabetic);
    parts.len() > 1
        && parts.iter().all(named)
        && !["js", "ts", "net", "io", "py", "ai", "com"].contains(&parts[parts.len() - 1])
}

fn is_hyphened(word: &str) -> bool {
    word.contains('-') && !is_of_the_trade(word)
}

/// A low line with a digit needs no network: `queen_225`.
fn is_underscored(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    word.trim_matches('_').contains('_')
        && word.contains(|c: char| c.is_ascii_digit())
        && letters >= 3
        && !is_of_the_trade(word)
}

/// `insta_queen`, `instaqueen225`, `ig.queen`.
fn is_glued(word: &str) -> bool {
    let names = NETWORKS
        .iter()
        .chain(NICKNAMES)
        .filter(|name| name.len() > 1);
    let mut rests = names.filter_map(|name| word.strip_prefix(name).map(|rest| (name, rest)));
    rests.any(|(name, rest)| {
        let is_parted = rest.starts_with(['_', '.', '-']);
        let rest = rest.trim_matches(['_', '.', '-']);
        let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
        let has_digit = rest.contains(|c: char| c.is_ascii_digit());
        let is_joined = is_parted || (name.len() > 4 && has_digit);
        letters >= 3
            && is_joined
            && named(word).is_none()
            && !is_of_the_trade(rest)
            && !NETWORKS
                .iter()
                .any(|network| word.starts_with(network) && *network != *name)
            && !["js", "net", "com", "org"].contains(&rest)
    })
}

/// A word that is no ordinary one.
fn is_unknown(word: &str) -> bool {
    word.len() >= 3 && word.chars().all(char::is_alphabetic) && !is_of_the_trade(word)
}

/// Five digits or more: the beginning of a number.
fn is_number(word: &str) -> bool {
    is_number_of(word, 5)
}

fn is_number_of(word: &str, least: usize) -> bool {
    word.len() >= least && word.chars().all(|c| c.is_ascii_digit())
}
