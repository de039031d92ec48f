//! `POST /candidates/me/submission`: the command by which a candidate submits.

use axum::extract::State;
use axum::http::StatusCode;
use futures::FutureExt;
use serde::Serialize;
use store::Context;
use store::candidates::{self, StoredProfile, SubmissionRefusal};
use store::idempotency::KeptAnswer;
use temporalio_client::{WorkflowIdConflictPolicy, WorkflowUpdateWithStartOptions};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::candidates::profile::ProfileStatus;
use workflows::candidates::{
    CandidateOnboarding, OnboardingInput, Submit, onboarding_id, validation_id,
};
use workflows::queues;
use workflows::validation::{self, ProfileValidation, Resubmit};

use super::refusals::{incomplete, not_submittable};
use crate::gateway::caller::Allowed;
use crate::gateway::codes::{candidates as codes, common};
use crate::gateway::commands::{CommandError, Sent, order};
use crate::gateway::idempotency::{Acted, Once};
use crate::gateway::json::NoBody;
use crate::gateway::permission::ProfileSubmitOwn;
use crate::gateway::problem::ApiError;
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What a submission led to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Submission", example = json!({
    "status": "SUBMITTED", "validation_id": "0199a0b4-9f5e-5cc3-b1f2-3f8f0c5a7e11",
    "workflow_id": "onboarding-0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11"
}))]
pub struct SubmissionView {
    /// `SUBMITTED`, or `IN_REVIEW` after corrections.
    status: &'static str,
    /// The case.
    validation_id: Uuid,
    /// The process that took the submission.
    workflow_id: String,
}

/// Submit one's profile
///
/// Opens a case, or answers the correction request of the case that waits.
#[utoipa::path(
    post,
    path = "/me/submission",
    tag = "candidates",
    responses(
        (status = 202, description = "Submitted", body = SubmissionView),
        (status = 404, description = "The account has no profile"),
        (status = 409, description = "The profile's status allows no submission: `already_submitted`, `already_validated`, `resubmission_not_open`"),
    )
)]
pub async fn submit(
    State(state): State<AppState>,
    caller: Allowed<ProfileSubmitOwn>,
    once: Once,
    body: NoBody,
) -> Result<Rendered, ApiError> {
    once.run(
        &state,
        caller.context(),
        body.bytes(),
        async |context| submit_once(&state, caller.user_id, context).boxed().await,
        async |kept| answer(&again(&kept)?).map(Acted::Done),
    )
    .await
}

/// Answers what PostgreSQL already knows, then asks whoever is waited for.
async fn submit_once(state: &AppState, user_id: Uuid, context: Context) -> Result<Acted, ApiError> {
    let known = submittable(state, user_id).await?;
    let process = known.process();
    let ask = || submittable(state, user_id).boxed();
    let queued = state.commands.in_turn(&process, known, ask).await?;
    let (_turn, Submittable { profile, awaited }) = queued;
    let sent = match awaited {
        None => begin_case(state, &context, &profile).await?,
        Some(case) => answer_case(state, &context, &profile, case).await?,
    };
    match sent {
        Ok((view, true)) => answer(&view).map(Acted::Done),
        Ok((view, false)) => answer(&view).map(Acted::Unfinished),
        Err(error) => Err(refused(state, user_id, error).await),
    }
}

/// A profile that may be submitted as far as PostgreSQL knows.
struct Submittable {
    profile: StoredProfile,
    /// The case that awaits its corrections; none: a new case opens.
    awaited: Option<Uuid>,
}

impl Submittable {
    /// The workflow id of the process that takes the submission.
    fn process(&self) -> String {
        self.awaited
            .map_or_else(|| onboarding_id(self.profile.id), validation::workflow_id)
    }
}

/// 409 for a status that allows no submission, 422 with every blocker.
async fn submittable(state: &AppState, user_id: Uuid) -> Result<Submittable, ApiError> {
    let profile = load(state, user_id).await?;
    let awaited = match profile.status {
        ProfileStatus::Draft => None,
        ProfileStatus::InReview if profile.awaits_corrections => profile.validation_id,
        _ => return Err(not_submittable(&profile)),
    };
    complete(state, &profile)?;
    Ok(Submittable { profile, awaited })
}

fn answer(view: &SubmissionView) -> Result<Rendered, ApiError> {
    Rendered::json(StatusCode::ACCEPTED, view)
}

/// The answer, and whether the submission is done or only accepted.
type Submission = Result<(SubmissionView, bool), CommandError>;

/// The round gets `submit`, and is started if the relay has not come so far.
async fn begin_case(
    state: &AppState,
    context: &Context,
    profile: &StoredProfile,
) -> Result<Submission, ApiError> {
    let body = Submit {
        profile_id: profile.id,
    };
    let order = order(state, context, body, &()).await?;
    let input = OnboardingInput {
        profile_id: profile.id,
        user_id: profile.user_id,
        draft_since: profile.draft_since,
        correlation_id: context.correlation_id,
        timing: state.config.candidates.timing(),
        carried: None,
    };
    let workflow_id = onboarding_id(profile.id);
    let options = WorkflowUpdateWithStartOptions::new(
        queues::CANDIDATES,
        &workflow_id,
        WorkflowIdConflictPolicy::UseExisting,
    )
    .static_summary(format!("Onboarding of profile {}", profile.id))
    .build();
    let sent = state
        .commands
        .send_with_start(
            || CandidateOnboarding::run,
            &input,
            || CandidateOnboarding::submit,
            &order,
            &options,
        )
        .await;
    Ok(sent.map(|sent| {
        // Accepted and not yet finished: the case's id is known all the same.
        let (validation_id, is_done) = match sent {
            Sent::Done(submitted) => (submitted.validation_id, true),
            Sent::Accepted => {
                let next = profile.submission_number + 1;
                (validation_id(profile.id, next), false)
            }
        };
        let view = SubmissionView {
            status: ProfileStatus::Submitted.as_str(),
            validation_id,
            workflow_id,
        };
        (view, is_done)
    }))
}

/// The open case gets `resubmit`.
async fn answer_case(
    state: &AppState,
    context: &Context,
    profile: &StoredProfile,
    case: Uuid,
) -> Result<Submission, ApiError> {
    let body = Resubmit {
        profile_id: profile.id,
    };
    let order = order(state, context, body, &()).await?;
    let workflow_id = validation::workflow_id(case);
    let sent = state
        .commands
        .send::<ProfileValidation, _, _>(&workflow_id, || ProfileValidation::resubmit, &order)
        .await;
    Ok(sent.map(|sent| {
        let view = SubmissionView {
            status: ProfileStatus::InReview.as_str(),
            validation_id: case,
            workflow_id,
        };
        (view, matches!(sent, Sent::Done(_)))
    }))
}

/// A refusal says what is true now: the blockers may have appeared, or the status changed, since
/// PostgreSQL was asked.
async fn refused(state: &AppState, user_id: Uuid, error: CommandError) -> ApiError {
    let CommandError::Refused(refusal) = &error else {
        return lost(state, user_id, error).await;
    };
    let is_incomplete = refusal.code == SubmissionRefusal::INCOMPLETE;
    if !is_incomplete && refusal.code != codes::RESUBMISSION_NOT_OPEN.name() {
        return error.into();
    }
    match load(state, user_id).await {
        Ok(profile) if is_incomplete => complete(state, &profile).err().unwrap_or(error.into()),
        Ok(profile) if profile.status == ProfileStatus::Rejected => not_submittable(&profile),
        // It may be resubmitted by now: there is no date to name any more.
        Ok(_) => ApiError::new(common::CHANGED_MEANWHILE),
        Err(error) => error,
    }
}

/// Whoever lost the race while the process could not be reached is told that it is lost (409), not
/// that nobody could be reached (503).
async fn lost(state: &AppState, user_id: Uuid, error: CommandError) -> ApiError {
    match submittable(state, user_id).await {
        Err(refusal) if refusal.code().status() == StatusCode::CONFLICT => refusal,
        _ => error.into(),
    }
}

async fn load(state: &AppState, user_id: Uuid) -> Result<StoredProfile, ApiError> {
    candidates::load_profile(&state.store, user_id)
        .await?
        .ok_or_else(|| ApiError::new(common::NOT_FOUND))
}

/// 422 with every blocker.
fn complete(state: &AppState, profile: &StoredProfile) -> Result<(), ApiError> {
    let completion = profile.completion(state.store.now().date_naive());
    if completion.can_submit {
        return Ok(());
    }
    Err(incomplete(completion.blockers))
}

/// The answer of the first time, from what the activity kept.
fn again(kept: &KeptAnswer) -> Result<SubmissionView, ApiError> {
    let text = |name: &str| kept.answer.get(name).and_then(|value| value.as_str());
    let validation_id = text("validation_id")
        .and_then(|id| Uuid::parse_str(id).ok())
        .ok_or_else(|| ApiError::internal("a kept submission without its case"))?;
    let first = text("status") == Some(ProfileStatus::Submitted.as_str());
    Ok(SubmissionView {
        status: if first {
            ProfileStatus::Submitted.as_str()
        } else {
            ProfileStatus::InReview.as_str()
        },
        validation_id,
        workflow_id: text("workflow_id")
            .map_or_else(|| validation::workflow_id(validation_id), str::to_owned),
    })
}
