//! The review of a submitted profile: its cases on PostgreSQL, its process on Temporal.

mod commands;
mod keys;
mod moods;
mod poison;
mod process;
pub mod stage;
mod timers;
