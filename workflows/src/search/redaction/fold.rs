//! One spelling for all spellings of a word.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A run of letters or a run of digits, with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) folded: String,
    pub(super) span: Range<usize>,
}

/// Compatibility forms made plain and invisible characters taken out, so that neither hides
/// anything.
pub(super) fn normalise(text: &str) -> String {
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Format characters: soft hyphen, zero widths, directions, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00AD
            | 0x034F
            | 0x061C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF9..=0xFFFB
            | 0xE0000..=0xE0FFF
    )
}

/// The words of a text without case, accents and ligatures: texts are compared in this form.
pub(super) fn words(text: &str) -> Vec<String> {
    tokens(&normalise(text))
        .into_iter()
        .map(|token| token.folded)
        .collect()
}

/// The words of a text; a change from letters to digits parts two words as well.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut digits = false;
    let mut open = false;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if is_combining_mark(c) {
            if let Some(last) = tokens.last_mut().filter(|_| open) {
                last.span.end = end;
            }
            continue;
        }
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        let same = open && c.is_numeric() == digits;
        if let Some(last) = tokens.last_mut().filter(|_| same) {
            last.span.end = end;
            fold_char(c, &mut last.folded);
        } else {
            let mut folded = String::new();
            fold_char(c, &mut folded);
            tokens.push(Token {
                folded,
                span: start..end,
            });
        }
        digits = c.is_numeric();
        open = true;
    }
    tokens
}

/// Letters that decomposition leaves whole but people write plainly.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' | 'ɔ' => "o",
        'ł' => "l",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'ɓ' => "b",
        'ƙ' => "k",
        'ŋ' | 'ɲ' => "n",
        'ɛ' | 'ǝ' | 'ə' => "e",
        'ı' => "i",
        'þ' => "th",
        _ => return None,
    })
}

fn fold_char(c: char, folded: &mut String) {
    for lower in c.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)) {
        match plain(lower) {
            Some(text) => folded.push_str(text),
            None => folded.push(lower),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_become_one() {
        for (text, folded) in [
            ("Koné-TRAORÉ", "kone traore"),
            ("N\u{2019}Guessan", "n guessan"),
            ("Ｏｒａｎｇｅ", "orange"),
            ("Œuvre\u{200B}s", "oeuvres"),
            ("e\u{301}\u{302}a", "ea"),
            ("Web3 C++", "web 3 c"),
            ("İstanbul", "istanbul"),
            ("Æbelø Weiß", "aebelo weiss"),
            ("Łódź Đà ðan ɖi ɗo", "lodz da dan di do"),
            ("Ɓoli ƙasa ŋa ɲama", "boli kasa na nama"),
            ("Kɔfi Ɛli ǝs ə ıl þor", "kofi eli es e il thor"),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), folded, "{text}");
        }
    }
}
