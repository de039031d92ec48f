//! One spelling for all spellings of a word.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::alphabet::{self, Seen};

/// A run of letters or a run of digits, with its place in a [`Look`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) folded: String,
    pub(super) span: Range<usize>,
}

/// Compatibility forms made plain and invisible characters taken out, so that neither hides
/// anything.
pub(super) fn normalise(text: &str) -> String {
    text.nfkc()
        .filter(|c| !alphabet::is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text as a reader sees it: plain letters for accented ones and for those of other alphabets
/// that look the same, plain digits for digits of any script. Each of its bytes knows the
/// characters of the text that it was made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    pub(super) text: String,
    origins: Vec<Range<usize>>,
    foreign: Vec<bool>,
}

impl Look {
    /// The look of a text that was [`normalise`]d.
    pub(super) fn of(text: &str) -> Self {
        let mut look = Self::default();
        for (start, c) in text.char_indices() {
            let end = start + c.len_utf8();
            if is_combining_mark(c) {
                // What was made of the letter under the mark ends after the mark.
                let base = look.origins.last().map(|origin| origin.start);
                for origin in look.origins.iter_mut().rev() {
                    if Some(origin.start) != base {
                        break;
                    }
                    origin.end = end;
                }
                continue;
            }
            let Seen { text, is_foreign } = alphabet::seen(c);
            look.text.push_str(&text);
            look.origins.resize(look.text.len(), start..end);
            look.foreign.resize(look.text.len(), is_foreign);
        }
        look
    }

    /// The part of the text that a part of its look was made of.
    pub(super) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        let bounds = self.origins.get(span.start).zip(
            span.end
                .checked_sub(1)
                .and_then(|last| self.origins.get(last)),
        );
        bounds.map_or(0..0, |(first, last)| first.start..last.end)
    }

    /// How many letters of that part are of an alphabet that is not the Latin one.
    pub(super) fn foreign_letters(&self, span: &Range<usize>) -> usize {
        self.text[span.clone()]
            .char_indices()
            .filter(|(at, _)| self.foreign[span.start + at])
            .count()
    }

    /// Its words; a change from letters to digits parts two words as well.
    pub(super) fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut open: Option<bool> = None;
        for (start, c) in self.text.char_indices() {
            if !c.is_alphanumeric() {
                open = None;
                continue;
            }
            let end = start + c.len_utf8();
            let is_digit = c.is_numeric();
            match tokens.last_mut().filter(|_| open == Some(is_digit)) {
                Some(last) => {
                    last.span.end = end;
                    last.folded.extend(c.to_lowercase());
                }
                None => tokens.push(Token {
                    folded: c.to_lowercase().collect(),
                    span: start..end,
                }),
            }
            open = Some(is_digit);
        }
        tokens
    }

    /// Its runs of letters, digits and low lines.
    pub(super) fn chunks(&self) -> Vec<Range<usize>> {
        let mut chunks: Vec<Range<usize>> = Vec::new();
        let mut is_open = false;
        for (start, c) in self.text.char_indices() {
            let end = start + c.len_utf8();
            let inside = c.is_alphanumeric() || c == '_';
            match chunks.last_mut().filter(|_| inside && is_open) {
                Some(last) => last.end = end,
                None if inside => chunks.push(start..end),
                None => {}
            }
            is_open = inside;
        }
        chunks
    }
}

/// The words of a text without case, accents and ligatures: texts are compared in this form.
pub(super) fn words(text: &str) -> Vec<String> {
    let look = Look::of(&normalise(text));
    look.tokens()
        .into_iter()
        .map(|token| token.folded)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_become_one() {
        for (text, folded) in [
            ("Koné-TRAORÉ", "kone traore"),
            ("N\u{2019}Guessan", "n guessan"),
            ("N\u{2BC}Guessan", "n guessan"),
            ("Ｏｒａｎｇｅ", "orange"),
            ("Œuvre\u{200B}s", "oeuvres"),
            ("e\u{301}\u{302}a", "ea"),
            ("Web3 C++", "web 3 c"),
            ("İstanbul", "istanbul"),
            ("Æbelø Weiß", "aebelo weiss"),
            ("Łódź Đà ðan ɖi ɗo", "lodz da dan di do"),
            ("Ɓoli ƙasa ŋa ɲama", "boli kasa na nama"),
            ("Kɔfi Ɛli ǝs ə ıl þor", "kofi eli es e il thor"),
            ("К\u{43E}n\u{E9}", "kone"),
            ("𝓓𝓾𝓹𝓸𝓷𝓽", "dupont"),
            ("ᴅᴜᴘᴏɴᴛ", "dupont"),
            ("🇩🇺 🅿🅾", "du po"),
            ("٠٥ ০১ ❼", "05 01 7"),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), folded, "{text}");
        }
    }

    #[test]
    fn every_part_of_a_look_leads_back_to_its_text() {
        let text = "aœ e\u{301}\u{302} 0\u{20E3}x";
        let look = Look::of(text);
        assert_eq!(look.text, "aoe e 0x");
        assert_eq!(&text[look.origin(&(1..3))], "œ");
        assert_eq!(&text[look.origin(&(4..5))], "e\u{301}\u{302}");
        assert_eq!(&text[look.origin(&(6..8))], "0\u{20E3}x");
    }
}
