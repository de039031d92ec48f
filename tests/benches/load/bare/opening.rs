//! A profile opened for a company, and the event that every change ends with.

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sqlx::types::Json as SqlJson;
use sqlx::{FromRow, PgConnection};
use store::Actor;
use uuid::Uuid;
use workflows::events::{EventType, Service, delivery_name};

use super::{Bare, Failure};

/// What the store's statement gives, its lists as they come.
#[derive(FromRow, Serialize)]
pub(super) struct Opened {
    user_id: Uuid,
    email: String,
    first_name: String,
    last_name: String,
    revision_id: Uuid,
    #[sqlx(rename = "profile: Json<Profile>")]
    profile: SqlJson<Box<RawValue>>,
    expert_opinion: SqlJson<Box<RawValue>>,
    validated_at: DateTime<Utc>,
    #[sqlx(rename = "skills: Json<Vec<SkillRow>>")]
    skills: Option<SqlJson<Box<RawValue>>>,
    #[sqlx(rename = "job_preferences: Json<PreferencesRow>")]
    job_preferences: Option<SqlJson<Box<RawValue>>>,
    #[sqlx(rename = "documents: Json<Vec<OpenedDocument>>")]
    documents: Option<SqlJson<Box<RawValue>>>,
    #[sqlx(rename = "anchor?")]
    anchor: DateTime<Utc>,
}

pub(super) async fn open(
    State(bare): State<Bare>,
    Path((company_id, profile_id)): Path<(Uuid, Uuid)>,
) -> Result<Json<Opened>, Failure> {
    let opened: Opened = sqlx::query_as(bare.statements.look)
        .bind(company_id)
        .bind(profile_id)
        .fetch_one(&bare.pool)
        .await?;
    let mut tx = bare.pool.begin().await?;
    sqlx::query(bare.statements.charge)
        .bind(company_id)
        .bind(profile_id)
        .bind(opened.anchor)
        .bind(opened.revision_id)
        .bind(company_id)
        .bind(bare.store.now())
        .execute(&mut *tx)
        .await?;
    let payload = json!({"profile_id": profile_id, "company_id": company_id});
    append(
        &mut tx,
        &bare,
        profile_id,
        EventType::ProfileViewed,
        payload,
    )
    .await?;
    tx.commit().await?;
    Ok(Json(opened))
}

/// Writes an event of a profile with its deliveries.
pub(super) async fn append(
    connection: &mut PgConnection,
    bare: &Bare,
    profile_id: Uuid,
    event_type: EventType,
    payload: Value,
) -> Result<(), sqlx::Error> {
    let (id, now) = (bare.store.new_id(), bare.store.now());
    let consumers: Vec<String> = std::iter::once(&Service::Audit)
        .chain(event_type.consumers())
        .filter(|service| **service != Service::Search)
        .map(|service| delivery_name(*service, event_type))
        .collect();
    sqlx::query(bare.statements.append_event)
        .bind([id])
        .bind([event_type.as_str()])
        .bind(["profile"])
        .bind([profile_id])
        .bind([payload])
        .bind(profile_id)
        .bind(Actor::Person(profile_id).kind())
        .bind("127.0.0.1")
        .bind("bench")
        .bind(id)
        .bind(None::<Uuid>)
        .bind(now)
        .bind(vec![id; consumers.len()])
        .bind(consumers)
        .execute(connection)
        .await?;
    Ok(())
}
