//! Candidates: the profile, its edits, its status and its history.
//!
//! What a candidate edits is written by whoever holds a [`Store`](crate::Store); every change of
//! status asks for a [`Writer`](crate::Writer).

mod draft;
mod edit;
mod history;
mod items;
mod profile;
mod reminders;
mod revisions;
mod rows;
mod settings;
mod status;
mod submission;

pub use draft::create_draft;
pub use edit::{EditError, EditedStep, StepEdit, edit_step};
pub use history::{TimelineEntry, Viewer, timeline, viewers};
pub use profile::{
    ProfileDocument, StoredProfile, access_profile, load_by_id, load_for_update, load_profile,
};
pub use reminders::remind;
pub use revisions::{NewRevision, keep_revision};
pub(crate) use rows::{PreferencesRow, SkillRow, preferences, skills};
pub use settings::CandidateSettings;
pub use status::{
    StatusChange, change_status, open_correction_steps, reactivate, read_round, reopen, set_status,
};
pub use submission::{SubmissionRefusal, resubmit, submit};
