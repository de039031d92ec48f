//! What must be true of the servers when all is quiet again, seen from outside.

use std::time::Duration;

use anyhow::ensure;
use sqlx::PgPool;

use super::{Run, Stack};
use crate::http::eventually;

mod outside;
mod promises;

/// How long the outbox may take to empty.
const QUIET_DEADLINE: Duration = Duration::from_secs(90);

/// How long what is quiet may still have a last word: a mail that was waited for by nobody is sent,
/// and the event that tells of it is on its way to the audit trail.
const LAST_WORDS: Duration = Duration::from_secs(15);

/// Counts that must be zero: what is wrong, and how it is counted.
const NOTHING_OF: [(&str, &str); 9] = [
    (
        "dead letters",
        "SELECT count(*) FROM events.deliveries WHERE state = 'dead'",
    ),
    (
        "events without exactly one audit row",
        "SELECT count(*) FROM events.events e
          WHERE 1 <> (SELECT count(*) FROM audit.audit_logs a WHERE a.event_id = e.id)",
    ),
    (
        "mails that were given up",
        "SELECT count(*) FROM notification.notifications WHERE failed_at IS NOT NULL",
    ),
    (
        "one-time mails that were never sent",
        "SELECT count(*) FROM notification.notifications
          WHERE mailed AND sent_at IS NULL AND template IN
                ('profile_validated', 'profile_rejected', 'profile_submitted', 'document_infected')",
    ),
    (
        "documents that are not settled",
        "SELECT count(*) FROM document.documents WHERE status = 'scanning'",
    ),
    (
        "infected documents that kept their key",
        "SELECT count(*) FROM document.documents
          WHERE status IN ('infected', 'rejected') AND key_wrapped IS NOT NULL",
    ),
    (
        "decisions told of twice",
        "SELECT count(*) FROM (SELECT 1 FROM events.events
          WHERE type IN ('profile.validated', 'profile.rejected')
          GROUP BY aggregate_id HAVING count(*) > 1) AS twice",
    ),
    (
        "submissions without a case",
        "SELECT count(*) FROM candidate.profiles p WHERE p.status IN ('SUBMITTED', 'IN_REVIEW')
          AND NOT EXISTS (SELECT FROM admin.validations v
                           WHERE v.profile_id = p.id AND v.status <> 'decided')",
    ),
    (
        "openings of profiles that are not validated",
        "SELECT count(*) FROM search.openings o JOIN candidate.profiles p ON p.id = o.profile_id
          WHERE p.status <> 'VALIDATED'",
    ),
];

/// Everything that is promised of a crash.
pub(super) async fn everything(stack: &Stack, run: &Run, deaths: usize) -> anyhow::Result<()> {
    let owner = PgPool::connect(stack.value("DATABASE_URL")).await?;
    quiet(&owner).await?;
    for (what, query) in NOTHING_OF {
        eventually(&format!("no {what}"), LAST_WORDS, async || {
            let found: i64 = sqlx::query_scalar(query).fetch_one(&owner).await?;
            Ok((found == 0).then_some(()))
        })
        .await?;
    }
    promises::kept(&owner, run).await?;
    quota(&owner, run).await?;
    outside::mails(&owner, run, deaths).await?;
    outside::objects(stack, &owner).await?;
    outside::workflows(stack, &owner).await
}

async fn quiet(owner: &PgPool) -> anyhow::Result<()> {
    eventually(
        "the outbox is empty and its mails are sent",
        QUIET_DEADLINE,
        async || {
            let open: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM events.deliveries WHERE state IN ('pending', 'leased'))
                  + (SELECT count(*) FROM document.documents WHERE status = 'scanning')
                  + (SELECT count(*) FROM notification.notifications
                      WHERE mailed AND sent_at IS NULL AND failed_at IS NULL AND template IN
                        ('profile_validated', 'profile_rejected', 'profile_submitted',
                         'document_infected'))",
        )
        .fetch_one(owner)
        .await?;
            Ok((open == 0).then_some(()))
        },
    )
    .await
}

/// Each opened profile was charged once.
async fn quota(owner: &PgPool, run: &Run) -> anyhow::Result<()> {
    let openings: i64 = sqlx::query_scalar("SELECT count(*) FROM search.openings")
        .fetch_one(owner)
        .await?;
    let (used, _) = run.company.quota("consultations").await?;
    ensure!(
        u64::try_from(openings)? == used,
        "{openings} openings, {used} charged"
    );
    Ok(())
}
