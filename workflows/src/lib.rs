//! The durable contracts, the rules and the orchestration of Yemma.
//!
//! This crate is pure: it decides and it orders, it never does I/O, reads a clock or draws a
//! number. Its types travel through Temporal histories that outlive deployments, so they change
//! by addition only.

mod definitions;

pub mod candidates;
pub mod codes;
pub mod commands;
pub mod conventions;
pub mod documents;
pub mod events;
pub mod fields;
pub mod identity;
pub mod notifications;
pub mod queues;
pub mod reference;
pub mod search;
pub mod subscriptions;
pub mod validation;
