//! Objects that no row speaks of, and objects of refused files whose deletion was lost.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::{Builder, Uuid};

use super::content::Vault;
use super::settle::{destroy_key, discarded};
use crate::database::Writer;
use crate::error::StoreError;

/// How old an object without a row must be: an upload writes its row within seconds.
const GRACE: TimeDelta = TimeDelta::hours(1);
/// How far back orphans are looked for. Keys are ordered by time, so that a sweep costs what was
/// uploaded lately, not what was ever kept.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// Refused files handled in one sweep.
const BATCH: i64 = 500;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects without a row that were deleted.
    pub orphans: u64,
    /// Refused files whose objects were still there.
    pub refused: u64,
}

/// Deletes objects that no row speaks of, older than an hour, and what is left of documents that were
/// refused more than an hour ago.
pub async fn sweep_orphans(writer: &Writer, vault: &Vault) -> Result<Swept, StoreError> {
    let refused = sweep_refused(writer, vault).await?;
    let uploads = sweep_prefix(writer, vault, Prefix::Uploads).await?;
    let previews = sweep_prefix(writer, vault, Prefix::Previews).await?;
    Ok(Swept {
        orphans: uploads + previews,
        refused,
    })
}

async fn sweep_refused(writer: &Writer, vault: &Vault) -> Result<u64, StoreError> {
    let mut connection = writer.connection().await?;
    let rows = sqlx::query!(
        "SELECT id, object_key FROM document.documents
         WHERE status IN ('infected', 'rejected') AND object_key IS NOT NULL AND settled_at < $1
         ORDER BY settled_at LIMIT $2",
        writer.now() - GRACE,
        BATCH,
    )
    .fetch_all(&mut *connection)
    .await?;
    drop(connection);
    let mut count = 0;
    for row in rows {
        destroy_key(writer, row.id).await?;
        vault.discard(row.id, row.object_key.as_deref()).await?;
        discarded(writer, row.id).await?;
        count += 1;
    }
    Ok(count)
}

/// What a key is of.
#[derive(Clone, Copy)]
enum Prefix {
    Uploads,
    Previews,
}

impl Prefix {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Uploads => "quarantine/",
            Self::Previews => "previews/",
        }
    }

    /// Those of the keys that no row speaks of.
    async fn orphans(self, writer: &Writer, keys: Vec<String>) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Uploads => orphan_uploads(writer, keys).await,
            Self::Previews => orphan_previews(writer, keys).await,
        }
    }
}

/// Pages through the keys of the window, which ends an hour ago, and deletes the orphans.
async fn sweep_prefix(writer: &Writer, vault: &Vault, prefix: Prefix) -> Result<u64, StoreError> {
    let key_at = |moment| format!("{}{}", prefix.as_str(), first_id_at(moment));
    let (mut after, end) = (key_at(writer.now() - WINDOW), key_at(writer.now() - GRACE));
    let mut deleted = 0;
    loop {
        let mut page = vault.objects.list(prefix.as_str(), Some(&after)).await?;
        let Some(last) = page.last() else {
            return Ok(deleted);
        };
        after.clone_from(last);
        page.retain(|key| *key < end);
        let orphans = prefix.orphans(writer, page).await?;
        if !orphans.is_empty() {
            vault.objects.delete_all(&orphans).await?;
            deleted += orphans.len() as u64;
        }
        if after >= end {
            return Ok(deleted);
        }
    }
}

async fn orphan_uploads(writer: &Writer, keys: Vec<String>) -> Result<Vec<String>, StoreError> {
    let mut connection = writer.connection().await?;
    let orphans = sqlx::query_scalar!(
        r#"SELECT key AS "key!" FROM unnest($1::text[]) AS object (key)
           WHERE NOT EXISTS (SELECT 1 FROM document.documents WHERE object_key = key)"#,
        &keys,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(orphans)
}

async fn orphan_previews(writer: &Writer, keys: Vec<String>) -> Result<Vec<String>, StoreError> {
    let ids: Vec<Uuid> = keys.iter().filter_map(|key| preview_owner(key)).collect();
    let mut connection = writer.connection().await?;
    let readable: HashSet<Uuid> = sqlx::query_scalar!(
        "SELECT id FROM document.documents
         WHERE id = ANY($1) AND key_wrapped IS NOT NULL AND status IN ('scanning', 'available')",
        &ids,
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();
    Ok(keys
        .into_iter()
        .filter(|key| preview_owner(key).is_none_or(|id| !readable.contains(&id)))
        .collect())
}

fn preview_owner(key: &str) -> Option<Uuid> {
    key.split('/').nth(1).and_then(|id| id.parse().ok())
}

/// The smallest UUIDv7 of a moment.
fn first_id_at(moment: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(moment.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}
