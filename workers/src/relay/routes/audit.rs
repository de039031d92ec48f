//! One event recorded by itself, when a batch could not be.

use store::audit;
use store::deliveries::Delivery;

use super::{Courier, Undelivered};

pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    audit::record_one(&courier.writer, delivery.event_id).await?;
    Ok(())
}
