//! A profile as it is stored, with what the rules need to know about it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::payloads::ProfileAccessed;
use workflows::candidates::profile::{Profile, ProfileStatus, StepName};
use workflows::candidates::rules::{Completion, EditRefusal, Editability, assess, may_edit};
use workflows::documents::rules::{DocumentFacts, DocumentKind, DocumentStatus};
use workflows::events::EventType;

use super::rows;
use crate::context::Context;
use crate::database::Store;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// A profile with its documents and where it stands.
#[derive(Clone, Debug)]
pub struct StoredProfile {
    /// The profile.
    pub id: Uuid,
    /// The account it belongs to.
    pub user_id: Uuid,
    /// Where it stands.
    pub status: ProfileStatus,
    /// Raised by every accepted edit and by nothing else.
    pub version: i64,
    /// How many times it was submitted, resubmissions apart.
    pub submission_number: i32,
    /// The case of the last submission.
    pub validation_id: Option<Uuid>,
    /// Since when it is, or was last, a draft.
    pub draft_since: DateTime<Utc>,
    /// When it was submitted last, resubmissions apart.
    pub submitted_at: Option<DateTime<Utc>>,
    /// The version that was submitted last.
    pub submitted_version: Option<i64>,
    /// When it was validated last.
    pub validated_at: Option<DateTime<Utc>>,
    /// When it was rejected last.
    pub rejected_at: Option<DateTime<Utc>>,
    /// When a rejected candidate may come back.
    pub resubmission_open_at: Option<DateTime<Utc>>,
    /// Whether a correction request waits for the candidate.
    pub awaits_corrections: bool,
    /// The steps that an open correction request names.
    pub open_steps: Vec<StepName>,
    /// When the account was verified.
    pub created_at: DateTime<Utc>,
    /// What the candidate wrote.
    pub profile: Profile,
    /// The documents that are not archived, oldest first.
    pub documents: Vec<ProfileDocument>,
}

impl StoredProfile {
    /// What the rules need to know of the documents.
    #[must_use]
    pub fn document_facts(&self) -> Vec<DocumentFacts> {
        self.documents.iter().map(ProfileDocument::facts).collect()
    }

    /// How far the profile has come.
    #[must_use]
    pub fn completion(&self, today: NaiveDate) -> Completion {
        assess(&self.profile, &self.document_facts(), today)
    }

    /// Whether that step may be edited now.
    pub fn may_edit(&self, step: StepName) -> Result<(), EditRefusal> {
        may_edit(
            step,
            Editability {
                status: self.status,
                open_steps: &self.open_steps,
                resubmission_open_at: self.resubmission_open_at,
            },
        )
    }
}

/// A document of a profile, as its owner sees it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileDocument {
    /// The document.
    pub id: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// Where the pipeline has brought it.
    pub status: DocumentStatus,
    /// Its cleaned name.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// Pages, once it was checked.
    pub page_count: Option<i32>,
    /// Why it was refused.
    pub rejection_code: Option<String>,
    /// The experience it proves.
    pub experience_id: Option<Uuid>,
    /// The education it proves.
    pub education_id: Option<Uuid>,
    /// The certification it proves.
    pub certification_id: Option<Uuid>,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

impl ProfileDocument {
    fn facts(&self) -> DocumentFacts {
        DocumentFacts {
            id: self.id,
            kind: self.kind,
            status: self.status,
            experience_id: self.experience_id,
            archived: false,
        }
    }
}

/// The profile of an account, in one statement.
pub async fn load_profile(
    store: &Store,
    user_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    let mut connection = store.connection().await?;
    rows::find_by_user(&mut connection, user_id).await
}

/// The profile with that id, as part of whatever the caller does.
pub async fn load_by_id(
    connection: &mut PgConnection,
    profile_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    rows::find(connection, profile_id).await
}

/// The profile with that id, its row locked until the transaction ends: first the lock, then the
/// reading, so that the lists are as new as the row.
pub async fn load_for_update(
    connection: &mut PgConnection,
    profile_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    sqlx::query!(
        "SELECT id FROM candidate.profiles WHERE id = $1 FOR UPDATE",
        profile_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    rows::find(connection, profile_id).await
}

/// The profile with that id, read by somebody else than its owner: the reading is an event.
pub async fn access_profile(
    store: &Store,
    context: &Context,
    profile_id: Uuid,
) -> Result<Option<StoredProfile>, StoreError> {
    let mut transaction = store.begin().await?;
    let Some(profile) = rows::find(&mut transaction, profile_id).await? else {
        return Ok(None);
    };
    let event = NewEvent::new(
        EventType::ProfileAccessed,
        AGGREGATE,
        profile_id,
        payload(&ProfileAccessed {
            profile_id,
            user_id: profile.user_id,
        })?,
    );
    events::append(&mut transaction, store, context, event).await?;
    transaction.commit().await?;
    Ok(Some(profile))
}

/// What events about a profile are about.
pub(super) const AGGREGATE: &str = "profile";

/// A typed payload as the outbox keeps it.
pub(super) fn payload(payload: &impl Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(payload).map_err(|error| StoreError::unreadable("events.events", &error))
}
