//! The rules on a profile: how it is edited, how complete it is, what keeps it from submission.

mod blockers;
mod completion;
mod editing;
mod formats;
mod patch;
mod reader;

pub use completion::{Blocker, Completion, REQUIRED_PERCENTAGE, StepState, assess};
pub use editing::{EditRefusal, Editability, may_edit};
pub use formats::{MINIMUM_AGE, clean_line, clean_text};
pub use patch::{PatchContext, apply_patch};
