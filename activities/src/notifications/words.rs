//! Codes and moments as people read them, in both languages.

use chrono::{DateTime, Datelike, Timelike, Utc};
use workflows::candidates::profile::StepName;
use workflows::documents::rules::DocumentKind;
use workflows::identity::rules::Locale;
use workflows::reference;

use super::zones::{self, Zone};

const MONTHS: [(&str, &str); 12] = [
    ("janvier", "January"),
    ("février", "February"),
    ("mars", "March"),
    ("avril", "April"),
    ("mai", "May"),
    ("juin", "June"),
    ("juillet", "July"),
    ("août", "August"),
    ("septembre", "September"),
    ("octobre", "October"),
    ("novembre", "November"),
    ("décembre", "December"),
];

/// A moment on the reader's clock, such as `24 novembre 2026 à 15 h 05 (Europe/Paris, UTC+1)`.
pub(super) fn moment(at: DateTime<Utc>, locale: Locale, zone: Zone) -> String {
    let local = zone.local(at);
    let (hour, minute) = (local.hour(), local.minute());
    let (day, zone) = (date(at, locale, zone), zones::named(&local));
    match locale {
        Locale::French => format!("{day} à {hour} h {minute:02} ({zone})"),
        Locale::English => format!("{day} at {hour:02}:{minute:02} ({zone})"),
    }
}

/// A day of the reader's calendar, such as `24 novembre 2026`.
pub(super) fn date(at: DateTime<Utc>, locale: Locale, zone: Zone) -> String {
    let at = zone.local(at);
    let (day, year) = (at.day(), at.year());
    let (french, english) = MONTHS[usize::try_from(at.month0()).unwrap_or_default() % 12];
    match locale {
        Locale::French if day == 1 => format!("1er {french} {year}"),
        Locale::French => format!("{day} {french} {year}"),
        Locale::English => format!("{day} {english} {year}"),
    }
}

/// What a document is, by the reference list.
pub(super) fn document_kind(code: &str, locale: Locale) -> String {
    let entry = DocumentKind::from_code(code)
        .and(reference::lookup("document-kinds"))
        .and_then(|kinds| kinds.iter().find(|entry| entry.code == code));
    match entry {
        Some(entry) => locale
            .choose(&entry.label_fr, &entry.label_en)
            .to_lowercase_first(),
        None => locale.choose("document", "document").to_owned(),
    }
}

/// What a reviewer asks about a document.
pub(super) fn review_outcome(code: &str, locale: Locale) -> &'static str {
    match code {
        "replacement_requested" => {
            locale.choose("un autre est demandé", "another one is asked for")
        }
        _ => locale.choose("refusé", "refused"),
    }
}

/// How an interview is held.
pub(super) fn interview_mode(code: &str, locale: Locale) -> &'static str {
    match code {
        "video" => locale.choose("En visioconférence", "By video"),
        "phone" => locale.choose("Par téléphone", "By phone"),
        _ => locale.choose("Sur place", "On site"),
    }
}

/// The name of a step of the onboarding.
pub(super) fn step(code: &str, locale: Locale) -> &'static str {
    let (french, english) = match StepName::from_code(code) {
        Some(StepName::Consent) => ("Consentements", "Consent"),
        Some(StepName::Identity) => ("Identité", "Identity"),
        Some(StepName::Experiences) => ("Expériences", "Experience"),
        Some(StepName::Educations) => ("Formations", "Education"),
        Some(StepName::Certifications) => ("Certifications", "Certifications"),
        Some(StepName::Skills) => ("Compétences", "Skills"),
        Some(StepName::Documents) => ("Documents", "Documents"),
        Some(StepName::JobPreferences) => ("Préférences d’emploi", "Job preferences"),
        Some(StepName::Review) | None => ("Récapitulatif", "Review"),
    };
    locale.choose(french, english)
}

/// What a person wrote, on one line and without control or direction characters, so that it can
/// neither begin a line of a template nor turn the text around it.
pub(super) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_direction(*c))
        .collect();
    visible
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a person wrote on several lines, as a quotation.
pub(super) fn quotation(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(one_line)
        .filter(|line| !line.is_empty())
        .map(|line| format!("> {line}"))
        .collect();
    lines.join("\n")
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

trait ToLowercaseFirst {
    fn to_lowercase_first(&self) -> String;
}

impl ToLowercaseFirst for str {
    /// A label in the middle of a sentence; abbreviations such as `CV` stay.
    fn to_lowercase_first(&self) -> String {
        let mut chars = self.chars();
        match (chars.next(), chars.clone().next()) {
            (Some(first), Some(second)) if !second.is_uppercase() => {
                first.to_lowercase().chain(chars).collect()
            }
            _ => self.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_in_the_persons_language() {
        let at = DateTime::parse_from_rfc3339("2026-08-01T09:05:00Z")
            .expect("a time")
            .to_utc();
        let zone = |name: &str| name.parse::<Zone>().expect("a zone");
        assert_eq!(
            moment(at, Locale::French, zone("Africa/Dakar")),
            "1er août 2026 à 9 h 05 (Africa/Dakar, UTC+0)"
        );
        assert_eq!(
            moment(at, Locale::English, zone("Europe/Paris")),
            "1 August 2026 at 11:05 (Europe/Paris, UTC+2)"
        );
        // The day is the reader's as well.
        let (far, near) = (zone("Pacific/Auckland"), zone("America/Toronto"));
        let late = at + chrono::TimeDelta::hours(14);
        assert_eq!(date(late, Locale::French, far), "2 août 2026");
        assert_eq!(date(late, Locale::French, near), "1er août 2026");
    }

    #[test]
    fn a_text_stays_on_its_line() {
        assert_eq!(one_line("a\r\n=> b\t c\u{202E}d\0"), "a => b cd");
        assert_eq!(
            quotation("un\n\n  - deux\r\n=> x | y"),
            "> un\n> - deux\n> => x | y"
        );
    }

    #[test]
    fn kinds_are_labels_inside_a_sentence() {
        assert_eq!(document_kind("nonsense", Locale::English), "document");
        assert_eq!(document_kind("cv", Locale::French), "CV");
        for kind in DocumentKind::ALL {
            assert!(!document_kind(kind.as_str(), Locale::English).is_empty());
        }
    }
}
