//! Object storage: documents and their previews, always as ciphertext.
//!
//! Calls are not retried here: Temporal retries activities and clients retry requests. A breaker
//! makes them fail at once while the storage is away.
//!
//! An object is absent only when the storage says `NoSuchKey` and its bucket is there. Any other 404
//! is an outage: a bucket that was removed or misspelt, or a proxy that does not know the way.

use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::{ByteStream, FsBuilder, Length};
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use bytes::Bytes;
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use crate::breaker::Breaker;
use crate::error::StoreError;

/// The name of this dependency in `/readyz`, `/metrics` and errors.
pub const DEPENDENCY: &str = "s3";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the storage may take to say that it is there: whoever asks `/readyz` waits for it.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// The code of an answer about an object that is not in its bucket.
const NO_SUCH_KEY: &str = "NoSuchKey";
/// How many objects one call may list, and how many it may delete.
pub const PAGE: usize = 1000;
/// How much of a file is read ahead while it is sent; times the uploads at once, this is memory.
const SEND_BUFFER: usize = 64 * 1024;

/// Where objects are kept.
#[derive(Args, Clone, Debug)]
pub struct ObjectStoreConfig {
    /// Address of the S3 service.
    #[arg(long, env = "S3_ENDPOINT")]
    pub s3_endpoint: String,
    /// Region that requests are signed for.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// Access key.
    #[arg(long, env = "S3_ACCESS_KEY", hide_env_values = true)]
    pub s3_access_key: SecretString,
    /// Secret key.
    #[arg(long, env = "S3_SECRET_KEY", hide_env_values = true)]
    pub s3_secret_key: SecretString,
    /// Bucket of documents and previews.
    #[arg(long, env = "S3_BUCKET")]
    pub s3_bucket: String,
}

/// A bucket.
#[derive(Clone, Debug)]
pub struct ObjectStore {
    client: Client,
    region: String,
    bucket: String,
    breaker: Breaker,
}

/// What was found under a key.
#[derive(Debug)]
pub struct ObjectBody {
    stream: ByteStream,
}

impl ObjectStore {
    /// Prepares a client without connecting.
    #[must_use]
    pub fn new(config: &ObjectStoreConfig) -> Self {
        let credentials = Credentials::new(
            config.s3_access_key.expose_secret(),
            config.s3_secret_key.expose_secret(),
            None,
            None,
            "configuration",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(CALL_TIMEOUT)
            .operation_timeout(TOTAL_TIMEOUT)
            .build();
        let https = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config_of_client = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&config.s3_endpoint)
            .region(Region::new(config.s3_region.clone()))
            .credentials_provider(credentials)
            .force_path_style(true)
            .http_client(https)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            // Every object is sealed, so that a damaged one never opens.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self {
            client: Client::from_conf(config_of_client),
            region: config.s3_region.clone(),
            bucket: config.s3_bucket.clone(),
            breaker: Breaker::new(DEPENDENCY),
        }
    }

    /// The breaker, for `/readyz`.
    #[must_use]
    pub const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Whether the bucket answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let answer = tokio::time::timeout(PING_TIMEOUT, self.bucket_exists()).await;
        let answer = answer.unwrap_or_else(|elapsed| {
            // The call was dropped before it could say how it went.
            self.breaker.record(false);
            Err(StoreError::unavailable(DEPENDENCY, elapsed))
        });
        if answer? { Ok(()) } else { Err(no_bucket()) }
    }

    /// Makes the bucket if it is not there: for a stack that is set up, never for one that runs.
    pub async fn ensure_bucket(&self) -> Result<(), StoreError> {
        if self.bucket_exists().await? {
            return Ok(());
        }
        let location = (self.region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(self.region.as_str()))
                .build()
        });
        let made = self
            .client
            .create_bucket()
            .bucket(&self.bucket)
            .set_create_bucket_configuration(location)
            .send()
            .await;
        match made {
            Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
            Err(error) => Err(translate(error)),
            Ok(_) => Ok(()),
        }
    }

    async fn bucket_exists(&self) -> Result<bool, StoreError> {
        let head = self.client.head_bucket().bucket(&self.bucket).send();
        let head = Box::pin(head);
        let call = async {
            match head.await {
                Ok(_) => Ok(true),
                // The answer to a HEAD has no body, and so no code.
                Err(error) if status_of(&error) == Some(404) => Ok(false),
                Err(error) => Err(translate(error)),
            }
        };
        self.breaker.call(call, StoreError::is_retryable).await
    }

    /// Writes a file of known length, streaming it from disk.
    pub async fn put_file(&self, key: &str, path: &Path, length: u64) -> Result<(), StoreError> {
        let body = FsBuilder::new()
            .path(path)
            .length(Length::Exact(length))
            .buffer_size(SEND_BUFFER)
            .build()
            .await
            .map_err(|error| dependency(error.into()))?;
        self.put(key, body).await
    }

    /// Writes a small object.
    pub async fn put_bytes(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.put(key, ByteStream::from(bytes)).await
    }

    /// Begins to read an object; `None` when the bucket is there and holds none under the key.
    pub async fn get(&self, key: &str) -> Result<Option<ObjectBody>, StoreError> {
        let call = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send();
        let Some(output) = self.guarded(call).await? else {
            return self.absent().await.map(|()| None);
        };
        Ok(Some(ObjectBody {
            stream: output.body,
        }))
    }

    /// Deletes an object; deleting one that is not there is no error, unless its bucket is gone.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let call = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send();
        match self.guarded(call).await? {
            Some(_) => Ok(()),
            None => self.absent().await,
        }
    }

    /// Deletes up to [`PAGE`] objects in one call; those that are not there are no error.
    pub async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        let objects: Result<Vec<_>, _> = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(key).build())
            .collect();
        let delete = objects.and_then(|objects| {
            Delete::builder()
                .set_objects(Some(objects))
                .quiet(true)
                .build()
        });
        let call = self
            .client
            .delete_objects()
            .bucket(&self.bucket)
            .delete(delete.map_err(|error| dependency(error.into()))?)
            .send();
        let output = self.guarded(call).await?.ok_or_else(no_bucket)?;
        let failed = output
            .errors()
            .iter()
            .find(|error| error.code() != Some(NO_SUCH_KEY));
        failed.map_or(Ok(()), |error| {
            let code = error.code().unwrap_or("no code");
            let problem = format!("an object could not be deleted: {code}");
            Err(StoreError::unavailable(DEPENDENCY, problem))
        })
    }

    /// Lists up to [`PAGE`] keys under a prefix, after a key, in order.
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<String>, StoreError> {
        let call = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_start_after(after.map(ToOwned::to_owned))
            .send();
        let output = self.guarded(call).await?.ok_or_else(no_bucket)?;
        let contents = output.contents.unwrap_or_default();
        Ok(contents
            .into_iter()
            .filter_map(|object| object.key)
            .collect())
    }

    async fn put(&self, key: &str, body: ByteStream) -> Result<(), StoreError> {
        let call = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("application/octet-stream")
            .body(body)
            .send();
        self.guarded(call).await?.map(drop).ok_or_else(no_bucket)
    }

    /// Says whether an object that the storage does not know is absent, or its bucket is: some
    /// storages answer `NoSuchKey` in a bucket that does not exist.
    async fn absent(&self) -> Result<(), StoreError> {
        if self.bucket_exists().await? {
            Ok(())
        } else {
            Err(no_bucket())
        }
    }

    /// Runs a call under the breaker; `None` is an answer of `NoSuchKey`.
    async fn guarded<T, E>(
        &self,
        call: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<Option<T>, StoreError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        // On the heap: the client's futures are large, and a worker's stack is not.
        let call = Box::pin(call);
        let call = async {
            match call.await {
                Ok(output) => Ok(Some(output)),
                Err(error) if is_no_such_key(&error) => Ok(None),
                Err(error) => Err(translate(error)),
            }
        };
        self.breaker.call(call, StoreError::is_retryable).await
    }
}

impl ObjectBody {
    /// The next piece of ciphertext, each within the time that a call may take.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        match tokio::time::timeout(CALL_TIMEOUT, self.stream.try_next()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(error)) => Err(StoreError::unavailable(DEPENDENCY, error)),
            Err(elapsed) => Err(StoreError::unavailable(DEPENDENCY, elapsed)),
        }
    }
}

fn status_of<E>(error: &SdkError<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

fn is_no_such_key<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    status_of(error) == Some(404) && error.code() == Some(NO_SUCH_KEY)
}

/// Time-outs, refused connections and answers of the 5xx class pass by themselves, and so does a 404
/// that does not speak of an object, once somebody has mended the bucket or the proxy; the rest is
/// a mistake of ours or of the configuration.
fn translate<E>(error: SdkError<E>) -> StoreError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let passes = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(_) => {
            status_of(&error).is_some_and(|status| status >= 500 || status == 429 || status == 404)
        }
        _ => false,
    };
    if passes {
        StoreError::unavailable(DEPENDENCY, error)
    } else {
        dependency(error.into())
    }
}

fn dependency(source: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Dependency {
        dependency: DEPENDENCY,
        source,
    }
}

fn no_bucket() -> StoreError {
    StoreError::unavailable(DEPENDENCY, "the bucket does not exist")
}
