//! `admin.<event>`: a submission opens a case; a document's verdict reaches the open one.

use serde::Deserialize;
use store::deliveries::Delivery;
use uuid::Uuid;
use workflows::events::{EventType, Service};
use workflows::queues;
use workflows::validation::{DocumentSettled, ProfileValidation, ValidationInput, workflow_id};

use super::{Courier, Undelivered, payload};
use crate::relay::courier::{Process, Starter};

#[derive(Deserialize)]
struct Submitted {
    profile_id: Uuid,
    user_id: Uuid,
    validation_id: Uuid,
    #[serde(default)]
    resubmission: bool,
}

#[derive(Deserialize)]
struct Scanned {
    document_id: Uuid,
    profile_id: Uuid,
    validation_id: Option<Uuid>,
    status: String,
}

pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    match delivery.event_type {
        EventType::ProfileSubmitted => Box::pin(open(courier, delivery)).await,
        EventType::DocumentScanned => settled(courier, delivery).await,
        _ => Ok(()),
    }
}

async fn open(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let submitted: Submitted = payload(delivery)?;
    if submitted.resubmission {
        return Ok(());
    }
    let process = Process {
        queue: queues::VALIDATION,
        id: workflow_id(submitted.validation_id),
        summary: "Review a submitted profile",
        profile_id: Some(submitted.profile_id),
    };
    let input = ValidationInput {
        validation_id: submitted.validation_id,
        profile_id: submitted.profile_id,
        user_id: submitted.user_id,
        submitted_at: delivery.occurred_at,
        correlation_id: delivery.correlation_id,
        event_id: Some(delivery.event_id),
        timing: courier.timers.validation(),
        carried: None,
    };
    Box::pin(courier.start(delivery, process, ProfileValidation::run, input)).await
}

async fn settled(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let scanned: Scanned = payload(delivery)?;
    let Some(validation_id) = scanned.validation_id else {
        return Ok(());
    };
    let signal = DocumentSettled {
        event_id: delivery.event_id,
        document_id: scanned.document_id,
        status: scanned.status,
    };
    let starter = Starter {
        service: Service::Admin,
        event_type: EventType::ProfileSubmitted,
        aggregate_id: scanned.profile_id,
    };
    courier
        .signal::<ProfileValidation, _>(
            delivery,
            workflow_id(validation_id),
            || ProfileValidation::document_settled,
            signal,
            starter,
        )
        .await
}
