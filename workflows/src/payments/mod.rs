//! Payments and invoices.
