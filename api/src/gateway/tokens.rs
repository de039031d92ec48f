//! Access tokens: JWT signed with Ed25519, and the keys that verify them.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, get_current_timestamp,
};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The media type of an access token (RFC 9068).
const ACCESS_TOKEN: &str = "at+jwt";
/// How long a token that was found valid is known by its digest: checking a signature costs as much
/// as the rest of a small request, and a page asks ten times in a row.
const REMEMBERED: Duration = Duration::from_mins(1);
const TOKENS_REMEMBERED: u64 = 50_000;

/// Signs and verifies access tokens.
pub struct Tokens {
    issuer: String,
    audience: String,
    lifetime: Duration,
    key_id: String,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    published: Value,
    verified: Cache<[u8; 32], Verified>,
}

/// A token that was found valid, until it expires.
#[derive(Debug, Clone, Copy)]
struct Verified {
    subject: Subject,
    /// `exp`, in seconds since 1970.
    expires_at: i64,
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The account.
    pub user_id: Uuid,
    /// The company it acts for.
    pub company_id: Option<Uuid>,
    /// The session, that is the family of refresh tokens, it belongs to.
    pub session_id: Uuid,
}

/// The token is not one of ours, or no longer or not yet valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access token is not valid")]
pub struct InvalidToken;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company_id: Option<Uuid>,
}

/// Names and lifetime of the tokens.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// From issue to `exp`.
    pub lifetime: Duration,
}

impl Tokens {
    /// Reads the signing key (PKCS#8 PEM) and the retired public keys (SPKI PEM) whose tokens
    /// are still accepted during a rotation.
    pub fn load(
        settings: TokenSettings,
        signing: &Path,
        retired: &[impl AsRef<Path>],
    ) -> anyhow::Result<Self> {
        let pem = std::fs::read_to_string(signing)
            .with_context(|| format!("cannot read the signing key {}", signing.display()))?;
        let mut public = Vec::new();
        for path in retired {
            let path = path.as_ref();
            let pem = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the retired key {}", path.display()))?;
            let key = VerifyingKey::from_public_key_pem(&pem)
                .with_context(|| format!("{} is no Ed25519 public key", path.display()))?;
            public.push(key);
        }
        Self::new(settings, &pem, &public)
    }

    fn new(settings: TokenSettings, pem: &str, retired: &[VerifyingKey]) -> anyhow::Result<Self> {
        let own = SigningKey::from_pkcs8_pem(pem)
            .context("the signing key is no Ed25519 key in PKCS#8 PEM")?;
        let public: Vec<VerifyingKey> = std::iter::once(own.verifying_key())
            .chain(retired.iter().copied())
            .collect();
        let verifying = public
            .iter()
            .map(|key| Ok((key_id(key), DecodingKey::from_ed_components(&encoded(key))?)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            issuer: settings.issuer,
            audience: settings.audience,
            lifetime: settings.lifetime,
            key_id: key_id(&own.verifying_key()),
            signing: EncodingKey::from_ed_pem(pem.as_bytes())?,
            verifying,
            published: json!({"keys": public.iter().map(published).collect::<Vec<_>>()}),
            verified: Cache::builder()
                .max_capacity(TOKENS_REMEMBERED)
                .time_to_live(REMEMBERED)
                .build(),
        })
    }

    /// A token for that subject from now on.
    pub fn issue(&self, subject: Subject, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<String> {
        let now = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: subject.user_id,
            sid: subject.session_id,
            jti: id,
            iat: now,
            nbf: now,
            exp: now + i64::try_from(self.lifetime.as_secs())?,
            company_id: subject.company_id,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(ACCESS_TOKEN.to_owned());
        header.kid = Some(self.key_id.clone());
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }

    /// The subject of a valid token.
    pub fn verify(&self, token: &str) -> Result<Subject, InvalidToken> {
        let digest = Sha256::digest(token).into();
        // The clock that the checks of a token go by.
        let now = i64::try_from(get_current_timestamp()).unwrap_or(i64::MAX);
        if let Some(subject) = self.remembered(&digest, now) {
            return Ok(subject);
        }
        let verified = self.check(token)?;
        self.verified.insert(digest, verified);
        Ok(verified.subject)
    }

    /// The subject of a token that was found valid a moment ago and has not expired since. What
    /// else may change, the account's standing, is asked for each request.
    fn remembered(&self, digest: &[u8; 32], now: i64) -> Option<Subject> {
        let verified = self.verified.get(digest)?;
        (now < verified.expires_at).then_some(verified.subject)
    }

    fn check(&self, token: &str) -> Result<Verified, InvalidToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken)?;
        let known_type = header
            .typ
            .as_deref()
            .is_some_and(|typ| typ.eq_ignore_ascii_case(ACCESS_TOKEN));
        // No extension is understood here, so every critical one must be refused (RFC 7515).
        if !known_type || header.crit.is_some() {
            return Err(InvalidToken);
        }
        let key = header
            .kid
            .as_deref()
            .and_then(|id| self.verifying.get(id))
            .ok_or(InvalidToken)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
            .map_err(|_| InvalidToken)?
            .claims;
        Ok(Verified {
            subject: Subject {
                user_id: claims.sub,
                company_id: claims.company_id,
                session_id: claims.sid,
            },
            expires_at: claims.exp,
        })
    }

    /// Seconds a token lives.
    #[must_use]
    pub fn expires_in(&self) -> u64 {
        self.lifetime.as_secs()
    }

    /// The public keys as a JSON Web Key Set.
    #[must_use]
    pub fn key_set(&self) -> &Value {
        &self.published
    }
}

fn encoded(key: &VerifyingKey) -> String {
    URL_SAFE_NO_PAD.encode(key.as_bytes())
}

/// The key's RFC 7638 thumbprint.
fn key_id(key: &VerifyingKey) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encoded(key));
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

fn published(key: &VerifyingKey) -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "x": encoded(key),
        "kid": key_id(key), "alg": "EdDSA", "use": "sig"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use store::clock::Clock;

    type Alter = fn(&mut Value, &mut Value);

    fn now() -> DateTime<Utc> {
        Clock::system().now()
    }

    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    const OTHER: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIE7uA3nLvMj3YkYVx0nR9cKeeTBVWmL4pJ8tBVLqfKqH\n-----END PRIVATE KEY-----\n";

    fn tokens(pem: &str) -> Tokens {
        let settings = TokenSettings {
            issuer: "https://yemma.test".into(),
            audience: "yemma".into(),
            lifetime: Duration::from_mins(15),
        };
        Tokens::new(settings, pem, &[]).unwrap()
    }

    fn subject() -> Subject {
        Subject {
            user_id: Uuid::from_u128(1),
            company_id: Some(Uuid::from_u128(2)),
            session_id: Uuid::from_u128(3),
        }
    }

    /// A token made with that key after its header and claims were altered.
    fn forged(tokens: &Tokens, alter: impl FnOnce(&mut Value, &mut Value)) -> String {
        let token = tokens.issue(subject(), Uuid::nil(), now()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let read =
            |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let (mut header, mut claims): (Value, Value) = (read(parts[0]), read(parts[1]));
        alter(&mut header, &mut claims);
        let write = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", write(&header), write(&claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &tokens.signing, Algorithm::EdDSA)
                .unwrap();
        format!("{message}.{signature}")
    }

    #[test]
    fn a_token_tells_its_subject() {
        let tokens = tokens(KEY);
        let token = tokens.issue(subject(), Uuid::nil(), now()).unwrap();
        assert_eq!(tokens.verify(&token), Ok(subject()));
        assert_eq!(tokens.verify(&forged(&tokens, |_, _| ())), Ok(subject()));
    }

    #[test]
    fn a_token_out_of_its_time_is_refused() {
        let tokens = tokens(KEY);
        let late = tokens
            .issue(subject(), Uuid::nil(), now() - TimeDelta::seconds(901))
            .unwrap();
        assert_eq!(tokens.verify(&late), Err(InvalidToken));
        let early = tokens
            .issue(subject(), Uuid::nil(), now() + TimeDelta::seconds(60))
            .unwrap();
        assert_eq!(tokens.verify(&early), Err(InvalidToken));
    }

    #[test]
    fn a_token_is_remembered_until_it_expires_and_no_other_for_it() {
        let tokens = tokens(KEY);
        let issued = now();
        let token = tokens.issue(subject(), Uuid::nil(), issued).unwrap();
        let digest = Sha256::digest(&token).into();
        let expires_at = issued.timestamp() + 900;
        assert_eq!(tokens.remembered(&digest, expires_at - 1), None);
        assert_eq!(tokens.verify(&token), Ok(subject()));
        assert_eq!(tokens.remembered(&digest, expires_at - 1), Some(subject()));
        assert_eq!(tokens.remembered(&digest, expires_at), None);
        let altered = token[..token.len() - 1].to_owned() + "_";
        assert_eq!(tokens.verify(&altered), Err(InvalidToken));
        assert_eq!(tokens.verify(&altered), Err(InvalidToken));
    }

    #[test]
    fn every_altered_claim_and_header_is_refused() {
        let tokens = tokens(KEY);
        let alterations: [Alter; 10] = [
            |_, claims| claims["iss"] = json!("https://other.test"),
            |_, claims| claims["aud"] = json!("other"),
            |_, claims| drop(claims.as_object_mut().unwrap().remove("exp")),
            |_, claims| drop(claims.as_object_mut().unwrap().remove("nbf")),
            |_, claims| claims["sub"] = json!("not-an-id"),
            |header, _| header["typ"] = json!("JWT"),
            |header, _| drop(header.as_object_mut().unwrap().remove("typ")),
            |header, _| header["crit"] = json!(["b64"]),
            |header, _| header["kid"] = json!("unknown"),
            |header, _| header["alg"] = json!("HS256"),
        ];
        for (index, alter) in alterations.into_iter().enumerate() {
            assert_eq!(
                tokens.verify(&forged(&tokens, alter)),
                Err(InvalidToken),
                "{index}"
            );
        }
    }

    #[test]
    fn another_key_and_no_signature_are_refused() {
        let (ours, theirs) = (tokens(KEY), tokens(OTHER));
        let token = theirs.issue(subject(), Uuid::nil(), now()).unwrap();
        assert_eq!(ours.verify(&token), Err(InvalidToken));
        let stolen = forged(&theirs, |header, _| header["kid"] = json!(ours.key_id));
        assert_eq!(ours.verify(&stolen), Err(InvalidToken));
        let token = ours.issue(subject(), Uuid::nil(), now()).unwrap();
        let unsigned = token.rsplit_once('.').unwrap().0.to_owned() + ".";
        assert_eq!(ours.verify(&unsigned), Err(InvalidToken));
        assert_eq!(ours.verify(""), Err(InvalidToken));
    }

    #[test]
    fn a_retired_key_still_verifies_and_is_published() {
        let retired = SigningKey::from_pkcs8_pem(OTHER).unwrap().verifying_key();
        let settings = TokenSettings {
            issuer: "https://yemma.test".into(),
            audience: "yemma".into(),
            lifetime: Duration::from_mins(15),
        };
        let rotated = Tokens::new(settings, KEY, &[retired]).unwrap();
        let old = tokens(OTHER).issue(subject(), Uuid::nil(), now()).unwrap();
        assert_eq!(rotated.verify(&old), Ok(subject()));
        assert_eq!(rotated.key_set()["keys"].as_array().unwrap().len(), 2);
    }
}
