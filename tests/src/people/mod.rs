//! The people of a journey and what they do over HTTP.

mod candidate;
mod company;
mod persona;
mod reviewer;
mod sections;

use std::time::Duration;

use serde_json::{Value, json};

pub use candidate::Candidate;
pub use company::Company;
pub use persona::{PASSWORD_WORDS, Persona};
pub use reviewer::{Reviewer, expert_summary};
pub use sections::{complete_profile, identity};

use crate::http::{Client, text_at};
use crate::mailbox::Mailbox;

/// Where a journey takes place.
#[derive(Clone, Debug)]
pub struct Place {
    /// The API.
    pub api: Client,
    /// The inbox.
    pub mailbox: Mailbox,
    /// How long a step that is not awaited over HTTP may take.
    pub deadline: Duration,
}

impl Place {
    /// The API and the inbox at these addresses.
    #[must_use]
    pub fn new(api: &str, mail: &str) -> Self {
        Self {
            api: Client::new(api),
            mailbox: Mailbox::new(mail),
            deadline: Duration::from_secs(30),
        }
    }

    /// The same, for people who ask again while the servers are away.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.api = self.api.patient(patience);
        self.deadline = patience;
        self
    }
}

/// Registers a persona and follows the link in the mail; the body has what the account type needs.
///
/// # Errors
/// When any step is not as promised.
pub async fn register(place: &Place, persona: &Persona, more: Value) -> anyhow::Result<()> {
    let mut body = json!({
        "account_type": "candidate",
        "email": persona.email,
        "password": persona.password,
        "first_name": persona.first_name,
        "last_name": persona.last_name,
        "locale": "fr",
        "accept_terms": true,
    });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let answer = place.api.post("/auth/register", body).await?.expect(202)?;
    anyhow::ensure!(
        answer["status"] == "verification_sent",
        "register: {answer}"
    );
    Ok(())
}

/// Reads the verification link in the inbox and follows it.
///
/// # Errors
/// When any step is not as promised.
pub async fn verify(place: &Place, email: &str) -> anyhow::Result<()> {
    let token = place.mailbox.token_for(email, place.deadline).await?;
    place
        .api
        .post("/auth/verify-email", json!({ "token": token }))
        .await?
        .expect(204)?;
    Ok(())
}

/// Logs in; the client with the token and the answer.
///
/// # Errors
/// When the login is refused.
pub async fn login(place: &Place, email: &str, password: &str) -> anyhow::Result<(Client, Value)> {
    let answer = place
        .api
        .post(
            "/auth/login",
            json!({ "email": email, "password": password }),
        )
        .await?
        .expect(200)?;
    let client = place.api.with_token(text_at(&answer, "/access_token")?);
    Ok((client, answer))
}
