//! A profile read, and one field of it changed.

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::types::Json as SqlJson;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;
use workflows::events::EventType;

use super::opening::append;
use super::{Bare, Failure};

/// What the store's statement gives, its lists as they come.
#[derive(FromRow, Serialize)]
pub(super) struct ProfileRow {
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
    #[sqlx(rename = "experiences: Json<Vec<Experience>>")]
    experiences: List,
    #[sqlx(rename = "educations: Json<Vec<Education>>")]
    educations: List,
    #[sqlx(rename = "certifications: Json<Vec<Certification>>")]
    certifications: List,
    #[sqlx(rename = "skills: Json<Vec<SkillRow>>")]
    skills: List,
    #[sqlx(rename = "job_preferences: Json<PreferencesRow>")]
    job_preferences: List,
    #[sqlx(rename = "documents: Json<Vec<ProfileDocument>>")]
    documents: List,
}

type List = Option<SqlJson<Box<RawValue>>>;

pub(super) async fn read(
    State(bare): State<Bare>,
    Path(user_id): Path<Uuid>,
) -> Result<Json<ProfileRow>, Failure> {
    let row = sqlx::query_as(bare.statements.read_profile)
        .bind(user_id)
        .fetch_one(&bare.pool)
        .await?;
    Ok(Json(row))
}

/// The field that the benchmark changes.
#[derive(Deserialize)]
pub(super) struct Edit {
    phone: String,
}

#[derive(Serialize)]
pub(super) struct Edited {
    version: i64,
}

pub(super) async fn edit(
    State(bare): State<Bare>,
    Path(user_id): Path<Uuid>,
    Json(edit): Json<Edit>,
) -> Result<Json<Edited>, Failure> {
    let mut tx = bare.pool.begin().await?;
    let mut row: ProfileRow = sqlx::query_as(bare.statements.lock_profile)
        .bind(user_id)
        .fetch_one(&mut *tx)
        .await?;
    row.phone = Some(edit.phone);
    update(&mut tx, bare.statements.update_profile, &row).await?;
    let payload = json!({"profile_id": row.id, "user_id": user_id, "step": "identity"});
    append(&mut tx, &bare, row.id, EventType::ProfileUpdated, payload).await?;
    tx.commit().await?;
    let version = row.version + 1;
    Ok(Json(Edited { version }))
}

async fn update(
    connection: &mut PgConnection,
    statement: &'static str,
    row: &ProfileRow,
) -> Result<(), sqlx::Error> {
    sqlx::query(statement)
        .bind(row.id)
        .bind(&row.status)
        .bind(row.version)
        .bind(row.version + 1)
        .bind(69_i32)
        .bind(row.created_at)
        .bind(row.terms_of_use_accepted)
        .bind(&row.terms_of_use_version)
        .bind(row.terms_of_use_at)
        .bind(row.processing_of_personal_data_accepted)
        .bind(&row.processing_of_personal_data_version)
        .bind(row.processing_of_personal_data_at)
        .bind(row.permission_to_verify_accepted)
        .bind(&row.permission_to_verify_version)
        .bind(row.permission_to_verify_at)
        .bind(&row.first_name)
        .bind(&row.last_name)
        .bind(row.date_of_birth)
        .bind(&row.gender)
        .bind(&row.nationality)
        .bind(&row.phone)
        .bind(&row.address)
        .bind(&row.city)
        .bind(&row.country)
        .bind(&row.profile_title)
        .bind(&row.professional_summary)
        .bind(&row.sector)
        .bind(&row.main_occupation)
        .bind(row.total_years_of_experience)
        .bind(row.photo_document_id)
        .execute(connection)
        .await?;
    Ok(())
}
