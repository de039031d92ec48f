//! The worker process and the operator's tool.

pub mod admin;
