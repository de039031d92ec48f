//! Accounts, roles and permissions.
