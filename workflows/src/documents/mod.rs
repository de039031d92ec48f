//! Documents as proof: from the upload to `available`, or to refusal.

pub mod rules;
