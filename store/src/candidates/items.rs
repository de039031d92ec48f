//! The sections of a profile that are rows of their own: each is replaced in one statement.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::profile::{ContractType, JobPreferences, Profile, Skills, StepName};

use crate::error::StoreError;

/// Replaces the rows of the step that was edited; steps without rows need nothing.
pub(super) async fn replace(
    connection: &mut PgConnection,
    profile_id: Uuid,
    step: StepName,
    profile: &Profile,
) -> Result<(), StoreError> {
    match step {
        StepName::Experiences => experiences(connection, profile_id, profile).await,
        StepName::Educations => educations(connection, profile_id, profile).await,
        StepName::Certifications => certifications(connection, profile_id, profile).await,
        StepName::Skills => skills(connection, profile_id, &profile.skills).await,
        StepName::JobPreferences => {
            preferences(connection, profile_id, &profile.job_preferences).await
        }
        StepName::Consent | StepName::Identity | StepName::Documents | StepName::Review => Ok(()),
    }
}

/// Items keep their rows when they keep their ids, so that what refers to one still does.
async fn experiences(
    connection: &mut PgConnection,
    profile_id: Uuid,
    profile: &Profile,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH sent AS (
            SELECT item.*, rank FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY
                AS element (value, rank),
                jsonb_to_record(element.value) AS item (
                    id uuid, company text, sector text, position text, contract_type text,
                    start_date date, end_date date, current boolean, missions text,
                    achievements text)
        ), gone AS (
            DELETE FROM candidate.experiences
            WHERE profile_id = $1 AND id NOT IN (SELECT id FROM sent)
        )
        INSERT INTO candidate.experiences AS kept
            (profile_id, id, rank, company, sector, position, contract_type, start_date,
             end_date, current, missions, achievements)
        SELECT $1, id, rank, company, sector, position, contract_type, start_date, end_date,
            current, missions, achievements
        FROM sent
        ON CONFLICT (id) DO UPDATE SET
            rank = excluded.rank, company = excluded.company, sector = excluded.sector,
            position = excluded.position, contract_type = excluded.contract_type,
            start_date = excluded.start_date, end_date = excluded.end_date,
            current = excluded.current, missions = excluded.missions,
            achievements = excluded.achievements
        WHERE kept.profile_id = $1",
        profile_id,
        array(&profile.experiences)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn educations(
    connection: &mut PgConnection,
    profile_id: Uuid,
    profile: &Profile,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH sent AS (
            SELECT item.*, rank FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY
                AS element (value, rank),
                jsonb_to_record(element.value) AS item (
                    id uuid, diploma text, institution text, country text, start_year integer,
                    graduation_year integer, level text)
        ), gone AS (
            DELETE FROM candidate.educations
            WHERE profile_id = $1 AND id NOT IN (SELECT id FROM sent)
        )
        INSERT INTO candidate.educations AS kept
            (profile_id, id, rank, diploma, institution, country, start_year, graduation_year,
             level)
        SELECT $1, id, rank, diploma, institution, country, start_year, graduation_year, level
        FROM sent
        ON CONFLICT (id) DO UPDATE SET
            rank = excluded.rank, diploma = excluded.diploma,
            institution = excluded.institution, country = excluded.country,
            start_year = excluded.start_year, graduation_year = excluded.graduation_year,
            level = excluded.level
        WHERE kept.profile_id = $1",
        profile_id,
        array(&profile.educations)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn certifications(
    connection: &mut PgConnection,
    profile_id: Uuid,
    profile: &Profile,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH sent AS (
            SELECT item.*, rank FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY
                AS element (value, rank),
                jsonb_to_record(element.value) AS item (
                    id uuid, title text, issuer text, year integer, expiry date,
                    credential_id text, verification_url text)
        ), gone AS (
            DELETE FROM candidate.certifications
            WHERE profile_id = $1 AND id NOT IN (SELECT id FROM sent)
        )
        INSERT INTO candidate.certifications AS kept
            (profile_id, id, rank, title, issuer, year, expiry, credential_id, verification_url)
        SELECT $1, id, rank, title, issuer, year, expiry, credential_id, verification_url
        FROM sent
        ON CONFLICT (id) DO UPDATE SET
            rank = excluded.rank, title = excluded.title, issuer = excluded.issuer,
            year = excluded.year, expiry = excluded.expiry,
            credential_id = excluded.credential_id, verification_url = excluded.verification_url
        WHERE kept.profile_id = $1",
        profile_id,
        array(&profile.certifications)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Skills have no ids: a place in its category is what a row is known by.
async fn skills(
    connection: &mut PgConnection,
    profile_id: Uuid,
    skills: &Skills,
) -> Result<(), StoreError> {
    sqlx::query!(
        "WITH sent AS (
            SELECT * FROM jsonb_to_recordset($2::jsonb) AS item (
                category text, rank integer, label text, level text, years integer)
        ), gone AS (
            DELETE FROM candidate.skills
            WHERE profile_id = $1
              AND (category, rank) NOT IN (SELECT category, rank FROM sent)
        )
        INSERT INTO candidate.skills (profile_id, category, rank, label, level, years)
        SELECT $1, category, rank, label, level, years FROM sent
        ON CONFLICT (profile_id, category, rank) DO UPDATE SET
            label = excluded.label, level = excluded.level, years = excluded.years",
        profile_id,
        skill_rows(skills),
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn skill_rows(skills: &Skills) -> Value {
    let technical = skills.technical.iter().enumerate().map(|(rank, skill)| {
        json!({"category": "technical", "rank": rank, "label": skill.name, "level": skill.level,
               "years": skill.years})
    });
    let behavioural = skills
        .behavioural
        .iter()
        .enumerate()
        .map(|(rank, code)| json!({"category": "behavioural", "rank": rank, "label": code}));
    let tools = skills.tools.iter().enumerate().map(|(rank, tool)| {
        json!({"category": "tool", "rank": rank, "label": tool.name, "level": tool.level})
    });
    let languages = skills.languages.iter().enumerate().map(|(rank, language)| {
        json!({"category": "language", "rank": rank, "label": language.code,
               "level": language.level})
    });
    technical
        .chain(behavioural)
        .chain(tools)
        .chain(languages)
        .collect()
}

async fn preferences(
    connection: &mut PgConnection,
    profile_id: Uuid,
    preferences: &JobPreferences,
) -> Result<(), StoreError> {
    let range = preferences.salary_range.clone().unwrap_or_default();
    let contract_types: Vec<String> = preferences
        .contract_types
        .iter()
        .map(|contract: &ContractType| contract.as_str().to_owned())
        .collect();
    sqlx::query!(
        "INSERT INTO candidate.job_preferences
            (profile_id, desired_positions, contract_types, target_sectors, locations, mobility,
             availability, salary_min, salary_max, salary_currency, salary_period)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (profile_id) DO UPDATE SET
            desired_positions = excluded.desired_positions,
            contract_types = excluded.contract_types,
            target_sectors = excluded.target_sectors, locations = excluded.locations,
            mobility = excluded.mobility, availability = excluded.availability,
            salary_min = excluded.salary_min, salary_max = excluded.salary_max,
            salary_currency = excluded.salary_currency, salary_period = excluded.salary_period",
        profile_id,
        &preferences.desired_positions,
        &contract_types,
        &preferences.target_sectors,
        &preferences.locations,
        preferences.mobility.map(|mobility| mobility.as_str()),
        preferences
            .availability
            .map(|availability| availability.as_str()),
        range.min,
        range.max,
        range.currency.map(|currency| currency.as_str()),
        range.period.map(|period| period.as_str()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn array(items: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(items)
        .map_err(|error| StoreError::unreadable("candidate.profiles", &error))
}
