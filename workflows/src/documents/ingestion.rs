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
    ActivityOptions, RetryPolicy, SyncWorkflowContext, TimerOptions, TimerResult,
    WorkflowCancellationToken, WorkflowContext, WorkflowResult, WorkflowTermination,
    workflows::select,
};

use super::contract::{
    DestroyKey, Discard, DocumentStep, IngestionInput, IngestionOutcome, Inspect, Inspection,
    Preview, PreviewStep, Previewed, ReportDelay, Scan, ScanVerdict, Settle, Settlement, Verdict,
};
use super::rules::{DocumentStatus, RejectionCode};
use crate::conventions::{self, database_activity, done_or_not_now, rest_after, until_done};

/// Reading an object (15 s) and scanning it (60 s), with 5 s to spare.
const SCAN_TIMEOUT: Duration = Duration::from_secs(80);
/// Waiting for a child's place (40 s), reading an object (15 s) and the child's own limit (240 s).
const INSPECT_TIMEOUT: Duration = Duration::from_secs(300);
/// The same, the pages being stored as they are drawn.
const PREVIEW_TIMEOUT: Duration = Duration::from_secs(300);
/// Since this change the pages are drawn in a step of their own; [`Inspect`] drew them before.
const PREVIEWS_APART: &str = "documents-previews-apart";
/// The key of a refused document goes in a step after its verdict, not with it.
const KEY_OUTLIVES_VERDICT: &str = "document-key-outlives-verdict";
/// An inspection that waits is told of, and ended by an erasure, as a scan is.
const INSPECTION_IS_AWAITED: &str = "document-inspection-is-awaited";
/// So is the drawing of the pages.
const DRAWING_IS_AWAITED: &str = "document-drawing-is-awaited";
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
    let options = || remote_activity(SCAN_TIMEOUT, "Scan for malware", Some(ends.clone()));
    let scanning = until_done(ctx, Scan, step, options);
    awaited(ctx, input, step, scanning, &ends).await
}

/// Waits for a step for as long as it takes, tells the owner when that is long, and ends it with
/// `ends` when the document is erased meanwhile: then there is `None`.
async fn awaited<T>(
    ctx: &WorkflowContext<DocumentIngestion>,
    input: &IngestionInput,
    step: DocumentStep,
    working: impl Future<Output = Result<T, WorkflowTermination>>,
    ends: &WorkflowCancellationToken,
) -> Result<Option<T>, WorkflowTermination> {
    let report_after = |wait| {
        let late = TimerOptions::builder(wait)
            .summary("Tell the owner that the check is late".to_owned())
            .cancellation_token(ends.clone());
        ctx.timer(late.build())
    };
    let patience = Duration::from_secs(input.timing.scan_delayed_after_seconds);
    let delayed = report_after(patience);
    let mut failures = 0;
    let erased = ctx.wait_condition(|state: &DocumentIngestion| state.erased);
    let working = working.fuse();
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
                if !report_delay(ctx, step).await? {
                    failures += 1;
                    delayed.set(report_after(rest_after(failures)));
                }
            }
        }
    }
}

/// Tells that the check is late; false when that cannot be now.
async fn report_delay(
    ctx: &WorkflowContext<DocumentIngestion>,
    step: DocumentStep,
) -> Result<bool, WorkflowTermination> {
    ctx.set_current_details("The check has been waiting for long; it goes on waiting.");
    let options = database_activity("Record that the check is late");
    let reported = ctx.execute_activity(ReportDelay, step, options).await;
    Ok(done_or_not_now(reported)?.is_some())
}

/// Looks into a clean file; `None` when the document was erased meanwhile.
async fn inspect(
    ctx: &WorkflowContext<DocumentIngestion>,
    input: &IngestionInput,
    step: DocumentStep,
) -> Result<Option<Verdict>, WorkflowTermination> {
    ctx.set_current_details("Clean; its content is being inspected.");
    let ends = ctx.cancellation_token().child_token();
    let options = || remote_activity(INSPECT_TIMEOUT, "Inspect the content", Some(ends.clone()));
    // Asked first: the step is ordered when its future is made.
    let is_awaited = ctx.patched(INSPECTION_IS_AWAITED);
    let inspecting = until_done(ctx, Inspect, step, options);
    let inspected = if is_awaited {
        awaited(ctx, input, step, inspecting, &ends).await?
    } else {
        Some(inspecting.await?)
    };
    let Some(inspected) = inspected else {
        return Ok(None);
    };
    match inspected {
        Inspection::Accepted {
            page_count,
            rewritten_size,
        } => {
            let available = Verdict::Available {
                page_count,
                rewritten_size,
            };
            preview(ctx, input, step, page_count, available).await
        }
        Inspection::Rejected(rejection) => Ok(Some(Verdict::Rejected(rejection))),
        Inspection::Gone => Ok(None),
    }
}

/// Draws the pages of a file that is to become available; `None` when the document was erased
/// meanwhile.
async fn preview(
    ctx: &WorkflowContext<DocumentIngestion>,
    input: &IngestionInput,
    step: DocumentStep,
    page_count: u32,
    available: Verdict,
) -> Result<Option<Verdict>, WorkflowTermination> {
    if !ctx.patched(PREVIEWS_APART) {
        return Ok(Some(available));
    }
    ctx.set_current_details("Accepted; its pages are being drawn.");
    let pages = PreviewStep {
        document_id: step.document_id,
        correlation_id: step.correlation_id,
        page_count,
    };
    let ends = ctx.cancellation_token().child_token();
    let options = || remote_activity(PREVIEW_TIMEOUT, "Draw the pages", Some(ends.clone()));
    let is_awaited = ctx.patched(DRAWING_IS_AWAITED);
    let drawing = until_done(ctx, Preview, pages, options);
    let drawn = if is_awaited {
        awaited(ctx, input, step, drawing, &ends).await?
    } else {
        Some(drawing.await?)
    };
    let Some(drawn) = drawn else {
        return Ok(None);
    };
    Ok(match drawn {
        Previewed::Made => Some(available),
        Previewed::Rejected(rejection) => Some(Verdict::Rejected(rejection)),
        Previewed::Gone => None,
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
    if ctx.patched(KEY_OUTLIVES_VERDICT) {
        let options = || database_activity("Destroy the key of what nobody may read");
        until_done(ctx, DestroyKey, step, options).await?;
    }
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
