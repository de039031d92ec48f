//! Tokens of document links: what may be read, by whom, until when, proved by an HMAC.
//!
//! Nothing of a link is stored: whoever holds the token may read the file until it expires, if
//! the document is still available then.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Keyring;

/// How the browser is told to treat the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Shown in place.
    Inline,
    /// Saved.
    Attachment,
}

/// What a link grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLink {
    /// The document.
    pub document_id: Uuid,
    /// Who asked for the link; every reading is theirs.
    pub requested_by: Uuid,
    /// Whether that is a service rather than a person.
    pub by_service: bool,
    /// The company they acted for: the link dies with what the company may see.
    pub company_id: Option<Uuid>,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// How the file is served.
    pub disposition: Disposition,
}

/// Version, flags, three ids, expiry in seconds.
const BODY: usize = 1 + 1 + 3 * 16 + 8;
const VERSION: u8 = 1;
const ATTACHMENT: u8 = 1;
const SERVICE: u8 = 2;

impl DocumentLink {
    /// The token of this link.
    #[must_use]
    pub fn token(&self, keys: &Keyring) -> String {
        let body = self.encode();
        let proof = keys.document_link_proof(&body);
        URL_SAFE_NO_PAD.encode([body.as_slice(), &proof].concat())
    }

    /// The link of a token that we made and that has not expired.
    #[must_use]
    pub fn open(keys: &Keyring, token: &str, now: DateTime<Utc>) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, proof) = bytes.split_at_checked(BODY)?;
        if !keys.is_document_link_proof(body, proof) {
            return None;
        }
        Self::decode(body).filter(|link| now < link.expires_at)
    }

    fn encode(&self) -> Vec<u8> {
        let mut flags = 0;
        if self.disposition == Disposition::Attachment {
            flags |= ATTACHMENT;
        }
        if self.by_service {
            flags |= SERVICE;
        }
        let mut body = Vec::with_capacity(BODY);
        body.extend_from_slice(&[VERSION, flags]);
        body.extend_from_slice(self.document_id.as_bytes());
        body.extend_from_slice(self.requested_by.as_bytes());
        body.extend_from_slice(self.company_id.unwrap_or(Uuid::nil()).as_bytes());
        body.extend_from_slice(&self.expires_at.timestamp().to_be_bytes());
        body
    }

    fn decode(body: &[u8]) -> Option<Self> {
        let (&[version, flags], rest) = body.split_first_chunk::<2>()?;
        let (ids, seconds) = rest.split_at_checked(3 * 16)?;
        let id = |index: usize| Uuid::from_slice(ids.get(index * 16..(index + 1) * 16)?).ok();
        let company_id = id(2)?;
        if version != VERSION {
            return None;
        }
        Some(Self {
            document_id: id(0)?,
            requested_by: id(1)?,
            by_service: flags & SERVICE != 0,
            company_id: (!company_id.is_nil()).then_some(company_id),
            expires_at: DateTime::from_timestamp(i64::from_be_bytes(seconds.try_into().ok()?), 0)?,
            disposition: if flags & ATTACHMENT != 0 {
                Disposition::Attachment
            } else {
                Disposition::Inline
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn keys(byte: u8) -> Keyring {
        Keyring::parse(&STANDARD.encode([byte; 32]).into()).unwrap()
    }

    fn link(company_id: Option<Uuid>, disposition: Disposition) -> DocumentLink {
        DocumentLink {
            document_id: Uuid::from_u128(1),
            requested_by: Uuid::from_u128(2),
            by_service: false,
            company_id,
            expires_at: DateTime::from_timestamp(1_000, 0).unwrap(),
            disposition,
        }
    }

    #[test]
    fn a_link_is_read_back_until_it_expires() {
        for link in [
            link(None, Disposition::Inline),
            link(Some(Uuid::from_u128(3)), Disposition::Attachment),
        ] {
            let token = link.token(&keys(1));
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(DocumentLink::open(&keys(1), &token, at(999)), Some(link));
            assert_eq!(DocumentLink::open(&keys(1), &token, at(1_000)), None);
            assert_eq!(DocumentLink::open(&keys(2), &token, at(1)), None);
        }
    }

    #[test]
    fn a_changed_link_is_refused() {
        let token = link(None, Disposition::Inline).token(&keys(1));
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(
                DocumentLink::open(&keys(1), &changed, DateTime::UNIX_EPOCH),
                None,
                "{at}"
            );
        }
        for bad in ["", "x", &token[..30], &format!("{token}AA")] {
            assert_eq!(
                DocumentLink::open(&keys(1), bad, DateTime::UNIX_EPOCH),
                None
            );
        }
    }
}
