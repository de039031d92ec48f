//! The check of an engine's answer against PostgreSQL before it leaves: an index may lag, an
//! answer may not.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::subscriptions::rules::{Period, quota_period};

use crate::database::Store;
use crate::error::StoreError;

/// What PostgreSQL says of an engine's hits, for one company.
#[derive(Debug)]
pub(super) struct Checked {
    /// The period of the company's quotas.
    pub(super) period: Period,
    opened: HashMap<Uuid, bool>,
}

impl Checked {
    /// Whether the company opened the profile in the current period; none when the profile may
    /// not be shown.
    pub(super) fn is_opened(&self, profile_id: Uuid) -> Option<bool> {
        self.opened.get(&profile_id).copied()
    }
}

#[derive(Debug, Deserialize)]
struct Hit {
    profile_id: Uuid,
    opened_in: Option<DateTime<Utc>>,
}

/// Keeps those of the hits, given as profiles and the revisions that their entries show, that are
/// `VALIDATED` now and whose revision was not withdrawn. One statement.
pub(super) async fn check(
    store: &Store,
    company_id: Uuid,
    profile_ids: &[Uuid],
    revision_ids: &[Uuid],
) -> Result<Checked, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query!(
        r#"SELECT s.anchor,
            (SELECT jsonb_agg(jsonb_build_object('profile_id', p.id, 'opened_in',
                    (SELECT max(o.period_start) FROM search.openings o
                     WHERE o.company_id = $1 AND o.profile_id = p.id)))
             FROM unnest($2::uuid[], $3::uuid[]) AS hit (profile_id, revision_id)
             JOIN candidate.profiles p ON p.id = hit.profile_id AND p.status = 'VALIDATED'
             JOIN candidate.profile_revisions r
                ON r.id = hit.revision_id AND r.profile_id = p.id AND r.withdrawn_at IS NULL
            ) AS "hits: Json<Vec<Hit>>"
        FROM subscription.subscriptions s WHERE s.company_id = $1"#,
        company_id,
        profile_ids,
        revision_ids,
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(super::no_subscription)?;
    let period = quota_period(row.anchor, store.now());
    let opened = row
        .hits
        .map(|json| json.0)
        .unwrap_or_default()
        .into_iter()
        .map(|hit| (hit.profile_id, hit.opened_in == Some(period.start)))
        .collect();
    Ok(Checked { period, opened })
}
