//! The human review of a submitted profile.
