//! Mails from templates: `templates/<template>.<language>.txt` says what is told, the two layouts
//! how it looks.
//!
//! A template's first line is the subject. Then come paragraphs, separated by blank lines; lines
//! that begin with `- ` are a list, with `> ` a quotation, with `=> ` a button (`label | URL`).
//! What a person wrote never begins a line, except inside a quotation.

use askama::Template as _;
use store::notifications::{AskedDocument, Letter};
use thiserror::Error;
use workflows::documents::rules::{RefusalWords, RejectionCode, infection_words, rejection_words};
use workflows::identity::rules::Locale;
use workflows::notifications::Template;

use super::words;
use super::zones::Zone;

/// A mail is not made.
#[derive(Debug, Error)]
pub enum RenderingError {
    /// The template is for the feed only.
    #[error("{0} is not mailed")]
    NotMailed(Template),
    /// The template failed.
    #[error("the template failed")]
    Template(#[from] askama::Error),
}

/// A mail's subject and its two bodies.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// Renders a letter; `link` is the address behind its button, where it has one, and `zone` that of
/// the reader.
pub fn render(
    letter: &Letter,
    link: Option<String>,
    zone: Zone,
) -> Result<Rendered, RenderingError> {
    let content = Content::of(letter, link, zone);
    let source = source(letter.template, letter.locale, &content)
        .ok_or(RenderingError::NotMailed(letter.template))??;
    let (subject, body) = source.split_once('\n').unwrap_or((&source, ""));
    let subject = words::one_line(subject);
    let blocks = blocks(body);
    let footer = letter.locale.choose(
        "Yemma — recrutement garanti par des humains. Ce message vous est adressé au sujet de votre compte.",
        "Yemma — recruitment with a human guarantee. This message is about your account.",
    );
    let text = TextLayout {
        blocks: &blocks,
        footer,
    }
    .render()?;
    let html = HtmlLayout {
        subject: &subject,
        language: letter.locale.as_str(),
        blocks: &blocks,
        footer,
    }
    .render()?;
    Ok(Rendered {
        subject,
        text,
        html,
    })
}

/// What the templates may say: nothing in it can break a line.
struct Content {
    first_name: String,
    occurred_at: String,
    link: String,
    link_expiry: String,
    document: String,
    why: String,
    what_to_do: &'static str,
    candidate: String,
    submitted_at: String,
    steps: Vec<&'static str>,
    asked: Vec<String>,
    message: String,
    deadline: String,
    reason: String,
    open_again: String,
    interview: Interview,
    company_name: String,
}

#[derive(Default)]
struct Interview {
    when: String,
    minutes: i32,
    mode: &'static str,
    place: String,
}

impl Content {
    fn of(letter: &Letter, link: Option<String>, zone: Zone) -> Self {
        let (facts, locale) = (&letter.facts, letter.locale);
        let case = facts.case.as_ref();
        let document = facts.document.as_ref();
        let message = case.and_then(|case| case.correction_message.as_deref());
        let reason = case.and_then(|case| case.reason.as_deref());
        let refusal = refusal(letter);
        Self {
            first_name: words::one_line(&letter.first_name),
            occurred_at: words::moment(letter.occurred_at, locale, zone),
            link: link.unwrap_or_default(),
            link_expiry: facts
                .link
                .map(|link| words::moment(link.expires_at, locale, zone))
                .unwrap_or_default(),
            document: document.map_or_else(
                || locale.choose("un document", "a document").to_owned(),
                |document| document_name(&document.kind, &document.file_name, locale),
            ),
            why: refusal.reason,
            what_to_do: refusal.what_to_do,
            candidate: candidate(letter),
            submitted_at: case
                .map(|case| words::moment(case.submitted_at, locale, zone))
                .unwrap_or_default(),
            steps: case
                .map(|case| {
                    case.correction_steps
                        .iter()
                        .map(|s| words::step(s, locale))
                        .collect()
                })
                .unwrap_or_default(),
            asked: facts
                .asked
                .iter()
                .map(|asked| asked_line(asked, locale))
                .collect(),
            message: words::quotation(message.unwrap_or_default()),
            deadline: case
                .and_then(|case| case.correction_deadline)
                .map(|at| words::moment(at, locale, zone))
                .unwrap_or_default(),
            reason: words::quotation(reason.unwrap_or_default()),
            open_again: case
                .and_then(|case| case.resubmission_open_at)
                .map(|at| words::date(at, locale, zone))
                .unwrap_or_default(),
            interview: interview(letter, zone),
            company_name: words::one_line(facts.company_name.as_deref().unwrap_or_default()),
        }
    }
}

/// Why the document was refused, and what helps.
fn refusal(letter: &Letter) -> RefusalWords {
    let document = letter.facts.document.as_ref();
    match document.and_then(|document| document.rejection) {
        Some(rejection) => rejection_words(rejection, letter.locale),
        None if letter.template == Template::DocumentInfected => infection_words(letter.locale),
        None => rejection_words(RejectionCode::Unreadable.into(), letter.locale),
    }
}

fn interview(letter: &Letter, zone: Zone) -> Interview {
    let locale = letter.locale;
    letter
        .facts
        .interview
        .as_ref()
        .map(|interview| Interview {
            when: words::moment(interview.starts_at, locale, zone),
            minutes: interview.duration_minutes,
            mode: words::interview_mode(&interview.mode, locale),
            place: words::one_line(&interview.place),
        })
        .unwrap_or_default()
}

fn candidate(letter: &Letter) -> String {
    let facts = &letter.facts;
    let name = facts
        .interview
        .as_ref()
        .map(|interview| &interview.candidate)
        .or_else(|| facts.case.as_ref().map(|case| &case.candidate))
        .map(|name| words::one_line(name))
        .unwrap_or_default();
    if name.is_empty() {
        let somebody = letter.locale.choose("un candidat", "a candidate");
        return somebody.to_owned();
    }
    name
}

fn document_name(kind: &str, file_name: &str, locale: Locale) -> String {
    let (kind, file_name) = (
        words::document_kind(kind, locale),
        words::one_line(file_name),
    );
    match locale {
        Locale::French => format!("votre document « {file_name} » ({kind})"),
        Locale::English => format!("your document “{file_name}” ({kind})"),
    }
}

fn asked_line(asked: &AskedDocument, locale: Locale) -> String {
    let kind = words::document_kind(&asked.kind, locale);
    let file_name = words::one_line(&asked.file_name);
    let outcome = words::review_outcome(&asked.outcome, locale);
    let reason = words::one_line(asked.reason.as_deref().unwrap_or_default());
    let colon = locale.choose(" : ", ": ");
    if reason.is_empty() {
        format!("{kind}, {file_name}{colon}{outcome}")
    } else {
        format!("{kind}, {file_name}{colon}{outcome} ({reason})")
    }
}

/// A part of a mail's body.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    Paragraph(String),
    List(Vec<String>),
    Quote(Vec<String>),
    Action(Action),
}

#[derive(Debug, PartialEq, Eq)]
struct Action {
    label: String,
    url: String,
}

fn blocks(body: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_new = true;
    for line in body.lines().map(str::trim) {
        if line.is_empty() {
            is_new = true;
            continue;
        }
        let last = if is_new { None } else { blocks.last_mut() };
        is_new = false;
        match (kind_of(line), last) {
            (Line::Item(item), Some(Block::List(items))) => items.push(item),
            (Line::Item(item), _) => blocks.push(Block::List(vec![item])),
            (Line::Quoted(text), Some(Block::Quote(lines))) => lines.push(text),
            (Line::Quoted(text), _) => blocks.push(Block::Quote(vec![text])),
            (Line::Action(action), _) => blocks.push(Block::Action(action)),
            (Line::Text(text), Some(Block::Paragraph(paragraph))) => {
                paragraph.push(' ');
                paragraph.push_str(&text);
            }
            (Line::Text(text), _) => blocks.push(Block::Paragraph(text)),
        }
    }
    blocks
}

enum Line {
    Item(String),
    Quoted(String),
    Action(Action),
    Text(String),
}

fn kind_of(line: &str) -> Line {
    if let Some(item) = line.strip_prefix("- ") {
        return Line::Item(item.to_owned());
    }
    if let Some(text) = line.strip_prefix("> ") {
        return Line::Quoted(text.to_owned());
    }
    match line
        .strip_prefix("=> ")
        .and_then(|rest| rest.split_once(" | "))
    {
        Some((label, url)) => Line::Action(Action {
            label: label.to_owned(),
            url: url.to_owned(),
        }),
        None => Line::Text(line.to_owned()),
    }
}

#[derive(askama::Template)]
#[template(path = "layout.txt")]
struct TextLayout<'a> {
    blocks: &'a [Block],
    footer: &'a str,
}

#[derive(askama::Template)]
#[template(path = "layout.html")]
struct HtmlLayout<'a> {
    subject: &'a str,
    language: &'a str,
    blocks: &'a [Block],
    footer: &'a str,
}

macro_rules! sources {
    ($($variant:ident = $french:literal, $english:literal;)+) => {
        mod french {
            $(#[derive(askama::Template)]
            #[template(path = $french)]
            pub(super) struct $variant<'a> {
                pub(super) m: &'a super::Content,
            })+
        }

        mod english {
            $(#[derive(askama::Template)]
            #[template(path = $english)]
            pub(super) struct $variant<'a> {
                pub(super) m: &'a super::Content,
            })+
        }

        /// The template's own text, before its layout; `None` for a template of the feed only.
        fn source(
            template: Template,
            locale: Locale,
            m: &Content,
        ) -> Option<Result<String, askama::Error>> {
            match (template, locale) {
                $((Template::$variant, Locale::French) => Some(french::$variant { m }.render()),
                (Template::$variant, Locale::English) => Some(english::$variant { m }.render()),)+
                _ => None,
            }
        }
    };
}

sources! {
    CaseBreached = "case_breached.fr.txt", "case_breached.en.txt";
    CaseEscalated = "case_escalated.fr.txt", "case_escalated.en.txt";
    CaseLapsed = "case_lapsed.fr.txt", "case_lapsed.en.txt";
    CaseLapsedReviewer = "case_lapsed_reviewer.fr.txt", "case_lapsed_reviewer.en.txt";
    CompanyWelcome = "company_welcome.fr.txt", "company_welcome.en.txt";
    CorrectionRequested = "correction_requested.fr.txt", "correction_requested.en.txt";
    DocumentInfected = "document_infected.fr.txt", "document_infected.en.txt";
    DocumentRejected = "document_rejected.fr.txt", "document_rejected.en.txt";
    EmailVerification = "email_verification.fr.txt", "email_verification.en.txt";
    InterviewCancelled = "interview_cancelled.fr.txt", "interview_cancelled.en.txt";
    InterviewCancelledReviewer = "interview_cancelled_reviewer.fr.txt", "interview_cancelled_reviewer.en.txt";
    InterviewChanged = "interview_changed.fr.txt", "interview_changed.en.txt";
    InterviewChangedReviewer = "interview_changed_reviewer.fr.txt", "interview_changed_reviewer.en.txt";
    InterviewScheduled = "interview_scheduled.fr.txt", "interview_scheduled.en.txt";
    InterviewScheduledReviewer = "interview_scheduled_reviewer.fr.txt", "interview_scheduled_reviewer.en.txt";
    PasswordChanged = "password_changed.fr.txt", "password_changed.en.txt";
    ProfileRejected = "profile_rejected.fr.txt", "profile_rejected.en.txt";
    ProfileResubmitted = "profile_resubmitted.fr.txt", "profile_resubmitted.en.txt";
    ProfileSubmitted = "profile_submitted.fr.txt", "profile_submitted.en.txt";
    ProfileValidated = "profile_validated.fr.txt", "profile_validated.en.txt";
    RegistrationAttempted = "registration_attempted.fr.txt", "registration_attempted.en.txt";
    ReminderClaimExpired = "reminder_claim_expired.fr.txt", "reminder_claim_expired.en.txt";
    ReminderCorrection = "reminder_correction.fr.txt", "reminder_correction.en.txt";
    ReminderInterview = "reminder_interview.fr.txt", "reminder_interview.en.txt";
    ReminderInterviewReviewer = "reminder_interview_reviewer.fr.txt", "reminder_interview_reviewer.en.txt";
    ReminderOnboarding = "reminder_onboarding.fr.txt", "reminder_onboarding.en.txt";
    ReminderResubmissionOpen = "reminder_resubmission_open.fr.txt", "reminder_resubmission_open.en.txt";
    ReminderScanDelayed = "reminder_scan_delayed.fr.txt", "reminder_scan_delayed.en.txt";
    SessionRevoked = "session_revoked.fr.txt", "session_revoked.en.txt";
}

#[cfg(test)]
pub(super) mod tests;
