//! `POST /auth/register`

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::identity::Registration;
use utoipa::ToSchema;
use workflows::fields::FieldCode;
use workflows::identity::rules::{AccountType, Locale, company_name, normalise_email, person_name};

use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::TERMS_NOT_ACCEPTED;
use crate::gateway::idempotency::Once;
use crate::gateway::json::{Json, secret};
use crate::gateway::problem::{ApiError, FieldError};
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

/// What a person registers with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "account_type": "candidate", "email": "awa.kone@example.ci", "password": "orage-violet-cactus-42",
    "first_name": "Awa", "last_name": "Koné", "locale": "fr", "accept_terms": true
}))]
pub(super) struct RegisterRequest {
    account_type: Account,
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// At least 15 characters, and not easy to guess.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, format = Password, min_length = 15, max_length = 256)]
    password: SecretString,
    /// Without links, addresses and digits.
    #[schema(min_length = 1, max_length = 60)]
    first_name: String,
    /// Without links, addresses and digits.
    #[schema(min_length = 1, max_length = 60)]
    last_name: String,
    /// Required for a company; without links, addresses and telephone numbers.
    #[schema(max_length = 200)]
    company_name: Option<String>,
    /// The language of mails, `fr` or `en`, as browsers write it too (`fr-CI`, `en_US`); French for
    /// any other, and by default that of this answer.
    #[schema(example = "fr")]
    locale: Option<String>,
    /// Must be true.
    accept_terms: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Account {
    Candidate,
    Company,
}

/// The same answer whether or not the address is known.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerificationSent {
    /// Always `verification_sent`.
    #[schema(example = "verification_sent")]
    status: &'static str,
}

pub(super) const ACCEPTED: (StatusCode, axum::Json<VerificationSent>) = (
    StatusCode::ACCEPTED,
    axum::Json(VerificationSent {
        status: "verification_sent",
    }),
);

/// Registers an account; a mail to the address says how to go on.
#[utoipa::path(post, path = "/register", tag = "auth", security(()),
    request_body = RegisterRequest,
    responses((status = ACCEPTED, description = "Whether or not the address is known", body = VerificationSent)))]
pub(super) async fn register(
    State(state): State<AppState>,
    anyone: Anyone,
    once: Once,
    body: Json<RegisterRequest>,
) -> Result<Rendered, ApiError> {
    let request = body.content;
    once.run(
        &state,
        anyone.context(),
        &body.bytes,
        async |context| {
            let registration = request.check(&state, anyone.0.locale).await?;
            store::identity::register(&state.store, &context, &registration).await?;
            Ok(ACCEPTED)
        },
        async |_| Ok(ACCEPTED),
    )
    .await
}

impl RegisterRequest {
    /// The registration in its final spelling, or every field that is wrong.
    async fn check(self, state: &AppState, locale: Locale) -> Result<Registration, ApiError> {
        let mut wrong = Vec::new();
        let mut checked = |pointer, result: Result<String, FieldCode>| {
            result.unwrap_or_else(|code| {
                wrong.push(FieldError::new(pointer, code));
                String::new()
            })
        };
        let email = checked("/email", normalise_email(&self.email));
        let first_name = checked("/first_name", person_name(&self.first_name));
        let last_name = checked("/last_name", person_name(&self.last_name));
        let company_name = self
            .company()
            .map(|given| checked("/company_name", company_name(given)));
        if !self.accept_terms {
            wrong.push(FieldError::new("/accept_terms", TERMS_NOT_ACCEPTED));
        }
        let own = [
            &email,
            &first_name,
            &last_name,
            company_name.as_deref().unwrap_or_default(),
        ];
        let judged = state
            .passwords
            .judge(&self.password, &own)
            .await
            .map_err(ApiError::internal)?;
        wrong.extend(judged.map(|code| FieldError::new("/password", code)));
        ApiError::unless_empty(wrong)?;
        // By the address's own salt: whoever registers it again with the same password is known by
        // this one hash, which is the same work for every address.
        let salt = state.keyring.salt(email.as_bytes());
        let hash = state.passwords.hash_with(&self.password, salt).await;
        Ok(Registration {
            password: hash.map_err(ApiError::internal)?,
            locale: self.language(locale),
            account_type: self.account_type.known(),
            email,
            first_name,
            last_name,
            company_name,
        })
    }

    /// The company's name, of a company.
    fn company(&self) -> Option<&str> {
        match self.account_type {
            Account::Candidate => None,
            Account::Company => Some(self.company_name.as_deref().unwrap_or_default()),
        }
    }

    fn language(&self, of_the_answer: Locale) -> Locale {
        let asked = self.locale.as_deref().map(str::trim);
        match asked.filter(|tag| !tag.is_empty()) {
            Some(tag) => Locale::from_tag(tag).unwrap_or(Locale::French),
            None => of_the_answer,
        }
    }
}

impl Account {
    fn known(self) -> AccountType {
        match self {
            Self::Candidate => AccountType::Candidate,
            Self::Company => AccountType::Company,
        }
    }
}
