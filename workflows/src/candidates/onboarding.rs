//! `CandidateOnboarding`: one round of a profile, from the first edit to the decision.
//!
//! PostgreSQL says where a profile stands; the workflow waits, reminds and lets only one command
//! at a time reach its activity. What it is told late changes nothing: a verdict counts only for
//! the case it is about, and every step asks PostgreSQL again before it writes.

#![expect(
    missing_docs,
    reason = "the constants that the macro makes of the handlers carry none"
)]

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::workflows::select;
use temporalio_workflow::{
    ActivityExecutionError, ContinueAsNewOptions, SyncWorkflowContext, TimerOptions,
    WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination,
};
use uuid::Uuid;

use super::contract::{
    CaseVerdict, Decided, OnboardingInput, OnboardingOutcome, Phase, Reactivate,
    ReactivateActivity, ReadRound, ReadRoundActivity, RemindActivity, ReopenActivity, Round,
    StepChanged, Submit, SubmitActivity, Submitted,
};
use super::profile::ProfileStatus;
use super::round::RoundState;
use crate::commands::Command;
use crate::conventions::{
    CORRELATION_ID, DOMAIN, HISTORY_LIMIT, PROFILE_ID, STATUS, database_activity, deadline,
    done_or_not_now, moment, refusal_of, rest,
};
use crate::queues;

type BoxError = Box<dyn Error + Send + Sync>;

/// The code of a second submission while the first one is on its way.
const ALREADY_SUBMITTED: &str = "already_submitted";
/// The code of any other command that finds the place taken.
const IN_PROGRESS: &str = "command_in_progress";

/// A round of a candidate's onboarding.
#[workflow]
pub struct CandidateOnboarding {
    round: RoundState,
    /// How many steps in a row could not succeed.
    failures: u32,
    /// The status and the deadline that operators see now.
    shown: Option<(ProfileStatus, Option<DateTime<Utc>>)>,
}

#[workflow_methods]
impl CandidateOnboarding {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: OnboardingInput) -> Self {
        Self {
            round: RoundState::new(input),
            failures: 0,
            shown: None,
        }
    }

    /// Waits for the candidate, then for the decision, until a profile is validated.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<OnboardingOutcome> {
        loop {
            show(ctx);
            let step = match ctx.state(|state| state.round.phase().clone()) {
                Phase::Draft { since } => await_submission(ctx, since).await?,
                Phase::Submitted { validation_id } => await_verdict(ctx, validation_id).await?,
                Phase::Rejected {
                    validation_id,
                    open_at,
                } => await_reopening(ctx, validation_id, open_at).await?,
                Phase::Ended(outcome) => {
                    handlers_finished(ctx).await?;
                    return Ok(outcome);
                }
            };
            rest_unless_done(ctx, step).await?;
            if is_long(ctx) {
                continue_as_new(ctx).await?;
            }
        }
    }

    /// A step became complete or stopped being so.
    #[signal]
    pub fn step_changed(&mut self, ctx: &mut SyncWorkflowContext<Self>, change: StepChanged) {
        self.round.step_changed(change.step, change.state);
        ctx.set_current_details(self.round.details());
    }

    /// A case was closed. That of another submission than the present one changes nothing.
    #[signal]
    pub fn decided(&mut self, _ctx: &mut SyncWorkflowContext<Self>, decided: Decided) {
        self.round.heard(decided.validation_id, decided.outcome);
    }

    /// The person is erased: the round ends.
    #[signal]
    pub fn erase(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.round.enter(Phase::Ended(OnboardingOutcome::Erased));
    }

    /// The candidate submits. Whether the profile is a draft and complete is asked of PostgreSQL,
    /// which may know more than this workflow was told.
    #[update]
    pub async fn submit(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Submit>,
    ) -> Result<Submitted, BoxError> {
        reserve(ctx, command.id, ALREADY_SUBMITTED)?;
        let options = database_activity("Submit the profile: its case opens");
        let result = ctx.execute_activity(SubmitActivity, command, options).await;
        release(ctx, result, |round, submitted| {
            round.enter(Phase::Submitted {
                validation_id: submitted.validation_id,
            });
        })
    }

    #[update_validator(submit)]
    fn may_submit(
        &self,
        _ctx: &WorkflowContextView,
        _command: &Command<Submit>,
    ) -> Result<(), BoxError> {
        Ok(self.round.check_free(ALREADY_SUBMITTED)?)
    }

    /// An admin lets a rejected candidate come back at once.
    #[update]
    pub async fn reactivate(
        ctx: &mut WorkflowContext<Self>,
        command: Command<Reactivate>,
    ) -> Result<Round, BoxError> {
        reserve(ctx, command.id, IN_PROGRESS)?;
        let options =
            database_activity("Make the rejected profile a draft again, as an admin asks");
        let result = ctx
            .execute_activity(ReactivateActivity, command, options)
            .await;
        release(ctx, result, RoundState::adopt)
    }

    #[update_validator(reactivate)]
    fn may_reactivate(
        &self,
        _ctx: &WorkflowContextView,
        _command: &Command<Reactivate>,
    ) -> Result<(), BoxError> {
        Ok(self.round.check_free(IN_PROGRESS)?)
    }
}

type Context = WorkflowContext<CandidateOnboarding>;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is done, or there is nothing to do.
    Done,
    /// It cannot succeed before somebody mends what is wrong; the activity has said so.
    NotNow,
}

/// Reminds the candidate while the profile stays a draft. Reminders count from the moment it
/// became one; those that are overdue together become the last of them.
async fn await_submission(
    ctx: &Context,
    since: DateTime<Utc>,
) -> Result<Step, WorkflowTermination> {
    let due = ctx.state(|state| state.round.next_reminder(since));
    if moved_on_before(ctx, due, "Next reminder to the candidate").await? {
        return Ok(Step::Done);
    }
    let now = moment(ctx.workflow_time());
    let (epoch, remind) =
        ctx.state_mut(|state| (state.round.epoch(), state.round.take_reminder(since, now)));
    let options = database_activity("Remind the candidate, if the profile is still this draft");
    let reminded = ctx.execute_activity(RemindActivity, remind, options).await;
    match done_or_not_now(reminded)? {
        Some(true) => Ok(Step::Done),
        Some(false) => {
            let why = "Read what the profile is, since it is not this draft";
            read_round(ctx, why).await
        }
        None => {
            ctx.state_mut(|state| state.round.put_reminder_back(epoch));
            Ok(Step::NotNow)
        }
    }
}

/// Waits until the case of the submission is closed, then adopts what that made of the profile.
async fn await_verdict(ctx: &Context, validation_id: Uuid) -> Result<Step, WorkflowTermination> {
    moved_on_before(ctx, None, "").await?;
    match ctx.state_mut(|state| state.round.take_verdict(validation_id)) {
        None => Ok(Step::Done),
        Some(CaseVerdict::Validated) => {
            let ended = Phase::Ended(OnboardingOutcome::Validated);
            ctx.state_mut(|state| state.round.enter(ended));
            Ok(Step::Done)
        }
        Some(verdict @ (CaseVerdict::Rejected | CaseVerdict::Withdrawn | CaseVerdict::Lapsed)) => {
            let read = read_round(ctx, "Read what the decision made of the profile").await?;
            if read == Step::NotNow {
                ctx.state_mut(|state| state.round.heard(validation_id, verdict));
            }
            Ok(read)
        }
    }
}

/// Takes over what PostgreSQL says of the profile.
async fn read_round(ctx: &Context, summary: &str) -> Result<Step, WorkflowTermination> {
    let (epoch, profile_id) =
        ctx.state(|state| (state.round.epoch(), state.round.input().profile_id));
    let read = ReadRound { profile_id };
    let found = ctx
        .execute_activity(ReadRoundActivity, read, database_activity(summary))
        .await;
    adopted(ctx, epoch, found)
}

/// Waits out the delay after a rejection, then makes the profile a draft again.
async fn await_reopening(
    ctx: &Context,
    validation_id: Option<Uuid>,
    open_at: DateTime<Utc>,
) -> Result<Step, WorkflowTermination> {
    if moved_on_before(ctx, Some(open_at), "The candidate may come back").await? {
        return Ok(Step::Done);
    }
    let (epoch, reopen) =
        ctx.state(|state| (state.round.epoch(), state.round.reopening(validation_id)));
    let options =
        database_activity("Make the rejected profile a draft again, the delay being over");
    let found = ctx.execute_activity(ReopenActivity, reopen, options).await;
    adopted(ctx, epoch, found)
}

/// After a step that could not succeed: waits before the next attempt, unless a command changes
/// the round meanwhile. Commands are served all the same.
async fn rest_unless_done(ctx: &Context, step: Step) -> Result<(), WorkflowTermination> {
    let failures = ctx.state_mut(|state| {
        state.failures = match step {
            Step::Done => 0,
            Step::NotNow => state.failures + 1,
        };
        state.failures
    });
    if failures == 0 {
        return Ok(());
    }
    let epoch = ctx.state(|state| state.round.epoch());
    let moved_on = ctx.wait_condition(move |state| state.round.epoch() != epoch);
    let rest = rest(ctx, failures).fuse();
    let (mut moved_on, mut rest) = (pin!(moved_on), pin!(rest));
    select! {
        moved = moved_on => moved?,
        _ = rest => {}
    }
    Ok(())
}

/// Waits until there is something else to do than to wait for `at`: true then, false when the
/// moment came first.
async fn moved_on_before(
    ctx: &Context,
    at: Option<DateTime<Utc>>,
    summary: &str,
) -> Result<bool, WorkflowTermination> {
    let epoch = ctx.state(|state| state.round.epoch());
    let context = ctx.clone();
    let moved_on = ctx.wait_condition(move |state| {
        state.round.epoch() != epoch || state.round.has_verdict() || is_long(&context)
    });
    let Some(at) = at else {
        moved_on.await?;
        return Ok(true);
    };
    let left = (at - moment(ctx.workflow_time()))
        .to_std()
        .unwrap_or(Duration::ZERO);
    if left.is_zero() {
        return Ok(false);
    }
    let token = ctx.cancellation_token().child_token();
    let timer = ctx.timer(
        TimerOptions::builder(left)
            .cancellation_token(token.clone())
            .summary(summary.to_owned())
            .build(),
    );
    let (mut moved_on, mut timer) = (pin!(moved_on), pin!(timer));
    select! {
        moved = moved_on => {
            token.cancel();
            moved?;
            Ok(true)
        }
        _ = timer => Ok(false),
    }
}

/// Takes the one place for a command, synchronously: handlers interleave at every await, and a
/// second one may have passed its validator before the first began.
fn reserve(ctx: &Context, command: Uuid, code: &str) -> Result<(), BoxError> {
    Ok(ctx.state_mut(|state| state.round.reserve(command, code))?)
}

/// Gives the place back and, on success, lets the change count.
fn release<T>(
    ctx: &Context,
    result: Result<T, ActivityExecutionError>,
    on_success: impl FnOnce(&mut RoundState, &T),
) -> Result<T, BoxError> {
    ctx.state_mut(|state| {
        state.round.release();
        let value = result.map_err(|error| match refusal_of(&error) {
            Some(refusal) => BoxError::from(refusal),
            None => error.into(),
        })?;
        on_success(&mut state.round, &value);
        Ok(value)
    })
}

/// Takes over what an activity read, unless a command changed the round while it read.
fn adopted(
    ctx: &Context,
    epoch: u64,
    found: Result<Round, ActivityExecutionError>,
) -> Result<Step, WorkflowTermination> {
    let Some(found) = done_or_not_now(found)? else {
        return Ok(Step::NotNow);
    };
    ctx.state_mut(|state| {
        if state.round.epoch() == epoch {
            state.round.adopt(&found);
        }
    });
    Ok(Step::Done)
}

fn is_long(ctx: &Context) -> bool {
    ctx.continue_as_new_suggested() || ctx.history_length() > HISTORY_LIMIT
}

async fn handlers_finished(ctx: &Context) -> Result<(), WorkflowTermination> {
    let context = ctx.clone();
    ctx.wait_condition(move |_| context.all_handlers_finished())
        .await?;
    Ok(())
}

async fn continue_as_new(ctx: &Context) -> Result<(), WorkflowTermination> {
    handlers_finished(ctx).await?;
    let input = ctx.state(|state| state.round.continued());
    ctx.continue_as_new(input, ContinueAsNewOptions::default())?;
    Ok(())
}

/// Says in the Temporal UI who is waited for; the search attributes follow the status and the next
/// moment at which something happens by itself, and nothing else.
fn show(ctx: &Context) {
    ctx.state_mut(|state| {
        let round = &state.round;
        ctx.set_current_details(round.details());
        let now = (round.status(), round.deadline());
        if state.shown.replace(now) != Some(now) {
            ctx.upsert_search_attributes([
                DOMAIN.value_set(queues::CANDIDATES.to_owned()),
                STATUS.value_set(now.0.as_str().to_owned()),
                PROFILE_ID.value_set(round.input().profile_id.to_string()),
                CORRELATION_ID.value_set(round.input().correlation_id.to_string()),
                deadline(now.1),
            ]);
        }
    });
}
