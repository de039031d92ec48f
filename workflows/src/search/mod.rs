//! The anonymous search entry and the questions asked of the index.
