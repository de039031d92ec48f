//! Candidates: the profile, how it is edited, how far it has come, and its onboarding.

pub mod contract;
mod onboarding;
pub mod payloads;
pub mod profile;
mod round;
pub mod rules;

pub use contract::*;
pub use onboarding::CandidateOnboarding;
