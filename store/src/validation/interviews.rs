//! The interviews of a case.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::validation::{
    Action, CaseChanged, CaseCommand, ChangeInterview, CompleteInterview, InterviewChange,
    InterviewMode, InterviewStatus, ScheduleInterview, Wanted,
};

use super::turn::{CaseRow, CommandOutcome, Stop, Turn, outcome, required};
use crate::database::{Store, Writer};
use crate::error::{StoreError, code};
use crate::events::NewEvent;

/// An interview, as reviewers and invitations show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interview {
    /// The interview.
    pub id: Uuid,
    /// The case.
    pub validation_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// Where it stands.
    pub status: InterviewStatus,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts.
    pub duration_minutes: i32,
    /// Where: by which means.
    pub mode: InterviewMode,
    /// Where: a link, a number or an address.
    pub place: String,
    /// RFC 5545 `SEQUENCE`.
    pub sequence: i32,
    /// The reviewer who leads it: the one who holds the case, else who scheduled it.
    pub reviewer_id: Uuid,
    /// What came of it.
    pub report: Option<String>,
    /// When that was written.
    pub completed_at: Option<DateTime<Utc>>,
}

/// One interview, for its invitation and its reminders.
pub async fn interview(store: &Store, id: Uuid) -> Result<Option<Interview>, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        r#"SELECT i.id, i.validation_id, v.user_id, i.status, i.starts_at, i.duration_minutes,
                  i.mode, i.place, i.sequence, i.report, i.completed_at,
                  COALESCE(v.claimed_by, i.scheduled_by) AS "reviewer_id!"
           FROM admin.interviews i JOIN admin.validations v ON v.id = i.validation_id
           WHERE i.id = $1"#,
        id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(Interview {
            id: row.id,
            validation_id: row.validation_id,
            user_id: row.user_id,
            status: code(
                "admin.interviews.status",
                &row.status,
                InterviewStatus::from_code,
            )?,
            starts_at: row.starts_at,
            duration_minutes: row.duration_minutes,
            mode: code("admin.interviews.mode", &row.mode, InterviewMode::from_code)?,
            place: row.place,
            sequence: row.sequence,
            reviewer_id: row.reviewer_id,
            report: row.report,
            completed_at: row.completed_at,
        })
    })
    .transpose()
}

/// Schedules an interview.
pub async fn schedule_interview(
    writer: &Writer,
    order: &CaseCommand<ScheduleInterview>,
) -> CommandOutcome {
    outcome(schedule(writer, order).await)
}

async fn schedule(
    writer: &Writer,
    order: &CaseCommand<ScheduleInterview>,
) -> Result<CaseChanged, Stop> {
    let asked = &order.command.body;
    let mut turn = Turn::begin(writer, order, Action::ScheduleInterview).await?;
    let place = required(turn.texts.place.take())?;
    sqlx::query!(
        "INSERT INTO admin.interviews
            (id, validation_id, starts_at, duration_minutes, mode, place, scheduled_by,
             scheduled_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        asked.interview_id,
        turn.row.id,
        asked.starts_at.trunc_subsecs(6),
        minutes(asked.duration_minutes),
        asked.mode.as_str(),
        place,
        turn.actor,
        turn.at,
    )
    .execute(&mut *turn.tx)
    .await?;
    told(&mut turn, EventType::InterviewScheduled, asked.interview_id).await?;
    reread_scheduled(&mut turn).await?;
    turn.row.touch(turn.at);
    turn.finish(201, &json!({"interview_id": asked.interview_id}))
        .await
}

/// Moves or cancels an interview.
pub async fn change_interview(
    writer: &Writer,
    order: &CaseCommand<ChangeInterview>,
) -> CommandOutcome {
    outcome(change(writer, order).await)
}

async fn change(
    writer: &Writer,
    order: &CaseCommand<ChangeInterview>,
) -> Result<CaseChanged, Stop> {
    let asked = &order.command.body;
    let action = Wanted::of_interview(Action::ChangeInterview, asked.interview_id);
    let mut turn = Turn::begin(writer, order, action).await?;
    let event = match &asked.change {
        InterviewChange::Cancelled => {
            cancel(&mut turn, asked.interview_id).await?;
            EventType::InterviewCancelled
        }
        InterviewChange::Rescheduled {
            starts_at,
            duration_minutes,
            mode,
        } => {
            let slot = (*starts_at, *duration_minutes, *mode);
            reschedule(&mut turn, asked.interview_id, slot).await?;
            EventType::InterviewChanged
        }
    };
    told(&mut turn, event, asked.interview_id).await?;
    reread_scheduled(&mut turn).await?;
    turn.row.touch(turn.at);
    turn.finish(200, &json!({"interview_id": asked.interview_id}))
        .await
}

async fn cancel(turn: &mut Turn<'_>, interview_id: Uuid) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE admin.interviews SET status = 'cancelled', sequence = sequence + 1
         WHERE id = $1 AND status = 'scheduled'",
        interview_id,
    )
    .execute(&mut *turn.tx)
    .await?;
    Ok(())
}

async fn reschedule(
    turn: &mut Turn<'_>,
    interview_id: Uuid,
    (starts_at, duration_minutes, mode): (
        Option<DateTime<Utc>>,
        Option<u32>,
        Option<InterviewMode>,
    ),
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE admin.interviews SET
            starts_at = COALESCE($2, starts_at),
            duration_minutes = COALESCE($3, duration_minutes),
            mode = COALESCE($4, mode),
            place = COALESCE($5, place),
            scheduled_at = $6,
            sequence = sequence + 1
         WHERE id = $1 AND status = 'scheduled'",
        interview_id,
        starts_at.map(|at| at.trunc_subsecs(6)),
        duration_minutes.map(minutes),
        mode.map(InterviewMode::as_str),
        turn.texts.place,
        turn.at,
    )
    .execute(&mut *turn.tx)
    .await?;
    Ok(())
}

/// Records how an interview ended.
pub async fn complete_interview(
    writer: &Writer,
    order: &CaseCommand<CompleteInterview>,
) -> CommandOutcome {
    outcome(complete(writer, order).await)
}

async fn complete(
    writer: &Writer,
    order: &CaseCommand<CompleteInterview>,
) -> Result<CaseChanged, Stop> {
    let asked = &order.command.body;
    let action = Wanted::of_interview(Action::CompleteInterview, asked.interview_id);
    let mut turn = Turn::begin(writer, order, action).await?;
    let report = required(turn.texts.report.take())?;
    sqlx::query!(
        "UPDATE admin.interviews SET status = $2, report = $3, completed_at = $4
         WHERE id = $1 AND status = 'scheduled'",
        asked.interview_id,
        InterviewStatus::from(asked.outcome).as_str(),
        report,
        turn.at,
    )
    .execute(&mut *turn.tx)
    .await?;
    let payload = turn.row.payload(&json!({
        "interview_id": asked.interview_id,
        "outcome": asked.outcome,
    }));
    let completed = NewEvent::new(
        EventType::InterviewCompleted,
        "interview",
        asked.interview_id,
        payload,
    );
    turn.tell(vec![completed]).await?;
    reread_scheduled(&mut turn).await?;
    turn.row.touch(turn.at);
    turn.finish(200, &json!({"interview_id": asked.interview_id}))
        .await
}

/// Cancels the interviews that are still to come of a case that closes, so that nobody waits for
/// one. Returns the events that tell both sides; whoever scheduled an interview hears of it when
/// nobody holds the case.
pub(super) async fn cancel_scheduled(
    connection: &mut PgConnection,
    row: &mut CaseRow,
) -> Result<Vec<NewEvent>, StoreError> {
    let cancelled = sqlx::query!(
        "UPDATE admin.interviews SET status = 'cancelled', sequence = sequence + 1
         WHERE validation_id = $1 AND status = 'scheduled'
         RETURNING id, scheduled_by",
        row.id,
    )
    .fetch_all(connection)
    .await?;
    row.case.interviews.clear();
    let told = cancelled.into_iter().map(|interview| {
        let payload = row.payload(&json!({
            "interview_id": interview.id,
            "reviewer_id": row.case.claimed_by.unwrap_or(interview.scheduled_by),
        }));
        NewEvent::new(
            EventType::InterviewCancelled,
            "interview",
            interview.id,
            payload,
        )
    });
    Ok(told.collect())
}

async fn told(
    turn: &mut Turn<'_>,
    event_type: EventType,
    interview_id: Uuid,
) -> Result<(), StoreError> {
    let payload = turn.row.payload(&json!({
        "interview_id": interview_id,
        "reviewer_id": turn.row.case.claimed_by,
    }));
    let event = NewEvent::new(event_type, "interview", interview_id, payload);
    turn.tell(vec![event]).await?;
    Ok(())
}

/// The status of the case follows from the interviews that are scheduled.
async fn reread_scheduled(turn: &mut Turn<'_>) -> Result<(), StoreError> {
    turn.row.case.interviews = super::turn::scheduled_interviews(&mut turn.tx, turn.row.id).await?;
    Ok(())
}

fn minutes(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
