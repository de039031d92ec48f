//! The only place that changes the world outside the store: what workflows order, done.

pub mod candidates;
pub mod clients;
pub mod documents;
pub mod failure;
mod heartbeat;
pub mod notifications;
pub mod search;
pub mod validation;
