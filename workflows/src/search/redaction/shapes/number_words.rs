//! Numbers in words, French and English, as people dictate a telephone number.

/// A number word's value; tens and units that belong together are joined by [`digits`].
pub(super) fn value(word: &str) -> Option<u32> {
    Some(match word {
        "zero" | "zeros" | "zro" | "oh" | "nought" => 0,
        "un" | "une" | "one" => 1,
        "deux" | "two" => 2,
        "trois" | "three" => 3,
        "quatre" | "quatr" | "katre" | "catre" | "four" => 4,
        "cinq" | "cinc" | "sink" | "five" => 5,
        "six" => 6,
        "sept" | "seven" => 7,
        "huit" | "uit" | "eight" => 8,
        "neuf" | "nine" => 9,
        "dix" | "ten" => 10,
        "onze" | "eleven" => 11,
        "douze" | "twelve" => 12,
        "treize" | "thirteen" => 13,
        "quatorze" | "fourteen" => 14,
        "quinze" | "fifteen" => 15,
        "seize" | "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "vingt" | "vingts" | "twenty" => 20,
        "trente" | "thirty" => 30,
        "quarante" | "forty" | "fourty" => 40,
        "cinquante" | "fifty" => 50,
        "soixante" | "sixty" => 60,
        "septante" | "seventy" => 70,
        "huitante" | "octante" | "eighty" => 80,
        "nonante" | "ninety" => 90,
        _ => return None,
    })
}

/// The word that repeats the digit after it.
pub(super) fn times(word: &str) -> Option<usize> {
    match word {
        "double" | "doubles" | "twice" => Some(2),
        "triple" | "treble" | "thrice" => Some(3),
        _ => None,
    }
}

/// What people say between the groups of a number.
pub(super) fn is_link(word: &str) -> bool {
    matches!(
        word,
        "et" | "and"
            | "puis"
            | "then"
            | "ensuite"
            | "plus"
            | "moins"
            | "minus"
            | "point"
            | "dot"
            | "virgule"
            | "comma"
            | "tiret"
            | "dash"
            | "slash"
            | "barre"
            | "espace"
            | "space"
            | "cent"
            | "cents"
            | "hundred"
    )
}

/// The longest number word.
const LONGEST: usize = 9;

/// The values of number words written as one, such as "zérocinqquatre"; at least two of them.
pub(super) fn joined(word: &str) -> Option<Vec<u32>> {
    if !word.is_ascii() || word.len() > 200 {
        return None;
    }
    // For each place the last word that ends there, if words fill the text up to it.
    let mut ends: Vec<Option<(usize, u32)>> = vec![None; word.len() + 1];
    for end in 1..=word.len() {
        ends[end] = (end.saturating_sub(LONGEST)..end).find_map(|start| {
            let reached = start == 0 || ends[start].is_some();
            let value = value(&word[start..end]).filter(|_| reached)?;
            Some((start, value))
        });
    }
    let mut values = Vec::new();
    let mut at = word.len();
    while at > 0 {
        let (start, value) = ends[at]?;
        values.push(value);
        at = start;
    }
    values.reverse();
    (values.len() > 1).then_some(values)
}

/// The digits that number words say one after the other: "quatre-vingt-dix-sept" is 97.
pub(super) fn digits(values: &[u32]) -> String {
    let mut digits = String::new();
    let mut rest = values;
    while let Some((number, taken)) = next(rest) {
        digits.push_str(&number.to_string());
        rest = &rest[taken..];
    }
    digits
}

/// The number at the beginning, and how many words it takes.
fn next(values: &[u32]) -> Option<(u32, usize)> {
    let (tens, taken) = match *values {
        [4, 20, ..] => (80, 2),
        [tens @ (20 | 30 | 40 | 50 | 60 | 70 | 80 | 90), ..] => (tens, 1),
        [10, unit @ 7..=9, ..] => return Some((10 + unit, 2)),
        [number, ..] => return Some((number, 1)),
        [] => return None,
    };
    let after = match (tens, &values[taken..]) {
        (60 | 80, [10, unit @ 7..=9, ..]) => Some((10 + unit, 2)),
        (60 | 80, [unit @ 1..=16, ..]) | (_, [unit @ 1..=9, ..]) => Some((*unit, 1)),
        _ => None,
    };
    Some(match after {
        Some((unit, words)) => (tens + unit, taken + words),
        None => (tens, taken),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        digits(&text.split(' ').filter_map(value).collect::<Vec<_>>())
    }

    #[test]
    fn numbers_are_heard_as_they_are_dictated() {
        for (text, expected) in [
            ("zero sept zero huit", "0708"),
            ("soixante dix sept", "77"),
            ("soixante onze", "71"),
            ("quatre vingt", "80"),
            ("quatre vingt dix sept", "97"),
            ("quatre vingt treize", "93"),
            ("vingt un trente deux", "2132"),
            ("dix sept onze", "1711"),
            ("forty five sixty seven", "4567"),
            ("eighty", "80"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn number_words_written_as_one_are_taken_apart() {
        assert_eq!(joined("zerocinqquatre"), Some(vec![0, 5, 4]));
        assert_eq!(joined("seventyseven"), Some(vec![70, 7]));
        for word in ["sept", "septembre", "dixit", "une", "tension", ""] {
            assert_eq!(joined(word), None, "{word}");
        }
    }
}
