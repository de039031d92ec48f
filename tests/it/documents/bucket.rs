//! A bucket of a test's own, which can be removed with all that is in it.

use std::sync::Arc;

use reqwest::Method;
use store::clock::Clock;
use store::documents::Vault;
use store::objects::{ObjectStore, ObjectStoreConfig};
use store::secrets::document_keys::MasterKeys;
use tests::environment::required;
use url::Url;

/// A bucket.
pub struct Bucket {
    name: String,
    http: reqwest::Client,
}

impl Bucket {
    pub async fn create() -> Self {
        let name = format!("test-{}", Clock::system().new_id().simple());
        let bucket = Self {
            name,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        bucket.objects().ensure_bucket().await.unwrap();
        bucket
    }

    /// A vault over it, whose master key `test` is 32 times that byte.
    pub fn vault(&self, byte: u8) -> Vault {
        Vault {
            objects: self.objects(),
            keys: Arc::new(master_keys(byte)),
        }
    }

    fn objects(&self) -> ObjectStore {
        ObjectStore::new(&ObjectStoreConfig {
            s3_endpoint: required("S3_ENDPOINT"),
            s3_region: required("S3_REGION"),
            s3_access_key: required("S3_ACCESS_KEY").into(),
            s3_secret_key: required("S3_SECRET_KEY").into(),
            s3_bucket: self.name.clone(),
        })
    }

    /// Removes it: the filer keeps a bucket as a folder, and listens on the port after that of S3.
    pub async fn remove(&self) {
        let mut url = Url::parse(&required("S3_ENDPOINT")).unwrap();
        let port = url.port().unwrap() + 1;
        url.set_port(Some(port)).unwrap();
        url.set_path(&format!("/buckets/{}", self.name));
        url.set_query(Some("recursive=true"));
        let answer = self.http.request(Method::DELETE, url).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Restores it, with one object.
    pub async fn restore(&self, key: &str, bytes: Vec<u8>) {
        let objects = self.objects();
        objects.ensure_bucket().await.unwrap();
        objects.put_bytes(key, bytes).await.unwrap();
    }
}

/// A master key called `test`, 32 times that byte.
pub fn master_keys(byte: u8) -> MasterKeys {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    MasterKeys::parse(&format!("test:{key}").into()).unwrap()
}
