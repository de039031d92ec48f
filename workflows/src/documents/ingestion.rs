//! The way of an upload: scanned, inspected, then available; or infected or refused, and gone.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each handler, without its doc comment"
)]

use std::pin::pin;
use std::time::Duration;

use futures::FutureExt as _;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityOptions, RetryPolicy, SyncWorkflowContext, TimerOptions, TimerResult, WorkflowContext,
    WorkflowResult, WorkflowTermination, workflows::select,
};

use super::contract::{
    Discard, DocumentStep, IngestionInput, IngestionOutcome, Inspect, Inspection, ReportDelay,
    Scan, ScanVerdict, Settle, Settlement, Verdict,
};
use super::rules::{DocumentStatus, RejectionCode};
use crate::conventions::{self, database_activity, done_or_not_now, rest_after, until_done};

/// Reading an object (15 s) and scanning it (60 s), with 5 s to spare.
const SCAN_TIMEOUT: Duration = Duration::from_secs(80);
/// Reading an object (15 s), the child's own limit (240 s) and writing what it still sends.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(300);
/// Deleting the object and the previews.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(60);
/// A killed worker's step is taken up again after this.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Brings one document from quarantine to its fate.
#[workflow]
#[derive(Default)]
pub struct DocumentIngestion {
    erased: bool,
}

#[workflow_methods]
impl DocumentIngestion {
    /// The whole way.
    #[run]
    pub async fn run(
        ctx: &mut WorkflowContext<Self>,
        input: IngestionInput,
    ) -> WorkflowResult<IngestionOutcome> {
        let step = DocumentStep {
            document_id: input.document_id,
            correlation_id: input.correlation_id,
        };
        ctx.set_current_details("Waiting for the scanner.");
        let Some(scanned) = scan(ctx, &input, step).await? else {
            return Ok(erased(ctx));
        };
        let verdict = match scanned {
            ScanVerdict::Clean => inspect(ctx, step).await?,
            ScanVerdict::Infected => Some(Verdict::Infected),
            ScanVerdict::NotScannable => {
                Some(Verdict::Rejected(RejectionCode::NotScannable.into()))
            }
            ScanVerdict::Unreadable => Some(Verdict::Rejected(RejectionCode::Unreadable.into())),
            ScanVerdict::Gone => None,
        };
        let Some(verdict) = verdict else {
            return Ok(erased(ctx));
        };
        settle(ctx, step, verdict).await
    }

    /// The person asked to be forgotten: nothing more is done with the document.
    #[signal]
    pub fn erase(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.erased = true;
    }
}

/// Waits for the scanner for as long as it takes; `None` when the document is erased meanwhile.
async fn scan(
    ctx: &WorkflowContext<DocumentIngestion>,
    input: &IngestionInput,
    step: DocumentStep,
) -> Result<Option<ScanVerdict>, WorkflowTermination> {
    let ends = ctx.cancellation_token().child_token();
    let options = || remote_activity(SCAN_TIMEOUT, "Scan for malware", Some(ends.clone()));
    let scanning = until_done(ctx, Scan, step, options).fuse();
    let report_after = |wait| {
        let late = TimerOptions::builder(wait)
            .summary("Tell the owner that the scan is late".to_owned())
            .cancellation_token(ends.clone());
        ctx.timer(late.build())
    };
    let patience = Duration::from_secs(input.timing.scan_delayed_after_seconds);
    let delayed = report_after(patience);
    let mut failures = 0;
    let erased = ctx.wait_condition(|state: &DocumentIngestion| state.erased);
    let (mut scanning, mut delayed, mut erased) = (pin!(scanning), pin!(delayed), pin!(erased));
    loop {
        select! {
            verdict = scanning => {
                ends.cancel();
                return Ok(Some(verdict?));
            }
            is_erased = erased => {
                if is_erased.is_ok() {
                    ends.cancel();
                    return Ok(None);
                }
            }
            fired = delayed => {
                if fired != TimerResult::Fired {
                    continue;
                }
                if !report_delay(ctx, step).await? {
                    failures += 1;
                    delayed.set(report_after(rest_after(failures)));
                }
            }
        }
    }
}

/// Tells that the scan is late; false when that cannot be now.
async fn report_delay(
    ctx: &WorkflowContext<DocumentIngestion>,
    step: DocumentStep,
) -> Result<bool, WorkflowTermination> {
    ctx.set_current_details("The scanner has been away for long; still waiting for it.");
    let options = database_activity("Record that the scan is late");
    let reported = ctx.execute_activity(ReportDelay, step, options).await;
    Ok(done_or_not_now(reported)?.is_some())
}

/// Looks into a clean file; `None` when the document was erased meanwhile.
async fn inspect(
    ctx: &WorkflowContext<DocumentIngestion>,
    step: DocumentStep,
) -> Result<Option<Verdict>, WorkflowTermination> {
    ctx.set_current_details("Clean; its content is being inspected.");
    let options = || remote_activity(INSPECT_TIMEOUT, "Inspect the content, make previews", None);
    Ok(match until_done(ctx, Inspect, step, options).await? {
        Inspection::Accepted { page_count } => Some(Verdict::Available { page_count }),
        Inspection::Rejected(rejection) => Some(Verdict::Rejected(rejection)),
        Inspection::Gone => None,
    })
}

/// Writes the verdict, then deletes what nobody may read. The key goes with the verdict, so that
/// a deletion that comes late leaves nothing readable.
async fn settle(
    ctx: &WorkflowContext<DocumentIngestion>,
    step: DocumentStep,
    verdict: Verdict,
) -> WorkflowResult<IngestionOutcome> {
    let settlement = Settlement {
        document_id: step.document_id,
        correlation_id: step.correlation_id,
        verdict,
    };
    let options = || database_activity("Record the verdict");
    let settled = until_done(ctx, Settle, settlement, options).await?;
    let Some(status) = settled.status else {
        return Ok(erased(ctx));
    };
    ctx.upsert_search_attributes([conventions::STATUS.value_set(status.as_str().to_owned())]);
    ctx.set_current_details(format!("Nobody is waited for: the document is {status}."));
    let outcome = match status {
        DocumentStatus::Infected => IngestionOutcome::Infected,
        DocumentStatus::Rejected => IngestionOutcome::Rejected,
        _ => return Ok(IngestionOutcome::Available),
    };
    let options = || remote_activity(DISCARD_TIMEOUT, "Delete what nobody may read", None);
    until_done(ctx, Discard, step, options).await?;
    Ok(outcome)
}

fn erased(ctx: &WorkflowContext<DocumentIngestion>) -> IngestionOutcome {
    ctx.set_current_details("Nobody is waited for: the document was erased.");
    IngestionOutcome::Erased
}

/// An activity that calls out: it beats, and is tried again without end.
fn remote_activity(
    timeout: Duration,
    summary: &str,
    cancellation: Option<temporalio_workflow::WorkflowCancellationToken>,
) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(timeout)
        .heartbeat_timeout(HEARTBEAT)
        .maybe_cancellation_token(cancellation)
        .retry_policy(
            RetryPolicy::builder()
                .initial_interval(Duration::from_secs(1))
                .backoff_coefficient(2.0)
                .maximum_interval(Duration::from_secs(5))
                .build(),
        )
        .summary(summary.to_owned())
        .build()
}
