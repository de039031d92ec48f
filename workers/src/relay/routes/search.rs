//! `search.<event>`: whatever may change what companies find makes the index look again.

use serde::Deserialize;
use store::deliveries::Delivery;
use uuid::Uuid;
use workflows::events::EventType;
use workflows::queues;
use workflows::search::{Changed, IndexingInput, SearchIndexing, workflow_id};

use super::{Courier, Undelivered, payload};
use crate::relay::courier::Process;

#[derive(Deserialize)]
struct OfProfile {
    profile_id: Uuid,
}

pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    match delivery.event_type {
        EventType::ProfileValidated
        | EventType::ProfileRejected
        | EventType::ProfileUpdated
        | EventType::ProfileStatusChanged => changed(courier, delivery).await,
        // An erased person's profile changes its status first, which takes it out of the index.
        _ => Ok(()),
    }
}

async fn changed(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let OfProfile { profile_id } = payload(delivery)?;
    let process = Process {
        queue: queues::SEARCH,
        id: workflow_id(profile_id),
        summary: "Keep a profile's search entry true",
        profile_id: Some(profile_id),
    };
    let input = IndexingInput {
        profile_id,
        correlation_id: delivery.correlation_id,
        timing: courier.timers.indexing(),
    };
    let signal = Changed {
        event_id: delivery.event_id,
    };
    courier
        .signal_with_start(
            delivery,
            process,
            (SearchIndexing::run, input),
            (SearchIndexing::changed, signal),
        )
        .await
}
