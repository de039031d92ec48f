//! The other gender of a word of the trades: who types "rédacteur" means "rédactrice" as well.
//!
//! A rule by endings makes words that do not exist ("docteuse"); they find nothing and do no harm.
//! Harm is done by two words of different meaning, which are named one by one.

use super::words::fold;

/// Endings of one word in its genders; letters before the ending, at least.
const ENDINGS: [(usize, &[&str]); 9] = [
    (2, &["teur", "trice", "teuse"]),
    (3, &["eur", "euse"]),
    (3, &["eur", "eure"]),
    (3, &["eux", "euse"]),
    (3, &["ien", "ienne"]),
    (3, &["éen", "éenne"]),
    (4, &["er", "ère"]),
    (4, &["if", "ive"]),
    (5, &["el", "elle"]),
];

/// Words whose counterpart by ending means something else.
const FALSE_FRIENDS: [&str; 54] = [
    "moteur",
    "motrice",
    "matrice",
    "mateur",
    "secteur",
    "vecteur",
    "cicatrice",
    "nourrice",
    "perceur",
    "perceuse",
    "berceur",
    "berceuse",
    "chauffeuse",
    "tondeuse",
    "agrafeuse",
    "carrier",
    "carriere",
    "manier",
    "maniere",
    "matiere",
    "lumiere",
    "barrier",
    "barriere",
    "frontier",
    "frontiere",
    "glacier",
    "glaciere",
    "portier",
    "portiere",
    "filiere",
    "prier",
    "priere",
    "sablier",
    "sabliere",
    "verrier",
    "verriere",
    "cafetier",
    "cafetiere",
    "minister",
    "ministere",
    "poster",
    "directif",
    "directive",
    "initiative",
    "archive",
    "cooperatif",
    "cooperative",
    "motif",
    "motive",
    "massif",
    "massive",
    "olive",
    "perspective",
    "offensive",
];

/// The word in its other genders, in the singular; nothing for a word that has none. Each of them has
/// the same genders.
#[must_use]
pub fn other_genders(word: &str) -> Vec<String> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    let mut genders = vec![singular.to_owned()];
    let mut at = 0;
    while let Some(gender) = genders.get(at).cloned() {
        for other in counterparts(&gender) {
            if genders.iter().all(|known| fold(known) != fold(&other)) {
                genders.push(other);
            }
        }
        at += 1;
    }
    genders.split_off(1)
}

/// The words that differ from one in their ending alone.
fn counterparts(word: &str) -> Vec<String> {
    let is_strange = |word: &str| FALSE_FRIENDS.contains(&fold(word).as_str());
    if is_strange(word) {
        return Vec::new();
    }
    let mut others = Vec::new();
    for (least, endings) in ENDINGS {
        let stems = endings.iter().filter_map(|ending| stem(word, ending));
        for stem in stems.filter(|stem| stem.chars().count() >= least) {
            let spelled = endings.iter().map(|ending| format!("{stem}{ending}"));
            others.extend(spelled.filter(|other| !is_strange(other)));
        }
    }
    others
}

/// What stands before an ending, which may be written without its accents.
fn stem<'a>(word: &'a str, ending: &str) -> Option<&'a str> {
    let plain = fold(ending);
    word.strip_suffix(ending)
        .or_else(|| word.strip_suffix(plain.as_str()))
}

#[cfg(test)]
#[path = "genders_tests.rs"]
mod tests;
