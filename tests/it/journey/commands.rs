//! Commands: the races for a case, double submission, keys, and who may do what when.

use anyhow::{Context as _, ensure};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::app::play;
use tests::http::text_at;
use tests::people::{Candidate, Reviewer};

/// Requests for one case at once.
const CROWD: usize = 64;

#[tokio::test]
async fn of_sixty_four_claims_at_once_one_is_granted() {
    play(async |app| {
        let one = app.staff("admin").await?;
        let two = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        one.wait_in_queue(&case).await?;
        let claims = (0..CROWD).map(|number| {
            let reviewer = if number % 2 == 0 { &one } else { &two };
            reviewer.claim(&case)
        });
        let mut granted = 0;
        for answer in join_all(claims).await {
            let answer = answer?;
            if answer.status == 200 {
                granted += 1;
            } else {
                answer.refused(409, "already_claimed")?;
            }
        }
        ensure!(granted == 1, "{granted} claims were granted");
        let claimed: i64 =
            sqlx::query_scalar("SELECT count(*) FROM events.events WHERE type = 'case.claimed'")
                .fetch_one(&app.owner().await)
                .await?;
        ensure!(claimed == 1, "{claimed} claims are told of");
        ensure!(candidate.status().await? == "IN_REVIEW");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_the_holders_until_released_and_its_key_repeats_it() {
    play(async |app| {
        let one = app.staff("admin").await?;
        let two = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        one.wait_in_queue(&case).await?;
        let path = format!("/admin/validations/{case}/claim");
        let claim = async |reviewer: &Reviewer, key: &str| {
            let call = reviewer.client.call(Method::POST, &path);
            call.key(key).send().await
        };
        one.act(&case, "release", json!({}))
            .await?
            .refused(409, "not_claimed")?;
        let first = claim(&one, "first-claim").await?.expect(200)?;
        let again = claim(&one, "first-claim").await?.expect(200)?;
        ensure!(first["id"] == again["id"], "the same case");
        claim(&one, "another-key")
            .await?
            .refused(409, "already_claimed")?;
        claim(&two, "his-key")
            .await?
            .refused(409, "already_claimed")?;
        two.decide(&case, "validated", None)
            .await?
            .refused(409, "not_claimed")?;
        one.act(&case, "release", json!({})).await?.expect(200)?;
        claim(&two, "after-release").await?.expect(200)?;
        ensure!(
            candidate.status().await? == "IN_REVIEW",
            "a release leaves it so"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_profile_is_submitted_once() {
    play(async |app| {
        let candidate = Candidate::ready(&app.place).await?;
        let submit = |key: &'static str| {
            candidate
                .client
                .call(Method::POST, "/candidates/me/submission")
                .key(key)
                .send()
        };
        let both = join_all([submit("one"), submit("two"), submit("three")]).await;
        let mut accepted = 0;
        for answer in both {
            let answer = answer?;
            accepted += usize::from(answer.is_success());
            ensure!(matches!(answer.status, 202 | 409), "{}", answer.text());
        }
        ensure!(accepted == 1, "{accepted} submissions were accepted");
        candidate.submit().await?.problem(409)?;
        let etag = candidate.profile_answer().await?.etag()?;
        let edit = candidate
            .save_against(&etag, "identity", json!({ "city": "Thiès" }))
            .await?;
        edit.problem(409)?;
        let cases: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM events.events WHERE type = 'profile.submitted'",
        )
        .fetch_one(&app.owner().await)
        .await?;
        ensure!(cases == 1, "{cases} submissions are told of");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_submission_repeated_with_its_key_has_one_answer() {
    play(async |app| {
        let candidate = Candidate::ready(&app.place).await?;
        let submit = || {
            let call = candidate
                .client
                .call(Method::POST, "/candidates/me/submission");
            call.key("submit-once").send()
        };
        let mut answers = join_all((0..8).map(|_| submit())).await.into_iter();
        let first = answers.next().context("an answer")??.expect(202)?;
        for answer in answers {
            let same = answer?.expect(202)?;
            ensure!(same["validation_id"] == first["validation_id"], "{same}");
        }
        let again = submit().await?.expect(202)?;
        ensure!(text_at(&first, "/validation_id")? == text_at(&again, "/validation_id")?);
        let call = candidate
            .client
            .call(Method::POST, "/candidates/me/submission");
        let other = call
            .key("submit-once")
            .json(json!({ "note": "x" }))
            .send()
            .await?;
        ensure!(
            other.status == 422,
            "another body under the key: {}",
            other.text()
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_not_kept_under_its_key() {
    play(async |app| {
        let reviewer = app.staff("admin").await?;
        let candidate = Candidate::ready(&app.place).await?;
        let case = candidate.submitted().await?;
        reviewer.wait_in_queue(&case).await?;
        reviewer.take(&case).await?;
        let path = format!("/admin/validations/{case}/correction-requests");
        let ask = async |message: &str| {
            let call = reviewer.client.call(Method::POST, &path);
            let body = json!({ "message": message, "steps": [] });
            call.key("ask-once").json(body).send().await
        };
        ask("Un document est illisible.")
            .await?
            .refused(409, "nothing_to_correct")?;
        let documents = reviewer.case(&case).await?["documents"].clone();
        let document = text_at(&documents, "/0/id")?;
        reviewer
            .review(
                &case,
                document,
                json!({ "outcome": "refused", "reason": "illisible" }),
            )
            .await?
            .expect(200)?;
        ask("Un document est illisible.").await?.expect(200)?;
        ask("Un document est illisible.").await?.expect(200)?;
        ask("Autre chose.")
            .await?
            .refused(422, "idempotency_key_reused")?;
        Ok(())
    })
    .await;
}
