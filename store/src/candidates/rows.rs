//! The one statement that reads a whole profile, and how its row becomes the profile of the rules.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::candidates::profile::{
    Certification, Consent, ConsentGiven, Currency, Education, Experience, Gender, Identity,
    JobPreferences, Language, LanguageLevel, Profile, ProfileStatus, SalaryPeriod, SalaryRange,
    SkillLevel, Skills, StepName, TechnicalSkill, Tool,
};

use super::profile::{ProfileDocument, StoredProfile};
use crate::error::{StoreError, code};

/// Reads the profile that the condition finds, with everything that belongs to it.
macro_rules! select_profile {
    ($condition:tt, $argument:expr) => {
        sqlx::query_as!(
            ProfileRow,
            r#"SELECT p.id, p.user_id, p.status, p.version, p.submission_number, p.validation_id,
                p.draft_since, p.submitted_at, p.submitted_version, p.validated_at, p.rejected_at,
                p.resubmission_open_at, p.open_correction_steps, p.created_at,
                p.terms_of_use_accepted, p.terms_of_use_version, p.terms_of_use_at,
                p.processing_of_personal_data_accepted, p.processing_of_personal_data_version,
                p.processing_of_personal_data_at, p.permission_to_verify_accepted,
                p.permission_to_verify_version, p.permission_to_verify_at,
                p.first_name, p.last_name, p.date_of_birth, p.gender, p.nationality, p.phone,
                p.address, p.city, p.country, p.profile_title, p.professional_summary, p.sector,
                p.main_occupation, p.total_years_of_experience, p.photo_document_id,
                (SELECT json_agg(e ORDER BY e.rank) FROM candidate.experiences e
                 WHERE e.profile_id = p.id) AS "experiences: Json<Vec<Experience>>",
                (SELECT json_agg(e ORDER BY e.rank) FROM candidate.educations e
                 WHERE e.profile_id = p.id) AS "educations: Json<Vec<Education>>",
                (SELECT json_agg(c ORDER BY c.rank) FROM candidate.certifications c
                 WHERE c.profile_id = p.id) AS "certifications: Json<Vec<Certification>>",
                (SELECT json_agg(s ORDER BY s.rank) FROM candidate.skills s
                 WHERE s.profile_id = p.id) AS "skills: Json<Vec<SkillRow>>",
                (SELECT row_to_json(j) FROM candidate.job_preferences j
                 WHERE j.profile_id = p.id) AS "job_preferences: Json<PreferencesRow>",
                (SELECT json_agg(json_build_object(
                    'id', d.id, 'kind', d.kind, 'status', d.status, 'file_name', d.file_name,
                    'size', d.size, 'page_count', d.page_count,
                    'rejection_code', d.rejection_code, 'experience_id', d.experience_id,
                    'education_id', d.education_id, 'certification_id', d.certification_id,
                    'created_at', d.created_at) ORDER BY d.id)
                 FROM document.documents d
                 WHERE d.profile_id = p.id AND d.archived_at IS NULL)
                    AS "documents: Json<Vec<ProfileDocument>>"
            FROM candidate.profiles p "#
                + $condition,
            $argument
        )
    };
}

/// The profile of that account.
pub(super) async fn find_by_user(
    connection: &mut PgConnection,
    user_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    let row = select_profile!("WHERE p.user_id = $1", user_id)
        .fetch_optional(connection)
        .await?;
    row.map(ProfileRow::into_profile).transpose()
}

/// The profile with that id.
pub(super) async fn find(
    connection: &mut PgConnection,
    profile_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    let row = select_profile!("WHERE p.id = $1", profile_id)
        .fetch_optional(connection)
        .await?;
    row.map(ProfileRow::into_profile).transpose()
}

/// The profile of that account, its row locked, in one statement.
///
/// The lists are read as of the statement's start, the row as of the lock: after a wait they may
/// be older than the row. Then the version was raised meanwhile, so this is only for whoever
/// compares it with the one they have read.
pub(super) async fn lock_by_user(
    connection: &mut PgConnection,
    user_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    let row = select_profile!("WHERE p.user_id = $1 FOR UPDATE OF p", user_id)
        .fetch_optional(connection)
        .await?;
    row.map(ProfileRow::into_profile).transpose()
}

/// The profile of that account, its row locked, first the lock and then the reading: the lists are
/// as new as the row.
pub(super) async fn lock_then_find_by_user(
    connection: &mut PgConnection,
    user_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    sqlx::query!(
        "SELECT id FROM candidate.profiles WHERE user_id = $1 FOR UPDATE",
        user_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    find_by_user(connection, user_id).await
}

/// The columns of a profile, and its lists as JSON.
struct ProfileRow {
    id: Uuid,
    user_id: Uuid,
    status: String,
    version: i64,
    submission_number: i32,
    validation_id: Option<Uuid>,
    draft_since: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    submitted_version: Option<i64>,
    validated_at: Option<DateTime<Utc>>,
    rejected_at: Option<DateTime<Utc>>,
    resubmission_open_at: Option<DateTime<Utc>>,
    open_correction_steps: Option<Vec<String>>,
    created_at: DateTime<Utc>,
    terms_of_use_accepted: Option<bool>,
    terms_of_use_version: Option<String>,
    terms_of_use_at: Option<DateTime<Utc>>,
    processing_of_personal_data_accepted: Option<bool>,
    processing_of_personal_data_version: Option<String>,
    processing_of_personal_data_at: Option<DateTime<Utc>>,
    permission_to_verify_accepted: Option<bool>,
    permission_to_verify_version: Option<String>,
    permission_to_verify_at: Option<DateTime<Utc>>,
    first_name: Option<String>,
    last_name: Option<String>,
    date_of_birth: Option<NaiveDate>,
    gender: Option<String>,
    nationality: Option<String>,
    phone: Option<String>,
    address: Option<String>,
    city: Option<String>,
    country: Option<String>,
    profile_title: Option<String>,
    professional_summary: Option<String>,
    sector: Option<String>,
    main_occupation: Option<String>,
    total_years_of_experience: Option<i32>,
    photo_document_id: Option<Uuid>,
    experiences: Option<Json<Vec<Experience>>>,
    educations: Option<Json<Vec<Education>>>,
    certifications: Option<Json<Vec<Certification>>>,
    skills: Option<Json<Vec<SkillRow>>>,
    job_preferences: Option<Json<PreferencesRow>>,
    documents: Option<Json<Vec<ProfileDocument>>>,
}

/// A row of `candidate.skills`.
#[derive(Debug, Deserialize)]
pub(crate) struct SkillRow {
    category: String,
    label: Option<String>,
    level: Option<String>,
    years: Option<u32>,
}

/// A row of `candidate.job_preferences`: the fields of the rules' type, the salary flat.
#[derive(Debug, Deserialize)]
pub(crate) struct PreferencesRow {
    #[serde(flatten)]
    preferences: JobPreferences,
    salary_min: Option<i64>,
    salary_max: Option<i64>,
    salary_currency: Option<Currency>,
    salary_period: Option<SalaryPeriod>,
}

impl ProfileRow {
    fn into_profile(mut self) -> Result<StoredProfile, StoreError> {
        let status = code(
            "candidate.profiles.status",
            &self.status,
            ProfileStatus::from_code,
        )?;
        let awaits_corrections = self.open_correction_steps.is_some();
        let open_steps = self
            .open_correction_steps
            .take()
            .unwrap_or_default()
            .iter()
            .map(|step| {
                code(
                    "candidate.profiles.open_correction_steps",
                    step,
                    StepName::from_code,
                )
            })
            .collect::<Result<_, _>>()?;
        let documents = self.documents.take().map(|json| json.0).unwrap_or_default();
        Ok(StoredProfile {
            id: self.id,
            user_id: self.user_id,
            status,
            version: self.version,
            submission_number: self.submission_number,
            validation_id: self.validation_id,
            draft_since: self.draft_since,
            submitted_at: self.submitted_at,
            submitted_version: self.submitted_version,
            validated_at: self.validated_at,
            rejected_at: self.rejected_at,
            resubmission_open_at: self.resubmission_open_at,
            awaits_corrections,
            open_steps,
            created_at: self.created_at,
            profile: self.into_sections()?,
            documents,
        })
    }

    fn into_sections(self) -> Result<Profile, StoreError> {
        Ok(Profile {
            consent: Consent {
                terms_of_use: consent(
                    self.terms_of_use_accepted,
                    self.terms_of_use_version,
                    self.terms_of_use_at,
                ),
                processing_of_personal_data: consent(
                    self.processing_of_personal_data_accepted,
                    self.processing_of_personal_data_version,
                    self.processing_of_personal_data_at,
                ),
                permission_to_verify: consent(
                    self.permission_to_verify_accepted,
                    self.permission_to_verify_version,
                    self.permission_to_verify_at,
                ),
            },
            identity: Identity {
                first_name: self.first_name,
                last_name: self.last_name,
                date_of_birth: self.date_of_birth,
                gender: optional_code(
                    "candidate.profiles.gender",
                    self.gender.as_deref(),
                    Gender::from_code,
                )?,
                nationality: self.nationality,
                phone: self.phone,
                address: self.address,
                city: self.city,
                country: self.country,
                profile_title: self.profile_title,
                professional_summary: self.professional_summary,
                sector: self.sector,
                main_occupation: self.main_occupation,
                total_years_of_experience: self
                    .total_years_of_experience
                    .and_then(|years| u32::try_from(years).ok()),
                photo_document_id: self.photo_document_id,
            },
            experiences: self.experiences.map(|json| json.0).unwrap_or_default(),
            educations: self.educations.map(|json| json.0).unwrap_or_default(),
            certifications: self.certifications.map(|json| json.0).unwrap_or_default(),
            skills: skills(self.skills.map(|json| json.0).unwrap_or_default())?,
            job_preferences: self
                .job_preferences
                .map(|json| preferences(json.0))
                .unwrap_or_default(),
        })
    }
}

fn consent(
    accepted: Option<bool>,
    version: Option<String>,
    at: Option<DateTime<Utc>>,
) -> Option<ConsentGiven> {
    Some(ConsentGiven {
        accepted: accepted?,
        version: version?,
        at: at?,
    })
}

pub(crate) fn skills(rows: Vec<SkillRow>) -> Result<Skills, StoreError> {
    let mut skills = Skills::default();
    for row in rows {
        let (column, level) = ("candidate.skills.level", row.level.as_deref());
        match row.category.as_str() {
            "technical" => skills.technical.push(TechnicalSkill {
                name: row.label,
                level: optional_code(column, level, SkillLevel::from_code)?,
                years: row.years,
            }),
            "tool" => skills.tools.push(Tool {
                name: row.label,
                level: optional_code(column, level, SkillLevel::from_code)?,
            }),
            "language" => skills.languages.push(Language {
                code: row.label,
                level: optional_code(column, level, LanguageLevel::from_code)?,
            }),
            "behavioural" => skills.behavioural.extend(row.label),
            _ => {
                let category = "candidate.skills.category";
                return Err(StoreError::inconsistent(category, "an unknown code"));
            }
        }
    }
    Ok(skills)
}

pub(crate) fn preferences(row: PreferencesRow) -> JobPreferences {
    let range = SalaryRange {
        min: row.salary_min,
        max: row.salary_max,
        currency: row.salary_currency,
        period: row.salary_period,
    };
    JobPreferences {
        salary_range: (range != SalaryRange::default()).then_some(range),
        ..row.preferences
    }
}

fn optional_code<T>(
    column: &'static str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| code(column, text, parse)).transpose()
}
