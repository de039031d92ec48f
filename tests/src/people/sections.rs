//! The bodies of the onboarding steps.

use serde_json::{Value, json};

use super::Persona;

/// Step 1 in full.
#[must_use]
pub fn identity(persona: &Persona) -> Value {
    json!({
        "first_name": persona.first_name,
        "last_name": persona.last_name,
        "date_of_birth": "1990-04-12",
        "gender": "undisclosed",
        "nationality": "SN",
        "phone": persona.phone,
        "address": persona.street,
        "city": "Dakar",
        "country": "SN",
        "profile_title": "Ingénieure de données, flux et entrepôts",
        "professional_summary": summary(),
        "sector": "Banque et assurance",
        "main_occupation": "Ingénieur de données",
        "total_years_of_experience": 12,
    })
}

fn summary() -> String {
    let sentence = "Douze ans de données au service de banques et d'opérateurs : \
                    collecte, qualité, flux en temps réel, équipes formées et autonomes. ";
    sentence.repeat(4).trim().to_owned()
}

fn experiences(persona: &Persona) -> Value {
    json!({ "experiences": [
        {
            "company": persona.employer,
            "sector": "Banque et assurance",
            "position": "Ingénieure de données principale",
            "contract_type": "permanent",
            "start_date": "2019-03-01",
            "current": true,
            "missions": "Plate-forme de flux : quarante millions d'événements par jour.",
            "achievements": "Aucune perte en quatre ans.",
        },
        {
            "company": format!("{} Télécom", persona.employer),
            "sector": "Télécommunications",
            "position": "Ingénieure de données",
            "contract_type": "fixed_term",
            "start_date": "2014-01-15",
            "end_date": "2019-02-28",
            "current": false,
        },
    ]})
}

fn educations() -> Value {
    json!({ "educations": [{
        "diploma": "Master d'informatique",
        "institution": "École polytechnique de Thiès",
        "country": "SN",
        "start_year": 2010,
        "graduation_year": 2012,
        "level": "bac_5",
    }]})
}

fn certifications() -> Value {
    json!({ "certifications": [{
        "title": "PostgreSQL Professional",
        "issuer": "PostgreSQL Institute",
        "year": 2021,
        "expiry": "2031-06-30",
        "credential_id": "PG-2021-0042",
        "verification_url": "https://certificates.example/PG-2021-0042",
    }]})
}

fn skills() -> Value {
    json!({
        "technical": [
            { "name": "Rust", "level": "expert", "years": 6 },
            { "name": "PostgreSQL", "level": "expert", "years": 12 },
            { "name": "Python", "level": "advanced", "years": 10 },
        ],
        "behavioural": ["autonomy", "communication"],
        "tools": [{ "name": "Kafka", "level": "advanced" }],
        "languages": [{ "code": "fr", "level": "C2" }, { "code": "en", "level": "C1" }],
    })
}

fn job_preferences() -> Value {
    json!({
        "desired_positions": ["Ingénieur de données"],
        "contract_types": ["permanent", "freelance"],
        "target_sectors": ["Banque et assurance"],
        "locations": ["Dakar", "Abidjan"],
        "mobility": "international",
        "availability": "one_month",
        "salary_range": { "min": 120_000_000, "max": 180_000_000, "currency": "XOF", "period": "year" },
    })
}

/// The steps that are filled in by writing, in order, each with its body in full.
#[must_use]
pub fn complete_profile(persona: &Persona) -> Vec<(&'static str, Value)> {
    let consent = json!({
        "terms_of_use": true,
        "processing_of_personal_data": true,
        "permission_to_verify": true,
    });
    vec![
        ("consent", consent),
        ("identity", identity(persona)),
        ("experiences", experiences(persona)),
        ("educations", educations()),
        ("certifications", certifications()),
        ("skills", skills()),
        ("job_preferences", job_preferences()),
    ]
}
