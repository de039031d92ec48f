//! The full profile in answers, as an opening reveals it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use store::search::{OpenedDocument, OpenedProfile};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::candidates::profile::{
    Certification, Education, Experience, Identity, JobPreferences, Skills,
};

/// A validated profile with its contacts, the expert's opinion and its accepted documents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "OpenedProfile")]
pub struct ProfileAnswer {
    /// The profile.
    id: Uuid,
    /// The profile, by the name that cards use.
    profile_id: Uuid,
    /// Always `VALIDATED`.
    status: &'static str,
    /// When this state of it was validated.
    validated_at: DateTime<Utc>,
    /// Until when the company may look at it without another consultation.
    open_until: DateTime<Utc>,
    /// How to reach the person.
    contact: Contact,
    /// Step 1, as in the candidate's own profile.
    #[schema(value_type = Object)]
    identity: Identity,
    /// Step 2.
    #[schema(value_type = Vec<Object>)]
    experiences: Vec<Experience>,
    /// Step 3.
    #[schema(value_type = Vec<Object>)]
    educations: Vec<Education>,
    /// Step 4.
    #[schema(value_type = Vec<Object>)]
    certifications: Vec<Certification>,
    /// Step 5, as of now.
    #[schema(value_type = Object)]
    skills: Skills,
    /// Step 7, as of now.
    #[schema(value_type = Object)]
    job_preferences: JobPreferences,
    /// The score, the summary and the behavioural tags.
    #[schema(value_type = Object)]
    expert_opinion: Value,
    /// The documents that a reviewer accepted.
    documents: Vec<DocumentAnswer>,
    /// Whether the company's plan lets it read them.
    documents_included: bool,
}

/// How to reach a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CandidateContact")]
pub struct Contact {
    /// Mail address.
    email: String,
    /// Telephone number, E.164.
    phone: Option<String>,
}

/// A document of an opened profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "OpenedDocument")]
pub struct DocumentAnswer {
    /// The document.
    id: Uuid,
    /// What it is, such as `cv`.
    kind: String,
    /// Always `available`.
    status: &'static str,
    /// Its name.
    file_name: String,
    /// Its size in bytes.
    size: i64,
    /// How many page previews it has.
    page_count: Option<i32>,
    /// The experience it belongs to.
    experience_id: Option<Uuid>,
    /// The education it belongs to.
    education_id: Option<Uuid>,
    /// The certification it belongs to.
    certification_id: Option<Uuid>,
}

impl From<OpenedProfile> for ProfileAnswer {
    fn from(opened: OpenedProfile) -> Self {
        let profile = opened.profile;
        Self {
            id: opened.profile_id,
            profile_id: opened.profile_id,
            status: "VALIDATED",
            validated_at: opened.validated_at,
            open_until: opened.open_until,
            contact: Contact {
                email: opened.email,
                phone: profile.identity.phone.clone(),
            },
            identity: profile.identity,
            experiences: profile.experiences,
            educations: profile.educations,
            certifications: profile.certifications,
            skills: profile.skills,
            job_preferences: profile.job_preferences,
            expert_opinion: opened.expert_opinion,
            documents: opened
                .documents
                .into_iter()
                .map(DocumentAnswer::from)
                .collect(),
            documents_included: opened.documents_included,
        }
    }
}

impl From<OpenedDocument> for DocumentAnswer {
    fn from(document: OpenedDocument) -> Self {
        Self {
            id: document.id,
            kind: document.kind,
            status: "available",
            file_name: document.file_name,
            size: document.size,
            page_count: document.page_count,
            experience_id: document.experience_id,
            education_id: document.education_id,
            certification_id: document.certification_id,
        }
    }
}
