//! The commands of `yemma-admin`. It connects as the database's owner.

mod companies;
mod migrate;
mod users;

use std::io::Write;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use secrecy::SecretString;
use store::clock::Clock;
use store::{DatabaseConfig, Store};

/// What an operator does by hand.
#[derive(Debug, Parser)]
#[command(name = "yemma-admin", version)]
pub struct Cli {
    /// PostgreSQL, as the owner of the database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<SecretString>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database to this version.
    Migrate,
    /// The staff's accounts.
    #[command(subcommand)]
    Users(users::Command),
    /// Companies.
    #[command(subcommand)]
    Companies(companies::Command),
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> anyhow::Result<()> {
        let url = self.database_url.context("DATABASE_URL is not set")?;
        match self.command {
            Command::Migrate => migrate::run(&url).await,
            Command::Users(command) => command.run(&open(&url)?).await,
            Command::Companies(command) => command.run(&open(&url)?).await,
        }
    }
}

fn open(url: &SecretString) -> anyhow::Result<Store> {
    let config = DatabaseConfig { max_connections: 1 };
    Store::connect_lazy(url, &config, Clock::system())
        .context("DATABASE_URL is no PostgreSQL address")
}

/// Tells the operator what was done.
fn say(text: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
