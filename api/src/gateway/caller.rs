//! Who calls, and whether they may: authorization is an argument of the handler.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use moka::future::Cache;
use store::identity::Standing;
use store::{Actor, Context, Origin, Store, StoreError};
use uuid::Uuid;
use workflows::identity::rules::{Permission, Role};

use super::codes::common;
use super::correlation::RequestInfo;
use super::permission::Marker;
use super::problem::ApiError;
use super::tokens::Subject;
use crate::state::AppState;

/// The longest time a suspension or a change of roles goes unnoticed.
const STANDING_LIFETIME: Duration = Duration::from_secs(5);
const STANDINGS_KEPT: u64 = 50_000;

/// A person whose token and standing are in order.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user_id: Uuid,
    /// The session that its token belongs to.
    pub session_id: Uuid,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
    /// The roles it has there.
    pub roles: Vec<Role>,
    /// The request.
    pub info: RequestInfo,
    permissions: Vec<Permission>,
}

impl Caller {
    /// Whether an operation's permission is among those of the caller's roles.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// The company the caller acts for; 403 for people who act for none.
    pub fn company(&self) -> Result<Uuid, ApiError> {
        self.company_id
            .ok_or_else(|| ApiError::new(common::FORBIDDEN))
    }

    /// The circumstances of a change, for the store.
    #[must_use]
    pub fn context(&self) -> Context {
        self.info.context(Actor::Person(self.user_id))
    }

    fn new(subject: Subject, standing: &Standing, info: RequestInfo) -> Self {
        let granted = standing.granted(subject.company_id);
        Self {
            user_id: subject.user_id,
            session_id: subject.session_id,
            company_id: subject.company_id,
            roles: granted.iter().map(|grant| grant.role).collect(),
            permissions: granted
                .iter()
                .flat_map(|grant| &grant.permissions)
                .copied()
                .collect(),
            info,
        }
    }
}

impl RequestInfo {
    /// The circumstances of a change by that actor.
    #[must_use]
    pub fn context(&self, actor: Actor) -> Context {
        Context {
            actor,
            origin: Origin {
                address: Some(self.address.to_string()),
                user_agent: self.user_agent.clone(),
            },
            correlation_id: self.correlation_id,
            causation_id: None,
            idempotency: None,
        }
    }
}

/// A [`Caller`] who has the permission `P`: 401 without a valid token, 403 without the permission.
#[derive(Debug, Clone)]
pub struct Allowed<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Deref for Allowed<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Marker> FromRequestParts<AppState> for Allowed<P> {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let caller = authenticate(parts, state).await?;
        if !caller.may(P::PERMISSION) {
            return Err(ApiError::new(common::FORBIDDEN));
        }
        Ok(Self {
            caller,
            permission: PhantomData,
        })
    }
}

/// Anybody, with or without an account: public routes take this.
#[derive(Debug, Clone)]
pub struct Anyone(pub RequestInfo);

impl Anyone {
    /// The circumstances of a change, for the store.
    #[must_use]
    pub fn context(&self) -> Context {
        self.0.context(Actor::Anonymous)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Anyone {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        RequestInfo::from_request_parts(parts, state)
            .await
            .map(Self)
    }
}

async fn authenticate(parts: &mut Parts, state: &AppState) -> Result<Caller, ApiError> {
    let unauthenticated = || ApiError::new(common::UNAUTHENTICATED);
    let token = bearer(parts).ok_or_else(unauthenticated)?;
    let subject = state.tokens.verify(token).map_err(|_| unauthenticated())?;
    let standing = state.standings.of(&state.store, subject.user_id).await?;
    let standing = standing.filter(|standing| standing.may_act_for(subject.company_id));
    let standing = standing.ok_or_else(unauthenticated)?;
    let info = parts
        .extensions
        .get::<RequestInfo>()
        .cloned()
        .unwrap_or_default();
    Ok(Caller::new(subject, &standing, info))
}

fn bearer(parts: &Parts) -> Option<&str> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let value = values
        .next()
        .filter(|_| values.next().is_none())?
        .to_str()
        .ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What accounts may do, looked up at most every five seconds each.
#[derive(Clone)]
pub struct Standings(Cache<Uuid, Option<Arc<Standing>>>);

impl Default for Standings {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(STANDINGS_KEPT)
            .time_to_live(STANDING_LIFETIME);
        Self(cache.build())
    }
}

impl Standings {
    /// The standing of an account, `None` if there is no such account.
    pub async fn of(
        &self,
        store: &Store,
        user_id: Uuid,
    ) -> Result<Option<Arc<Standing>>, ApiError> {
        let look_up = async {
            let standing = store::identity::standing(store, user_id).await?;
            Ok::<_, StoreError>(standing.map(Arc::new))
        };
        self.0
            .try_get_with(user_id, look_up)
            .await
            .map_err(|error| ApiError::from(&*error))
    }
}
