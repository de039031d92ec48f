//! Companies and the people who recruit for them.
