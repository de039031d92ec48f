//! The state of a round and the decisions on it: pure, so that they are tested without a server.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::contract::{
    Carried, CaseVerdict, OnboardingInput, OnboardingOutcome, Phase, Remind, Reopen, Round,
};
use super::profile::{ProfileStatus, StepName, StepStatus};
use crate::commands::Refusal;

/// Where a round stands, and what it was told.
#[derive(Debug)]
pub(super) struct RoundState {
    input: OnboardingInput,
    phase: Phase,
    /// Raised with every change of `phase`, so that an answer that was asked for before such a
    /// change is not taken for news.
    epoch: u64,
    complete: BTreeSet<StepName>,
    reminders_handled: usize,
    /// The verdicts heard, by case; one may arrive before its submission has answered.
    verdicts: BTreeMap<Uuid, CaseVerdict>,
    /// The command whose activity runs.
    reserved_by: Option<Uuid>,
}

impl RoundState {
    pub(super) fn new(input: OnboardingInput) -> Self {
        let carried = input.carried.clone().unwrap_or_else(|| Carried {
            phase: Phase::Draft {
                since: input.draft_since,
            },
            complete: Vec::new(),
            reminders_handled: 0,
            verdicts: Vec::new(),
        });
        Self {
            input,
            phase: carried.phase,
            epoch: 0,
            complete: carried.complete.into_iter().collect(),
            reminders_handled: carried.reminders_handled,
            verdicts: carried.verdicts.into_iter().collect(),
            reserved_by: None,
        }
    }

    /// What the next run starts with.
    pub(super) fn continued(&self) -> OnboardingInput {
        OnboardingInput {
            carried: Some(Carried {
                phase: self.phase.clone(),
                complete: self.complete.iter().copied().collect(),
                reminders_handled: self.reminders_handled,
                verdicts: self
                    .verdicts
                    .iter()
                    .map(|(id, verdict)| (*id, *verdict))
                    .collect(),
            }),
            ..self.input.clone()
        }
    }

    pub(super) fn input(&self) -> &OnboardingInput {
        &self.input
    }

    pub(super) fn phase(&self) -> &Phase {
        &self.phase
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn step_changed(&mut self, step: StepName, state: StepStatus) {
        if state == StepStatus::Complete {
            self.complete.insert(step);
        } else {
            self.complete.remove(&step);
        }
    }

    /// Refuses while another command has the place.
    pub(super) fn check_free(&self, code: &str) -> Result<(), Refusal> {
        match self.reserved_by {
            None => Ok(()),
            Some(_) => Err(Refusal::new(code)),
        }
    }

    /// Takes the one place for a command.
    pub(super) fn reserve(&mut self, command: Uuid, code: &str) -> Result<(), Refusal> {
        self.check_free(code)?;
        self.reserved_by = Some(command);
        Ok(())
    }

    /// Gives the place back.
    pub(super) fn release(&mut self) {
        self.reserved_by = None;
    }

    pub(super) fn heard(&mut self, validation_id: Uuid, verdict: CaseVerdict) {
        self.verdicts.insert(validation_id, verdict);
    }

    /// Whether the verdict on the present submission was heard.
    pub(super) fn has_verdict(&self) -> bool {
        match &self.phase {
            Phase::Submitted { validation_id } => self.verdicts.contains_key(validation_id),
            _ => false,
        }
    }

    /// The verdict on that case, once.
    pub(super) fn take_verdict(&mut self, validation_id: Uuid) -> Option<CaseVerdict> {
        self.verdicts.remove(&validation_id)
    }

    /// Enters a phase. A round that is over stays over, whatever an activity that still ran
    /// brings home.
    pub(super) fn enter(&mut self, phase: Phase) {
        if phase != self.phase && !matches!(self.phase, Phase::Ended(_)) {
            self.phase = phase;
            self.reminders_handled = 0;
            self.epoch += 1;
        }
    }

    /// Takes over what PostgreSQL says.
    pub(super) fn adopt(&mut self, round: &Round) {
        self.enter(phase_of(round));
    }

    /// When the candidate is reminded next.
    pub(super) fn next_reminder(&self, since: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let after = self.input.timing.reminders.get(self.reminders_handled)?;
        Some(since + seconds(*after))
    }

    /// The reminder due at `now`: those that are overdue together become the last of them.
    pub(super) fn take_reminder(&mut self, since: DateTime<Utc>, now: DateTime<Utc>) -> Remind {
        let reminders = &self.input.timing.reminders;
        let due = reminders
            .iter()
            .filter(|after| since + seconds(**after) <= now)
            .count();
        self.reminders_handled = due.max(self.reminders_handled + 1);
        Remind {
            profile_id: self.input.profile_id,
            draft_since: since,
            occurrence: u32::try_from(self.reminders_handled).unwrap_or(u32::MAX),
            correlation_id: self.input.correlation_id,
        }
    }

    /// The reminder that was taken last could not be sent: it is due again, unless the phase that
    /// it belongs to is over.
    pub(super) fn put_reminder_back(&mut self, epoch: u64) {
        if self.epoch == epoch {
            self.reminders_handled = self.reminders_handled.saturating_sub(1);
        }
    }

    pub(super) fn reopening(&self, validation_id: Option<Uuid>) -> Reopen {
        Reopen {
            profile_id: self.input.profile_id,
            validation_id,
            correlation_id: self.input.correlation_id,
        }
    }

    /// The status that operators search by.
    pub(super) fn status(&self) -> ProfileStatus {
        match &self.phase {
            Phase::Draft { .. } => ProfileStatus::Draft,
            Phase::Submitted { .. } => ProfileStatus::Submitted,
            Phase::Rejected { .. } => ProfileStatus::Rejected,
            Phase::Ended(OnboardingOutcome::Validated) => ProfileStatus::Validated,
            Phase::Ended(_) => ProfileStatus::Archived,
        }
    }

    /// When something happens next by itself.
    pub(super) fn deadline(&self) -> Option<DateTime<Utc>> {
        match &self.phase {
            Phase::Draft { since } => self.next_reminder(*since),
            Phase::Rejected { open_at, .. } => Some(*open_at),
            _ => None,
        }
    }

    /// Who is waited for, for the Temporal UI.
    pub(super) fn details(&self) -> String {
        match &self.phase {
            Phase::Draft { since } => self.draft_details(*since),
            Phase::Submitted { validation_id } => {
                format!("Waiting for the decision of `validation-{validation_id}`.")
            }
            Phase::Rejected { open_at, .. } => format!(
                "Rejected. The candidate may come back at {open_at:?}, or when an admin \
                 reactivates the profile."
            ),
            Phase::Ended(outcome) => format!("Ended: {outcome}."),
        }
    }

    fn draft_details(&self, since: DateTime<Utc>) -> String {
        let current = StepName::ALL
            .iter()
            .find(|step| !self.complete.contains(step))
            .unwrap_or(&StepName::Review);
        let reminder = self.next_reminder(since).map_or_else(
            || "No reminder is left.".to_owned(),
            |at| format!("Next reminder: {at:?}."),
        );
        format!(
            "Waiting for the **candidate**, at the step `{current}` ({} of 8 complete). {reminder}",
            self.complete.len()
        )
    }
}

fn seconds(count: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(i64::MAX / 1_000))
}

fn phase_of(round: &Round) -> Phase {
    let draft = Phase::Draft {
        since: round.draft_since,
    };
    match round.status {
        ProfileStatus::Draft => draft,
        ProfileStatus::Submitted | ProfileStatus::InReview => round
            .validation_id
            .map_or(draft, |validation_id| Phase::Submitted { validation_id }),
        ProfileStatus::Rejected => Phase::Rejected {
            validation_id: round.validation_id,
            open_at: round.resubmission_open_at.unwrap_or(round.draft_since),
        },
        ProfileStatus::Validated => Phase::Ended(OnboardingOutcome::Validated),
        ProfileStatus::Archived => Phase::Ended(OnboardingOutcome::Archived),
    }
}

#[cfg(test)]
#[path = "round_tests.rs"]
mod tests;
