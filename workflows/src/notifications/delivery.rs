//! `NotificationDelivery`: one mail, sent once, or a dead letter.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each handler, without its doc comment"
)]

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::RetryPolicy;
use temporalio_workflow::{ActivityOptions, TimerOptions, WorkflowContext, WorkflowResult};

use super::{Attempt, DeliveryInput, DeliveryOutcome, GiveUp, GiveUpInput, Send, SendInput};
use crate::conventions::STATUS;

/// The mail server's ten seconds, the database's three, and five to spare.
const SEND_TIMEOUT: Duration = Duration::from_secs(18);
/// Within it a killed worker's attempt is noticed and taken up again.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(10);
/// For an activity on the database alone.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);

/// Delivers one notification by mail.
///
/// A refusal is tried again, three times in all and ever more slowly. A mail server that is away
/// uses up no attempt: the activity is repeated until it answers.
#[workflow]
#[derive(Default)]
pub struct NotificationDelivery {
    refusals: u32,
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
            let code = match send(ctx, &input).await? {
                Attempt::Sent => return Ok(ended(ctx, DeliveryOutcome::Sent)),
                Attempt::Obsolete => return Ok(ended(ctx, DeliveryOutcome::Obsolete)),
                Attempt::Refused { code } => code,
            };
            let refusals = ctx.state_mut(|delivery| {
                delivery.refusals += 1;
                delivery.refusals
            });
            let Some(wait) = input.timing.backoff(refusals) else {
                give_up(ctx, &input, code, refusals).await?;
                return Ok(ended(ctx, DeliveryOutcome::GaveUp));
            };
            show(ctx, "waiting");
            ctx.set_current_details(format!(
                "Refused {refusals} of {} times ({code}); waiting to send again",
                input.timing.attempts
            ));
            let pause = TimerOptions::builder(wait)
                .summary(format!("Before attempt {}", refusals + 1))
                .build();
            ctx.timer(pause).await;
        }
    }
}

/// What operators search by: `sending`, `waiting` for the next attempt, or how it ended.
fn show(ctx: &WorkflowContext<NotificationDelivery>, status: &str) {
    ctx.upsert_search_attributes([STATUS.value_set(status.to_owned())]);
}

fn ended(ctx: &WorkflowContext<NotificationDelivery>, outcome: DeliveryOutcome) -> DeliveryOutcome {
    show(ctx, outcome.as_str());
    outcome
}

async fn send(
    ctx: &mut WorkflowContext<NotificationDelivery>,
    input: &DeliveryInput,
) -> WorkflowResult<Attempt> {
    ctx.set_current_details("Waiting for the mail server to take the mail");
    let options = ActivityOptions::with_start_to_close_timeout(SEND_TIMEOUT)
        .heartbeat_timeout(HEARTBEAT_TIMEOUT)
        .retry_policy(until_reachable())
        .summary(format!("Send the mail of {}", input.event_type))
        .build();
    let what = SendInput {
        notification_id: input.notification_id,
    };
    Ok(ctx.execute_activity(Send, what, options).await?)
}

async fn give_up(
    ctx: &mut WorkflowContext<NotificationDelivery>,
    input: &DeliveryInput,
    code: String,
    attempts: u32,
) -> WorkflowResult<()> {
    ctx.set_current_details(format!("Gave up: {code}"));
    let options = ActivityOptions::with_start_to_close_timeout(DATABASE_TIMEOUT)
        .retry_policy(until_reachable())
        .summary("Record the dead letter".to_owned())
        .build();
    let what = GiveUpInput {
        notification_id: input.notification_id,
        code,
        attempts,
    };
    Ok(ctx.execute_activity(GiveUp, what, options).await?)
}

/// Without end: what is unreachable comes back.
fn until_reachable() -> RetryPolicy {
    RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(5))
        .build()
}
