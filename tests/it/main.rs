//! Every integration test, in one binary: one link, one shared set of servers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::pedantic,
    reason = "a test that cannot go on says why and stops"
)]

mod candidates;
mod checks;
mod commands;
mod completeness;
mod configuration;
mod crash;
mod documents;
mod events;
mod foundations;
mod gateway;
mod hostile;
mod identity;
mod instances;
mod journey;
mod migrations;
mod notifications;
mod operations;
mod overload;
mod plans;
mod races;
mod registration;
mod repeats;
mod search;
mod sessions;
mod silence;
mod validation;
