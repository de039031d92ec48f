//! `yemma-demo`: plays the main journey on a running Yemma and tells where to look.

use std::io::Write as _;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match tests::demo::play().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody left to read it: the code says enough.
            let _ = writeln!(std::io::stdout(), "\n  not as promised: {error:#}");
            ExitCode::FAILURE
        }
    }
}
