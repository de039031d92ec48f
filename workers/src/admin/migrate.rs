//! `yemma-admin migrate`

use anyhow::Context as _;
use secrecy::SecretString;
use store::migrate::LockPatience;

use super::say;

/// Applies the migrations that are missing. Two at once wait for each other.
pub(super) async fn run(url: &SecretString) -> anyhow::Result<()> {
    store::migrate::migrate(url, LockPatience::default())
        .await
        .context("the database could not be migrated")?;
    say(format_args!("the database is up to date"))
}
