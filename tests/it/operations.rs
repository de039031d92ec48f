//! Every operation of the documentation: whose it is, and what it leaves behind. An operation that
//! is missing in the table fails the tests.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use store::clock::Clock;
use tests::app::{App, play};
use tests::files;
use tests::http::{Answer, Client, Upload, eventually, list_at, text_at};
use tests::people::{Candidate, Company, Persona, Reviewer, expert_summary};
use tests::search::{developer, validated};
use workflows::identity::rules::{Permission as P, Role};

/// What it takes to call an operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Needs {
    Nothing,
    Permission(P),
}
pub(super) use Needs::{Nothing, Permission};

/// What an operation that succeeded leaves under its correlation id.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaves {
    /// It only reads what is the caller's own, or what says nothing about a person.
    None,
    /// It only reads, and in this file nobody does; its own tests show what it leaves.
    Untried,
    /// An event of this type, as this journey shows.
    Event(&'static str),
}
use Leaves::{Event, Untried};

pub(super) const TABLE: &[(&str, Needs, Leaves)] = &[
    (
        "GET /admin/assessment-grid",
        Permission(P::GridRead),
        Leaves::None,
    ),
    (
        "GET /admin/dead-letters",
        Permission(P::DeadLetterList),
        Leaves::None,
    ),
    (
        "POST /admin/dead-letters/{id}/replay",
        Permission(P::DeadLetterReplay),
        Event("user.action"),
    ),
    (
        "GET /admin/rejected-profiles",
        Permission(P::RejectedProfileList),
        Leaves::None,
    ),
    (
        "POST /admin/rejected-profiles/{profile_id}/reactivation",
        Permission(P::RejectedProfileReactivate),
        Event("profile.status_changed"),
    ),
    (
        "GET /admin/validations",
        Permission(P::CaseList),
        Leaves::None,
    ),
    (
        "GET /admin/validations/{id}",
        Permission(P::CaseRead),
        Event("profile.accessed"),
    ),
    (
        "PUT /admin/validations/{id}/assessment",
        Permission(P::CaseAssess),
        Event("assessment.saved"),
    ),
    (
        "GET /admin/validations/{id}/card",
        Permission(P::CasePreviewCard),
        Untried,
    ),
    (
        "POST /admin/validations/{id}/claim",
        Permission(P::CaseClaim),
        Event("case.claimed"),
    ),
    (
        "POST /admin/validations/{id}/correction-requests",
        Permission(P::CaseRequestCorrection),
        Event("correction.requested"),
    ),
    (
        "POST /admin/validations/{id}/decision",
        Permission(P::CaseDecide),
        Event("profile.rejected"),
    ),
    (
        "POST /admin/validations/{id}/documents/{document_id}/review",
        Permission(P::CaseReviewDocument),
        Event("document.reviewed"),
    ),
    (
        "POST /admin/validations/{id}/interviews",
        Permission(P::CaseScheduleInterview),
        Event("interview.scheduled"),
    ),
    (
        "PATCH /admin/validations/{id}/interviews/{interview_id}",
        Permission(P::CaseChangeInterview),
        Event("interview.changed"),
    ),
    (
        "POST /admin/validations/{id}/interviews/{interview_id}/completion",
        Permission(P::CaseCompleteInterview),
        Event("interview.completed"),
    ),
    (
        "POST /admin/validations/{id}/release",
        Permission(P::CaseRelease),
        Event("case.released"),
    ),
    ("POST /auth/login", Nothing, Event("user.action")),
    ("POST /auth/logout", Nothing, Event("user.action")),
    ("POST /auth/logout-all", Nothing, Event("user.action")),
    ("GET /auth/me", Permission(P::AccountReadOwn), Leaves::None),
    // The session goes on; its login and its end are told of.
    ("POST /auth/refresh", Nothing, Leaves::None),
    ("POST /auth/register", Nothing, Event("user.created")),
    ("POST /auth/verify-email", Nothing, Event("user.updated")),
    (
        "POST /auth/verify-email/resend",
        Nothing,
        Event("user.action"),
    ),
    (
        "GET /candidates/me/onboarding",
        Permission(P::OnboardingReadOwn),
        Leaves::None,
    ),
    (
        "PATCH /candidates/me/onboarding/steps/{name}",
        Permission(P::ProfileEditOwn),
        Event("profile.updated"),
    ),
    (
        "GET /candidates/me/profile",
        Permission(P::ProfileReadOwn),
        Leaves::None,
    ),
    (
        "POST /candidates/me/submission",
        Permission(P::ProfileSubmitOwn),
        Event("profile.submitted"),
    ),
    (
        "GET /candidates/me/timeline",
        Permission(P::TimelineReadOwn),
        Leaves::None,
    ),
    (
        "GET /candidates/me/viewers",
        Permission(P::ViewersReadOwn),
        Leaves::None,
    ),
    (
        "GET /candidates/{id}",
        Permission(P::ProfileReadAny),
        Event("profile.accessed"),
    ),
    (
        "GET /documents",
        Permission(P::DocumentReadOwn),
        Leaves::None,
    ),
    (
        "POST /documents",
        Permission(P::DocumentUploadOwn),
        Event("document.uploaded"),
    ),
    ("GET /documents/content/{token}", Nothing, Untried),
    ("GET /documents/{id}", Permission(P::DocumentLink), Untried),
    (
        "DELETE /documents/{id}",
        Permission(P::DocumentDeleteOwn),
        Event("document.archived"),
    ),
    (
        "POST /documents/{id}/links",
        Permission(P::DocumentLink),
        Event("document.accessed"),
    ),
    (
        "GET /documents/{id}/pages/{page}",
        Permission(P::DocumentPreview),
        Untried,
    ),
    (
        "GET /notifications",
        Permission(P::NotificationReadOwn),
        Leaves::None,
    ),
    (
        "POST /notifications/{id}/read",
        Permission(P::NotificationMarkOwn),
        Event("user.action"),
    ),
    ("GET /reference/{list}", Nothing, Leaves::None),
    (
        "POST /search/profiles",
        Permission(P::SearchProfiles),
        Event("search.performed"),
    ),
    (
        "GET /search/profiles/{profile_id}",
        Permission(P::SearchReadProfile),
        Untried,
    ),
    (
        "POST /search/profiles/{profile_id}/opening",
        Permission(P::SearchOpenProfile),
        Event("profile.viewed"),
    ),
    (
        "GET /subscriptions/me",
        Permission(P::SubscriptionReadOwn),
        Leaves::None,
    ),
    ("GET /subscriptions/plans", Nothing, Leaves::None),
];

/// Every documented operation under the prefix, which it is shown without.
fn documented() -> BTreeSet<String> {
    let document = serde_json::to_value(::api::router::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in paths {
        let Some(path) = path.strip_prefix("/api/v1") else {
            continue;
        };
        for method in item.as_object().unwrap().keys() {
            found.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    found
}

#[test]
fn the_table_has_every_operation_and_every_change_an_event() {
    let listed: BTreeSet<String> = TABLE.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(listed, documented());
    assert_eq!(listed.len(), TABLE.len(), "an operation is listed twice");
    for (name, _, leaves) in TABLE {
        let reads = name.starts_with("GET ") || *name == "POST /auth/refresh";
        assert!(
            reads || matches!(leaves, Event(_)),
            "{name} leaves no event"
        );
    }
}

/// The method and the path, with an id that nobody has in every place.
pub(super) fn target(name: &str) -> (Method, String) {
    let (method, path) = name.split_once(' ').unwrap();
    let segments = path.split('/').map(|segment| match segment {
        "{name}" => "identity",
        "{page}" => "1",
        "{list}" => "sectors",
        place if place.starts_with('{') => "0190a000-0000-7000-8000-000000000000",
        word => word,
    });
    let path = segments.collect::<Vec<_>>().join("/");
    (method.parse().unwrap(), path)
}

#[tokio::test]
async fn every_operation_is_open_to_its_roles_only() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let company = Company::join(&app.place, "Rôles SA").await?;
        let reviewer = app.staff("admin").await?;
        let runner = app.staff("super_admin").await?;
        let mut refused = 0;
        for (role, client) in [
            (Role::Candidate, &candidate.client),
            (Role::CompanyAdmin, &company.client),
            (Role::Admin, &reviewer.client),
            (Role::SuperAdmin, &runner.client),
        ] {
            for (name, needs, _) in TABLE {
                let Permission(needed) = needs else { continue };
                let granted = role.default_permissions().contains(needed);
                let answer = call(client, name).await?;
                let what = format!("{role} {name}: {} {}", answer.status, answer.text());
                ensure!(answer.status < 500 && answer.status != 401, "{what}");
                answer.discreet()?;
                if granted {
                    ensure!(answer.status != 403, "{what}");
                } else {
                    answer.refused(403, "forbidden").context(what)?;
                    refused += 1;
                }
            }
        }
        ensure!(refused > 60, "only {refused} refusals");
        // Nothing was written by anybody who may not.
        let written: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM events.events WHERE type LIKE 'case.%' OR type LIKE 'document.%'",
        )
        .fetch_one(&app.owner().await)
        .await?;
        ensure!(written == 0, "{written} events");
        Ok(())
    })
    .await;
}

async fn call(client: &Client, name: &str) -> anyhow::Result<Answer> {
    let (method, path) = target(name);
    let call = client.call(method.clone(), &path);
    if method == Method::GET || method == Method::DELETE {
        return call.send().await;
    }
    if name == "POST /documents" {
        return call
            .raw("multipart/form-data; boundary=b", "--b--\r\n")
            .send()
            .await;
    }
    call.header("if-match", "\"0\"")
        .json(json!({}))
        .send()
        .await
}

/// Operations that succeeded, each with its correlation id.
#[derive(Default)]
pub(super) struct Done(Vec<(&'static str, String)>);

impl Done {
    fn note(&mut self, name: &'static str, answer: &Answer, status: u16) -> anyhow::Result<Value> {
        let body = answer.expect(status).with_context(|| name.to_owned())?;
        let id = answer
            .header("x-correlation-id")
            .context("a correlation id")?;
        self.0.push((name, id.to_owned()));
        Ok(body)
    }
}

#[tokio::test]
async fn every_change_leaves_its_event() {
    play(async |app| {
        let mut done = Done::default();
        everything(app, &mut done).await?;
        for (name, _, leaves) in TABLE {
            let Event(event) = leaves else { continue };
            let found = done.0.iter().filter(|(noted, _)| noted == name);
            let ids: Vec<String> = found.map(|(_, id)| id.clone()).collect();
            ensure!(!ids.is_empty(), "nobody did {name}");
            let told: i64 = sqlx::query_scalar(
                "SELECT count(DISTINCT correlation_id) FROM events.events
                WHERE type = $1 AND correlation_id::text = ANY($2)",
            )
            .bind(event)
            .bind(&ids)
            .fetch_one(&app.owner().await)
            .await?;
            ensure!(
                usize::try_from(told)? == ids.len(),
                "{name}: {told} {event} of {}",
                ids.len()
            );
        }
        Ok(())
    })
    .await;
}

/// Does everything that changes something.
pub(super) async fn everything(app: &App, done: &mut Done) -> anyhow::Result<()> {
    let candidate = account(app, done).await.context("an account")?;
    let case = profile(&candidate, done).await.context("a profile")?;
    let reviewer = app.staff("admin").await?;
    review(&reviewer, &candidate, &case, done)
        .await
        .context("a review")?;
    search(app, done).await.context("a search")?;
    notice(&candidate, done).await.context("a notice")?;
    dead_letter(app, done).await.context("a dead letter")
}

async fn account(app: &App, done: &mut Done) -> anyhow::Result<Candidate> {
    let api = &app.place.api;
    let persona = Persona::new();
    let body = json!({
        "account_type": "candidate", "email": persona.email, "password": persona.password,
        "first_name": persona.first_name, "last_name": persona.last_name, "accept_terms": true,
    });
    done.note(
        "POST /auth/register",
        &api.post("/auth/register", body).await?,
        202,
    )?;
    done.note(
        "POST /auth/verify-email/resend",
        &api.post(
            "/auth/verify-email/resend",
            json!({ "email": persona.email }),
        )
        .await?,
        202,
    )?;
    let mailbox = &app.place.mailbox;
    let token = mailbox
        .token_for(&persona.email, app.place.deadline)
        .await?;
    let body = json!({ "token": token });
    done.note(
        "POST /auth/verify-email",
        &api.post("/auth/verify-email", body).await?,
        204,
    )?;
    for (name, path) in [
        ("POST /auth/logout", "/auth/logout"),
        ("POST /auth/logout-all", "/auth/logout-all"),
    ] {
        let body = json!({ "email": persona.email, "password": persona.password });
        let login = api.post("/auth/login", body).await?;
        let login = done.note("POST /auth/login", &login, 200)?;
        let body = json!({ "refresh_token": text_at(&login, "/refresh_token")? });
        done.note(name, &api.post(path, body).await?, 204)?;
    }
    Candidate::log_in(&app.place, persona).await
}

async fn profile(candidate: &Candidate, done: &mut Done) -> anyhow::Result<String> {
    candidate.fill().await?;
    let etag = candidate.profile_answer().await?.etag()?;
    let edit = json!({ "city": "Thiès" });
    let saved = candidate.save_against(&etag, "identity", edit).await?;
    done.note("PATCH /candidates/me/onboarding/steps/{name}", &saved, 200)?;
    let mut ids = Vec::new();
    for kind in ["diploma", "cv"] {
        let sent = candidate
            .send_upload(Upload::new(kind, &files::cv(kind)))
            .await?;
        let taken = done.note("POST /documents", &sent, 202)?;
        let id = text_at(&taken, "/id")?.to_owned();
        let settled = candidate.settled(&id).await?;
        ensure!(settled["status"] == "available", "{settled}");
        ids.push(id);
    }
    done.note(
        "POST /documents/{id}/links",
        &candidate.link(&ids[1]).await?,
        201,
    )?;
    let path = format!("/documents/{}", ids[0]);
    done.note(
        "DELETE /documents/{id}",
        &candidate.client.delete(&path).await?,
        204,
    )?;
    let submitted = candidate.submit().await?;
    let body = done.note("POST /candidates/me/submission", &submitted, 202)?;
    Ok(text_at(&body, "/validation_id")?.to_owned())
}

async fn review(
    reviewer: &Reviewer,
    candidate: &Candidate,
    case: &str,
    done: &mut Done,
) -> anyhow::Result<()> {
    let profile = candidate.profile_id().await?;
    reviewer.wait_in_queue(case).await?;
    let claim = "POST /admin/validations/{id}/claim";
    done.note(claim, &reviewer.claim(case).await?, 200)?;
    let released = reviewer.act(case, "release", json!({})).await?;
    done.note("POST /admin/validations/{id}/release", &released, 200)?;
    done.note(claim, &reviewer.claim(case).await?, 200)?;
    let client = &reviewer.client;
    let read = client.get(&format!("/admin/validations/{case}")).await?;
    let read = done.note("GET /admin/validations/{id}", &read, 200)?;
    let document = text_at(&read, "/documents/0/id")?.to_owned();
    let read = client.get(&format!("/candidates/{profile}")).await?;
    done.note("GET /candidates/{id}", &read, 200)?;
    interview(reviewer, case, done).await?;
    let path = format!("/admin/validations/{case}/assessment");
    let saved = client
        .put(&path, json!({ "summary": expert_summary() }))
        .await?;
    done.note("PUT /admin/validations/{id}/assessment", &saved, 200)?;
    let refusal = json!({ "outcome": "refused", "reason": "Le document est illisible." });
    let refused = reviewer.review(case, &document, refusal).await?;
    let name = "POST /admin/validations/{id}/documents/{document_id}/review";
    done.note(name, &refused, 200)?;
    let asked = reviewer
        .ask_correction(case, "Merci de le renvoyer.", &[])
        .await?;
    done.note(
        "POST /admin/validations/{id}/correction-requests",
        &asked,
        200,
    )?;
    let reason = Some("Des preuves manquent encore.");
    let decided = reviewer.decide(case, "rejected", reason).await?;
    done.note("POST /admin/validations/{id}/decision", &decided, 200)?;
    let path = format!("/admin/rejected-profiles/{profile}/reactivation");
    let let_back = client.post_empty(&path).await?;
    let name = "POST /admin/rejected-profiles/{profile_id}/reactivation";
    done.note(name, &let_back, 200)?;
    Ok(())
}

async fn interview(reviewer: &Reviewer, case: &str, done: &mut Done) -> anyhow::Result<()> {
    let at = |seconds| {
        let moment = Clock::system().now() + chrono::TimeDelta::seconds(seconds);
        moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    };
    let body = json!({
        "starts_at": at(3600), "duration_minutes": 30, "mode": "phone", "place": "+221771234567",
    });
    let arranged = reviewer.act(case, "interviews", body).await?;
    let body = done.note("POST /admin/validations/{id}/interviews", &arranged, 201)?;
    let id = text_at(&body, "/id")?;
    let path = format!("/admin/validations/{case}/interviews/{id}");
    let moved = reviewer
        .client
        .patch(&path, json!({ "starts_at": at(2) }))
        .await?;
    done.note(
        "PATCH /admin/validations/{id}/interviews/{interview_id}",
        &moved,
        200,
    )?;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let held = reviewer
        .conclude(case, id, "Entretien clair et précis.")
        .await?;
    let name = "POST /admin/validations/{id}/interviews/{interview_id}/completion";
    done.note(name, &held, 200)?;
    Ok(())
}

async fn search(app: &App, done: &mut Done) -> anyhow::Result<()> {
    let company = Company::join(&app.place, "Traces SA").await?;
    done.note(
        "POST /search/profiles",
        &company.search(json!({ "q": "rust" })).await?,
        200,
    )?;
    let now = Clock::system().now();
    let owner = app.owner().await;
    let found = validated(&owner, &developer(), 4.2, "Une personne rigoureuse.", now).await;
    let opened = company.open(&found.profile_id.to_string()).await?;
    done.note("POST /search/profiles/{profile_id}/opening", &opened, 201)?;
    Ok(())
}

async fn notice(candidate: &Candidate, done: &mut Done) -> anyhow::Result<()> {
    let client = &candidate.client;
    let id = eventually("a notice", candidate.deadline, async || {
        let feed = client.get("/notifications").await?.expect(200)?;
        let first = list_at(&feed, "/items")?.first();
        Ok(first.and_then(|line| line["id"].as_str().map(str::to_owned)))
    })
    .await?;
    let read = client
        .post_empty(&format!("/notifications/{id}/read"))
        .await?;
    done.note("POST /notifications/{id}/read", &read, 204)?;
    Ok(())
}

/// One that the audit has refused, as far as the row says.
async fn dead_letter(app: &App, done: &mut Done) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE events.deliveries SET state = 'dead', attempts = 3, delivered_at = NULL,
            dead_letter_id = gen_random_uuid()
        WHERE (event_id, consumer) = (SELECT event_id, consumer FROM events.deliveries
            WHERE state = 'delivered' AND consumer LIKE 'audit.%' LIMIT 1)",
    )
    .execute(&app.owner().await)
    .await?;
    let runner = app.staff("super_admin").await?;
    let letters = runner
        .client
        .get("/admin/dead-letters")
        .await?
        .expect(200)?;
    let id = text_at(&letters, "/items/0/id")?;
    let path = format!("/admin/dead-letters/{id}/replay");
    let replayed = runner.client.post_empty(&path).await?;
    done.note("POST /admin/dead-letters/{id}/replay", &replayed, 202)?;
    Ok(())
}
