//! What an operator reads in the Temporal UI: who is awaited, and the search attributes.

use chrono::{DateTime, Utc};
use temporalio_common::search_attributes::SearchAttributeUpdate;

use super::{Carried, Case, CaseStatus, Due, ValidationInput};
use crate::conventions;

/// The text of the workflow's current details: ids, statuses and times only.
pub(super) fn details(input: &ValidationInput, progress: Option<&Carried>) -> String {
    let Some(progress) = progress else {
        return "Opening the case.".to_owned();
    };
    let case = &progress.case;
    let mut lines = vec![
        format!("**{}**: {}", case.status, awaited(case)),
        format!("- profile `{}`", input.profile_id),
        format!("- submitted {}", minute(case.submitted_at)),
    ];
    if let Some((at, due)) = progress.next_due(&input.timing) {
        lines.push(format!(
            "- next by itself: {} at {}",
            named(due),
            minute(at)
        ));
    }
    for postponed in &progress.postponed {
        lines.push(format!(
            "- **cannot be done now**: {}, failed {} times",
            named(postponed.due),
            postponed.failures
        ));
    }
    lines.join("\n")
}

fn awaited(case: &Case) -> String {
    let holder = || match case.claimed_by {
        Some(holder) => format!("reviewer `{holder}`"),
        None => "any reviewer".to_owned(),
    };
    match case.status {
        CaseStatus::Queued => "waiting for a reviewer to claim it".to_owned(),
        CaseStatus::Claimed => format!("waiting for {}", holder()),
        CaseStatus::Interview => format!("waiting for an interview held by {}", holder()),
        CaseStatus::AwaitingCandidate => {
            format!("waiting for the candidate's corrections, then {}", holder())
        }
        CaseStatus::Decided => match case.outcome {
            Some(outcome) => format!("closed: {outcome}"),
            None => "closed".to_owned(),
        },
    }
}

/// The name of a timer, for its summary and the details.
pub(super) const fn named(due: Due) -> &'static str {
    match due {
        Due::ClaimCheck => "claim expiry",
        Due::Escalation(_) => "escalation",
        Due::InterviewReminder { .. } => "interview reminder",
        Due::CorrectionReminder { .. } => "correction reminder",
        Due::CorrectionDeadline => "correction deadline",
    }
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The search attributes that a change of status sets.
pub(super) fn attributes(
    input: &ValidationInput,
    progress: &Carried,
) -> Vec<SearchAttributeUpdate> {
    let case = &progress.case;
    let assignee = match case.claimed_by {
        Some(holder) => conventions::ASSIGNEE.value_set(holder.to_string()),
        None => conventions::cleared("YemmaAssignee"),
    };
    vec![
        conventions::DOMAIN.value_set(crate::queues::VALIDATION.to_owned()),
        conventions::STATUS.value_set(case.status.to_string()),
        assignee,
        conventions::deadline(progress.next_due(&input.timing).map(|(at, _)| at)),
        conventions::PROFILE_ID.value_set(input.profile_id.to_string()),
        conventions::CORRELATION_ID.value_set(input.correlation_id.to_string()),
    ]
}
