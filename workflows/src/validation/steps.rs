//! The steps of `ProfileValidation`: each is short, and takes its place before it awaits.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use temporalio_workflow::common::ActivityDefinition;
use temporalio_workflow::workflows::select;
use temporalio_workflow::{
    ActivityExecutionError, ContinueAsNewOptions, TimerOptions, WorkflowContext,
    WorkflowTermination,
};

use super::describe;
use super::process::{ProfileValidation, Reservation};
use super::{
    Action, Carried, Case, CaseChanged, CaseCommand, CaseOutcome, CloseErased, CloseErasedActivity,
    Due, FireTimerActivity, OpenCase, OpenCaseActivity, TimerFired, ValidationInput, Wanted,
};
use crate::commands::{Command, Refusal};
use crate::conventions::{self, database_activity, done_or_not_now, moment, rest, until_done};

/// What an update handler may fail with.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;
/// What a command's validator answers.
pub(super) type Validated = Result<(), Fault>;

type Context = WorkflowContext<ProfileValidation>;

/// Why the process woke up.
pub(super) enum Turn {
    /// A timer is due.
    TimePassed,
    /// The person is being forgotten.
    Erased,
    /// The history is long and nothing is being served.
    TooLong,
    /// The case is closed.
    Closed(CaseOutcome),
}

/// Makes the case appear: nothing can be claimed that no process owns.
pub(super) async fn open(ctx: &mut Context) -> Result<(), WorkflowTermination> {
    if ctx.state(|state| state.progress.is_some()) {
        show(ctx, true);
        return Ok(());
    }
    show(ctx, false);
    let input = ctx.state(|state| state.input.clone());
    let open = OpenCase {
        validation_id: input.validation_id,
        profile_id: input.profile_id,
        user_id: input.user_id,
        submitted_at: input.submitted_at,
        correlation_id: input.correlation_id,
        event_id: input.event_id,
    };
    let options = || database_activity("Put the case in the queue");
    let case = until_done(ctx, OpenCaseActivity, open, options).await?;
    let opened_at = moment(ctx.workflow_time());
    ctx.state_mut(|state| {
        state.progress = Some(Carried {
            claim_check: case.claim_runs_out_at(&state.input.timing),
            case,
            escalated: None,
            reminded_until: opened_at,
            erased: false,
            postponed: Vec::new(),
        });
    });
    show(ctx, true);
    Ok(())
}

/// Waits for whatever comes first: the next timer, an erasure, a closed case, a long history.
///
/// An operator who cancels the run ends it as cancelled. The case stays as PostgreSQL has it, and
/// a run that is started again under the same id goes on with it. The condition is asked before
/// the timer: it fails when the run is cancelled, and a cancelled timer would only be set again.
pub(super) async fn next_turn(ctx: &mut Context) -> Result<Turn, WorkflowTermination> {
    loop {
        if let Some(turn) = ctx.state(ProfileValidation::turn) {
            return Ok(turn);
        }
        let Some((due_at, due)) = ctx.state(ProfileValidation::next_due) else {
            ctx.wait_condition(|state| state.turn().is_some() || state.next_due().is_some())
                .await?;
            continue;
        };
        let Some(wait) = until(due_at, moment(ctx.workflow_time())) else {
            return Ok(Turn::TimePassed);
        };
        let token = ctx.cancellation_token().child_token();
        let options = TimerOptions::builder(wait)
            .cancellation_token(token.clone())
            .summary(describe::named(due).to_owned())
            .build();
        let unchanged = move |state: &ProfileValidation| state.next_due() == Some((due_at, due));
        let timer = ctx.timer(options);
        let changed = ctx.wait_condition(|state| state.turn().is_some() || !unchanged(state));
        let (mut changed, mut timer) = (pin!(changed), pin!(timer));
        select! {
            changed = changed => {
                token.cancel();
                changed?;
            }
            _ = timer => {}
        }
    }
}

/// Acts on everything that is due; each activity checks that it still applies. What cannot be done
/// now gives the place back and comes later, so that nothing else waits for it.
pub(super) async fn act_on_timers(ctx: &mut Context) -> Result<(), WorkflowTermination> {
    let now = moment(ctx.workflow_time());
    let due = ctx.state(|state| match &state.progress {
        Some(progress) => progress.due_by(&state.input.timing, now),
        None => Vec::new(),
    });
    for due in due {
        act_on(ctx, due, now).await?;
    }
    ctx.state_mut(|state| {
        if let Some(progress) = &mut state.progress {
            progress.reminded_until = progress.reminded_until.max(now);
        }
    });
    Ok(())
}

async fn act_on(
    ctx: &mut Context,
    due: Due,
    now: DateTime<Utc>,
) -> Result<(), WorkflowTermination> {
    take_place(ctx).await?;
    let input = ctx.state(|state| state.input.clone());
    let fired = TimerFired {
        validation_id: input.validation_id,
        correlation_id: input.correlation_id,
        at: now,
        due,
        timing: input.timing.clone(),
    };
    let options = database_activity(format!("Act on the {}", describe::named(due)));
    let handled = ctx
        .execute_activity(FireTimerActivity, fired, options)
        .await;
    ctx.state_mut(|state| state.reserved = None);
    let Some(handled) = done_or_not_now(handled)? else {
        postpone(ctx, due);
        return Ok(());
    };
    adopt(ctx, handled.case, |progress| {
        progress.handled(due, &input.timing, now);
        if due == Due::ClaimCheck {
            progress.claim_check = handled.claim_check;
        }
    });
    Ok(())
}

fn postpone(ctx: &Context, due: Due) {
    let now = moment(ctx.workflow_time());
    ctx.state_mut(|state| {
        if let Some(progress) = &mut state.progress {
            progress.postpone(due, now);
        }
        state.full |= is_full(ctx.continue_as_new_suggested(), ctx.history_length());
    });
    show(ctx, false);
}

/// Closes the case of a person who is being forgotten.
pub(super) async fn close_erased(ctx: &mut Context) -> Result<(), WorkflowTermination> {
    take_place(ctx).await?;
    let input = ctx.state(|state| state.input.clone());
    let close = CloseErased {
        validation_id: input.validation_id,
        correlation_id: input.correlation_id,
        at: moment(ctx.workflow_time()),
    };
    let options = database_activity("Close the case: the person is being forgotten");
    let closed = ctx
        .execute_activity(CloseErasedActivity, close, options)
        .await;
    let failures = ctx.state_mut(|state| {
        state.reserved = None;
        state.failures += 1;
        state.failures
    });
    match done_or_not_now(closed)? {
        Some(closed) => adopt(ctx, closed, |_| {}),
        None => {
            rest(ctx, failures).await;
        }
    }
    Ok(())
}

/// Hands the case to a new run, once nobody is being served.
pub(super) async fn continue_as_new(ctx: &mut Context) -> Result<(), WorkflowTermination> {
    let_handlers_finish(ctx).await?;
    let next = ctx.state(ProfileValidation::continued);
    ctx.continue_as_new(next, ContinueAsNewOptions::default())?;
    Ok(())
}

/// Lets every admitted command get its answer before the run ends.
pub(super) async fn let_handlers_finish(ctx: &mut Context) -> Result<(), WorkflowTermination> {
    let handlers = ctx.clone();
    ctx.wait_condition(move |_| handlers.all_handlers_finished())
        .await?;
    Ok(())
}

/// Serves one command: waits for its place, asks the rules again, then lets the activity commit.
pub(super) async fn perform<A, T>(
    ctx: &mut Context,
    activity: A,
    command: Command<T>,
    wanted: impl Into<Wanted>,
) -> Result<CaseChanged, Fault>
where
    A: ActivityDefinition<Input = CaseCommand<T>, Output = CaseChanged> + 'static,
    T: 'static,
{
    let wanted = wanted.into();
    take_place_for(ctx, wanted, &command).await?;
    let input = ctx.state(|state| state.input.clone());
    let order = CaseCommand {
        validation_id: input.validation_id,
        at: moment(ctx.workflow_time()),
        command,
        timing: input.timing,
    };
    let options = database_activity(summary(wanted.action));
    let outcome = ctx.execute_activity(activity, order, options).await;
    ctx.state_mut(|state| state.reserved = None);
    match outcome {
        Ok(changed) => {
            adopt(ctx, changed.case.clone(), |_| {});
            Ok(changed)
        }
        Err(error) => Err(fault(error)),
    }
}

/// Waits until nobody is being served and the case exists, then takes the place at once: there
/// is no `await` between the question and the taking.
async fn take_place(ctx: &mut Context) -> Result<(), WorkflowTermination> {
    ctx.wait_condition(|state| state.reserved.is_none() && state.progress.is_some())
        .await?;
    ctx.state_mut(|state| state.reserved = Some(Reservation { claimant: None }));
    Ok(())
}

async fn take_place_for<T>(
    ctx: &mut Context,
    wanted: Wanted,
    command: &Command<T>,
) -> Result<(), Fault> {
    take_place(ctx)
        .await
        .map_err(|_| Refusal::new("already_decided"))?;
    let at = Some(moment(ctx.workflow_time()));
    let (actor, claimant) = (
        command.actor_id,
        (wanted.action == Action::Claim).then_some(command.actor_id),
    );
    let allowed = ctx.state(|state| match &state.progress {
        Some(progress) => progress.case.allows(wanted, actor, at),
        None => Err(Refusal::new("already_decided")),
    });
    ctx.state_mut(|state| {
        state.reserved = allowed.is_ok().then_some(Reservation { claimant });
    });
    Ok(allowed?)
}

/// Takes over what PostgreSQL told; a change of status shows in the UI and the search.
fn adopt(ctx: &mut Context, case: Case, note: impl FnOnce(&mut Carried)) {
    let full = is_full(ctx.continue_as_new_suggested(), ctx.history_length());
    let moved = ctx.state_mut(|state| {
        state.full |= full;
        let Some(progress) = &mut state.progress else {
            return false;
        };
        let moved =
            progress.case.status != case.status || progress.case.claimed_by != case.claimed_by;
        progress.adopt(case, &state.input.timing);
        note(progress);
        moved
    });
    show(ctx, moved);
}

fn show(ctx: &Context, moved: bool) {
    let (details, attributes) = ctx.state(|state| {
        let progress = state.progress.as_ref();
        (
            describe::details(&state.input, progress),
            progress.map(|progress| describe::attributes(&state.input, progress)),
        )
    });
    ctx.set_current_details(details);
    if let Some(attributes) = attributes.filter(|_| moved) {
        ctx.upsert_search_attributes(attributes);
    }
}

/// Whether the history is long enough for a new run.
pub(super) const fn is_full(suggested: bool, history_length: u32) -> bool {
    suggested || history_length > conventions::HISTORY_LIMIT
}

fn fault(error: ActivityExecutionError) -> Fault {
    match conventions::refusal_of(&error) {
        Some(refusal) => refusal.into(),
        None => error.into(),
    }
}

fn until(due_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Duration> {
    (due_at - now).to_std().ok().filter(|wait| !wait.is_zero())
}

const fn summary(action: Action) -> &'static str {
    match action {
        Action::Claim => "Give the case to the reviewer",
        Action::Release => "Give the case back to the queue",
        Action::HandOver => "Give the case to another reviewer",
        Action::ReviewDocument => "Record the review of a document",
        Action::RequestCorrection => "Ask the candidate for corrections",
        Action::Resubmit => "Take the candidate's corrections",
        Action::Withdraw => "Close the case: the submission was withdrawn",
        Action::ScheduleInterview => "Schedule an interview",
        Action::ChangeInterview => "Move or cancel an interview",
        Action::CompleteInterview => "Record how the interview ended",
        Action::SaveAssessment => "Save the grid",
        Action::Validate => "Validate the profile",
        Action::Reject => "Reject the profile",
        Action::Lapse => "Close the case: the candidate did not answer",
        Action::ExpireClaim => "Give the untouched case back to the queue",
    }
}

impl ProfileValidation {
    /// What the process must do now, timers apart.
    fn turn(&self) -> Option<Turn> {
        let progress = self.progress.as_ref()?;
        if let Some(outcome) = progress.case.outcome {
            return Some(Turn::Closed(outcome));
        }
        if self.erased {
            return Some(Turn::Erased);
        }
        (self.full && self.reserved.is_none()).then_some(Turn::TooLong)
    }

    /// What the next run starts with. The person may be forgotten while the last commands of this
    /// one get their answers, and nobody tells the next run again.
    pub(super) fn continued(&self) -> ValidationInput {
        ValidationInput {
            carried: self.progress.clone().map(|progress| Carried {
                erased: self.erased,
                ..progress
            }),
            ..self.input.clone()
        }
    }

    fn next_due(&self) -> Option<(DateTime<Utc>, Due)> {
        self.progress.as_ref()?.next_due(&self.input.timing)
    }
}
