//! `SearchIndexing`: the search index says of a profile what PostgreSQL says.
//!
//! It is convergent. A signal carries no content: whenever something changed, the activity reads
//! what is true and puts or removes the entry, so any order and any number of signals end the
//! same. It completes when nothing is left to do; the next change opens it again by
//! signal-with-start.

#![expect(
    missing_docs,
    reason = "the macros make public markers that take no documentation"
)]

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ContinueAsNewOptions, SyncWorkflowContext, TimerOptions, WorkflowContext, WorkflowContextView,
    WorkflowResult,
};

use super::{Changed, IndexingInput, Reflect, ReflectInput, Reflected};
use crate::conventions;

/// Keeps one profile's entry in the search index true.
#[workflow]
pub struct SearchIndexing {
    input: IndexingInput,
    has_changes: bool,
}

#[workflow_methods]
impl SearchIndexing {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: IndexingInput) -> Self {
        Self {
            input,
            has_changes: true,
        }
    }

    /// Gathers changes, reflects them, and ends when none came meanwhile.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Reflected> {
        loop {
            ctx.set_current_details("Gathering changes of the profile");
            gather(ctx).await;
            ctx.state_mut(|state| state.has_changes = false);
            ctx.set_current_details("Waiting for the search index to take the profile's entry");
            let reflected = reflect(ctx).await?;
            if !ctx.state(|state| state.has_changes) {
                ctx.set_current_details(match reflected {
                    Reflected::Present => "The profile can be found",
                    Reflected::Absent => "The profile cannot be found",
                });
                return Ok(reflected);
            }
            if ctx.continue_as_new_suggested() || ctx.history_length() > conventions::HISTORY_LIMIT
            {
                let input = ctx.state(|state| state.input.clone());
                ctx.continue_as_new(input, ContinueAsNewOptions::default())?;
            }
        }
    }

    /// Something about the profile changed.
    #[signal]
    pub fn changed(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _change: Changed) {
        self.has_changes = true;
    }
}

async fn gather(ctx: &WorkflowContext<SearchIndexing>) {
    let debounce = ctx.state(|state| state.input.timing.debounce_millis);
    let timer = TimerOptions::builder(Duration::from_millis(debounce))
        .summary("Gather changes of the profile".to_owned())
        .build();
    ctx.timer(timer).await;
}

async fn reflect(ctx: &WorkflowContext<SearchIndexing>) -> WorkflowResult<Reflected> {
    let profile_id = ctx.state(|state| state.input.profile_id);
    let options = || conventions::database_activity("Put or remove the profile's search entry");
    conventions::until_done(ctx, Reflect, ReflectInput { profile_id }, options).await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::workflow_id;

    #[test]
    fn the_workflow_is_named_after_its_profile() {
        assert_eq!(
            workflow_id(Uuid::from_u128(1)),
            "search-index-00000000-0000-0000-0000-000000000001"
        );
    }
}
