//! The pair of tokens that a login and a refresh answer with.

use serde::Serialize;
use store::identity::{Person, Session, Standing};
use store::secrets::RefreshToken;
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::identity::rules::Role;

use crate::gateway::problem::ApiError;
use crate::gateway::tokens::Subject;
use crate::state::AppState;

/// An access token, the refresh token that follows it up, and whose they are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionAnswer {
    /// A JWT, for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds the access token lives.
    #[schema(example = 900)]
    expires_in: u64,
    /// Good for one refresh within 30 days.
    refresh_token: String,
    user: UserAnswer,
}

/// Somebody who is logged in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11", "email": "awa.kone@example.ci", "first_name": "Awa",
    "last_name": "Koné", "roles": ["candidate"], "locale": "fr", "account_type": "candidate",
    "company_id": null
}))]
pub(super) struct UserAnswer {
    id: Uuid,
    email: String,
    first_name: String,
    last_name: String,
    /// The roles here: the person's own and those in the company.
    roles: Vec<&'static str>,
    locale: &'static str,
    account_type: &'static str,
    /// The company the session acts for.
    company_id: Option<Uuid>,
}

impl UserAnswer {
    pub(super) fn new(person: Person, roles: &[Role], company_id: Option<Uuid>) -> Self {
        Self {
            id: person.id,
            email: person.email,
            first_name: person.first_name,
            last_name: person.last_name,
            roles: roles.iter().map(|role| role.as_str()).collect(),
            locale: person.locale.as_str(),
            account_type: person.account_type.as_str(),
            company_id,
        }
    }
}

impl SessionAnswer {
    /// The pair for a session whose next refresh token is that one. The access token counts from
    /// when the session was renewed: an end of it that comes meanwhile outlives none.
    pub(super) fn new(
        state: &AppState,
        session: Session,
        person: Person,
        standing: &Standing,
        token: &RefreshToken,
    ) -> Result<Self, ApiError> {
        let subject = Subject {
            user_id: session.user_id,
            company_id: session.company_id,
            session_id: session.id,
        };
        let access_token = state
            .tokens
            .issue(subject, state.store.new_id(), session.at)
            .map_err(ApiError::internal)?;
        let granted = standing.granted(session.company_id);
        let roles: Vec<Role> = granted.iter().map(|grant| grant.role).collect();
        Ok(Self {
            access_token,
            token_type: "Bearer",
            expires_in: state.tokens.expires_in(),
            refresh_token: token.reveal(),
            user: UserAnswer::new(person, &roles, session.company_id),
        })
    }
}
