//! The words that tell who a person is, and where a text has them.

use std::collections::HashSet;
use std::ops::Range;

use super::RedactionContext;
use super::fold::{Look, Token, words};
use super::vocabulary::{LEGAL_FORMS, PARTICLES, VOCABULARY, is_ordinary};

/// More parts than a name has; a field full of letters must not become work.
const MAX_PARTS: usize = 20;
/// A term is looked for inside longer words, and over two labels, from so many letters on: "Li" is
/// a part of too many words.
const LONG: usize = 4;
/// A term of so few letters is found as one word only.
const SHORT: usize = 2;

/// Terms as the joined folded words of a name, so that "Jean-Pierre", "jean pierre", `JeanPierre`
/// and "J.e.a.n Pierre" are all found by one of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    joined: HashSet<String>,
    longest: usize,
    /// Those that are looked for inside longer words.
    long: Vec<String>,
    /// The digits of telephone numbers.
    numbers: Vec<String>,
}

impl Terms {
    pub(super) fn of(context: &RedactionContext) -> Self {
        let places: HashSet<_> = context
            .places
            .iter()
            .flat_map(|place| words(place))
            .collect();
        let whole_places: HashSet<_> = context
            .places
            .iter()
            .map(|place| words(place).concat())
            .collect();
        let mut terms = Self::default();
        terms.add_names(&context.names);
        for employer in &context.employers {
            terms.add_employer(&words(employer), &places);
        }
        for street in &context.streets {
            terms.add_street(street, &places, &whole_places);
        }
        for contact in &context.contacts {
            terms.add_contact(contact);
        }
        terms
    }

    fn add(&mut self, term: String) {
        if !term.is_empty() {
            self.longest = self.longest.max(term.len());
            if is_long(&term) && !self.long.contains(&term) {
                self.long.push(term.clone());
            }
            self.joined.insert(term);
        }
    }

    /// Each name as a whole and in its parts, and any two of them joined, initials included.
    fn add_names(&mut self, names: &[String]) {
        let names: Vec<_> = names.iter().map(|name| name_parts(name)).collect();
        for part in names.iter().flatten() {
            self.add(part.clone());
        }
        for (index, name) in names.iter().enumerate() {
            let others = names
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index);
            for (first, second) in others.flat_map(|(_, other)| pairs(name, other)) {
                let initial: String = first.chars().take(1).collect();
                self.add(format!("{first}{second}"));
                self.add(format!("{initial}{second}"));
                self.add(format!("{second}{initial}"));
            }
        }
    }

    /// An employer as a whole, without its legal form, by its initials, and by each word that
    /// names nothing else.
    fn add_employer(&mut self, name: &[String], places: &HashSet<String>) {
        self.add(name.concat());
        let legal = |word: &&String| LEGAL_FORMS.contains(&word.as_str());
        let plain: Vec<_> = name.iter().filter(|word| !legal(word)).cloned().collect();
        self.add(plain.concat());
        let telling: Vec<_> = plain
            .iter()
            .filter(|word| !PARTICLES.contains(&word.as_str()))
            .collect();
        if telling.len() > 2 {
            let initials: String = telling
                .iter()
                .filter_map(|word| word.chars().next())
                .collect();
            if !VOCABULARY.contains(&initials) {
                self.add(initials);
            }
        }
        self.add_distinctive(&plain, 3, places);
    }

    /// A street as a whole, each of its parts between commas, those parts without their number,
    /// and each word that names nothing else.
    fn add_street(
        &mut self,
        street: &str,
        places: &HashSet<String>,
        whole_places: &HashSet<String>,
    ) {
        self.add(words(street).concat());
        for part in street.split([',', ';', '\n']) {
            let part = words(part);
            let unnumbered: Vec<_> = part
                .iter()
                .filter(|word| !is_number(word))
                .cloned()
                .collect();
            for name in [&part, &unnumbered] {
                let joined = name.concat();
                if name.len() > 1 && !whole_places.contains(&joined) {
                    self.add(joined);
                }
            }
            self.add_distinctive(&part, 4, places);
        }
    }

    fn add_distinctive(&mut self, name: &[String], least: usize, places: &HashSet<String>) {
        for word in name {
            let telling = word.chars().count() >= least
                && !VOCABULARY.contains(word)
                && !PARTICLES.contains(&word.as_str())
                && !places.contains(word)
                && !is_number(word);
            if telling {
                self.add(word.clone());
            }
        }
    }

    /// A contact as a whole; of a mail address what stands before the sign and its words, of a
    /// telephone number its digits.
    fn add_contact(&mut self, contact: &str) {
        self.add(words(contact).concat());
        let Some((local, _)) = contact.split_once('@') else {
            let digits = words(contact).concat();
            if !digits.is_empty() && is_number(&digits) {
                self.numbers.push(digits);
            }
            return;
        };
        let whole = words(local).concat();
        if whole.chars().count() > 2 && !VOCABULARY.contains(&whole) {
            self.add(whole);
        }
        for word in words(local) {
            if word.chars().count() >= LONG && !is_number(&word) && !is_ordinary(&word) {
                self.add(word);
            }
        }
    }

    /// The digits of the person's telephone numbers.
    pub(super) fn numbers(&self) -> &[String] {
        &self.numbers
    }

    /// Where consecutive words joined are a term, the longest first, with the digits that stand
    /// right behind; and letters, digits and low lines that hold a long term.
    pub(super) fn find(&self, look: &Look) -> Vec<Range<usize>> {
        let chunks = look.chunks();
        let mut spans = self.whole(&look.tokens());
        for span in &mut spans {
            let glued = chunks
                .iter()
                .find(|chunk| chunk.start < span.end && chunk.end > span.end);
            if let Some(chunk) = glued {
                let behind = &look.text[span.end..chunk.end];
                if behind.chars().all(|c| c.is_ascii_digit() || c == '_') {
                    span.end = chunk.end;
                }
            }
        }
        let holding = chunks
            .into_iter()
            .filter(|chunk| self.is_inside(&look.text[chunk.clone()]));
        spans.extend(holding);
        spans
    }

    /// Where words joined are a long term: short ones are so by chance where labels meet.
    pub(super) fn find_long(&self, look: &Look) -> Vec<Range<usize>> {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let mut spans = self.whole(&look.tokens());
        spans.retain(|span| letters(&look.text[span.clone()]) >= LONG);
        spans
    }

    fn whole(&self, tokens: &[Token]) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        for (index, first) in tokens.iter().enumerate() {
            let mut joined = String::new();
            let mut end = None;
            for token in &tokens[index..] {
                joined.push_str(&token.folded);
                if joined.len() > self.longest {
                    break;
                }
                // "B.A." is a degree, not Ba.
                let is_whole = token.span == first.span || joined.len() > SHORT;
                if is_whole && self.joined.contains(&joined) {
                    end = Some(token.span.end);
                }
            }
            spans.extend(end.map(|end| first.span.start..end));
        }
        spans
    }

    /// Whether letters, digits and low lines hold a long term, also with digits for letters, and
    /// are no ordinary word.
    fn is_inside(&self, chunk: &str) -> bool {
        let chunk: String = chunk.to_lowercase().replace('_', "");
        let letters: String = chunk.chars().filter(|c| c.is_alphabetic()).collect();
        if letters.chars().count() + 1 < LONG || is_ordinary(&letters) {
            return false;
        }
        let mut spellings = vec![chunk.clone()];
        if letters.len() < chunk.len() {
            spellings.extend(['i', 'l'].map(|one| without_digits(&chunk, one)));
            spellings.push(letters);
        }
        self.long
            .iter()
            .any(|term| spellings.iter().any(|spelling| spelling.contains(term)))
    }
}

/// Whether a term is letters enough to mean somebody wherever it stands.
fn is_long(term: &str) -> bool {
    term.chars().count() >= LONG && term.chars().all(char::is_alphabetic)
}

/// "Dup0nt" as it is read; a 1 is an i or an l.
fn without_digits(chunk: &str, one: char) -> String {
    chunk
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => one,
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            '8' => 'b',
            '9' => 'g',
            _ => c,
        })
        .collect()
}

/// A name as a whole, its parts between spaces ("N'Guessan"), and its words; what is too common
/// to tell anything counts only as the whole name.
fn name_parts(name: &str) -> Vec<String> {
    let spaced = name.split_whitespace().map(|part| words(part).concat());
    let telling = spaced
        .chain(words(name))
        .filter(|part| part.chars().count() > 1 && !PARTICLES.contains(&part.as_str()));
    let whole = std::iter::once(words(name).concat());
    let mut parts = Vec::new();
    for part in whole.chain(telling).filter(|part| !part.is_empty()) {
        if parts.len() < MAX_PARTS && !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

fn pairs<'a>(
    names: &'a [String],
    others: &'a [String],
) -> impl Iterator<Item = (&'a String, &'a String)> {
    names
        .iter()
        .flat_map(|name| others.iter().map(move |other| (name, other)))
}

fn is_number(word: &str) -> bool {
    word.chars().all(char::is_numeric)
}
