//! `yemma-admin`: what an operator does by hand: migrations, the staff's accounts, plans.

use clap::Parser;
use workers::admin::Cli;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Cli::parse().run().await
}
