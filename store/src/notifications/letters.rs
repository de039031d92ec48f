//! What a mail is made from, read at the moment it is sent.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;
use workflows::identity::rules::Locale;
use workflows::notifications::Template;

use super::facts::{self, Facts};
use crate::database::Writer;
use crate::error::StoreError;

/// A notification with everything that its mail says.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The notification.
    pub id: Uuid,
    /// What is told.
    pub template: Template,
    /// The address of the person.
    pub email: String,
    /// Their first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// Their language.
    pub locale: Locale,
    /// The country of their profile, if they have one that says it (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// Whether the mail server has it already.
    pub is_sent: bool,
    /// When the cause happened.
    pub occurred_at: DateTime<Utc>,
    /// Ids and codes of the cause.
    pub params: Value,
    /// What the template needs besides.
    pub facts: Facts,
}

/// Reads a notification and what its mail says; `None` when the person is gone.
///
/// A verification link gets its expiry here, each time that its mail is about to leave: one that
/// waited for a day is not out of date when it arrives.
pub async fn letter(writer: &Writer, id: Uuid) -> Result<Option<Letter>, StoreError> {
    let mut connection = writer.connection().await?;
    let row = sqlx::query!(
        r#"SELECT notification.user_id, notification.template, notification.params,
               notification.sent_at, cause.occurred_at,
               users.email, users.first_name, users.last_name, users.locale,
               profile.country AS "country?"
        FROM notification.notifications notification
        JOIN events.events cause ON cause.id = notification.event_id
        JOIN auth.users ON users.id = notification.user_id
        LEFT JOIN candidate.profiles profile ON profile.user_id = users.id
        WHERE notification.id = $1"#,
        id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let template: Template = row.template.parse().map_err(|_| {
        StoreError::inconsistent("notification.notifications", "an unknown template")
    })?;
    let facts = if row.sent_at.is_some() {
        Facts::default()
    } else {
        facts::read(
            &mut connection,
            template,
            row.user_id,
            &row.params,
            writer.now(),
        )
        .await?
    };
    Ok(Some(Letter {
        id,
        template,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        locale: Locale::from_code(&row.locale)
            .ok_or_else(|| StoreError::inconsistent("auth.users", "an unknown language"))?,
        country: row.country,
        is_sent: row.sent_at.is_some(),
        occurred_at: row.occurred_at,
        params: row.params,
        facts,
    }))
}
