//! The durable stack of the crash test: brought up, killed part by part, brought up again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::app::binary;

/// What is killed.
pub const VICTIMS: [&str; 4] = ["api", "worker", "temporal", "postgres"];

/// The instance `crash` of the development stack.
#[derive(Debug)]
pub struct Stack {
    root: PathBuf,
    values: BTreeMap<String, String>,
}

impl Stack {
    /// Wipes what an earlier run left and starts everything.
    pub async fn fresh() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the workspace")?
            .to_owned();
        let mut stack = Self {
            root,
            values: BTreeMap::new(),
        };
        stack.verb("reset").await?;
        stack.up().await?;
        stack.values = stack.read_values()?;
        Ok(stack)
    }

    /// Starts what does not run.
    pub async fn up(&self) -> anyhow::Result<()> {
        self.verb("up").await
    }

    /// Stops everything.
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.verb("stop").await
    }

    async fn verb(&self, verb: &str) -> anyhow::Result<()> {
        let programs = binary("yemma-api")?;
        let target = programs.ancestors().nth(2).context("the target folder")?;
        let done = Command::new("python3")
            .arg(self.root.join("deploy/dev/stack.py"))
            .args([verb, "--instance", "crash"])
            .env("CARGO_TARGET_DIR", target)
            .output()
            .await?;
        let output = String::from_utf8_lossy(&done.stdout);
        ensure!(done.status.success(), "stack.py {verb}: {output}");
        Ok(())
    }

    /// An address or key of the instance.
    ///
    /// # Panics
    /// When the instance does not export it.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values
            .get(name)
            .unwrap_or_else(|| panic!("the crash instance exports no {name}"))
    }

    /// Every address and key of the instance.
    #[must_use]
    pub fn values(&self) -> Vec<(String, String)> {
        self.values.clone().into_iter().collect()
    }

    /// Ends one component without warning; whether it was there to be ended.
    pub async fn kill(&self, component: &str) -> anyhow::Result<bool> {
        let state = self.state();
        let pid = std::fs::read_to_string(state.join("pid").join(component));
        let born = std::fs::read_to_string(state.join(format!("run/{component}.born")));
        let (Ok(pid), Ok(born)) = (pid, born) else {
            return Ok(false);
        };
        let pid = pid.trim();
        // The number may have been given to somebody else since: only the very process is ended.
        if !born.ends_with(&format!("/{}", time_of_birth(pid).unwrap_or_default())) {
            return Ok(false);
        }
        let done = Command::new("kill").args(["-9", pid]).status().await?;
        Ok(done.success())
    }

    fn state(&self) -> PathBuf {
        self.root.join(".stack/crash")
    }

    fn read_values(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let path = self.state().join("env");
        let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        Ok(text
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect())
    }
}

/// The moment of a process's birth in the kernel's own count.
fn time_of_birth(pid: &str) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after = stat.rsplit(')').next()?;
    after.split_whitespace().nth(19).map(str::to_owned)
}
