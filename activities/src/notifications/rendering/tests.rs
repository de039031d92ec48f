//! Every template in both languages, with names that are hard to say.

use chrono::{DateTime, Utc};
use serde_json::json;
use store::notifications::{
    AskedDocument, CaseFacts, DocumentFacts, Facts, InterviewFacts, VerificationLink,
};
use uuid::Uuid;
use workflows::documents::rules::{Rejection, RejectionCode, RejectionFigures, rejection_words};

use super::*;

const AWKWARD: &str = "<b>Zoé</b> \"O’Brien\" & fils\r\n=> Cliquez | https://evil.example\u{202E}";

fn at() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T14:30:00Z")
        .expect("a time")
        .to_utc()
}

fn dakar() -> Zone {
    "Africa/Dakar".parse().expect("a zone")
}

/// A letter with every fact that any template needs.
pub(in super::super) fn letter(template: Template) -> Letter {
    Letter {
        id: Uuid::from_u128(7),
        template,
        email: "zoe@example.org".to_owned(),
        first_name: AWKWARD.to_owned(),
        last_name: "Obrien".to_owned(),
        locale: Locale::French,
        country: Some("SN".to_owned()),
        is_sent: false,
        occurred_at: at(),
        params: json!({}),
        facts: Facts {
            link: Some(VerificationLink {
                id: Uuid::from_u128(8),
                expires_at: at(),
            }),
            document: Some(DocumentFacts {
                kind: "cv".to_owned(),
                file_name: AWKWARD.to_owned(),
                rejection: Some(RejectionCode::PdfEncrypted.into()),
            }),
            case: Some(case()),
            asked: vec![AskedDocument {
                kind: "diploma".to_owned(),
                file_name: AWKWARD.to_owned(),
                outcome: "refused".to_owned(),
                reason: Some(AWKWARD.to_owned()),
            }],
            interview: Some(InterviewFacts {
                id: Uuid::from_u128(9),
                status: "scheduled".to_owned(),
                starts_at: at(),
                duration_minutes: 45,
                mode: "video".to_owned(),
                place: AWKWARD.to_owned(),
                sequence: 0,
                candidate: AWKWARD.to_owned(),
            }),
            company_name: Some(AWKWARD.to_owned()),
            is_obsolete: false,
        },
    }
}

fn case() -> CaseFacts {
    CaseFacts {
        id: Uuid::from_u128(10),
        candidate: AWKWARD.to_owned(),
        submitted_at: at(),
        correction_steps: vec!["identity".to_owned(), "documents".to_owned()],
        correction_message: Some(format!("Premier point\n\n{AWKWARD}\n- Deuxième")),
        correction_deadline: Some(at()),
        reason: Some(AWKWARD.to_owned()),
        resubmission_open_at: Some(at()),
    }
}

#[test]
fn every_mailed_template_renders_in_both_languages_and_escapes_names() {
    for template in Template::ALL {
        for locale in [Locale::French, Locale::English] {
            let letter = Letter {
                locale,
                ..letter(*template)
            };
            let rendered = render(
                &letter,
                Some("https://yemma.test/x?token=a&b".to_owned()),
                dakar(),
            );
            if !template.channels().mail {
                assert!(matches!(rendered, Err(RenderingError::NotMailed(_))));
                continue;
            }
            let rendered = rendered.expect("it renders");
            let name = format!("{template} {locale:?}");
            assert!(
                !rendered.subject.is_empty() && rendered.subject.len() < 200,
                "{name}"
            );
            assert!(!rendered.subject.contains(['\r', '\n']), "{name}");
            assert!(rendered.text.lines().count() > 4, "{name}");
            assert!(!rendered.html.contains("<b>Zoé</b>"), "{name}");
            // Whoever registered an address may be a stranger to its owner.
            let says_names = *template != Template::EmailVerification;
            assert_eq!(
                rendered.html.contains("&#60;b&#62;Zoé"),
                says_names,
                "{name}: {}",
                rendered.html
            );
            for body in [&rendered.text, &rendered.html] {
                assert!(
                    !body.contains("{{") && !body.contains("=> Confirm"),
                    "{name}"
                );
                assert!(!body.contains('\u{202E}'), "{name}");
            }
            assert!(!rendered.html.contains("href=\"https://evil"), "{name}");
        }
    }
}

#[test]
fn times_are_those_of_the_readers_clock_with_its_zone() {
    let paris = "Europe/Paris".parse().expect("a zone");
    for (zone, french, english) in [
        (
            dakar(),
            "14 h 30 (Africa/Dakar, UTC+0)",
            "14:30 (Africa/Dakar, UTC+0)",
        ),
        (
            paris,
            "15 h 30 (Europe/Paris, UTC+1)",
            "15:30 (Europe/Paris, UTC+1)",
        ),
    ] {
        for template in Template::ALL.iter().filter(|it| it.channels().mail) {
            for (locale, expected) in [(Locale::French, french), (Locale::English, english)] {
                let letter = Letter {
                    locale,
                    ..letter(*template)
                };
                let text = render(&letter, None, zone).expect("it renders").text;
                let hour = text.contains("UTC");
                assert_eq!(hour, text.contains(expected), "{template}: {text}");
                assert!(!text.contains("(UTC)"), "{template}: {text}");
            }
        }
    }
    let scheduled = render(&letter(Template::InterviewScheduled), None, paris);
    let text = scheduled.expect("it renders").text;
    assert!(
        text.contains("24 novembre 2026 à 15 h 30 (Europe/Paris, UTC+1)"),
        "{text}"
    );
}

/// A letter about a file that was refused for that reason, with figures where it has some.
fn refused(code: RejectionCode, locale: Locale) -> Letter {
    let figures = match code {
        RejectionCode::PdfTooManyPages => Some((240, 200, None)),
        RejectionCode::ImageTooLarge => Some((72_000_000, 64_000_000, Some((9000, 8000)))),
        _ => None,
    };
    let figures = figures.map(|(found, limit, dimensions)| RejectionFigures {
        found,
        limit,
        dimensions,
    });
    let mut letter = letter(Template::DocumentRejected);
    letter.locale = locale;
    letter.facts.document = Some(DocumentFacts {
        kind: "cv".to_owned(),
        file_name: "CV M. Koné.pdf".to_owned(),
        rejection: Some(Rejection { code, figures }),
    });
    letter
}

#[test]
fn a_refused_file_is_told_by_name_with_reason_figures_and_next_step() {
    for code in RejectionCode::ALL {
        for locale in [Locale::French, Locale::English] {
            let letter = refused(*code, locale);
            let rejection = letter.facts.document.as_ref().and_then(|it| it.rejection);
            let words = rejection_words(rejection.expect("a rejection"), locale);
            let text = render(&letter, None, dakar()).expect("it renders").text;
            for part in ["CV M. Koné.pdf", &words.reason, words.what_to_do] {
                assert!(text.contains(part), "{code}: {part}: {text}");
            }
        }
    }
    let pages = refused(RejectionCode::PdfTooManyPages, Locale::French);
    let html = render(&pages, None, dakar()).expect("it renders").html;
    assert!(html.contains("240 pages, 200 au plus"), "{html}");
}

#[test]
fn malware_is_told_with_what_to_do() {
    let mut letter = letter(Template::DocumentInfected);
    if let Some(document) = &mut letter.facts.document {
        document.rejection = None;
    }
    let rendered = render(&letter, None, dakar()).expect("it renders");
    for part in ["logiciel malveillant", "antivirus", "Zoé"] {
        assert!(rendered.text.contains(part), "{}", rendered.text);
    }
}

#[test]
fn the_verification_link_is_a_button_and_a_line() {
    let link = "https://yemma.test/verify-email?token=abc";
    let rendered = render(
        &letter(Template::EmailVerification),
        Some(link.to_owned()),
        dakar(),
    )
    .expect("it renders");
    assert!(
        rendered.text.lines().any(|line| line == link),
        "{}",
        rendered.text
    );
    assert!(rendered.html.contains(&format!("<a href=\"{link}\"")));
}

#[test]
fn a_correction_request_gathers_documents_steps_and_message() {
    let rendered =
        render(&letter(Template::CorrectionRequested), None, dakar()).expect("it renders");
    let text = &rendered.text;
    assert!(
        text.contains("> Premier point") && text.contains("> - Deuxième"),
        "{text}"
    );
    assert!(text.contains("refusé (<b>Zoé</b>"), "{text}");
    assert!(
        text.contains("- Identité") && text.contains("- Documents"),
        "{text}"
    );
    assert!(text.contains("24 novembre 2026"), "{text}");
}

#[test]
fn a_rejection_says_why_and_when_to_come_back() {
    let english = Letter {
        locale: Locale::English,
        ..letter(Template::ProfileRejected)
    };
    let rendered = render(&english, None, dakar()).expect("it renders");
    assert!(rendered.text.contains("> <b>Zoé</b>"), "{}", rendered.text);
    assert!(
        rendered.text.contains("from 24 November 2026"),
        "{}",
        rendered.text
    );
}

#[test]
fn the_marks_of_a_template_make_blocks() {
    let found = blocks("\nUn\ndeux\n\n- a\n- b\n> q\n\n=> Label | https://x\n");
    assert_eq!(
        found,
        [
            Block::Paragraph("Un deux".to_owned()),
            Block::List(vec!["a".to_owned(), "b".to_owned()]),
            Block::Quote(vec!["q".to_owned()]),
            Block::Action(Action {
                label: "Label".to_owned(),
                url: "https://x".to_owned()
            }),
        ]
    );
}
