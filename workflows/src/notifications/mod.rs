//! What people are told, by mail and in the application.
