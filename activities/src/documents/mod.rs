//! The activities of `DocumentIngestion`.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each activity, without its doc comment"
)]

pub mod inspection;
mod previews;

use std::sync::Arc;
use std::time::Duration;

use futures::{TryFutureExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use store::Writer;
use store::documents::{self, Content, ContentError, Ingested, Located, Vault};
use store::secrets::document_keys::Part;
use store::{Context, StoreError};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;
use uuid::Uuid;
use workflows::documents::contract::{
    DocumentStep, Inspection, PreviewStep, Previewed, ScanVerdict, Settled, Settlement,
};
use workflows::documents::rules::{DocumentStatus, Rejection, RejectionCode, file_extension};

use crate::clients::scanner::{Answer, ScanError, Scanner};
use crate::failure::failed;
use crate::heartbeat::{beat, beating, beating_with};
use inspection::{Claims, Inspector, InspectorError, Judged};

/// Between two attempts to read content that is not there.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// An inspection that outlives its child's limits this often is the file's doing.
const MOST_TOO_LONG: u32 = 3;
/// So is one whose child is killed this often, though a busy machine kills too.
const MOST_KILLED: u32 = 10;

/// How often the child of a document's inspection failed, kept in the heartbeats from one attempt
/// to the next. Attempts that failed for any other reason say nothing of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct ChildFailures {
    too_long: u32,
    killed: u32,
}

impl ChildFailures {
    /// Those of the attempts before. What an earlier version left there says nothing of failures.
    fn before(ctx: &ActivityContext) -> Self {
        let before = ctx.heartbeat_details().deserialize().ok().flatten();
        before.unwrap_or_default()
    }

    /// With one more; `None` when so many are the file's doing.
    fn and<E: std::error::Error>(self, error: &InspectorError<E>) -> Option<Self> {
        let mut counted = self;
        match error {
            InspectorError::TooLong => counted.too_long += 1,
            InspectorError::Interrupted(_) => counted.killed += 1,
            InspectorError::Busy | InspectorError::NotStarted(_) | InspectorError::Storage(_) => {}
        }
        (counted.too_long < MOST_TOO_LONG && counted.killed < MOST_KILLED).then_some(counted)
    }
}

/// What the activities of documents stand on.
#[derive(Debug)]
pub struct DocumentActivities {
    writer: Writer,
    vault: Vault,
    scanner: Scanner,
    inspector: Inspector,
}

impl DocumentActivities {
    /// Activities over the given store, scanner and inspector.
    #[must_use]
    pub const fn new(writer: Writer, vault: Vault, scanner: Scanner, inspector: Inspector) -> Self {
        Self {
            writer,
            vault,
            scanner,
            inspector,
        }
    }

    async fn scan_content(
        &self,
        ctx: &ActivityContext,
        step: DocumentStep,
    ) -> Result<ScanVerdict, ActivityError> {
        let found = documents::locate(&self.writer, step.document_id)
            .await
            .map_err(|error| failed(&error))?;
        let Some(document) = found else {
            return Ok(ScanVerdict::Gone);
        };
        if document.status != DocumentStatus::Scanning {
            return Ok(ScanVerdict::Unreadable);
        }
        let Some(located) = document.located else {
            return Err(unreadable(ctx, step, &ContentError::Missing));
        };
        // Opened once the scanner has answered the call: while it is away nothing is fetched.
        // Boxed: what a call of S3 keeps would lie on the stack of every future around it.
        let content = Box::pin(self.vault.open(&located, Part::Original));
        let content = stream::once(content.map_ok(Content::into_stream)).try_flatten();
        match self.scanner.scan(content).await {
            Ok(Answer::Clean) => Ok(ScanVerdict::Clean),
            Ok(Answer::Infected) => Ok(ScanVerdict::Infected),
            Ok(Answer::NotScannable) => Ok(ScanVerdict::NotScannable),
            Err(ScanError::Source(error)) => Err(unreadable(ctx, step, &error)),
            Err(ScanError::Unavailable(cause)) => Err(retried("ScannerUnavailable", &cause)),
        }
    }

    async fn inspect_content(
        &self,
        ctx: &ActivityContext,
        step: DocumentStep,
        failures: ChildFailures,
    ) -> Result<Inspection, ActivityError> {
        let found = documents::locate(&self.writer, step.document_id)
            .await
            .map_err(|error| failed(&error))?;
        let Some(document) = found else {
            return Ok(Inspection::Gone);
        };
        let broken = Inspection::Rejected(RejectionCode::Unreadable.into());
        if document.status != DocumentStatus::Scanning {
            return Ok(broken);
        }
        let Some(located) = document.located.clone() else {
            return Err(unreadable(ctx, step, &ContentError::Missing));
        };
        let judged = self
            .judge(document.profile_id, &located, &claims_of(&document))
            .await;
        match judged {
            Ok(Ok(judged)) => self
                .accept(&located, judged)
                .await
                .map_err(|error| unreadable(ctx, step, &error)),
            Ok(Err(rejection)) => Ok(Inspection::Rejected(rejection)),
            Err(InspectorError::Storage(error)) => Err(unreadable(ctx, step, &error)),
            Err(error) => {
                let Some(counted) = failures.and(&error) else {
                    return Ok(broken);
                };
                beat(ctx, counted).await;
                Err(retried("InspectionInterrupted", &error.to_string()))
            }
        }
    }

    /// Stores the file that is handed out instead, if there is one.
    async fn accept(&self, located: &Located, judged: Judged) -> Result<Inspection, ContentError> {
        if let Some(file) = &judged.rewritten {
            self.vault.put_rewritten(located, file).await?;
        }
        Ok(Inspection::Accepted {
            page_count: judged.pages,
            rewritten_size: judged
                .rewritten
                .and_then(|file| u64::try_from(file.len()).ok()),
        })
    }

    async fn judge(
        &self,
        owner: Uuid,
        located: &Located,
        claims: &Claims,
    ) -> Result<Result<Judged, Rejection>, InspectorError<ContentError>> {
        let place = self.inspector.place(owner).await?;
        let content = self
            .vault
            .open(located, Part::Original)
            .await
            .map_err(InspectorError::Storage)?;
        self.inspector
            .inspect(place, claims, content.into_stream())
            .await
    }

    async fn discard_content(&self, document_id: Uuid) -> Result<(), StoreError> {
        // Earlier versions of the workflow have no step of their own for the key.
        documents::destroy_key(&self.writer, document_id).await?;
        let Some(document) = documents::locate(&self.writer, document_id).await? else {
            return Ok(());
        };
        // Only what lost its key may go: this makes a mistaken order harmless.
        if document.located.is_some() {
            return Ok(());
        }
        self.vault
            .discard(document_id, document.object_key.as_deref())
            .await?;
        documents::discarded(&self.writer, document_id).await
    }
}

#[activities]
impl DocumentActivities {
    /// Streams the document through the scanner.
    #[activity(definition = workflows::documents::contract::Scan)]
    pub async fn scan(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<ScanVerdict, ActivityError> {
        beating(&ctx, self.scan_content(&ctx, step)).await
    }

    /// Inspects the content in a child process.
    #[activity(definition = workflows::documents::contract::Inspect)]
    pub async fn inspect(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<Inspection, ActivityError> {
        let failures = ChildFailures::before(&ctx);
        let inspecting = self.inspect_content(&ctx, step, failures);
        beating_with(&ctx, failures, inspecting).await
    }

    /// Draws the pages in a child process and stores the pictures.
    #[activity(definition = workflows::documents::contract::Preview)]
    pub async fn preview(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: PreviewStep,
    ) -> Result<Previewed, ActivityError> {
        let failures = ChildFailures::before(&ctx);
        let drawing = self.preview_content(&ctx, step, failures);
        beating_with(&ctx, failures, drawing).await
    }

    /// Writes the verdict.
    #[activity(definition = workflows::documents::contract::Settle)]
    pub async fn settle(
        self: Arc<Self>,
        _ctx: ActivityContext,
        settlement: Settlement,
    ) -> Result<Settled, ActivityError> {
        let context = Context::system(settlement.correlation_id, None);
        documents::settle(&self.writer, &context, &settlement)
            .await
            .map(|status| Settled { status })
            .map_err(|error| failed(&error))
    }

    /// Destroys the key of a document whose verdict is that nobody may read it.
    #[activity(definition = workflows::documents::contract::DestroyKey)]
    pub async fn destroy_key(
        self: Arc<Self>,
        _ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<(), ActivityError> {
        documents::destroy_key(&self.writer, step.document_id)
            .await
            .map_err(|error| failed(&error))
    }

    /// Deletes the objects of a document that lost its key.
    #[activity(definition = workflows::documents::contract::Discard)]
    pub async fn discard(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<(), ActivityError> {
        let discarding = async {
            self.discard_content(step.document_id)
                .await
                .map_err(|error| failed(&error))
        };
        beating(&ctx, discarding).await
    }

    /// Tells the owner that the scan is late, if it still is.
    #[activity(definition = workflows::documents::contract::ReportDelay)]
    pub async fn report_delay(
        self: Arc<Self>,
        _ctx: ActivityContext,
        step: DocumentStep,
    ) -> Result<(), ActivityError> {
        tracing::error!(
            document_id = %step.document_id,
            correlation_id = %step.correlation_id,
            "a document has been waiting for its scan for too long"
        );
        documents::report_delay(&self.writer, step.correlation_id, step.document_id)
            .await
            .map_err(|error| failed(&error))
    }
}

fn claims_of(document: &Ingested) -> Claims {
    Claims {
        kind: document.kind,
        extension: file_extension(&document.file_name),
        content_type: document.content_type.clone(),
    }
}

/// Content that cannot be read is no verdict on the file: the bucket, the object or the key may come
/// back. So the step is tried again without end, less and less often, and people are alerted.
fn unreadable(ctx: &ActivityContext, step: DocumentStep, error: &ContentError) -> ActivityError {
    let (reason, attempt) = (reason_of(error), ctx.info().attempt);
    metrics::counter!("yemma_document_content_unreadable_total", "reason" => reason).increment(1);
    tracing::error!(
        document_id = %step.document_id,
        correlation_id = %step.correlation_id,
        reason,
        attempt,
        error = error as &(dyn std::error::Error + 'static),
        "a document's content cannot be read; it waits, and nothing of it is deleted"
    );
    ActivityError::application(
        ApplicationFailure::builder(format!("the content cannot be read: {reason}"))
            .type_name("ContentUnreadable".to_owned())
            .next_retry_delay(patience(attempt))
            .build(),
    )
}

const fn reason_of(error: &ContentError) -> &'static str {
    match error {
        ContentError::Missing => "missing",
        ContentError::Tampered => "tampered",
        ContentError::Key(_) => "key",
        ContentError::Store(_) => "storage",
    }
}

/// From a second to a minute: what was lost is brought back by people.
fn patience(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.saturating_sub(1).min(6)).min(LONGEST_PAUSE)
}

fn retried(type_name: &'static str, message: &str) -> ActivityError {
    tracing::warn!(type_name, message, "an activity failed");
    ActivityError::application(
        ApplicationFailure::builder(message.to_owned())
            .type_name(type_name.to_owned())
            .build(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Failure = InspectorError<std::io::Error>;

    #[test]
    fn what_cannot_be_read_is_asked_for_less_and_less_often() {
        let seconds = |attempt| patience(attempt).as_secs();
        assert_eq!([1, 2, 3, 6, 7, 20_000].map(seconds), [1, 2, 4, 32, 60, 60]);
    }

    #[test]
    fn only_the_childs_own_failures_tell_of_the_file() {
        let elsewhere = || std::io::Error::other("elsewhere");
        let mut counted = ChildFailures::default();
        for _ in 0..100 {
            for error in [
                Failure::Busy,
                Failure::NotStarted(elsewhere()),
                Failure::Storage(elsewhere()),
            ] {
                counted = counted.and(&error).unwrap();
            }
        }
        assert_eq!(counted, ChildFailures::default());
        for _ in 1..MOST_TOO_LONG {
            counted = counted.and(&Failure::TooLong).unwrap();
        }
        for _ in 1..MOST_KILLED {
            counted = counted.and(&Failure::Interrupted(elsewhere())).unwrap();
        }
        assert_eq!(counted.and(&Failure::TooLong), None);
        assert_eq!(counted.and(&Failure::Interrupted(elsewhere())), None);
    }
}
