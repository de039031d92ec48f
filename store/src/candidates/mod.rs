//! Candidates: the profile.

mod draft;

pub use draft::create_draft;
