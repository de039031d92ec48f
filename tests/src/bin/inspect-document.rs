//! The child process that judges files, as a program of its own: tests of the ingestion run it
//! in place of `yemma-worker inspect-document`.

use std::process::ExitCode;

fn main() -> ExitCode {
    activities::documents::inspection::run_if_child().unwrap_or(ExitCode::FAILURE)
}
