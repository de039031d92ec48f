//! The words that tell who a person is, and where a text has them.

use std::collections::HashSet;
use std::ops::Range;

use super::RedactionContext;
use super::fold::{Token, words};
use super::vocabulary::{LEGAL_FORMS, PARTICLES, VOCABULARY};

/// More parts than a name has; a field full of letters must not become work.
const MAX_PARTS: usize = 20;

/// Terms as the joined folded words of a name, so that "Jean-Pierre", "jean pierre", `JeanPierre`
/// and "J.e.a.n Pierre" are all found by one of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    joined: HashSet<String>,
    longest: usize,
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

    /// A contact as a whole, and what stands before the sign of a mail address.
    fn add_contact(&mut self, contact: &str) {
        self.add(words(contact).concat());
        if let Some((local, _)) = contact.split_once('@') {
            let local = words(local).concat();
            if local.chars().count() > 2 && !VOCABULARY.contains(&local) {
                self.add(local);
            }
        }
    }

    /// Where consecutive words joined are a term, the longest first.
    pub(super) fn find(&self, tokens: &[Token]) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        for (index, first) in tokens.iter().enumerate() {
            let mut joined = String::new();
            let mut end = None;
            for token in &tokens[index..] {
                joined.push_str(&token.folded);
                if joined.len() > self.longest {
                    break;
                }
                if self.joined.contains(&joined) {
                    end = Some(token.span.end);
                }
            }
            spans.extend(end.map(|end| first.span.start..end));
        }
        spans
    }
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
