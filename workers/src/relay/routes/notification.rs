//! `notification.<event>`: whoever is concerned gets a notification, and its mail a process.

use std::str::FromStr as _;

use futures::stream::{self, StreamExt as _};
use store::deliveries::Delivery;
use store::notifications::{self, NewNotification};
use uuid::Uuid;
use workflows::notifications::{
    DeliveryInput, NotificationDelivery, notices, notification_id, workflow_id,
};
use workflows::queues;

use super::{Courier, Undelivered};
use crate::relay::courier::Process;

/// Mails of one event that are begun at once.
const AT_ONCE: usize = 16;

/// The rows first: the feed shows them whatever is away. The mails then wait for Temporal with the
/// delivery, which finds its rows there when it comes back.
pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    let new = resolve(courier, delivery).await?;
    let to_mail = notifications::insert(&courier.writer, &new).await?;
    // One event may concern a whole team: its mails begin side by side, each of them whatever
    // becomes of the others.
    let begun: Vec<_> = stream::iter(to_mail)
        .map(|id| Box::pin(mail(courier, delivery, id)))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    begun.into_iter().collect()
}

async fn resolve(
    courier: &Courier,
    delivery: &Delivery,
) -> Result<Vec<NewNotification>, Undelivered> {
    let mut new: Vec<NewNotification> = Vec::new();
    for notice in notices(delivery.event_type, &delivery.payload)? {
        for user_id in notifications::recipients(&courier.writer, notice.audience).await? {
            let id = notification_id(delivery.event_id, notice.template, user_id);
            new.push(NewNotification {
                id,
                user_id,
                event_id: delivery.event_id,
                template: notice.template,
                params: delivery.payload.clone(),
            });
        }
    }
    Ok(new)
}

/// The same id again for a dead letter that is replayed: what was sent is not sent twice.
async fn mail(courier: &Courier, delivery: &Delivery, id: Uuid) -> Result<(), Undelivered> {
    let profile_id = delivery.payload["profile_id"]
        .as_str()
        .and_then(|text| Uuid::from_str(text).ok());
    let process = Process {
        queue: queues::NOTIFICATIONS,
        id: workflow_id(id),
        summary: "Mail a notification",
        profile_id,
    };
    let input = DeliveryInput {
        notification_id: id,
        event_type: delivery.event_type.as_str().to_owned(),
        correlation_id: delivery.correlation_id,
        timing: courier.timers.delivery(),
    };
    courier
        .start_again(delivery, process, NotificationDelivery::run, input)
        .await
}
