//! Storages that answer as no good one does: whose 404 is believed, and how often one is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use store::StoreError;
use store::documents::Vault;
use store::objects::{ObjectStore, ObjectStoreConfig};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::bucket::master_keys;

/// Status and body for a method and the query of its request.
type Answers = fn(&Method, &str) -> (u16, &'static str);

struct Fake {
    answers: Answers,
    asked: AtomicUsize,
}

/// A storage that answers so, and how often it was asked.
async fn storage(answers: Answers) -> (ObjectStore, Arc<Fake>) {
    let fake = Arc::new(Fake {
        answers,
        asked: AtomicUsize::new(0),
    });
    let app = Router::new().fallback(answer).with_state(fake.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let objects = ObjectStore::new(&ObjectStoreConfig {
        s3_endpoint: format!("http://{address}"),
        s3_region: "us-east-1".to_owned(),
        s3_access_key: "key".to_owned().into(),
        s3_secret_key: "secret".to_owned().into(),
        s3_bucket: "bucket".to_owned(),
    });
    (objects, fake)
}

async fn answer(State(fake): State<Arc<Fake>>, request: Request) -> axum::response::Response {
    fake.asked.fetch_add(1, Ordering::Relaxed);
    let query = request.uri().query().unwrap_or_default();
    let (status, body) = (fake.answers)(request.method(), query);
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

const NO_SUCH_KEY: &str = "<Error><Code>NoSuchKey</Code></Error>";
const NO_SUCH_BUCKET: &str = "<Error><Code>NoSuchBucket</Code></Error>";
const PROXY: &str = "<html>not found</html>";
const LISTED: &str = "<ListBucketResult><KeyCount>1</KeyCount><Contents><Key>previews/x/1</Key>\
                      </Contents></ListBucketResult>";

fn is_outage<T>(result: &Result<T, StoreError>) -> bool {
    result.as_ref().is_err_and(StoreError::is_retryable)
}

#[tokio::test]
async fn an_object_is_absent_only_when_its_bucket_is_there() {
    let (there, _) = storage(|method, _| match *method {
        Method::HEAD => (200, ""),
        _ => (404, NO_SUCH_KEY),
    })
    .await;
    assert!(there.get("a").await.unwrap().is_none());
    there.delete("a").await.unwrap();
    there.ping().await.unwrap();
}

#[tokio::test]
async fn no_other_404_is_believed() {
    let all: [Answers; 4] = [
        |_, _| (404, NO_SUCH_KEY),
        |_, _| (404, NO_SUCH_BUCKET),
        |_, _| (404, PROXY),
        |method, _| match *method {
            Method::HEAD => (200, ""),
            _ => (404, PROXY),
        },
    ];
    for answers in all {
        let (objects, _) = storage(answers).await;
        assert!(is_outage(&objects.get("a").await));
        assert!(is_outage(&objects.delete("a").await));
        assert!(is_outage(&objects.delete_all(&["a".to_owned()]).await));
        assert!(is_outage(&objects.put_bytes("a", vec![1]).await));
        // The breaker is open now; another client has its own.
        let (objects, _) = storage(answers).await;
        assert!(is_outage(&objects.list("a/", None).await));
    }
    let (gone, _) = storage(|_, _| (404, PROXY)).await;
    assert!(is_outage(&gone.ping().await));
}

#[tokio::test]
async fn a_listing_that_never_ends_is_given_up_and_taken_up_again() {
    let (objects, fake) = storage(|method, _| match *method {
        Method::GET => (200, LISTED),
        Method::POST => (200, "<DeleteResult></DeleteResult>"),
        _ => (204, ""),
    })
    .await;
    let vault = Vault {
        objects,
        keys: Arc::new(master_keys(1)),
    };
    let discarded = vault.discard(Uuid::nil(), Some("quarantine/x")).await;
    assert!(is_outage(&discarded), "{discarded:?}");
    let asked = fake.asked.load(Ordering::Relaxed);
    assert!(asked < 20, "asked {asked} times");
}

#[tokio::test]
async fn a_deletion_that_the_storage_refuses_is_told() {
    let (objects, _) = storage(|method, _| match *method {
        Method::POST => (
            200,
            "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>",
        ),
        _ => (200, ""),
    })
    .await;
    let deleted = objects.delete_all(&["a".to_owned()]).await;
    assert!(is_outage(&deleted), "{deleted:?}");
}
