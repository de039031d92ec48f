//! Who holds a case.

use serde_json::json;
use workflows::candidates::payloads::StatusCause;
use workflows::candidates::profile::ProfileStatus;
use workflows::commands::Refusal;
use workflows::events::EventType;
use workflows::validation::{Action, CaseChanged, CaseCommand, Claim, Release};

use super::turn::{CommandOutcome, Stop, Turn, outcome};
use crate::candidates::{StatusChange, change_status};
use crate::database::Writer;

/// Gives the case to the reviewer; the first claim puts the profile in review.
pub async fn claim(writer: &Writer, order: &CaseCommand<Claim>) -> CommandOutcome {
    outcome(take(writer, order).await)
}

async fn take(writer: &Writer, order: &CaseCommand<Claim>) -> Result<CaseChanged, Stop> {
    let mut turn = Turn::begin(writer, order, Action::Claim).await?;
    let claimed = turn
        .row
        .event(EventType::CaseClaimed, &json!({"claimed_by": turn.actor}));
    turn.tell(vec![claimed]).await?;
    if turn.row.profile_status == ProfileStatus::Submitted {
        put_in_review(&mut turn).await?;
    }
    turn.row.case.claimed_by = Some(turn.actor);
    turn.row.claimed_at = Some(turn.at);
    turn.row.touch(turn.at);
    turn.finish(200, &json!({})).await
}

async fn put_in_review(turn: &mut Turn<'_>) -> Result<(), Stop> {
    let change = StatusChange {
        profile_id: turn.row.profile_id,
        user_id: turn.row.user_id,
        from: ProfileStatus::Submitted,
        to: ProfileStatus::InReview,
        cause: StatusCause::Claimed,
        validation_id: Some(turn.row.id),
        resubmission_open_at: None,
    };
    change_status(&mut turn.tx, turn.writer, &turn.context, &change)
        .await?
        .map(|_| ())
        .ok_or_else(|| Refusal::new("profile_moved").into())
}

/// Gives the case back to the queue; interviews, reviews and grid stay.
pub async fn release(writer: &Writer, order: &CaseCommand<Release>) -> CommandOutcome {
    outcome(give_back(writer, order).await)
}

async fn give_back(writer: &Writer, order: &CaseCommand<Release>) -> Result<CaseChanged, Stop> {
    let mut turn = Turn::begin(writer, order, Action::Release).await?;
    let released = turn
        .row
        .event(EventType::CaseReleased, &json!({"cause": "released"}));
    turn.tell(vec![released]).await?;
    turn.row.case.claimed_by = None;
    turn.row.claimed_at = None;
    turn.row.touch(turn.at);
    turn.finish(200, &json!({})).await
}
