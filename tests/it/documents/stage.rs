//! A candidate with a draft profile, object storage, a scanner and the worker's activities.

use std::path::PathBuf;
use std::sync::Arc;

use activities::clients::scanner::{Scanner, ScannerConfig};
use activities::documents::DocumentActivities;
use activities::documents::inspection::Inspector;
use sha2::{Digest as _, Sha256};
use store::clock::Clock;
use store::documents::{self, NewDocument, Readable, Reader, Vault};
use store::objects::{ObjectStore, ObjectStoreConfig};
use store::secrets::document_keys::{DocumentKey, MasterKeys, Part};
use store::{Actor, Context, Origin, Store, Writer};
use tests::database::TestDatabase;
use tests::environment::required;
use uuid::Uuid;
use workflows::documents::rules::DocumentKind;

/// What the tests of documents stand on.
pub struct Stage {
    pub database: TestDatabase,
    pub store: Store,
    pub writer: Writer,
    pub vault: Vault,
    pub user_id: Uuid,
    pub profile_id: Uuid,
}

impl Stage {
    pub async fn new() -> Self {
        Self::at(Clock::system()).await
    }

    /// The same with a clock of the test's own.
    pub async fn at(clock: Clock) -> Self {
        Self::on(clock, vault()).await
    }

    /// The same with a vault of the test's own.
    pub async fn with_vault(vault: Vault) -> Self {
        Self::on(Clock::system(), vault).await
    }

    async fn on(clock: Clock, vault: Vault) -> Self {
        let database = TestDatabase::create().await;
        let (store, writer) = (
            database.store_with(clock.clone()),
            database.writer_with(clock),
        );
        vault.objects.ensure_bucket().await.unwrap();
        let (user_id, profile_id) = (store.new_id(), store.new_id());
        sqlx::query(
            "INSERT INTO candidate.profiles
                (id, user_id, first_name, last_name, draft_since, created_at, updated_at)
             VALUES ($1, $2, 'Awa', 'Diop', now(), now(), now())",
        )
        .bind(profile_id)
        .bind(user_id)
        .execute(&database.owner().await)
        .await
        .unwrap();
        Self {
            database,
            store,
            writer,
            vault,
            user_id,
            profile_id,
        }
    }

    pub fn context(&self) -> Context {
        Context {
            actor: Actor::Person(self.user_id),
            origin: Origin {
                address: Some("192.0.2.7".to_owned()),
                user_agent: Some("a test".to_owned()),
            },
            correlation_id: self.store.new_id(),
            causation_id: None,
            idempotency: None,
        }
    }

    /// Stores the object of a document without its row.
    pub async fn put(&self, kind: DocumentKind, name: &str, bytes: &[u8]) -> NewDocument {
        let id = self.store.new_id();
        let key = DocumentKey::generate();
        let mut sealed = Vec::new();
        let mut sealer = key.sealer(id, Part::Original);
        sealer.update(bytes, &mut sealed).unwrap();
        sealer.finish(&mut sealed).unwrap();
        let object_key = format!("quarantine/{}", self.store.new_id());
        self.vault
            .objects
            .put_bytes(&object_key, sealed)
            .await
            .unwrap();
        let content_type = match name.rsplit('.').next() {
            Some("png") => "image/png",
            Some("jpg" | "jfif") => "image/jpeg",
            _ => "application/pdf",
        };
        NewDocument {
            id,
            user_id: self.user_id,
            kind,
            attachment: None,
            file_name: name.to_owned(),
            content_type: content_type.to_owned(),
            size: bytes.len() as u64,
            sha256: Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            wrapped_key: self.vault.keys.wrap(id, &key).unwrap(),
            object_key,
        }
    }

    /// What is stored under a key.
    pub async fn sealed(&self, key: &str) -> Vec<u8> {
        let mut body = self.vault.objects.get(key).await.unwrap().unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await.unwrap() {
            bytes.extend_from_slice(&piece);
        }
        bytes
    }

    /// Takes a document in, as the API does.
    pub async fn upload(&self, kind: DocumentKind, name: &str, bytes: &[u8]) -> NewDocument {
        let document = self.put(kind, name, bytes).await;
        documents::insert(&self.store, &self.context(), &document)
            .await
            .unwrap();
        document
    }

    /// The activities, with the real scanner unless another address is given.
    pub fn activities(&self, scanner: Option<&str>) -> DocumentActivities {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_inspect-document"));
        self.activities_with(scanner, program)
    }

    /// The activities with another program to look into documents.
    pub fn activities_with(&self, scanner: Option<&str>, program: PathBuf) -> DocumentActivities {
        let clamav_address = scanner.map_or_else(|| required("CLAMAV_ADDRESS"), str::to_owned);
        let inspector = Inspector::new(program);
        DocumentActivities::new(
            self.writer.clone(),
            self.vault.clone(),
            Scanner::new(&ScannerConfig { clamav_address }),
            inspector,
        )
    }

    /// The document as its owner sees it.
    pub async fn shown(&self, id: Uuid) -> documents::Document {
        documents::find(&self.store, id, Some(self.user_id))
            .await
            .unwrap()
            .unwrap()
    }

    /// The document, if its owner may read it.
    pub async fn readable(&self, id: Uuid) -> Option<Readable> {
        let access = documents::readable(&self.store, id, Reader::Owner(self.user_id)).await;
        match access.unwrap() {
            documents::Access::Granted(readable) => Some(readable),
            _ => None,
        }
    }

    /// How many events of that type there are.
    pub async fn count(&self, event: &str) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM events.events WHERE type = $1")
            .bind(event)
            .fetch_one(&self.database.owner().await)
            .await
            .unwrap()
    }

    /// Who is told of the only event of that type.
    pub async fn consumers(&self, event: &str) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT consumer FROM events.deliveries JOIN events.events ON id = event_id
             WHERE type = $1 ORDER BY consumer",
        )
        .bind(event)
        .fetch_all(&self.database.owner().await)
        .await
        .unwrap()
    }

    /// Puts the profile into another status.
    pub async fn set_status(&self, status: &str, open_steps: Option<Vec<String>>) {
        sqlx::query(
            "UPDATE candidate.profiles SET status = $2, open_correction_steps = $3 WHERE id = $1",
        )
        .bind(self.profile_id)
        .bind(status)
        .bind(open_steps)
        .execute(&self.database.owner().await)
        .await
        .unwrap();
    }
}

fn vault() -> Vault {
    vault_of(format!("test:{}", required("AUTH_LINK_KEY")))
}

/// The test's object storage under these master keys.
pub fn vault_of(keys: String) -> Vault {
    Vault {
        objects: ObjectStore::new(&ObjectStoreConfig {
            s3_endpoint: required("S3_ENDPOINT"),
            s3_region: required("S3_REGION"),
            s3_access_key: required("S3_ACCESS_KEY").into(),
            s3_secret_key: required("S3_SECRET_KEY").into(),
            s3_bucket: required("S3_BUCKET"),
        }),
        keys: Arc::new(MasterKeys::parse(&keys.into()).unwrap()),
    }
}
