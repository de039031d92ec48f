//! The anonymous card in answers.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::search::card::{CardSkill, SearchCard};

/// What a company sees of somebody it has not opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchCard")]
pub struct CardAnswer {
    /// The profile.
    profile_id: Uuid,
    /// Its title.
    profile_title: Option<String>,
    /// A part of the expert's summary, as HTML: what matches is in `<em>`, the rest is escaped.
    summary_highlight: Option<String>,
    /// Sector.
    sector: Option<String>,
    /// Main occupation.
    occupation: Option<String>,
    /// Whole years of experience.
    experience_years: u32,
    /// Country, ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Technical skills.
    skills: Vec<SkillAnswer>,
    /// The expert's score out of 5.
    score_5: Option<f64>,
    /// How soon the person could begin.
    availability: Option<&'static str>,
    /// Kinds of contract.
    contract_types: Vec<&'static str>,
    /// Whether the company opened the profile in its current period.
    already_opened: bool,
}

/// A skill on a card.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchCardSkill")]
pub struct SkillAnswer {
    /// Its name.
    name: String,
    /// How well.
    level: Option<&'static str>,
}

impl From<SearchCard> for CardAnswer {
    fn from(card: SearchCard) -> Self {
        Self {
            profile_id: card.profile_id,
            profile_title: card.profile_title.map(String::from),
            summary_highlight: card.summary_highlight,
            sector: card.sector.map(String::from),
            occupation: card.occupation.map(String::from),
            experience_years: card.experience_years,
            country: card.country,
            skills: card.skills.into_iter().map(SkillAnswer::from).collect(),
            score_5: card.score_5.map(|score| score.as_f64()),
            availability: card.availability.map(|value| value.as_str()),
            contract_types: card
                .contract_types
                .iter()
                .map(|kind| kind.as_str())
                .collect(),
            already_opened: card.already_opened,
        }
    }
}

impl From<CardSkill> for SkillAnswer {
    fn from(skill: CardSkill) -> Self {
        Self {
            name: skill.name.into(),
            level: skill.level.map(|level| level.as_str()),
        }
    }
}
