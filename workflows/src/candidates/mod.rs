//! A candidate's profile from the first field to the decision.
