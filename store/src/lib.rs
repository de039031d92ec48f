//! Everything that holds Yemma's data: PostgreSQL, object storage, the search index, the cache.
//!
//! Data access only: rules live in `workflows`, effects on the outside world in `activities`.
//! A function runs one transaction that holds a change and the events that tell of it.

pub mod audit;
pub mod breaker;
pub mod cache;
pub mod candidates;
pub mod clock;
pub mod commands;
pub mod companies;
pub mod context;
pub mod database;
pub mod deliveries;
pub mod documents;
pub mod error;
pub mod events;
pub mod idempotency;
pub mod identity;
pub mod logs;
pub mod migrate;
pub mod notifications;
pub mod objects;
mod probe;
pub mod search;
pub mod secrets;
pub mod settings;
pub mod subscriptions;
pub mod telemetry;
pub mod validation;

pub use context::{Actor, Context, Origin};
pub use database::{DatabaseConfig, MIGRATOR, Store, Writer};
pub use error::StoreError;
