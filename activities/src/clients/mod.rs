//! Clients of services outside the house.

pub mod mail;
pub mod scanner;
