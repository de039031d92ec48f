//! A candidate at work on their profile.

use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Persona, Place, complete_profile, login, register, verify};
use crate::files::{self, TestFile};
use crate::http::{Answer, Client, Upload, eventually, text_at};

/// How long a document may be on its way through scanner and checks.
pub const SCAN_DEADLINE: Duration = Duration::from_secs(45);

/// A candidate with an account.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who they are.
    pub persona: Persona,
    /// Their way in.
    pub client: Client,
    /// Their account.
    pub user_id: String,
    /// How long they wait for what happens by itself.
    pub deadline: Duration,
}

impl Candidate {
    /// Registers, follows the link in the mail, logs in.
    ///
    /// # Errors
    /// When any step is not as promised.
    pub async fn join(place: &Place, persona: Persona) -> anyhow::Result<Self> {
        register(place, &persona, json!({})).await?;
        verify(place, &persona.email).await?;
        Self::log_in(place, persona).await
    }

    /// Logs in to an account that is verified.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn log_in(place: &Place, persona: Persona) -> anyhow::Result<Self> {
        let (client, answer) = login(place, &persona.email, &persona.password).await?;
        Ok(Self {
            user_id: text_at(&answer, "/user/id")?.to_owned(),
            persona,
            client,
            deadline: place.deadline.max(SCAN_DEADLINE),
        })
    }

    /// Joins with a complete profile and an available CV.
    ///
    /// # Errors
    /// When any step is not as promised.
    pub async fn ready(place: &Place) -> anyhow::Result<Self> {
        let candidate = Self::join(place, Persona::new()).await?;
        candidate.fill().await?;
        candidate.upload_cv().await?;
        Ok(candidate)
    }

    /// The whole profile, as it was answered.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn profile_answer(&self) -> anyhow::Result<Answer> {
        self.client.get("/candidates/me/profile").await
    }

    /// The whole profile.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn profile(&self) -> anyhow::Result<Value> {
        self.profile_answer().await?.expect(200)
    }

    /// The profile's id.
    ///
    /// # Errors
    /// When the profile cannot be read.
    pub async fn profile_id(&self) -> anyhow::Result<String> {
        Ok(text_at(&self.profile().await?, "/id")?.to_owned())
    }

    /// The profile's status.
    ///
    /// # Errors
    /// When the profile cannot be read.
    pub async fn status(&self) -> anyhow::Result<String> {
        Ok(text_at(&self.profile().await?, "/status")?.to_owned())
    }

    /// Gauge, blockers and steps.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn onboarding(&self) -> anyhow::Result<Value> {
        self.client
            .get("/candidates/me/onboarding")
            .await?
            .expect(200)
    }

    /// Saves a step against a tag, whatever comes of it.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn save_against(
        &self,
        etag: &str,
        step: &str,
        body: Value,
    ) -> anyhow::Result<Answer> {
        let path = format!("/candidates/me/onboarding/steps/{step}");
        let call = self.client.call(Method::PATCH, &path);
        call.json(body).header("if-match", etag).send().await
    }

    /// Saves a step as a front end does: against the last tag; after a 412, which a lost answer
    /// also leads to, against a new one.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn save(&self, step: &str, body: Value) -> anyhow::Result<Value> {
        for _ in 0..5 {
            let etag = self.profile_answer().await?.etag()?;
            let answer = self.save_against(&etag, step, body.clone()).await?;
            if answer.status != 412 {
                return answer.expect(200);
            }
        }
        anyhow::bail!("{step}: five times 412 in a row with one editor")
    }

    /// Saves every step that is filled in by writing.
    ///
    /// # Errors
    /// When one is refused or not complete afterwards.
    pub async fn fill(&self) -> anyhow::Result<()> {
        for (step, body) in complete_profile(&self.persona) {
            let saved = self.save(step, body).await?;
            ensure!(
                saved["step"]["status"] == "complete",
                "{step} is complete: {saved}"
            );
        }
        Ok(())
    }

    /// Uploads a file as a document of a kind.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn upload(&self, kind: &str, file: &TestFile) -> anyhow::Result<Answer> {
        self.send_upload(Upload::new(kind, file)).await
    }

    /// Uploads with the fields given.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send_upload(&self, upload: Upload) -> anyhow::Result<Answer> {
        let call = self.client.call(Method::POST, "/documents");
        call.upload(upload).send().await
    }

    /// Uploads a file that is taken and waits until it is settled.
    ///
    /// # Errors
    /// When it is refused at once, or not settled in time.
    pub async fn upload_settled(&self, kind: &str, file: &TestFile) -> anyhow::Result<Value> {
        let taken = self.upload(kind, file).await?.expect(202)?;
        ensure!(
            taken["status"] == "scanning",
            "an upload is scanned first: {taken}"
        );
        ensure!(
            taken["sha256"] == file.sha256(),
            "the hash of what was sent: {taken}"
        );
        self.settled(text_at(&taken, "/id")?).await
    }

    /// Uploads a CV and waits until it is available; its id.
    ///
    /// # Errors
    /// When it does not become available.
    pub async fn upload_cv(&self) -> anyhow::Result<String> {
        let file = files::cv(&format!(
            "{} {}",
            self.persona.first_name, self.persona.last_name
        ));
        let settled = self.upload_settled("cv", &file).await?;
        ensure!(
            settled["status"] == "available",
            "the CV is available: {settled}"
        );
        Ok(text_at(&settled, "/id")?.to_owned())
    }

    /// A document.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn document(&self, id: &str) -> anyhow::Result<Value> {
        self.client
            .get(&format!("/documents/{id}"))
            .await?
            .expect(200)
    }

    /// Waits until a document is no longer `scanning`.
    ///
    /// # Errors
    /// When it still is after the deadline.
    pub async fn settled(&self, id: &str) -> anyhow::Result<Value> {
        eventually("the document is settled", self.deadline, async || {
            let document = self.document(id).await?;
            Ok((document["status"] != "scanning").then_some(document))
        })
        .await
    }

    /// Asks for a link to a document.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn link(&self, id: &str) -> anyhow::Result<Answer> {
        let body = json!({ "ttl_seconds": 60, "disposition": "inline" });
        self.client
            .post(&format!("/documents/{id}/links"), body)
            .await
    }

    /// Submits.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn submit(&self) -> anyhow::Result<Answer> {
        self.client.post_empty("/candidates/me/submission").await
    }

    /// Submits a profile that is complete; the id of the case.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn submitted(&self) -> anyhow::Result<String> {
        let answer = self.submit().await?.expect(202)?;
        text_at(&answer, "/validation_id")
            .map(str::to_owned)
            .with_context(|| format!("submission: {answer}"))
    }

    /// Waits until the profile has a status.
    ///
    /// # Errors
    /// When it has not after the deadline.
    pub async fn wait_status(&self, wanted: &str) -> anyhow::Result<Value> {
        eventually(
            &format!("the profile is {wanted}"),
            self.deadline,
            async || {
                let profile = self.profile().await?;
                Ok((profile["status"] == wanted).then_some(profile))
            },
        )
        .await
    }
}
