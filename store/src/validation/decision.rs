//! The decision: the profile becomes searchable, or goes to the rejected archive.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::payloads::StatusCause;
use workflows::candidates::profile::ProfileStatus;
use workflows::commands::Refusal;
use workflows::events::EventType;
use workflows::validation::rules::{
    CountedDocument, DecisionBlocker, DecisionFacts, decision_blockers, evaluate,
};
use workflows::validation::{
    Action, Case, CaseChanged, CaseCommand, CaseOutcome, CloseErased, Decide, DecisionOutcome,
    Withdraw,
};

use super::assessment::{grid_of, saved_assessment};
use super::card::{Opinion, card_of};
use super::interviews::cancel_scheduled;
use super::timers::back_to_draft;
use super::turn::{
    CommandOutcome, Stop, Turn, find, lock, outcome, required, resubmission_opens, write,
};
use crate::candidates::{self, NewRevision, StatusChange, set_status};
use crate::context::Context;
use crate::database::{Store, Writer};
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Decides about a profile: case, profile, revision or archive, and events in one transaction.
pub async fn decide(writer: &Writer, order: &CaseCommand<Decide>) -> CommandOutcome {
    outcome(settle(writer, order).await)
}

async fn settle(writer: &Writer, order: &CaseCommand<Decide>) -> Result<CaseChanged, Stop> {
    let decided = order.command.body.outcome;
    let mut turn = Turn::begin(writer, order, decided.action()).await?;
    let profile_status = match decided {
        DecisionOutcome::Validated => {
            validate(&mut turn).await?;
            ProfileStatus::Validated
        }
        DecisionOutcome::Rejected => {
            reject(&mut turn, order).await?;
            ProfileStatus::Rejected
        }
    };
    cancel_interviews(&mut turn).await?;
    turn.row.decided_by = Some(turn.actor);
    turn.row.touch(turn.at);
    turn.row.close(decided.into(), turn.at);
    turn.finish(200, &json!({"status": profile_status})).await
}

/// The validated state is kept as companies will see it.
async fn validate(turn: &mut Turn<'_>) -> Result<(), Stop> {
    let (validation_id, profile_id) = (turn.row.id, turn.row.profile_id);
    if !blockers(&mut turn.tx, validation_id).await?.is_empty() {
        return Err(Refusal::new("decision_blocked").into());
    }
    let profile = candidates::load_for_update(&mut turn.tx, profile_id)
        .await?
        .ok_or_else(|| Refusal::new("profile_moved"))?;
    let opinion = saved_assessment(&mut turn.tx, validation_id)
        .await?
        .map(Opinion::from)
        .unwrap_or_default();
    let person = (profile.id, profile.user_id);
    let card = card_of(&mut turn.tx, person, &profile.profile, &opinion, turn.at).await?;
    let revision = NewRevision {
        profile_id,
        validation_id,
        profile: &profile.profile,
        card: json!(card),
        expert_opinion: json!(opinion),
        validated_at: turn.at,
    };
    candidates::keep_revision(&mut turn.tx, turn.writer, revision).await?;
    turn.row.reason = turn.texts.reason.take();
    move_profile(turn, EventType::ProfileValidated, None).await
}

async fn reject(turn: &mut Turn<'_>, order: &CaseCommand<Decide>) -> Result<(), Stop> {
    let reason = required(turn.texts.reason.take())?;
    let opens = resubmission_opens(turn.at, &order.timing);
    sqlx::query!(
        "INSERT INTO admin.rejected_profiles
            (validation_id, profile_id, user_id, reason, rejected_by, rejected_at,
             resubmission_open_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        turn.row.id,
        turn.row.profile_id,
        turn.row.user_id,
        reason,
        turn.actor,
        turn.at,
        opens,
    )
    .execute(&mut *turn.tx)
    .await?;
    turn.row.reason = Some(reason);
    turn.row.resubmission_open_at = Some(opens);
    move_profile(turn, EventType::ProfileRejected, Some(opens)).await
}

/// Moves the profile out of review and tells of it: every transition has one event.
async fn move_profile(
    turn: &mut Turn<'_>,
    event_type: EventType,
    resubmission_open_at: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<(), Stop> {
    let validated = event_type == EventType::ProfileValidated;
    let (to, cause) = if validated {
        (ProfileStatus::Validated, StatusCause::Validated)
    } else {
        (ProfileStatus::Rejected, StatusCause::Rejected)
    };
    let payload = turn.row.payload(&json!({
        "outcome": cause,
        "resubmission_open_at": resubmission_open_at,
    }));
    let event = NewEvent::new(event_type, "profile", turn.row.profile_id, payload);
    let event_id = events::append(&mut turn.tx, turn.writer, &turn.context, event).await?;
    let change = StatusChange {
        profile_id: turn.row.profile_id,
        user_id: turn.row.user_id,
        from: turn.row.profile_status,
        to,
        cause,
        validation_id: Some(turn.row.id),
        resubmission_open_at,
    };
    if change.from != ProfileStatus::InReview
        || !set_status(&mut turn.tx, turn.writer, &change, event_id).await?
    {
        return Err(Refusal::new("profile_moved").into());
    }
    Ok(())
}

async fn cancel_interviews(turn: &mut Turn<'_>) -> Result<(), StoreError> {
    let cancelled = cancel_scheduled(&mut turn.tx, &mut turn.row).await?;
    turn.tell(cancelled).await?;
    Ok(())
}

/// What keeps a case from being validated now; `None`: there is no such case.
pub async fn case_blockers(
    store: &Store,
    validation_id: Uuid,
) -> Result<Option<(Case, Vec<DecisionBlocker>)>, StoreError> {
    let mut connection = store.connection().await?;
    let Some(row) = find(&mut connection, validation_id).await? else {
        return Ok(None);
    };
    let blockers = blockers(&mut connection, validation_id).await?;
    Ok(Some((row.case, blockers)))
}

/// Computed from the rows, never from what the process was told.
async fn blockers(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Vec<DecisionBlocker>, StoreError> {
    let documents: Vec<CountedDocument> = sqlx::query!(
        r#"SELECT r.document_id, r.outcome IS NOT NULL AS "reviewed!"
           FROM admin.document_reviews r JOIN document.documents d ON d.id = r.document_id
           WHERE r.validation_id = $1 AND d.status = 'available' AND d.archived_at IS NULL
           ORDER BY d.created_at, d.id"#,
        validation_id,
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .map(|row| CountedDocument {
        id: row.document_id,
        reviewed: row.reviewed,
    })
    .collect();
    let interview_done = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM admin.interviews
                          WHERE validation_id = $1 AND status = 'done') AS "done!""#,
        validation_id,
    )
    .fetch_one(&mut *connection)
    .await?;
    let grid = grid_of(connection, validation_id).await?;
    let saved = saved_assessment(connection, validation_id).await?;
    let assessment_complete = match (grid, saved) {
        (Some(grid), Some(saved)) => evaluate(&grid, &saved.assessment).complete,
        _ => false,
    };
    Ok(decision_blockers(DecisionFacts {
        documents: &documents,
        interview_done,
        assessment_complete,
    }))
}

/// Closes the case because the candidate took the submission back.
pub async fn withdraw(writer: &Writer, order: &CaseCommand<Withdraw>) -> CommandOutcome {
    outcome(take_back(writer, order).await)
}

async fn take_back(writer: &Writer, order: &CaseCommand<Withdraw>) -> Result<CaseChanged, Stop> {
    let mut turn = Turn::begin(writer, order, Action::Withdraw).await?;
    if turn.row.profile_id != order.command.body.profile_id {
        return Err(Refusal::new("case_not_found").into());
    }
    cancel_interviews(&mut turn).await?;
    turn.row.close(CaseOutcome::Withdrawn, turn.at);
    let released = turn.row.event(
        EventType::CaseReleased,
        &json!({"cause": "withdrawn", "claimed_by": turn.row.case.claimed_by}),
    );
    turn.tell(vec![released]).await?;
    back_to_draft(&mut turn.tx, writer, &turn.context, &turn.row).await?;
    turn.finish(200, &json!({"status": ProfileStatus::Draft}))
        .await
}

/// Closes the case of a person who is being forgotten; the profile is the erasure's to move.
pub async fn close_erased(writer: &Writer, close: &CloseErased) -> Result<Case, StoreError> {
    let mut tx = writer.begin().await?;
    let mut row = lock(&mut tx, close.validation_id)
        .await?
        .ok_or_else(|| StoreError::inconsistent("admin.validations", "no such case"))?;
    if row.case.outcome.is_none() {
        let stood = row.case.status;
        let mut told = cancel_scheduled(&mut tx, &mut row).await?;
        told.push(row.event(
            EventType::CaseReleased,
            &json!({"cause": "erased", "claimed_by": row.case.claimed_by}),
        ));
        let context = Context::system(close.correlation_id, None);
        events::append_all(&mut tx, writer, &context, told).await?;
        row.close(CaseOutcome::Erased, close.at);
        row.settle_status();
        write(&mut tx, &row, stood).await?;
    }
    tx.commit().await?;
    Ok(row.case)
}
