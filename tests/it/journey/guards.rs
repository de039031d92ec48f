//! The contract as a whole: nothing is open that should not be, nothing undocumented.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;
use tests::app::play;

/// What anybody may call without a token.
const PUBLIC: [&str; 14] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/.well-known/jwks.json",
    "/api/v1/auth/register",
    "/api/v1/auth/verify-email",
    "/api/v1/auth/verify-email/resend",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/logout",
    "/api/v1/auth/logout-all",
    "/api/v1/subscriptions/plans",
    "/api/v1/reference/{list}",
];

/// Public because the token is in the path.
const SIGNED: &str = "/api/v1/documents/content/{token}";

#[tokio::test]
async fn every_route_is_closed_without_a_token_and_documented() {
    play(async |app| {
        let document = app.place.api.get("/openapi.json").await?.expect(200)?;
        ensure!(
            document["openapi"]
                .as_str()
                .is_some_and(|version| version.starts_with("3.1"))
        );
        let paths = document["paths"].as_object().context("the paths")?;
        let mut closed = 0;
        for (path, item) in paths {
            if path == SIGNED || path.starts_with("/docs") || PUBLIC.contains(&path.as_str()) {
                continue;
            }
            for (method, operation) in item.as_object().context("a path's operations")? {
                documented(path, method, operation)?;
                let method = Method::from_bytes(method.to_uppercase().as_bytes())?;
                let answer = app.place.api.call(method, &filled(path)).send().await?;
                answer.problem(401)?;
                closed += 1;
            }
        }
        ensure!(closed > 20, "only {closed} routes are closed");
        Ok(())
    })
    .await;
}

/// An operation that needs a token says what it answers without one.
fn documented(path: &str, method: &str, operation: &Value) -> anyhow::Result<()> {
    let answers = operation["responses"]
        .as_object()
        .context("an operation's answers")?;
    ensure!(
        answers.contains_key("401"),
        "{method} {path} does not document its 401"
    );
    ensure!(
        answers.keys().any(|status| status.starts_with('2')),
        "{method} {path} documents no success"
    );
    for (status, answer) in answers
        .iter()
        .filter(|(status, _)| status.starts_with(['4', '5']))
    {
        ensure!(
            answer["content"].get("application/problem+json").is_some()
                || answer["$ref"].is_string(),
            "{method} {path}: {status} is not documented as a problem"
        );
    }
    Ok(())
}

fn filled(path: &str) -> String {
    let mut filled = String::new();
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '{' => {
                inside = true;
                filled.push_str("0190a000-0000-7000-8000-000000000000");
            }
            '}' => inside = false,
            _ if !inside => filled.push(letter),
            _ => {}
        }
    }
    filled
}
