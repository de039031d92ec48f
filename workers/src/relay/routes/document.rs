//! `document.<event>`: an upload starts its ingestion.

use serde::Deserialize;
use store::deliveries::Delivery;
use uuid::Uuid;
use workflows::documents::DocumentIngestion;
use workflows::documents::contract::{IngestionInput, workflow_id};
use workflows::events::EventType;
use workflows::queues;

use super::{Courier, Undelivered, payload};
use crate::relay::courier::Process;

#[derive(Deserialize)]
struct Uploaded {
    document_id: Uuid,
    profile_id: Uuid,
}

pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    match delivery.event_type {
        EventType::DocumentUploaded => ingest(courier, delivery).await,
        // Requests and reviews move no document: they are told to whom they concern.
        _ => Ok(()),
    }
}

async fn ingest(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let Uploaded {
        document_id,
        profile_id,
    } = payload(delivery)?;
    let process = Process {
        queue: queues::DOCUMENTS,
        id: workflow_id(document_id),
        summary: "Scan, inspect and release an uploaded document",
        profile_id: Some(profile_id),
    };
    let input = IngestionInput {
        document_id,
        profile_id,
        correlation_id: delivery.correlation_id,
        timing: courier.timers.ingestion(),
    };
    courier
        .start(delivery, process, DocumentIngestion::run, input)
        .await
}
