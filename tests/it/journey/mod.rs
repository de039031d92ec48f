//! Journeys through HTTP, on the real API and worker with every server behind them.

mod bad_input;
mod candidate;
mod commands;
mod decision;
mod documents;
mod guards;
mod roles;
mod tokens;
mod traces;
