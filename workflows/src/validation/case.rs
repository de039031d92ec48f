//! What a case allows, how old it is, and what it does by itself: decided from what PostgreSQL
//! last told, in one place for the API, the process and its activities.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::rules::{self, Action, CaseFacts, CaseRefusal, CaseState, CaseStatus};
use super::{Carried, Case, Due, EscalationLevel, Postponed, ValidationTiming};
use crate::commands::Refusal;
use crate::conventions::rest_after;

/// Beyond it a duration is a mistake, and adding it to a date would overflow.
const CENTURY: u64 = 100 * 366 * 24 * 3_600;

/// What somebody wants to do with a case, and with which of its interviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What.
    pub action: Action,
    /// The interview, for the actions that concern one.
    pub interview_id: Option<Uuid>,
}

impl From<Action> for Wanted {
    fn from(action: Action) -> Self {
        Self {
            action,
            interview_id: None,
        }
    }
}

impl Wanted {
    /// An action on one of the case's interviews.
    #[must_use]
    pub const fn of_interview(action: Action, interview_id: Uuid) -> Self {
        Self {
            action,
            interview_id: Some(interview_id),
        }
    }
}

impl From<CaseRefusal> for Refusal {
    fn from(refusal: CaseRefusal) -> Self {
        match refusal {
            CaseRefusal::AlreadyClaimed(holder) => Self::about(refusal.code(), holder),
            _ => Self::new(refusal.code()),
        }
    }
}

impl Case {
    /// Whether `actor` may do this now. `at` is left out where no clock is at hand; the rules
    /// about time are then left to who asks again with one.
    ///
    /// # Errors
    /// The refusal, as a code of the HTTP contract.
    pub fn allows(
        &self,
        wanted: impl Into<Wanted>,
        actor: Uuid,
        at: Option<DateTime<Utc>>,
    ) -> Result<(), Refusal> {
        let wanted = wanted.into();
        let state = CaseState {
            status: self.status,
            claimed_by: self.claimed_by,
        };
        rules::allow(wanted.action, actor, state)?;
        let Some(id) = wanted.interview_id else {
            return Ok(());
        };
        let interview = self
            .interviews
            .iter()
            .find(|interview| interview.id == id)
            .ok_or_else(|| Refusal::about("interview_not_scheduled", id))?;
        match (wanted.action, at) {
            (Action::CompleteInterview, Some(at)) if at < interview.starts_at => {
                Err(Refusal::about("interview_not_started", id))
            }
            _ => Ok(()),
        }
    }

    /// The status that the facts add up to.
    #[must_use]
    pub fn derived_status(&self) -> CaseStatus {
        rules::derive_status(CaseFacts {
            decided: self.outcome.is_some(),
            awaiting_candidate: self.waiting_since.is_some(),
            claimed_by: self.claimed_by,
            interview_scheduled: !self.interviews.is_empty(),
        })
    }

    /// Until when the claim may stay untouched; none while it cannot run out.
    #[must_use]
    pub fn claim_runs_out_at(&self, timing: &ValidationTiming) -> Option<DateTime<Utc>> {
        if self.status == CaseStatus::Decided {
            return None;
        }
        self.claimed_by?;
        let interview_ends_at = self.interviews.iter().map(|interview| interview.ends_at);
        rules::claim_expires_at(
            self.last_action_at?,
            self.waiting_since.is_some(),
            interview_ends_at.max(),
            i64::try_from(timing.claim_expiry.min(CENTURY)).unwrap_or_default(),
        )
    }
}

impl Case {
    /// Since when nobody has touched the case: the last action on it, or its submission. The time
    /// spent awaiting the candidate does not count, and like a claim a case with an interview to
    /// come is not left alone before that has ended. None while the candidate is awaited.
    #[must_use]
    pub fn untouched_since(&self) -> Option<DateTime<Utc>> {
        if self.status == CaseStatus::Decided || self.waiting_since.is_some() {
            return None;
        }
        let interviews_end = self.interviews.iter().map(|interview| interview.ends_at);
        interviews_end
            .chain(self.last_action_at)
            .chain([self.submitted_at + seconds(self.waited_seconds)])
            .max()
    }

    /// When the case has been untouched for so long that this is told.
    #[must_use]
    pub fn escalates_at(
        &self,
        level: EscalationLevel,
        timing: &ValidationTiming,
    ) -> Option<DateTime<Utc>> {
        let after = match level {
            EscalationLevel::Warning => timing.escalation_warning,
            EscalationLevel::Breached => timing.escalation_breach,
        };
        Some(self.untouched_since()? + seconds(after))
    }
}

impl Carried {
    /// Everything the case will do by itself as things stand, the soonest first.
    pub(super) fn agenda(&self, timing: &ValidationTiming) -> Vec<(DateTime<Utc>, Due)> {
        if self.case.status == CaseStatus::Decided {
            return Vec::new();
        }
        let mut agenda: Vec<_> = self
            .claim_check
            .map(|at| (at, Due::ClaimCheck))
            .into_iter()
            .chain(self.escalations(timing))
            .chain(self.interview_reminders(timing))
            .chain(self.correction(timing))
            .map(|(at, due)| (self.postponed(due).map_or(at, |it| at.max(it.until)), due))
            .collect();
        agenda.sort_by_key(|(at, _)| *at);
        agenda
    }

    /// When the process acts next by itself.
    pub(super) fn next_due(&self, timing: &ValidationTiming) -> Option<(DateTime<Utc>, Due)> {
        self.agenda(timing).into_iter().next()
    }

    fn escalations(&self, timing: &ValidationTiming) -> Option<(DateTime<Utc>, Due)> {
        let level = match self.escalated {
            None => EscalationLevel::Warning,
            Some(EscalationLevel::Warning) => EscalationLevel::Breached,
            Some(EscalationLevel::Breached) => return None,
        };
        let at = self.case.escalates_at(level, timing)?;
        Some((at, Due::Escalation(level)))
    }

    fn interview_reminders<'a>(
        &'a self,
        timing: &'a ValidationTiming,
    ) -> impl Iterator<Item = (DateTime<Utc>, Due)> + 'a {
        self.case.interviews.iter().flat_map(move |interview| {
            timing.interview_reminders.iter().filter_map(move |before| {
                let at = interview.starts_at - seconds(*before);
                let due = Due::InterviewReminder {
                    interview_id: interview.id,
                    starts_at: interview.starts_at,
                    before: *before,
                };
                let ahead = at > interview.scheduled_at && self.is_ahead(at, due);
                ahead.then_some((at, due))
            })
        })
    }

    fn correction(&self, timing: &ValidationTiming) -> Vec<(DateTime<Utc>, Due)> {
        let (Some(since), Some(deadline)) =
            (self.case.waiting_since, self.case.correction_deadline)
        else {
            return Vec::new();
        };
        let mut due: Vec<_> = timing
            .correction_reminders
            .iter()
            .map(|before| {
                let at = deadline - seconds(*before);
                let before = *before;
                (at, Due::CorrectionReminder { deadline, before })
            })
            .filter(|(at, due)| *at > since && self.is_ahead(*at, *due))
            .collect();
        due.push((deadline, Due::CorrectionDeadline));
        due
    }

    /// Whether a reminder was neither handled nor passed over.
    fn is_ahead(&self, at: DateTime<Utc>, due: Due) -> bool {
        at > self.reminded_until || self.postponed(due).is_some()
    }

    fn postponed(&self, due: Due) -> Option<&Postponed> {
        self.postponed.iter().find(|it| it.due == due)
    }

    /// Takes note that the step of a timer could not succeed at `at`: it comes back later.
    pub(super) fn postpone(&mut self, due: Due, at: DateTime<Utc>) {
        let failures = self.postponed(due).map_or(0, |it| it.failures) + 1;
        self.postponed.retain(|it| it.due != due);
        self.postponed.push(Postponed {
            due,
            failures,
            until: at + seconds(rest_after(failures).as_secs()),
        });
    }

    /// Takes over what PostgreSQL told after a commit. A claim has one timer: it is set when the
    /// case is taken, and actions do not move it; it asks when it fires. A case that was touched is
    /// escalated anew when it is left alone again.
    pub(super) fn adopt(&mut self, case: Case, timing: &ValidationTiming) {
        let same_holder = self.case.claimed_by == case.claimed_by;
        let runs_out = case.claim_runs_out_at(timing);
        self.claim_check = match (self.claim_check.filter(|_| same_holder), runs_out) {
            (Some(set), Some(at)) => Some(set.min(at)),
            (_, runs_out) => runs_out,
        };
        if self.case.untouched_since() != case.untouched_since() {
            self.escalated = None;
        }
        self.case = case;
    }

    /// What is due by `now`: several reminders of one thing become the last one.
    pub(super) fn due_by(&self, timing: &ValidationTiming, now: DateTime<Utc>) -> Vec<Due> {
        let mut due: Vec<Due> = Vec::new();
        for (_, entry) in self
            .agenda(timing)
            .into_iter()
            .take_while(|(at, _)| *at <= now)
        {
            due.retain(|earlier| !entry.replaces(earlier));
            due.push(entry);
        }
        due
    }

    /// Takes note that a timer was handled at `at`. Nobody was told of an escalation that no
    /// longer applied when PostgreSQL was asked.
    pub(super) fn handled(&mut self, due: Due, timing: &ValidationTiming, at: DateTime<Utc>) {
        self.postponed.retain(|it| it.due != due);
        if let Due::Escalation(level) = due
            && let Some(due_at) = self.case.escalates_at(level, timing)
            && due_at <= at
        {
            self.escalated = self.escalated.max(Some(level));
        }
    }
}

impl Due {
    /// Whether this one makes an earlier one pointless.
    fn replaces(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (
                Self::InterviewReminder { interview_id, .. },
                Self::InterviewReminder {
                    interview_id: other,
                    ..
                },
            ) => interview_id == other,
            (
                Self::CorrectionReminder { .. } | Self::CorrectionDeadline,
                Self::CorrectionReminder { .. },
            ) => true,
            _ => false,
        }
    }
}

/// A duration of the configuration, at most a century.
fn seconds(count: u64) -> Duration {
    Duration::seconds(i64::try_from(count.min(CENTURY)).unwrap_or_default())
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
