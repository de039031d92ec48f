//! An entry as the engine holds it, and how the engine is set up for it.

use std::collections::HashMap;

use meilisearch_sdk::settings::{FacetingSettings, PaginationSetting, Settings};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::search::card::SearchableProfile;
use workflows::search::query::Facet;
use workflows::search::words::synonyms;

use crate::search::answer::DEEPEST;
use crate::search::document::{IndexEntry, Texts, places, terms};

/// How many values of a facet are counted.
const MOST_VALUES: usize = 100;

/// The document of one profile.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    profile_id: Uuid,
    revision_id: Uuid,
    entry: &'a SearchableProfile,
    title: String,
    trade: String,
    labels: String,
    summary: &'a str,
    genders: String,
    terms: Vec<String>,
    sectors: Option<&'a str>,
    occupations: Option<&'a str>,
    countries: Option<&'a str>,
    availability: Option<&'static str>,
    education_levels: Vec<&'static str>,
    locations: Vec<&'a str>,
    contract_types: Vec<&'static str>,
    skills: Vec<&'a str>,
    languages: Vec<&'a str>,
    score: u32,
    experience_years: u32,
    salary_min: Option<i64>,
    salary_currency: Option<&'static str>,
    validated_at: i64,
}

impl<'a> Document<'a> {
    pub(super) fn of(entry: &'a IndexEntry) -> Self {
        let profile = &entry.profile;
        let texts = Texts::of(profile);
        let skills = profile.skills.iter().chain(&profile.tools);
        let genders = texts.genders();
        Self {
            profile_id: profile.profile_id,
            revision_id: entry.revision_id,
            entry: profile,
            title: texts.title,
            trade: texts.trade,
            labels: texts.labels,
            summary: profile.summary.as_ref().map_or("", |text| text.as_str()),
            genders,
            terms: terms(profile),
            sectors: profile.sector.as_ref().map(|text| text.as_str()),
            occupations: profile.occupation.as_ref().map(|text| text.as_str()),
            countries: profile.country.as_deref(),
            availability: profile.availability.map(|value| value.as_str()),
            education_levels: profile
                .education_levels
                .iter()
                .map(|l| l.as_str())
                .collect(),
            locations: places(profile).collect(),
            contract_types: profile.contract_types.iter().map(|c| c.as_str()).collect(),
            skills: skills.map(|skill| skill.name.as_str()).collect(),
            languages: profile.languages.iter().map(|l| l.code.as_str()).collect(),
            score: profile.score_5.map_or(0, |score| score.hundredths()),
            experience_years: profile.experience_years,
            salary_min: profile.low_salary.map(|salary| salary.monthly()),
            salary_currency: profile.low_salary.map(|salary| salary.currency.as_str()),
            validated_at: profile.validated_at.timestamp(),
        }
    }
}

/// What comes back of a document.
#[derive(Debug, Deserialize)]
pub(super) struct Stored {
    pub(super) revision_id: Uuid,
    pub(super) entry: SearchableProfile,
}

/// How the engine searches: the same words, synonyms and filters as the embedded one.
pub(super) fn settings() -> Settings {
    let filterable = Facet::ALL.iter().map(|facet| facet.as_str()).chain([
        "terms",
        "score",
        "experience_years",
        "salary_min",
        "salary_currency",
        "validated_at",
    ]);
    Settings::new()
        .with_searchable_attributes(["title", "trade", "labels", "summary", "genders"])
        .with_filterable_attributes(filterable)
        .with_sortable_attributes(["score", "experience_years", "validated_at", "profile_id"])
        .with_ranking_rules([
            "sort",
            "words",
            "typo",
            "proximity",
            "attribute",
            "exactness",
            "score:desc",
            "validated_at:desc",
        ])
        .with_synonyms(synonym_map())
        .with_pagination(PaginationSetting {
            max_total_hits: DEEPEST as usize,
        })
        .with_faceting(FacetingSettings {
            max_values_per_facet: MOST_VALUES,
            sort_facet_values_by: None,
        })
}

fn synonym_map() -> HashMap<String, Vec<String>> {
    let mut map: HashMap<String, Vec<String>> = HashMap::new();
    for set in synonyms() {
        for term in set {
            let others = set.iter().filter(|other| *other != term).cloned();
            map.entry(term.clone()).or_default().extend(others);
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_found_in_any_gender_and_joined_spelling() {
        let profile = json!({
            "profile_id": Uuid::nil(), "profile_title": "Rédactrice web", "summary": "Une infirmière.",
            "experience_years": 1, "locations": [], "skills": [], "tools": [], "languages": [],
            "education_levels": [], "certifications": [], "contract_types": [],
            "validated_at": "2026-10-01T08:00:00Z",
        });
        let entry = IndexEntry {
            revision_id: Uuid::nil(),
            profile: serde_json::from_value(profile).unwrap(),
        };
        let document = Document::of(&entry);
        let words: Vec<&str> = document.genders.split(' ').collect();
        assert!(
            words.contains(&"rédacteur") && words.contains(&"infirmier"),
            "{words:?}"
        );
        let settings = serde_json::to_value(settings()).unwrap();
        assert!(
            settings["searchableAttributes"]
                .as_array()
                .unwrap()
                .contains(&json!("genders"))
        );
        for (typed, meant) in [
            ("frontend", "front end"),
            ("sagefemme", "sage femme"),
            ("powerbi", "power bi"),
        ] {
            let synonyms = settings["synonyms"][typed].as_array().unwrap();
            assert!(synonyms.contains(&json!(meant)), "{typed}");
            assert!(
                settings["synonyms"][meant]
                    .as_array()
                    .unwrap()
                    .contains(&json!(typed))
            );
        }
    }
}
