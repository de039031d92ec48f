//! The required fields, step by step: which are valid, and what is wrong with the others.
//!
//! The gauge and the list of blockers both come from these checks, so that they cannot disagree.

use std::fmt::Arguments;

use chrono::{Datelike, NaiveDate};

use super::age;
use super::completion::Blocker;

use crate::candidates::profile::{
    Certification, Consent, ConsentGiven, Education, Experience, Identity, JobPreferences,
    SalaryRange, Skills,
};
use crate::documents::rules::{DocumentFacts, current_cv};
use crate::fields::FieldCode;

/// Characters of a professional summary before submission.
const MIN_SUMMARY: usize = 300;
/// How many years ahead a graduation may lie: a doctorate that has just begun.
const GRADUATION_AHEAD: i32 = 8;

/// The required fields of one step, counted, and the blockers among them.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) fields: u64,
    pub(super) valid: u64,
    pub(super) blockers: Vec<Blocker>,
}

impl Checks {
    fn field(&mut self, pointer: Arguments<'_>, problem: Option<FieldCode>) {
        self.fields += 1;
        match problem {
            None => self.valid += 1,
            Some(code) => self.blockers.push(Blocker {
                pointer: pointer.to_string(),
                code,
            }),
        }
    }

    fn is_complete(&self) -> bool {
        self.blockers.is_empty()
    }
}

fn required<T>(value: Option<&T>) -> Option<FieldCode> {
    value.is_none().then_some(FieldCode::Required)
}

fn text(value: Option<&String>) -> Option<FieldCode> {
    value
        .is_none_or(|text| text.trim().is_empty())
        .then_some(FieldCode::Required)
}

fn list<T>(values: &[T]) -> Option<FieldCode> {
    values.is_empty().then_some(FieldCode::Required)
}

pub(super) fn consent(consent: &Consent) -> Checks {
    let mut checks = Checks::default();
    let fields = [
        ("terms_of_use", &consent.terms_of_use),
        (
            "processing_of_personal_data",
            &consent.processing_of_personal_data,
        ),
        ("permission_to_verify", &consent.permission_to_verify),
    ];
    for (name, given) in fields {
        let accepted = given
            .as_ref()
            .is_some_and(|ConsentGiven { accepted, .. }| *accepted);
        let problem = (!accepted).then_some(FieldCode::Required);
        checks.field(format_args!("/consent/{name}"), problem);
    }
    checks
}

pub(super) fn identity(identity: &Identity, today: NaiveDate) -> Checks {
    let mut checks = Checks::default();
    let born = identity
        .date_of_birth
        .map_or(Some(FieldCode::Required), |born| {
            (!age::is_old_enough(born, today)).then_some(FieldCode::UnderAge)
        });
    let summary = text(identity.professional_summary.as_ref()).or_else(|| {
        let summary = identity.professional_summary.as_deref().unwrap_or_default();
        (summary.trim().chars().count() < MIN_SUMMARY).then_some(FieldCode::TooShort)
    });
    let fields = [
        ("first_name", text(identity.first_name.as_ref())),
        ("last_name", text(identity.last_name.as_ref())),
        ("date_of_birth", born),
        ("nationality", text(identity.nationality.as_ref())),
        ("phone", text(identity.phone.as_ref())),
        ("city", text(identity.city.as_ref())),
        ("country", text(identity.country.as_ref())),
        ("profile_title", text(identity.profile_title.as_ref())),
        ("professional_summary", summary),
        ("sector", text(identity.sector.as_ref())),
        ("main_occupation", text(identity.main_occupation.as_ref())),
        (
            "total_years_of_experience",
            required(identity.total_years_of_experience.as_ref()),
        ),
    ];
    for (name, problem) in fields {
        checks.field(format_args!("/identity/{name}"), problem);
    }
    checks
}

pub(super) fn experiences(experiences: &[Experience], today: NaiveDate) -> Checks {
    let mut checks = Checks::default();
    if experiences.is_empty() {
        checks.field(format_args!("/experiences"), Some(FieldCode::Required));
    }
    for (index, experience) in experiences.iter().enumerate() {
        check_experience(&mut checks, index, experience, today);
    }
    checks
}

/// The four required fields of an experience: an end date or `current` is one field.
fn check_experience(checks: &mut Checks, index: usize, experience: &Experience, today: NaiveDate) {
    let fields = [
        ("company", text(experience.company.as_ref())),
        ("position", text(experience.position.as_ref())),
        ("start_date", start(experience.start_date, today)),
        ("end_date", end(experience)),
    ];
    for (name, problem) in fields {
        checks.field(format_args!("/experiences/{index}/{name}"), problem);
    }
}

/// Work that has not begun is no experience yet.
fn start(start: Option<NaiveDate>, today: NaiveDate) -> Option<FieldCode> {
    start.map_or(Some(FieldCode::Required), |start| {
        (start > today).then_some(FieldCode::InFuture)
    })
}

/// An end may lie ahead: a fixed term ends on a day that is known.
fn end(experience: &Experience) -> Option<FieldCode> {
    match (experience.start_date, experience.end_date) {
        (Some(start), Some(end)) if end < start => Some(FieldCode::EndBeforeStart),
        (_, Some(_)) => None,
        (_, None) => (experience.current != Some(true)).then_some(FieldCode::Required),
    }
}

/// Whether one complete experience has a document that counts.
pub(super) fn has_proven_experience(
    experiences: &[Experience],
    documents: &[DocumentFacts],
    today: NaiveDate,
) -> bool {
    experiences.iter().any(|experience| {
        let mut checks = Checks::default();
        check_experience(&mut checks, 0, experience, today);
        let proven = documents
            .iter()
            .any(|document| document.experience_id == Some(experience.id) && document.is_usable());
        proven && checks.is_complete()
    })
}

pub(super) fn educations(educations: &[Education], today: NaiveDate) -> Checks {
    let mut checks = Checks::default();
    if educations.is_empty() {
        checks.field(format_args!("/educations"), Some(FieldCode::Required));
    }
    for (index, education) in educations.iter().enumerate() {
        let fields = [
            ("diploma", text(education.diploma.as_ref())),
            ("institution", text(education.institution.as_ref())),
            ("graduation_year", graduation(education, today)),
            ("level", required(education.level.as_ref())),
        ];
        for (name, problem) in fields {
            checks.field(format_args!("/educations/{index}/{name}"), problem);
        }
    }
    checks
}

fn graduation(education: &Education, today: NaiveDate) -> Option<FieldCode> {
    match (education.start_year, education.graduation_year) {
        (_, None) => Some(FieldCode::Required),
        (Some(start), Some(end)) if end < start => Some(FieldCode::EndBeforeStart),
        (_, Some(end)) => (end > today.year() + GRADUATION_AHEAD).then_some(FieldCode::InFuture),
    }
}

/// Nothing is required of a certification; what it says must not contradict itself.
pub(super) fn certifications(certifications: &[Certification]) -> Checks {
    let mut checks = Checks::default();
    for (index, certification) in certifications.iter().enumerate() {
        let ends_first = certification
            .year
            .zip(certification.expiry)
            .is_some_and(|(year, expiry)| expiry.year() < year);
        let problem = ends_first.then_some(FieldCode::EndBeforeStart);
        checks.field(format_args!("/certifications/{index}/expiry"), problem);
    }
    checks
}

/// One technical skill at least; an entry without its name or code says nothing.
pub(super) fn skills(skills: &Skills) -> Checks {
    let mut checks = Checks::default();
    if skills.technical.is_empty() {
        checks.field(format_args!("/skills/technical"), Some(FieldCode::Required));
    }
    for (index, skill) in skills.technical.iter().enumerate() {
        let problem = text(skill.name.as_ref());
        checks.field(format_args!("/skills/technical/{index}/name"), problem);
    }
    for (index, tool) in skills.tools.iter().enumerate() {
        let problem = text(tool.name.as_ref());
        checks.field(format_args!("/skills/tools/{index}/name"), problem);
    }
    for (index, language) in skills.languages.iter().enumerate() {
        let problem = text(language.code.as_ref());
        checks.field(format_args!("/skills/languages/{index}/code"), problem);
    }
    checks
}

pub(super) fn documents(documents: &[DocumentFacts]) -> Checks {
    let mut checks = Checks::default();
    let problem = required(current_cv(documents).as_ref());
    checks.field(format_args!("/documents/cv"), problem);
    checks
}

pub(super) fn preferences(preferences: &JobPreferences) -> Checks {
    let mut checks = Checks::default();
    let fields = [
        ("desired_positions", list(&preferences.desired_positions)),
        ("contract_types", list(&preferences.contract_types)),
        ("locations", list(&preferences.locations)),
        ("availability", required(preferences.availability.as_ref())),
        ("salary_range", salary(preferences.salary_range.as_ref())),
    ];
    for (name, problem) in fields {
        checks.field(format_args!("/job_preferences/{name}"), problem);
    }
    checks
}

/// The salary range is one field, valid when all four of its parts are and the low end is not
/// above the high one.
fn salary(salary: Option<&SalaryRange>) -> Option<FieldCode> {
    let Some(salary) = salary.filter(|salary| **salary != SalaryRange::default()) else {
        return Some(FieldCode::Required);
    };
    let bounds = salary.min.zip(salary.max);
    match (bounds, salary.currency, salary.period) {
        (Some((min, max)), _, _) if min > max => Some(FieldCode::RangeInverted),
        (Some((0.., _)), Some(_), Some(_)) => None,
        _ => Some(FieldCode::Incomplete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day")
    }

    #[test]
    fn a_graduation_lies_between_the_start_and_eight_years_from_now() {
        for (start, end, problem) in [
            (Some(2020), None, Some(FieldCode::Required)),
            (Some(2020), Some(2019), Some(FieldCode::EndBeforeStart)),
            (Some(2020), Some(2020), None),
            (None, Some(2034), None),
            (None, Some(2035), Some(FieldCode::InFuture)),
        ] {
            let education = Education {
                start_year: start,
                graduation_year: end,
                ..Education::default()
            };
            assert_eq!(
                graduation(&education, today()),
                problem,
                "{start:?} {end:?}"
            );
        }
    }

    #[test]
    fn a_certification_does_not_end_before_it_begins() {
        let of = |year, expiry: i32| Certification {
            year: Some(year),
            expiry: NaiveDate::from_ymd_opt(expiry, 1, 1),
            ..Certification::default()
        };
        let checks = certifications(&[of(2021, 2020), of(2021, 2021), of(2021, 2022)]);
        assert_eq!((checks.fields, checks.valid), (3, 2));
        let found: Vec<_> = checks
            .blockers
            .iter()
            .map(|blocker| (blocker.pointer.as_str(), blocker.code))
            .collect();
        let expected = ("/certifications/0/expiry", FieldCode::EndBeforeStart);
        assert_eq!(found, [expected]);
    }
}
