//! The rules of a case, without a clock or a server.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::*;
use crate::validation::process::ProfileValidation;
use crate::validation::{CaseOutcome, ScheduledInterview, ValidationInput};

const REVIEWER: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const INTERVIEW: Uuid = Uuid::from_u128(3);

fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::days(20_000)
}

fn after(hours: i64) -> DateTime<Utc> {
    start() + Duration::hours(hours)
}

fn queued() -> Case {
    Case {
        status: CaseStatus::Queued,
        claimed_by: None,
        last_action_at: None,
        submitted_at: start(),
        waiting_since: None,
        waited_seconds: 0,
        correction_deadline: None,
        interviews: Vec::new(),
        outcome: None,
    }
}

fn claimed() -> Case {
    Case {
        status: CaseStatus::Claimed,
        claimed_by: Some(REVIEWER),
        last_action_at: Some(start()),
        ..queued()
    }
}

fn awaiting() -> Case {
    Case {
        status: CaseStatus::AwaitingCandidate,
        waiting_since: Some(start()),
        correction_deadline: Some(start() + Duration::days(30)),
        ..claimed()
    }
}

fn with_interview(hours: i64) -> Case {
    Case {
        status: CaseStatus::Interview,
        interviews: vec![ScheduledInterview {
            id: INTERVIEW,
            starts_at: after(hours),
            ends_at: after(hours + 1),
            scheduled_at: start(),
        }],
        ..claimed()
    }
}

fn decided() -> Case {
    Case {
        status: CaseStatus::Decided,
        outcome: Some(CaseOutcome::Validated),
        ..claimed()
    }
}

fn progress(case: Case) -> Carried {
    Carried {
        claim_check: case.claim_runs_out_at(&ValidationTiming::default()),
        case,
        escalated: None,
        reminded_until: start(),
        postponed: Vec::new(),
        erased: false,
    }
}

fn refusal(case: &Case, action: impl Into<Wanted>, actor: Uuid, at: DateTime<Utc>) -> String {
    match case.allows(action, actor, Some(at)) {
        Ok(()) => "allowed".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn a_claim_is_refused_by_name_to_the_holder_as_well() {
    let held = format!("already_claimed:{REVIEWER}");
    assert_eq!(refusal(&claimed(), Action::Claim, OTHER, start()), held);
    assert_eq!(refusal(&claimed(), Action::Claim, REVIEWER, start()), held);
    assert_eq!(refusal(&queued(), Action::Claim, OTHER, start()), "allowed");
}

#[test]
fn everything_else_needs_the_claim() {
    for action in [
        Action::Release,
        Action::ReviewDocument,
        Action::RequestCorrection,
        Action::ScheduleInterview,
        Action::SaveAssessment,
        Action::Validate,
        Action::Reject,
    ] {
        assert_eq!(refusal(&queued(), action, REVIEWER, start()), "not_claimed");
        assert_eq!(refusal(&claimed(), action, OTHER, start()), "not_claimed");
        assert_eq!(refusal(&claimed(), action, REVIEWER, start()), "allowed");
    }
}

#[test]
fn while_the_candidate_is_awaited_little_is_possible() {
    let unclaimed = Case {
        claimed_by: None,
        ..awaiting()
    };
    assert_eq!(
        refusal(&unclaimed, Action::Claim, OTHER, start()),
        "allowed"
    );
    for action in [
        Action::Resubmit,
        Action::Withdraw,
        Action::Release,
        Action::Reject,
    ] {
        assert_eq!(refusal(&awaiting(), action, REVIEWER, start()), "allowed");
    }
    for action in [
        Action::ReviewDocument,
        Action::RequestCorrection,
        Action::ScheduleInterview,
        Action::SaveAssessment,
        Action::Validate,
    ] {
        let refused = refusal(&awaiting(), action, REVIEWER, start());
        assert_eq!(refused, "awaiting_candidate");
    }
    let refused = refusal(&claimed(), Action::Resubmit, OTHER, start());
    assert_eq!(refused, "not_awaiting_candidate");
}

#[test]
fn an_interview_is_reported_on_once_it_began() {
    let case = with_interview(2);
    let report = Wanted::of_interview(Action::CompleteInterview, INTERVIEW);
    let early = format!("interview_not_started:{INTERVIEW}");
    assert_eq!(refusal(&case, report, REVIEWER, after(1)), early);
    assert_eq!(refusal(&case, report, REVIEWER, after(2)), "allowed");
    let unknown = Wanted::of_interview(Action::CompleteInterview, OTHER);
    let refused = refusal(&case, unknown, REVIEWER, after(3));
    assert_eq!(refused, format!("interview_not_scheduled:{OTHER}"));
}

#[test]
fn a_claim_runs_out_four_hours_after_the_last_action_or_the_interview() {
    let timing = ValidationTiming::default();
    assert_eq!(claimed().claim_runs_out_at(&timing), Some(after(4)));
    assert_eq!(
        with_interview(20).claim_runs_out_at(&timing),
        Some(after(25))
    );
    assert_eq!(awaiting().claim_runs_out_at(&timing), None);
    assert_eq!(queued().claim_runs_out_at(&timing), None);
}

#[test]
fn an_action_does_not_move_the_claims_timer_and_a_new_holder_does() {
    let timing = ValidationTiming::default();
    let mut held = progress(claimed());
    let acted = Case {
        last_action_at: Some(after(3)),
        ..claimed()
    };
    held.adopt(acted.clone(), &timing);
    assert_eq!(held.claim_check, Some(after(4)));
    let other = Case {
        claimed_by: Some(OTHER),
        ..acted
    };
    held.adopt(other, &timing);
    assert_eq!(held.claim_check, Some(after(7)));
    held.adopt(queued(), &timing);
    assert_eq!(held.claim_check, None);
}

#[test]
fn a_cancelled_interview_brings_the_claims_timer_back() {
    let timing = ValidationTiming::default();
    let mut held = progress(with_interview(48));
    assert_eq!(held.claim_check, Some(after(53)));
    held.adopt(
        Case {
            last_action_at: Some(after(1)),
            ..claimed()
        },
        &timing,
    );
    assert_eq!(held.claim_check, Some(after(5)));
}

#[test]
fn escalation_leaves_out_the_time_awaiting_the_candidate() {
    let timing = ValidationTiming::default();
    let mut case = progress(queued());
    assert_eq!(
        case.next_due(&timing),
        Some((after(24), Due::Escalation(EscalationLevel::Warning)))
    );
    case.handled(
        Due::Escalation(EscalationLevel::Warning),
        &timing,
        after(24),
    );
    assert_eq!(
        case.next_due(&timing),
        Some((after(48), Due::Escalation(EscalationLevel::Breached)))
    );
    case.case.waited_seconds = 3_600;
    assert_eq!(case.next_due(&timing).map(|(at, _)| at), Some(after(49)));
    let breached = Due::Escalation(EscalationLevel::Breached);
    case.handled(breached, &timing, after(48));
    assert!(case.next_due(&timing).is_some(), "nobody was told");
    case.handled(breached, &timing, after(49));
    assert_eq!(case.next_due(&timing), None);
    assert!(
        progress(awaiting())
            .agenda(&timing)
            .iter()
            .all(|(_, due)| !matches!(due, Due::Escalation(_)))
    );
}

#[test]
fn a_case_that_is_worked_on_is_not_escalated_until_it_is_left_alone() {
    let timing = ValidationTiming::default();
    let warned_at = |case: &Case| case.escalates_at(EscalationLevel::Warning, &timing);
    let touched = |hours| Case {
        last_action_at: Some(after(hours)),
        ..queued()
    };
    assert_eq!(warned_at(&touched(20)), Some(after(44)));
    assert_eq!(warned_at(&with_interview(30)), Some(after(55)));
    assert_eq!(warned_at(&awaiting()), None);
    let mut case = progress(touched(20));
    let warning = Due::Escalation(EscalationLevel::Warning);
    case.handled(warning, &timing, after(43));
    assert_eq!(case.escalated, None);
    case.handled(warning, &timing, after(44));
    assert_eq!(case.escalated, Some(EscalationLevel::Warning));
    case.adopt(touched(50), &timing);
    assert_eq!(case.next_due(&timing), Some((after(74), warning)));
}

#[test]
fn interview_reminders_that_were_due_before_it_was_scheduled_are_not_sent() {
    let timing = ValidationTiming::default();
    let reminders = |case: Case| {
        progress(case)
            .interview_reminders(&timing)
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    assert_eq!(reminders(with_interview(48)), [after(24), after(47)]);
    assert_eq!(reminders(with_interview(20)), [after(19)]);
}

#[test]
fn overdue_reminders_of_one_interview_become_the_last_one() {
    let timing = ValidationTiming::default();
    let due = progress(with_interview(48)).due_by(&timing, after(47));
    let before: Vec<_> = due
        .iter()
        .filter_map(|due| match due {
            Due::InterviewReminder { before, .. } => Some(*before),
            _ => None,
        })
        .collect();
    assert_eq!(before, [3_600]);
}

#[test]
fn a_correction_is_reminded_of_until_it_lapses() {
    let timing = ValidationTiming::default();
    let mut case = progress(awaiting());
    let days: Vec<_> = case
        .agenda(&timing)
        .into_iter()
        .map(|(at, _)| (at - start()).num_days())
        .collect();
    assert_eq!(days, [16, 23, 29, 30]);
    case.reminded_until = start() + Duration::days(23);
    assert_eq!(case.agenda(&timing).len(), 2);
    let due = case.due_by(&timing, start() + Duration::days(31));
    assert_eq!(due, [Due::CorrectionDeadline]);
}

/// A timer whose step cannot succeed comes again, ever later, and is not taken for handled; the
/// others keep their time.
#[test]
fn what_cannot_be_done_now_comes_later_and_keeps_nothing_else_waiting() {
    let timing = ValidationTiming::default();
    let mut case = progress(awaiting());
    let (at, reminder) = case.next_due(&timing).expect("a reminder");
    for minutes in [1, 2, 4] {
        case.postpone(reminder, at);
        case.reminded_until = at;
        let postponed = (at + Duration::minutes(minutes), reminder);
        assert_eq!(case.next_due(&timing), Some(postponed));
    }
    let deadline = start() + Duration::days(30);
    let all = case.agenda(&timing);
    assert_eq!(all.last(), Some(&(deadline, Due::CorrectionDeadline)));
    assert_eq!(all.len(), 4);
    case.handled(reminder, &timing, at);
    assert_eq!(case.agenda(&timing).len(), 3);
}

#[test]
fn a_closed_case_does_nothing_by_itself() {
    let timing = ValidationTiming::default();
    assert!(progress(decided()).agenda(&timing).is_empty());
}

#[test]
fn a_person_who_is_being_forgotten_stays_so_in_the_next_run() {
    let mut first = ProfileValidation::begun(ValidationInput {
        validation_id: Uuid::nil(),
        profile_id: Uuid::nil(),
        user_id: Uuid::nil(),
        submitted_at: start(),
        correlation_id: Uuid::nil(),
        event_id: None,
        timing: ValidationTiming::default(),
        carried: Some(progress(claimed())),
    });
    assert!(!ProfileValidation::begun(first.continued()).erased);
    first.erased = true;
    let next = ProfileValidation::begun(first.continued());
    assert!(next.erased);
    assert_eq!(next.progress.map(|carried| carried.case), Some(claimed()));
}

#[test]
fn a_run_that_was_handed_over_by_an_older_version_is_readable() {
    let mut carried = serde_json::to_value(progress(claimed())).expect("JSON");
    let members = carried.as_object_mut().expect("members");
    members.remove("erased");
    members.remove("postponed");
    let read: Carried = serde_json::from_value(carried).expect("a readable hand-over");
    assert!(!read.erased);
}
