//! The sections of the profile that hold one record: consent, identity, preferences.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::codes::{Availability, ContractType, Currency, Gender, Mobility, SalaryPeriod};

/// One consent, with the version of the text that was on the screen and the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGiven {
    /// Given or withheld.
    pub accepted: bool,
    /// The version of the text.
    pub version: String,
    /// When it was given or withheld.
    pub at: DateTime<Utc>,
}

/// The three consents of step 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// The terms of use.
    pub terms_of_use: Option<ConsentGiven>,
    /// The processing of personal data.
    pub processing_of_personal_data: Option<ConsentGiven>,
    /// The permission to verify what is claimed.
    pub permission_to_verify: Option<ConsentGiven>,
}

/// The versions of the three texts now in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentVersions {
    /// The terms of use.
    pub terms_of_use: String,
    /// The processing of personal data.
    pub processing_of_personal_data: String,
    /// The permission to verify.
    pub permission_to_verify: String,
}

/// Step 1: who the person is and how they present themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Nationality, ISO 3166-1 alpha-2.
    pub nationality: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Street address, one line.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The title on the card.
    pub profile_title: Option<String>,
    /// 300 to 3,000 characters on themselves.
    pub professional_summary: Option<String>,
    /// Sector, a label.
    pub sector: Option<String>,
    /// Main occupation, a label.
    pub main_occupation: Option<String>,
    /// Whole years of experience.
    pub total_years_of_experience: Option<u32>,
    /// The document that is their photo.
    pub photo_document_id: Option<Uuid>,
}

/// Step 7: what the person looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobPreferences {
    /// 1 to 5 positions, labels.
    pub desired_positions: Vec<String>,
    /// Kinds of contract.
    pub contract_types: Vec<ContractType>,
    /// Sectors, labels.
    pub target_sectors: Vec<String>,
    /// Places, labels.
    pub locations: Vec<String>,
    /// How far they would move.
    pub mobility: Option<Mobility>,
    /// How soon they could begin.
    pub availability: Option<Availability>,
    /// What they ask for.
    pub salary_range: Option<SalaryRange>,
}

/// A salary range, in the currency's minor unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SalaryRange {
    /// The low end.
    pub min: Option<i64>,
    /// The high end.
    pub max: Option<i64>,
    /// The currency.
    pub currency: Option<Currency>,
    /// What it is counted by.
    pub period: Option<SalaryPeriod>,
}
