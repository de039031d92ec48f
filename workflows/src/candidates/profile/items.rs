//! The sections of the profile that are lists.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::codes::{ContractType, EducationLevel, LanguageLevel, SkillLevel};

/// One experience of step 2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Experience {
    /// Given by the server.
    pub id: Uuid,
    /// The employer.
    pub company: Option<String>,
    /// Sector, a label.
    pub sector: Option<String>,
    /// Position held.
    pub position: Option<String>,
    /// Kind of contract.
    pub contract_type: Option<ContractType>,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day; an experience needs it or `current`.
    pub end_date: Option<NaiveDate>,
    /// Whether it goes on.
    pub current: Option<bool>,
    /// What the person did.
    pub missions: Option<String>,
    /// What came of it.
    pub achievements: Option<String>,
}

/// One education of step 3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Education {
    /// Given by the server.
    pub id: Uuid,
    /// The diploma's name.
    pub diploma: Option<String>,
    /// Who gave it.
    pub institution: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// First year.
    pub start_year: Option<i32>,
    /// Year of the diploma.
    pub graduation_year: Option<i32>,
    /// Level.
    pub level: Option<EducationLevel>,
}

/// One certification of step 4.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certification {
    /// Given by the server.
    pub id: Uuid,
    /// Title.
    pub title: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Year of issue.
    pub year: Option<i32>,
    /// Last day of validity.
    pub expiry: Option<NaiveDate>,
    /// The issuer's number for it.
    pub credential_id: Option<String>,
    /// Where it can be verified.
    pub verification_url: Option<String>,
}

/// Step 5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Skills {
    /// Technical skills, at least one before submission.
    pub technical: Vec<TechnicalSkill>,
    /// Behavioural skills, codes of the list `behavioural-skills`.
    pub behavioural: Vec<String>,
    /// Tools.
    pub tools: Vec<Tool>,
    /// Languages.
    pub languages: Vec<Language>,
}

/// One technical skill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TechnicalSkill {
    /// Name, a label.
    pub name: Option<String>,
    /// How well.
    pub level: Option<SkillLevel>,
    /// Whole years of practice.
    pub years: Option<u32>,
}

/// One tool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tool {
    /// Name, a label.
    pub name: Option<String>,
    /// How well.
    pub level: Option<SkillLevel>,
}

/// One language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Language {
    /// ISO 639-1 code.
    pub code: Option<String>,
    /// How well.
    pub level: Option<LanguageLevel>,
}
