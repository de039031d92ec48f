//! The commands of a case, each one transaction on PostgreSQL.

use chrono::Duration;
use store::validation::{self, Assignee, CommandTexts, QueueFilter};
use uuid::Uuid;
use workflows::candidates::profile::{ProfileStatus, StepName};
use workflows::validation::rules::DecisionCode;
use workflows::validation::{
    CaseOutcome, CaseStatus, ChangeInterview, Claim, CloseErased, CompleteInterview, Decide,
    DecisionOutcome, Due, InterviewChange, InterviewMode, InterviewOutcome, InterviewStatus,
    Release, RequestCorrection, Resubmit, ReviewDocument, ReviewOutcome, ScheduleInterview,
    TimerFired, ValidationTiming, Withdraw,
};

use super::stage::Stage;

fn no_text() -> CommandTexts {
    CommandTexts::default()
}

fn reason(text: &str) -> CommandTexts {
    CommandTexts {
        reason: Some(text.to_owned()),
        ..no_text()
    }
}

fn message(text: &str) -> CommandTexts {
    CommandTexts {
        message: Some(text.to_owned()),
        ..no_text()
    }
}

fn place(text: &str) -> CommandTexts {
    CommandTexts {
        place: Some(text.to_owned()),
        ..no_text()
    }
}

fn report(text: &str) -> CommandTexts {
    CommandTexts {
        report: Some(text.to_owned()),
        ..no_text()
    }
}

async fn claimed() -> Stage {
    let stage = Stage::submitted().await;
    stage.open().await;
    let order = stage.order(stage.reviewer, no_text(), Claim {}).await;
    validation::claim(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    stage
}

async fn review(stage: &Stage, document_id: Uuid, outcome: ReviewOutcome) {
    let body = ReviewDocument {
        document_id,
        outcome,
    };
    let order = stage.order(stage.reviewer, reason("illisible"), body).await;
    validation::review_document(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
}

/// Schedules an interview that has begun by the time it is reported on.
async fn interview_done(stage: &Stage) {
    let interview_id = stage.id();
    let body = ScheduleInterview {
        interview_id,
        starts_at: stage.store.now() + Duration::hours(1),
        duration_minutes: 30,
        mode: InterviewMode::Video,
    };
    let order = stage
        .order(stage.reviewer, place("https://meet"), body)
        .await;
    let changed = validation::schedule_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::Interview);
    let body = CompleteInterview {
        interview_id,
        outcome: InterviewOutcome::Done,
    };
    let mut order = stage
        .order(stage.reviewer, report("Très bien."), body)
        .await;
    let early = validation::complete_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(early.code, "interview_not_started");
    order.at += Duration::hours(2);
    let changed = validation::complete_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::Claimed);
}

#[tokio::test]
async fn opening_twice_makes_one_case_with_the_available_documents() {
    let stage = Stage::submitted().await;
    let first = stage.open().await;
    assert_eq!(stage.open().await, first);
    assert_eq!(first.status, CaseStatus::Queued);
    let summary = validation::case_summary(&stage.store, stage.validation_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((summary.documents, summary.documents_pending), (2, 2));
    assert_eq!(summary.profile_title.as_deref(), Some("Comptable"));
    assert_eq!(stage.events().await, ["document.verification.requested"]);
}

#[tokio::test]
async fn a_document_that_was_settled_after_the_submission_does_not_count() {
    let stage = Stage::submitted().await;
    // The case opens late, and an upload was settled meanwhile.
    stage.document(stage.id(), "diploma").await;
    stage.open().await;
    let summary = validation::case_summary(&stage.store, stage.validation_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(summary.documents, 2);
}

#[tokio::test]
async fn the_first_claim_puts_the_profile_in_review_and_a_second_is_refused_by_name() {
    let stage = Stage::submitted().await;
    stage.open().await;
    let order = stage.order(stage.reviewer, no_text(), Claim {}).await;
    let changed = validation::claim(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.claimed_by, Some(stage.reviewer));
    assert_eq!(changed.profile_status, ProfileStatus::InReview);
    // The same command again, as a repeated activity: the same outcome, nothing twice.
    let again = validation::claim(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again, changed);
    assert_eq!(stage.count("case.claimed").await, 1);
    for actor in [stage.other, stage.reviewer] {
        let order = stage.order(actor, no_text(), Claim {}).await;
        let refusal = validation::claim(&stage.writer, &order)
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!("already_claimed:{}", stage.reviewer)
        );
    }
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins() {
    let stage = Stage::submitted().await;
    stage.open().await;
    let mut orders = Vec::new();
    for number in 0..64 {
        let actor = if number % 2 == 0 {
            stage.reviewer
        } else {
            stage.other
        };
        orders.push(stage.order(actor, no_text(), Claim {}).await);
    }
    let outcomes = futures::future::join_all(orders.iter().map(async |order| {
        // As Temporal would: a pool that is used up is tried again.
        loop {
            match validation::claim(&stage.writer, order).await {
                Ok(outcome) => return outcome,
                Err(error) if error.is_retryable() => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }))
    .await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1);
    assert_eq!(stage.count("case.claimed").await, 1);
}

#[tokio::test]
async fn release_keeps_interviews_reviews_and_grid() {
    let stage = claimed().await;
    review(&stage, stage.documents[0], ReviewOutcome::Accepted).await;
    stage.assess(stage.reviewer).await;
    let order = stage.order(stage.reviewer, no_text(), Release {}).await;
    let changed = validation::release(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::Queued);
    assert_eq!(changed.profile_status, ProfileStatus::InReview);
    let context = store::Context::system(stage.id(), None);
    let whole = validation::read_case(&stage.store, &context, stage.validation_id)
        .await
        .unwrap()
        .unwrap();
    assert!(whole.assessment.is_some());
    assert_eq!(
        whole
            .documents
            .iter()
            .filter(|d| d.review.is_some())
            .count(),
        1
    );
}

#[tokio::test]
async fn a_correction_gathers_the_documents_opens_their_step_and_comes_back_to_the_same_case() {
    let stage = claimed().await;
    review(&stage, stage.documents[0], ReviewOutcome::Accepted).await;
    review(&stage, stage.documents[1], ReviewOutcome::Refused).await;
    let body = RequestCorrection {
        steps: vec![StepName::Skills],
    };
    let order = stage
        .order(stage.reviewer, message("Merci de corriger."), body)
        .await;
    let changed = validation::request_correction(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::AwaitingCandidate);
    assert_eq!(changed.profile_status, ProfileStatus::InReview);
    let steps: Vec<String> =
        sqlx::query_scalar("SELECT unnest(open_correction_steps) FROM candidate.profiles")
            .fetch_all(&stage.owner)
            .await
            .unwrap();
    assert_eq!(steps, ["skills", "documents"]);
    assert_eq!(stage.count("document.upload.requested").await, 1);

    let new = stage.id();
    stage.document(new, "certificate").await;
    let body = Resubmit {
        profile_id: stage.profile_id,
    };
    let order = stage.order(stage.candidate, no_text(), body).await;
    let changed = validation::resubmit(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::Claimed);
    assert_eq!(changed.case.claimed_by, Some(stage.reviewer));
    let (_, blockers) = validation::case_blockers(&stage.store, stage.validation_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(blockers[0].pointer, format!("/documents/{new}"));
    // Nothing was refused since the last request: without a step there is nothing to ask.
    let order = stage
        .order(
            stage.reviewer,
            message("?"),
            RequestCorrection { steps: vec![] },
        )
        .await;
    let refusal = validation::request_correction(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(refusal.code, "nothing_to_correct");
}

#[tokio::test]
async fn a_validation_needs_reviews_an_interview_and_the_grid_and_keeps_the_revision() {
    let stage = claimed().await;
    let body = || Decide {
        outcome: DecisionOutcome::Validated,
    };
    let order = stage.order(stage.reviewer, no_text(), body()).await;
    let refusal = validation::decide(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(refusal.code, "decision_blocked");
    let (_, blockers) = validation::case_blockers(&stage.store, stage.validation_id)
        .await
        .unwrap()
        .unwrap();
    let mut codes: Vec<_> = blockers.iter().map(|blocker| blocker.code).collect();
    codes.dedup();
    assert_eq!(codes, DecisionCode::ALL);

    for document in &stage.documents {
        review(&stage, *document, ReviewOutcome::Accepted).await;
    }
    interview_done(&stage).await;
    stage.assess(stage.reviewer).await;
    let order = stage.order(stage.reviewer, no_text(), body()).await;
    let changed = validation::decide(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.outcome, Some(CaseOutcome::Validated));
    assert_eq!(changed.profile_status, ProfileStatus::Validated);
    let kept: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM candidate.profile_revisions
         WHERE validation_id = $1 AND (expert_opinion ->> 'score_5')::float = 4",
    )
    .bind(stage.validation_id)
    .fetch_one(&stage.owner)
    .await
    .unwrap();
    assert_eq!(kept, 1);
    let again = validation::decide(&stage.writer, &order).await.unwrap();
    assert_eq!(again.unwrap().case.outcome, Some(CaseOutcome::Validated));
    assert_eq!(stage.count("profile.validated").await, 1);
    let order = stage.order(stage.reviewer, no_text(), body()).await;
    let refusal = validation::decide(&stage.writer, &order).await.unwrap();
    assert_eq!(refusal.unwrap_err().code, "already_decided");
}

#[tokio::test]
async fn a_rejection_needs_only_its_reason_and_goes_to_the_archive() {
    let stage = claimed().await;
    let body = Decide {
        outcome: DecisionOutcome::Rejected,
    };
    let order = stage
        .order(stage.reviewer, reason("Parcours trop éloigné."), body)
        .await;
    let changed = validation::decide(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.profile_status, ProfileStatus::Rejected);
    let archive = validation::rejected_profiles(&stage.store, None, 10)
        .await
        .unwrap();
    assert_eq!(archive.len(), 1);
    assert_eq!(archive[0].reason, "Parcours trop éloigné.");
    assert_eq!(
        archive[0].resubmission_open_at,
        order.at + Duration::days(90)
    );
    let opens: Option<chrono::DateTime<chrono::Utc>> =
        sqlx::query_scalar("SELECT resubmission_open_at FROM candidate.profiles")
            .fetch_one(&stage.owner)
            .await
            .unwrap();
    assert_eq!(opens, Some(archive[0].resubmission_open_at));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM admin.command_inputs")
        .fetch_one(&stage.owner)
        .await
        .unwrap();
    assert_eq!(left, 0, "the texts were taken");
}

#[tokio::test]
async fn an_interview_moves_and_is_cancelled() {
    let stage = claimed().await;
    let interview_id = stage.id();
    let body = ScheduleInterview {
        interview_id,
        starts_at: stage.store.now() + Duration::days(2),
        duration_minutes: 45,
        mode: InterviewMode::OnSite,
    };
    let order = stage
        .order(stage.reviewer, place("Plateau, Dakar"), body)
        .await;
    validation::schedule_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    let moved = ChangeInterview {
        interview_id,
        change: InterviewChange::Rescheduled {
            starts_at: Some(stage.store.now() + Duration::days(3)),
            duration_minutes: None,
            mode: Some(InterviewMode::Phone),
        },
    };
    let order = stage
        .order(stage.reviewer, place("+221771234567"), moved)
        .await;
    validation::change_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    let interview = validation::interview(&stage.store, interview_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(interview.mode, InterviewMode::Phone);
    assert_eq!((interview.duration_minutes, interview.sequence), (45, 1));
    let cancel = ChangeInterview {
        interview_id,
        change: InterviewChange::Cancelled,
    };
    let order = stage.order(stage.reviewer, no_text(), cancel).await;
    let changed = validation::change_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.case.status, CaseStatus::Claimed);
    for event in [
        "interview.scheduled",
        "interview.changed",
        "interview.cancelled",
    ] {
        assert_eq!(stage.count(event).await, 1, "{event}");
    }
}

/// A claimed case with an interview to come, and the interview.
async fn interview_to_come() -> (Stage, Uuid) {
    let stage = claimed().await;
    let interview_id = stage.id();
    let body = ScheduleInterview {
        interview_id,
        starts_at: stage.store.now() + Duration::days(2),
        duration_minutes: 45,
        mode: InterviewMode::Video,
    };
    let order = stage
        .order(stage.reviewer, place("https://meet"), body)
        .await;
    validation::schedule_interview(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    (stage, interview_id)
}

async fn is_called_off(stage: &Stage, interview_id: Uuid) {
    let interview = validation::interview(&stage.store, interview_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(interview.status, InterviewStatus::Cancelled);
    assert_eq!(interview.sequence, 1);
    let told: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT payload ->> 'reviewer_id' FROM events.events WHERE type = 'interview.cancelled'",
    )
    .fetch_all(&stage.owner)
    .await
    .unwrap();
    assert_eq!(told, [Some(stage.reviewer.to_string())]);
}

#[tokio::test]
async fn a_decision_calls_the_interviews_off_that_are_still_to_come() {
    let (stage, interview_id) = interview_to_come().await;
    let body = Decide {
        outcome: DecisionOutcome::Rejected,
    };
    let order = stage
        .order(stage.reviewer, reason("Parcours trop éloigné."), body)
        .await;
    for _ in 0..2 {
        let changed = validation::decide(&stage.writer, &order).await.unwrap();
        assert!(changed.unwrap().case.interviews.is_empty());
    }
    is_called_off(&stage, interview_id).await;
}

#[tokio::test]
async fn a_withdrawal_calls_the_interviews_off() {
    let (stage, interview_id) = interview_to_come().await;
    let body = Withdraw {
        profile_id: stage.profile_id,
    };
    let order = stage.order(stage.candidate, no_text(), body).await;
    validation::withdraw(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    is_called_off(&stage, interview_id).await;
}

#[tokio::test]
async fn an_erasure_and_a_lapse_call_the_interviews_off() {
    let (stage, interview_id) = interview_to_come().await;
    let close = CloseErased {
        validation_id: stage.validation_id,
        correlation_id: stage.id(),
        at: stage.store.now(),
    };
    for _ in 0..2 {
        validation::close_erased(&stage.writer, &close)
            .await
            .unwrap();
    }
    is_called_off(&stage, interview_id).await;

    let (stage, interview_id) = interview_to_come().await;
    // Given back meanwhile: who scheduled it hears of it.
    sqlx::query(
        "UPDATE admin.validations SET status = 'awaiting_candidate', claimed_by = NULL,
            claimed_at = NULL, waiting_since = now() - interval '31 days',
            correction_deadline = now() - interval '1 day'",
    )
    .execute(&stage.owner)
    .await
    .unwrap();
    let fired = TimerFired {
        validation_id: stage.validation_id,
        correlation_id: stage.id(),
        at: stage.store.now(),
        due: Due::CorrectionDeadline,
        timing: ValidationTiming::default(),
    };
    for _ in 0..2 {
        let handled = validation::fire_timer(&stage.writer, &fired).await.unwrap();
        assert_eq!(handled.case.outcome, Some(CaseOutcome::Lapsed));
    }
    is_called_off(&stage, interview_id).await;
}

#[tokio::test]
async fn the_grid_is_saved_only_by_who_holds_the_case() {
    let stage = Stage::submitted().await;
    stage.open().await;
    let grid = validation::current_grid(&stage.store).await.unwrap();
    assert_eq!(grid, workflows::validation::rules::default_grid());
    let assessment = workflows::validation::rules::Assessment::default();
    let evaluation = workflows::validation::rules::evaluate(&grid, &assessment);
    let context = store::Context {
        actor: store::Actor::Person(stage.reviewer),
        ..store::Context::system(stage.id(), None)
    };
    let save = || {
        validation::save_assessment(
            &stage.store,
            &context,
            stage.validation_id,
            &assessment,
            &evaluation,
        )
    };
    assert_eq!(save().await.unwrap().unwrap_err().code, "not_claimed");
    let order = stage.order(stage.reviewer, no_text(), Claim {}).await;
    validation::claim(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    save().await.unwrap().unwrap();
    assert_eq!(stage.count("assessment.saved").await, 1);
}

#[tokio::test]
async fn the_api_role_cannot_move_a_case() {
    let stage = claimed().await;
    for statement in [
        "UPDATE admin.validations SET status = 'decided'",
        "UPDATE admin.validations SET claimed_by = NULL",
        "INSERT INTO admin.rejected_profiles SELECT * FROM admin.rejected_profiles",
        "UPDATE admin.document_reviews SET outcome = 'accepted'",
        "DELETE FROM admin.validations",
    ] {
        let mut connection = stage.store.connection().await.unwrap();
        let error = sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn the_queue_is_filtered_sorted_and_cut() {
    let stage = claimed().await;
    let filter = |statuses: &[CaseStatus], assignee| QueueFilter {
        statuses: statuses.to_vec(),
        assignee,
        newest_first: false,
        after: None,
        limit: 10,
    };
    let open = [CaseStatus::Queued, CaseStatus::Claimed];
    for (assignee, expected) in [
        (Assignee::Any, 1),
        (Assignee::Nobody, 0),
        (Assignee::Reviewer(stage.reviewer), 1),
        (Assignee::Reviewer(stage.other), 0),
    ] {
        let found = validation::queue(&stage.store, &filter(&open, assignee))
            .await
            .unwrap();
        assert_eq!(found.len(), expected, "{assignee:?}");
    }
    let decided = filter(&[CaseStatus::Decided], Assignee::Any);
    assert!(
        validation::queue(&stage.store, &decided)
            .await
            .unwrap()
            .is_empty()
    );
    let found = validation::queue(&stage.store, &filter(&open, Assignee::Any))
        .await
        .unwrap();
    assert_eq!(found[0].claimed_by_name.as_deref(), Some("Fanta Diop"));
}

#[tokio::test]
async fn the_card_that_a_reviewer_sees_is_cleared_as_companies_will_see_it() {
    let stage = claimed().await;
    sqlx::query(
        "UPDATE candidate.profiles SET profile_title = 'Comptable 05,46,47,48,49', city = 'DiopVille',
            main_occupation = 'Comptable insta awa_92' WHERE id = $1",
    )
    .bind(stage.profile_id)
    .execute(&stage.owner)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO candidate.skills (profile_id, category, rank, label)
        SELECT $1, 'technical', 90 + place, label
        FROM unnest(ARRAY['05 46', 'Paie agricole', '47 48 49']) WITH ORDINALITY AS skill (label, place)",
    )
    .bind(stage.profile_id)
    .execute(&stage.owner)
    .await
    .unwrap();
    let card = validation::preview_card(&stage.store, stage.validation_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(card.profile_title.unwrap().as_str(), "Comptable");
    assert_eq!(card.occupation.unwrap().as_str(), "Comptable");
    let skills: Vec<&str> = card
        .skills
        .iter()
        .map(|skill| skill.name.as_str())
        .collect();
    assert!(skills.contains(&"Paie agricole"), "{skills:?}");
    assert!(
        !skills.iter().any(|skill| skill.contains("4")),
        "{skills:?}"
    );
}
