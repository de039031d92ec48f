//! Passwords: length and context; the strength itself is measured where hashing lives.

use unicode_normalization::UnicodeNormalization;

use crate::fields::FieldCode;

/// Characters of a password without a second factor.
pub const MIN_PASSWORD: usize = 15;
/// Characters of a password with one.
pub const MIN_PASSWORD_WITH_MFA: usize = 12;
/// More characters than a passphrase has; hashing must not become a way to burn time.
pub const MAX_PASSWORD: usize = 256;
/// What zxcvbn must give at least, 0 to 4.
pub const MIN_ZXCVBN_SCORE: u8 = 3;

/// Parts of a context word that are too short to be telling.
const MIN_CONTEXT_WORD: usize = 3;

/// The password as it is hashed: keyboards differ in how they compose a character.
#[must_use]
pub fn normalise_password(password: &str) -> String {
    password.nfc().collect()
}

/// What is wrong with a password's form, whatever its strength.
#[must_use]
pub fn password_problem(password: &str, with_mfa: bool) -> Option<FieldCode> {
    let characters = password.nfc().count();
    let least = if with_mfa {
        MIN_PASSWORD_WITH_MFA
    } else {
        MIN_PASSWORD
    };
    if password.contains('\0') {
        Some(FieldCode::InvalidCharacter)
    } else if characters < least {
        Some(FieldCode::TooShort)
    } else if characters > MAX_PASSWORD {
        Some(FieldCode::TooLong)
    } else {
        None
    }
}

/// The person's own words, which make a password weak: the given ones, whole, in parts and in
/// pairs run together (`aminatadiallo`), and the name of the house.
#[must_use]
pub fn password_context(own: &[&str]) -> Vec<String> {
    let mut words = vec!["yemma".to_owned()];
    for text in own {
        let lower = text.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric());
        let telling = parts.filter(|part| part.chars().count() >= MIN_CONTEXT_WORD);
        words.extend(telling.map(ToOwned::to_owned));
        words.push(lower.clone());
    }
    let pairs: Vec<String> = words
        .iter()
        .flat_map(|left| words.iter().map(move |right| format!("{left}{right}")))
        .collect();
    words.extend(pairs);
    words.sort();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_password_is_taken_and_one_more_character_is_not() {
        assert_eq!(password_problem(&"é".repeat(MAX_PASSWORD), false), None);
        assert_eq!(
            password_problem(&"é".repeat(MAX_PASSWORD + 1), false),
            Some(FieldCode::TooLong)
        );
    }

    #[test]
    fn a_password_is_the_same_however_the_keyboard_composes_it() {
        assert_eq!(normalise_password("cle\u{301} a"), "cl\u{e9} a");
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(password_problem(&"é".repeat(15), false), None);
        assert_eq!(
            password_problem(&"é".repeat(14), false),
            Some(FieldCode::TooShort)
        );
        assert_eq!(
            password_problem(&"e\u{301}".repeat(14), false),
            Some(FieldCode::TooShort)
        );
        assert_eq!(password_problem(&"é".repeat(12), true), None);
        assert_eq!(
            password_problem(&"é".repeat(11), true),
            Some(FieldCode::TooShort)
        );
        assert_eq!(
            password_problem(&"é".repeat(257), false),
            Some(FieldCode::TooLong)
        );
        let nul = format!("{}\0", "a".repeat(20));
        assert_eq!(
            password_problem(&nul, false),
            Some(FieldCode::InvalidCharacter)
        );
    }

    #[test]
    fn a_persons_own_words_are_the_context() {
        let words = password_context(&["Awa.Kone@example.ci", "Awa", "Koné-Traoré"]);
        for word in [
            "awa",
            "kone",
            "example",
            "koné",
            "traoré",
            "yemma",
            "awa.kone@example.ci",
            "konéawa",
        ] {
            assert!(words.iter().any(|known| known == word), "{word}");
        }
        assert!(!words.iter().any(|word| word == "ci"));
    }
}
