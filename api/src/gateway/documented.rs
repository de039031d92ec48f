//! Completes the `OpenAPI` document: what every operation has in common is said once, here, so
//! that a handler documents only what is its own.

use utoipa::openapi::path::{
    HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{PROBLEM_JSON, Problem, ProblemField};

/// Answers that are a token or a link: they are not kept, so asking again makes another one.
const SECRET_ANSWERS: [&str; 3] = [
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/documents/{id}/links",
];
/// Commands by another method than `POST`.
const COMMANDS: [(HttpMethod, &str); 1] = [(
    HttpMethod::Patch,
    "/api/v1/admin/validations/{id}/interviews/{interview_id}",
)];
const BEARER: &str = "access_token";

/// The statuses of error answers, each a reusable response of the document.
const ERRORS: [(u16, &str); 15] = [
    (400, "The request is malformed"),
    (401, "A valid access token is missing"),
    (402, "A quota of the plan is used up"),
    (403, "The account does not allow this"),
    (404, "Absent, or another tenant's"),
    (408, "The content did not arrive in time"),
    (409, "The current state does not allow this"),
    (412, "`If-Match` is stale"),
    (413, "The content is too large"),
    (415, "The content type is not accepted"),
    (422, "The input is invalid: `errors` names each field"),
    (428, "`If-Match` is missing"),
    (429, "Too many requests: see `Retry-After`"),
    (
        500,
        "An unexpected error, in the log under the correlation id",
    ),
    (503, "A dependency is away: see `Retry-After`"),
];

/// Adds the problem schema, the security scheme, and to each operation its errors and headers.
#[must_use]
pub fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert(Problem::name().into(), Problem::schema());
    components
        .schemas
        .insert(ProblemField::name().into(), ProblemField::schema());
    for (status, description) in ERRORS {
        let response = ResponseBuilder::new()
            .description(description)
            .content(PROBLEM_JSON, problem());
        components
            .responses
            .insert(response_name(status), response.build().into());
    }
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components
        .security_schemes
        .insert(BEARER.to_owned(), bearer.into());
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, &method, operation);
        }
    }
    document
}

/// Each operation of a path with its method.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// Whether an operation may be called without a token.
#[must_use]
pub fn is_public(operation: &Operation) -> bool {
    operation
        .security
        .as_ref()
        .is_some_and(|security| security.contains(&SecurityRequirement::default()))
}

fn complete_operation(path: &str, method: &HttpMethod, operation: &mut Operation) {
    if !path.starts_with("/api/") {
        return;
    }
    let public = is_public(operation);
    if operation.security.is_none() {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    }
    let keyed = takes_key(path, method);
    if keyed {
        operation
            .parameters
            .get_or_insert_default()
            .push(idempotency_key().into());
    }
    let parameters = parameters(operation);
    let has = |place: ParameterIn| {
        parameters
            .iter()
            .any(|parameter| parameter.parameter_in == place)
    };
    let conditional = parameters
        .iter()
        .any(|parameter| parameter.name.eq_ignore_ascii_case("if-match"));
    let body = operation.request_body.is_some();
    let expected = [
        (400, body || keyed),
        (401, !public),
        (403, !public),
        (404, has(ParameterIn::Path)),
        (412, conditional),
        (408, body || keyed),
        (413, body || keyed),
        (415, body),
        (422, body || keyed || has(ParameterIn::Query)),
        (428, conditional),
        (429, true),
        (500, true),
        (503, true),
    ];
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            response
                .content
                .insert(PROBLEM_JSON.to_owned(), problem().into());
        }
    }
    for (status, _) in expected.into_iter().filter(|(_, expected)| *expected) {
        let reference = RefOr::Ref(Ref::from_response_name(response_name(status)));
        operation
            .responses
            .responses
            .entry(status.to_string())
            .or_insert(reference);
    }
}

/// Whether an operation may be asked again under its `Idempotency-Key`.
fn takes_key(path: &str, method: &HttpMethod) -> bool {
    match method {
        HttpMethod::Post => !SECRET_ANSWERS.contains(&path),
        _ => COMMANDS
            .iter()
            .any(|(verb, command)| verb == method && *command == path),
    }
}

fn parameters(operation: &Operation) -> Vec<&Parameter> {
    let parameters = operation.parameters.iter().flatten();
    parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect()
}

/// The body of every error answer. A handler that documents an error of its own, with the codes
/// it may have, gets this body without naming it.
fn problem() -> Content {
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .build()
}

fn response_name(status: u16) -> String {
    format!("Problem{status}")
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Asked again with the same key, the same request gets the same answer for 24 hours.",
        ))
        .schema(Some(schema))
        .build()
}
