//! The submission of a profile, and its resubmission after corrections.
//!
//! What keeps a profile from being submitted is computed from the rows under the profile's lock,
//! never from what a workflow was told.

use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;
use workflows::candidates::contract::{Submit, Submitted, onboarding_id, validation_id};
use workflows::candidates::payloads::{ProfileSubmitted, StatusCause};
use workflows::candidates::profile::ProfileStatus;
use workflows::candidates::rules::Blocker;
use workflows::commands::{Command, Refusal};
use workflows::events::{EventType, Service};

use super::profile::{AGGREGATE, StoredProfile, load_for_update, payload};
use super::status::{StatusChange, set_status};
use crate::commands;
use crate::context::Context;
use crate::database::Writer;
use crate::error::StoreError;
use crate::events::{self, NewEvent};
use crate::idempotency;

/// Why a submission was not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubmissionRefusal {
    /// There is no such profile.
    #[error("there is no profile")]
    NotFound,
    /// The status does not allow it.
    #[error("a profile that is {0} cannot be submitted")]
    Status(ProfileStatus),
    /// No correction request of that case waits for an answer.
    #[error("nobody waits for corrections")]
    NotAwaited,
    /// The command is over: it was refused before, or nobody took it in a day.
    #[error("the command is over")]
    Expired,
    /// Something is missing or invalid.
    #[error("{} blockers keep the profile from being submitted", .0.len())]
    Incomplete(Vec<Blocker>),
}

impl SubmissionRefusal {
    /// The code of a profile that is not complete: the caller computes the blockers again.
    pub const INCOMPLETE: &'static str = "profile_incomplete";

    /// The stable code of the refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "profile_not_found",
            Self::NotAwaited
            | Self::Status(
                ProfileStatus::Draft | ProfileStatus::Submitted | ProfileStatus::InReview,
            ) => "already_submitted",
            Self::Status(ProfileStatus::Validated) => "already_validated",
            Self::Status(ProfileStatus::Rejected) => "resubmission_not_open",
            Self::Status(ProfileStatus::Archived) => "profile_archived",
            Self::Expired => "command_expired",
            Self::Incomplete(_) => Self::INCOMPLETE,
        }
    }
}

impl From<&SubmissionRefusal> for Refusal {
    fn from(refusal: &SubmissionRefusal) -> Self {
        Self::new(refusal.code())
    }
}

/// Submits a draft: status, submitted version, the case's id and the event together. Done once
/// for a command, however often it is tried.
pub async fn submit(
    writer: &Writer,
    command: &Command<Submit>,
) -> Result<Result<Submitted, SubmissionRefusal>, StoreError> {
    let profile_id = command.body.profile_id;
    let mut transaction = writer.begin().await?;
    let Some(profile) = load_for_update(&mut transaction, profile_id).await? else {
        return Ok(Err(SubmissionRefusal::NotFound));
    };
    if let Some(before) = submitted_by(&mut transaction, command.id).await? {
        return Ok(Ok(before));
    }
    if profile.status != ProfileStatus::Draft {
        return Ok(Err(SubmissionRefusal::Status(profile.status)));
    }
    let blockers = blockers(&profile, writer);
    if !blockers.is_empty() {
        return Ok(Err(SubmissionRefusal::Incomplete(blockers)));
    }
    let taken = commands::take::<serde_json::Value, _>(&mut transaction, command).await?;
    let Some((context, _)) = taken else {
        return Ok(Err(SubmissionRefusal::Expired));
    };
    let submitted = write_submission(&mut transaction, writer, &context, &profile).await?;
    let answer = json!({
        "status": submitted.status,
        "validation_id": submitted.validation_id,
        "workflow_id": onboarding_id(profile_id),
    });
    idempotency::record(&mut transaction, writer, &context, 202, answer).await?;
    transaction.commit().await?;
    Ok(Ok(submitted))
}

async fn write_submission(
    connection: &mut PgConnection,
    writer: &Writer,
    context: &Context,
    profile: &StoredProfile,
) -> Result<Submitted, StoreError> {
    let number = profile.submission_number + 1;
    let validation_id = validation_id(profile.id, number);
    let event = submitted_event(profile, validation_id, number, ProfileStatus::Submitted)?;
    let event_id = events::append(connection, writer, context, event).await?;
    sqlx::query!(
        "UPDATE candidate.profiles
         SET submission_number = $2, validation_id = $3, submitted_version = version
         WHERE id = $1",
        profile.id,
        number,
        validation_id,
    )
    .execute(&mut *connection)
    .await?;
    let change = StatusChange {
        profile_id: profile.id,
        user_id: profile.user_id,
        from: ProfileStatus::Draft,
        to: ProfileStatus::Submitted,
        cause: StatusCause::Submitted,
        validation_id: Some(validation_id),
        resubmission_open_at: None,
    };
    if !set_status(connection, writer, &change, event_id).await? {
        return Err(StoreError::inconsistent(
            "candidate.profiles",
            "a locked row changed",
        ));
    }
    Ok(Submitted {
        validation_id,
        status: ProfileStatus::Submitted,
    })
}

/// The candidate's answer to a correction request, in the transaction of the case's own change:
/// computes the blockers again, closes the steps and tells of it. Case, number and status stay.
pub async fn resubmit(
    connection: &mut PgConnection,
    writer: &Writer,
    context: &Context,
    profile_id: Uuid,
    validation_id: Uuid,
) -> Result<Result<Submitted, SubmissionRefusal>, StoreError> {
    let Some(profile) = load_for_update(connection, profile_id).await? else {
        return Ok(Err(SubmissionRefusal::NotFound));
    };
    if profile.status != ProfileStatus::InReview {
        return Ok(Err(SubmissionRefusal::Status(profile.status)));
    }
    if profile.validation_id != Some(validation_id) {
        return Ok(Err(SubmissionRefusal::NotAwaited));
    }
    let blockers = blockers(&profile, writer);
    if !blockers.is_empty() {
        return Ok(Err(SubmissionRefusal::Incomplete(blockers)));
    }
    sqlx::query!(
        "UPDATE candidate.profiles
         SET open_correction_steps = NULL, submitted_version = version
         WHERE id = $1",
        profile_id,
    )
    .execute(&mut *connection)
    .await?;
    let status = ProfileStatus::InReview;
    let event = submitted_event(&profile, validation_id, profile.submission_number, status)?;
    events::append(connection, writer, context, event).await?;
    Ok(Ok(Submitted {
        validation_id,
        status,
    }))
}

fn blockers(profile: &StoredProfile, writer: &Writer) -> Vec<Blocker> {
    profile.completion(writer.now().date_naive()).blockers
}

/// A resubmission starts nothing, so nobody but the notifications is told of it.
fn submitted_event(
    profile: &StoredProfile,
    validation_id: Uuid,
    number: i32,
    status: ProfileStatus,
) -> Result<NewEvent, StoreError> {
    let resubmission = status == ProfileStatus::InReview;
    let submitted = ProfileSubmitted {
        profile_id: profile.id,
        user_id: profile.user_id,
        validation_id,
        number,
        version: profile.version,
        status,
        resubmission,
    };
    let event = NewEvent::new(
        EventType::ProfileSubmitted,
        AGGREGATE,
        profile.id,
        payload(&submitted)?,
    );
    Ok(event.consumed_by_if(Service::Admin, !resubmission))
}

/// What the command led to, if it was carried out before.
async fn submitted_by(
    connection: &mut PgConnection,
    command_id: Uuid,
) -> Result<Option<Submitted>, StoreError> {
    let payload = sqlx::query_scalar!(
        "SELECT payload FROM events.events
         WHERE causation_id = $1 AND type = 'profile.submitted'",
        command_id,
    )
    .fetch_optional(connection)
    .await?;
    payload
        .map(|payload| {
            let told: ProfileSubmitted = serde_json::from_value(payload)
                .map_err(|error| StoreError::unreadable("events.events", &error))?;
            Ok(Submitted {
                validation_id: told.validation_id,
                status: told.status,
            })
        })
        .transpose()
}
