//! How labels and texts are compared in search: without case and accents, word by word, with the
//! synonyms of the trade. Both engines and both sides, entries and questions, use the same.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use strsim::osa_distance;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most words of a question that are looked at.
pub const MOST_WORDS: usize = 16;
/// The most words of a synonym.
const LONGEST_PHRASE: usize = 4;

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

/// One thing a question asks for: the word or phrase as typed, then its synonyms. Any of them
/// meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The first is what was typed.
    pub alternatives: Vec<String>,
}

/// What a question asks for, all of which must be met: its words without the common ones, the
/// longest known phrase first.
#[must_use]
pub fn asked(question: &str) -> Vec<Asked> {
    let words: Vec<String> = words(question).into_iter().take(MOST_WORDS).collect();
    let mut asked = Vec::new();
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let known = (1..=rest.len().min(LONGEST_PHRASE))
            .rev()
            .find_map(|length| {
                let phrase = rest[..length].join(" ");
                let sets = SYNONYM_SETS.get(&fold(&phrase))?;
                Some((length, with_synonyms(phrase, sets)))
            });
        match known {
            Some((length, found)) => {
                asked.push(found);
                rest = &rest[length..];
            }
            None => {
                if !COMMON.contains(fold(first).as_str()) {
                    asked.push(Asked {
                        alternatives: vec![first.clone()],
                    });
                }
                rest = &rest[1..];
            }
        }
    }
    asked
}

fn with_synonyms(phrase: String, sets: &[usize]) -> Asked {
    let typed = fold(&phrase);
    let mut alternatives = vec![phrase];
    for set in sets {
        for term in &SYNONYMS[*set] {
            if fold(term) != typed && !alternatives.contains(term) {
                alternatives.push(term.clone());
            }
        }
    }
    Asked { alternatives }
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
mod tests {
    use super::*;

    fn alternatives(question: &str) -> Vec<Vec<String>> {
        asked(question)
            .into_iter()
            .map(|asked| asked.alternatives)
            .collect()
    }

    #[test]
    fn case_accents_and_spaces_do_not_count() {
        assert_eq!(fold("  Développeuse   BACK-END "), "developpeuse back-end");
        assert_eq!(fold("Main-d’œuvre"), "main-d'oeuvre");
        assert_eq!(fold("Côte d'Ivoire"), fold("cote D'IVOIRE"));
    }

    #[test]
    fn technical_names_keep_their_meaning() {
        assert_eq!(
            words("C++, C# et .NET"),
            ["cplusplus", "csharp", "et", "dotnet"]
        );
        assert_eq!(words("Node.js"), ["node", "js"]);
    }

    #[test]
    fn operators_are_no_words() {
        assert!(words("& | ! <-> ''  :*").is_empty());
        assert_eq!(words("l'équipe"), ["l", "équipe"]);
    }

    #[test]
    fn common_words_are_not_asked_for() {
        let asked = alternatives("les données de la santé");
        let typed: Vec<&str> = asked.iter().map(|found| found[0].as_str()).collect();
        assert_eq!(typed, ["données", "santé"]);
    }

    #[test]
    fn a_phrase_is_found_with_its_synonyms() {
        let asked = alternatives("responsable ressources humaines");
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[1][0], "ressources humaines");
        assert!(asked[1].contains(&"rh".to_owned()));
    }

    #[test]
    fn every_synonym_leads_to_the_others() {
        for set in synonyms() {
            assert!(set.len() > 1, "{set:?}");
            for term in set {
                let asked = asked(term);
                assert_eq!(asked.len(), 1, "{term}");
                assert!(asked[0].alternatives.len() >= set.len(), "{term}");
            }
        }
    }

    #[test]
    fn slips_of_the_finger_are_forgiven() {
        for (typed, known) in [
            ("pyhton", "python"),
            ("javascrpt", "javascript"),
            ("developeur", "developpeur"),
            ("comptabel", "comptable"),
            ("kubernets", "kubernetes"),
        ] {
            assert!(may_be_meant(typed, known), "{typed}");
        }
        for (typed, known) in [
            ("java", "lava"),
            ("php", "phd"),
            ("rust", "ruby"),
            ("marketing", "meeting"),
        ] {
            assert!(!may_be_meant(typed, known), "{typed}");
        }
    }
}
