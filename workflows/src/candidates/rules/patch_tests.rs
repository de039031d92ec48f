//! The autosave contract.

use serde_json::json;

use super::*;
use crate::documents::rules::DocumentStatus;

fn context() -> PatchContext<'static> {
    static VERSIONS: std::sync::LazyLock<ConsentVersions> =
        std::sync::LazyLock::new(|| ConsentVersions {
            terms_of_use: "2026-01".to_owned(),
            processing_of_personal_data: "2026-02".to_owned(),
            permission_to_verify: "2026-03".to_owned(),
        });
    static DOCUMENTS: std::sync::LazyLock<[DocumentFacts; 2]> = std::sync::LazyLock::new(|| {
        let own_documents = [(7, DocumentKind::Photo), (8, DocumentKind::Cv)];
        own_documents.map(|(id, kind)| DocumentFacts {
            id: Uuid::from_u128(id),
            kind,
            status: DocumentStatus::Scanning,
            experience_id: None,
            archived: false,
        })
    });
    PatchContext {
        today: "2026-11-24".parse().unwrap(),
        now: "2026-11-24T10:00:00Z".parse().unwrap(),
        consent_versions: &VERSIONS,
        documents: &*DOCUMENTS,
    }
}

fn patch(profile: &mut Profile, step: StepName, body: Value) -> Result<(), Vec<FieldError>> {
    patch_in(profile, step, body, &context())
}

fn patch_in(
    profile: &mut Profile,
    step: StepName,
    body: Value,
    context: &PatchContext<'_>,
) -> Result<(), Vec<FieldError>> {
    let mut next = 100;
    apply_patch(step, profile, body, context, &mut || {
        next += 1;
        Uuid::from_u128(next)
    })
}

fn refused(step: StepName, body: Value, pointer: &str, code: FieldCode) {
    let mut profile = Profile::fresh("Awa", "Koné");
    let shown = body.to_string();
    let answer = patch(&mut profile, step, body);
    assert_eq!(answer, Err(vec![FieldError::new(pointer, code)]), "{shown}");
    assert_eq!(
        profile,
        Profile::fresh("Awa", "Koné"),
        "a refused patch changes nothing"
    );
}

#[test]
fn absent_is_left_alone_and_null_clears() {
    let mut profile = Profile::fresh("Awa", "Koné");
    patch(
        &mut profile,
        StepName::Identity,
        json!({"city": " Abidjan ", "gender": "female"}),
    )
    .unwrap();
    assert_eq!(profile.identity.city.as_deref(), Some("Abidjan"));
    patch(&mut profile, StepName::Identity, json!({"city": null})).unwrap();
    assert_eq!(profile.identity.city, None);
    assert_eq!(profile.identity.first_name.as_deref(), Some("Awa"));
    assert!(profile.identity.gender.is_some());
}

#[test]
fn one_wrong_field_keeps_the_others_from_being_saved() {
    let mut profile = Profile::fresh("Awa", "Koné");
    let body = json!({"city": "Dakar", "phone": "77", "planet": 1, "sector": 3});
    let errors = patch(&mut profile, StepName::Identity, body).unwrap_err();
    assert_eq!(
        errors,
        [
            FieldError::new("/phone", FieldCode::InvalidPhone),
            FieldError::new("/sector", FieldCode::WrongType),
            FieldError::new("/planet", FieldCode::UnknownField),
        ]
    );
    assert_eq!(profile.identity.city, None);
}

type Case = (StepName, &'static str, &'static str, FieldCode);

const REFUSED_FIELDS: &[Case] = {
    use FieldCode as Code;
    use StepName::{Consent, Documents, Identity, Review};
    &[
        (Identity, "[]", "", Code::WrongType),
        (Identity, r#"{"a/b~": 1}"#, "/a~1b~0", Code::UnknownField),
        (
            Identity,
            r#"{"city": "a\u0000b"}"#,
            "/city",
            Code::InvalidCharacter,
        ),
        (Identity, r#"{"gender": "x"}"#, "/gender", Code::UnknownCode),
        (
            Identity,
            r#"{"country": "ci"}"#,
            "/country",
            Code::UnknownCountry,
        ),
        (
            Identity,
            r#"{"nationality": "XX"}"#,
            "/nationality",
            Code::UnknownCountry,
        ),
        (
            Identity,
            r#"{"date_of_birth": "4/3/92"}"#,
            "/date_of_birth",
            Code::InvalidDate,
        ),
        (
            Identity,
            r#"{"date_of_birth": "2012-01-01"}"#,
            "/date_of_birth",
            Code::UnderAge,
        ),
        (
            Identity,
            r#"{"total_years_of_experience": -1}"#,
            YEARS,
            Code::OutOfRange,
        ),
        (
            Identity,
            r#"{"total_years_of_experience": 2.5}"#,
            YEARS,
            Code::WrongType,
        ),
        (
            Identity,
            r#"{"total_years_of_experience": "2"}"#,
            YEARS,
            Code::WrongType,
        ),
        (
            Identity,
            r#"{"total_years_of_experience": 1e300}"#,
            YEARS,
            Code::OutOfRange,
        ),
        (
            Identity,
            r#"{"photo_document_id": "00000000-0000-0000-0000-000000000008"}"#,
            PHOTO,
            Code::UnknownDocument,
        ),
        (
            Consent,
            r#"{"terms_of_use": "yes"}"#,
            "/terms_of_use",
            Code::WrongType,
        ),
        (Documents, r#"{"cv": "x"}"#, "/cv", Code::UnknownField),
        (Review, r#"{"done": true}"#, "/done", Code::UnknownField),
    ]
};

const YEARS: &str = "/total_years_of_experience";
const PHOTO: &str = "/photo_document_id";

const REFUSED_ENTRIES: &[Case] = {
    use FieldCode as Code;
    use StepName::{Certifications, Educations, Experiences, JobPreferences, Skills};
    &[
        (
            Experiences,
            r#"{"experiences": [{}, {"start_date": "2020-02-30"}]}"#,
            "/experiences/1/start_date",
            Code::InvalidDate,
        ),
        (
            Experiences,
            r#"{"experiences": [1]}"#,
            "/experiences/0",
            Code::WrongType,
        ),
        (
            Experiences,
            r#"{"experiences": [{"id": "00000000-0000-0000-0000-000000000005"}]}"#,
            "/experiences/0/id",
            Code::UnknownId,
        ),
        (
            Experiences,
            r#"{"experiences": [{"id": "1"}]}"#,
            "/experiences/0/id",
            Code::InvalidId,
        ),
        (
            Educations,
            r#"{"educations": {}}"#,
            "/educations",
            Code::WrongType,
        ),
        (
            Educations,
            r#"{"educations": [{"graduation_year": 20155}]}"#,
            "/educations/0/graduation_year",
            Code::OutOfRange,
        ),
        (
            Certifications,
            r#"{"certifications": [{"verification_url": "javascript:x"}]}"#,
            "/certifications/0/verification_url",
            Code::InvalidUrl,
        ),
        (
            Skills,
            r#"{"technical": [{"id": "1"}]}"#,
            "/technical/0/id",
            Code::UnknownField,
        ),
        (
            Skills,
            r#"{"behavioural": ["x"]}"#,
            "/behavioural/0",
            Code::UnknownCode,
        ),
        (
            Skills,
            r#"{"languages": [{"code": "fra"}]}"#,
            "/languages/0/code",
            Code::UnknownLanguage,
        ),
        (
            Skills,
            r#"{"languages": [{"level": "a1"}]}"#,
            "/languages/0/level",
            Code::UnknownCode,
        ),
        (
            JobPreferences,
            r#"{"desired_positions": ["a", "b", "c", "d", "e", "f"]}"#,
            "/desired_positions",
            Code::TooMany,
        ),
        (
            JobPreferences,
            r#"{"contract_types": ["CDI"]}"#,
            "/contract_types/0",
            Code::UnknownCode,
        ),
        (
            JobPreferences,
            r#"{"salary_range": {"min": -1}}"#,
            "/salary_range/min",
            Code::OutOfRange,
        ),
        (
            JobPreferences,
            r#"{"salary_range": {"amount": 1}}"#,
            "/salary_range/amount",
            Code::UnknownField,
        ),
    ]
};

/// A step in which every field has a value.
fn filled(step: StepName) -> Value {
    let photo = Uuid::from_u128(7);
    match step {
        StepName::Consent => json!({
            "terms_of_use": true, "processing_of_personal_data": true, "permission_to_verify": true,
        }),
        StepName::Identity => json!({
            "first_name": "Awa", "last_name": "Koné", "date_of_birth": "1990-04-01",
            "gender": "female", "nationality": "CI", "phone": "+2250708091011", "address": "Rue 12",
            "city": "Abidjan", "country": "CI", "profile_title": "Juriste",
            "professional_summary": "Dix ans de droit.", "sector": "Droit",
            "main_occupation": "Juriste", "total_years_of_experience": 10,
            "photo_document_id": photo,
        }),
        StepName::Experiences => json!({"experiences": [{
            "company": "Zed", "sector": "Droit", "position": "Juriste",
            "contract_type": "permanent", "start_date": "2015-01-01", "end_date": "2020-01-01",
            "current": false, "missions": "Conseil", "achievements": "Fusion",
        }]}),
        StepName::Educations => json!({"educations": [{
            "diploma": "Master", "institution": "UFHB", "country": "CI", "start_year": 2008,
            "graduation_year": 2012, "level": "bac_5",
        }]}),
        StepName::Certifications => json!({"certifications": [{
            "title": "OHADA", "issuer": "ERSUMA", "year": 2018, "expiry": "2030-01-01",
            "credential_id": "12", "verification_url": "https://example.org/12",
        }]}),
        StepName::Skills => json!({
            "technical": [{"name": "Droit", "level": "expert", "years": 10}],
            "behavioural": ["teamwork"], "tools": [{"name": "Excel", "level": "advanced"}],
            "languages": [{"code": "fr", "level": "C2"}],
        }),
        StepName::JobPreferences => json!({
            "desired_positions": ["Juriste"], "contract_types": ["permanent"],
            "target_sectors": ["Droit"], "locations": ["Abidjan"], "mobility": "national",
            "availability": "immediate",
            "salary_range": {"min": 1, "max": 2, "currency": "XOF", "period": "month"},
        }),
        StepName::Documents | StepName::Review => json!({}),
    }
}

/// Every way to put a value in the place of one field: of the step itself, of an entry of a list,
/// of an object.
fn with_each_field(body: &Value, value: &Value) -> Vec<(String, Value)> {
    let pointers = |prefix: &str, at: &Value| -> Vec<String> {
        let members = at.as_object().into_iter().flatten();
        members
            .map(|(name, _)| format!("{prefix}/{name}"))
            .collect()
    };
    let mut fields = pointers("", body);
    for (name, inner) in body.as_object().into_iter().flatten() {
        fields.extend(pointers(&format!("/{name}"), inner));
        fields.extend(
            inner
                .get(0)
                .map(|entry| pointers(&format!("/{name}/0"), entry))
                .into_iter()
                .flatten(),
        );
    }
    fields
        .into_iter()
        .filter(|pointer| !pointer.ends_with("/id"))
        .map(|pointer| {
            let mut changed = body.clone();
            *changed.pointer_mut(&pointer).unwrap() = value.clone();
            (pointer, changed)
        })
        .collect()
}

#[test]
fn an_empty_text_clears_whatever_the_field_is() {
    let mut fields = 0;
    for step in StepName::ALL.iter().copied() {
        let mut profile = Profile::default();
        patch(&mut profile, step, filled(step)).unwrap();
        let section = serde_json::to_value(&profile).unwrap()[step.as_str()].clone();
        // As a front end sends it back, with the ids of entries.
        let body = match step {
            StepName::Consent => filled(step),
            _ if section.is_array() => json!({ step.as_str(): section }),
            _ => section,
        };
        for blank in ["", "  ", "\u{200b}\u{a0}"] {
            let (blank, null) = (json!(blank), Value::Null);
            let nulls = with_each_field(&body, &null).into_iter();
            for ((pointer, empty), (_, null)) in
                with_each_field(&body, &blank).into_iter().zip(nulls)
            {
                let (mut one, mut other) = (profile.clone(), profile.clone());
                patch(&mut one, step, empty).unwrap_or_else(|e| panic!("{step}{pointer}: {e:?}"));
                patch(&mut other, step, null).unwrap();
                assert_eq!(one, other, "{step}{pointer}");
                assert_ne!(one, profile, "{step}{pointer} is cleared");
                fields += 1;
            }
        }
    }
    assert!(fields > 3 * 50, "{fields}");
}

#[test]
fn a_number_that_is_no_longer_dialled_is_kept_with_a_warning() {
    let mut profile = Profile::default();
    let warned = [FieldError::new("/phone", FieldCode::PhoneNotDialled)];
    patch(
        &mut profile,
        StepName::Identity,
        json!({"phone": "+225 07 07 07 07"}),
    )
    .unwrap();
    assert_eq!(profile.identity.phone.as_deref(), Some("+22507070707"));
    assert_eq!(warnings(StepName::Identity, &profile), warned);
    assert_eq!(warnings(StepName::Skills, &profile), []);
    patch(
        &mut profile,
        StepName::Identity,
        json!({"phone": "+225 07 07 07 07 07"}),
    )
    .unwrap();
    assert_eq!(warnings(StepName::Identity, &profile), []);
    patch(&mut profile, StepName::Identity, json!({"phone": ""})).unwrap();
    assert_eq!(profile.identity.phone, None);
    assert_eq!(warnings(StepName::Identity, &profile), []);
}

#[test]
fn the_photo_is_a_photo_of_ones_own() {
    let mut profile = Profile::default();
    let own = json!({"photo_document_id": Uuid::from_u128(7)});
    patch(&mut profile, StepName::Identity, own).unwrap();
    assert_eq!(profile.identity.photo_document_id, Some(Uuid::from_u128(7)));
    for other in [8, 9] {
        let body = json!({"photo_document_id": Uuid::from_u128(other)});
        refused(StepName::Identity, body, PHOTO, FieldCode::UnknownDocument);
    }
}

#[test]
fn what_cannot_be_kept_is_refused_and_pointed_at() {
    for (step, body, pointer, code) in REFUSED_FIELDS.iter().chain(REFUSED_ENTRIES) {
        refused(*step, serde_json::from_str(body).unwrap(), pointer, *code);
    }
}

#[test]
fn lengths_and_counts_have_a_limit() {
    let long = |name: &str, characters| json!({name: "é".repeat(characters)});
    let limits = [
        ("city", 80),
        ("address", 200),
        ("professional_summary", 3_000),
    ];
    for (name, limit) in limits {
        let pointer = format!("/{name}");
        refused(
            StepName::Identity,
            long(name, limit + 1),
            &pointer,
            FieldCode::TooLong,
        );
        let mut profile = Profile::default();
        patch(&mut profile, StepName::Identity, long(name, limit)).unwrap();
    }
    let many = json!({"experiences": vec![json!({}); 51]});
    refused(
        StepName::Experiences,
        many,
        "/experiences",
        FieldCode::TooMany,
    );
}

#[test]
fn a_list_is_replaced_and_entries_sent_with_their_id_are_kept() {
    let mut profile = Profile::default();
    let two = json!({"experiences": [{"company": "A", "position": "P"}, {"company": "B"}]});
    patch(&mut profile, StepName::Experiences, two).unwrap();
    let ids: Vec<_> = profile.experiences.iter().map(|item| item.id).collect();
    assert_ne!(ids[0], ids[1]);
    let body = json!({"experiences": [{"id": ids[1]}, {"id": ids[0], "company": "C"}, {}]});
    patch(&mut profile, StepName::Experiences, body).unwrap();
    let after: Vec<_> = profile
        .experiences
        .iter()
        .map(|e| (e.id, e.company.as_deref()))
        .collect();
    assert_eq!(after[..2], [(ids[1], Some("B")), (ids[0], Some("C"))]);
    assert_eq!(profile.experiences[1].position.as_deref(), Some("P"));
    assert_eq!(profile.experiences.len(), 3);

    let twice = json!({"experiences": [{"id": ids[0]}, {"id": ids[0]}]});
    let errors = patch(&mut profile, StepName::Experiences, twice).unwrap_err();
    assert_eq!(
        errors,
        [FieldError::new("/experiences/1/id", FieldCode::DuplicateId)]
    );
    patch(
        &mut profile,
        StepName::Experiences,
        json!({"experiences": null}),
    )
    .unwrap();
    assert_eq!(profile.experiences, []);
}

#[test]
fn what_is_only_unfinished_is_kept() {
    let mut profile = Profile::default();
    let body = json!({"experiences": [{
        "company": "", "start_date": "2024-01-01", "end_date": "2020-01-01", "current": null,
    }]});
    patch(&mut profile, StepName::Experiences, body).unwrap();
    assert_eq!(profile.experiences[0].company, None);
    let body = json!({"salary_range": {"min": 9, "max": 1}, "desired_positions": []});
    patch(&mut profile, StepName::JobPreferences, body).unwrap();
    patch(
        &mut profile,
        StepName::JobPreferences,
        json!({"salary_range": {"currency": "EUR"}}),
    )
    .unwrap();
    let salary = profile.job_preferences.salary_range.clone().unwrap();
    assert_eq!((salary.min, salary.max), (Some(9), Some(1)));
    assert!(salary.currency.is_some());
    patch(
        &mut profile,
        StepName::Identity,
        json!({"professional_summary": "Bonjour"}),
    )
    .unwrap();
}

#[test]
fn a_consent_is_stamped_and_a_repetition_keeps_the_stamp() {
    let mut profile = Profile::default();
    patch(
        &mut profile,
        StepName::Consent,
        json!({"terms_of_use": true}),
    )
    .unwrap();
    let first = profile.consent.terms_of_use.clone().unwrap();
    assert_eq!((first.accepted, first.version.as_str()), (true, "2026-01"));
    assert_eq!(profile.consent.permission_to_verify, None);

    let versions = ConsentVersions {
        terms_of_use: "2027-01".to_owned(),
        ..context().consent_versions.clone()
    };
    let later = PatchContext {
        now: context().now + chrono::TimeDelta::days(1),
        ..context()
    };
    patch_in(
        &mut profile,
        StepName::Consent,
        json!({"terms_of_use": true}),
        &later,
    )
    .unwrap();
    assert_eq!(profile.consent.terms_of_use.as_ref(), Some(&first));
    let newer = PatchContext {
        consent_versions: &versions,
        ..later
    };
    patch_in(&mut profile, StepName::Consent, json!({}), &newer).unwrap();
    assert_eq!(
        profile.consent.terms_of_use.as_ref(),
        Some(&first),
        "nobody was asked"
    );
    patch_in(
        &mut profile,
        StepName::Consent,
        json!({"terms_of_use": true}),
        &newer,
    )
    .unwrap();
    assert_eq!(
        profile.consent.terms_of_use.as_ref().unwrap().version,
        "2027-01"
    );
    patch(
        &mut profile,
        StepName::Consent,
        json!({"terms_of_use": null}),
    )
    .unwrap();
    assert_eq!(profile.consent.terms_of_use, None);
}

#[path = "patch_properties.rs"]
mod properties;
