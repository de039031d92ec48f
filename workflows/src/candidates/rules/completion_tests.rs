//! The gauge and the blockers.

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::candidates::profile::{
    Availability, ConsentGiven, ContractType, Currency, Education, EducationLevel, Experience,
    SalaryPeriod, SalaryRange, TechnicalSkill,
};
use crate::documents::rules::{DocumentKind, DocumentStatus};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day("2026-11-24")
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn given() -> ConsentGiven {
    ConsentGiven {
        accepted: true,
        version: "1".to_owned(),
        at: DateTime::UNIX_EPOCH,
    }
}

fn experience() -> Experience {
    Experience {
        id: Uuid::from_u128(1),
        company: Some(text("Sahel Data")),
        sector: Some(text("Informatique")),
        position: Some(text("Développeuse")),
        start_date: Some(day("2020-01-06")),
        current: Some(true),
        ..Experience::default()
    }
}

fn education() -> Education {
    Education {
        diploma: Some(text("Master")),
        institution: Some(text("INP-HB")),
        graduation_year: Some(2015),
        level: Some(EducationLevel::Bac5),
        ..Education::default()
    }
}

fn salary() -> SalaryRange {
    SalaryRange {
        min: Some(500_000),
        max: Some(900_000),
        currency: Some(Currency::Xof),
        period: Some(SalaryPeriod::Month),
    }
}

fn complete() -> Profile {
    let mut profile = Profile::fresh("Awa", "Koné");
    profile.consent = Consent {
        terms_of_use: Some(given()),
        processing_of_personal_data: Some(given()),
        permission_to_verify: Some(given()),
    };
    profile.identity = Identity {
        date_of_birth: Some(day("1992-03-04")),
        nationality: Some(text("CI")),
        phone: Some(text("+2250707070707")),
        city: Some(text("Abidjan")),
        country: Some(text("CI")),
        profile_title: Some(text("Développeuse backend")),
        professional_summary: Some("é".repeat(300)),
        sector: Some(text("Informatique")),
        main_occupation: Some(text("Développeuse")),
        total_years_of_experience: Some(0),
        ..profile.identity
    };
    profile.experiences = vec![experience()];
    profile.educations = vec![education()];
    profile.skills.technical = vec![TechnicalSkill {
        name: Some(text("Rust")),
        ..TechnicalSkill::default()
    }];
    profile.job_preferences = JobPreferences {
        desired_positions: vec!["Lead".to_owned()],
        contract_types: vec![ContractType::Permanent],
        locations: vec!["Abidjan".to_owned()],
        availability: Some(Availability::Immediate),
        salary_range: Some(salary()),
        ..JobPreferences::default()
    };
    profile
}

fn document(kind: DocumentKind, experience_id: Option<Uuid>) -> DocumentFacts {
    DocumentFacts {
        id: Uuid::from_u128(9),
        kind,
        status: DocumentStatus::Available,
        experience_id,
        archived: false,
    }
}

fn cv() -> DocumentFacts {
    document(DocumentKind::Cv, None)
}

fn proof() -> DocumentFacts {
    document(DocumentKind::WorkCertificate, Some(Uuid::from_u128(1)))
}

fn pointers(completion: &Completion) -> Vec<&str> {
    completion
        .blockers
        .iter()
        .map(|blocker| blocker.pointer.as_str())
        .collect()
}

fn single(profile: &Profile) -> (String, FieldCode) {
    let completion = assess(profile, &[cv(), proof()], today());
    assert_eq!(completion.blockers.len(), 1, "{:?}", completion.blockers);
    let blocker = completion.blockers[0].clone();
    (blocker.pointer, blocker.code)
}

#[test]
fn a_fresh_profile_lists_what_the_contract_says() {
    let completion = assess(&Profile::fresh("Awa", "Koné"), &[], today());
    assert_eq!(completion.percentage, 2);
    assert_eq!(completion.current_step, StepName::Consent);
    assert!(!completion.can_submit);
    assert_eq!(
        pointers(&completion),
        [
            "/consent/terms_of_use",
            "/consent/processing_of_personal_data",
            "/consent/permission_to_verify",
            "/identity/date_of_birth",
            "/identity/nationality",
            "/identity/phone",
            "/identity/city",
            "/identity/country",
            "/identity/profile_title",
            "/identity/professional_summary",
            "/identity/sector",
            "/identity/main_occupation",
            "/identity/total_years_of_experience",
            "/experiences",
            "/educations",
            "/skills/technical",
            "/documents/cv",
            "/job_preferences/desired_positions",
            "/job_preferences/contract_types",
            "/job_preferences/locations",
            "/job_preferences/availability",
            "/job_preferences/salary_range",
            "/completion_percentage",
        ]
    );
    let statuses: Vec<_> = completion.steps.iter().map(|step| step.status).collect();
    let mut expected = [StepStatus::Todo; 9];
    expected[4] = StepStatus::Complete;
    assert_eq!(statuses, expected);
    let numbers: Vec<_> = completion.steps.iter().map(|step| step.number).collect();
    assert_eq!(numbers, (0..9).collect::<Vec<u8>>());
}

#[test]
fn a_complete_profile_can_be_submitted_at_94_and_proof_makes_100() {
    let completion = assess(&complete(), &[cv()], today());
    assert_eq!((completion.percentage, completion.can_submit), (94, true));
    assert_eq!(completion.current_step, StepName::Review);
    assert_eq!(completion.blockers, []);
    assert_eq!(
        assess(&complete(), &[cv(), proof()], today()).percentage,
        100
    );
}

#[test]
fn proof_counts_only_when_usable_and_for_a_complete_experience() {
    let mut archived = proof();
    archived.archived = true;
    let mut scanning = proof();
    scanning.status = DocumentStatus::Scanning;
    let foreign = document(DocumentKind::WorkCertificate, Some(Uuid::from_u128(2)));
    for useless in [archived, scanning, foreign] {
        assert_eq!(
            assess(&complete(), &[cv(), useless], today()).percentage,
            94
        );
    }
    let mut profile = complete();
    profile.experiences[0].position = None;
    assert_eq!(assess(&profile, &[cv(), proof()], today()).percentage, 88);
}

#[test]
fn fractions_are_added_before_rounding() {
    let mut profile = complete();
    profile.identity.phone = None;
    profile.experiences.push(Experience {
        company: Some(text("X")),
        ..experience()
    });
    profile.experiences[1].start_date = None;
    profile.educations[0].level = None;
    // 20·14/15 + 24·7/8 + 15·3/4 + 25 + 10 = 18 2/3 + 21 + 11 1/4 + 35 = 85 11/12
    assert_eq!(assess(&profile, &[cv()], today()).percentage, 85);
    profile.job_preferences.salary_range = None;
    profile.experiences.pop();
    // 18 2/3 + 24 + 11 1/4 + 25 + 8 = 86 11/12
    assert_eq!(assess(&profile, &[cv()], today()).percentage, 86);
}

#[test]
fn the_latest_usable_cv_counts() {
    let mut infected = cv();
    infected.id = Uuid::from_u128(10);
    infected.status = DocumentStatus::Infected;
    assert!(assess(&complete(), &[cv(), infected.clone()], today()).can_submit);
    let completion = assess(&complete(), &[infected], today());
    assert_eq!(
        pointers(&completion),
        ["/documents/cv", "/completion_percentage"]
    );
    assert_eq!(
        completion.step(StepName::Documents).unwrap().status,
        StepStatus::InProgress
    );
    assert_eq!(completion.current_step, StepName::Documents);
}

#[test]
fn rules_between_fields_are_blockers() {
    let mut profile = complete();
    profile.experiences[0].end_date = Some(day("2019-01-01"));
    assert_eq!(
        single(&profile),
        (
            "/experiences/0/end_date".to_owned(),
            FieldCode::EndBeforeStart
        )
    );
    profile = complete();
    profile.experiences[0].current = Some(false);
    assert_eq!(
        single(&profile),
        ("/experiences/0/end_date".to_owned(), FieldCode::Required)
    );
    profile = complete();
    profile.experiences[0].start_date = Some(day("2026-11-25"));
    assert_eq!(
        single(&profile),
        ("/experiences/0/start_date".to_owned(), FieldCode::InFuture)
    );
    profile = complete();
    profile.educations[0].start_year = Some(2016);
    let expected = (
        "/educations/0/graduation_year".to_owned(),
        FieldCode::EndBeforeStart,
    );
    assert_eq!(single(&profile), expected);
    profile = complete();
    profile.educations[0].graduation_year = Some(2035);
    let expected = (
        "/educations/0/graduation_year".to_owned(),
        FieldCode::InFuture,
    );
    assert_eq!(single(&profile), expected);
    profile = complete();
    profile.identity.professional_summary = Some("é".repeat(299));
    let expected = (
        "/identity/professional_summary".to_owned(),
        FieldCode::TooShort,
    );
    assert_eq!(single(&profile), expected);
    profile = complete();
    profile.skills.technical[0].name = None;
    assert_eq!(
        single(&profile),
        ("/skills/technical/0/name".to_owned(), FieldCode::Required)
    );
}

#[test]
fn an_experience_may_begin_today_and_last_a_day() {
    let mut profile = complete();
    profile.experiences[0].start_date = Some(today());
    profile.experiences[0].end_date = Some(today());
    profile.educations[0].start_year = profile.educations[0].graduation_year;
    assert!(assess(&profile, &[cv()], today()).can_submit);
}

#[test]
fn a_consent_withheld_is_no_consent() {
    let mut profile = complete();
    profile.consent.terms_of_use = Some(ConsentGiven {
        accepted: false,
        ..given()
    });
    assert_eq!(
        single(&profile),
        ("/consent/terms_of_use".to_owned(), FieldCode::Required)
    );
    let completion = assess(&profile, &[], today());
    assert_eq!(
        completion.step(StepName::Consent).unwrap().status,
        StepStatus::InProgress
    );
}

#[test]
fn a_salary_range_is_one_field() {
    let cases = [
        (
            SalaryRange {
                max: None,
                ..salary()
            },
            Some(FieldCode::Incomplete),
        ),
        (
            SalaryRange {
                currency: None,
                ..salary()
            },
            Some(FieldCode::Incomplete),
        ),
        (
            SalaryRange {
                period: None,
                ..salary()
            },
            Some(FieldCode::Incomplete),
        ),
        (
            SalaryRange {
                min: Some(900_001),
                ..salary()
            },
            Some(FieldCode::RangeInverted),
        ),
        (
            SalaryRange {
                min: Some(900_000),
                ..salary()
            },
            None,
        ),
        (SalaryRange::default(), Some(FieldCode::Required)),
    ];
    for (range, problem) in cases {
        let mut profile = complete();
        profile.job_preferences.salary_range = Some(range);
        let completion = assess(&profile, &[cv()], today());
        let expected: Vec<_> = problem
            .map(|code| Blocker {
                pointer: "/job_preferences/salary_range".to_owned(),
                code,
            })
            .into_iter()
            .collect();
        assert_eq!(completion.blockers, expected);
    }
}

#[path = "completion_properties.rs"]
mod properties;
