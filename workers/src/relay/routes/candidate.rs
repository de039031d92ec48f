//! `candidate.<event>`: what the onboarding is begun by and told of.

use serde::Deserialize;
use store::deliveries::Delivery;
use uuid::Uuid;
use workflows::candidates::payloads::{ProfileCreated, ProfileStatusChanged, StatusCause};
use workflows::candidates::profile::{ProfileStatus, StepName, StepStatus};
use workflows::candidates::{
    CandidateOnboarding, CaseVerdict, Decided, OnboardingInput, StepChanged, onboarding_id,
};
use workflows::events::{EventType, Service};
use workflows::queues;

use super::{Courier, Undelivered, payload};
use crate::relay::courier::{Process, Starter};

/// `profile.updated`, and `document.scanned` where it completes the documents.
#[derive(Deserialize)]
struct StepMoved {
    profile_id: Uuid,
    step: StepName,
    before: StepStatus,
    after: StepStatus,
    /// The profile's status, in `profile.updated`; a document's has other words.
    status: Option<String>,
}

#[derive(Deserialize)]
struct Closed {
    profile_id: Uuid,
    validation_id: Uuid,
}

pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    match delivery.event_type {
        EventType::ProfileCreated => begin(courier, delivery).await,
        EventType::ProfileUpdated | EventType::DocumentScanned => {
            step_changed(courier, delivery).await
        }
        EventType::ProfileValidated => closed(courier, delivery, CaseVerdict::Validated).await,
        EventType::ProfileRejected => closed(courier, delivery, CaseVerdict::Rejected).await,
        EventType::ProfileStatusChanged => back_to_draft(courier, delivery).await,
        _ => Ok(()),
    }
}

async fn begin(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let created: ProfileCreated = payload(delivery)?;
    let (profile_id, user_id) = (created.profile_id, created.user_id);
    let input = input(courier, delivery, profile_id, user_id);
    courier
        .start(
            delivery,
            process(profile_id),
            CandidateOnboarding::run,
            input,
        )
        .await
}

/// Told only when a step becomes complete or stops being so. A validated profile has no round that
/// could be told, and its edits begin none.
async fn step_changed(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let moved: StepMoved = payload(delivery)?;
    let is_complete = |status| status == StepStatus::Complete;
    let is_validated = moved.status.as_deref() == Some(ProfileStatus::Validated.as_str());
    if is_validated || is_complete(moved.before) == is_complete(moved.after) {
        return Ok(());
    }
    let profile_id = moved.profile_id;
    let signal = StepChanged {
        event_id: delivery.event_id,
        step: moved.step,
        state: moved.after,
    };
    courier
        .signal::<CandidateOnboarding, _>(
            delivery,
            onboarding_id(profile_id),
            || CandidateOnboarding::step_changed,
            signal,
            starter(profile_id),
        )
        .await
}

async fn closed(
    courier: &Courier,
    delivery: &Delivery,
    outcome: CaseVerdict,
) -> Result<(), Undelivered> {
    let closed: Closed = payload(delivery)?;
    decided(
        courier,
        delivery,
        closed.profile_id,
        closed.validation_id,
        outcome,
    )
    .await
}

/// Only what the case itself did: the rest the onboarding did, or needs not know.
async fn back_to_draft(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let changed: ProfileStatusChanged = payload(delivery)?;
    let outcome = match changed.cause {
        StatusCause::Withdrawn => CaseVerdict::Withdrawn,
        StatusCause::Lapsed => CaseVerdict::Lapsed,
        _ => return Ok(()),
    };
    let Some(validation_id) = changed.validation_id else {
        return Ok(());
    };
    decided(
        courier,
        delivery,
        changed.profile_id,
        validation_id,
        outcome,
    )
    .await
}

async fn decided(
    courier: &Courier,
    delivery: &Delivery,
    profile_id: Uuid,
    validation_id: Uuid,
    outcome: CaseVerdict,
) -> Result<(), Undelivered> {
    let signal = Decided {
        event_id: delivery.event_id,
        validation_id,
        outcome,
    };
    courier
        .signal::<CandidateOnboarding, _>(
            delivery,
            onboarding_id(profile_id),
            || CandidateOnboarding::decided,
            signal,
            starter(profile_id),
        )
        .await
}

fn process(profile_id: Uuid) -> Process {
    Process {
        queue: queues::CANDIDATES,
        id: onboarding_id(profile_id),
        summary: "Lead a candidate from the first edit to a decision",
        profile_id: Some(profile_id),
    }
}

fn input(
    courier: &Courier,
    delivery: &Delivery,
    profile_id: Uuid,
    user_id: Uuid,
) -> OnboardingInput {
    OnboardingInput {
        profile_id,
        user_id,
        draft_since: delivery.occurred_at,
        correlation_id: delivery.correlation_id,
        timing: courier.timers.onboarding(),
        carried: None,
    }
}

fn starter(profile_id: Uuid) -> Starter {
    Starter {
        service: Service::Candidate,
        event_type: EventType::ProfileCreated,
        aggregate_id: profile_id,
    }
}
