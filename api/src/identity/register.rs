//! `POST /auth/register`

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::identity::Registration;
use utoipa::ToSchema;
use workflows::fields::{FieldCode, clean_line};
use workflows::identity::rules::{AccountType, Locale, normalise_email};

use crate::gateway::caller::Anyone;
use crate::gateway::codes::identity::TERMS_NOT_ACCEPTED;
use crate::gateway::idempotency::Once;
use crate::gateway::json::{Json, secret};
use crate::gateway::problem::{ApiError, FieldError};
use crate::gateway::rendered::Rendered;
use crate::state::AppState;

const LONGEST_NAME: usize = 80;
const LONGEST_COMPANY_NAME: usize = 200;

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
    #[schema(min_length = 1, max_length = 80)]
    first_name: String,
    #[schema(min_length = 1, max_length = 80)]
    last_name: String,
    /// Required for a company.
    #[schema(max_length = 200)]
    company_name: Option<String>,
    /// The language of mails; by default that of this answer.
    locale: Option<Language>,
    /// Must be true.
    accept_terms: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Account {
    Candidate,
    Company,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
enum Language {
    #[serde(rename = "fr")]
    French,
    #[serde(rename = "en")]
    English,
}

/// The same answer whether or not the address is known.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisterAnswer {
    /// Always `verification_sent`.
    #[schema(example = "verification_sent")]
    status: &'static str,
}

const ACCEPTED: (StatusCode, axum::Json<RegisterAnswer>) = (
    StatusCode::ACCEPTED,
    axum::Json(RegisterAnswer {
        status: "verification_sent",
    }),
);

/// Registers an account; a mail to the address says how to go on.
#[utoipa::path(post, path = "/register", tag = "auth", security(()),
    request_body = RegisterRequest,
    responses((status = ACCEPTED, description = "Whether or not the address is known", body = RegisterAnswer)))]
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
        let email = normalise_email(&self.email).unwrap_or_else(|code| {
            wrong.push(FieldError::new("/email", code));
            String::new()
        });
        let first_name = name(&self.first_name, "/first_name", LONGEST_NAME, &mut wrong);
        let last_name = name(&self.last_name, "/last_name", LONGEST_NAME, &mut wrong);
        let company_name = self.company(&mut wrong);
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
        Ok(Registration {
            password: state
                .passwords
                .hash(&self.password)
                .await
                .map_err(ApiError::internal)?,
            locale: self.locale.map_or(locale, Language::known),
            account_type: self.account_type.known(),
            email,
            first_name,
            last_name,
            company_name,
        })
    }

    fn company(&self, wrong: &mut Vec<FieldError>) -> Option<String> {
        match self.account_type {
            Account::Candidate => None,
            Account::Company => {
                let given = self.company_name.as_deref().unwrap_or_default();
                Some(name(given, "/company_name", LONGEST_COMPANY_NAME, wrong))
            }
        }
    }
}

fn name(text: &str, pointer: &str, longest: usize, wrong: &mut Vec<FieldError>) -> String {
    let clean = clean_line(text);
    let length = clean.chars().count();
    if length == 0 {
        wrong.push(FieldError::new(pointer, FieldCode::Required));
    } else if length > longest {
        wrong.push(FieldError::new(pointer, FieldCode::TooLong));
    }
    clean
}

impl Account {
    fn known(self) -> AccountType {
        match self {
            Self::Candidate => AccountType::Candidate,
            Self::Company => AccountType::Company,
        }
    }
}

impl Language {
    fn known(self) -> Locale {
        match self {
            Self::French => Locale::French,
            Self::English => Locale::English,
        }
    }
}
