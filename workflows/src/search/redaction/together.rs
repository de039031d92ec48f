//! What several labels say side by side.

use std::ops::Range;

use super::Redaction;
use super::fold::Look;
use super::shapes;

impl Redaction {
    /// Which of the labels of one card go because of what they say together: a number, an address
    /// or a name spread over them. Each was cleared alone before; they are in the order in which
    /// they are read.
    #[must_use]
    pub fn telling_together(&self, labels: &[&str]) -> Vec<bool> {
        let mut gone = vec![false; labels.len()];
        loop {
            let left: Vec<usize> = (0..labels.len()).filter(|at| !gone[*at]).collect();
            let telling = self.telling(labels, &left);
            if telling.is_empty() {
                return gone;
            }
            for at in telling {
                gone[at] = true;
            }
        }
    }

    /// The labels, of those that are left, that have a part in something telling.
    fn telling(&self, labels: &[&str], left: &[usize]) -> Vec<usize> {
        let mut joined = String::new();
        let mut places: Vec<(usize, Range<usize>)> = Vec::new();
        for at in left {
            let start = joined.len();
            joined.push_str(labels[*at]);
            places.push((*at, start..joined.len()));
            joined.push('\n');
        }
        let look = Look::of(&joined);
        let mut spans = self.terms.find_long(&look);
        spans.extend(shapes::find(&look, self.terms.numbers()));
        let mut telling = figures(labels, left);
        for span in spans {
            let span = look.origin(&span);
            let touched = places
                .iter()
                .filter(|(_, place)| place.start < span.end && span.start < place.end);
            telling.extend(touched.map(|(at, _)| *at));
        }
        telling
    }
}

/// Labels of figures alone are one number, whatever stands between them.
fn figures(labels: &[&str], left: &[usize]) -> Vec<usize> {
    let figures: Vec<(usize, usize)> = left
        .iter()
        .filter_map(|at| Some((*at, shapes::figures_only(&Look::of(labels[*at]))?)))
        .collect();
    let digits: usize = figures.iter().map(|(_, digits)| digits).sum();
    if digits < shapes::MIN_DIGITS {
        return Vec::new();
    }
    figures.into_iter().map(|(at, _)| at).collect()
}
