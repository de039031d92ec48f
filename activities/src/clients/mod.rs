//! Clients of services outside the house.

pub mod scanner;
