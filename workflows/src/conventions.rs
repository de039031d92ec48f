//! What every workflow does the same way: search attributes, the options of its activities, the
//! length at which it continues as new, and how it tells a refusal from a failure.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use temporalio_common::error::IncomingError;
use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributeUpdate, Timestamp};
use temporalio_workflow::common::ActivityDefinition;
use temporalio_workflow::{
    ActivityExecutionError, ActivityOptions, RetryPolicy, TimerOptions, TimerResult,
    WorkflowContext, WorkflowTermination,
};

use crate::commands::Refusal;

/// The domain that owns the workflow.
pub const DOMAIN: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaDomain");
/// The status of what the workflow is about.
pub const STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaStatus");
/// Id of the person who has the work in hand.
pub const ASSIGNEE: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaAssignee");
/// The next moment at which something happens by itself.
pub const DEADLINE: SearchAttributeKey<Timestamp> = SearchAttributeKey::datetime("YemmaDeadline");
/// Id of the profile; one query by it shows everything that happens to a person.
pub const PROFILE_ID: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaProfileId");
/// The correlation id of the request that began the process.
pub const CORRELATION_ID: SearchAttributeKey<String> =
    SearchAttributeKey::keyword("YemmaCorrelationId");

/// Events in a history past which a workflow continues as new even when the server has not yet
/// suggested it.
pub const HISTORY_LIMIT: u32 = 1_000;

/// Sets or clears [`DEADLINE`].
#[must_use]
pub fn deadline(at: Option<DateTime<Utc>>) -> SearchAttributeUpdate {
    match at {
        Some(at) => DEADLINE.value_set(Timestamp::new(at.timestamp(), 0)),
        None => cleared("YemmaDeadline"),
    }
}

/// Clears a search attribute.
///
/// The SDK's `value_unset` sends a payload without an encoding, which a real server refuses for
/// every type ("invalid value … value from <>"), and then again for ever. An empty list is read by
/// the server as no value, whatever the attribute's type.
#[must_use]
pub fn cleared(name: &'static str) -> SearchAttributeUpdate {
    SearchAttributeKey::keyword_list(name).value_set(Vec::new())
}

/// Before a step that cannot succeed is tried again: a minute, doubling up to an hour.
const FIRST_REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(60 * 60);

/// Options of an activity that does one transaction: ten seconds, and an unreachable database is
/// asked again after one second, doubling to five, without end. What trying again cannot help
/// (a missing grant, a violated constraint) ends it at once.
#[must_use]
pub fn database_activity(summary: impl Into<String>) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(10))
        .retry_policy(
            RetryPolicy::builder()
                .initial_interval(Duration::from_secs(1))
                .backoff_coefficient(2.0)
                .maximum_interval(Duration::from_secs(5))
                .build(),
        )
        .summary(summary.into())
        .build()
}

/// The refusal inside an activity's failure, when it is one and not a fault.
#[must_use]
pub fn refusal_of(error: &ActivityExecutionError) -> Option<Refusal> {
    let mut cause = error.cause();
    while let Some(inner) = cause {
        if let IncomingError::Application(failure) = inner
            && failure.type_name() == Some(Refusal::FAILURE_TYPE)
        {
            // An activity of an earlier version has it in the message alone.
            let detailed = failure.details().ok().flatten();
            return detailed.or_else(|| failure.to_string().parse().ok());
        }
        cause = inner.cause();
    }
    None
}

/// How long a step rests that could not succeed so many times in a row.
#[must_use]
pub fn rest_after(failures: u32) -> Duration {
    let doubled = FIRST_REST.saturating_mul(1 << failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_REST)
}

/// What came of a step that the process must do some time: its result, or `None` when it failed
/// for a reason that somebody must mend first. The activity has raised the alarm.
///
/// # Errors
/// When the run was cancelled.
pub fn done_or_not_now<T>(
    result: Result<T, ActivityExecutionError>,
) -> Result<Option<T>, WorkflowTermination> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(ActivityExecutionError::Failed(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Waits before a step that could not succeed `failures` times in a row is tried again. False when
/// the run was cancelled meanwhile.
pub async fn rest<W: 'static>(ctx: &WorkflowContext<W>, failures: u32) -> bool {
    let pause = TimerOptions::builder(rest_after(failures))
        .summary("A step cannot succeed; it is tried again".to_owned())
        .build();
    ctx.timer(pause).await == TimerResult::Fired
}

/// Does a step that nothing else waits for, and again after a rest until it succeeds.
///
/// The first attempt is ordered at once, not when the answer is first awaited: what is ordered after
/// it comes after it in the history.
///
/// # Errors
/// When the run was cancelled.
pub fn until_done<'a, W, A>(
    ctx: &'a WorkflowContext<W>,
    activity: A,
    input: A::Input,
    options: impl Fn() -> ActivityOptions + 'a,
) -> impl Future<Output = Result<A::Output, WorkflowTermination>> + 'a
where
    W: 'static,
    A: ActivityDefinition + Clone + 'static,
    A::Input: Clone + 'static,
    A::Output: 'static,
{
    let first = ctx.execute_activity(activity.clone(), input.clone(), options());
    async move {
        let mut done = first.await;
        let mut failures = 0;
        loop {
            if let Some(done) = done_or_not_now(done)? {
                return Ok(done);
            }
            failures += 1;
            // A cancelled run ends at the next attempt.
            rest(ctx, failures).await;
            done = ctx
                .execute_activity(activity.clone(), input.clone(), options())
                .await;
        }
    }
}

/// The workflow's own clock as the type that the rules use.
#[must_use]
pub fn moment(time: Option<SystemTime>) -> DateTime<Utc> {
    time.map_or(DateTime::UNIX_EPOCH, DateTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_cannot_succeed_rests_for_a_minute_and_at_most_an_hour() {
        let minutes = |failures| rest_after(failures).as_secs() / 60;
        assert_eq!([1, 2, 3, 6, 7, 400].map(minutes), [1, 2, 4, 32, 60, 60]);
    }
}
