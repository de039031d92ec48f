//! From the outbox to the consumers.

mod audit;
mod claims;
mod consumers;
mod leases;
mod processes;
mod refusals;
pub mod support;
