//! Validation: the queue, the cases and what reviewers record in them, the rejected archive.
//!
//! A reviewer's commands and a case's timers are written by whoever holds a
//! [`Writer`](crate::Writer); the grid is a fact that the API writes.

mod assessment;
mod card;
mod claims;
mod decision;
mod documents;
mod interviews;
mod opening;
mod queue;
mod reading;
mod rejected;
mod timers;
mod turn;

pub use assessment::{SavedAssessment, current_grid, grid_of_case, save_assessment};
pub use card::preview_card;
pub use claims::{claim, release};
pub use decision::{case_blockers, close_erased, decide, withdraw};
pub use documents::{has_document, request_correction, resubmit, review_document};
pub use interviews::{
    Interview, change_interview, complete_interview, interview, schedule_interview,
};
pub use opening::open_case;
pub use queue::{Assignee, CaseSummary, QueueFilter, QueuePosition, case_summary, queue};
pub use reading::{
    CaseDocument, Correction, DocumentReview, HistoryEntry, WholeCase, case_state, read_case,
};
pub use rejected::{ArchivePosition, RejectedProfile, is_rejected, rejected_profiles};
pub use timers::fire_timer;
pub use turn::{CommandOutcome, CommandTexts};
