//! What a search may ask.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn a_full_question_is_read() {
    let body = json!({
        "q": " rust ",
        "filters": {
            "skills": [{"name": "Rust", "level": "advanced"}, {"name": "Go"}],
            "experience": {"min": 3, "max": 10},
            "sectors": ["Informatique"], "occupations": ["Développeur"], "countries": ["CI"],
            "locations": ["Abidjan"], "contract_types": ["permanent"],
            "availability": ["immediate"], "education_levels": ["bac_5"],
            "languages": [{"code": "fr", "level": "C1"}],
            "salary_max": {"amount": 900_000, "currency": "XOF"},
            "score_min": 4.35, "validated_after": "2026-01-31",
        },
        "facets": ["skills", "countries", "skills"],
        "sort": "score", "limit": 100, "cursor": "abc",
    });
    let query = read_query(body).unwrap();
    assert_eq!(query.q.as_deref(), Some("rust"));
    let levels = query.filters.skills[0].levels.clone();
    assert_eq!(levels, Some(vec![SkillLevel::Advanced, SkillLevel::Expert]));
    assert_eq!(query.filters.skills[1].levels, None);
    let levels = query.filters.languages[0].levels.clone();
    assert_eq!(levels, Some(vec![LanguageLevel::C1, LanguageLevel::C2]));
    assert_eq!(query.filters.score_min, Some(Score::from_hundredths(435)));
    assert_eq!(query.facets, [Facet::Skills, Facet::Countries]);
    assert_eq!((query.sort, query.limit), (Sort::Score, 100));
}

#[test]
fn nothing_asked_is_everything() {
    assert_eq!(read_query(json!({})), Ok(SearchQuery::default()));
    let nulls = json!({"q": null, "filters": null, "sort": null, "limit": null});
    assert_eq!(read_query(nulls), Ok(SearchQuery::default()));
}

#[test]
fn a_value_nobody_has_is_no_error() {
    let body = json!({"filters": {
        "countries": ["Atlantis"], "contract_types": ["eternal"], "availability": ["never"],
        "skills": [{"name": "Rust", "level": "guru"}], "languages": [{"code": "tlh"}],
    }});
    let filters = read_query(body).unwrap().filters;
    assert_eq!(filters.countries, ["Atlantis"]);
    assert_eq!(filters.skills[0].levels, Some(vec![]));
}

#[test]
fn a_blank_value_is_one_that_nobody_has() {
    for list in [
        "sectors",
        "occupations",
        "countries",
        "locations",
        "contract_types",
        "availability",
        "education_levels",
    ] {
        let only = read_query(json!({"filters": {list: [" ", "\t", ""]}})).unwrap();
        assert_ne!(only.filters, Filters::default(), "{list}");
        let among = read_query(json!({"filters": {list: ["", "x"]}})).unwrap();
        assert_ne!(among, only, "{list}");
    }
    let body = json!({"filters": {"skills": [{"name": " "}], "languages": [{"code": ""}]}});
    let filters = read_query(body).unwrap().filters;
    assert_eq!(
        (
            filters.skills[0].name.as_str(),
            filters.languages[0].code.as_str()
        ),
        ("", "")
    );
    let none = read_query(json!({"filters": {"sectors": []}})).unwrap();
    assert_eq!(none.filters, Filters::default());
}

#[test]
fn what_does_not_exist_is_refused() {
    let cases = [
        (json!({"filter": {}}), "/filter", FieldCode::UnknownField),
        (
            json!({"filters": {"name": "x"}}),
            "/filters/name",
            FieldCode::UnknownField,
        ),
        (
            json!({"filters": {"sectors": "x"}}),
            "/filters/sectors",
            FieldCode::WrongType,
        ),
        (
            json!({"filters": {"skills": [{}]}}),
            "/filters/skills/0/name",
            FieldCode::Required,
        ),
        (
            json!({"facets": ["names"]}),
            "/facets/0",
            FieldCode::UnknownCode,
        ),
        (json!({"sort": "name"}), "/sort", FieldCode::UnknownCode),
        (json!({"limit": 0}), "/limit", FieldCode::OutOfRange),
        (json!({"limit": 101}), "/limit", FieldCode::OutOfRange),
        (
            json!({"filters": {"score_min": 5.1}}),
            "/filters/score_min",
            FieldCode::OutOfRange,
        ),
        (
            json!({"filters": {"validated_after": "x"}}),
            "/filters/validated_after",
            FieldCode::InvalidDate,
        ),
        (
            json!({"filters": {"salary_max": {"amount": 1}}}),
            "/filters/salary_max/currency",
            FieldCode::Required,
        ),
        (
            json!({"filters": {"experience": {"min": -1}}}),
            "/filters/experience/min",
            FieldCode::OutOfRange,
        ),
        (json!({"q": "a\0b"}), "/q", FieldCode::InvalidCharacter),
        (json!([]), "", FieldCode::WrongType),
    ];
    for (body, pointer, code) in cases {
        assert_eq!(read_query(body), Err(vec![FieldError::new(pointer, code)]));
    }
}

#[test]
fn no_least_score_at_all_is_zero() {
    for zero in [json!(0), json!(0.0), json!(-0.0)] {
        let query = read_query(json!({"filters": {"score_min": zero}})).unwrap();
        assert_eq!(query.filters.score_min, Some(Score::from_hundredths(0)));
    }
}

proptest! {
    #[test]
    fn a_least_score_is_the_hundredth_at_or_above(hundredths in 0_u32..=500) {
        let score = f64::from(hundredths) / 100.0;
        prop_assert_eq!(least_score(score), Ok(Score::from_hundredths(hundredths)));
        if hundredths < 500 {
            prop_assert_eq!(least_score(score + 0.001), Ok(Score::from_hundredths(hundredths + 1)));
        }
    }
}
