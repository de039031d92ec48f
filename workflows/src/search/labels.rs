//! The short texts of a card, cleared alone and side by side, and the skills that may stand on it.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::card::{CardSkill, distinct};
use super::redaction::{Cleared, Redaction};
use super::words::fold;
use crate::candidates::profile::{Profile, SkillLevel, Skills};
use crate::reference;

/// The labels of one card.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub(super) profile_title: Option<Cleared>,
    pub(super) sector: Option<Cleared>,
    pub(super) occupation: Option<Cleared>,
    pub(super) city: Option<Cleared>,
    pub(super) locations: Vec<Cleared>,
    pub(super) skills: Vec<CardSkill>,
    pub(super) tools: Vec<CardSkill>,
    pub(super) certifications: Vec<Cleared>,
}

impl Labels {
    pub(super) fn of(redaction: &Redaction, profile: &Profile) -> Self {
        let label = |text: &Option<String>| text.as_deref().and_then(|text| redaction.label(text));
        let identity = &profile.identity;
        let technical = profile.skills.technical.iter();
        let tools = profile.skills.tools.iter();
        let titles = profile.certifications.iter().map(|c| &c.title);
        let mut labels = Self {
            profile_title: label(&identity.profile_title),
            sector: label(&identity.sector),
            occupation: label(&identity.main_occupation),
            city: label(&identity.city),
            locations: profile
                .job_preferences
                .locations
                .iter()
                .filter_map(|text| redaction.label(text))
                .collect(),
            skills: technical
                .filter_map(|skill| card_skill(label(&skill.name), skill.level))
                .collect(),
            tools: tools
                .filter_map(|tool| card_skill(label(&tool.name), tool.level))
                .collect(),
            certifications: titles.filter_map(label).collect(),
        };
        labels.clear_together(redaction);
        labels.locations = distinct(labels.locations);
        labels.certifications = distinct(labels.certifications);
        labels.skills = distinct_skills(labels.skills);
        labels.tools = distinct_skills(labels.tools);
        labels
    }

    /// Removes the labels that tell something side by side, in the order of the card.
    fn clear_together(&mut self, redaction: &Redaction) {
        let texts: Vec<&str> = self.texts().map(Cleared::as_str).collect();
        let mut gone = redaction.telling_together(&texts).into_iter();
        let mut stays = || !gone.next().unwrap_or(true);
        for single in [
            &mut self.profile_title,
            &mut self.sector,
            &mut self.occupation,
            &mut self.city,
        ] {
            if single.is_some() && !stays() {
                *single = None;
            }
        }
        self.locations.retain(|_| stays());
        self.skills.retain(|_| stays());
        self.tools.retain(|_| stays());
        self.certifications.retain(|_| stays());
    }

    fn texts(&self) -> impl Iterator<Item = &Cleared> {
        let singles = [
            &self.profile_title,
            &self.sector,
            &self.occupation,
            &self.city,
        ];
        let skills = self.skills.iter().chain(&self.tools);
        singles
            .into_iter()
            .flatten()
            .chain(&self.locations)
            .chain(skills.map(|skill| &skill.name))
            .chain(&self.certifications)
    }
}

fn card_skill(name: Option<Cleared>, level: Option<SkillLevel>) -> Option<CardSkill> {
    Some(CardSkill { name: name?, level })
}

fn distinct_skills(skills: Vec<CardSkill>) -> Vec<CardSkill> {
    let mut kept: Vec<CardSkill> = Vec::with_capacity(skills.len());
    for skill in skills {
        if kept.iter().all(|other| other.name != skill.name) {
            kept.push(skill);
        }
    }
    kept
}

/// The names of the reference list, as [`key`] makes them.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let entries = reference::lookup("skills").unwrap_or_default();
    entries
        .iter()
        .flat_map(|entry| [key(&entry.label_fr), key(&entry.label_en)])
        .collect()
});

/// The skills and tools of now that companies may see: those of the reference list and those that
/// a reviewer saw in the validated revision. On a validated profile these parts change at once, so
/// whatever else is there nobody has looked at.
#[must_use]
pub fn reviewed(now: &Skills, validated: &Skills) -> Skills {
    let seen: HashSet<String> = names(validated).map(|name| key(name)).collect();
    let may_show = |name: &Option<String>| {
        name.as_deref()
            .map(key)
            .is_some_and(|key| KNOWN.contains(&key) || seen.contains(&key))
    };
    let mut shown = now.clone();
    shown.technical.retain(|skill| may_show(&skill.name));
    shown.tools.retain(|tool| may_show(&tool.name));
    shown
}

fn names(skills: &Skills) -> impl Iterator<Item = &String> {
    let technical = skills
        .technical
        .iter()
        .filter_map(|skill| skill.name.as_ref());
    technical.chain(skills.tools.iter().filter_map(|tool| tool.name.as_ref()))
}

/// A name without case, accents, spaces and marks; "C", "C++" and "C#" stay three.
fn key(name: &str) -> String {
    fold(name)
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#'))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn skills(technical: &[&str], tools: &[&str]) -> Skills {
        let named =
            |names: &[&str]| -> Vec<_> { names.iter().map(|name| json!({"name": name})).collect() };
        let body = json!({"technical": named(technical), "tools": named(tools)});
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_skill_that_neither_the_list_nor_a_reviewer_knows_is_not_shown() {
        let now = skills(
            &[
                "rust",
                "NodeJS",
                "Power-BI",
                "Élevage d'autruches",
                "Écrivez-moi",
                "C",
            ],
            &["Docker", "Outil Maison", "Mon site"],
        );
        let validated = skills(&["élevage d’autruches"], &["outil maison"]);
        let shown = reviewed(&now, &validated);
        let shown: Vec<_> = names(&shown).map(String::as_str).collect();
        let expected = [
            "rust",
            "NodeJS",
            "Power-BI",
            "Élevage d'autruches",
            "C",
            "Docker",
            "Outil Maison",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_that_differ_in_marks_alone_are_one_but_for_languages_of_c() {
        assert_eq!(key("Node.js"), key("node JS"));
        let languages = [key("C"), key("C++"), key("C#")];
        assert!(languages[0] != languages[1] && languages[1] != languages[2]);
    }
}
