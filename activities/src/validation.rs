//! The activities of `ProfileValidation`: each is one transaction of the store.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each activity, without its doc comment"
)]

use std::sync::Arc;

use store::validation;
use store::{StoreError, Writer};
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;
use workflows::validation::{
    Case, CaseChanged, CaseCommand, ChangeInterview, Claim, CloseErased, CompleteInterview, Decide,
    OpenCase, Release, RequestCorrection, Resubmit, ReviewDocument, ScheduleInterview, TimerFired,
    TimerHandled, Withdraw,
};

use crate::failure::{answered, failed};

/// What the activities of a case stand on.
#[derive(Debug)]
pub struct ValidationActivities {
    writer: Writer,
}

impl ValidationActivities {
    /// Activities that write by the given handle.
    #[must_use]
    pub const fn new(writer: Writer) -> Self {
        Self { writer }
    }
}

#[activities]
impl ValidationActivities {
    /// Makes the case appear in the queue.
    #[activity(definition = workflows::validation::OpenCaseActivity)]
    pub async fn open_case(
        self: Arc<Self>,
        _ctx: ActivityContext,
        open: OpenCase,
    ) -> Result<Case, ActivityError> {
        told(validation::open_case(&self.writer, &open).await)
    }

    /// Gives the case to the reviewer.
    #[activity(definition = workflows::validation::ClaimActivity)]
    pub async fn claim(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<Claim>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::claim(&self.writer, &order).await,
        )
        .await
    }

    /// Gives the case back to the queue.
    #[activity(definition = workflows::validation::ReleaseActivity)]
    pub async fn release(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<Release>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::release(&self.writer, &order).await,
        )
        .await
    }

    /// Records what the reviewer says of a document.
    #[activity(definition = workflows::validation::ReviewDocumentActivity)]
    pub async fn review_document(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<ReviewDocument>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::review_document(&self.writer, &order).await,
        )
        .await
    }

    /// Asks the candidate for corrections.
    #[activity(definition = workflows::validation::RequestCorrectionActivity)]
    pub async fn request_correction(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<RequestCorrection>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::request_correction(&self.writer, &order).await,
        )
        .await
    }

    /// Takes the candidate's corrections.
    #[activity(definition = workflows::validation::ResubmitActivity)]
    pub async fn resubmit(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<Resubmit>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::resubmit(&self.writer, &order).await,
        )
        .await
    }

    /// Closes the case because the submission was taken back.
    #[activity(definition = workflows::validation::WithdrawActivity)]
    pub async fn withdraw(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<Withdraw>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::withdraw(&self.writer, &order).await,
        )
        .await
    }

    /// Schedules an interview.
    #[activity(definition = workflows::validation::ScheduleInterviewActivity)]
    pub async fn schedule_interview(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<ScheduleInterview>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::schedule_interview(&self.writer, &order).await,
        )
        .await
    }

    /// Moves or cancels an interview.
    #[activity(definition = workflows::validation::ChangeInterviewActivity)]
    pub async fn change_interview(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<ChangeInterview>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::change_interview(&self.writer, &order).await,
        )
        .await
    }

    /// Records how an interview ended.
    #[activity(definition = workflows::validation::CompleteInterviewActivity)]
    pub async fn complete_interview(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<CompleteInterview>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::complete_interview(&self.writer, &order).await,
        )
        .await
    }

    /// Decides about the profile.
    #[activity(definition = workflows::validation::DecideActivity)]
    pub async fn decide(
        self: Arc<Self>,
        _ctx: ActivityContext,
        order: CaseCommand<Decide>,
    ) -> Result<CaseChanged, ActivityError> {
        answered(
            &self.writer,
            order.command.id,
            validation::decide(&self.writer, &order).await,
        )
        .await
    }

    /// Acts on a timer, if it still applies.
    #[activity(definition = workflows::validation::FireTimerActivity)]
    pub async fn fire_timer(
        self: Arc<Self>,
        _ctx: ActivityContext,
        fired: TimerFired,
    ) -> Result<TimerHandled, ActivityError> {
        told(validation::fire_timer(&self.writer, &fired).await)
    }

    /// Closes the case of a person who is being forgotten.
    #[activity(definition = workflows::validation::CloseErasedActivity)]
    pub async fn close_erased(
        self: Arc<Self>,
        _ctx: ActivityContext,
        close: CloseErased,
    ) -> Result<Case, ActivityError> {
        told(validation::close_erased(&self.writer, &close).await)
    }
}

fn told<T>(result: Result<T, StoreError>) -> Result<T, ActivityError> {
    result.map_err(|error| failed(&error))
}
