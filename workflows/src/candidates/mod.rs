//! A candidate's profile from the first field to the decision.

pub mod profile;
pub mod rules;
