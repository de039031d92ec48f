//! The child process that judges files, as a program of its own: tests of the ingestion run it
//! in place of `yemma-worker inspect-document`. It also plays a child that a hostile file took
//! over.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["try-everything", walls, parent, port, folder] => {
            tests::intruder::try_everything(*walls == "walls", parent, port, folder)
        }
        ["keep-a-secret", curtain] => tests::intruder::keep_a_secret(*curtain == "private"),
        _ => activities::documents::inspection::run_if_child().unwrap_or(ExitCode::FAILURE),
    }
}
