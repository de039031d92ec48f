//! Files as people send them: which are taken whatever they are called, and how a refused one is told,
//! in the answer, in the document and in the feed.

use reqwest::Method;
use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap};
use reqwest::multipart::{Form, Part as FormPart};
use serde_json::{Value, json};
use store::Context;
use store::documents;
use store::notifications::{self, NewNotification};
use tests::api::{Reply, Session, TestApi};
use uuid::Uuid;
use workflows::documents::contract::{Settlement, Verdict};
use workflows::documents::rules::{Rejection, RejectionCode, RejectionFigures};
use workflows::notifications::Template;

use super::files;

/// How a photograph of an iPhone begins.
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0meta";

async fn send(api: &TestApi, person: &Session, language: &str, form: Form) -> Reply {
    let call = api
        .call(Method::POST, "/api/v1/documents")
        .headers(accept(language))
        .bearer_auth(&person.access_token)
        .multipart(form);
    api.send(call).await
}

/// In place of the language that the test's API is asked in otherwise.
fn accept(language: &str) -> HeaderMap {
    [(ACCEPT_LANGUAGE, language.parse().unwrap())]
        .into_iter()
        .collect()
}

/// A form whose file part has these headers beside its name.
fn form(name: &str, content_type: Option<&str>, content: &[u8]) -> Form {
    let mut part = FormPart::bytes(content.to_vec()).file_name(name.to_owned());
    if let Some(content_type) = content_type {
        part = part.mime_str(content_type).unwrap();
    }
    Form::new().text("kind", "diploma").part("file", part)
}

/// Frees the places of those that are being checked.
async fn settle_all(api: &TestApi) {
    sqlx::query(
        "UPDATE document.documents SET status = 'rejected', rejection_code = 'polyglot',
            settled_at = now() WHERE status = 'scanning'",
    )
    .execute(&api.database.owner().await)
    .await
    .unwrap();
}

#[tokio::test]
async fn files_are_taken_whatever_their_name_and_type_leave_open() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let jpeg = files::picture(image::ImageFormat::Jpeg);
    let pdf = files::cv();
    for (name, content_type, content, taken_for) in [
        (
            "CV M. Koné",
            Some("application/pdf"),
            &pdf,
            "application/pdf",
        ),
        ("CV v1.2", Some("application/pdf"), &pdf, "application/pdf"),
        ("CV v1.2", None, &pdf, "application/pdf"),
        (
            "cv.pdf",
            Some("application/octet-stream"),
            &pdf,
            "application/pdf",
        ),
        (
            "cv.pdf",
            Some("application/force-download"),
            &pdf,
            "application/pdf",
        ),
        (
            "cv.pdf",
            Some("application/x-download"),
            &pdf,
            "application/pdf",
        ),
        ("cv.pdf", Some("text/pdf"), &pdf, "application/pdf"),
        ("cv.pdf", Some("*/*"), &pdf, "application/pdf"),
        ("cv.pdf", None, &pdf, "application/pdf"),
        ("photo.jfif", None, &jpeg, "image/jpeg"),
        (
            "photo.jpe",
            Some("application/octet-stream"),
            &jpeg,
            "image/jpeg",
        ),
        (
            "scan",
            Some("application/octet-stream"),
            &jpeg,
            "image/jpeg",
        ),
    ] {
        let reply = send(&api, &awa, "fr", form(name, content_type, content)).await;
        assert_eq!(reply.status, 202, "{name} {content_type:?}: {reply:?}");
        let id = reply.body["id"].as_str().unwrap();
        let shown = api
            .get(&format!("/documents/{id}"), &awa.access_token)
            .await;
        assert_eq!(shown.body["content_type"], taken_for, "{name}");
        assert_eq!(shown.body["file_name"], name);
        settle_all(&api).await;
    }
}

#[tokio::test]
async fn a_refused_file_is_told_with_its_name_figures_and_next_step() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let large = vec![b'%'; 10 * 1024 * 1024 + 1];
    let pdf = files::cv();
    for (form_of, status, code, reason, french, english) in [
        (
            ("IMG_0001.HEIC", Some("application/octet-stream"), &pdf[..]),
            415,
            "unsupported_media_type",
            "heic_photograph",
            ["IMG_0001.HEIC", "PDF, JPEG et PNG", "Le plus compatible"],
            ["IMG_0001.HEIC", "PDF, JPEG and PNG", "Most Compatible"],
        ),
        (
            ("photo.jpg", Some("image/heif"), &pdf[..]),
            415,
            "unsupported_media_type",
            "heic_photograph",
            ["photo.jpg", "HEIC", "iPhone"],
            ["photo.jpg", "HEIC", "iPhone"],
        ),
        (
            ("photo.jpg", Some("image/jpeg"), HEIC),
            415,
            "unsupported_media_type",
            "heic_photograph",
            ["photo.jpg", "HEIC", "JPEG"],
            ["photo.jpg", "HEIC", "JPEG"],
        ),
        (
            ("cv.exe", Some("application/pdf"), &pdf[..]),
            415,
            "unsupported_media_type",
            "unsupported_file",
            ["cv.exe", "PDF", "renvoyez"],
            ["cv.exe", "PDF", "upload it again"],
        ),
        (
            ("cv.pdf", Some("application/pdf"), &large[..]),
            413,
            "payload_too_large",
            "file_too_large",
            ["cv.pdf", "10 Mo", "Réduisez"],
            ["cv.pdf", "10 MB", "smaller"],
        ),
        (
            ("cv.pdf", Some("application/pdf"), &[][..]),
            422,
            "invalid_input",
            "empty_file",
            ["cv.pdf", "0 octet", "Vérifiez"],
            ["cv.pdf", "0 bytes", "Check"],
        ),
        (
            ("", Some("application/octet-stream"), &[][..]),
            422,
            "invalid_input",
            "required",
            ["obligatoire", "", ""],
            ["required", "", ""],
        ),
    ] {
        for (language, parts) in [("fr", french), ("en", english)] {
            let (name, content_type, content) = form_of;
            let reply = send(&api, &awa, language, form(name, content_type, content)).await;
            assert_eq!((reply.status, reply.code()), (status, code), "{reply:?}");
            let error = &reply.body["errors"][0];
            assert_eq!(error["pointer"], "/file", "{reply:?}");
            assert_eq!(error["code"], reason, "{reply:?}");
            let message = error["message"].as_str().unwrap();
            for part in parts {
                assert!(message.contains(part), "{part}: {message}");
            }
        }
    }
    let list = api.get("/documents", &awa.access_token).await;
    assert_eq!(list.body["items"], json!([]));
}

#[tokio::test]
async fn a_name_without_extension_is_saved_with_one() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let sent = form("CV M. Koné", Some("application/pdf"), &files::cv());
    let reply = send(&api, &awa, "fr", sent).await;
    let id: Uuid = reply.body["id"].as_str().unwrap().parse().unwrap();
    let verdict = Verdict::Available {
        page_count: 1,
        rewritten_size: None,
    };
    settle(&api, id, verdict).await;
    let link = api
        .send(
            api.call(Method::POST, &format!("/api/v1/documents/{id}/links"))
                .bearer_auth(&awa.access_token)
                .json(&json!({"disposition": "attachment"})),
        )
        .await;
    let url = link.body["url"].as_str().unwrap();
    let path = &url[url.find("/api/v1").unwrap()..];
    let answer = api.call(Method::GET, path).send().await.unwrap();
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(
        disposition.ends_with("CV%20M.%20Kon%C3%A9.pdf"),
        "{disposition}"
    );
}

async fn settle(api: &TestApi, id: Uuid, verdict: Verdict) {
    let settlement = Settlement {
        document_id: id,
        correlation_id: id,
        verdict,
    };
    let writer = api.database.writer();
    documents::settle(&writer, &Context::system(id, None), &settlement)
        .await
        .unwrap();
}

/// A line of the feed, as the relay writes it.
async fn notify(api: &TestApi, person: &Session, template: Template, document_id: Uuid) {
    let writer = api.database.writer();
    let event_id: Uuid = sqlx::query_scalar("SELECT id FROM events.events LIMIT 1")
        .fetch_one(&api.database.owner().await)
        .await
        .unwrap();
    let notification = NewNotification {
        id: writer.new_id(),
        user_id: person.user_id,
        event_id,
        template,
        params: json!({"document_id": document_id}),
    };
    notifications::insert(&writer, &[notification])
        .await
        .unwrap();
}

async fn in_language(api: &TestApi, person: &Session, language: &str, path: &str) -> Value {
    let call = api
        .call(Method::GET, &format!("/api/v1{path}"))
        .headers(accept(language))
        .bearer_auth(&person.access_token);
    api.send(call).await.body
}

#[tokio::test]
async fn what_the_checks_refused_is_told_in_the_document_and_in_the_feed() {
    let api = TestApi::start().await;
    let awa = api.join("awa@example.org", "candidate").await;
    let ali = api.join("ali@example.org", "candidate").await;
    let sent = form("CV M. Koné", Some("application/pdf"), &files::cv());
    let reply = send(&api, &awa, "fr", sent).await;
    let id: Uuid = reply.body["id"].as_str().unwrap().parse().unwrap();
    let rejection = Rejection {
        code: RejectionCode::PdfTooManyPages,
        figures: Some(RejectionFigures {
            found: 240,
            limit: 200,
            dimensions: None,
        }),
    };
    settle(&api, id, Verdict::Rejected(rejection)).await;
    notify(&api, &awa, Template::DocumentRejected, id).await;
    // Another person's document is never named, whatever a notification says.
    notify(&api, &ali, Template::DocumentRejected, id).await;
    for (language, reason, next) in [
        ("fr", "240 pages, 200 au plus", "partagez le document"),
        ("en", "240 pages, 200 at most", "split the document"),
    ] {
        let shown = in_language(&api, &awa, language, &format!("/documents/{id}")).await;
        let told = &shown["rejection"];
        assert_eq!(shown["rejection_code"], "pdf_too_many_pages");
        assert_eq!(told["code"], "pdf_too_many_pages");
        assert_eq!((&told["found"], &told["limit"]), (&json!(240), &json!(200)));
        assert!(told["message"].as_str().unwrap().contains(reason), "{told}");
        assert!(
            told["what_to_do"].as_str().unwrap().contains(next),
            "{told}"
        );
        let feed = in_language(&api, &awa, language, "/notifications").await;
        let body = feed["items"][0]["body"].as_str().unwrap();
        for part in ["CV M. Koné", reason, next] {
            assert!(body.contains(part), "{part}: {body}");
        }
        let feed = in_language(&api, &ali, language, "/notifications").await;
        assert!(!feed["items"][0]["body"].as_str().unwrap().contains("Koné"));
    }
}
