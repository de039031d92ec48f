//! What is shaped like a telephone number, a mail address or a web address, also when it is
//! taken apart or disguised.

mod addresses;
mod phones;

use std::ops::Range;

/// Everywhere in a text, in no order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut spans = phones::find(text);
    spans.extend(addresses::find(text));
    spans
}
