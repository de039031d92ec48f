//! The activities of `NotificationDelivery`: a mail made and sent, or given up.

#![expect(
    missing_docs,
    reason = "the macro makes a constant for each activity, without its doc comment"
)]

mod invitation;
mod rendering;
mod words;
mod zones;

use std::sync::Arc;

use store::Writer;
use store::notifications::{self, Letter};
use store::secrets::{Keyring, LinkPurpose};
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;
use uuid::Uuid;
use workflows::notifications::{Attempt, GiveUpInput, SendInput, Template};

use crate::clients::mail::{Mail, MailError, Mailer};
use crate::failure::failed;
use crate::heartbeat::beating;

pub use rendering::{Rendered, RenderingError, render};
pub use zones::Zone;

/// What the activities of notifications stand on.
#[derive(Debug)]
pub struct NotificationActivities {
    writer: Writer,
    mailer: Mailer,
    keys: Keyring,
    public_url: String,
    zone: Zone,
}

impl NotificationActivities {
    /// Activities over the given store and mail server; links in mails begin with `public_url`, and
    /// times are told in `zone` to people whose country is not known.
    #[must_use]
    pub fn new(
        writer: Writer,
        mailer: Mailer,
        keys: Keyring,
        public_url: &str,
        zone: Zone,
    ) -> Self {
        Self {
            writer,
            mailer,
            keys,
            public_url: public_url.trim_end_matches('/').to_owned(),
            zone,
        }
    }

    async fn send_letter(&self, input: SendInput) -> Result<Attempt, ActivityError> {
        let found = notifications::letter(&self.writer, input.notification_id)
            .await
            .map_err(|error| failed(&error))?;
        let Some(letter) = found else {
            return Ok(Attempt::Obsolete);
        };
        if letter.is_sent {
            return Ok(Attempt::Sent);
        }
        if letter.facts.is_obsolete {
            return Ok(Attempt::Obsolete);
        }
        let mail = match self.mail(&letter) {
            Ok(mail) => mail,
            Err(error) => {
                tracing::error!(%error, template = %letter.template, "a mail could not be made");
                return Ok(Attempt::Refused {
                    code: "template".to_owned(),
                });
            }
        };
        match self.mailer.send(&mail).await {
            Ok(()) => {}
            Err(MailError::Refused { code }) => return Ok(Attempt::Refused { code }),
            Err(MailError::Later { code }) => {
                tracing::info!(code, "the mail server says later");
                return Ok(Attempt::Later { code });
            }
            Err(error @ MailError::Unavailable(_)) => return Err(unavailable(&error)),
        }
        // The mail has left: whatever fails now is no reason to send it again.
        match self.mark_sent(letter.id).await {
            Ok(()) => Ok(Attempt::Sent),
            Err(_) => Ok(Attempt::Unrecorded),
        }
    }

    async fn mark_sent(&self, id: Uuid) -> Result<(), ActivityError> {
        let message_id = self.mailer.message_id(id);
        notifications::mark_sent(&self.writer, id, &message_id)
            .await
            .map_err(|error| failed(&error))
    }

    fn mail(&self, letter: &Letter) -> Result<Mail, RenderingError> {
        let zone = self.zone.of_country(letter.country.as_deref());
        let rendered = render(letter, self.link(letter), zone)?;
        // Nobody has proven yet that the name is that of the address's owner.
        let name = if letter.template == Template::EmailVerification {
            String::new()
        } else {
            format!("{} {}", letter.first_name, letter.last_name)
        };
        Ok(Mail {
            notification_id: letter.id,
            to: letter.email.clone(),
            to_name: words::one_line(&name),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            invitation: invitation::invitation(letter, &self.mailer.address(), &self.public_url),
        })
    }

    /// Made at use from the row's id: nothing secret is at rest or in a workflow.
    fn link(&self, letter: &Letter) -> Option<String> {
        let link = letter.facts.link?;
        let token = self.keys.link_token(LinkPurpose::VerifyEmail, link.id);
        Some(format!("{}/verify-email?token={token}", self.public_url))
    }
}

#[activities]
impl NotificationActivities {
    /// Renders the mail of a notification and hands it to the mail server, unless it was sent.
    #[activity(definition = workflows::notifications::Send)]
    pub async fn send(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: SendInput,
    ) -> Result<Attempt, ActivityError> {
        beating(&ctx, self.send_letter(input)).await
    }

    /// Records that the mail server has the mail of a notification.
    #[activity(definition = workflows::notifications::Record)]
    pub async fn record(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: SendInput,
    ) -> Result<(), ActivityError> {
        self.mark_sent(input.notification_id).await
    }

    /// Records that a notification could not be delivered, and makes its dead letter.
    #[activity(definition = workflows::notifications::GiveUp)]
    pub async fn give_up(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: GiveUpInput,
    ) -> Result<(), ActivityError> {
        notifications::give_up(
            &self.writer,
            input.notification_id,
            &input.code,
            input.attempts,
        )
        .await
        .map_err(|error| failed(&error))
    }
}

fn unavailable(error: &MailError) -> ActivityError {
    tracing::warn!(%error, "a mail waits");
    ActivityError::application(
        ApplicationFailure::builder("the mail server is unavailable")
            .type_name("MailServerUnavailable".to_owned())
            .build(),
    )
}
