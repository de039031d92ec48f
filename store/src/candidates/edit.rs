//! The autosave of one step, in one transaction of at most four statements: lock and read, update,
//! items, event; one more where the caller compares no version.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;
use workflows::candidates::payloads::ProfileUpdated;
use workflows::candidates::profile::{
    ConsentGiven, ConsentVersions, ProfileStatus, StepName, StepStatus,
};
use workflows::candidates::rules::{Completion, EditRefusal, PatchContext, apply_patch, warnings};
use workflows::events::{EventType, Service};
use workflows::fields::FieldError;

use super::profile::{AGGREGATE, StoredProfile, payload};
use super::{items, rows};
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// One autosave of one step.
#[derive(Debug)]
pub struct StepEdit<'a> {
    /// Whose profile.
    pub user_id: Uuid,
    /// Which step.
    pub step: StepName,
    /// The versions that the caller has read; `None` for any.
    pub versions: Option<&'a [i64]>,
    /// The step's fields.
    pub body: Value,
    /// The versions of the consents' texts that the person sees.
    pub consent_versions: &'a ConsentVersions,
}

/// A step after its edit.
#[derive(Clone, Debug)]
pub struct EditedStep {
    /// The profile's new version.
    pub version: i64,
    /// How far the profile has come.
    pub completion: Completion,
    /// What was kept in this step although it is most likely wrong.
    pub warnings: Vec<FieldError>,
}

/// Why an edit was not made, in the order of the checks.
#[derive(Debug, Error)]
pub enum EditError {
    /// The account has no profile.
    #[error("there is no profile")]
    NotFound,
    /// The profile was edited since the caller read it; this is its version now.
    #[error("the profile is at version {0}")]
    Stale(i64),
    /// The profile's status does not allow it.
    #[error(transparent)]
    Refused(#[from] EditRefusal),
    /// The fields cannot be kept.
    #[error("{} fields cannot be kept", .0.len())]
    Invalid(Vec<FieldError>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for EditError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Keeps what the person has typed so far in one step.
pub async fn edit_step(
    store: &Store,
    context: &Context,
    mut edit: StepEdit<'_>,
) -> Result<EditedStep, EditError> {
    let mut transaction = store.begin().await?;
    let Some(mut stored) = lock(&mut transaction, &edit).await? else {
        return Err(EditError::NotFound);
    };
    check_version(&stored, edit.versions)?;
    stored.may_edit(edit.step)?;

    let now = store.now();
    let before = stored.completion(now.date_naive());
    patch(store, &mut stored, &mut edit, now)?;
    let after = stored.completion(now.date_naive());
    stored.version += 1;

    update_profile(&mut transaction, &stored, after.percentage, now).await?;
    items::replace(&mut transaction, stored.id, edit.step, &stored.profile).await?;
    let event = updated(&stored, edit.step, &before, &after)?;
    events::append(&mut transaction, store, context, event).await?;
    transaction.commit().await?;
    Ok(EditedStep {
        version: stored.version,
        completion: after,
        warnings: warnings(edit.step, &stored.profile),
    })
}

/// One statement where the comparison with the one version that the caller has read finds out that
/// the lists are stale; where any version will do, the lock comes first.
async fn lock(
    connection: &mut PgConnection,
    edit: &StepEdit<'_>,
) -> Result<Option<StoredProfile>, StoreError> {
    match edit.versions {
        Some([_]) => rows::lock_by_user(connection, edit.user_id).await,
        _ => rows::lock_then_find_by_user(connection, edit.user_id).await,
    }
}

fn check_version(stored: &StoredProfile, versions: Option<&[i64]>) -> Result<(), EditError> {
    match versions {
        Some(versions) if !versions.contains(&stored.version) => {
            Err(EditError::Stale(stored.version))
        }
        _ => Ok(()),
    }
}

fn patch(
    store: &Store,
    stored: &mut StoredProfile,
    edit: &mut StepEdit<'_>,
    now: DateTime<Utc>,
) -> Result<(), EditError> {
    let documents = stored.document_facts();
    let rules = PatchContext {
        today: now.date_naive(),
        now,
        consent_versions: edit.consent_versions,
        documents: &documents,
    };
    let body = edit.body.take();
    apply_patch(edit.step, &mut stored.profile, body, &rules, &mut || {
        store.new_id()
    })
    .map_err(EditError::Invalid)
}

/// Writes the columns of the profile, on the condition that the status still allows it.
async fn update_profile(
    connection: &mut PgConnection,
    stored: &StoredProfile,
    percentage: u8,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let consent = &stored.profile.consent;
    let identity = &stored.profile.identity;
    let terms = ConsentColumns::of(consent.terms_of_use.as_ref());
    let processing = ConsentColumns::of(consent.processing_of_personal_data.as_ref());
    let permission = ConsentColumns::of(consent.permission_to_verify.as_ref());
    let done = sqlx::query!(
        "UPDATE candidate.profiles SET
            version = $4, completion_percentage = $5, updated_at = $6,
            terms_of_use_accepted = $7, terms_of_use_version = $8, terms_of_use_at = $9,
            processing_of_personal_data_accepted = $10,
            processing_of_personal_data_version = $11, processing_of_personal_data_at = $12,
            permission_to_verify_accepted = $13, permission_to_verify_version = $14,
            permission_to_verify_at = $15,
            first_name = $16, last_name = $17, date_of_birth = $18, gender = $19,
            nationality = $20, phone = $21, address = $22, city = $23, country = $24,
            profile_title = $25, professional_summary = $26, sector = $27,
            main_occupation = $28, total_years_of_experience = $29, photo_document_id = $30
         WHERE id = $1 AND status = $2 AND version = $3",
        stored.id,
        stored.status.as_str(),
        stored.version - 1,
        stored.version,
        i32::from(percentage),
        now,
        terms.accepted,
        terms.version,
        terms.at,
        processing.accepted,
        processing.version,
        processing.at,
        permission.accepted,
        permission.version,
        permission.at,
        identity.first_name,
        identity.last_name,
        identity.date_of_birth,
        identity.gender.map(|gender| gender.as_str()),
        identity.nationality,
        identity.phone,
        identity.address,
        identity.city,
        identity.country,
        identity.profile_title,
        identity.professional_summary,
        identity.sector,
        identity.main_occupation,
        identity
            .total_years_of_experience
            .and_then(|years| i32::try_from(years).ok()),
        identity.photo_document_id,
    )
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(StoreError::inconsistent(
        "candidate.profiles",
        "a locked row changed",
    ))
}

/// The three columns of one consent.
#[derive(Default)]
struct ConsentColumns<'a> {
    accepted: Option<bool>,
    version: Option<&'a str>,
    at: Option<DateTime<Utc>>,
}

impl<'a> ConsentColumns<'a> {
    fn of(given: Option<&'a ConsentGiven>) -> Self {
        given.map_or_else(Self::default, |given| Self {
            accepted: Some(given.accepted),
            version: Some(&given.version),
            at: Some(given.at),
        })
    }
}

fn updated(
    stored: &StoredProfile,
    step: StepName,
    before: &Completion,
    after: &Completion,
) -> Result<NewEvent, StoreError> {
    let state = |completion: &Completion| {
        completion
            .step(step)
            .map_or(StepStatus::Todo, |step| step.status)
    };
    let updated = ProfileUpdated {
        profile_id: stored.id,
        user_id: stored.user_id,
        step,
        before: state(before),
        after: state(after),
        version: stored.version,
        status: stored.status,
    };
    let event = NewEvent::new(
        EventType::ProfileUpdated,
        AGGREGATE,
        stored.id,
        payload(&updated)?,
    );
    let validated = stored.status == ProfileStatus::Validated;
    Ok(event.consumed_by_if(Service::Search, validated))
}
