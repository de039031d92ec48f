//! The development inbox, as a person would open it.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::http::{Client, eventually};

/// How long a mail may take: the relay, a workflow, SMTP, on a busy machine.
pub const MAIL_DEADLINE: Duration = Duration::from_secs(30);

/// A mail.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// The inbox's own identifier.
    pub id: String,
    /// The subject.
    #[serde(default)]
    pub subject: String,
    /// The text part.
    #[serde(default)]
    pub text: String,
    /// The HTML part.
    #[serde(default)]
    pub html: Option<String>,
    /// `Message-ID`.
    #[serde(rename = "messageId", default)]
    pub message_id: Option<String>,
}

impl Mail {
    /// The token of the first link with one.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        let start = self.text.find("token=")? + "token=".len();
        let rest = &self.text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "\"'<>&".contains(c))
            .unwrap_or(rest.len());
        Some(rest[..end].to_owned())
    }
}

/// The inbox of everybody.
#[derive(Clone, Debug)]
pub struct Mailbox {
    client: Client,
}

impl Mailbox {
    /// The inbox at this address.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            client: Client::new(url),
        }
    }

    /// The mails to an address, as the inbox lists them.
    ///
    /// # Errors
    /// When the inbox does not answer.
    pub async fn mails_to(&self, address: &str) -> anyhow::Result<Vec<Mail>> {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("to.address", address)
            .finish();
        let answer = self.client.get(&format!("/api/email?{query}")).await?;
        ensure!(answer.is_success(), "the inbox answers {}", answer.status);
        serde_json::from_slice(&answer.body).context("the inbox's list of mails")
    }

    /// Waits until a mail to an address satisfies.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn wait(
        &self,
        address: &str,
        what: &str,
        wanted: impl Fn(&Mail) -> bool,
    ) -> anyhow::Result<Mail> {
        self.wait_for(address, what, MAIL_DEADLINE, wanted).await
    }

    /// Waits for so long until a mail to an address satisfies.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn wait_for(
        &self,
        address: &str,
        what: &str,
        within: Duration,
        wanted: impl Fn(&Mail) -> bool,
    ) -> anyhow::Result<Mail> {
        let title = format!("mail to {address}: {what}");
        eventually(&title, within, async || {
            let mails = self.mails_to(address).await?;
            Ok(mails.into_iter().rev().find(|mail| wanted(mail)))
        })
        .await
    }

    /// Waits for a link with a token and gives the token.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn token_for(&self, address: &str, within: Duration) -> anyhow::Result<String> {
        let mail = self
            .wait_for(address, "a link", within, |mail| mail.token().is_some())
            .await?;
        mail.token().context("a link with a token")
    }
}
