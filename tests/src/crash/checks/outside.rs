//! What the mailbox, object storage and Temporal hold.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::ensure;
use futures::StreamExt as _;
use sqlx::PgPool;
use store::objects::{ObjectStore, ObjectStoreConfig};
use temporalio_client::{Client, WorkflowListOptions};

use super::{Run, Stack};
use crate::http::eventually;
use crate::temporal::connect_patiently;

/// How long Temporal's list of workflows may lag behind.
const VISIBILITY_DEADLINE: Duration = Duration::from_secs(20);

/// Of one cause one mail: nothing in these journeys tells a candidate the same thing twice. SMTP is
/// at least once: a death after the server's 250 may send the mail again, as the same message.
pub(super) async fn mails(owner: &PgPool, run: &Run, deaths: usize) -> anyhow::Result<()> {
    let addresses: Vec<String> = sqlx::query_scalar(
        "SELECT u.email FROM auth.users u JOIN candidate.profiles p ON p.user_id = u.id",
    )
    .fetch_all(owner)
    .await?;
    for address in addresses {
        let mut told: HashMap<String, HashMap<Option<String>, usize>> = HashMap::new();
        for mail in run.place.mailbox.mails_to(&address).await? {
            let copies = told.entry(mail.subject).or_default();
            *copies.entry(mail.message_id).or_default() += 1;
        }
        for (subject, copies) in told {
            ensure!(copies.len() == 1, "{address}: {subject:?} for many causes");
            let most = copies.values().max().copied().unwrap_or_default();
            ensure!(
                most <= 1 + deaths,
                "{address}: {most} times {subject:?} after {deaths} deaths"
            );
        }
    }
    Ok(())
}

/// Every document that is available has its object, and none that was found infected or rejected
/// has one or a preview.
pub(super) async fn objects(stack: &Stack, owner: &PgPool) -> anyhow::Result<()> {
    let keys = stored_keys(stack).await?;
    let documents: Vec<(String, String, Option<String>)> =
        sqlx::query_as("SELECT id::text, status, object_key FROM document.documents")
            .fetch_all(owner)
            .await?;
    for (id, status, key) in documents {
        let has_object = key.as_ref().is_some_and(|key| keys.contains(key));
        let has_preview = keys
            .iter()
            .any(|key| key.starts_with(&format!("previews/{id}/")));
        if status == "available" {
            ensure!(has_object, "{id} is available without its object");
        } else {
            ensure!(!has_object && !has_preview, "{id} is {status} and stored");
        }
    }
    Ok(())
}

async fn stored_keys(stack: &Stack) -> anyhow::Result<HashSet<String>> {
    let store = ObjectStore::new(&ObjectStoreConfig {
        s3_endpoint: stack.value("S3_ENDPOINT").to_owned(),
        s3_region: stack.value("S3_REGION").to_owned(),
        s3_access_key: stack.value("S3_ACCESS_KEY").into(),
        s3_secret_key: stack.value("S3_SECRET_KEY").into(),
        s3_bucket: stack.value("S3_BUCKET").to_owned(),
    });
    let mut keys = HashSet::new();
    let mut last = None;
    loop {
        let page = store.list("", last.as_deref()).await?;
        last = page.last().cloned();
        keys.extend(page);
        if last.is_none() {
            return Ok(keys);
        }
    }
}

/// No process has failed, was terminated or has timed out, and every open case has its own.
pub(super) async fn workflows(stack: &Stack, owner: &PgPool) -> anyhow::Result<()> {
    let namespace = stack.value("YEMMA_TEMPORAL_NAMESPACE");
    let client = connect_patiently(stack.value("YEMMA_TEMPORAL_ADDRESS"), namespace).await;
    let ill = listed(
        &client,
        "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')",
    )
    .await?;
    ensure!(ill.is_empty(), "these ended badly: {ill:?}");
    let open: HashSet<String> = sqlx::query_scalar(
        "SELECT 'validation-' || id FROM admin.validations WHERE status <> 'decided'",
    )
    .fetch_all(owner)
    .await?
    .into_iter()
    .collect();
    let query = "WorkflowType = 'ProfileValidation' AND ExecutionStatus = 'Running'";
    eventually(
        "every open case has its process",
        VISIBILITY_DEADLINE,
        async || Ok((listed(&client, query).await? == open).then_some(())),
    )
    .await
}

async fn listed(client: &Client, query: &str) -> anyhow::Result<HashSet<String>> {
    let mut found = client.list_workflows(query, WorkflowListOptions::default());
    let mut ids = HashSet::new();
    while let Some(workflow) = found.next().await {
        ids.insert(workflow?.id().to_owned());
    }
    Ok(ids)
}
