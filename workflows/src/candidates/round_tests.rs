use super::*;
use crate::candidates::contract::OnboardingTiming;

fn at(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day)
}

fn fresh() -> RoundState {
    RoundState::new(OnboardingInput {
        profile_id: Uuid::from_u128(1),
        user_id: Uuid::from_u128(2),
        draft_since: at(0),
        correlation_id: Uuid::from_u128(3),
        timing: OnboardingTiming::default(),
        carried: None,
    })
}

fn round(status: ProfileStatus) -> Round {
    Round {
        status,
        draft_since: at(5),
        validation_id: Some(Uuid::from_u128(9)),
        resubmission_open_at: Some(at(90)),
    }
}

#[test]
fn reminders_count_from_the_draft_and_then_there_are_none() {
    let mut state = fresh();
    for (day, occurrence) in [(2, 1), (7, 2), (30, 3)] {
        assert_eq!(state.next_reminder(at(0)), Some(at(day)));
        assert_eq!(state.take_reminder(at(0), at(day)).occurrence, occurrence);
    }
    assert_eq!(state.next_reminder(at(0)), None);
}

#[test]
fn overdue_reminders_become_one() {
    let mut state = fresh();
    assert_eq!(state.take_reminder(at(0), at(8)).occurrence, 2);
    assert_eq!(state.next_reminder(at(0)), Some(at(30)));
}

#[test]
fn a_new_draft_has_all_its_reminders() {
    let mut state = fresh();
    state.take_reminder(at(0), at(2));
    state.enter(Phase::Submitted {
        validation_id: Uuid::from_u128(9),
    });
    state.adopt(&round(ProfileStatus::Draft));
    assert_eq!(state.next_reminder(at(5)), Some(at(7)));
}

#[test]
fn a_verdict_counts_for_its_own_case_only() {
    let mut state = fresh();
    let (first, second) = (Uuid::from_u128(8), Uuid::from_u128(9));
    state.heard(first, CaseVerdict::Rejected);
    state.enter(Phase::Submitted {
        validation_id: second,
    });
    assert!(!state.has_verdict());
    state.heard(second, CaseVerdict::Validated);
    assert!(state.has_verdict());
    assert_eq!(state.take_verdict(second), Some(CaseVerdict::Validated));
    assert!(!state.has_verdict());
}

#[test]
fn one_command_at_a_time() {
    let mut state = fresh();
    assert_eq!(state.reserve(Uuid::from_u128(1), "busy"), Ok(()));
    assert_eq!(
        state.reserve(Uuid::from_u128(2), "busy"),
        Err(Refusal::new("busy"))
    );
    state.release();
    assert_eq!(state.reserve(Uuid::from_u128(2), "busy"), Ok(()));
}

#[test]
fn what_is_over_stays_over() {
    let mut state = fresh();
    state.enter(Phase::Ended(OnboardingOutcome::Erased));
    state.adopt(&round(ProfileStatus::Draft));
    assert_eq!(state.phase(), &Phase::Ended(OnboardingOutcome::Erased));
}

#[test]
fn every_status_has_its_phase() {
    let case = Some(Uuid::from_u128(9));
    let submitted = Phase::Submitted {
        validation_id: Uuid::from_u128(9),
    };
    for (status, phase) in [
        (ProfileStatus::Draft, Phase::Draft { since: at(5) }),
        (ProfileStatus::Submitted, submitted.clone()),
        (ProfileStatus::InReview, submitted),
        (
            ProfileStatus::Rejected,
            Phase::Rejected {
                validation_id: case,
                open_at: at(90),
            },
        ),
        (
            ProfileStatus::Validated,
            Phase::Ended(OnboardingOutcome::Validated),
        ),
        (
            ProfileStatus::Archived,
            Phase::Ended(OnboardingOutcome::Archived),
        ),
    ] {
        let mut state = fresh();
        state.adopt(&round(status));
        assert_eq!(state.phase(), &phase, "{status}");
    }
}

#[test]
fn the_next_run_goes_on_where_this_one_stopped() {
    let mut state = fresh();
    state.step_changed(StepName::Consent, StepStatus::Complete);
    state.take_reminder(at(0), at(2));
    state.heard(Uuid::from_u128(9), CaseVerdict::Lapsed);
    let next = RoundState::new(state.continued());
    assert_eq!(next.details(), state.details());
    assert_eq!(next.continued(), state.continued());
}

#[test]
fn the_details_name_who_is_waited_for_and_nobody_by_name() {
    let mut state = fresh();
    state.step_changed(StepName::Consent, StepStatus::Complete);
    assert_eq!(
        state.details(),
        "Waiting for the **candidate**, at the step `identity` (1 of 8 complete). Next reminder: \
         1970-01-03T00:00:00Z."
    );
    state.step_changed(StepName::Consent, StepStatus::InProgress);
    assert!(state.details().contains("`consent`"));
}
