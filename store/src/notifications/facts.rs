//! Names, reasons, dates and links: what a mail says that no event and no workflow may hold.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::documents::rules::Rejection;
use workflows::notifications::Template;

use crate::documents::RejectionColumns;
use crate::error::StoreError;

/// How long a verification link is good for.
const LINK_LIFETIME: Duration = Duration::hours(24);

/// What a template may need. What does not concern it is absent.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The link that proves an address.
    pub link: Option<VerificationLink>,
    /// The document that the cause is about.
    pub document: Option<DocumentFacts>,
    /// The case that the cause is about.
    pub case: Option<CaseFacts>,
    /// The documents that a correction request refuses or asks for.
    pub asked: Vec<AskedDocument>,
    /// The interview that the cause is about.
    pub interview: Option<InterviewFacts>,
    /// The company's name.
    pub company_name: Option<String>,
    /// Whether the cause no longer holds, so that the mail would mislead.
    pub is_obsolete: bool,
}

/// A row of `auth.one_time_links`; the token is made from its id.
#[derive(Clone, Copy, Debug)]
pub struct VerificationLink {
    /// The row.
    pub id: Uuid,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// A document.
#[derive(Clone, Debug)]
pub struct DocumentFacts {
    /// What it was said to be.
    pub kind: String,
    /// The name it was uploaded with.
    pub file_name: String,
    /// Why it was refused by its content, with the figure that decided.
    pub rejection: Option<Rejection>,
}

/// A case.
#[derive(Clone, Debug)]
pub struct CaseFacts {
    /// The case.
    pub id: Uuid,
    /// The candidate's name.
    pub candidate: String,
    /// When the profile was first submitted.
    pub submitted_at: DateTime<Utc>,
    /// The steps that a correction request opened.
    pub correction_steps: Vec<String>,
    /// What the reviewer wrote.
    pub correction_message: Option<String>,
    /// Until when an answer is awaited.
    pub correction_deadline: Option<DateTime<Utc>>,
    /// Why the profile was rejected.
    pub reason: Option<String>,
    /// When a rejected candidate may submit again.
    pub resubmission_open_at: Option<DateTime<Utc>>,
}

/// A document that a correction request refuses or asks for.
#[derive(Clone, Debug)]
pub struct AskedDocument {
    /// What it is.
    pub kind: String,
    /// The name it was uploaded with.
    pub file_name: String,
    /// `refused` or `replacement_requested`.
    pub outcome: String,
    /// What the reviewer wrote.
    pub reason: Option<String>,
}

/// An interview.
#[derive(Clone, Debug)]
pub struct InterviewFacts {
    /// The interview; the stable UID of its invitation.
    pub id: Uuid,
    /// `scheduled`, `cancelled`, `done` or `no_show`.
    pub status: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts.
    pub duration_minutes: i32,
    /// `video`, `phone` or `on_site`.
    pub mode: String,
    /// Where.
    pub place: String,
    /// RFC 5545 SEQUENCE.
    pub sequence: i32,
    /// The candidate's name.
    pub candidate: String,
}

/// Reads what `template` says about the ids in `params`.
pub(super) async fn read(
    connection: &mut PgConnection,
    template: Template,
    user_id: Uuid,
    params: &Value,
    now: DateTime<Utc>,
) -> Result<Facts, StoreError> {
    let id = |key: &str| {
        params[key]
            .as_str()
            .and_then(|text| Uuid::parse_str(text).ok())
    };
    let mut facts = Facts::default();
    if template == Template::EmailVerification {
        facts.link = verification_link(connection, user_id, id("link_id"), now).await?;
        facts.is_obsolete |= facts.link.is_none();
    }
    if let Some(document_id) = id("document_id") {
        facts.document = document(connection, document_id).await?;
    }
    if let Some(validation_id) = id("validation_id") {
        facts.case = case(connection, validation_id).await?;
        facts.is_obsolete |= is_no_longer_awaited(template, facts.case.as_ref(), params);
        if template == Template::CorrectionRequested {
            facts.asked = asked(connection, validation_id).await?;
        }
    }
    if let Some(interview_id) = id("interview_id") {
        facts.interview = interview(connection, interview_id).await?;
        facts.is_obsolete |= is_outdated(template, facts.interview.as_ref(), params);
    }
    if template == Template::ReminderOnboarding {
        facts.is_obsolete |= !is_draft(connection, user_id).await?;
    }
    if let Some(company_id) = id("company_id") {
        facts.company_name = company_name(connection, company_id).await?;
    }
    Ok(facts)
}

/// An invitation to an interview that was called off meanwhile must not be sent. Neither must a
/// reminder of one that is not to come any more, or that has moved since: it has reminders of its
/// own.
fn is_outdated(template: Template, interview: Option<&InterviewFacts>, params: &Value) -> bool {
    let Some(interview) = interview else {
        return true;
    };
    match template {
        Template::InterviewCancelled | Template::InterviewCancelledReviewer => {
            interview.status != "cancelled"
        }
        Template::ReminderInterview | Template::ReminderInterviewReviewer => {
            let moved = moment(params, "starts_at").is_some_and(|at| at != interview.starts_at);
            interview.status != "scheduled" || moved
        }
        _ => interview.status == "cancelled",
    }
}

/// A request for corrections, or a reminder of it, that was answered meanwhile, or that another
/// request has replaced.
fn is_no_longer_awaited(template: Template, case: Option<&CaseFacts>, params: &Value) -> bool {
    let asks = matches!(
        template,
        Template::CorrectionRequested | Template::ReminderCorrection
    );
    let deadline = case.and_then(|case| case.correction_deadline);
    let replaced = moment(params, "deadline").is_some_and(|asked| Some(asked) != deadline);
    asks && (deadline.is_none() || replaced)
}

fn moment(params: &Value, key: &str) -> Option<DateTime<Utc>> {
    params[key].as_str()?.parse().ok()
}

/// Whether the person still has a profile to finish.
async fn is_draft(connection: &mut PgConnection, user_id: Uuid) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM candidate.profiles
                          WHERE user_id = $1 AND status = 'DRAFT') AS "draft!""#,
        user_id,
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// The link that the event names, else the newest one that is still good. Its time begins anew with
/// each attempt to send it: nobody has it before one succeeds.
async fn verification_link(
    connection: &mut PgConnection,
    user_id: Uuid,
    link_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Option<VerificationLink>, StoreError> {
    let link = sqlx::query!(
        r#"UPDATE auth.one_time_links
        SET expires_at = greatest(expires_at, $3)
        WHERE id = (
            SELECT id FROM auth.one_time_links
            WHERE user_id = $1 AND ($2::uuid IS NULL OR id = $2) AND purpose = 'verify_email'
                AND voided_at IS NULL AND used_at IS NULL
            ORDER BY created_at DESC, id DESC
            LIMIT 1
        )
        RETURNING id, expires_at AS "expires_at!""#,
        user_id,
        link_id,
        now + LINK_LIFETIME,
    )
    .fetch_optional(connection)
    .await?;
    Ok(link.map(|link| VerificationLink {
        id: link.id,
        expires_at: link.expires_at,
    }))
}

async fn document(
    connection: &mut PgConnection,
    document_id: Uuid,
) -> Result<Option<DocumentFacts>, StoreError> {
    let found = sqlx::query!(
        "SELECT kind, file_name, rejection_code, rejection_found, rejection_limit,
                rejection_width, rejection_height
         FROM document.documents WHERE id = $1",
        document_id,
    )
    .fetch_optional(connection)
    .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    let rejection = RejectionColumns {
        code: found.rejection_code,
        found: found.rejection_found,
        limit: found.rejection_limit,
        width: found.rejection_width,
        height: found.rejection_height,
    };
    Ok(Some(DocumentFacts {
        kind: found.kind,
        file_name: found.file_name,
        rejection: rejection.read()?,
    }))
}

async fn case(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Option<CaseFacts>, StoreError> {
    let found = sqlx::query_as!(
        CaseFacts,
        r#"SELECT validation.id, validation.submitted_at,
               concat_ws(' ', profile.first_name, profile.last_name) AS "candidate!",
               coalesce(validation.correction_steps, '{}') AS "correction_steps!",
               validation.correction_message, validation.correction_deadline, validation.reason,
               coalesce(validation.resubmission_open_at, profile.resubmission_open_at)
                   AS resubmission_open_at
        FROM admin.validations validation
        JOIN candidate.profiles profile ON profile.id = validation.profile_id
        WHERE validation.id = $1"#,
        validation_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

async fn asked(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Vec<AskedDocument>, StoreError> {
    let found = sqlx::query_as!(
        AskedDocument,
        r#"SELECT document.kind, document.file_name, review.outcome AS "outcome!", review.reason
        FROM admin.document_reviews review
        JOIN admin.validations validation ON validation.id = review.validation_id
        JOIN document.documents document ON document.id = review.document_id
        WHERE review.validation_id = $1
            AND review.outcome IN ('refused', 'replacement_requested')
            AND review.correction_requested_at = validation.correction_requested_at
        ORDER BY document.id"#,
        validation_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
}

async fn interview(
    connection: &mut PgConnection,
    interview_id: Uuid,
) -> Result<Option<InterviewFacts>, StoreError> {
    let found = sqlx::query_as!(
        InterviewFacts,
        r#"SELECT interview.id, interview.status, interview.starts_at,
               interview.duration_minutes, interview.mode, interview.place, interview.sequence,
               concat_ws(' ', profile.first_name, profile.last_name) AS "candidate!"
        FROM admin.interviews interview
        JOIN admin.validations validation ON validation.id = interview.validation_id
        JOIN candidate.profiles profile ON profile.id = validation.profile_id
        WHERE interview.id = $1"#,
        interview_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

async fn company_name(
    connection: &mut PgConnection,
    company_id: Uuid,
) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT legal_name FROM company.companies WHERE id = $1",
        company_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}
