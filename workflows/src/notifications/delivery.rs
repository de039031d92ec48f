//! `NotificationDelivery`: one mail, sent once, or a dead letter.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each handler, without its doc comment"
)]

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::RetryPolicy;
use temporalio_workflow::{ActivityOptions, TimerOptions, WorkflowContext, WorkflowResult};

use super::{
    Attempt, DeliveryInput, DeliveryOutcome, GiveUp, GiveUpInput, Record, Send, SendInput,
};
use crate::conventions::{STATUS, moment, until_done};

/// The mail server's ten seconds, the database's three, and five to spare.
const SEND_TIMEOUT: Duration = Duration::from_secs(18);
/// Within it a killed worker's attempt is noticed and taken up again.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(10);
/// For an activity on the database alone.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);

type Context = WorkflowContext<NotificationDelivery>;

/// Delivers one notification by mail.
///
/// A refusal is tried again, three times in all and ever more slowly. "Later" is tried again for a
/// day and uses up no attempt, nor does a mail server that is away: the activity is repeated until
/// it answers.
#[workflow]
#[derive(Default)]
pub struct NotificationDelivery {
    refusals: u32,
    /// How often in a row the mail server said "later", and since when.
    later: Option<(u32, DateTime<Utc>)>,
}

#[workflow_methods]
impl NotificationDelivery {
    /// Send, wait and send again, give up.
    #[run]
    pub async fn run(
        ctx: &mut WorkflowContext<Self>,
        input: DeliveryInput,
    ) -> WorkflowResult<DeliveryOutcome> {
        loop {
            show(ctx, "sending");
            let wait = match send(ctx, &input).await? {
                Attempt::Sent => return Ok(ended(ctx, DeliveryOutcome::Sent)),
                Attempt::Unrecorded => {
                    record(ctx, &input).await?;
                    return Ok(ended(ctx, DeliveryOutcome::Sent));
                }
                Attempt::Obsolete => return Ok(ended(ctx, DeliveryOutcome::Obsolete)),
                Attempt::Later { code } => put_off(ctx, &input, code),
                Attempt::Refused { code } => refused(ctx, &input, code),
            };
            let (wait, why) = match wait {
                Wait::For(wait, why) => (wait, why),
                Wait::NoMore { code, attempts } => {
                    give_up(ctx, &input, code, attempts).await?;
                    return Ok(ended(ctx, DeliveryOutcome::GaveUp));
                }
            };
            show(ctx, "waiting");
            ctx.set_current_details(why.details);
            let pause = TimerOptions::builder(wait).summary(why.summary).build();
            ctx.timer(pause).await;
        }
    }
}

/// What follows an attempt after which the mail server has no mail.
enum Wait {
    For(Duration, Why),
    NoMore { code: String, attempts: u32 },
}

/// Why the delivery waits, for operators.
struct Why {
    details: String,
    summary: String,
}

/// A refusal is an attempt.
fn refused(ctx: &Context, input: &DeliveryInput, code: String) -> Wait {
    let refusals = ctx.state_mut(|delivery| {
        delivery.refusals += 1;
        delivery.later = None;
        delivery.refusals
    });
    let Some(wait) = input.timing.backoff(refusals) else {
        return Wait::NoMore {
            code,
            attempts: refusals,
        };
    };
    let details = format!(
        "Refused {refusals} of {} times ({code}); waiting to send again",
        input.timing.attempts
    );
    let summary = format!("Before attempt {}", refusals + 1);
    Wait::For(wait, Why { details, summary })
}

/// "Later" is none, for as long as the product is patient.
fn put_off(ctx: &Context, input: &DeliveryInput, code: String) -> Wait {
    let now = moment(ctx.workflow_time());
    let (times, since, refusals) = ctx.state_mut(|delivery| {
        let (times, since) = delivery.later.unwrap_or((0, now));
        delivery.later = Some((times + 1, since));
        (times + 1, since, delivery.refusals)
    });
    let patience = i64::try_from(input.timing.later_for_seconds).unwrap_or(i64::MAX / 1_000);
    if now - since >= TimeDelta::seconds(patience) {
        return Wait::NoMore {
            code,
            attempts: refusals + 1,
        };
    }
    let details = format!("The mail server says \"later\" ({code}), {times} times since {since:?}");
    let summary = "The mail server says \"later\"".to_owned();
    Wait::For(input.timing.later(times), Why { details, summary })
}

/// What operators search by: `sending`, `waiting` for the next attempt, or how it ended.
fn show(ctx: &Context, status: &str) {
    ctx.upsert_search_attributes([STATUS.value_set(status.to_owned())]);
}

fn ended(ctx: &Context, outcome: DeliveryOutcome) -> DeliveryOutcome {
    show(ctx, outcome.as_str());
    outcome
}

async fn send(ctx: &mut Context, input: &DeliveryInput) -> WorkflowResult<Attempt> {
    ctx.set_current_details("Waiting for the mail server to take the mail");
    let options = || {
        ActivityOptions::with_start_to_close_timeout(SEND_TIMEOUT)
            .heartbeat_timeout(HEARTBEAT_TIMEOUT)
            .retry_policy(until_reachable())
            .summary(format!("Send the mail of {}", input.event_type))
            .build()
    };
    let what = SendInput {
        notification_id: input.notification_id,
    };
    until_done(ctx, Send, what, options).await
}

async fn record(ctx: &mut Context, input: &DeliveryInput) -> WorkflowResult<()> {
    ctx.set_current_details("The mail server has the mail; recording it");
    let what = SendInput {
        notification_id: input.notification_id,
    };
    let options = || database("Record that the mail was sent");
    until_done(ctx, Record, what, options).await
}

async fn give_up(
    ctx: &mut Context,
    input: &DeliveryInput,
    code: String,
    attempts: u32,
) -> WorkflowResult<()> {
    ctx.set_current_details(format!("Gave up: {code}"));
    let what = GiveUpInput {
        notification_id: input.notification_id,
        code,
        attempts,
    };
    until_done(ctx, GiveUp, what, || database("Record the dead letter")).await
}

fn database(summary: &str) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(DATABASE_TIMEOUT)
        .retry_policy(until_reachable())
        .summary(summary.to_owned())
        .build()
}

/// Without end: what is unreachable comes back.
fn until_reachable() -> RetryPolicy {
    RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(5))
        .build()
}
