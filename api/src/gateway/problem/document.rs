//! The document itself (RFC 9457), as a client reads it.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::identity::rules::Locale;

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:yemma:problem:not_found", "title": "Introuvable", "status": 404,
    "detail": "Cette ressource n'existe pas.", "instance": "/api/v1/documents/0199a0b4-9f5e-7cc3-b1f2-000000000000",
    "code": "not_found", "correlation_id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11"
}))]
pub struct Problem {
    /// The kind of problem, as a URN that ends with the code.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The status in words.
    pub(super) title: String,
    /// The HTTP status.
    pub(super) status: u16,
    /// What is wrong, for a person, in the language asked for.
    pub(super) detail: String,
    /// The path that was asked for.
    pub(super) instance: String,
    /// The stable code, for a program.
    pub(super) code: String,
    /// The request's correlation id, to quote when asking for help.
    pub(super) correlation_id: Uuid,
    /// The fields that are wrong, or the reasons of a refusal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) errors: Vec<ProblemField>,
    /// Members that some codes add.
    #[serde(flatten)]
    #[schema(additional_properties = true, value_type = Object)]
    pub(super) members: Map<String, Value>,
}

/// One wrong field of a [`Problem`], or one reason of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"pointer": "/email", "code": "invalid_email", "message": "Cette adresse électronique n'est pas valide."}))]
pub struct ProblemField {
    /// A JSON pointer (RFC 6901) to the field.
    pub pointer: String,
    /// The stable code, for a program.
    pub code: String,
    /// What is wrong, for a person.
    pub message: String,
}

/// The status in words.
pub(super) fn title(status: StatusCode, locale: Locale) -> &'static str {
    let french = match status.as_u16() {
        400 => "Requête mal formée",
        401 => "Authentification requise",
        402 => "Quota épuisé",
        403 => "Accès refusé",
        404 => "Introuvable",
        405 => "Méthode non admise",
        406 => "Non acceptable",
        408 => "Délai dépassé",
        409 => "Conflit",
        412 => "Version périmée",
        413 => "Contenu trop volumineux",
        415 => "Type de contenu non accepté",
        422 => "Saisie non valide",
        423 => "Verrouillé",
        428 => "Précondition requise",
        429 => "Trop de requêtes",
        503 => "Service indisponible",
        _ => "Erreur",
    };
    match locale {
        Locale::French => french,
        Locale::English => status.canonical_reason().unwrap_or("Error"),
    }
}

/// Replaces each `{member}` of a sentence by that member's value.
pub(super) fn interpolate(message: &str, members: &Map<String, Value>) -> String {
    members
        .iter()
        .fold(message.to_owned(), |text, (name, value)| {
            let shown = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            text.replace(&format!("{{{name}}}"), &shown)
        })
}
