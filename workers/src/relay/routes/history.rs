//! Companies, payments and subscriptions: their processes come with their own verticals. Until
//! then the event itself, kept with its delivery, is the usage history.

use store::deliveries::Delivery;

pub(super) fn deliver(delivery: &Delivery) {
    tracing::trace!(consumer = %delivery.consumer(), "kept as history");
}
