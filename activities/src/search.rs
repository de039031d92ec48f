//! The activities of `SearchIndexing`.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each activity, without its doc comment"
)]

use std::sync::Arc;

use store::search::{SearchIndex, entry_of, note_reflected};
use store::{StoreError, Writer};
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;
use uuid::Uuid;
use workflows::search::{ReflectInput, Reflected};

use crate::failure::failed;

/// What the activities of search stand on.
pub struct SearchActivities {
    writer: Writer,
    index: Arc<dyn SearchIndex>,
}

impl SearchActivities {
    /// Activities over the given store and engine.
    #[must_use]
    pub fn new(writer: Writer, index: Arc<dyn SearchIndex>) -> Self {
        Self { writer, index }
    }

    /// Writes what is true, and again until it is still true afterwards: of two that overlap the
    /// last to write has seen what the other did.
    async fn write_truth(&self, profile_id: Uuid) -> Result<Reflected, StoreError> {
        let mut truth = entry_of(&self.writer, profile_id).await?;
        loop {
            match &truth {
                Some(entry) => self.index.put(entry).await?,
                None => self.index.remove(profile_id).await?,
            }
            let now = entry_of(&self.writer, profile_id).await?;
            if now == truth {
                note_reflected(&self.writer, profile_id, now.is_some()).await?;
                return Ok(match now {
                    Some(_) => Reflected::Present,
                    None => Reflected::Absent,
                });
            }
            truth = now;
        }
    }
}

#[activities]
impl SearchActivities {
    /// Reads what is true of the profile now, and puts or removes its entry. Any failure is tried
    /// again, without end.
    #[activity(definition = workflows::search::Reflect)]
    pub async fn reflect(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: ReflectInput,
    ) -> Result<Reflected, ActivityError> {
        self.write_truth(input.profile_id)
            .await
            .map_err(|error| failed(&error))
    }
}
