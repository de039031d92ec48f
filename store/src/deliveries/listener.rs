//! PostgreSQL's word that something was written to the outbox.

use sqlx::postgres::PgListener;

use crate::database::Store;
use crate::error::StoreError;
use crate::events::CHANNEL;

/// A connection that listens. A notification may be lost with it; whoever listens also polls.
pub struct Listener(PgListener);

impl Listener {
    /// Connects and listens.
    pub async fn connect(store: &Store) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(store.pool()).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// Waits for the next notification.
    pub async fn heard(&mut self) -> Result<(), StoreError> {
        self.0.recv().await?;
        Ok(())
    }
}
