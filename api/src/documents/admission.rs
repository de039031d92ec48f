//! How many uploads may be on their way in this process, for each account and in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::refusals;
use crate::config::UploadsConfig;
use crate::gateway::problem::ApiError;

/// Counts the uploads that are on their way, and the bytes that they may take in the spool.
#[derive(Debug)]
pub struct Uploads {
    each: usize,
    most_bytes: u64,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    accounts: HashMap<Uuid, usize>,
    bytes: u64,
}

/// Leave to upload; given back when this is dropped, with the spooled file.
#[derive(Debug)]
pub(super) struct Admitted {
    uploads: Arc<Uploads>,
    user_id: Uuid,
    bytes: u64,
}

impl Uploads {
    /// Counts from nothing.
    #[must_use]
    pub fn new(config: &UploadsConfig) -> Self {
        Self {
            each: config.uploads_each,
            most_bytes: config.spool_max_bytes,
            counted: Mutex::default(),
        }
    }

    /// Lets an account upload a file of so many bytes at most, or says why not now: 429 with as many
    /// of its uploads on their way as it may have, 503 when the spool has no room.
    pub(super) fn admit(self: &Arc<Self>, user_id: Uuid, bytes: u64) -> Result<Admitted, ApiError> {
        let mut counted = self.lock();
        let own = counted.accounts.get(&user_id).copied().unwrap_or(0);
        if own >= self.each {
            return Err(refusals::too_many_at_once(self.each));
        }
        let taken = counted.bytes.saturating_add(bytes);
        if taken > self.most_bytes {
            drop(counted);
            tracing::warn!(most_bytes = self.most_bytes, "the spool of uploads is full");
            return Err(refusals::full());
        }
        counted.accounts.insert(user_id, own + 1);
        counted.set_bytes(taken);
        Ok(Admitted {
            uploads: Arc::clone(self),
            user_id,
            bytes,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
    fn set_bytes(&mut self, bytes: u64) {
        self.bytes = bytes;
        metrics::gauge!("yemma_uploads_spooled_bytes").set(bytes as f64);
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut counted = self.uploads.lock();
        let bytes = counted.bytes.saturating_sub(self.bytes);
        counted.set_bytes(bytes);
        if let Some(own) = counted.accounts.get_mut(&self.user_id) {
            *own -= 1;
            if *own == 0 {
                counted.accounts.remove(&self.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uploads(each: usize, most: u64) -> Arc<Uploads> {
        Arc::new(Uploads::new(&UploadsConfig {
            uploads_each: each,
            spool_max_bytes: most,
            ..UploadsConfig::default()
        }))
    }

    #[test]
    fn each_account_has_so_many_and_gives_them_back() {
        let uploads = uploads(2, 1000);
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = uploads.admit(one, 1).unwrap();
        let second = uploads.admit(one, 1).unwrap();
        let refused = uploads.admit(one, 1).unwrap_err();
        assert_eq!(refused.code().name(), "too_many_uploads");
        let others = uploads.admit(two, 1).unwrap();
        drop(first);
        drop((uploads.admit(one, 1).unwrap(), second, others));
        let counted = uploads.lock();
        assert!(counted.accounts.is_empty() && counted.bytes == 0);
    }

    #[test]
    fn the_spool_has_an_end() {
        let uploads = uploads(9, 1000);
        let first = uploads.admit(Uuid::nil(), 600).unwrap();
        let refused = uploads.admit(Uuid::nil(), 401).unwrap_err();
        assert_eq!(refused.code().name(), "uploads_full");
        let second = uploads.admit(Uuid::nil(), 400).unwrap();
        drop((first, second));
        assert!(uploads.admit(Uuid::nil(), 1000).is_ok());
    }
}
