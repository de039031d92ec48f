//! The acts of the journey, in their order.

mod company;
mod onboarding;
mod review;

pub(super) use company::company;
pub(super) use onboarding::{onboarding, submission};
pub(super) use review::{correction, decision, rejection};
