//! Mail addresses: one spelling for one account.

use crate::fields::FieldCode;

/// RFC 5321 limits a path to 256 characters with its brackets.
const MAX_EMAIL: usize = 254;
const MAX_LOCAL_PART: usize = 64;

/// The address as accounts keep it, trimmed and in lower case, or what is wrong with it.
///
/// Quoted local parts, literal addresses and characters outside ASCII are refused: hardly any
/// mailbox has them and too many servers mangle them.
pub fn normalise_email(text: &str) -> Result<String, FieldCode> {
    let address = text.trim().to_ascii_lowercase();
    if address.len() > MAX_EMAIL {
        return Err(FieldCode::TooLong);
    }
    let (local, domain) = address.rsplit_once('@').ok_or(FieldCode::InvalidEmail)?;
    if local.len() <= MAX_LOCAL_PART && local.split('.').all(is_atom) && is_domain(domain) {
        Ok(address)
    } else {
        Err(FieldCode::InvalidEmail)
    }
}

fn is_atom(atom: &str) -> bool {
    let in_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !atom.is_empty() && atom.bytes().all(in_atom)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(is_label)
        && top.len() >= 2
        && !top.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        let address = normalise_email("  Awa.Kone+cv@Mail.Example.CI ").unwrap();
        assert_eq!(address, "awa.kone+cv@mail.example.ci");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@b.ci",
            "a@b",
            "a b@c.ci",
            ".a@b.ci",
            "a..b@c.ci",
            "a@b..ci",
            "a@-b.ci",
            "a@b.c",
            "a@1.2.3.4",
            "a@b@c.ci",
            "\"a\"@b.ci",
            "é@b.ci",
            "a@b.ci\r\nBcc: x@y.z",
            "a\0@b.ci",
        ] {
            assert_eq!(
                normalise_email(text),
                Err(FieldCode::InvalidEmail),
                "{text:?}"
            );
        }
        let long = format!("a@{}.ci", "b.".repeat(130));
        assert_eq!(normalise_email(&long), Err(FieldCode::TooLong));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,30}@?[a-zA-Z0-9.-]{0,20}") {
            if let Ok(address) = normalise_email(&text) {
                prop_assert_eq!(normalise_email(&address), Ok(address));
            }
        }
    }
}
