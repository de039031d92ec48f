//! Tokens that were not given by Yemma, or no longer hold.

use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tests::app::{App, play};
use tests::environment::required;
use tests::http::{Client, text_at};
use tests::people::{Candidate, Persona};

#[tokio::test]
async fn only_tokens_as_they_were_given_are_accepted() {
    play(async |app| {
        let candidate = Candidate::join(&app.place, Persona::new()).await?;
        let token = candidate.client.token().unwrap_or_default().to_owned();
        let (header, claims) = parts(&token)?;
        let same = signed(&header, &claims)?;
        as_bearer(app, &same).get("/auth/me").await?.expect(200)?;
        for (what, forged) in forgeries(&token, &header, &claims)? {
            let answer = as_bearer(app, &forged).get("/auth/me").await?;
            answer.problem(401).map_err(|error| error.context(what))?;
        }
        app.place.api.get("/auth/me").await?.problem(401)?;
        let basic = app.place.api.call(reqwest::Method::GET, "/auth/me");
        basic
            .header("authorization", "Basic eDp5")
            .send()
            .await?
            .problem(401)?;
        Ok(())
    })
    .await;
}

fn as_bearer(app: &App, token: &str) -> Client {
    app.place.api.with_token(token)
}

fn forgeries(
    token: &str,
    header: &Value,
    claims: &Value,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let past = json!(claims["iat"].as_i64().unwrap_or_default() - 7200);
    let unsigned = format!(
        "{}.{}.",
        encoded(&with(header, "alg", json!("none"))),
        encoded(claims)
    );
    let (body, signature) = token.rsplit_once('.').unwrap_or_default();
    let tampered = format!("{}.{signature}", body.replace('.', ".e30"));
    let critical = with(
        &with(header, "crit", json!(["x-yemma"])),
        "x-yemma",
        json!(1),
    );
    let hmac = with(header, "alg", json!("HS256"));
    Ok(vec![
        ("expired", signed(header, &with(claims, "exp", past))?),
        ("alg none", unsigned),
        ("tampered", tampered),
        ("unknown crit", signed(&critical, claims)?),
        ("another algorithm", signed(&hmac, claims)?),
        (
            "another audience",
            signed(header, &with(claims, "aud", json!("other")))?,
        ),
        (
            "another issuer",
            signed(header, &with(claims, "iss", json!("http://other")))?,
        ),
        (
            "another type",
            signed(&with(header, "typ", json!("JWT")), claims)?,
        ),
        (
            "nobody",
            signed(
                header,
                &with(claims, "sub", json!("0190a000-0000-7000-8000-000000000000")),
            )?,
        ),
        ("garbage", "not.a.token".to_owned()),
    ])
}

fn parts(token: &str) -> anyhow::Result<(Value, Value)> {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
    let mut next = || -> anyhow::Result<Value> {
        let part = parts.next().ok_or_else(|| anyhow::anyhow!("a part"))??;
        Ok(serde_json::from_slice(&part)?)
    };
    Ok((next()?, next()?))
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Signs with the real key, so that only what was changed can be what is refused.
fn signed(header: &Value, claims: &Value) -> anyhow::Result<String> {
    let key = std::fs::read(required("AUTH_JWT_PRIVATE_KEY_FILE"))?;
    let key = EncodingKey::from_ed_pem(&key)?;
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA)?;
    Ok(format!("{message}.{signature}"))
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_family() {
    play(async |app| {
        let persona = Persona::new();
        let candidate = Candidate::join(&app.place, persona).await?;
        let body =
            json!({ "email": candidate.persona.email, "password": candidate.persona.password });
        let login = app.place.api.post("/auth/login", body).await?.expect(200)?;
        let first = text_at(&login, "/refresh_token")?;
        let refresh = async |token: &str| {
            let body = json!({ "refresh_token": token });
            app.place.api.post("/auth/refresh", body).await
        };
        let second = refresh(first).await?.expect(200)?;
        let again = refresh(first).await?.expect(200)?;
        ensure!(
            second["refresh_token"] == again["refresh_token"],
            "the same successor at once"
        );
        let third = refresh(text_at(&second, "/refresh_token")?)
            .await?
            .expect(200)?;
        // The successor was used: who sends its predecessor now stole it, or was stolen from.
        refresh(first).await?.problem(401)?;
        refresh(text_at(&third, "/refresh_token")?)
            .await?
            .problem(401)?;
        Ok(())
    })
    .await;
}
