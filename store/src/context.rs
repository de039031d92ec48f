//! Who asks, from where, and as part of which request: what every event and audit row says.

use uuid::Uuid;
use workflows::commands::IdempotencyMark;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody without an account, or not known yet.
    Anonymous,
    /// A person with an account.
    Person(Uuid),
    /// Another service, with a token of scope `internal`.
    Service(Uuid),
    /// A process of ours: a timer, a scan, a sweep.
    System,
}

impl Actor {
    /// The id of the person or service, if there is one.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Person(id) | Self::Service(id) => Some(id),
            Self::Anonymous | Self::System => None,
        }
    }

    /// The word in `events.events.actor_kind` and the audit trail.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Person(_) => "person",
            Self::Service(_) => "service",
            Self::System => "system",
        }
    }
}

/// Where a request came from. Personal data: kept in events and audit rows, never logged, never
/// in a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The caller's network address, as text.
    pub address: Option<String>,
    /// The `User-Agent` header, cut to 256 characters.
    pub user_agent: Option<String>,
}

/// The circumstances of one change.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who acts.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
    /// The request that all this belongs to.
    pub correlation_id: Uuid,
    /// The event or command that led to this change, if one did.
    pub causation_id: Option<Uuid>,
    /// The caller's `Idempotency-Key`, when the answer must be recorded with the change.
    pub idempotency: Option<IdempotencyMark>,
}

impl Context {
    /// The context of a process of ours.
    #[must_use]
    pub fn system(correlation_id: Uuid, causation_id: Option<Uuid>) -> Self {
        Self {
            actor: Actor::System,
            origin: Origin::default(),
            correlation_id,
            causation_id,
            idempotency: None,
        }
    }
}
