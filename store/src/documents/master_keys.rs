//! Whether the master keys are what they were. A key whose bytes changed under the same id opens
//! nothing that was sealed before, and what is sealed under it is lost when the change is undone.

use uuid::Uuid;

use crate::database::Store;
use crate::error::StoreError;
use crate::secrets::document_keys::{MasterKeys, WrappedKey};

/// Why the master keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// A key has other bytes than when it was first used.
    #[error(
        "the master key `{0}` of DOCUMENT_MASTER_KEYS has other bytes than before: give a new key a \
         new id and keep the old one in the list"
    )]
    Changed(String),
    /// It could not be found out.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for MasterKeyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Proves, once in a process, that every master key is what it was when it was first used anywhere;
/// one that is new is remembered. Nothing may be sealed before.
pub async fn prove_master_keys(store: &Store, keys: &MasterKeys) -> Result<(), MasterKeyError> {
    if keys.are_proved() {
        return Ok(());
    }
    for (id, check_value) in keys.check_values() {
        prove(store, keys, id, check_value).await?;
    }
    keys.set_proved();
    Ok(())
}

async fn prove(
    store: &Store,
    keys: &MasterKeys,
    id: &str,
    check_value: [u8; 32],
) -> Result<(), MasterKeyError> {
    let known = first_value(store, id).await?;
    let known = match known {
        Some(known) => known,
        None => {
            // Used before anybody kept check values: what it wrapped tells.
            if !opens_what_it_wrapped(store, keys, id).await? {
                return Err(MasterKeyError::Changed(id.to_owned()));
            }
            remember(store, id, check_value).await?;
            first_value(store, id).await?.unwrap_or_default()
        }
    };
    if known == check_value {
        Ok(())
    } else {
        Err(MasterKeyError::Changed(id.to_owned()))
    }
}

async fn first_value(store: &Store, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut connection = store.connection().await?;
    Ok(sqlx::query_scalar!(
        "SELECT check_value FROM document.master_keys WHERE id = $1",
        id
    )
    .fetch_optional(&mut *connection)
    .await?)
}

/// Whichever process is first decides; the others read what it wrote.
async fn remember(store: &Store, id: &str, check_value: [u8; 32]) -> Result<(), StoreError> {
    let mut connection = store.connection().await?;
    sqlx::query!(
        "INSERT INTO document.master_keys (id, check_value, first_used_at) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO NOTHING",
        id,
        check_value.as_slice(),
        store.now(),
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Whether the key opens the latest document key that its id wrapped, if there is one.
async fn opens_what_it_wrapped(
    store: &Store,
    keys: &MasterKeys,
    id: &str,
) -> Result<bool, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        r#"SELECT id AS "document_id: Uuid", key_wrapped AS "bytes!" FROM document.documents
           WHERE master_key_id = $1 AND key_wrapped IS NOT NULL
           ORDER BY id DESC LIMIT 1"#,
        id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(row.is_none_or(|row| {
        let wrapped = WrappedKey {
            master_key_id: id.to_owned(),
            bytes: row.bytes,
        };
        keys.unwrap(row.document_id, &wrapped).is_ok()
    }))
}
