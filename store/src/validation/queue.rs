//! The pre-qualification queue.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::validation::rules::age;
use workflows::validation::{CaseOutcome, CaseStatus};

use crate::database::Store;
use crate::error::{StoreError, code};

/// Which cases of the queue to show.
#[derive(Clone, Debug)]
pub struct QueueFilter {
    /// In these statuses.
    pub statuses: Vec<CaseStatus>,
    /// Held by whom.
    pub assignee: Assignee,
    /// Newest first instead of oldest first.
    pub newest_first: bool,
    /// After this one.
    pub after: Option<QueuePosition>,
    /// At most so many.
    pub limit: i64,
}

/// Held by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// By anybody or nobody.
    Any,
    /// By nobody.
    Nobody,
    /// By this reviewer.
    Reviewer(Uuid),
}

/// Where a page of the queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePosition {
    /// The first submission.
    pub submitted_at: DateTime<Utc>,
    /// The case.
    pub id: Uuid,
}

/// A case as the queue shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseSummary {
    /// The case.
    pub id: Uuid,
    /// The profile.
    pub profile_id: Uuid,
    /// The candidate.
    pub user_id: Uuid,
    /// The profile's title.
    pub profile_title: Option<String>,
    /// Where it stands.
    pub status: CaseStatus,
    /// How it was closed.
    pub outcome: Option<CaseOutcome>,
    /// The first submission.
    pub submitted_at: DateTime<Utc>,
    /// Its age, without the time spent awaiting the candidate; a closed case grows no older.
    pub age: TimeDelta,
    /// Who holds it.
    pub claimed_by: Option<Uuid>,
    /// That reviewer's name.
    pub claimed_by_name: Option<String>,
    /// How many documents count.
    pub documents: i64,
    /// How many of them were not reviewed.
    pub documents_pending: i64,
}

/// A page of the queue, in two statements however long it is.
pub async fn queue(store: &Store, filter: &QueueFilter) -> Result<Vec<CaseSummary>, StoreError> {
    let mut connection = store.connection().await?;
    let ids = if filter.newest_first {
        newest_first(&mut connection, filter).await?
    } else {
        oldest_first(&mut connection, filter).await?
    };
    let mut found = summaries(&mut connection, &ids, store.now()).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// One case as the queue shows it.
pub async fn case_summary(store: &Store, id: Uuid) -> Result<Option<CaseSummary>, StoreError> {
    let mut connection = store.connection().await?;
    summary_of(&mut connection, id, store.now()).await
}

pub(super) async fn summary_of(
    connection: &mut PgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<CaseSummary>, StoreError> {
    Ok(summaries(connection, &[id], now).await?.remove(&id))
}

async fn oldest_first(
    connection: &mut PgConnection,
    filter: &QueueFilter,
) -> Result<Vec<Uuid>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM admin.validations
         WHERE status = ANY($1) AND ($2::uuid IS NULL OR claimed_by = $2)
            AND (NOT $3::boolean OR claimed_by IS NULL)
            AND ($4::timestamptz IS NULL OR (submitted_at, id) > ($4, $5::uuid))
         ORDER BY submitted_at, id LIMIT $6",
        &filter.status_names(),
        filter.reviewer(),
        filter.assignee == Assignee::Nobody,
        filter.after.map(|after| after.submitted_at),
        filter.after.map(|after| after.id),
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

async fn newest_first(
    connection: &mut PgConnection,
    filter: &QueueFilter,
) -> Result<Vec<Uuid>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM admin.validations
         WHERE status = ANY($1) AND ($2::uuid IS NULL OR claimed_by = $2)
            AND (NOT $3::boolean OR claimed_by IS NULL)
            AND ($4::timestamptz IS NULL OR (submitted_at, id) < ($4, $5::uuid))
         ORDER BY submitted_at DESC, id DESC LIMIT $6",
        &filter.status_names(),
        filter.reviewer(),
        filter.assignee == Assignee::Nobody,
        filter.after.map(|after| after.submitted_at),
        filter.after.map(|after| after.id),
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

impl QueueFilter {
    fn status_names(&self) -> Vec<String> {
        self.statuses
            .iter()
            .map(|status| status.as_str().to_owned())
            .collect()
    }

    const fn reviewer(&self) -> Option<Uuid> {
        match self.assignee {
            Assignee::Reviewer(id) => Some(id),
            Assignee::Any | Assignee::Nobody => None,
        }
    }
}

async fn summaries(
    connection: &mut PgConnection,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, CaseSummary>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT v.id, v.profile_id, v.user_id, p.profile_title AS "profile_title?", v.status,
                  v.outcome, v.submitted_at, v.waiting_since, v.waited_seconds, v.decided_at,
                  v.claimed_by, concat_ws(' ', u.first_name, u.last_name) AS "claimed_by_name!",
                  d.total AS "total!", d.pending AS "pending!"
           FROM admin.validations v
           LEFT JOIN candidate.profiles p ON p.id = v.profile_id
           LEFT JOIN auth.users u ON u.id = v.claimed_by
           CROSS JOIN LATERAL (
               SELECT count(*) AS total, count(*) FILTER (WHERE r.outcome IS NULL) AS pending
               FROM admin.document_reviews r
               JOIN document.documents d ON d.id = r.document_id
               WHERE r.validation_id = v.id AND d.status = 'available' AND d.archived_at IS NULL
           ) d
           WHERE v.id = ANY($1)"#,
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let until = row.decided_at.unwrap_or(now);
            let summary = CaseSummary {
                id: row.id,
                profile_id: row.profile_id,
                user_id: row.user_id,
                profile_title: row.profile_title,
                status: code(
                    "admin.validations.status",
                    &row.status,
                    CaseStatus::from_code,
                )?,
                outcome: row
                    .outcome
                    .map(|outcome| {
                        code(
                            "admin.validations.outcome",
                            &outcome,
                            CaseOutcome::from_code,
                        )
                    })
                    .transpose()?,
                submitted_at: row.submitted_at,
                age: age(
                    row.submitted_at,
                    row.waited_seconds,
                    row.waiting_since,
                    until,
                ),
                claimed_by: row.claimed_by,
                claimed_by_name: row.claimed_by.map(|_| row.claimed_by_name),
                documents: row.total,
                documents_pending: row.pending,
            };
            Ok((summary.id, summary))
        })
        .collect()
}
