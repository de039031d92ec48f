//! A program of the workspace as a process of the test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::AsyncWriteExt;

use super::engine::is_free;
use crate::http::eventually;

/// How much of a log a failed test shows.
const SHOWN_LINES: usize = 60;

/// A running program and its log.
#[derive(Debug)]
pub struct Program {
    name: String,
    process: Mutex<Child>,
    log: PathBuf,
}

impl Program {
    /// Starts it; its output goes to a file of its own.
    pub fn start(name: &str, variables: &[(String, String)]) -> anyhow::Result<Self> {
        let id = store::clock::Clock::system().new_id().simple();
        let log = std::env::temp_dir().join(format!("{name}-{id}.log"));
        let output = File::create(&log).with_context(|| format!("{}", log.display()))?;
        let path = binary(name)?;
        let process = Command::new(&path)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{} starts", path.display()))?;
        Ok(Self {
            name: name.to_owned(),
            process: Mutex::new(process),
            log,
        })
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let mut process = self.process.lock().expect("nobody panics while asking");
        matches!(process.try_wait(), Ok(None))
    }

    /// Its pid.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process
            .lock()
            .expect("nobody panics while asking")
            .id()
    }

    /// Asks it to end, by SIGTERM.
    pub fn terminate(&self) -> anyhow::Result<()> {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(sent.success(), "{} takes no signal", self.name);
        Ok(())
    }

    /// Waits until it has ended and gives its exit code; `None` when a signal ended it.
    pub async fn ended_within(&self, within: Duration) -> anyhow::Result<Option<i32>> {
        let title = format!("{} ends", self.name);
        eventually(&title, within, async || {
            let mut process = self.process.lock().expect("nobody panics while asking");
            Ok(process.try_wait()?.map(|status| status.code()))
        })
        .await
    }

    /// What it has written so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Shows the end of its log.
    #[expect(clippy::print_stderr, reason = "what a failed test has to say")]
    pub fn show_log(&self) {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let start = lines.len().saturating_sub(SHOWN_LINES);
        eprintln!(
            "--- the end of the log of {}:\n{}",
            self.name,
            lines[start..].join("\n")
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let mut process = self.process.lock().expect("nobody panics while asking");
        // Ending a process that has ended by itself fails, and is as good.
        drop(process.kill());
        drop(process.wait());
        if !std::thread::panicking() {
            drop(std::fs::remove_file(&self.log));
        }
    }
}

/// A program of the workspace: beside the test's own folder, else where the stack says.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("the test's own path")?;
    let beside = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name));
    let stack = std::env::var_os("YEMMA_BIN_DIR").map(|folder| Path::new(&folder).join(name));
    beside
        .chain(stack)
        .find(|path| path.is_file())
        .with_context(|| {
            format!("{name} is not built: run `make test`, or `cargo build --workspace`")
        })
}

/// Runs a program of the workspace to its end and gives its output.
pub async fn run(
    name: &str,
    arguments: &[&str],
    variables: &[(String, String)],
    input: &str,
) -> anyhow::Result<String> {
    let mut process = tokio::process::Command::new(binary(name)?)
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut stdin = process.stdin.take().context("its standard input")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    let done = process.wait_with_output().await?;
    let error = String::from_utf8_lossy(&done.stderr);
    ensure!(
        done.status.success(),
        "{name} {arguments:?}: {}: {error}",
        done.status
    );
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// A port that nobody listens on, below the range that Linux gives to outgoing connections.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let seed = u16::from_be_bytes(store::clock::random_bytes()) % 8000;
    (0..8000)
        .map(|step| 23_000 + (seed + step) % 8000)
        .find(|port| is_free(*port))
        .expect("a free port between 23000 and 31000")
}
