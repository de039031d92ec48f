//! The anonymous card and the entry of the index behind it.
//!
//! Neither has a field for a name, a contact, an employer or a long text of the candidate: what
//! is not there cannot leak, and every text that is there was cleared.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::labels::Labels;
use super::redaction::{Cleared, RULE, Redaction, RedactionContext};
use crate::candidates::profile::{
    Availability, ContractType, Currency, EducationLevel, LanguageLevel, Profile, SalaryPeriod,
    SalaryRange, SkillLevel,
};
use crate::validation::rules::Score;

/// Characters of the summary on a card that nothing was searched for on.
const EXCERPT: usize = 240;

/// What an engine puts before and after a part of a summary that answers the question: characters
/// that no text holds (private use), until the marks of the answer take their place.
pub const HIGHLIGHT_START: &str = "\u{E000}";
/// See [`HIGHLIGHT_START`].
pub const HIGHLIGHT_END: &str = "\u{E001}";

/// What a company sees of somebody it has not opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCard {
    /// The profile.
    pub profile_id: Uuid,
    /// Its title.
    pub profile_title: Option<Cleared>,
    /// A part of the expert's cleared summary, as HTML: what matches is in `<em>`, the rest escaped.
    pub summary_highlight: Option<String>,
    /// Sector.
    pub sector: Option<Cleared>,
    /// Main occupation.
    pub occupation: Option<Cleared>,
    /// Whole years of experience.
    pub experience_years: u32,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Technical skills.
    pub skills: Vec<CardSkill>,
    /// The expert's score out of 5.
    pub score_5: Option<Score>,
    /// How soon the person could begin.
    pub availability: Option<Availability>,
    /// Kinds of contract.
    pub contract_types: Vec<ContractType>,
    /// Whether the company opened the profile in its current period.
    pub already_opened: bool,
}

/// A skill or a tool on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSkill {
    /// Its name.
    pub name: Cleared,
    /// How well.
    pub level: Option<SkillLevel>,
}

/// A language on an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLanguage {
    /// ISO 639-1 code.
    pub code: String,
    /// How well.
    pub level: Option<LanguageLevel>,
}

/// The low end of what a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowSalary {
    /// In minor units of the currency.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// What it is counted by.
    pub period: SalaryPeriod,
}

impl LowSalary {
    /// The amount of a month, rounded up, so that salaries can be compared.
    #[must_use]
    pub const fn monthly(self) -> i64 {
        match self.period {
            SalaryPeriod::Month => self.amount,
            SalaryPeriod::Year => self.amount / 12 + (self.amount % 12 > 0) as i64,
        }
    }
}

/// Everything the index knows of a validated profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchableProfile {
    /// The profile.
    pub profile_id: Uuid,
    /// Its title.
    pub profile_title: Option<Cleared>,
    /// The expert's summary.
    pub summary: Option<Cleared>,
    /// Sector.
    pub sector: Option<Cleared>,
    /// Main occupation.
    pub occupation: Option<Cleared>,
    /// Whole years of experience.
    pub experience_years: u32,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// City.
    pub city: Option<Cleared>,
    /// Where the person would work.
    pub locations: Vec<Cleared>,
    /// Technical skills.
    pub skills: Vec<CardSkill>,
    /// Tools.
    pub tools: Vec<CardSkill>,
    /// Languages.
    pub languages: Vec<CardLanguage>,
    /// Levels of the educations.
    pub education_levels: Vec<EducationLevel>,
    /// Titles of the certifications.
    pub certifications: Vec<Cleared>,
    /// Kinds of contract.
    pub contract_types: Vec<ContractType>,
    /// How soon the person could begin.
    pub availability: Option<Availability>,
    /// The low end of what they ask for.
    pub low_salary: Option<LowSalary>,
    /// The expert's score out of 5.
    pub score_5: Option<Score>,
    /// When the profile was validated.
    pub validated_at: DateTime<Utc>,
    /// The version of the rule by which it was cleared.
    #[serde(default)]
    pub rule: u32,
}

/// What the reviewer adds to a profile.
#[derive(Debug, Clone, Copy)]
pub struct ExpertOpinion<'a> {
    /// The summary of the assessment.
    pub summary: Option<&'a str>,
    /// Its score out of 5.
    pub score_5: Option<Score>,
    /// When the profile was validated; now, for a look before the decision.
    pub validated_at: DateTime<Utc>,
}

/// Makes the anonymous entry of a profile.
///
/// The context is what must not show: [`RedactionContext::of_profile`] with the account's own
/// name and address.
#[must_use]
pub fn anonymise(
    profile_id: Uuid,
    profile: &Profile,
    context: &RedactionContext,
    opinion: ExpertOpinion<'_>,
) -> SearchableProfile {
    let redaction = Redaction::new(context);
    let identity = &profile.identity;
    let labels = Labels::of(&redaction, profile);
    SearchableProfile {
        profile_id,
        profile_title: labels.profile_title,
        summary: opinion.summary.and_then(|summary| redaction.text(summary)),
        sector: labels.sector,
        occupation: labels.occupation,
        experience_years: identity.total_years_of_experience.unwrap_or_default(),
        country: identity.country.clone(),
        city: labels.city,
        locations: labels.locations,
        skills: labels.skills,
        tools: labels.tools,
        languages: languages(profile),
        education_levels: distinct(profile.educations.iter().filter_map(|e| e.level).collect()),
        certifications: labels.certifications,
        contract_types: profile.job_preferences.contract_types.clone(),
        availability: profile.job_preferences.availability,
        low_salary: profile
            .job_preferences
            .salary_range
            .as_ref()
            .and_then(low_salary),
        score_5: opinion.score_5,
        validated_at: opinion.validated_at,
        rule: RULE,
    }
}

fn languages(profile: &Profile) -> Vec<CardLanguage> {
    let languages = profile.skills.languages.iter().filter_map(|language| {
        Some(CardLanguage {
            code: language.code.clone()?,
            level: language.level,
        })
    });
    languages.collect()
}

fn low_salary(range: &SalaryRange) -> Option<LowSalary> {
    Some(LowSalary {
        amount: range.min?,
        currency: range.currency?,
        period: range.period?,
    })
}

pub(super) fn distinct<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

impl SearchableProfile {
    /// Whether it was cleared by the rule of now; one that was not is made again before it is
    /// shown.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.rule == RULE
    }

    /// The card of this entry. `highlight` is a part of [`Self::summary`] as the engine marked it;
    /// without one the summary's beginning stands there.
    #[must_use]
    pub fn card(&self, highlight: Option<String>, already_opened: bool) -> SearchCard {
        SearchCard {
            profile_id: self.profile_id,
            profile_title: self.profile_title.clone(),
            summary_highlight: highlight
                .or_else(|| Some(self.summary.as_ref()?.excerpt(EXCERPT)))
                .map(|text| marked(&text)),
            sector: self.sector.clone(),
            occupation: self.occupation.clone(),
            experience_years: self.experience_years,
            country: self.country.clone(),
            skills: self.skills.clone(),
            score_5: self.score_5,
            availability: self.availability,
            contract_types: self.contract_types.clone(),
            already_opened,
        }
    }
}

/// Puts the marks of an answer in place of the engine's, in a text that is safe in a page.
fn marked(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(HIGHLIGHT_START, "<em>")
        .replace(HIGHLIGHT_END, "</em>")
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
