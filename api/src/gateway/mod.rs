//! What every request passes: one concern a file.

pub mod access_log;
pub mod caller;
pub mod codes;
pub mod commands;
pub mod correlation;
pub mod deadline;
pub mod documented;
pub mod encoding;
pub mod idempotency;
pub mod if_match;
pub mod json;
pub mod limits;
pub mod neighbours;
pub mod operations;
pub mod pagination;
pub mod path;
pub mod permission;
pub mod problem;
pub mod proxies;
pub mod query;
pub mod rendered;
pub mod tokens;
mod typed;
