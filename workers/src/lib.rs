//! The worker process and the operator's tool.

pub mod admin;
pub mod config;
pub mod correlation;
pub mod house;
pub mod metrics;
pub mod operations;
pub mod queues;
pub mod relay;
pub mod run;
pub mod sweeper;
pub mod temporal;
pub mod timers;
