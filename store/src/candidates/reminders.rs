//! Reminders of an unfinished onboarding: written if they still apply, once for each occurrence.

use sqlx::PgConnection;
use uuid::Uuid;
use workflows::candidates::contract::Remind;
use workflows::candidates::payloads::{CandidateReminder, DocumentMissing, ReminderKind};
use workflows::candidates::profile::ProfileStatus;
use workflows::documents::rules::{DocumentKind, current_cv};
use workflows::events::{EventType, Service};

use super::profile::{AGGREGATE, StoredProfile, load_for_update, payload};
use crate::context::Context;
use crate::database::Writer;
use crate::error::StoreError;
use crate::events::{self, NewEvent};

/// Tells that a reminder is due, if the profile is still the draft that it was counted from.
/// Returns whether it was told, now or at an earlier try.
pub async fn remind(writer: &Writer, remind: &Remind) -> Result<bool, StoreError> {
    let mut transaction = writer.begin().await?;
    let Some(profile) = load_for_update(&mut transaction, remind.profile_id).await? else {
        return Ok(false);
    };
    if profile.status != ProfileStatus::Draft || profile.draft_since != remind.draft_since {
        return Ok(false);
    }
    let occurrence = occurrence_id(remind);
    if !events::caused_by(&mut transaction, occurrence).await? {
        let context = Context::system(remind.correlation_id, Some(occurrence));
        tell(&mut transaction, writer, &context, &profile, remind).await?;
        transaction.commit().await?;
    }
    Ok(true)
}

/// The reminder, and the document that the onboarding misses most: its CV. The reminder's mail
/// speaks of both.
async fn tell(
    connection: &mut PgConnection,
    writer: &Writer,
    context: &Context,
    profile: &StoredProfile,
    remind: &Remind,
) -> Result<(), StoreError> {
    let reminder = CandidateReminder {
        kind: ReminderKind::Onboarding,
        profile_id: profile.id,
        user_id: profile.user_id,
        occurrence: remind.occurrence,
    };
    let mut told = vec![NewEvent::new(
        EventType::ReminderDue,
        AGGREGATE,
        profile.id,
        payload(&reminder)?,
    )];
    if current_cv(&profile.document_facts()).is_none() {
        let missing = DocumentMissing {
            profile_id: profile.id,
            user_id: profile.user_id,
            document_kind: DocumentKind::Cv,
        };
        let event = NewEvent::new(
            EventType::DocumentUploadRequested,
            AGGREGATE,
            profile.id,
            payload(&missing)?,
        );
        told.push(event.consumed_by_if(Service::Notification, false));
    }
    events::append_all(connection, writer, context, told).await?;
    Ok(())
}

/// One id for each reminder of each draft, however often its activity runs.
fn occurrence_id(remind: &Remind) -> Uuid {
    let mut name = remind.draft_since.timestamp_micros().to_be_bytes().to_vec();
    name.extend(remind.occurrence.to_be_bytes());
    Uuid::new_v5(&remind.profile_id, &name)
}
