//! Documents as proof: from the upload to `available`, or to refusal.

pub mod contract;
mod ingestion;
pub mod rules;

pub use ingestion::DocumentIngestion;
