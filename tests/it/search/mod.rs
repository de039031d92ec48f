//! Search, openings and subscriptions on real servers.

mod answers;
mod contract;
mod http;
mod indexing;
mod openings;
mod outdated;
mod spellings;
mod subscriptions;
