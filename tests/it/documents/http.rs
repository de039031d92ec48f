//! `/documents` over HTTP: what is taken in, what is refused at once, and how files are served.

use chrono::TimeDelta;
use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part as FormPart};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::Context;
use store::documents;
use tests::api::{Reply, Session, TestApi, TestTime};
use tests::environment::required;
use uuid::Uuid;
use workflows::documents::contract::{Settlement, Verdict};

use super::files;
use super::stage::vault_of;

fn file(name: &str, content_type: &str, bytes: Vec<u8>) -> FormPart {
    FormPart::bytes(bytes)
        .file_name(name.to_owned())
        .mime_str(content_type)
        .unwrap()
}

fn cv_form() -> Form {
    Form::new().text("kind", "cv").part(
        "file",
        file("../mon cv\u{202e}.pdf", "application/pdf", files::cv()),
    )
}

async fn upload(api: &TestApi, person: &Session, form: Form, key: Option<&str>) -> Reply {
    let mut call = api
        .call(Method::POST, "/api/v1/documents")
        .bearer_auth(&person.access_token)
        .multipart(form);
    if let Some(key) = key {
        call = call.header("idempotency-key", key);
    }
    api.send(call).await
}

/// Settles a document as the worker would after a clean scan.
async fn make_available(api: &TestApi, id: Uuid) {
    settle(api, id, None).await;
}

async fn settle(api: &TestApi, id: Uuid, rewritten_size: Option<u64>) {
    let writer = api.database.writer();
    let settlement = Settlement {
        document_id: id,
        correlation_id: id,
        verdict: Verdict::Available {
            page_count: 1,
            rewritten_size,
        },
    };
    documents::settle(&writer, &Context::system(id, None), &settlement)
        .await
        .unwrap();
}

fn id_of(reply: &Reply) -> Uuid {
    reply.body["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_upload_is_hashed_named_and_held_back() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let before = api.get("/documents", &awa.access_token).await;
    assert_eq!(before.body["items"], json!([]));
    let reply = upload(&api, &awa, cv_form(), None).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    let sha256: String = Sha256::digest(files::cv())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(reply.body["sha256"], sha256);
    assert_eq!(reply.body["file_name"], "mon cv.pdf");
    assert_eq!(reply.body["status"], "scanning");
    assert_eq!(reply.body["size"], files::cv().len());
    let id = id_of(&reply);
    assert_eq!(reply.body["workflow_id"], format!("document-{id}"));
    assert_eq!(reply.headers["etag"], "\"2\"");
    let link = format!("/documents/{id}/links");
    let refused = api
        .send(
            api.call(Method::POST, &format!("/api/v1{link}"))
                .bearer_auth(&awa.access_token)
                .json(&json!({"ttl_seconds": 60, "disposition": "inline"})),
        )
        .await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "document_not_available")
    );
    let page = api
        .get(&format!("/documents/{id}/pages/1"), &awa.access_token)
        .await;
    assert_eq!((page.status, page.code()), (409, "document_not_available"));
}

#[tokio::test]
async fn the_same_upload_under_the_same_key_is_one_document() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let first = upload(&api, &awa, cv_form(), Some("key-1")).await;
    let again = upload(&api, &awa, cv_form(), Some("key-1")).await;
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!(first.body, again.body);
    let other = Form::new()
        .text("kind", "diploma")
        .part("file", file("cv.pdf", "application/pdf", files::cv()));
    let other = upload(&api, &awa, other, Some("key-1")).await;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_key_reused")
    );
    let list = api.get("/documents", &awa.access_token).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_uploads_get_their_answer_at_once() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let pdf = || file("cv.pdf", "application/pdf", files::cv());
    let kind = || Form::new().text("kind", "diploma");
    let foreign = Uuid::from_u128(1).to_string();
    for (form, status, code, pointer) in [
        (
            Form::new().part("file", pdf()),
            422,
            "invalid_input",
            "/kind",
        ),
        (
            Form::new().text("kind", "poem").part("file", pdf()),
            422,
            "invalid_input",
            "/kind",
        ),
        (kind(), 422, "invalid_input", "/file"),
        (
            kind()
                .part("file", pdf())
                .text("experience_id", foreign.clone()),
            422,
            "invalid_input",
            "/experience_id",
        ),
        (
            kind().text("colour", "red").part("file", pdf()),
            422,
            "invalid_input",
            "/colour",
        ),
        (
            kind()
                .text("experience_id", foreign.clone())
                .part("file", pdf()),
            422,
            "invalid_input",
            "/experience_id",
        ),
        (
            kind().text("experience_id", "x").part("file", pdf()),
            422,
            "invalid_input",
            "/experience_id",
        ),
        (
            kind()
                .text("experience_id", foreign.clone())
                .text("education_id", foreign.clone())
                .part("file", pdf()),
            422,
            "invalid_input",
            "/education_id",
        ),
        (
            kind().part("file", file("cv.pdf", "application/pdf", Vec::new())),
            422,
            "invalid_input",
            "/file",
        ),
        (
            kind().part("file", file("cv.exe", "application/pdf", files::cv())),
            415,
            "unsupported_media_type",
            "",
        ),
        (
            kind().part("file", file("cv.pdf", "text/html", files::cv())),
            415,
            "unsupported_media_type",
            "",
        ),
        (
            kind().part(
                "file",
                file(
                    "cv.pdf",
                    "application/pdf",
                    vec![b'x'; 10 * 1024 * 1024 + 1],
                ),
            ),
            413,
            "payload_too_large",
            "",
        ),
    ] {
        let reply = upload(&api, &awa, form, None).await;
        assert_eq!(
            (reply.status, reply.code()),
            (status, code),
            "{pointer} {reply:?}"
        );
        if !pointer.is_empty() {
            assert_eq!(reply.pointers(), [pointer]);
        }
    }
    let list = api.get("/documents", &awa.access_token).await;
    assert_eq!(list.body["items"], json!([]));
}

#[tokio::test]
async fn a_link_serves_the_file_until_it_expires() {
    let time = TestTime::now();
    let api = TestApi::start_with(time.clock(), |_| ()).await;
    let awa = api.join("awa@example.org", "candidate").await;
    let other = api.join("ali@example.org", "candidate").await;
    let id = id_of(&upload(&api, &awa, cv_form(), None).await);
    make_available(&api, id).await;
    let ask = async |person: &Session, body| {
        let call = api
            .call(Method::POST, &format!("/api/v1/documents/{id}/links"))
            .bearer_auth(&person.access_token)
            .json(&body);
        api.send(call).await
    };
    let wanted = json!({"ttl_seconds": 60, "disposition": "attachment"});
    assert_eq!(ask(&other, wanted.clone()).await.status, 404);
    assert_eq!(ask(&awa, json!({"ttl_seconds": 901})).await.status, 422);
    let link = ask(&awa, wanted).await;
    assert_eq!(link.status, 201, "{link:?}");
    let url = link.body["url"].as_str().unwrap();
    let path = &url[url.find("/api/v1").unwrap()..];
    let answer = api.call(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store, no-transform"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        (
            "content-disposition",
            "attachment; filename=\"mon cv.pdf\"; filename*=UTF-8''mon%20cv.pdf",
        ),
    ] {
        assert_eq!(answer.headers()[name], value, "{name}");
    }
    assert_eq!(answer.bytes().await.unwrap(), files::cv());
    let accesses: i64 =
        sqlx::query_scalar("SELECT count(*) FROM document.document_access WHERE document_id = $1 AND origin_address IS NOT NULL AND actor_id = $2")
            .bind(id)
            .bind(awa.user_id)
            .fetch_one(&api.database.owner().await)
            .await
            .unwrap();
    assert_eq!(accesses, 2, "the link and the file");
    time.pass(TimeDelta::seconds(61));
    let late = api.send(api.call(Method::GET, path)).await;
    assert_eq!((late.status, late.code()), (403, "link_invalid"));
    let forged = format!("{}AAAA", &path[..path.len() - 4]);
    let forged = api.send(api.call(Method::GET, &forged)).await;
    assert_eq!((forged.status, forged.code()), (403, "link_invalid"));
}

#[tokio::test]
async fn a_link_serves_the_rewritten_file_where_there_is_one() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let uploaded = upload(&api, &awa, cv_form(), None).await;
    let id = id_of(&uploaded);
    let writer = api.database.writer();
    let located = documents::locate(&writer, id).await.unwrap().unwrap();
    let vault = vault_of(required("DOCUMENT_MASTER_KEYS"));
    let rewritten = b"the same without what was attached";
    vault
        .put_rewritten(&located.located.unwrap(), rewritten)
        .await
        .unwrap();
    settle(&api, id, Some(rewritten.len() as u64)).await;
    let shown = api
        .get(&format!("/documents/{id}"), &awa.access_token)
        .await;
    assert_eq!(shown.body["rewritten"], true, "{shown:?}");
    for told in ["sha256", "size"] {
        assert_eq!(shown.body[told], uploaded.body[told], "of the upload");
    }
    let call = api
        .call(Method::POST, &format!("/api/v1/documents/{id}/links"))
        .bearer_auth(&awa.access_token)
        .json(&json!({"ttl_seconds": 60, "disposition": "attachment"}));
    let link = api.send(call).await;
    let url = link.body["url"].as_str().unwrap();
    let path = &url[url.find("/api/v1").unwrap()..];
    let answer = api.call(Method::GET, path).send().await.unwrap();
    let length = rewritten.len().to_string();
    assert_eq!(answer.headers()["content-length"], length.as_str());
    assert_eq!(answer.bytes().await.unwrap(), rewritten.as_slice());
}

#[tokio::test]
async fn a_link_asked_again_is_another_link_and_404_comes_before_422() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let other = api.join("ali@example.org", "candidate").await;
    let id = id_of(&upload(&api, &awa, cv_form(), None).await);
    let ask = async |person: &Session, body| {
        let call = api
            .call(Method::POST, &format!("/api/v1/documents/{id}/links"))
            .bearer_auth(&person.access_token)
            .header("idempotency-key", "one")
            .json(&body);
        api.send(call).await
    };
    let bad = json!({"ttl_seconds": "soon"});
    assert_eq!(ask(&other, bad.clone()).await.status, 404);
    assert_eq!(ask(&awa, bad.clone()).await.status, 409);
    make_available(&api, id).await;
    assert_eq!(ask(&awa, bad).await.status, 422);
    let wanted = json!({"ttl_seconds": 60, "disposition": "attachment"});
    let first = ask(&awa, wanted).await;
    let again = ask(&awa, json!({"ttl_seconds": 61})).await;
    assert_eq!((first.status, again.status), (201, 201), "{first:?}");
    assert_ne!(first.body["url"], again.body["url"]);
    // A link is a secret: nothing of it is kept.
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM events.idempotency_keys WHERE caller = $1")
            .bind(format!("user:{}", awa.user_id))
            .fetch_one(&api.database.owner().await)
            .await
            .unwrap();
    assert_eq!(kept, 0);
    let links: i64 =
        sqlx::query_scalar("SELECT count(*) FROM document.document_access WHERE access = 'link'")
            .fetch_one(&api.database.owner().await)
            .await
            .unwrap();
    assert_eq!(links, 2);
}

#[tokio::test]
async fn a_locked_profile_says_so_before_what_is_wrong_with_the_form() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    sqlx::query("UPDATE candidate.profiles SET status = 'SUBMITTED'")
        .execute(&api.database.owner().await)
        .await
        .unwrap();
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    for form in [
        Form::new().text("kind", "poem"),
        Form::new()
            .text("kind", "cv")
            .part("file", file("cv.exe", "application/pdf", files::cv())),
        Form::new()
            .text("kind", "cv")
            .part("file", file("cv.pdf", "application/pdf", large)),
    ] {
        let reply = upload(&api, &awa, form, None).await;
        assert_eq!(reply.status, 409, "{reply:?}");
    }
}

#[tokio::test]
async fn a_document_taken_back_is_not_served_any_more() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let other = api.join("ali@example.org", "candidate").await;
    let id = id_of(&upload(&api, &awa, cv_form(), None).await);
    make_available(&api, id).await;
    let delete = async |person: &Session| {
        let path = format!("/api/v1/documents/{id}");
        let call = api
            .call(Method::DELETE, &path)
            .bearer_auth(&person.access_token);
        api.send(call).await.status
    };
    assert_eq!(delete(&other).await, 404);
    assert_eq!(delete(&awa).await, 204);
    assert_eq!(delete(&awa).await, 204);
    let shown = api
        .get(&format!("/documents/{id}"), &awa.access_token)
        .await;
    assert_eq!(shown.body["status"], "archived");
    let page = api
        .get(&format!("/documents/{id}/pages/1"), &awa.access_token)
        .await;
    assert_eq!(page.code(), "document_not_available");
}

#[tokio::test]
async fn a_page_that_could_not_be_drawn_is_told_in_both_languages() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let id = id_of(&upload(&api, &awa, cv_form(), None).await);
    make_available(&api, id).await;
    documents::note_undrawn(&api.database.writer(), id, &[1])
        .await
        .unwrap();
    for (language, words) in [("fr", "aperçu"), ("en", "preview")] {
        let path = format!("/api/v1/documents/{id}/pages/1");
        let language =
            HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(language))]);
        let call = api
            .call(Method::GET, &path)
            .bearer_auth(&awa.access_token)
            .headers(language);
        let reply = api.send(call).await;
        assert_eq!((reply.status, reply.code()), (404, "page_not_drawn"));
        assert!(reply.body.to_string().contains(words), "{reply:?}");
    }
}

#[tokio::test]
async fn an_upload_is_refused_cleanly_while_object_storage_is_away() {
    let nobody = |config: &mut api::config::Config| {
        "http://127.0.0.1:1".clone_into(&mut config.objects.s3_endpoint);
    };
    let api = TestApi::start_with(store::clock::Clock::system(), nobody).await;
    let awa = api.join("awa@example.org", "candidate").await;
    let reply = upload(&api, &awa, cv_form(), Some("key")).await;
    assert_eq!((reply.status, reply.code()), (503, "service_unavailable"));
    assert!(reply.headers.contains_key("retry-after"));
    let list = api.get("/documents", &awa.access_token).await;
    assert_eq!(list.body["items"], json!([]));
}
