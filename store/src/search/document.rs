//! What an engine is given of an entry: words by weight, terms to filter by, values to count.

use std::collections::BTreeSet;

use uuid::Uuid;
use workflows::candidates::profile::{LanguageLevel, SkillLevel};
use workflows::search::card::{CardLanguage, CardSkill, SearchableProfile};
use workflows::search::genders::other_genders;
use workflows::search::redaction::Cleared;
use workflows::search::words::{fold, words};

/// The entry of one validated revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The revision it was made of.
    pub revision_id: Uuid,
    /// Everything the index may know.
    pub profile: SearchableProfile,
}

/// An entry's words by weight, the first weighing most. Accents stay, operators cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) title: String,
    pub(super) trade: String,
    pub(super) labels: String,
    pub(super) summary: String,
}

impl Texts {
    pub(super) fn of(profile: &SearchableProfile) -> Self {
        let skills = profile.skills.iter().chain(&profile.tools);
        let trade = profile
            .occupation
            .iter()
            .chain(skills.map(|skill| &skill.name));
        let labels = profile
            .sector
            .iter()
            .chain(&profile.city)
            .chain(&profile.locations)
            .chain(&profile.certifications);
        Self {
            title: joined(profile.profile_title.iter()),
            trade: joined(trade),
            labels: joined(labels),
            summary: joined(profile.summary.iter()),
        }
    }

    /// The words in their other genders, for an engine that looks for what was typed alone.
    pub(super) fn genders(&self) -> String {
        let texts = [&self.title, &self.trade, &self.labels, &self.summary];
        let words: BTreeSet<String> = texts
            .into_iter()
            .flat_map(|text| text.split(' '))
            .flat_map(other_genders)
            .collect();
        words.into_iter().collect::<Vec<_>>().join(" ")
    }

    /// Every word once, as typing errors are compared, in one order for everybody: two entries
    /// written at once never wait for each other's words crosswise.
    pub(super) fn lexicon(&self) -> Vec<String> {
        let texts = [&self.title, &self.trade, &self.labels, &self.summary];
        let words: BTreeSet<String> = texts
            .into_iter()
            .flat_map(|text| text.split(' '))
            .filter(|word| word.chars().count() > 1)
            .map(fold)
            .collect();
        words.into_iter().collect()
    }
}

fn joined<'a>(texts: impl Iterator<Item = &'a Cleared>) -> String {
    let words: Vec<String> = texts.flat_map(|text| words(text.as_str())).collect();
    words.join(" ")
}

/// What filters ask for: `<filter>:<value>`, and for what has a level also `<value>>=<level>` for
/// each level that the person reaches.
pub(super) fn terms(profile: &SearchableProfile) -> Vec<String> {
    let mut terms = BTreeSet::new();
    let mut add = |facet: &str, value: &str| {
        terms.insert(term(facet, value));
    };
    if let Some(sector) = &profile.sector {
        add("sectors", sector.as_str());
    }
    if let Some(occupation) = &profile.occupation {
        add("occupations", occupation.as_str());
    }
    if let Some(country) = &profile.country {
        add("countries", country);
    }
    for place in places(profile) {
        add("locations", place);
    }
    for contract_type in &profile.contract_types {
        add("contract_types", contract_type.as_str());
    }
    if let Some(availability) = &profile.availability {
        add("availability", availability.as_str());
    }
    for level in &profile.education_levels {
        add("education_levels", level.as_str());
    }
    for CardSkill { name, level } in profile.skills.iter().chain(&profile.tools) {
        add_levels(&mut terms, "skills", name.as_str(), level.map(Rank::from));
    }
    for CardLanguage { code, level } in &profile.languages {
        add_levels(&mut terms, "languages", code, level.map(Rank::from));
    }
    terms.into_iter().collect()
}

/// The places of a profile: where the person lives and where they would work.
pub(super) fn places(profile: &SearchableProfile) -> impl Iterator<Item = &str> {
    profile
        .city
        .iter()
        .chain(&profile.locations)
        .map(Cleared::as_str)
}

/// A value of a filter.
pub(super) fn term(facet: &str, value: &str) -> String {
    format!("{facet}:{}", fold(value))
}

/// A value of a filter with the least level.
pub(super) fn term_at_level(facet: &str, value: &str, Rank(level): Rank) -> String {
    format!("{facet}:{}>={level}", fold(value))
}

/// The place of a level in its list, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rank(usize);

impl From<SkillLevel> for Rank {
    fn from(level: SkillLevel) -> Self {
        Self(SkillLevel::ALL.iter().take_while(|l| **l <= level).count())
    }
}

impl From<LanguageLevel> for Rank {
    fn from(level: LanguageLevel) -> Self {
        Self(
            LanguageLevel::ALL
                .iter()
                .take_while(|l| **l <= level)
                .count(),
        )
    }
}

fn add_levels(terms: &mut BTreeSet<String>, facet: &str, value: &str, reached: Option<Rank>) {
    terms.insert(term(facet, value));
    let Rank(reached) = reached.unwrap_or(Rank(0));
    terms.extend((1..=reached).map(|level| term_at_level(facet, value, Rank(level))));
}
