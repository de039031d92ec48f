//! The reference lists that forms, filters and validation share, with French and English labels.
//!
//! Countries and languages are generated from CLDR (see `data/README.md`); the others are ours.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The stable code.
    pub code: String,
    /// French label.
    pub label_fr: String,
    /// English label.
    pub label_en: String,
}

macro_rules! lists {
    ($($(#[$doc:meta])* $static:ident $name:literal $file:literal;)+) => {
        $(
            static $static: LazyLock<Vec<Entry>> =
                LazyLock::new(|| parse(include_str!(concat!("data/", $file, ".json"))));
        )+

        /// The names of all lists, as in `GET /reference/{list}`.
        pub const LISTS: &[&str] = &[$($name),+];

        /// The list of that name.
        #[must_use]
        pub fn lookup(list: &str) -> Option<&'static [Entry]> {
            match list {
                $($name => Some(&$static),)+
                _ => None,
            }
        }
    };
}

lists! {
    AVAILABILITY "availability" "availability";
    BEHAVIOURAL_SKILLS "behavioural-skills" "behavioural_skills";
    CONTRACT_TYPES "contract-types" "contract_types";
    COUNTRIES "countries" "countries";
    CURRENCIES "currencies" "currencies";
    DOCUMENT_KINDS "document-kinds" "document_kinds";
    EDUCATION_LEVELS "education-levels" "education_levels";
    GENDERS "genders" "genders";
    LANGUAGE_LEVELS "language-levels" "language_levels";
    LANGUAGES "languages" "languages";
    MOBILITY "mobility" "mobility";
    OCCUPATIONS "occupations" "occupations";
    SALARY_PERIODS "salary-periods" "salary_periods";
    SECTORS "sectors" "sectors";
    SKILL_LEVELS "skill-levels" "skill_levels";
    SKILLS "skills" "skills";
}

static COUNTRY_CODES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| codes(&COUNTRIES));
static LANGUAGE_CODES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| codes(&LANGUAGES));
static BEHAVIOURAL_CODES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| codes(&BEHAVIOURAL_SKILLS));

/// Whether that is an ISO 3166-1 alpha-2 code.
#[must_use]
pub fn is_country(code: &str) -> bool {
    COUNTRY_CODES.contains(code)
}

/// Whether that is an ISO 639-1 code.
#[must_use]
pub fn is_language(code: &str) -> bool {
    LANGUAGE_CODES.contains(code)
}

/// Whether that is a code of the list `behavioural-skills`.
#[must_use]
pub fn is_behavioural_skill(code: &str) -> bool {
    BEHAVIOURAL_CODES.contains(code)
}

#[derive(Deserialize)]
struct CountryZone {
    country: String,
    zone: String,
}

static TIME_ZONES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let zones: Vec<CountryZone> =
        serde_json::from_str(include_str!("data/time_zones.json")).unwrap_or_default();
    zones.into_iter().map(|it| (it.country, it.zone)).collect()
});

/// The time zone of a country, by its IANA name: of several the one in which most people live.
#[must_use]
pub fn time_zone(country: &str) -> Option<&'static str> {
    TIME_ZONES.get(country).map(String::as_str)
}

fn codes(list: &'static [Entry]) -> HashSet<&'static str> {
    list.iter().map(|entry| entry.code.as_str()).collect()
}

/// The files are part of the program and a test reads every one of them.
fn parse(json: &str) -> Vec<Entry> {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidates::profile::{
        Availability, ContractType, Currency, EducationLevel, Gender, LanguageLevel, Mobility,
        SalaryPeriod, SkillLevel,
    };
    use crate::documents::rules::DocumentKind;

    #[test]
    fn every_list_is_there_with_distinct_codes_and_labels() {
        for name in LISTS {
            let list = lookup(name).unwrap();
            assert!(!list.is_empty(), "{name}");
            assert_eq!(codes_of(name).len(), codes(list).len(), "{name}");
            for entry in list {
                let texts = [&entry.code, &entry.label_fr, &entry.label_en];
                assert!(texts.iter().all(|text| !text.trim().is_empty()), "{name}");
            }
        }
        assert_eq!(lookup("planets"), None);
    }

    #[test]
    fn the_closed_lists_are_the_enums() {
        macro_rules! same {
            ($($list:literal $name:ident;)+) => {$(
                let expected: Vec<_> = $name::ALL.iter().map(|code| code.as_str()).collect();
                assert_eq!(codes_of($list), expected, $list);
            )+};
        }
        same! {
            "availability" Availability;
            "contract-types" ContractType;
            "currencies" Currency;
            "document-kinds" DocumentKind;
            "education-levels" EducationLevel;
            "genders" Gender;
            "language-levels" LanguageLevel;
            "mobility" Mobility;
            "salary-periods" SalaryPeriod;
            "skill-levels" SkillLevel;
        }
    }

    #[test]
    fn countries_and_languages_are_those_of_iso() {
        assert_eq!(lookup("countries").unwrap().len(), 249);
        assert!(is_country("CI") && is_country("FR"));
        assert!(!is_country("ci") && !is_country("XX") && !is_country("UK"));
        assert!(is_language("fr") && !is_language("FR") && !is_language("zz"));
    }

    fn codes_of(list: &str) -> Vec<&'static str> {
        let entries = lookup(list).unwrap();
        entries.iter().map(|entry| entry.code.as_str()).collect()
    }
}
