//! Accounts: what they are and what they may do.

mod standing;

pub use standing::{Grant, Membership, Standing, standing};
