//! `ProfileValidation`: leads one submitted profile from the queue to a decision.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each handler, without its doc comment"
)]

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult,
};
use uuid::Uuid;

use super::steps::{self, Fault, Validated};
use super::{
    Action, Carried, CaseChanged, CaseView, ChangeInterview, ChangeInterviewActivity, Claim,
    ClaimActivity, CompleteInterview, CompleteInterviewActivity, Decide, DecideActivity,
    DocumentSettled, Release, ReleaseActivity, RequestCorrection, RequestCorrectionActivity,
    Resubmit, ResubmitActivity, ReviewDocument, ReviewDocumentActivity, ScheduleInterview,
    ScheduleInterviewActivity, ValidationEnded, ValidationInput, Wanted, Withdraw,
    WithdrawActivity,
};
use crate::commands::{Command, Refusal};

/// The review of one submission, from the queue to a decision, a lapse or a withdrawal.
#[workflow]
pub struct ProfileValidation {
    pub(super) input: ValidationInput,
    /// What PostgreSQL last told; absent until the case was opened.
    pub(super) progress: Option<Carried>,
    /// Who has taken their place and is being served: one change of a case at a time.
    pub(super) reserved: Option<Reservation>,
    /// The person is being forgotten.
    pub(super) erased: bool,
    /// The history is long: the next quiet moment starts a new run.
    pub(super) full: bool,
    /// How many times in a row the case of a forgotten person could not be closed.
    pub(super) failures: u32,
}

/// A place taken before the first `await`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reservation {
    /// Who takes the case, when it is a claim: a second claim is refused by name at once.
    pub(super) claimant: Option<Uuid>,
}

#[workflow_methods]
impl ProfileValidation {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: ValidationInput) -> Self {
        Self::begun(input)
    }

    /// The business process: the case appears in the queue, then people move it by commands and
    /// time moves it by timers, until it is closed.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<ValidationEnded> {
        steps::open(ctx).await?;
        loop {
            match steps::next_turn(ctx).await? {
                steps::Turn::TimePassed => steps::act_on_timers(ctx).await?,
                steps::Turn::Erased => steps::close_erased(ctx).await?,
                steps::Turn::TooLong => steps::continue_as_new(ctx).await?,
                steps::Turn::Closed(outcome) => {
                    steps::let_handlers_finish(ctx).await?;
                    return Ok(ValidationEnded { outcome });
                }
            }
        }
    }

    /// A reviewer takes the case.
    #[update]
    pub async fn claim(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Claim>,
    ) -> Result<CaseChanged, Fault> {
        steps::perform(ctx, ClaimActivity, command, Action::Claim).await
    }

    #[update_validator(claim)]
    fn may_claim(&self, _ctx: &WorkflowContextView, command: &Command<Claim>) -> Validated {
        if let Some(claimant) = self.reserved.and_then(|taken| taken.claimant) {
            return Err(Refusal::about("already_claimed", claimant).into());
        }
        self.allows(Action::Claim, command.actor_id)
    }

    /// The reviewer gives the case back.
    #[update]
    pub async fn release(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Release>,
    ) -> Result<CaseChanged, Fault> {
        steps::perform(ctx, ReleaseActivity, command, Action::Release).await
    }

    #[update_validator(release)]
    fn may_release(&self, _ctx: &WorkflowContextView, command: &Command<Release>) -> Validated {
        self.allows(Action::Release, command.actor_id)
    }

    /// The reviewer says what a document is worth.
    #[update]
    pub async fn review_document(
        ctx: &mut WorkflowContext<Self>,
        command: Command<ReviewDocument>,
    ) -> Result<CaseChanged, Fault> {
        steps::perform(ctx, ReviewDocumentActivity, command, Action::ReviewDocument).await
    }

    #[update_validator(review_document)]
    fn may_review_document(
        &self,
        _ctx: &WorkflowContextView,
        command: &Command<ReviewDocument>,
    ) -> Validated {
        self.allows(Action::ReviewDocument, command.actor_id)
    }

    /// The reviewer asks the candidate for corrections.
    #[update]
    pub async fn request_correction(
        ctx: &mut WorkflowContext<Self>,
        command: Command<RequestCorrection>,
    ) -> Result<CaseChanged, Fault> {
        let action = Action::RequestCorrection;
        steps::perform(ctx, RequestCorrectionActivity, command, action).await
    }

    #[update_validator(request_correction)]
    fn may_request_correction(
        &self,
        _ctx: &WorkflowContextView,
        command: &Command<RequestCorrection>,
    ) -> Validated {
        self.allows(Action::RequestCorrection, command.actor_id)
    }

    /// The candidate answers them.
    #[update]
    pub async fn resubmit(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Resubmit>,
    ) -> Result<CaseChanged, Fault> {
        steps::perform(ctx, ResubmitActivity, command, Action::Resubmit).await
    }

    #[update_validator(resubmit)]
    fn may_resubmit(&self, _ctx: &WorkflowContextView, command: &Command<Resubmit>) -> Validated {
        self.allows(Action::Resubmit, command.actor_id)
    }

    /// The candidate takes the submission back.
    #[update]
    pub async fn withdraw(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Withdraw>,
    ) -> Result<CaseChanged, Fault> {
        steps::perform(ctx, WithdrawActivity, command, Action::Withdraw).await
    }

    #[update_validator(withdraw)]
    fn may_withdraw(&self, _ctx: &WorkflowContextView, command: &Command<Withdraw>) -> Validated {
        self.allows(Action::Withdraw, command.actor_id)
    }

    /// The reviewer schedules an interview.
    #[update]
    pub async fn schedule_interview(
        ctx: &mut WorkflowContext<Self>,
        command: Command<ScheduleInterview>,
    ) -> Result<CaseChanged, Fault> {
        let action = Action::ScheduleInterview;
        steps::perform(ctx, ScheduleInterviewActivity, command, action).await
    }

    #[update_validator(schedule_interview)]
    fn may_schedule_interview(
        &self,
        _ctx: &WorkflowContextView,
        command: &Command<ScheduleInterview>,
    ) -> Validated {
        self.allows(Action::ScheduleInterview, command.actor_id)
    }

    /// The reviewer moves or cancels an interview.
    #[update]
    pub async fn change_interview(
        ctx: &mut WorkflowContext<Self>,
        command: Command<ChangeInterview>,
    ) -> Result<CaseChanged, Fault> {
        let action = Wanted::of_interview(Action::ChangeInterview, command.body.interview_id);
        steps::perform(ctx, ChangeInterviewActivity, command, action).await
    }

    #[update_validator(change_interview)]
    fn may_change_interview(
        &self,
        _ctx: &WorkflowContextView,
        command: &Command<ChangeInterview>,
    ) -> Validated {
        let action = Wanted::of_interview(Action::ChangeInterview, command.body.interview_id);
        self.allows(action, command.actor_id)
    }

    /// The reviewer reports on an interview.
    #[update]
    pub async fn complete_interview(
        ctx: &mut WorkflowContext<Self>,
        command: Command<CompleteInterview>,
    ) -> Result<CaseChanged, Fault> {
        let action = Wanted::of_interview(Action::CompleteInterview, command.body.interview_id);
        steps::perform(ctx, CompleteInterviewActivity, command, action).await
    }

    #[update_validator(complete_interview)]
    fn may_complete_interview(
        &self,
        _ctx: &WorkflowContextView,
        command: &Command<CompleteInterview>,
    ) -> Validated {
        let action = Wanted::of_interview(Action::CompleteInterview, command.body.interview_id);
        self.allows(action, command.actor_id)
    }

    /// The reviewer decides.
    #[update]
    pub async fn decide(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Decide>,
    ) -> Result<CaseChanged, Fault> {
        let action = command.body.outcome.action();
        steps::perform(ctx, DecideActivity, command, action).await
    }

    #[update_validator(decide)]
    fn may_decide(&self, _ctx: &WorkflowContextView, command: &Command<Decide>) -> Validated {
        self.allows(command.body.outcome.action(), command.actor_id)
    }

    /// A document of the profile got its verdict: the reviewer's screen reads it from
    /// PostgreSQL, the process has nothing to do but to show that it was told.
    #[signal]
    pub fn document_settled(
        &mut self,
        ctx: &mut SyncWorkflowContext<Self>,
        _settled: DocumentSettled,
    ) {
        self.full |= steps::is_full(ctx.continue_as_new_suggested(), ctx.history_length());
    }

    /// The person is being forgotten: the case closes.
    #[signal]
    pub fn erase(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.erased = true;
    }

    /// Where the case stands.
    #[query]
    pub fn case(&self, _ctx: &WorkflowContextView) -> CaseView {
        let progress = self.progress.as_ref();
        CaseView {
            case: progress.map(|progress| progress.case.clone()),
            next_due: progress
                .and_then(|progress| progress.next_due(&self.input.timing))
                .map(|(at, _)| at),
        }
    }
}

impl ProfileValidation {
    /// The state of a run that begins, or that goes on where another one ended.
    pub(super) fn begun(input: ValidationInput) -> Self {
        Self {
            progress: input.carried.clone(),
            erased: input.carried.as_ref().is_some_and(|carried| carried.erased),
            input,
            reserved: None,
            full: false,
            failures: 0,
        }
    }

    /// The validators' rule: what the state does not allow is refused before it is admitted. A
    /// case that is being opened or changed lets everything wait: PostgreSQL may already hold a
    /// change whose activity has not been heard of, and people see what PostgreSQL holds.
    fn allows(&self, wanted: impl Into<Wanted>, actor: Uuid) -> Validated {
        match &self.progress {
            Some(progress) if self.reserved.is_none() => {
                Ok(progress.case.allows(wanted, actor, None)?)
            }
            _ => Ok(()),
        }
    }
}
