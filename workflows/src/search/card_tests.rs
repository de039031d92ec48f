//! The card of a profile that tries to say too much.

use chrono::DateTime;
use serde_json::json;

use super::*;

fn profile() -> Profile {
    let body = json!({
        "identity": {
            "first_name": "Awa",
            "last_name": "Koné",
            "phone": "+2250707070707",
            "address": "12 rue des Jardins, Cocody",
            "city": "Abidjan",
            "country": "CI",
            "profile_title": "Awa Koné, développeuse backend",
            "professional_summary": "SECRETSUMMARY",
            "sector": "Informatique (0707070707)",
            "main_occupation": "Développeuse",
            "total_years_of_experience": 7,
        },
        "experiences": [{
            "company": "Sahel Data",
            "missions": "SECRETMISSIONS",
            "achievements": "SECRETACHIEVEMENTS",
        }],
        "educations": [{"institution": "SECRETSCHOOL", "level": "bac_5"}, {"level": "bac_5"}],
        "certifications": [{"title": "Kubernetes (koné@x.ci)", "issuer": "SECRETISSUER"}],
        "skills": {
            "technical": [
                {"name": "Rust", "level": "expert", "years": 4},
                {"name": "Sahel-Data"},
                {"name": "rue des jardins Rust"},
            ],
            "tools": [{"name": "Git"}],
            "languages": [{"code": "fr", "level": "C2"}],
        },
        "job_preferences": {
            "desired_positions": ["SECRETPOSITION"],
            "locations": ["Abidjan", "Dakar"],
            "contract_types": ["permanent"],
            "availability": "immediate",
            "salary_range": {"min": 6_000_001, "max": 9_000_000, "currency": "XOF", "period": "year"},
        },
    });
    serde_json::from_value(body).unwrap()
}

fn entry() -> SearchableProfile {
    let profile = profile();
    let context =
        RedactionContext::of_profile(&profile).with_account("Awa", "Traoré", "akissi@example.ci");
    let opinion = ExpertOpinion {
        summary: Some("Awa Traoré maîtrise Rust. Elle vient de Sahel Data."),
        score_5: Some(Score::from_hundredths(387)),
        validated_at: DateTime::UNIX_EPOCH,
    };
    anonymise(Uuid::from_u128(1), &profile, &context, opinion)
}

#[test]
fn an_entry_holds_cleared_labels_only() {
    let json = serde_json::to_string(&entry()).unwrap().to_lowercase();
    for telling in [
        "awa", "kon", "traor", "sahel", "jardins", "0707", "secret", "@", "akissi", "cocody",
    ] {
        assert!(!json.contains(telling), "{telling} in {json}");
    }
    let entry = entry();
    assert_eq!(
        entry.profile_title.unwrap().as_str(),
        "développeuse backend"
    );
    assert_eq!(entry.sector.unwrap().as_str(), "Informatique");
    assert_eq!(entry.occupation.unwrap().as_str(), "Développeuse");
    assert_eq!(entry.city.unwrap().as_str(), "Abidjan");
    assert_eq!(entry.education_levels, [EducationLevel::Bac5]);
    assert_eq!(entry.certifications[0].as_str(), "Kubernetes");
    let skills: Vec<_> = entry
        .skills
        .iter()
        .map(|skill| skill.name.as_str())
        .collect();
    assert_eq!(skills, ["Rust"]);
    assert_eq!(entry.low_salary.unwrap().monthly(), 500_001);
}

#[test]
fn a_card_has_the_fields_of_the_contract() {
    let card = entry().card(None, true);
    assert_eq!(
        card.summary_highlight.as_deref(),
        Some("… maîtrise Rust. Elle vient de ….")
    );
    let json = serde_json::to_value(&card).unwrap();
    let mut fields: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let mut expected = vec![
        "profile_id",
        "profile_title",
        "summary_highlight",
        "sector",
        "occupation",
        "experience_years",
        "country",
        "skills",
        "score_5",
        "availability",
        "contract_types",
        "already_opened",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(json["score_5"], 3.87);
    assert_eq!(
        json["skills"][0],
        json!({"name": "Rust", "level": "expert"})
    );
}

#[test]
fn a_highlight_is_safe_in_a_page_whoever_cut_it() {
    let found = format!("<b> & {HIGHLIGHT_START}Rust{HIGHLIGHT_END}");
    let card = entry().card(Some(found), false);
    assert_eq!(
        card.summary_highlight.as_deref(),
        Some("&lt;b&gt; &amp; <em>Rust</em>")
    );
    let mut profile = entry();
    profile.summary = Some(serde_json::from_value(json!("Moins < de 5 ans")).unwrap());
    assert_eq!(
        profile.card(None, false).summary_highlight.as_deref(),
        Some("Moins &lt; de 5 ans")
    );
}
