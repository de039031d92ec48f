//! The autosave contract holds for any body.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Texts that some field takes, so that the reader gets past the first check.
const TEXTS: &[&str] = &[
    "CI",
    "fr",
    "B2",
    "EUR",
    "month",
    "immediate",
    "2020-02-29",
    "+2250707070707",
    "permanent",
    "bac_5",
    "teamwork",
    "expert",
    "https://example.org",
];

const NAMES: &[&str] = &[
    "experiences",
    "educations",
    "certifications",
    "technical",
    "behavioural",
    "tools",
    "languages",
    "salary_range",
    "min",
    "max",
    "currency",
    "period",
    "company",
    "id",
    "start_date",
    "end_date",
    "current",
    "level",
    "name",
    "years",
    "code",
    "phone",
    "city",
    "country",
    "contract_types",
    "desired_positions",
    "terms_of_use",
    "x",
];

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(?s).{0,12}".prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 40, 8, |inner| {
        let member = (prop::sample::select(NAMES), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..8).prop_map(|members| {
                let members = members.into_iter();
                members
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_json_is_refused_whole_or_kept_whole(body in json_value(), step in 0_usize..9) {
        let step = StepName::ALL[step];
        let mut profile = Profile::fresh("Awa", "Koné");
        match patch(&mut profile, step, body) {
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                prop_assert_eq!(profile, Profile::fresh("Awa", "Koné"));
            }
            Ok(()) => {
                let _ = crate::candidates::rules::assess(&profile, &[], context().today);
            }
        }
    }

    /// What was kept, sent back as it reads, changes nothing.
    #[test]
    fn a_patch_repeated_changes_nothing(
        city in proptest::option::of("(?s)[^\\x00]{0,40}"),
        companies in prop::collection::vec("(?s)[^\\x00]{0,40}", 0..4),
        text in "(?s)[^\\x00]{0,200}",
    ) {
        let mut profile = Profile::default();
        let items: Vec<_> = companies.iter().map(|c| json!({"company": c, "missions": text})).collect();
        patch(&mut profile, StepName::Identity, json!({"city": city})).unwrap();
        patch(&mut profile, StepName::Experiences, json!({"experiences": items})).unwrap();
        let before = profile.clone();
        let again = serde_json::to_value(&profile).unwrap();
        patch(&mut profile, StepName::Identity, again["identity"].clone()).unwrap();
        let experiences = json!({"experiences": again["experiences"]});
        patch(&mut profile, StepName::Experiences, experiences).unwrap();
        prop_assert_eq!(profile, before);
    }
}
