//! The rules on a profile: how it is edited, how complete it is, what keeps it from submission.

mod age;
mod blockers;
mod completion;
mod editing;
mod patch;

pub use age::MINIMUM_AGE;
pub use completion::{Blocker, Completion, REQUIRED_PERCENTAGE, StepState, assess};
pub use editing::{EditRefusal, Editability, may_edit};
pub use patch::{PatchContext, apply_patch, warnings};
