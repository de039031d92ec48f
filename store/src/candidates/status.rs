//! The status of a profile: who moved it, from where to where, once.
//!
//! Only a [`Writer`] gets here, and PostgreSQL keeps `yemma_api` from these columns as well.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::contract::{Reactivate, Reopen, Round};
use workflows::candidates::payloads::{
    CandidateReminder, ProfileStatusChanged, ReminderKind, StatusCause,
};
use workflows::candidates::profile::{ProfileStatus, StepName};
use workflows::commands::{Command, Refusal};
use workflows::events::{EventType, Service};

use super::profile::{AGGREGATE, StoredProfile, load_for_update, payload};
use crate::commands;
use crate::context::Context;
use crate::database::Writer;
use crate::error::{StoreError, code};
use crate::events::{self, NewEvent};
use crate::idempotency;

/// One transition of a profile's status.
#[derive(Clone, Copy, Debug)]
pub struct StatusChange {
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// The status before: the change is made only from there.
    pub from: ProfileStatus,
    /// The status after.
    pub to: ProfileStatus,
    /// What moves it.
    pub cause: StatusCause,
    /// The case, when one is concerned.
    pub validation_id: Option<Uuid>,
    /// From when a rejected candidate may come back; for [`ProfileStatus::Rejected`] only.
    pub resubmission_open_at: Option<DateTime<Utc>>,
}

/// Moves a status and keeps the move in the candidate's history; false when the profile is not
/// in `from` (then nothing is written).
///
/// Every transition has exactly one event. Write it first and pass its id: its `occurred_at` is
/// the moment of the change, from which reminders count. [`change_status`] does both for the
/// transitions whose event is `profile.status_changed`; `profile.submitted`, `profile.validated`
/// and `profile.rejected` are written by whoever causes them.
pub async fn set_status(
    connection: &mut PgConnection,
    writer: &Writer,
    change: &StatusChange,
    event_id: Uuid,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "WITH told AS (
            SELECT occurred_at FROM events.events WHERE id = $4
        ), moved AS (
            UPDATE candidate.profiles SET
                status = $3,
                draft_since = CASE $3 WHEN 'DRAFT' THEN occurred_at ELSE draft_since END,
                submitted_at = CASE $3 WHEN 'SUBMITTED' THEN occurred_at ELSE submitted_at END,
                validated_at = CASE $3 WHEN 'VALIDATED' THEN occurred_at ELSE validated_at END,
                rejected_at = CASE $3 WHEN 'REJECTED' THEN occurred_at ELSE rejected_at END,
                resubmission_open_at = $5,
                open_correction_steps = NULL
            FROM told
            WHERE profiles.id = $1 AND status = $2
            RETURNING profiles.id, occurred_at
        )
        INSERT INTO candidate.status_changes
            (id, profile_id, from_status, to_status, cause, validation_id, occurred_at)
        SELECT $6, id, $2, $3, $7, $8, occurred_at FROM moved",
        change.profile_id,
        change.from.as_str(),
        change.to.as_str(),
        event_id,
        change.resubmission_open_at,
        writer.new_id(),
        change.cause.as_str(),
        change.validation_id,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Moves a status and tells of it by `profile.status_changed`. Returns the event's id; `None`
/// when the profile is not in `from`: roll the transaction back then, the event was written.
pub async fn change_status(
    connection: &mut PgConnection,
    writer: &Writer,
    context: &Context,
    change: &StatusChange,
) -> Result<Option<Uuid>, StoreError> {
    let event = status_changed(change)?;
    let event_id = events::append(connection, writer, context, event).await?;
    let moved = set_status(connection, writer, change, event_id).await?;
    Ok(moved.then_some(event_id))
}

/// The onboarding hears only of what a case did: it makes the other transitions itself.
fn status_changed(change: &StatusChange) -> Result<NewEvent, StoreError> {
    let changed = ProfileStatusChanged {
        profile_id: change.profile_id,
        user_id: change.user_id,
        from: change.from,
        to: change.to,
        cause: change.cause,
        validation_id: change.validation_id,
    };
    let by_case = matches!(change.cause, StatusCause::Withdrawn | StatusCause::Lapsed);
    Ok(NewEvent::new(
        EventType::ProfileStatusChanged,
        AGGREGATE,
        change.profile_id,
        payload(&changed)?,
    )
    .consumed_by_if(Service::Candidate, by_case))
}

/// Opens steps of a profile in review for correction; false when it is not in review.
///
/// They close again with the resubmission and with every change of status.
pub async fn open_correction_steps(
    connection: &mut PgConnection,
    _writer: &Writer,
    profile_id: Uuid,
    steps: &[StepName],
) -> Result<bool, StoreError> {
    let steps: Vec<String> = steps.iter().map(|step| step.as_str().to_owned()).collect();
    let done = sqlx::query!(
        "UPDATE candidate.profiles SET open_correction_steps = $2
         WHERE id = $1 AND status = 'IN_REVIEW'",
        profile_id,
        &steps,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Where the round of a profile stands. A profile that is gone is archived.
pub async fn read_round(writer: &Writer, profile_id: Uuid) -> Result<Option<Round>, StoreError> {
    let mut connection = writer.connection().await?;
    let row = sqlx::query!(
        "SELECT status, draft_since, validation_id, resubmission_open_at
         FROM candidate.profiles WHERE id = $1",
        profile_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(Round {
            status: code(
                "candidate.profiles.status",
                &row.status,
                ProfileStatus::from_code,
            )?,
            draft_since: row.draft_since,
            validation_id: row.validation_id,
            resubmission_open_at: row.resubmission_open_at,
        })
    })
    .transpose()
}

/// An admin lets a rejected candidate come back at once.
pub async fn reactivate(
    writer: &Writer,
    command: &Command<Reactivate>,
) -> Result<Result<Round, Refusal>, StoreError> {
    let profile_id = command.body.profile_id;
    let mut transaction = writer.begin().await?;
    let Some(profile) = load_for_update(&mut transaction, profile_id).await? else {
        return Ok(Err(Refusal::new("profile_not_found")));
    };
    if events::caused_by(&mut transaction, command.id).await? {
        return Ok(Ok(round_of(&profile)));
    }
    if profile.status != ProfileStatus::Rejected {
        return Ok(Err(Refusal::new("not_rejected")));
    }
    let taken = commands::take::<serde_json::Value, _>(&mut transaction, command).await?;
    let Some((context, _)) = taken else {
        return Ok(Err(Refusal::new("command_expired")));
    };
    draft_again(
        &mut transaction,
        writer,
        &context,
        &profile,
        StatusCause::Reactivated,
    )
    .await?;
    let answer = serde_json::json!({"profile_id": profile_id, "status": ProfileStatus::Draft});
    idempotency::record(&mut transaction, writer, &context, 200, answer).await?;
    transaction.commit().await?;
    round_now(writer, profile_id).await.map(Ok)
}

/// The delay after a rejection is over: the profile becomes a draft again and its owner is told,
/// unless somebody came first.
pub async fn reopen(writer: &Writer, reopen: &Reopen) -> Result<Option<Round>, StoreError> {
    let mut transaction = writer.begin().await?;
    let Some(profile) = load_for_update(&mut transaction, reopen.profile_id).await? else {
        return Ok(None);
    };
    let applies = profile.status == ProfileStatus::Rejected
        && (reopen.validation_id.is_none() || profile.validation_id == reopen.validation_id);
    if !applies {
        return Ok(Some(round_of(&profile)));
    }
    let context = Context::system(reopen.correlation_id, None);
    let cause = StatusCause::DelayOver;
    draft_again(&mut transaction, writer, &context, &profile, cause).await?;
    let reminder = CandidateReminder {
        kind: ReminderKind::ResubmissionOpen,
        profile_id: profile.id,
        user_id: profile.user_id,
        occurrence: 1,
    };
    let event = NewEvent::new(
        EventType::ReminderDue,
        AGGREGATE,
        profile.id,
        payload(&reminder)?,
    );
    events::append(&mut transaction, writer, &context, event).await?;
    transaction.commit().await?;
    round_now(writer, reopen.profile_id).await.map(Some)
}

async fn draft_again(
    connection: &mut PgConnection,
    writer: &Writer,
    context: &Context,
    profile: &StoredProfile,
    cause: StatusCause,
) -> Result<(), StoreError> {
    let change = StatusChange {
        profile_id: profile.id,
        user_id: profile.user_id,
        from: ProfileStatus::Rejected,
        to: ProfileStatus::Draft,
        cause,
        validation_id: profile.validation_id,
        resubmission_open_at: None,
    };
    change_status(connection, writer, context, &change)
        .await?
        .map(|_| ())
        .ok_or_else(|| StoreError::inconsistent("candidate.profiles", "a locked row changed"))
}

async fn round_now(writer: &Writer, profile_id: Uuid) -> Result<Round, StoreError> {
    read_round(writer, profile_id)
        .await?
        .ok_or_else(|| StoreError::inconsistent("candidate.profiles", "a profile vanished"))
}

pub(super) fn round_of(profile: &StoredProfile) -> Round {
    Round {
        status: profile.status,
        draft_since: profile.draft_since,
        validation_id: profile.validation_id,
        resubmission_open_at: profile.resubmission_open_at,
    }
}
