//! The assessment: what may be saved, what is still missing, and the score.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::grid::Grid;
use super::score::{Score, WeightedMeans};
use crate::fields::formats::MAX_ITEMS;
use crate::fields::reader::{Errors, Reader};
use crate::fields::{FieldCode, FieldError};

/// Characters of the summary before the assessment is complete.
pub const MIN_ASSESSMENT_SUMMARY: usize = 100;

/// What a reviewer has filled in so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assessment {
    /// Ratings and comments.
    pub ratings: Vec<Rating>,
    /// Behavioural tags, labels.
    pub tags: Vec<String>,
    /// The expert's summary.
    pub summary: Option<String>,
}

/// One criterion's rating.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rating {
    /// A criterion's code.
    pub criterion: String,
    /// 1 to 5; absent while only a comment is there.
    pub rating: Option<u8>,
    /// What the reviewer remarks.
    pub comment: Option<String>,
}

/// How far an assessment has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Every criterion rated and the summary long enough.
    pub complete: bool,
    /// JSON pointers: `/ratings/{criterion}` for each unrated one, and `/summary`.
    pub missing: Vec<String>,
    /// Out of 100, once every criterion is rated.
    pub score_100: Option<Score>,
    /// Out of 5, once every criterion is rated.
    pub score_5: Option<Score>,
}

/// Reads the body of a saved assessment, which replaces the one before.
pub fn read_assessment(grid: &Grid, body: Value) -> Result<Assessment, Vec<FieldError>> {
    let mut errors = Errors::default();
    let mut assessment = Assessment::default();
    if let Some(mut reader) = Reader::open(String::new(), body, &mut errors) {
        reader.objects("ratings", &mut assessment.ratings, |reader, rating| {
            read_rating(grid, reader, rating);
        });
        reader.labels("tags", &mut assessment.tags, MAX_ITEMS);
        reader.long_text("summary", &mut assessment.summary);
        reader.finish();
    }
    for (index, rating) in assessment.ratings.iter().enumerate() {
        let before = &assessment.ratings[..index];
        let repeated = before
            .iter()
            .any(|other| other.criterion == rating.criterion);
        if repeated && !rating.criterion.is_empty() {
            errors.push(format!("/ratings/{index}/criterion"), FieldCode::Duplicate);
        }
    }
    errors.into_result().map(|()| assessment)
}

fn read_rating(grid: &Grid, reader: &mut Reader<'_>, rating: &mut Rating) {
    let mut criterion = None;
    let known = |code: &str| grid.criteria().any(|criterion| criterion.code == code);
    let sent = reader.string("criterion", &mut criterion, |code| {
        known(code)
            .then(|| code.to_owned())
            .ok_or(FieldCode::UnknownCode)
    });
    if !sent {
        reader.refuse("criterion", FieldCode::Required);
    }
    rating.criterion = criterion.unwrap_or_default();
    let mut number = None;
    reader.integer("rating", &mut number, 1, 5);
    rating.rating = number.and_then(|number| u8::try_from(number).ok());
    reader.long_text("comment", &mut rating.comment);
}

/// Computes what is missing and the score: the mean of each category's ratings, weighted, out of
/// 5; times 20, out of 100. Both are rounded half up to two decimals from the exact value.
#[must_use]
pub fn evaluate(grid: &Grid, assessment: &Assessment) -> Evaluation {
    let ratings: HashMap<_, _> = assessment
        .ratings
        .iter()
        .filter_map(|rating| Some((rating.criterion.as_str(), u32::from(rating.rating?))))
        .collect();
    let mut missing: Vec<_> = grid
        .criteria()
        .filter(|criterion| !ratings.contains_key(criterion.code.as_str()))
        .map(|criterion| format!("/ratings/{}", criterion.code))
        .collect();
    let means = missing.is_empty().then(|| weighted_means(grid, &ratings));
    let summary = assessment.summary.as_deref().unwrap_or_default();
    if summary.trim().chars().count() < MIN_ASSESSMENT_SUMMARY {
        missing.push("/summary".to_owned());
    }
    Evaluation {
        complete: missing.is_empty(),
        missing,
        score_100: means.and_then(|means| means.times(20)),
        score_5: means.and_then(|means| means.times(1)),
    }
}

fn weighted_means(grid: &Grid, ratings: &HashMap<&str, u32>) -> WeightedMeans {
    let mut means = WeightedMeans::EMPTY;
    for category in &grid.categories {
        let (sum, count) = category
            .criteria
            .iter()
            .filter_map(|criterion| ratings.get(criterion.code.as_str()))
            .fold((0, 0), |(sum, count), rating| (sum + rating, count + 1));
        means.add(category.weight, sum, count);
    }
    means
}

#[cfg(test)]
#[path = "assessment_tests.rs"]
mod tests;
