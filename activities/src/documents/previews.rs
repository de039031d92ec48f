//! The pictures of a document's pages. They are a convenience: a document without them is
//! available all the same, unless it takes more than the budget to draw.

use store::documents::{self, ContentError, Ingested, Located, Vault};
use store::secrets::document_keys::Part;
use temporalio_common::ActivityError;
use temporalio_sdk::activities::ActivityContext;
use workflows::documents::contract::{DocumentStep, PreviewStep, Previewed};
use workflows::documents::rules::DocumentStatus;

use super::inspection::{Drawing, InspectorError, PageStore};
use super::{ChildFailures, DocumentActivities, claims_of, retried, unreadable};
use crate::failure::failed;
use crate::heartbeat::beat;

impl DocumentActivities {
    pub(super) async fn preview_content(
        &self,
        ctx: &ActivityContext,
        step: PreviewStep,
        failures: ChildFailures,
    ) -> Result<Previewed, ActivityError> {
        let found = documents::locate(&self.writer, step.document_id)
            .await
            .map_err(|error| failed(&error))?;
        let Some(document) = found else {
            return Ok(Previewed::Gone);
        };
        // It was settled already: an attempt that comes late.
        if document.status != DocumentStatus::Scanning {
            return Ok(Previewed::Made);
        }
        let undrawn = match self.draw(&document, step.page_count).await {
            Ok(Drawing::Rejected(rejection)) => return Ok(Previewed::Rejected(rejection)),
            Ok(Drawing::Made { undrawn }) => undrawn,
            Err(InspectorError::Storage(error)) => {
                let document = DocumentStep {
                    document_id: step.document_id,
                    correlation_id: step.correlation_id,
                };
                return Err(unreadable(ctx, document, &error));
            }
            Err(error) => {
                if let Some(counted) = failures.and(&error) {
                    beat(ctx, counted).await;
                    return Err(retried("PreviewInterrupted", &error.to_string()));
                }
                (1..=step.page_count).collect()
            }
        };
        self.note(step, &undrawn).await
    }

    async fn draw(
        &self,
        document: &Ingested,
        page_count: u32,
    ) -> Result<Drawing, InspectorError<ContentError>> {
        let located = document.located.as_ref();
        let located = located.ok_or(InspectorError::Storage(ContentError::Missing))?;
        let place = self.inspector.place_to_draw(document.profile_id).await?;
        let content = self
            .vault
            .open(located, Part::Original)
            .await
            .map_err(InspectorError::Storage)?;
        let mut pages = Pages {
            vault: &self.vault,
            located,
        };
        self.inspector
            .draw(
                place,
                &claims_of(document),
                page_count,
                content.into_stream(),
                &mut pages,
            )
            .await
    }

    /// Puts the pages without a picture on record, and alerts.
    async fn note(&self, step: PreviewStep, undrawn: &[u32]) -> Result<Previewed, ActivityError> {
        documents::note_undrawn(&self.writer, step.document_id, undrawn)
            .await
            .map_err(|error| failed(&error))?;
        if !undrawn.is_empty() {
            tracing::error!(
                document_id = %step.document_id,
                correlation_id = %step.correlation_id,
                pages = undrawn.len(),
                "pages of a document could not be drawn: it is available without them"
            );
            let pages = u64::try_from(undrawn.len()).unwrap_or_default();
            metrics::counter!("yemma_document_pages_undrawn_total").increment(pages);
        }
        Ok(Previewed::Made)
    }
}

/// Stores the pictures of pages under the document's key.
struct Pages<'a> {
    vault: &'a Vault,
    located: &'a Located,
}

impl PageStore for Pages<'_> {
    type Error = ContentError;

    async fn put(&mut self, number: u32, image: Vec<u8>) -> Result<(), ContentError> {
        self.vault.put_preview(self.located, number, &image).await
    }
}
