//! What is shaped like a telephone number, a mail address, a web address or a name in a network,
//! also when it is taken apart or disguised.

mod addresses;
mod calendar;
mod figures;
mod networks;
mod number_words;
mod phones;
mod standards;

use std::ops::Range;

use super::fold::Look;

pub(super) use phones::{MIN_DIGITS, figures_only};

/// Everywhere in a look, in no order; `own` are the digits of the person's telephone numbers.
pub(super) fn find(look: &Look, own: &[String]) -> Vec<Range<usize>> {
    let mut spans = phones::find(look, own);
    spans.extend(addresses::find(&look.text));
    spans.extend(networks::find(&look.text));
    spans
}
