//! The gauge for any profile.

use proptest::prelude::*;

use super::*;

/// A profile whose required fields are there or not, as the mask says.
fn masked(mask: &[bool; 32], experiences: usize, educations: usize) -> Profile {
    let mut profile = complete();
    let mut bits = mask.iter().copied().cycle();
    let mut drop = || !bits.next().unwrap_or_default();
    if drop() {
        profile.consent.terms_of_use = None;
    }
    if drop() {
        profile.consent.permission_to_verify = None;
    }
    if drop() {
        profile.identity.first_name = None;
    }
    if drop() {
        profile.identity.phone = None;
    }
    if drop() {
        profile.identity.professional_summary = Some(text("short"));
    }
    if drop() {
        profile.identity.total_years_of_experience = None;
    }
    profile.experiences = (0..experiences)
        .map(|_| {
            let mut item = experience();
            if drop() {
                item.company = None;
            }
            if drop() {
                item.start_date = None;
            }
            if drop() {
                item.current = None;
            }
            item
        })
        .collect();
    profile.educations = (0..educations)
        .map(|_| {
            let mut item = education();
            if drop() {
                item.level = None;
            }
            if drop() {
                item.diploma = Some(text("  "));
            }
            item
        })
        .collect();
    if drop() {
        profile.job_preferences.locations.clear();
    }
    if drop() {
        profile.job_preferences.salary_range = None;
    }
    profile
}

/// The same gauge by counting blockers and by floating numbers, which are exact enough here.
fn naive(profile: &Profile, completion: &Completion, documents: &[DocumentFacts]) -> f64 {
    let missing = |prefix: &str| {
        let count = pointers(completion)
            .iter()
            .filter(|p| p.starts_with(prefix))
            .count();
        f64::from(u32::try_from(count).unwrap())
    };
    let share = |points: f64, items: usize, prefix: &str| {
        let fields = 4.0 * f64::from(u32::try_from(items).unwrap());
        if items == 0 {
            0.0
        } else {
            points * (fields - missing(prefix)) / fields
        }
    };
    let proven = documents.len() > 1
        && (0..profile.experiences.len())
            .any(|index| missing(&format!("/experiences/{index}/")) < 0.5);
    20.0 * (15.0 - missing("/consent") - missing("/identity")) / 15.0
        + share(24.0, profile.experiences.len(), "/experiences/")
        + if proven { 6.0 } else { 0.0 }
        + share(15.0, profile.educations.len(), "/educations/")
        + if documents.is_empty() { 0.0 } else { 25.0 }
        + 10.0 * (5.0 - missing("/job_preferences")) / 5.0
}

proptest! {
    #[test]
    fn the_gauge_equals_a_naive_one_and_grows_with_every_field(
        mask in any::<[bool; 32]>(),
        filled in 0_usize..32,
        experiences in 0_usize..7,
        educations in 0_usize..7,
        documents in 0_usize..3,
    ) {
        let documents = &[cv(), proof()][..documents];
        let profile = masked(&mask, experiences, educations);
        let completion = assess(&profile, documents, today());
        let expected = naive(&profile, &completion, documents);
        let difference = (expected + 1e-9).floor() - f64::from(completion.percentage);
        prop_assert!(difference.abs() < 0.5);
        prop_assert!(completion.percentage <= 100);

        let mut more = mask;
        more[filled] = true;
        let after = assess(&masked(&more, experiences, educations), documents, today());
        prop_assert!(after.percentage >= completion.percentage);
        prop_assert!(after.blockers.len() <= completion.blockers.len());
    }

    #[test]
    fn blockers_are_distinct_and_agree_with_the_steps(
        mask in any::<[bool; 32]>(), experiences in 0_usize..4, documents in 0_usize..3,
    ) {
        let profile = masked(&mask, experiences, 1);
        let completion = assess(&profile, &[cv(), proof()][..documents], today());
        let listed = pointers(&completion);
        let distinct: std::collections::HashSet<_> = listed.iter().collect();
        prop_assert_eq!(distinct.len(), listed.len());
        let by_step: Vec<_> = completion.steps.iter().flat_map(|step| &step.missing).collect();
        prop_assert_eq!(by_step, listed);
        prop_assert_eq!(completion.can_submit, completion.blockers.is_empty());
        prop_assert_eq!(
            completion.blockers.iter().any(|b| b.pointer == "/completion_percentage"),
            completion.percentage < REQUIRED_PERCENTAGE
        );
    }
}
