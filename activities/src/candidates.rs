//! The activities of `CandidateOnboarding`: each is one transaction of the store.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each activity, without its doc comment"
)]

use std::sync::Arc;

use store::{Writer, candidates};
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;
use workflows::candidates::contract::{
    Reactivate, ReadRound, Remind, Reopen, Round, Submit, Submitted,
};
use workflows::candidates::profile::ProfileStatus;
use workflows::commands::{Command, Refusal};

use crate::failure::{answered, failed};

/// What the activities of candidates stand on.
#[derive(Debug)]
pub struct CandidateActivities {
    writer: Writer,
}

impl CandidateActivities {
    /// Activities that write by the given handle.
    #[must_use]
    pub const fn new(writer: Writer) -> Self {
        Self { writer }
    }
}

#[activities]
impl CandidateActivities {
    /// Submits a profile, if nothing keeps it from being submitted.
    #[activity(definition = workflows::candidates::contract::SubmitActivity)]
    pub async fn submit(
        self: Arc<Self>,
        _ctx: ActivityContext,
        command: Command<Submit>,
    ) -> Result<Submitted, ActivityError> {
        let outcome = candidates::submit(&self.writer, &command)
            .await
            .map(|answer| answer.map_err(|refusal| Refusal::from(&refusal)));
        answered(&self.writer, command.id, outcome).await
    }

    /// Makes a rejected profile a draft again, at an admin's word.
    #[activity(definition = workflows::candidates::contract::ReactivateActivity)]
    pub async fn reactivate(
        self: Arc<Self>,
        _ctx: ActivityContext,
        command: Command<Reactivate>,
    ) -> Result<Round, ActivityError> {
        let outcome = candidates::reactivate(&self.writer, &command).await;
        answered(&self.writer, command.id, outcome).await
    }

    /// Makes a rejected profile a draft again, its delay being over.
    #[activity(definition = workflows::candidates::contract::ReopenActivity)]
    pub async fn reopen(
        self: Arc<Self>,
        _ctx: ActivityContext,
        reopen: Reopen,
    ) -> Result<Round, ActivityError> {
        let round = candidates::reopen(&self.writer, &reopen)
            .await
            .map_err(|error| failed(&error))?;
        Ok(round.unwrap_or_else(gone))
    }

    /// Reads where a round stands.
    #[activity(definition = workflows::candidates::contract::ReadRoundActivity)]
    pub async fn read_round(
        self: Arc<Self>,
        _ctx: ActivityContext,
        read: ReadRound,
    ) -> Result<Round, ActivityError> {
        let round = candidates::read_round(&self.writer, read.profile_id)
            .await
            .map_err(|error| failed(&error))?;
        Ok(round.unwrap_or_else(gone))
    }

    /// Writes that a reminder is due, if the profile is still the draft it was counted from.
    #[activity(definition = workflows::candidates::contract::RemindActivity)]
    pub async fn remind(
        self: Arc<Self>,
        _ctx: ActivityContext,
        remind: Remind,
    ) -> Result<bool, ActivityError> {
        candidates::remind(&self.writer, &remind)
            .await
            .map_err(|error| failed(&error))
    }
}

/// The round of a profile that was erased meanwhile: it is over.
fn gone() -> Round {
    Round {
        status: ProfileStatus::Archived,
        draft_since: chrono::DateTime::UNIX_EPOCH,
        validation_id: None,
        resubmission_open_at: None,
    }
}
