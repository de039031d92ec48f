//! What is true of a profile and of the company that looks at it, read in one statement.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;
use workflows::candidates::profile::{Profile, Skills};
use workflows::search::card::SearchCard;
use workflows::search::labels::reviewed;
use workflows::search::redaction::RedactionContext;
use workflows::subscriptions::rules::{Period, quota_period};

use super::{OpenedDocument, OpenedProfile};
use crate::candidates::{PreferencesRow, SkillRow, preferences, skills};
use crate::database::Store;
use crate::error::StoreError;
use crate::search::no_subscription;
use crate::search::truth::anonymous;

/// A validated profile, and how the company stands to it.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) company_id: Uuid,
    pub(super) user_id: Uuid,
    account_names: (String, String),
    /// The skills that a reviewer saw.
    validated_skills: Skills,
    pub(super) profile: OpenedProfile,
    pub(super) period: Period,
    opened_in: Option<DateTime<Utc>>,
    limit: Option<i64>,
    usage: Option<Usage>,
}

/// The latest usage of a quota.
#[derive(Debug, Deserialize)]
struct Usage {
    period_start: DateTime<Utc>,
    used: i64,
    exceeded_at: Option<DateTime<Utc>>,
}

impl Sight {
    /// The anonymous card, made of what is true now as the index makes it.
    pub(super) fn card(&self) -> Result<SearchCard, StoreError> {
        let opened = &self.profile;
        let context = RedactionContext::of_profile(&opened.profile).with_account(
            &self.account_names.0,
            &self.account_names.1,
            &opened.email,
        );
        let mut profile = opened.profile.clone();
        profile.skills = reviewed(&profile.skills, &self.validated_skills);
        let entry = anonymous(
            opened.profile_id,
            &profile,
            &context,
            opened.expert_opinion.clone(),
            opened.validated_at,
        )?;
        Ok(entry.card(None, false))
    }

    pub(super) fn is_open(&self) -> bool {
        self.opened_in == Some(self.period.start)
    }

    fn current_usage(&self) -> Option<&Usage> {
        self.usage
            .as_ref()
            .filter(|usage| usage.period_start == self.period.start)
    }

    pub(super) fn is_used_up(&self) -> bool {
        let used = self.current_usage().map_or(0, |usage| usage.used);
        self.limit.is_some_and(|limit| used >= limit)
    }

    pub(super) fn is_refusal_told(&self) -> bool {
        self.current_usage()
            .is_some_and(|usage| usage.exceeded_at.is_some())
    }
}

/// Everything an opening asks, in one statement.
pub(super) async fn sight(
    store: &Store,
    company_id: Uuid,
    profile_id: Uuid,
) -> Result<Option<Sight>, StoreError> {
    let mut connection = store.connection().await?;
    let row = sqlx::query_as!(
        SightRow,
        r#"SELECT p.user_id, person.email, person.first_name, person.last_name,
            r.id AS revision_id, r.profile AS "profile: Json<Profile>", r.expert_opinion,
            r.validated_at,
            (SELECT json_agg(s ORDER BY s.rank) FROM candidate.skills s
             WHERE s.profile_id = p.id) AS "skills: Json<Vec<SkillRow>>",
            (SELECT row_to_json(j) FROM candidate.job_preferences j
             WHERE j.profile_id = p.id) AS "job_preferences: Json<PreferencesRow>",
            (SELECT json_agg(json_build_object(
                    'id', d.id, 'kind', d.kind, 'file_name', d.file_name, 'size', d.size,
                    'page_count', d.page_count, 'experience_id', d.experience_id,
                    'education_id', d.education_id, 'certification_id', d.certification_id)
                ORDER BY d.id)
             FROM document.documents d
             JOIN admin.document_reviews review
                ON review.document_id = d.id AND review.validation_id = r.validation_id
             WHERE d.profile_id = p.id AND d.status = 'available' AND d.archived_at IS NULL
                AND review.outcome = 'accepted') AS "documents: Json<Vec<OpenedDocument>>",
            (SELECT max(o.period_start) FROM search.openings o
             WHERE o.company_id = $1 AND o.profile_id = p.id) AS opened_in,
            s.anchor AS "anchor?", plan.documents_included AS "documents_included?",
            quota.quota_limit AS "quota_limit?",
            (SELECT json_build_object('period_start', u.period_start, 'used', u.used,
                    'exceeded_at', u.exceeded_at)
             FROM subscription.quota_usage u
             WHERE u.company_id = $1 AND u.quota = 'consultations'
             ORDER BY u.period_start DESC LIMIT 1) AS "usage: Json<Usage>"
        FROM candidate.profiles p
        JOIN candidate.profile_revisions r ON r.profile_id = p.id AND r.withdrawn_at IS NULL
        JOIN auth.users person ON person.id = p.user_id
        LEFT JOIN subscription.subscriptions s ON s.company_id = $1
        LEFT JOIN subscription.plans plan
            ON (plan.code, plan.version) = (s.plan_code, s.plan_version)
        LEFT JOIN subscription.quotas quota
            ON (quota.plan_code, quota.plan_version) = (s.plan_code, s.plan_version)
            AND quota.quota = 'consultations'
        WHERE p.id = $2 AND p.status = 'VALIDATED'
        ORDER BY r.number DESC LIMIT 1"#,
        company_id,
        profile_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| row.into_sight(company_id, profile_id, store.now()))
        .transpose()
}

struct SightRow {
    user_id: Uuid,
    email: String,
    first_name: String,
    last_name: String,
    revision_id: Uuid,
    profile: Json<Profile>,
    expert_opinion: Value,
    validated_at: DateTime<Utc>,
    skills: Option<Json<Vec<SkillRow>>>,
    job_preferences: Option<Json<PreferencesRow>>,
    documents: Option<Json<Vec<OpenedDocument>>>,
    opened_in: Option<DateTime<Utc>>,
    anchor: Option<DateTime<Utc>>,
    documents_included: Option<bool>,
    quota_limit: Option<i64>,
    usage: Option<Json<Usage>>,
}

impl SightRow {
    fn into_sight(
        self,
        company_id: Uuid,
        profile_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Sight, StoreError> {
        let (Some(anchor), Some(documents_included)) = (self.anchor, self.documents_included)
        else {
            return Err(no_subscription());
        };
        let period = quota_period(anchor, now);
        let mut profile = self.profile.0;
        let current = skills(self.skills.map(|json| json.0).unwrap_or_default())?;
        let validated_skills = std::mem::replace(&mut profile.skills, current);
        profile.job_preferences = self
            .job_preferences
            .map(|json| preferences(json.0))
            .unwrap_or_default();
        Ok(Sight {
            company_id,
            user_id: self.user_id,
            account_names: (self.first_name, self.last_name),
            validated_skills,
            period,
            opened_in: self.opened_in,
            limit: self.quota_limit,
            usage: self.usage.map(|json| json.0),
            profile: OpenedProfile {
                profile_id,
                revision_id: self.revision_id,
                profile,
                expert_opinion: self.expert_opinion,
                email: self.email,
                documents: self.documents.map(|json| json.0).unwrap_or_default(),
                documents_included,
                validated_at: self.validated_at,
                open_until: period.end,
            },
        })
    }
}
