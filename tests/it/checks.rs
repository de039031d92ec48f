//! Checks come in one order, whatever else is wrong with a request: 401, 403, 404, 428, 412, 409,
//! 422.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{App, play};
use tests::files;
use tests::http::{Answer, Client};
use tests::people::{Candidate, Company, Persona};
use workflows::identity::rules::Role;

use super::operations::{Permission, TABLE, target};

/// JSON that no operation takes: a text that cannot be stored, for a field that nothing has.
fn bad() -> Value {
    json!({ "nothing": "a\0b" })
}

/// Where an id is to be found.
fn has_id(name: &str) -> bool {
    name.contains("id}") || name.contains("{name}")
}

/// Everything wrong at once: ids that are none, content of no type, a key that is none, no tag.
async fn all_wrong(client: &Client, name: &str) -> anyhow::Result<Answer> {
    let (method, path) = target(name);
    let path = path.replace("0190a000-0000-7000-8000-000000000000", "no-id");
    let path = format!("{path}?limit=none&cursor=%00");
    let call = client.call(method.clone(), &path).key("a b");
    match method {
        Method::GET => call.send().await,
        _ => call.raw("text/plain", "{").send().await,
    }
}

/// Content that is JSON and wrong, for something that is not there.
async fn absent(client: &Client, name: &str) -> anyhow::Result<Answer> {
    let (method, path) = target(name);
    let path = path.replace("/steps/identity", "/steps/nothing");
    let call = client.call(method.clone(), &path);
    match method {
        Method::GET => call.send().await,
        _ => call.json(bad()).send().await,
    }
}

#[tokio::test]
async fn who_may_not_and_what_is_not_there_come_before_what_is_wrong() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let company = Company::join(&app.place, "Ordre SA").await?;
        let reviewer = app.staff("admin").await?;
        let runner = app.staff("super_admin").await?;
        let mut missed = 0;
        for (role, client) in [
            (Role::Candidate, &candidate.client),
            (Role::CompanyAdmin, &company.client),
            (Role::Admin, &reviewer.client),
            (Role::SuperAdmin, &runner.client),
        ] {
            for (name, needs, _) in TABLE {
                let Permission(needed) = needs else { continue };
                let what = || format!("{role} {name}");
                let nobody = all_wrong(&client.anonymous(), name).await?;
                nobody.refused(401, "unauthenticated").with_context(what)?;
                if !role.default_permissions().contains(needed) {
                    let answer = all_wrong(client, name).await?;
                    answer.refused(403, "forbidden").with_context(what)?;
                } else if has_id(name) {
                    absent(client, name)
                        .await?
                        .problem(404)
                        .with_context(what)?;
                    missed += 1;
                }
            }
        }
        ensure!(missed > 20, "only {missed} were missed");
        foreign(app, &candidate, &company).await
    })
    .await;
}

/// What is another's is not there, whatever is wrong with the request.
async fn foreign(app: &App, owner: &Candidate, company: &Company) -> anyhow::Result<()> {
    let other = Candidate::join(&app.place, Persona::new()).await?;
    let sent = owner.upload("cv", &files::cv("Awa")).await?.expect(202)?;
    let id = sent["id"].as_str().context("an id")?;
    for client in [&other.client, &company.client] {
        for name in ["GET /documents/{id}", "POST /documents/{id}/links"] {
            let (method, path) = name.split_once(' ').context("a name")?;
            let call = client.call(method.parse()?, &path.replace("{id}", id));
            let answer = call.json(bad()).send().await?;
            answer.refused(404, "not_found").context(name)?;
        }
    }
    let path = format!("/documents/{id}");
    other
        .client
        .delete(&path)
        .await?
        .refused(404, "not_found")?;
    Ok(())
}

#[tokio::test]
async fn what_the_state_does_not_allow_comes_before_what_is_wrong() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        reviewer.wait_in_queue(&case).await?;
        let documents = reviewer.case(&case).await?["documents"].clone();
        let document = documents[0]["id"].as_str().context("a document")?;
        let mut refused = 0;
        for (name, ..) in TABLE {
            let Some(action) = name.split_once("/admin/validations/{id}/") else {
                continue;
            };
            let (method, action) = (name.split(' ').next().unwrap_or_default(), action.1);
            if method == "GET" || action == "claim" {
                continue;
            }
            let send = async |id: &str| {
                let path = action
                    .replace("{interview_id}", id)
                    .replace("{document_id}", id);
                let path = format!("/admin/validations/{case}/{path}");
                let call = reviewer.client.call(method.parse()?, &path);
                call.json(bad()).send().await
            };
            if action.contains('{') {
                let absent = send("0190a000-0000-7000-8000-000000000000").await?;
                absent.problem(404).context(*name)?;
            }
            if !action.contains("{interview_id}") {
                send(document)
                    .await?
                    .refused(409, "not_claimed")
                    .context(*name)?;
                refused += 1;
            }
        }
        ensure!(refused > 5, "only {refused} refusals");
        // A link to what has not been scanned, an upload and an edit where none is allowed.
        let etag = candidate.profile_answer().await?.etag()?;
        let edit = candidate.save_against(&etag, "identity", bad()).await?;
        edit.problem(409)?;
        let stale = candidate.save_against("\"0\"", "identity", bad()).await?;
        stale.problem(412)?;
        let upload = candidate.client.call(Method::POST, "/documents");
        let upload = upload.raw("multipart/form-data; boundary=b", "--b--\r\n");
        upload.send().await?.problem(409)?;
        Ok(())
    })
    .await;
}
