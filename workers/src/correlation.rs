//! One correlation id from the request to the log lines of every activity.
//!
//! A workflow carries the id as a search attribute, which survives continue-as-new; each activity
//! that it schedules gets it as a header, and runs inside a span that names both.

use futures::FutureExt as _;
use temporalio_common::protos::temporal::api::common::v1::{Header, Payload};
use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next,
};
use temporalio_sdk::workflow_interceptors::{
    CancellableWorkflowOutboundFuture, ScheduleActivityInput, ScheduleActivityResult,
    WorkflowInterceptor, WorkflowInterceptorConstructor, WorkflowInterceptorContext, WorkflowNext,
};
use tracing::Instrument as _;
use uuid::Uuid;
use workflows::conventions;

/// The header's name.
const HEADER: &str = "correlation_id";

/// The header of a workflow that is started for a request.
#[must_use]
pub fn header(correlation_id: Uuid) -> Header {
    Header {
        fields: [(HEADER.to_owned(), payload(&correlation_id.to_string()))].into(),
    }
}

/// Hands the workflow's correlation id to the activities that it schedules.
#[must_use]
pub fn workflow_interceptor() -> WorkflowInterceptorConstructor {
    WorkflowInterceptorConstructor::new(|_| HandOn)
}

struct HandOn;

impl WorkflowInterceptor for HandOn {
    fn schedule_activity(
        &self,
        ctx: WorkflowInterceptorContext,
        mut input: ScheduleActivityInput,
        next: WorkflowNext<
            'static,
            ScheduleActivityInput,
            CancellableWorkflowOutboundFuture<ScheduleActivityResult>,
        >,
    ) -> CancellableWorkflowOutboundFuture<ScheduleActivityResult> {
        let attributes = ctx.search_attributes();
        if let Some(id) = attributes.get(&conventions::CORRELATION_ID) {
            input.headers_mut().insert(HEADER.to_owned(), payload(&id));
        }
        next.run(input)
    }
}

/// Runs activities inside a span that names the activity, its workflow and the request, and says
/// when each has ended: so the request's story goes on in the worker's log.
#[derive(Clone, Copy, Debug)]
pub struct Spans;

impl ActivityInboundInterceptor for Spans {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        let info = input.activity_info();
        let span = tracing::info_span!(
            "activity",
            activity = %info.activity_type,
            workflow_id = info.workflow_id.as_deref().unwrap_or_default(),
            attempt = info.attempt,
            correlation_id = tracing::field::Empty,
        );
        if let Some(id) = input.headers().get(HEADER).and_then(text) {
            span.record(HEADER, id);
        }
        let run = next.run(input);
        let told = async move {
            let outcome = run.await;
            tracing::info!(succeeded = outcome.is_ok(), "an activity ended");
            outcome
        };
        told.instrument(span).boxed()
    }
}

fn payload(text: &str) -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: format!("\"{text}\"").into_bytes(),
        ..Payload::default()
    }
}

fn text(payload: &Payload) -> Option<String> {
    serde_json::from_slice(&payload.data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_back() {
        let id = Uuid::from_u128(7);
        let header = header(id);
        let found = header.fields.get(HEADER).and_then(text);
        assert_eq!(found, Some(id.to_string()));
    }
}
