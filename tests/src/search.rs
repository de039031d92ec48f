//! Validated candidates and companies, written straight into a database, for tests of search that
//! do not play the whole journey.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::clock::Clock;
use uuid::Uuid;
use workflows::candidates::profile::Profile;

/// A candidate whose profile is validated.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// The account.
    pub user_id: Uuid,
    /// The profile.
    pub profile_id: Uuid,
    /// The validated revision.
    pub revision_id: Uuid,
}

/// The profile of a Rust developer in Abidjan, to be changed by a test.
#[must_use]
pub fn developer() -> Profile {
    profile(json!({
        "identity": {
            "first_name": "Awa", "last_name": "Kouamé", "phone": "+2250700000001",
            "city": "Abidjan", "country": "CI", "profile_title": "Développeuse Rust confirmée",
            "professional_summary": "Secretissime", "sector": "Informatique",
            "main_occupation": "Développeur logiciel", "total_years_of_experience": 6,
        },
        "experiences": [{"id": Uuid::from_u128(1), "company": "Zyntravo", "position": "Développeuse"}],
        "educations": [{"id": Uuid::from_u128(2), "level": "bac_5"}],
        "skills": {
            "technical": [{"name": "Rust", "level": "advanced", "years": 4}],
            "tools": [{"name": "Docker", "level": "intermediate"}],
            "languages": [{"code": "fr", "level": "C2"}, {"code": "en", "level": "B2"}],
        },
        "job_preferences": {
            "desired_positions": ["Développeuse"], "contract_types": ["permanent"],
            "locations": ["Dakar"], "availability": "immediate",
            "salary_range": {"min": 600_000, "max": 900_000, "currency": "XOF", "period": "month"},
        },
    }))
}

/// A profile from its JSON form.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn profile(json: Value) -> Profile {
    serde_json::from_value(json).expect("a profile")
}

/// Writes a validated candidate with that profile.
pub async fn validated(
    owner: &PgPool,
    profile: &Profile,
    score_5: f64,
    summary: &str,
    at: DateTime<Utc>,
) -> Candidate {
    let clock = Clock::system();
    let candidate = Candidate {
        user_id: clock.new_id(),
        profile_id: clock.new_id(),
        revision_id: clock.new_id(),
    };
    let identity = &profile.identity;
    sqlx::query(
        "WITH account AS (
            INSERT INTO auth.users (id, email, password_hash, first_name, last_name, account_type,
                created_at, updated_at)
            VALUES ($1, $1 || '@example.ci', '', $4, $5, 'candidate', $9, $9)
        ), person AS (
            INSERT INTO candidate.profiles (id, user_id, status, draft_since, validated_at,
                created_at, updated_at)
            VALUES ($2, $1, 'VALIDATED', $9, $9, $9, $9) RETURNING id
        )
        INSERT INTO candidate.profile_revisions (id, profile_id, validation_id, number, profile,
            card, expert_opinion, validated_at)
        SELECT $3, id, $6, 1, $7, '{}', $8, $9 FROM person",
    )
    .bind(candidate.user_id)
    .bind(candidate.profile_id)
    .bind(candidate.revision_id)
    .bind(identity.first_name.as_deref().unwrap_or("Awa"))
    .bind(identity.last_name.as_deref().unwrap_or("Kouamé"))
    .bind(clock.new_id())
    .bind(json!(profile))
    .bind(json!({"score_100": score_5 * 20.0, "score_5": score_5, "summary": summary, "tags": []}))
    .bind(at)
    .execute(owner)
    .await
    .expect("a validated candidate");
    current_parts(owner, candidate.profile_id, profile).await;
    candidate
}

/// The parts of a validated profile that change at once live in rows.
async fn current_parts(owner: &PgPool, profile_id: Uuid, profile: &Profile) {
    let mut skills: Vec<(&str, Option<&str>, Option<&str>)> = Vec::new();
    for skill in &profile.skills.technical {
        skills.push((
            "technical",
            skill.name.as_deref(),
            skill.level.map(|l| l.as_str()),
        ));
    }
    for tool in &profile.skills.tools {
        skills.push(("tool", tool.name.as_deref(), tool.level.map(|l| l.as_str())));
    }
    for language in &profile.skills.languages {
        skills.push((
            "language",
            language.code.as_deref(),
            language.level.map(|l| l.as_str()),
        ));
    }
    for (rank, (category, label, level)) in (0_i32..).zip(skills) {
        sqlx::query(
            "INSERT INTO candidate.skills (profile_id, category, rank, label, level)
            VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(profile_id)
        .bind(category)
        .bind(rank)
        .bind(label)
        .bind(level)
        .execute(owner)
        .await
        .expect("a skill");
    }
    let wishes = &profile.job_preferences;
    let salary = wishes.salary_range.clone().unwrap_or_default();
    sqlx::query(
        "INSERT INTO candidate.job_preferences (profile_id, desired_positions, contract_types,
            locations, availability, salary_min, salary_max, salary_currency, salary_period)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(profile_id)
    .bind(&wishes.desired_positions)
    .bind(
        wishes
            .contract_types
            .iter()
            .map(|c| c.as_str())
            .collect::<Vec<_>>(),
    )
    .bind(&wishes.locations)
    .bind(wishes.availability.map(|a| a.as_str()))
    .bind(salary.min)
    .bind(salary.max)
    .bind(salary.currency.map(|c| c.as_str()))
    .bind(salary.period.map(|p| p.as_str()))
    .execute(owner)
    .await
    .expect("the preferences");
}

/// Writes the validated profiles of entries that a test made up.
pub async fn are_validated(owner: &PgPool, profile_ids: &[Uuid]) {
    sqlx::query(
        "INSERT INTO candidate.profiles (id, user_id, status, draft_since, validated_at, created_at,
            updated_at)
        SELECT id, id, 'VALIDATED', now(), now(), now(), now() FROM unnest($1::uuid[]) AS id",
    )
    .bind(profile_ids)
    .execute(owner)
    .await
    .expect("the profiles");
}

/// Gives a profile another status.
pub async fn set_status(owner: &PgPool, profile_id: Uuid, status: &str) {
    sqlx::query("UPDATE candidate.profiles SET status = $2 WHERE id = $1")
        .bind(profile_id)
        .bind(status)
        .execute(owner)
        .await
        .expect("the status");
}

/// Writes a company on that plan, its subscription anchored at that moment.
pub async fn company(owner: &PgPool, plan: &str, anchor: DateTime<Utc>) -> Uuid {
    let id = Clock::system().new_id();
    sqlx::query(
        "WITH company AS (
            INSERT INTO company.companies (id, legal_name, created_at, updated_at)
            VALUES ($1, 'Sahel Services', $3, $3)
        )
        INSERT INTO subscription.subscriptions
            (id, company_id, plan_code, plan_version, anchor, created_at, updated_at)
        VALUES (gen_random_uuid(), $1, $2, 1, $3, $3, $3)",
    )
    .bind(id)
    .bind(plan)
    .bind(anchor)
    .execute(owner)
    .await
    .expect("a company");
    id
}
