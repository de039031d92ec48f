//! How labels and texts are compared in search: without case and accents, word by word, with the
//! synonyms of the trade. Both engines and both sides, entries and questions, use the same.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use strsim::osa_distance;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::genders::other_genders;

/// The most words of a question that are looked at.
pub const MOST_WORDS: usize = 16;
/// The most words of a synonym, and of a word with hyphens.
const LONGEST_PHRASE: usize = 4;
/// The most letters of two words that may be one.
const LONGEST_JOINED: usize = 24;
/// What a word is joined by.
const HYPHENS: [char; 4] = ['-', '\u{2010}', '\u{2011}', '_'];

/// Names that lose their meaning when punctuation is dropped.
const TECHNICAL_NAMES: [(&str, &str); 6] = [
    ("c++", "cplusplus"),
    ("c#", "csharp"),
    ("f#", "fsharp"),
    (".net", "dotnet"),
    ("asp.net", "aspdotnet"),
    ("r&d", "recherche développement"),
];

/// Words too common to ask for; PostgreSQL's French list lacks some of them.
const COMMON_WORDS: [&str; 41] = [
    "a", "an", "and", "au", "aux", "avec", "ce", "ces", "chez", "d", "dans", "de", "des", "du",
    "en", "est", "et", "for", "il", "in", "je", "l", "la", "le", "les", "of", "on", "ou", "par",
    "pour", "qui", "s", "sa", "son", "sur", "the", "to", "un", "une", "with", "y",
];

/// More words that PostgreSQL's French leaves out of a phrase.
const GRAMMATICAL: [&str; 38] = [
    "elle", "eux", "leur", "lui", "ma", "mais", "me", "meme", "mes", "moi", "mon", "ne", "nos",
    "notre", "nous", "pas", "qu", "que", "se", "ses", "ta", "te", "tes", "toi", "ton", "tu", "vos",
    "votre", "vous", "es", "suis", "sont", "ai", "as", "ont", "eu", "etait", "ete",
];

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON_WORDS.into_iter().collect());

/// Each line is a set of words and phrases that mean the same.
static SYNONYMS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    include_str!("synonyms.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split(',').map(|term| words(term).join(" ")).collect())
        .collect()
});

/// The sets in which a folded phrase stands.
static SYNONYM_SETS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut sets: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, set) in SYNONYMS.iter().enumerate() {
        for term in set {
            sets.entry(fold(term)).or_default().push(index);
        }
    }
    sets
});

/// The sets of words and phrases that mean the same.
#[must_use]
pub fn synonyms() -> &'static [Vec<String>] {
    &SYNONYMS
}

/// The text as it is compared: lower case, no accents, single spaces.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            '’' => folded.push('\''),
            c if c.is_whitespace() => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The words of a text, in lower case and with their accents: letters and digits only, so that
/// no engine finds an operator in them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let text = text.nfkc().collect::<String>().to_lowercase();
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let bare = chunk
            .trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '(' | ')' | '"' | '!' | '?'));
        match TECHNICAL_NAMES.iter().find(|(name, _)| *name == bare) {
            Some((_, replacement)) => words.extend(replacement.split(' ').map(str::to_owned)),
            None => words.extend(
                chunk
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned),
            ),
        }
    }
    words
}

/// One thing a question asks for: the word or phrase as typed, then its synonyms, its other genders
/// and its joined spelling. Any of them meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The first is what was typed.
    pub alternatives: Vec<String>,
}

impl Asked {
    fn add(&mut self, alternative: String) {
        if !self.alternatives.contains(&alternative) {
            self.alternatives.push(alternative);
        }
    }
}

/// A word of a question, and whether a hyphen joins it to the next one.
struct Typed {
    word: String,
    is_joined: bool,
}

/// What a question asks for, all of which must be met: its words without the common ones, the
/// longest known phrase first, words with hyphens as one. "front-end", "frontend" and "front end"
/// meet each other.
#[must_use]
pub fn asked(question: &str) -> Vec<Asked> {
    let typed = typed(question);
    let mut asked = Vec::new();
    let mut singles: Vec<Option<usize>> = Vec::new();
    let mut rest = typed.as_slice();
    while let Some(first) = rest.first() {
        let (length, found) = known_phrase(rest)
            .or_else(|| hyphened(rest))
            .unwrap_or_else(|| (1, single(&first.word)));
        singles.push((length == 1 && found.is_some()).then_some(asked.len()));
        asked.extend(found);
        rest = &rest[length..];
    }
    join_neighbours(&mut asked, &singles);
    asked
}

fn typed(question: &str) -> Vec<Typed> {
    let mut typed = Vec::new();
    for chunk in question.split_whitespace() {
        let words = words(chunk);
        let is_joined = chunk.contains(HYPHENS)
            && chunk
                .chars()
                .all(|c| c.is_alphanumeric() || HYPHENS.contains(&c));
        let count = words.len();
        typed.extend(words.into_iter().enumerate().map(|(place, word)| Typed {
            word,
            is_joined: is_joined && place + 1 < count,
        }));
    }
    typed.truncate(MOST_WORDS);
    if let Some(last) = typed.last_mut() {
        last.is_joined = false;
    }
    typed
}

/// The longest phrase at the beginning that has synonyms, how long it is, and they.
fn known_phrase(rest: &[Typed]) -> Option<(usize, Option<Asked>)> {
    (1..=rest.len().min(LONGEST_PHRASE))
        .rev()
        .find_map(|length| {
            let words: Vec<&str> = rest[..length]
                .iter()
                .map(|typed| typed.word.as_str())
                .collect();
            let phrase = words.join(" ");
            let sets = sets(&phrase);
            (!sets.is_empty()).then(|| (length, Some(with_synonyms(phrase, &sets))))
        })
}

/// The sets in which a phrase or another gender of a word stands.
fn sets(phrase: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for spelling in std::iter::once(phrase.to_owned()).chain(genders(phrase)) {
        for set in SYNONYM_SETS.get(&fold(&spelling)).into_iter().flatten() {
            if !found.contains(set) {
                found.push(*set);
            }
        }
    }
    found
}

fn genders(phrase: &str) -> Vec<String> {
    if phrase.contains(' ') {
        return Vec::new();
    }
    other_genders(phrase)
}

/// A word with hyphens: its parts one after the other, or joined.
fn hyphened(rest: &[Typed]) -> Option<(usize, Option<Asked>)> {
    let length = 1 + rest.iter().take_while(|typed| typed.is_joined).count();
    if !(2..=LONGEST_PHRASE).contains(&length) {
        return None;
    }
    let words: Vec<&str> = rest[..length]
        .iter()
        .map(|typed| typed.word.as_str())
        .collect();
    let alternatives = vec![words.join(" "), words.concat()];
    Some((length, Some(Asked { alternatives })))
}

fn single(word: &str) -> Option<Asked> {
    if COMMON.contains(fold(word).as_str()) {
        return None;
    }
    let mut asked = Asked {
        alternatives: vec![word.to_owned()],
    };
    for other in genders(word) {
        asked.add(other);
    }
    Some(asked)
}

/// Two words beside each other may be one in an entry: then it meets both.
fn join_neighbours(asked: &mut [Asked], singles: &[Option<usize>]) {
    for pair in singles.windows(2) {
        let [Some(first), Some(second)] = *pair else {
            continue;
        };
        let joined = format!(
            "{}{}",
            asked[first].alternatives[0], asked[second].alternatives[0]
        );
        if joined.chars().count() <= LONGEST_JOINED {
            asked[first].add(joined.clone());
            asked[second].add(joined);
        }
    }
}

fn with_synonyms(phrase: String, sets: &[usize]) -> Asked {
    let typed = fold(&phrase);
    let others = genders(&phrase);
    let mut asked = Asked {
        alternatives: vec![phrase],
    };
    for set in sets {
        for term in SYNONYMS[*set].iter().filter(|term| fold(term) != typed) {
            asked.add(term.clone());
        }
    }
    for other in others {
        asked.add(other);
    }
    asked
}

/// The places where a word may be two, such as "frontend": each part has two letters, or is the
/// "e" of "ecommerce", and is asked for by itself.
#[must_use]
pub fn cuts(word: &str) -> Vec<(&str, &str)> {
    let letters = word.chars().count();
    if !(5..=LONGEST_JOINED).contains(&letters) || !word.chars().all(char::is_alphanumeric) {
        return Vec::new();
    }
    let is_part = |part: &str| {
        let letters = part.chars().count();
        (letters >= 2 || part == "e") && !COMMON.contains(part) && !GRAMMATICAL.contains(&part)
    };
    word.char_indices()
        .skip(1)
        .map(|(at, _)| word.split_at(at))
        .filter(|(first, second)| is_part(first) && is_part(second) && *second != "e")
        .collect()
}

/// Whether a word typed may have been meant for a known one: at most one keystroke apart from
/// four letters on, two from eight, two neighbours in the wrong order being one (optimal string
/// alignment); the first letter is rarely missed.
#[must_use]
pub fn may_be_meant(typed: &str, known: &str) -> bool {
    let allowed = match typed.chars().count() {
        0..=3 => return false,
        4..=7 => 1,
        _ => 2,
    };
    typed.chars().next() == known.chars().next() && osa_distance(typed, known) <= allowed
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
