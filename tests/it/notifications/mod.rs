//! What people are told, by mail and in the feed.

mod delivery;
mod feed;
mod later;
mod mails;
mod outdated;
mod replay;
mod smtp;
pub mod stage;
