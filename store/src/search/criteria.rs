//! A question as an engine takes it: words with their synonyms, terms, ranges and a page.

use chrono::{DateTime, NaiveTime, Utc};
use workflows::search::query::{Facet, Filters, SearchQuery, Sort};
use workflows::search::words::{Asked, asked};

use super::document::{Rank, term, term_at_level};

/// A term that no entry has: a filter asks for a level that does not exist.
const NOBODY: &str = "nobody";

/// What is asked of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// What the words of the question ask for, all of it.
    pub asked: Vec<Asked>,
    /// Terms that an entry must have, all of them: skills and languages.
    pub required: Vec<String>,
    /// For each list filter the terms of which an entry must have one.
    pub any_of: Vec<(Facet, Vec<String>)>,
    /// At least so many years of experience.
    pub experience_min: Option<i32>,
    /// At most so many years of experience.
    pub experience_max: Option<i32>,
    /// At least this score out of 5, in hundredths.
    pub score_min: Option<i32>,
    /// Whoever asks for no more than this a month, in that currency.
    pub salary_max: Option<(i64, &'static str)>,
    /// Validated at this moment or later.
    pub validated_from: Option<DateTime<Utc>>,
    /// What to count.
    pub facets: Vec<Facet>,
    /// The order.
    pub sort: Sort,
    /// How many entries.
    pub limit: i64,
    /// How many to leave out before them.
    pub offset: i64,
}

impl Criteria {
    /// What a question asks for, from that many hits on.
    #[must_use]
    pub fn of(query: &SearchQuery, offset: u32) -> Self {
        let filters = &query.filters;
        let experience = filters.experience.unwrap_or_default();
        let years = |years: Option<u32>| years.map(saturated);
        Self {
            asked: query.q.as_deref().map(asked).unwrap_or_default(),
            required: required(filters),
            any_of: any_of(filters),
            experience_min: years(experience.min),
            experience_max: years(experience.max),
            score_min: filters.score_min.map(|score| saturated(score.hundredths())),
            salary_max: filters
                .salary_max
                .map(|salary| (salary.amount, salary.currency.as_str())),
            validated_from: filters
                .validated_after
                .map(|date| date.and_time(NaiveTime::MIN).and_utc()),
            facets: query.facets.clone(),
            sort: query.sort,
            limit: i64::from(query.limit),
            offset: i64::from(offset),
        }
    }
}

impl Criteria {
    /// Whether everybody is asked for.
    pub(super) fn is_everybody(&self) -> bool {
        let has_range = self.experience_min.is_some()
            || self.experience_max.is_some()
            || self.score_min.is_some()
            || self.salary_max.is_some()
            || self.validated_from.is_some();
        self.asked.is_empty() && self.required.is_empty() && self.any_of.is_empty() && !has_range
    }
}

fn saturated(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Every skill and every language, at its least level.
fn required(filters: &Filters) -> Vec<String> {
    let skills = filters
        .skills
        .iter()
        .map(|skill| at_least("skills", &skill.name, skill.levels.as_deref()));
    let languages = filters
        .languages
        .iter()
        .map(|language| at_least("languages", &language.code, language.levels.as_deref()));
    skills.chain(languages).collect()
}

/// The levels asked for are one and all above it: an entry has a term for each it reaches.
fn at_least<L: Copy + Into<Rank>>(facet: &str, value: &str, levels: Option<&[L]>) -> String {
    match levels {
        None => term(facet, value),
        Some([]) => NOBODY.to_owned(),
        Some([least, ..]) => term_at_level(facet, value, (*least).into()),
    }
}

fn any_of(filters: &Filters) -> Vec<(Facet, Vec<String>)> {
    [
        (Facet::Sectors, &filters.sectors),
        (Facet::Occupations, &filters.occupations),
        (Facet::Countries, &filters.countries),
        (Facet::Locations, &filters.locations),
        (Facet::ContractTypes, &filters.contract_types),
        (Facet::Availability, &filters.availability),
        (Facet::EducationLevels, &filters.education_levels),
    ]
    .into_iter()
    .filter(|(_, values)| !values.is_empty())
    .map(|(facet, values)| {
        let terms = values
            .iter()
            .map(|value| term(facet.as_str(), value))
            .collect();
        (facet, terms)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workflows::search::query::read_query;

    use super::*;

    fn criteria(body: serde_json::Value) -> Criteria {
        Criteria::of(&read_query(body).unwrap(), 0)
    }

    #[test]
    fn every_skill_and_language_is_required_at_its_level() {
        let criteria = criteria(json!({"filters": {
            "skills": [{"name": "Réact", "level": "advanced"}, {"name": "Go"}],
            "languages": [{"code": "fr", "level": "C1"}],
        }}));
        assert_eq!(
            criteria.required,
            ["skills:react>=3", "skills:go", "languages:fr>=5"]
        );
    }

    #[test]
    fn a_level_that_does_not_exist_finds_nobody() {
        let criteria = criteria(json!({"filters": {"skills": [{"name": "Go", "level": "guru"}]}}));
        assert_eq!(criteria.required, [NOBODY]);
    }

    #[test]
    fn a_blank_value_finds_nobody() {
        let criteria = criteria(json!({"filters": {"sectors": [" "], "skills": [{"name": ""}]}}));
        assert_eq!(
            criteria.any_of,
            [(Facet::Sectors, vec!["sectors:".to_owned()])]
        );
        assert_eq!(criteria.required, ["skills:"]);
    }

    #[test]
    fn everybody_is_asked_for_without_words_and_filters() {
        for body in [
            json!({}),
            json!({"q": "les", "sort": "recent", "facets": ["skills"]}),
        ] {
            assert!(criteria(body.clone()).is_everybody(), "{body}");
        }
        for body in [
            json!({"q": "rust"}),
            json!({"filters": {"sectors": [""]}}),
            json!({"filters": {"skills": [{"name": "x"}]}}),
            json!({"filters": {"experience": {"min": 0}}}),
            json!({"filters": {"experience": {"max": 9}}}),
            json!({"filters": {"score_min": 0}}),
            json!({"filters": {"validated_after": "2026-01-01"}}),
            json!({"filters": {"salary_max": {"amount": 1, "currency": "XOF"}}}),
        ] {
            assert!(!criteria(body.clone()).is_everybody(), "{body}");
        }
    }

    #[test]
    fn of_a_list_any_value_will_do() {
        let criteria = criteria(json!({"filters": {"countries": ["CI", "SN"], "sectors": []}}));
        let terms = vec!["countries:ci".to_owned(), "countries:sn".to_owned()];
        assert_eq!(criteria.any_of, [(Facet::Countries, terms)]);
    }
}
