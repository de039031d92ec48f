//! Accounts, roles and permissions.

pub mod rules;
