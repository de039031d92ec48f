//! How fast the API is there, and what it takes of memory.

use std::time::Duration;

use anyhow::Context as _;
use tests::app::Program;
use tests::http::{Client, eventually};
use tokio::time::Instant;

use crate::stage::Stage;

const STARTS: u32 = 5;

/// The memory of a process in MiB.
pub struct Memory {
    now: u64,
    peak: u64,
}

impl Memory {
    /// As the kernel counts it.
    pub fn of(program: &Program) -> Self {
        let path = format!("/proc/{}/status", program.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let mib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            kib.unwrap_or_default() / 1024
        };
        Self {
            now: mib("VmRSS:"),
            peak: mib("VmHWM:"),
        }
    }

    /// Resident now, in MiB.
    pub fn resident(&self) -> u64 {
        self.now
    }

    /// Prints what it was at rest beside what it came to.
    pub fn compare(&self, loaded: &Self) {
        println!(
            "\nAPI memory: {} MiB before the load, {} MiB at the peak, {} MiB after it",
            self.now, loaded.peak, loaded.now
        );
    }
}

/// Starts the API some times beside the one that runs; prints the median until it answers, and its
/// memory then.
pub async fn start_time(stage: &Stage) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut idle = 0;
    for _ in 0..STARTS {
        let began = Instant::now();
        let (api, address) = stage.app.another_api()?;
        let client = Client::new(&address);
        eventually(
            "the API answers",
            Duration::from_secs(10),
            async || match client.get("/readyz").await {
                Ok(answer) if answer.status == 200 => Ok(Some(())),
                _ => Ok(None),
            },
        )
        .await
        .context("another API")?;
        times.push(began.elapsed().as_millis());
        idle = Memory::of(&api).resident();
    }
    times.sort_unstable();
    println!(
        "API start until /readyz: {} ms (median of {STARTS}, all dependencies asked); idle {idle} MiB",
        times[times.len() / 2]
    );
    Ok(())
}
