//! The human review of a submitted profile.

pub mod rules;
