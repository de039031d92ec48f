//! Where each service's deliveries go, a file for a service; `workflows::events` says who consumes
//! what.

mod admin;
mod audit;
mod candidate;
mod document;
mod history;
mod notification;
mod search;

use serde::de::DeserializeOwned;
use store::deliveries::Delivery;
use workflows::events::Service;

use super::courier::Courier;
use super::failure::Undelivered;

/// Takes a delivery where it belongs.
pub(super) async fn deliver(courier: &Courier, delivery: &Delivery) -> Result<(), Undelivered> {
    match delivery.service {
        Service::Admin => Box::pin(admin::deliver(courier, delivery)).await,
        Service::Audit => audit::deliver(courier, delivery).await,
        Service::Candidate => candidate::deliver(courier, delivery).await,
        Service::Document => document::deliver(courier, delivery).await,
        Service::Notification => notification::deliver(courier, delivery).await,
        Service::Search => search::deliver(courier, delivery).await,
        Service::Company | Service::Payment | Service::Subscription => {
            history::deliver(delivery);
            Ok(())
        }
    }
}

/// Whether a service's deliveries can do nothing while Temporal is away. The lines of the feed are
/// a matter of the database alone: of notifications only the mails wait.
pub(super) const fn waits_for_temporal(service: Service) -> bool {
    match service {
        Service::Admin | Service::Candidate | Service::Document | Service::Search => true,
        Service::Audit
        | Service::Company
        | Service::Notification
        | Service::Payment
        | Service::Subscription => false,
    }
}

/// Reads the ids and codes of an event.
fn payload<T: DeserializeOwned>(delivery: &Delivery) -> Result<T, Undelivered> {
    Ok(T::deserialize(&delivery.payload)?)
}
