//! The way of an upload: scanned, inspected, then available; or infected or refused, and gone.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each handler, without its doc comment"
)]

use std::pin::pin;
use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityExecutionError, ActivityOptions, CancellableFuture, RetryPolicy, SyncWorkflowContext,
    TimerOptions, TimerResult, WorkflowCancellationToken, WorkflowContext, WorkflowResult,
    WorkflowTermination, workflows::select,
};

use super::contract::{
    DestroyKey, Discard, DocumentStep, IngestionInput, IngestionOutcome, Inspect, Inspection,
    ReportDelay, Scan, ScanVerdict, Settle, Settlement, Verdict,
};
use super::rules::{DocumentStatus, RejectionCode};
use crate::conventions::{self, database_activity};

/// Reading an object (15 s) and scanning it (60 s), with 5 s to spare.
const SCAN_TIMEOUT: Duration = Duration::from_secs(80);
/// Reading an object (15 s), the child's own limit (240 s) and writing what it still sends.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(300);
/// Deleting the object and the previews.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(60);
/// A killed worker's step is taken up again after this.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The key of a refused document goes in a step after its verdict, not with it.
const KEY_OUTLIVES_VERDICT: &str = "document-key-outlives-verdict";
/// An inspection that waits is told of, and ended by an erasure, as a scan is.
const INSPECTION_IS_AWAITED: &str = "document-inspection-is-awaited";

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
            ScanVerdict::Clean => inspect(ctx, &input, step).await?,
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
    let options = remote_activity(SCAN_TIMEOUT, "Scan for malware", Some(ends.clone()));
    let scanning = ctx.execute_activity(Scan, step, options);
    awaited(ctx, input, step, scanning, ends).await
}

/// Waits for a step for as long as it takes, tells the owner when that is long, and ends it with
/// `ends` when the document is erased meanwhile: then there is `None`.
async fn awaited<T>(
    ctx: &WorkflowContext<DocumentIngestion>,
    input: &IngestionInput,
    step: DocumentStep,
    working: impl CancellableFuture<Output = Result<T, ActivityExecutionError>>,
    ends: WorkflowCancellationToken,
) -> Result<Option<T>, WorkflowTermination> {
    let delayed = ctx.timer(
        TimerOptions::builder(Duration::from_secs(input.timing.scan_delayed_after_seconds))
            .summary("Tell the owner that the check is late".to_owned())
            .cancellation_token(ends.clone())
            .build(),
    );
    let erased = ctx.wait_condition(|state: &DocumentIngestion| state.erased);
    let (mut working, mut delayed, mut erased) = (pin!(working), pin!(delayed), pin!(erased));
    loop {
        select! {
            done = working => {
                ends.cancel();
                return Ok(Some(done?));
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
                ctx.set_current_details("The check has been waiting for long; it goes on waiting.");
                let summary = "Record that the check is late";
                ctx.execute_activity(ReportDelay, step, database_activity(summary)).await?;
            }
        }
    }
}

/// Looks into a clean file; `None` when the document was erased meanwhile.
async fn inspect(
    ctx: &WorkflowContext<DocumentIngestion>,
    input: &IngestionInput,
    step: DocumentStep,
) -> Result<Option<Verdict>, WorkflowTermination> {
    ctx.set_current_details("Clean; its content is being inspected.");
    let ends = ctx.cancellation_token().child_token();
    let summary = "Inspect the content, make previews";
    let options = remote_activity(INSPECT_TIMEOUT, summary, Some(ends.clone()));
    let inspected = if ctx.patched(INSPECTION_IS_AWAITED) {
        let inspecting = ctx.execute_activity(Inspect, step, options);
        awaited(ctx, input, step, inspecting, ends).await?
    } else {
        Some(ctx.execute_activity(Inspect, step, options).await?)
    };
    let Some(inspected) = inspected else {
        return Ok(None);
    };
    Ok(match inspected {
        Inspection::Accepted { page_count } => Some(Verdict::Available { page_count }),
        Inspection::Rejected(rejection) => Some(Verdict::Rejected(rejection)),
        Inspection::Gone => None,
    })
}

/// Writes the verdict, which alone forbids reading; then destroys the key, and then deletes what
/// nobody may read, so that a deletion that comes late leaves nothing readable.
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
    let settled = ctx
        .execute_activity(Settle, settlement, database_activity("Record the verdict"))
        .await?;
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
    if ctx.patched(KEY_OUTLIVES_VERDICT) {
        let options = database_activity("Destroy the key of what nobody may read");
        ctx.execute_activity(DestroyKey, step, options).await?;
    }
    let options = remote_activity(DISCARD_TIMEOUT, "Delete what nobody may read", None);
    ctx.execute_activity(Discard, step, options).await?;
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
    cancellation: Option<WorkflowCancellationToken>,
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
