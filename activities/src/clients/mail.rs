//! The mail server: SMTP, a pool of connections, a breaker.

use std::time::Duration;

use clap::Args;
use lettre::address::AddressError;
use lettre::message::header::{ContentDisposition, ContentType};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::response::{Code, Severity};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use store::breaker::{Breaker, Open};
use thiserror::Error;
use tokio::time::timeout;
use uuid::Uuid;

/// The name of this dependency in `/metrics`.
pub const DEPENDENCY: &str = "smtp";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// The name of an invitation's file, which people see.
const CALENDAR_FILE: &str = "invite.ics";

/// Where mail goes and from whom.
#[derive(Args, Clone, Debug)]
pub struct MailConfig {
    /// The mail server: `smtp://host:port`, `smtp://user:password@host?tls=required` (STARTTLS)
    /// or `smtps://…`.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: SecretString,
    /// The sender, such as `Yemma <no-reply@example.org>`; its domain is that of Message-IDs.
    #[arg(long, env = "SMTP_FROM")]
    pub smtp_from: String,
}

/// The configuration names no usable mail server or sender.
#[derive(Debug, Error)]
pub enum MailConfigError {
    /// `SMTP_URL` is not an address of a mail server.
    #[error("SMTP_URL is not the URL of a mail server")]
    Url(#[source] lettre::transport::smtp::Error),
    /// `SMTP_FROM` is not a mailbox.
    #[error("SMTP_FROM is not a mailbox")]
    From(#[source] AddressError),
}

/// A mail about to be sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The notification, of which the Message-ID is made.
    pub notification_id: Uuid,
    /// The address.
    pub to: String,
    /// The name beside it; empty for none.
    pub to_name: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// An invitation to put into a calendar.
    pub invitation: Option<Invitation>,
}

/// An iCalendar object and what it asks of the calendar.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// `REQUEST` or `CANCEL` (RFC 5546).
    pub method: &'static str,
    /// The object (RFC 5545).
    pub calendar: String,
}

/// Why a mail was not sent.
#[derive(Debug, Error)]
pub enum MailError {
    /// The mail server, or the message itself, says no. Counts as an attempt.
    #[error("refused: {code}")]
    Refused {
        /// A stable code, such as `smtp_550`.
        code: String,
    },
    /// The mail server says "later" (SMTP 4yz: greylisting, a full mailbox, too many connections).
    /// Does not count as an attempt, nor as a server that is away.
    #[error("later: {code}")]
    Later {
        /// A stable code, such as `smtp_451`.
        code: String,
    },
    /// The mail server is away. Does not count as an attempt.
    #[error("the mail server is unavailable: {0}")]
    Unavailable(String),
}

impl From<Open> for MailError {
    fn from(open: Open) -> Self {
        Self::Unavailable(open.to_string())
    }
}

/// A client of the mail server.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    breaker: Breaker,
}

impl Mailer {
    /// Prepares a client without connecting.
    pub fn new(config: &MailConfig) -> Result<Self, MailConfigError> {
        let url = config.smtp_url.expose_secret();
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(MailConfigError::Url)?
            .timeout(Some(CONNECT_TIMEOUT))
            .build();
        Ok(Self {
            transport,
            from: config.smtp_from.parse().map_err(MailConfigError::From)?,
            breaker: Breaker::new(DEPENDENCY),
        })
    }

    /// The breaker, for `/metrics`.
    #[must_use]
    pub const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// The sender's address, which organises meetings.
    #[must_use]
    pub fn address(&self) -> String {
        self.from.email.to_string()
    }

    /// The stable id of a notification's mail: `<notification_id@domain>`.
    #[must_use]
    pub fn message_id(&self, notification_id: Uuid) -> String {
        format!("<{notification_id}@{}>", self.from.email.domain())
    }

    /// Hands a mail to the mail server. The same mail may arrive twice when the answer is lost;
    /// its Message-ID is the same.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        let sending = async {
            match timeout(TOTAL_TIMEOUT, self.transport.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(classify(&error)),
                Err(_) => Err(MailError::Unavailable("no answer in time".to_owned())),
            }
        };
        self.breaker
            .call(sending, |error| matches!(error, MailError::Unavailable(_)))
            .await
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        refuse_line_breaks(&[&mail.subject, &mail.to, &mail.to_name])?;
        let address: Address = mail.to.parse().map_err(|_| refused("invalid_address"))?;
        let name = Some(mail.to_name.clone()).filter(|name| !name.is_empty());
        let texts = MultiPart::alternative()
            .singlepart(SinglePart::plain(mail.text.clone()))
            .singlepart(SinglePart::html(mail.html.clone()));
        let body = match &mail.invitation {
            None => texts,
            Some(invitation) => MultiPart::mixed()
                .multipart(texts.singlepart(calendar_part(invitation)?))
                .singlepart(calendar_file(invitation)?),
        };
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(mail.subject.clone())
            .message_id(Some(self.message_id(mail.notification_id)))
            .multipart(body)
            .map_err(|_| refused("invalid_message"))
    }
}

/// What mail programs read as an invitation (RFC 6047, 2.4).
fn calendar_part(invitation: &Invitation) -> Result<SinglePart, MailError> {
    let content_type = format!(
        "text/calendar; charset=utf-8; method={}; name=\"{CALENDAR_FILE}\"",
        invitation.method
    );
    let content_type = ContentType::parse(&content_type).map_err(|_| refused("invalid_message"))?;
    Ok(SinglePart::builder()
        .header(content_type)
        .header(ContentDisposition::inline_with_name(CALENDAR_FILE))
        .body(invitation.calendar.clone()))
}

/// The same to be opened by hand, for those that do not.
fn calendar_file(invitation: &Invitation) -> Result<SinglePart, MailError> {
    let content_type = ContentType::parse("application/ics");
    let content_type = content_type.map_err(|_| refused("invalid_message"))?;
    let file = Attachment::new(CALENDAR_FILE.to_owned());
    Ok(file.body(invitation.calendar.clone(), content_type))
}

/// A line break in a header would begin another one.
fn refuse_line_breaks(headers: &[&str]) -> Result<(), MailError> {
    let is_broken = |text: &&str| text.contains(['\r', '\n', '\0']);
    if headers.iter().any(is_broken) {
        return Err(refused("line_break_in_header"));
    }
    Ok(())
}

fn refused(code: &str) -> MailError {
    MailError::Refused {
        code: code.to_owned(),
    }
}

/// By RFC 5321, 4.2.1, a code of the form 4yz means "later" whatever it is about, and 5yz "no". A
/// "no" about us (authentication) and everything of the network is a server that is away.
fn classify(error: &lettre::transport::smtp::Error) -> MailError {
    match error.status() {
        Some(code) if code.severity == Severity::TransientNegativeCompletion => MailError::Later {
            code: format!("smtp_{code}"),
        },
        Some(code) if is_about_us(code) => {
            MailError::Unavailable(format!("the server answered {code}"))
        }
        Some(code) => MailError::Refused {
            code: format!("smtp_{code}"),
        },
        None if error.is_client() => refused("smtp_client"),
        // The text of a network error names no person.
        None => MailError::Unavailable(error.to_string()),
    }
}

fn is_about_us(code: Code) -> bool {
    let number = code.to_string();
    matches!(number.as_str(), "530" | "534" | "535" | "538")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer() -> Mailer {
        Mailer::new(&MailConfig {
            smtp_url: "smtp://127.0.0.1:2525".to_owned().into(),
            smtp_from: "Yemma <no-reply@yemma.test>".to_owned(),
        })
        .expect("a usable configuration")
    }

    fn mail() -> Mail {
        Mail {
            notification_id: Uuid::from_u128(7),
            to: "ada@example.org".to_owned(),
            to_name: "Ada \"Comtesse\" d’Œuvre, <b>".to_owned(),
            subject: "Votre profil est validé".to_owned(),
            text: "Bonjour".to_owned(),
            html: "<p>Bonjour</p>".to_owned(),
            invitation: None,
        }
    }

    #[tokio::test]
    async fn the_message_id_is_the_notifications() {
        let message = mailer().message(&mail()).expect("a message");
        let text = String::from_utf8(message.formatted()).expect("ascii");
        assert!(
            text.contains("Message-ID: <00000000-0000-0000-0000-000000000007@yemma.test>"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn an_invitation_is_called_invite_wherever_it_is() {
        let invitation = Invitation {
            method: "REQUEST",
            calendar: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(),
        };
        let mail = Mail {
            invitation: Some(invitation),
            ..mail()
        };
        let message = mailer().message(&mail).expect("a message");
        let text = String::from_utf8(message.formatted()).expect("ascii");
        assert!(text.contains("multipart/mixed"), "{text}");
        assert!(text.contains("method=REQUEST"), "{text}");
        assert!(text.contains("application/ics"), "{text}");
        assert_eq!(text.matches("filename=\"invite.ics\"").count(), 2, "{text}");
        assert_eq!(text.matches(" name=\"invite.ics\"").count(), 1, "{text}");
    }

    #[tokio::test]
    async fn an_awkward_name_adds_no_header() {
        let message = mailer().message(&mail()).expect("a message");
        let text = String::from_utf8(message.formatted()).expect("ascii");
        let (headers, _) = text.split_once("\r\n\r\n").expect("headers");
        assert_eq!(headers.matches("To:").count(), 1);
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[tokio::test]
    async fn line_breaks_in_headers_are_refused() {
        for (subject, name) in [
            ("a\r\nBcc: x@y.z", "Ada"),
            ("a", "Ada\nX: y"),
            ("a", "A\rB"),
        ] {
            let mail = Mail {
                subject: subject.to_owned(),
                to_name: name.to_owned(),
                ..mail()
            };
            let error = mailer().message(&mail).expect_err("refused");
            assert!(matches!(error, MailError::Refused { code } if code == "line_break_in_header"));
        }
    }

    #[tokio::test]
    async fn a_mail_without_a_name_has_the_address_alone() {
        let mail = Mail {
            to_name: String::new(),
            ..mail()
        };
        let message = mailer().message(&mail).expect("a message").formatted();
        let text = String::from_utf8(message).expect("text");
        assert!(text.contains("To: ada@example.org\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_no_refusal() {
        let away = Mailer::new(&MailConfig {
            smtp_url: "smtp://127.0.0.1:1".to_owned().into(),
            smtp_from: "no-reply@yemma.test".to_owned(),
        })
        .expect("a usable configuration");
        let error = away.send(&mail()).await.expect_err("nobody listens");
        assert!(matches!(error, MailError::Unavailable(_)));
    }
}
