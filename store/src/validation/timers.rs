//! What a case does by itself when time passes, if it still applies.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::candidates::payloads::{ReminderKind, StatusCause};
use workflows::candidates::profile::ProfileStatus;
use workflows::events::EventType;
use workflows::validation::{
    Case, CaseOutcome, CaseStatus, Due, EscalationLevel, TimerFired, TimerHandled,
};

use super::interviews::cancel_scheduled;
use super::turn::{CaseRow, lock, write};
use crate::candidates::{StatusChange, change_status};
use crate::context::Context;
use crate::database::Writer;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// A timer fired: acts if it still applies, once for each occurrence, and tells how the case
/// stands.
pub async fn fire_timer(writer: &Writer, fired: &TimerFired) -> Result<TimerHandled, StoreError> {
    let at = fired.at.trunc_subsecs(6);
    let mut tx = writer.begin().await?;
    let mut row = lock(&mut tx, fired.validation_id)
        .await?
        .ok_or_else(|| StoreError::inconsistent("admin.validations", "no such case"))?;
    let stood = row.case.status;
    let occurrence = occurrence_id(fired, &row.case);
    let context = Context::system(fired.correlation_id, Some(occurrence));
    let open = stood != CaseStatus::Decided;
    if open && !events::caused_by(&mut tx, occurrence).await? {
        let mut told = act(&mut row, fired, at);
        let changed = !told.is_empty();
        if row.case.outcome.is_some() {
            told.extend(cancel_scheduled(&mut tx, &mut row).await?);
        }
        events::append_all(&mut tx, writer, &context, told).await?;
        if changed && fired.due == Due::CorrectionDeadline {
            back_to_draft(&mut tx, writer, &context, &row).await?;
        }
        if changed {
            row.settle_status();
            write(&mut tx, &row, stood).await?;
        }
    }
    let row = lock(&mut tx, fired.validation_id)
        .await?
        .ok_or_else(|| StoreError::inconsistent("admin.validations", "a locked case left"))?;
    tx.commit().await?;
    Ok(TimerHandled {
        claim_check: row.case.claim_runs_out_at(&fired.timing),
        case: row.case,
    })
}

/// Changes the row as the timer asks and says which events tell of it; none: it applies no more.
fn act(row: &mut CaseRow, fired: &TimerFired, at: DateTime<Utc>) -> Vec<NewEvent> {
    match fired.due {
        Due::ClaimCheck => expire_claim(row, fired, at),
        Due::Escalation(level) => escalate(row, fired, level, at),
        Due::InterviewReminder {
            interview_id,
            starts_at,
            before,
        } => remind_of_interview(row, interview_id, starts_at, before, at),
        Due::CorrectionReminder { deadline, before } => {
            remind_of_correction(row, deadline, before, at)
        }
        Due::CorrectionDeadline => lapse(row, at),
    }
}

/// A claim that nobody touched goes back to the queue.
fn expire_claim(row: &mut CaseRow, fired: &TimerFired, at: DateTime<Utc>) -> Vec<NewEvent> {
    let ran_out = row
        .case
        .claim_runs_out_at(&fired.timing)
        .is_some_and(|runs_out| runs_out <= at);
    let Some(holder) = row.case.claimed_by.filter(|_| ran_out) else {
        return Vec::new();
    };
    row.case.claimed_by = None;
    row.claimed_at = None;
    vec![
        row.event(
            EventType::CaseReleased,
            &json!({"cause": "expired", "claimed_by": holder}),
        ),
        reminder(
            row,
            ReminderKind::ClaimExpired,
            &json!({"reviewer_id": holder}),
        ),
    ]
}

/// A case that somebody touched meanwhile, through the API perhaps, is not told of.
fn escalate(
    row: &CaseRow,
    fired: &TimerFired,
    level: EscalationLevel,
    at: DateTime<Utc>,
) -> Vec<NewEvent> {
    let untouched = row
        .case
        .escalates_at(level, &fired.timing)
        .is_some_and(|due| due <= at);
    if !untouched {
        return Vec::new();
    }
    vec![row.event(
        EventType::CaseEscalated,
        &json!({"level": level, "claimed_by": row.case.claimed_by}),
    )]
}

fn remind_of_interview(
    row: &CaseRow,
    interview_id: Uuid,
    starts_at: DateTime<Utc>,
    before: u64,
    at: DateTime<Utc>,
) -> Vec<NewEvent> {
    let still = row.case.interviews.iter().any(|interview| {
        interview.id == interview_id && interview.starts_at == starts_at && at < starts_at
    });
    if !still {
        return Vec::new();
    }
    let more = json!({
        "interview_id": interview_id,
        "reviewer_id": row.case.claimed_by,
        "starts_at": starts_at,
        "before_seconds": before,
    });
    vec![reminder(row, ReminderKind::Interview, &more)]
}

fn remind_of_correction(
    row: &CaseRow,
    deadline: DateTime<Utc>,
    before: u64,
    at: DateTime<Utc>,
) -> Vec<NewEvent> {
    if row.case.correction_deadline != Some(deadline) || at >= deadline {
        return Vec::new();
    }
    let more = json!({"deadline": deadline, "before_seconds": before});
    vec![reminder(row, ReminderKind::Correction, &more)]
}

/// The candidate did not answer: the case closes. That the profile is a draft again is told by
/// `profile.status_changed`.
fn lapse(row: &mut CaseRow, at: DateTime<Utc>) -> Vec<NewEvent> {
    let due = row
        .case
        .correction_deadline
        .is_some_and(|deadline| deadline <= at);
    if !due {
        return Vec::new();
    }
    let holder = row.case.claimed_by;
    row.close(CaseOutcome::Lapsed, at);
    vec![row.event(
        EventType::CaseReleased,
        &json!({"cause": "lapsed", "claimed_by": holder}),
    )]
}

/// The profile of a case that closed without a decision is a draft again.
pub(super) async fn back_to_draft(
    connection: &mut sqlx::PgConnection,
    writer: &Writer,
    context: &Context,
    row: &CaseRow,
) -> Result<(), StoreError> {
    let withdrawn = row.case.outcome == Some(CaseOutcome::Withdrawn);
    let change = StatusChange {
        profile_id: row.profile_id,
        user_id: row.user_id,
        from: row.profile_status,
        to: ProfileStatus::Draft,
        cause: if withdrawn {
            StatusCause::Withdrawn
        } else {
            StatusCause::Lapsed
        },
        validation_id: Some(row.id),
        resubmission_open_at: None,
    };
    if !matches!(
        change.from,
        ProfileStatus::Submitted | ProfileStatus::InReview
    ) {
        return Ok(());
    }
    change_status(connection, writer, context, &change)
        .await?
        .map(|_| ())
        .ok_or_else(|| StoreError::inconsistent("candidate.profiles", "a profile moved"))
}

fn reminder(row: &CaseRow, kind: ReminderKind, more: &Value) -> NewEvent {
    let mut payload = row.payload(more);
    if let Some(payload) = payload.as_object_mut() {
        payload.insert("kind".to_owned(), json!(kind));
    }
    NewEvent::new(EventType::ReminderDue, "case", row.id, payload)
}

/// One id for each occurrence of a timer, however often its activity runs. A claim may expire
/// many times, so its occurrence is the moment at which it was looked at; a case is escalated once
/// for each time that it was left alone.
fn occurrence_id(fired: &TimerFired, case: &Case) -> Uuid {
    let name = match fired.due {
        Due::ClaimCheck => format!("claim-check:{}", fired.at.timestamp_micros()),
        Due::Escalation(level) => {
            let since = case.untouched_since().map(|at| at.timestamp_micros());
            format!(
                "escalation:{}:{}",
                level.as_str(),
                since.unwrap_or_default()
            )
        }
        Due::InterviewReminder {
            interview_id,
            starts_at,
            before,
        } => format!(
            "interview:{interview_id}:{}:{before}",
            starts_at.timestamp_micros()
        ),
        Due::CorrectionReminder { deadline, before } => {
            format!("correction:{}:{before}", deadline.timestamp_micros())
        }
        Due::CorrectionDeadline => "correction-deadline".to_owned(),
    };
    Uuid::new_v5(&fired.validation_id, name.as_bytes())
}
