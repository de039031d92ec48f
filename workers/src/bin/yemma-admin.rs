//! `yemma-admin`: what an operator does by hand: migrations, the staff's accounts, plans.

use store::settings;
use workers::admin::Cli;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    settings::load::<Cli>().run().await
}
