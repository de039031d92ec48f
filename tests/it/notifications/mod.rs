//! What people are told, by mail and in the feed.

mod delivery;
mod feed;
mod mails;
mod outdated;
mod replay;
mod smtp;
mod stage;
