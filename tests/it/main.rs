//! Every integration test, in one binary: one link, one shared set of servers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::pedantic,
    reason = "a test that cannot go on says why and stops"
)]

mod candidates;
mod commands;
mod completeness;
mod configuration;
mod crash;
mod documents;
mod events;
mod foundations;
mod gateway;
mod identity;
mod journey;
mod notifications;
mod plans;
mod search;
mod validation;
