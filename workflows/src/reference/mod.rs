//! The closed and suggested lists of values, with their labels.
