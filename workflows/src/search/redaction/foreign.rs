//! Words of other alphabets: what cannot be read cannot be cleared, so it goes.

use std::ops::Range;

use super::fold::Look;

/// Single letters in a row that spell something.
const SPELLED: usize = 3;

/// Where words have letters of another alphabet, in whole or in part. A single letter is a symbol
/// ("α", "Ω", "µ-services") unless several spell a word.
pub(super) fn find(look: &Look) -> Vec<Range<usize>> {
    let tokens: Vec<_> = look
        .tokens()
        .into_iter()
        .filter(|token| token.folded.chars().all(char::is_alphabetic))
        .collect();
    let is_single = |index: usize| tokens[index].folded.chars().count() == 1;
    let mut spans = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let row = (index..tokens.len())
            .take_while(|at| is_single(*at))
            .count();
        let end = index + row.max(1);
        let foreign: usize = tokens[index..end]
            .iter()
            .map(|token| look.foreign_letters(&token.span))
            .sum();
        let is_symbol = match row {
            0 => foreign == 1 && tokens[index].folded.starts_with('μ'),
            _ => row < SPELLED,
        };
        if foreign > 0 && !is_symbol {
            spans.extend(tokens[index..end].iter().map(|token| token.span.clone()));
        }
        index = end;
    }
    spans
}
