//! What every workflow does the same way: search attributes, the options of its activities, the
//! length at which it continues as new, and how it tells a refusal from a failure.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributeUpdate, Timestamp};
use temporalio_workflow::{ActivityExecutionError, ActivityOptions, RetryPolicy};

use crate::commands::Refusal;

/// The domain that owns the workflow.
pub const DOMAIN: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaDomain");
/// The status of what the workflow is about.
pub const STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaStatus");
/// Id of the person who has the work in hand.
pub const ASSIGNEE: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaAssignee");
/// The next moment at which something happens by itself.
pub const DEADLINE: SearchAttributeKey<Timestamp> = SearchAttributeKey::datetime("YemmaDeadline");
/// Id of the profile; one query by it shows everything that happens to a person.
pub const PROFILE_ID: SearchAttributeKey<String> = SearchAttributeKey::keyword("YemmaProfileId");
/// The correlation id of the request that began the process.
pub const CORRELATION_ID: SearchAttributeKey<String> =
    SearchAttributeKey::keyword("YemmaCorrelationId");

/// Events in a history past which a workflow continues as new even when the server has not yet
/// suggested it.
pub const HISTORY_LIMIT: u32 = 1_000;

/// Sets or clears [`DEADLINE`].
#[must_use]
pub fn deadline(at: Option<DateTime<Utc>>) -> SearchAttributeUpdate {
    match at {
        Some(at) => DEADLINE.value_set(Timestamp::new(at.timestamp(), 0)),
        None => cleared("YemmaDeadline"),
    }
}

/// Clears a search attribute.
///
/// The SDK's `value_unset` sends a payload without an encoding, which a real server refuses for
/// every type ("invalid value … value from <>"), and then again for ever. An empty list is read by
/// the server as no value, whatever the attribute's type.
#[must_use]
pub fn cleared(name: &'static str) -> SearchAttributeUpdate {
    SearchAttributeKey::keyword_list(name).value_set(Vec::new())
}

/// Options of an activity that does one transaction: ten seconds, and an unreachable database is
/// asked again after one second, doubling to five, without end.
#[must_use]
pub fn database_activity(summary: impl Into<String>) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(10))
        .retry_policy(
            RetryPolicy::builder()
                .initial_interval(Duration::from_secs(1))
                .backoff_coefficient(2.0)
                .maximum_interval(Duration::from_secs(5))
                .build(),
        )
        .summary(summary.into())
        .build()
}

/// The refusal inside an activity's failure, when it is one and not a fault.
#[must_use]
pub fn refusal_of(error: &ActivityExecutionError) -> Option<Refusal> {
    let mut cause = error.cause();
    while let Some(inner) = cause {
        if let temporalio_common::error::IncomingError::Application(failure) = inner
            && failure.type_name() == Some(Refusal::FAILURE_TYPE)
        {
            return failure.to_string().parse().ok();
        }
        cause = inner.cause();
    }
    None
}

/// The workflow's own clock as the type that the rules use.
#[must_use]
pub fn moment(time: Option<SystemTime>) -> DateTime<Utc> {
    time.map_or(DateTime::UNIX_EPOCH, DateTime::from)
}
