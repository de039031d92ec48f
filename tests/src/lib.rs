//! What the tests stand on: real servers, a database for each test, a Temporal that skips time.
//!
//! `make test` starts the servers and exports their addresses; a test that misses one fails and
//! says so, it never skips.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says why and stops"
)]

pub mod api;
pub mod app;
pub mod crash;
pub mod crowd;
pub mod database;
pub mod demo;
pub mod environment;
pub mod files;
pub mod http;
pub mod intruder;
pub mod mailbox;
pub mod moods;
pub mod people;
pub mod poison;
pub mod proxy;
pub mod search;
pub mod statements;
pub mod temporal;
