//! The status machine of a case.

use proptest::prelude::*;

use super::*;

const ME: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn case(status: CaseStatus, claimed_by: Option<Uuid>) -> CaseState {
    CaseState { status, claimed_by }
}

fn allowed(case: CaseState) -> Vec<Action> {
    Action::ALL
        .into_iter()
        .filter(|action| allow(*action, ME, case).is_ok())
        .collect()
}

#[test]
fn a_decided_case_takes_nothing() {
    for action in Action::ALL {
        for holder in [None, Some(ME), Some(OTHER)] {
            let answer = allow(action, ME, case(CaseStatus::Decided, holder));
            assert_eq!(answer, Err(CaseRefusal::AlreadyDecided));
        }
    }
}

#[test]
fn a_queued_case_can_be_claimed_or_withdrawn() {
    assert_eq!(
        allowed(case(CaseStatus::Queued, None)),
        [Action::Claim, Action::Withdraw]
    );
}

#[test]
fn the_holder_may_do_everything_but_claim_again() {
    for status in [CaseStatus::Claimed, CaseStatus::Interview] {
        let refused: Vec<_> = Action::ALL
            .into_iter()
            .filter(|action| allow(*action, ME, case(status, Some(ME))).is_err())
            .collect();
        assert_eq!(refused, [Action::Claim, Action::Resubmit, Action::Lapse]);
        let again = allow(Action::Claim, ME, case(status, Some(ME)));
        assert_eq!(again, Err(CaseRefusal::AlreadyClaimed(ME)));
    }
}

#[test]
fn somebody_else_may_do_nothing() {
    let held = case(CaseStatus::Claimed, Some(OTHER));
    assert_eq!(allowed(held), [Action::Withdraw, Action::ExpireClaim]);
    assert_eq!(
        allow(Action::Claim, ME, held),
        Err(CaseRefusal::AlreadyClaimed(OTHER))
    );
    assert_eq!(
        allow(Action::Validate, ME, held),
        Err(CaseRefusal::NotClaimed)
    );
}

#[test]
fn while_the_candidate_is_awaited_little_is_possible() {
    let mine = case(CaseStatus::AwaitingCandidate, Some(ME));
    let expected = [
        Action::Release,
        Action::HandOver,
        Action::Resubmit,
        Action::Reject,
        Action::Withdraw,
        Action::Lapse,
    ];
    assert_eq!(allowed(mine), expected);
    assert_eq!(
        allow(Action::Validate, ME, mine),
        Err(CaseRefusal::AwaitingCandidate)
    );
    let free = case(CaseStatus::AwaitingCandidate, None);
    let expected = [
        Action::Claim,
        Action::Resubmit,
        Action::Withdraw,
        Action::Lapse,
    ];
    assert_eq!(allowed(free), expected);
    let refused = allow(Action::Reject, ME, free);
    assert_eq!(refused, Err(CaseRefusal::NotClaimed));
}

/// The facts after an action that was allowed.
fn after(
    action: Action,
    actor: Uuid,
    facts: CaseFacts,
    holder: Option<Uuid>,
) -> (CaseFacts, Option<Uuid>) {
    let holder = match action {
        Action::Claim => Some(actor),
        Action::Release | Action::ExpireClaim => None,
        Action::HandOver => Some(OTHER),
        _ => holder,
    };
    let facts = match action {
        Action::RequestCorrection => CaseFacts {
            awaiting_candidate: true,
            ..facts
        },
        Action::Resubmit => CaseFacts {
            awaiting_candidate: false,
            ..facts
        },
        Action::ScheduleInterview => CaseFacts {
            interview_scheduled: true,
            ..facts
        },
        Action::CompleteInterview => CaseFacts {
            interview_scheduled: false,
            ..facts
        },
        Action::Validate | Action::Reject | Action::Withdraw | Action::Lapse => CaseFacts {
            decided: true,
            ..facts
        },
        _ => facts,
    };
    (
        CaseFacts {
            claimed_by: holder,
            ..facts
        },
        holder,
    )
}

proptest! {
    /// Whatever is tried in whatever order: one decision at most, no two holders, and a case that
    /// is open always has a way to its end.
    #[test]
    fn any_sequence_keeps_the_invariants(tries in prop::collection::vec((0_usize..15, any::<bool>()), 0..60)) {
        let mut facts = CaseFacts {
            decided: false,
            awaiting_candidate: false,
            claimed_by: None,
            interview_scheduled: false,
        };
        let mut holder = None;
        let mut decisions = 0;
        for (action, mine) in tries {
            let (action, actor) = (Action::ALL[action], if mine { ME } else { OTHER });
            let before = CaseState { status: derive_status(facts), claimed_by: holder };
            if allow(action, actor, before).is_err() {
                continue;
            }
            prop_assert!(action != Action::Claim || holder.is_none());
            prop_assert!(!action.needs_claim() || holder == Some(actor));
            (facts, holder) = after(action, actor, facts, holder);
            decisions += u32::from(facts.decided);
            let status = derive_status(facts);
            prop_assert_eq!(status == CaseStatus::Decided, facts.decided);
            prop_assert!(status != CaseStatus::Queued || holder.is_none());
            prop_assert!(!matches!(status, CaseStatus::Claimed | CaseStatus::Interview) || holder.is_some());
            let open = CaseState { status, claimed_by: holder };
            prop_assert_eq!(allow(Action::Withdraw, ME, open).is_ok(), !facts.decided);
        }
        prop_assert!(decisions <= 1);
    }
}
