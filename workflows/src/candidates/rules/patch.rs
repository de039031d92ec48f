//! The autosave of one step: what a `PATCH` may change and what it is refused for.
//!
//! Refused is what cannot be kept (a type, a length, a code, a date); what is merely absent, too
//! short or upside down is kept and shows up among the blockers.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::age;
use crate::candidates::profile::{
    Certification, Consent, ConsentGiven, ConsentVersions, ContractType, Education, Experience,
    Identity, JobPreferences, Profile, SalaryRange, Skills, StepName,
};
use crate::documents::rules::{DocumentFacts, DocumentKind};
use crate::fields::formats::{self, MAX_ITEMS};
use crate::fields::phone;
use crate::fields::reader::{Errors, Item, Reader, parse_id};
use crate::fields::{FieldCode, FieldError};
use crate::reference;

/// Desired positions.
const MAX_POSITIONS: usize = 5;
/// The largest salary in minor units; JSON numbers are exact up to 2^53.
const MAX_SALARY: i64 = 1_000_000_000_000;

/// What a patch needs to know beside the profile.
#[derive(Debug)]
pub struct PatchContext<'a> {
    /// Today, for the age.
    pub today: NaiveDate,
    /// Now, for the consents.
    pub now: DateTime<Utc>,
    /// The versions of the three texts that the person sees.
    pub consent_versions: &'a ConsentVersions,
    /// The person's own documents, among which the photo must be.
    pub documents: &'a [DocumentFacts],
}

/// Applies a partial body to one step of the profile; on an error nothing changes.
///
/// Pointers of the errors lead into the body. Ids of new entries come from `new_id`.
pub fn apply_patch(
    step: StepName,
    profile: &mut Profile,
    body: Value,
    context: &PatchContext<'_>,
    new_id: &mut dyn FnMut() -> Uuid,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Errors::default();
    let mut next = profile.clone();
    if let Some(mut reader) = Reader::open(String::new(), body, &mut errors) {
        read_step(step, &mut reader, &mut next, context, new_id);
        reader.finish();
    }
    errors.into_result()?;
    *profile = next;
    Ok(())
}

/// What of a step is kept although it is most likely wrong. Pointers lead into the step's body.
#[must_use]
pub fn warnings(step: StepName, profile: &Profile) -> Vec<FieldError> {
    let phone = profile.identity.phone.as_deref();
    match step {
        StepName::Identity if phone.is_some_and(|phone| !phone::is_dialled(phone)) => {
            vec![FieldError::new("/phone", FieldCode::PhoneNotDialled)]
        }
        _ => Vec::new(),
    }
}

fn read_step(
    step: StepName,
    reader: &mut Reader<'_>,
    profile: &mut Profile,
    context: &PatchContext<'_>,
    new_id: &mut dyn FnMut() -> Uuid,
) {
    match step {
        StepName::Consent => read_consent(reader, &mut profile.consent, context),
        StepName::Identity => read_identity(reader, &mut profile.identity, context),
        StepName::Experiences => {
            reader.items(
                "experiences",
                &mut profile.experiences,
                new_id,
                read_experience,
            );
        }
        StepName::Educations => {
            reader.items(
                "educations",
                &mut profile.educations,
                new_id,
                read_education,
            );
        }
        StepName::Certifications => reader.items(
            "certifications",
            &mut profile.certifications,
            new_id,
            read_certification,
        ),
        StepName::Skills => read_skills(reader, &mut profile.skills),
        StepName::JobPreferences => read_preferences(reader, &mut profile.job_preferences),
        StepName::Documents | StepName::Review => {}
    }
}

fn read_consent(reader: &mut Reader<'_>, consent: &mut Consent, context: &PatchContext<'_>) {
    let versions = context.consent_versions;
    let fields = [
        (
            "terms_of_use",
            &mut consent.terms_of_use,
            &versions.terms_of_use,
        ),
        (
            "processing_of_personal_data",
            &mut consent.processing_of_personal_data,
            &versions.processing_of_personal_data,
        ),
        (
            "permission_to_verify",
            &mut consent.permission_to_verify,
            &versions.permission_to_verify,
        ),
    ];
    for (name, given, version) in fields {
        let before = given.clone();
        reader.value(name, given, |value| {
            let accepted = value.as_bool().ok_or(FieldCode::WrongType)?;
            Ok(Some(record_consent(before, accepted, version, context.now)))
        });
    }
}

/// A consent repeated on the same version keeps its first moment.
fn record_consent(
    before: Option<ConsentGiven>,
    accepted: bool,
    version: &str,
    now: DateTime<Utc>,
) -> ConsentGiven {
    before
        .filter(|before| before.accepted == accepted && before.version == version)
        .unwrap_or_else(|| ConsentGiven {
            accepted,
            version: version.to_owned(),
            at: now,
        })
}

fn read_identity(reader: &mut Reader<'_>, identity: &mut Identity, context: &PatchContext<'_>) {
    reader.label("first_name", &mut identity.first_name);
    reader.label("last_name", &mut identity.last_name);
    reader.string("date_of_birth", &mut identity.date_of_birth, |value| {
        age::birth_date(value, context.today)
    });
    reader.code("gender", &mut identity.gender);
    reader.country("nationality", &mut identity.nationality);
    reader.string("phone", &mut identity.phone, phone::phone);
    reader.line("address", &mut identity.address);
    reader.label("city", &mut identity.city);
    reader.country("country", &mut identity.country);
    reader.label("profile_title", &mut identity.profile_title);
    reader.long_text("professional_summary", &mut identity.professional_summary);
    reader.label("sector", &mut identity.sector);
    reader.label("main_occupation", &mut identity.main_occupation);
    reader.years(
        "total_years_of_experience",
        &mut identity.total_years_of_experience,
    );
    reader.string(
        "photo_document_id",
        &mut identity.photo_document_id,
        |value| own_photo(parse_id(value)?, context.documents),
    );
}

fn own_photo(id: Uuid, documents: &[DocumentFacts]) -> Result<Uuid, FieldCode> {
    documents
        .iter()
        .any(|document| document.id == id && document.kind == DocumentKind::Photo)
        .then_some(id)
        .ok_or(FieldCode::UnknownDocument)
}

fn read_experience(reader: &mut Reader<'_>, experience: &mut Experience) {
    reader.label("company", &mut experience.company);
    reader.label("sector", &mut experience.sector);
    reader.label("position", &mut experience.position);
    reader.code("contract_type", &mut experience.contract_type);
    reader.string("start_date", &mut experience.start_date, formats::date);
    reader.string("end_date", &mut experience.end_date, formats::date);
    reader.boolean("current", &mut experience.current);
    reader.long_text("missions", &mut experience.missions);
    reader.long_text("achievements", &mut experience.achievements);
}

fn read_education(reader: &mut Reader<'_>, education: &mut Education) {
    reader.line("diploma", &mut education.diploma);
    reader.label("institution", &mut education.institution);
    reader.country("country", &mut education.country);
    reader.year("start_year", &mut education.start_year);
    reader.year("graduation_year", &mut education.graduation_year);
    reader.code("level", &mut education.level);
}

fn read_certification(reader: &mut Reader<'_>, certification: &mut Certification) {
    reader.label("title", &mut certification.title);
    reader.label("issuer", &mut certification.issuer);
    reader.year("year", &mut certification.year);
    reader.string("expiry", &mut certification.expiry, formats::date);
    reader.line("credential_id", &mut certification.credential_id);
    reader.string(
        "verification_url",
        &mut certification.verification_url,
        formats::url,
    );
}

fn read_skills(reader: &mut Reader<'_>, skills: &mut Skills) {
    reader.objects("technical", &mut skills.technical, |reader, skill| {
        reader.label("name", &mut skill.name);
        reader.code("level", &mut skill.level);
        reader.years("years", &mut skill.years);
    });
    reader.codes("behavioural", &mut skills.behavioural, |code| {
        reference::is_behavioural_skill(code).then(|| code.to_owned())
    });
    reader.objects("tools", &mut skills.tools, |reader, tool| {
        reader.label("name", &mut tool.name);
        reader.code("level", &mut tool.level);
    });
    reader.objects("languages", &mut skills.languages, |reader, language| {
        reader.string("code", &mut language.code, |code| {
            if reference::is_language(code) {
                Ok(code.to_owned())
            } else {
                Err(FieldCode::UnknownLanguage)
            }
        });
        reader.code("level", &mut language.level);
    });
}

fn read_preferences(reader: &mut Reader<'_>, preferences: &mut JobPreferences) {
    reader.labels(
        "desired_positions",
        &mut preferences.desired_positions,
        MAX_POSITIONS,
    );
    reader.codes(
        "contract_types",
        &mut preferences.contract_types,
        ContractType::from_code,
    );
    reader.labels("target_sectors", &mut preferences.target_sectors, MAX_ITEMS);
    reader.labels("locations", &mut preferences.locations, MAX_ITEMS);
    reader.code("mobility", &mut preferences.mobility);
    reader.code("availability", &mut preferences.availability);
    reader.object("salary_range", &mut preferences.salary_range, read_salary);
}

fn read_salary(reader: &mut Reader<'_>, salary: &mut SalaryRange) {
    reader.integer("min", &mut salary.min, 0, MAX_SALARY);
    reader.integer("max", &mut salary.max, 0, MAX_SALARY);
    reader.code("currency", &mut salary.currency);
    reader.code("period", &mut salary.period);
}

macro_rules! item {
    ($($name:ident),+) => {
        $(impl Item for $name {
            fn id(&self) -> Uuid {
                self.id
            }

            fn set_id(&mut self, id: Uuid) {
                self.id = id;
            }
        })+
    };
}

item!(Experience, Education, Certification);

#[cfg(test)]
#[path = "patch_tests.rs"]
mod tests;
