//! The table of the product's specification, said a second time: one of the two copies may be
//! wrong, not both in the same way.

use std::collections::BTreeSet;

use workflows::events::{EventType, Service};

/// Event → consumers besides audit. `profile.status_changed` also tells the onboarding (the
/// architecture's table) and, when a case lapses, both people (product: "both told").
const TABLE: &str = "
user.created: notification
user.updated:
user.deleted: search company
user.role_changed:
user.suspended:
user.action: notification
profile.created: candidate
profile.updated: search candidate
profile.submitted: admin notification
profile.status_changed: search candidate notification
profile.validated: search notification candidate
profile.rejected: search notification candidate
profile.accessed:
case.claimed:
case.released:
case.escalated: notification
correction.requested: notification
assessment.saved:
document.upload.requested: document notification
document.uploaded: document
document.scanned: admin candidate notification
document.verification.requested: document
document.reviewed: document
document.accessed:
document.archived:
interview.scheduled: notification
interview.changed: notification
interview.cancelled: notification
interview.completed: notification
company.created: notification subscription
company.updated: notification
company.verified: notification
recruiter.invited: notification
recruiter.joined: notification
recruiter.removed: notification
search.performed: subscription
profile.viewed: subscription
subscription.created: company notification payment
subscription.activated: company notification
subscription.changed: company notification
subscription.renewed: company notification
subscription.past_due: company notification
subscription.expired: company notification
quota.exceeded: company notification
payment.requested: payment
payment.initiated: subscription notification
payment.succeeded: subscription notification
payment.failed: subscription notification
payment.refunded: subscription notification
invoice.generated: subscription notification
reminder.due: notification
notification.sent:
notification.failed:
export.requested: notification
export.ready: notification
erasure.requested: notification
erasure.cancelled: notification
erasure.completed: notification
";

#[test]
fn every_event_has_exactly_its_consumers() {
    let mut named = BTreeSet::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let (name, consumers) = line.split_once(':').unwrap();
        let event: EventType = name.parse().unwrap();
        let expected: BTreeSet<&str> = consumers.split_whitespace().collect();
        let found: BTreeSet<&str> = event.consumers().iter().map(|it| it.as_str()).collect();
        assert_eq!(found, expected, "{name}");
        named.insert(event);
    }
    assert_eq!(
        named.len(),
        EventType::ALL.len(),
        "an event is missing above"
    );
}

#[test]
fn every_service_of_a_delivery_is_read_back() {
    for service in Service::ALL {
        assert_eq!(Service::named(service.as_str()), Some(service));
    }
    assert_eq!(Service::named("weather"), None);
}
