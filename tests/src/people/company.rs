//! A company that looks for people.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Persona, Place, login, register, verify};
use crate::http::{Answer, Client, eventually, list_at, text_at};

/// The promise: found within five seconds of the decision; doubled for a busy machine.
pub const INDEX_DEADLINE: Duration = Duration::from_secs(10);

/// A company's administrator.
#[derive(Clone, Debug)]
pub struct Company {
    /// Their way in.
    pub client: Client,
    /// Their mail address.
    pub email: String,
    /// Their account.
    pub user_id: String,
}

impl Company {
    /// Registers, follows the link in the mail, logs in.
    ///
    /// # Errors
    /// When any step is not as promised.
    pub async fn join(place: &Place, name: &str) -> anyhow::Result<Self> {
        let persona = Persona::new();
        let more = json!({ "account_type": "company", "company_name": name });
        register(place, &persona, more).await?;
        verify(place, &persona.email).await?;
        Self::log_in(place, &persona.email, &persona.password).await
    }

    /// Logs in.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn log_in(place: &Place, email: &str, password: &str) -> anyhow::Result<Self> {
        let (client, answer) = login(place, email, password).await?;
        Ok(Self {
            client,
            email: email.to_owned(),
            user_id: text_at(&answer, "/user/id")?.to_owned(),
        })
    }

    /// Searches.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn search(&self, query: Value) -> anyhow::Result<Answer> {
        self.client.post("/search/profiles", query).await
    }

    /// The card of a profile among all hits of a query.
    ///
    /// # Errors
    /// When a search is refused.
    pub async fn hit(&self, query: &Value, profile: &str) -> anyhow::Result<Option<Value>> {
        let mut query = query.clone();
        query["limit"] = json!(100);
        loop {
            let page = self.search(query.clone()).await?.expect(200)?;
            let items = list_at(&page, "/items")?;
            if let Some(card) = items.iter().find(|card| card["profile_id"] == profile) {
                return Ok(Some(card.clone()));
            }
            if page["next_cursor"].is_null() {
                return Ok(None);
            }
            query["cursor"] = page["next_cursor"].clone();
        }
    }

    /// Waits until a query finds a profile.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn find(&self, query: &Value, profile: &str) -> anyhow::Result<Value> {
        eventually("the search finds the profile", INDEX_DEADLINE, async || {
            self.hit(query, profile).await
        })
        .await
    }

    /// Opens a profile.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn open(&self, profile: &str) -> anyhow::Result<Answer> {
        self.client
            .post_empty(&format!("/search/profiles/{profile}/opening"))
            .await
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn read(&self, profile: &str) -> anyhow::Result<Answer> {
        self.client
            .get(&format!("/search/profiles/{profile}"))
            .await
    }

    /// Asks for a link to a document.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn link(&self, document: &str) -> anyhow::Result<Answer> {
        let body = json!({ "ttl_seconds": 60, "disposition": "attachment" });
        self.client
            .post(&format!("/documents/{document}/links"), body)
            .await
    }

    /// How much of a quota is used in the present period, and its limit.
    ///
    /// # Errors
    /// When the subscription cannot be read.
    pub async fn quota(&self, name: &str) -> anyhow::Result<(u64, Option<u64>)> {
        let subscription = self.client.get("/subscriptions/me").await?.expect(200)?;
        let quotas = list_at(&subscription, "/quotas")?;
        let quota = quotas
            .iter()
            .find(|quota| quota["name"] == name)
            .cloned()
            .unwrap_or(Value::Null);
        let used = quota["used"].as_u64();
        anyhow::ensure!(used.is_some(), "no quota {name}: {subscription}");
        Ok((used.unwrap_or_default(), quota["limit"].as_u64()))
    }
}
