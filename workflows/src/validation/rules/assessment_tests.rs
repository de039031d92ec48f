//! Saving and scoring an assessment.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::validation::rules::default_grid;

fn rated(rating: impl Fn(usize) -> u8) -> Assessment {
    let grid = default_grid();
    let ratings = grid
        .criteria()
        .enumerate()
        .map(|(index, criterion)| Rating {
            criterion: criterion.code.clone(),
            rating: Some(rating(index)),
            comment: None,
        });
    Assessment {
        ratings: ratings.collect(),
        tags: Vec::new(),
        summary: Some("é".repeat(MIN_ASSESSMENT_SUMMARY)),
    }
}

fn scores(assessment: &Assessment) -> (Option<f64>, Option<f64>) {
    let evaluation = evaluate(&default_grid(), assessment);
    (
        evaluation.score_5.map(Score::as_f64),
        evaluation.score_100.map(Score::as_f64),
    )
}

#[test]
fn equal_ratings_are_the_score() {
    for rating in 1..=5 {
        let expected = f64::from(rating);
        assert_eq!(
            scores(&rated(|_| rating)),
            (Some(expected), Some(20.0 * expected))
        );
    }
}

#[test]
fn categories_weigh_as_the_grid_says() {
    // technical (5+4+3+3)/4, experience (4+5+4)/3, behavioural (3+3+5)/3, motivation 4.5,
    // potential 2.5: 30·3.75 + 25·13/3 + 20·11/3 + 15·4.5 + 10·2.5 = 386 2/3
    let ratings = [5, 4, 3, 3, 4, 5, 4, 3, 3, 5, 4, 5, 2, 3];
    let assessment = rated(|index| ratings[index]);
    assert_eq!(scores(&assessment), (Some(3.87), Some(77.33)));
}

#[test]
fn scores_wait_for_every_rating_and_completion_for_the_summary() {
    let mut assessment = rated(|_| 4);
    assessment.summary = Some("é".repeat(MIN_ASSESSMENT_SUMMARY - 1));
    let evaluation = evaluate(&default_grid(), &assessment);
    assert!(!evaluation.complete && evaluation.score_5.is_some());
    assert_eq!(evaluation.missing, ["/summary"]);
    assessment.ratings[1].rating = None;
    assessment.summary = None;
    let evaluation = evaluate(&default_grid(), &assessment);
    assert_eq!(
        evaluation.missing,
        ["/ratings/technical_practice", "/summary"]
    );
    assert_eq!((evaluation.score_5, evaluation.score_100), (None, None));
    assert!(evaluate(&default_grid(), &rated(|_| 1)).complete);
}

#[test]
fn a_partial_assessment_is_kept() {
    let body = json!({
        "ratings": [{"criterion": "tools", "rating": 3}, {"criterion": "results", "comment": " ? "}],
        "tags": [" posée ", "posée"],
    });
    let assessment = read_assessment(&default_grid(), body).unwrap();
    assert_eq!(assessment.ratings[0].rating, Some(3));
    assert_eq!(assessment.ratings[1].rating, None);
    assert_eq!(assessment.tags, ["posée"]);
    assert_eq!(
        read_assessment(&default_grid(), json!({})),
        Ok(Assessment::default())
    );
}

#[test]
fn what_is_out_of_range_is_refused() {
    let cases = [
        (
            json!({"ratings": [{"criterion": "tools", "rating": 0}]}),
            "/ratings/0/rating",
            FieldCode::OutOfRange,
        ),
        (
            json!({"ratings": [{"criterion": "tools", "rating": 6}]}),
            "/ratings/0/rating",
            FieldCode::OutOfRange,
        ),
        (
            json!({"ratings": [{"criterion": "tools", "rating": 3.5}]}),
            "/ratings/0/rating",
            FieldCode::WrongType,
        ),
        (
            json!({"ratings": [{"criterion": "luck", "rating": 3}]}),
            "/ratings/0/criterion",
            FieldCode::UnknownCode,
        ),
        (
            json!({"ratings": [{"rating": 3}]}),
            "/ratings/0/criterion",
            FieldCode::Required,
        ),
        (
            json!({"ratings": [{"criterion": "tools"}, {"criterion": "tools"}]}),
            "/ratings/1/criterion",
            FieldCode::Duplicate,
        ),
        (
            json!({"tags": ["é".repeat(81)]}),
            "/tags/0",
            FieldCode::TooLong,
        ),
        (
            json!({"summary": "é".repeat(3_001)}),
            "/summary",
            FieldCode::TooLong,
        ),
        (json!({"score_5": 5}), "/score_5", FieldCode::UnknownField),
    ];
    for (body, pointer, code) in cases {
        let answer = read_assessment(&default_grid(), body);
        assert_eq!(answer, Err(vec![FieldError::new(pointer, code)]));
    }
}

proptest! {
    #[test]
    fn the_score_is_the_naive_one(ratings in prop::collection::vec(1_u8..=5, 14)) {
        let assessment = rated(|index| ratings[index]);
        let mut next = ratings.iter().map(|rating| f64::from(*rating));
        let mut expected = 0.0;
        for category in default_grid().categories {
            let count = category.criteria.len();
            let sum: f64 = next.by_ref().take(count).sum();
            let count = f64::from(u32::try_from(count).unwrap());
            expected += f64::from(category.weight) * sum / count / 100.0;
        }
        let (score_5, score_100) = scores(&assessment);
        prop_assert!((score_5.unwrap() - expected).abs() < 0.005_001);
        prop_assert!((score_100.unwrap() - 20.0 * expected).abs() < 0.005_001);
        prop_assert!((1.0..=5.0).contains(&score_5.unwrap()));
    }

    #[test]
    fn a_better_rating_is_never_a_lower_score(
        ratings in prop::collection::vec(1_u8..=4, 14), better in 0_usize..14,
    ) {
        let before = evaluate(&default_grid(), &rated(|index| ratings[index]));
        let after = evaluate(&default_grid(), &rated(|index| ratings[index] + u8::from(index == better)));
        prop_assert!(after.score_5 > before.score_5);
        prop_assert!(after.score_100 > before.score_100);
    }
}
