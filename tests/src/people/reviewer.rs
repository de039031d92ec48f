//! A reviewer at work on the queue.

use std::time::Duration;

use anyhow::ensure;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use store::clock::Clock;

use super::{Place, login};
use crate::http::{Answer, Client, eventually, list_at, text_at};

/// How far ahead an interview is arranged.
const INTERVIEW_AHEAD: TimeDelta = TimeDelta::seconds(2);

/// Somebody of the HR team.
#[derive(Clone, Debug)]
pub struct Reviewer {
    /// Their way in.
    pub client: Client,
    /// Their account.
    pub user_id: String,
    /// How long they wait for what happens by itself.
    pub deadline: Duration,
}

impl Reviewer {
    /// Logs in.
    ///
    /// # Errors
    /// When the login is refused.
    pub async fn log_in(place: &Place, email: &str, password: &str) -> anyhow::Result<Self> {
        let (client, answer) = login(place, email, password).await?;
        Ok(Self {
            client,
            user_id: text_at(&answer, "/user/id")?.to_owned(),
            deadline: place.deadline,
        })
    }

    /// Does something to a case.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn act(&self, case: &str, action: &str, body: Value) -> anyhow::Result<Answer> {
        self.client
            .post(&format!("/admin/validations/{case}/{action}"), body)
            .await
    }

    /// The whole case.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn case(&self, case: &str) -> anyhow::Result<Value> {
        self.client
            .get(&format!("/admin/validations/{case}"))
            .await?
            .expect(200)
    }

    /// Waits until the case is there in the given status.
    ///
    /// # Errors
    /// When it is not after the deadline.
    pub async fn wait_case(&self, case: &str, status: &str) -> anyhow::Result<Value> {
        let what = format!("case {case} is {status}");
        eventually(&what, self.deadline, async || {
            let found = self.case(case).await?;
            Ok((found["status"] == status).then_some(found))
        })
        .await
    }

    /// Waits until the queue lists the case.
    ///
    /// # Errors
    /// When it does not after the deadline.
    pub async fn wait_in_queue(&self, case: &str) -> anyhow::Result<Value> {
        eventually(
            &format!("case {case} is in the queue"),
            self.deadline,
            async || self.look_in_queue(case).await,
        )
        .await
    }

    async fn look_in_queue(&self, case: &str) -> anyhow::Result<Option<Value>> {
        let mut cursor = String::new();
        loop {
            let path = format!("/admin/validations?limit=100{cursor}");
            let page = self.client.get(&path).await?.expect(200)?;
            let found = list_at(&page, "/items")?
                .iter()
                .find(|item| item["id"] == case);
            if found.is_some() {
                return Ok(found.cloned());
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(None),
            }
        }
    }

    /// Takes the case.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn claim(&self, case: &str) -> anyhow::Result<Answer> {
        self.client
            .post_empty(&format!("/admin/validations/{case}/claim"))
            .await
    }

    /// Waits for the case and takes it.
    ///
    /// # Errors
    /// When it does not come or is refused.
    pub async fn take(&self, case: &str) -> anyhow::Result<Value> {
        self.wait_in_queue(case).await?;
        self.claim(case).await?.expect(200)
    }

    /// Reviews one document.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn review(
        &self,
        case: &str,
        document: &str,
        review: Value,
    ) -> anyhow::Result<Answer> {
        self.act(case, &format!("documents/{document}/review"), review)
            .await
    }

    /// Accepts every document of the case that is available and not reviewed yet.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn accept_documents(&self, case: &str) -> anyhow::Result<usize> {
        let found = self.case(case).await?;
        let mut accepted = 0;
        for document in list_at(&found, "/documents")? {
            if document["status"] == "available" && document["review"]["outcome"].is_null() {
                let id = text_at(document, "/id")?;
                let review = json!({ "outcome": "accepted" });
                self.review(case, id, review).await?.expect(200)?;
                accepted += 1;
            }
        }
        Ok(accepted)
    }

    /// Asks the candidate for corrections.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn ask_correction(
        &self,
        case: &str,
        message: &str,
        steps: &[&str],
    ) -> anyhow::Result<Answer> {
        let body = json!({ "message": message, "steps": steps });
        self.act(case, "correction-requests", body).await
    }

    /// Arranges an interview for a moment from now; its id and its start.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn arrange(&self, case: &str) -> anyhow::Result<(String, DateTime<Utc>)> {
        let (mut arranged, mut starts_at) = self.propose(case).await?;
        // The moment proposed may have passed while the servers were away.
        while arranged.status == 422 && Clock::system().now() > starts_at {
            (arranged, starts_at) = self.propose(case).await?;
        }
        let arranged = arranged.expect_one_of(&[200, 201])?;
        Ok((text_at(&arranged, "/id")?.to_owned(), starts_at))
    }

    async fn propose(&self, case: &str) -> anyhow::Result<(Answer, DateTime<Utc>)> {
        let starts_at = Clock::system().now() + INTERVIEW_AHEAD;
        let body = json!({
            "starts_at": starts_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "duration_minutes": 30,
            "mode": "video",
            "place": "https://visio.example/yemma",
        });
        Ok((self.act(case, "interviews", body).await?, starts_at))
    }

    /// Says how the interview went.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn conclude(
        &self,
        case: &str,
        interview: &str,
        report: &str,
    ) -> anyhow::Result<Answer> {
        let body = json!({ "outcome": "done", "report": report });
        self.act(case, &format!("interviews/{interview}/completion"), body)
            .await
    }

    /// Arranges an interview, waits for it and reports.
    ///
    /// # Errors
    /// When any of it is refused.
    pub async fn interview(&self, case: &str, report: &str) -> anyhow::Result<String> {
        let (interview, starts_at) = self.arrange(case).await?;
        let ahead = starts_at - Clock::system().now() + TimeDelta::milliseconds(300);
        tokio::time::sleep(ahead.to_std().unwrap_or_default()).await;
        self.conclude(case, &interview, report).await?.expect(200)?;
        Ok(interview)
    }

    /// Rates every criterion of the grid.
    ///
    /// # Errors
    /// When it is refused or not complete afterwards.
    pub async fn assess(&self, case: &str, summary: &str) -> anyhow::Result<Value> {
        let grid = self
            .client
            .get("/admin/assessment-grid")
            .await?
            .expect(200)?;
        let mut ratings = Vec::new();
        for category in list_at(&grid, "/categories")? {
            for criterion in list_at(category, "/criteria")? {
                let code = text_at(criterion, "/code")?;
                ratings.push(json!({ "criterion": code, "rating": 4, "comment": "Solide" }));
            }
        }
        let body = json!({ "ratings": ratings, "tags": ["autonomous"], "summary": summary });
        let path = format!("/admin/validations/{case}/assessment");
        let saved = self.client.put(&path, body).await?.expect(200)?;
        ensure!(saved["complete"] == true, "the grid is complete: {saved}");
        ensure!(saved["score_5"] == 4.0, "the score is computed: {saved}");
        ensure!(
            saved["score_100"].as_f64() == Some(80.0),
            "out of 100: {saved}"
        );
        Ok(saved)
    }

    /// Decides.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn decide(
        &self,
        case: &str,
        outcome: &str,
        reason: Option<&str>,
    ) -> anyhow::Result<Answer> {
        self.act(
            case,
            "decision",
            json!({ "outcome": outcome, "reason": reason }),
        )
        .await
    }

    /// Everything from the claim to a positive decision.
    ///
    /// # Errors
    /// When any of it is refused.
    pub async fn validate(&self, case: &str) -> anyhow::Result<()> {
        self.take(case).await?;
        self.accept_documents(case).await?;
        self.interview(case, "Entretien clair et précis.").await?;
        self.assess(case, &expert_summary()).await?;
        let decided = self.decide(case, "validated", None).await?.expect(200)?;
        ensure!(
            decided["status"] == "VALIDATED",
            "the decision's status: {decided}"
        );
        Ok(())
    }
}

/// An expert's opinion of more than a hundred characters.
#[must_use]
pub fn expert_summary() -> String {
    "Profil solide : maîtrise réelle des flux de données, exemples précis, recul sur les échecs, \
     communication claire avec les métiers. À recommander pour un poste de référence."
        .to_owned()
}
