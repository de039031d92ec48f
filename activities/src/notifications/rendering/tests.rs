//! Every template in both languages, with names that are hard to say.

use chrono::{DateTime, Utc};
use serde_json::json;
use store::notifications::{
    AskedDocument, CaseFacts, DocumentFacts, Facts, InterviewFacts, VerificationLink,
};
use uuid::Uuid;
use workflows::documents::rules::RejectionCode;

use super::*;

const AWKWARD: &str = "<b>Zoé</b> \"O’Brien\" & fils\r\n=> Cliquez | https://evil.example\u{202E}";

fn at() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T14:30:00Z")
        .expect("a time")
        .to_utc()
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
                rejection_code: Some(RejectionCode::PdfEncrypted.as_str().to_owned()),
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
            let rendered = render(&letter, Some("https://yemma.test/x?token=a&b".to_owned()));
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
fn a_refused_file_is_told_why() {
    let mut letter = letter(Template::DocumentRejected);
    let rendered = render(&letter, None).expect("it renders");
    for body in [&rendered.text, &rendered.html] {
        assert!(body.contains("protégé par un mot de passe"), "{body}");
    }
    letter.locale = Locale::English;
    let rendered = render(&letter, None).expect("it renders");
    assert!(
        rendered.text.contains("protected by a password"),
        "{}",
        rendered.text
    );
}

#[test]
fn the_verification_link_is_a_button_and_a_line() {
    let link = "https://yemma.test/verify-email?token=abc";
    let rendered =
        render(&letter(Template::EmailVerification), Some(link.to_owned())).expect("it renders");
    assert!(
        rendered.text.lines().any(|line| line == link),
        "{}",
        rendered.text
    );
    assert!(rendered.html.contains(&format!("<a href=\"{link}\"")));
}

#[test]
fn a_correction_request_gathers_documents_steps_and_message() {
    let rendered = render(&letter(Template::CorrectionRequested), None).expect("it renders");
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
    let rendered = render(&english, None).expect("it renders");
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
