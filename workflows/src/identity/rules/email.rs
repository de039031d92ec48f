//! Mail addresses: one spelling for one account.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::fields::{FieldCode, formats};

/// RFC 5321 limits a path to 256 characters with its brackets.
const MAX_EMAIL: usize = 254;
const MAX_LOCAL_PART: usize = 64;
/// Bytes of a domain as it is written; more is not looked at.
const LONGEST_WRITTEN_DOMAIN: usize = 1_024;

/// The address as accounts keep it, or what is wrong with it: in lower case, without blanks around
/// it and invisible characters in it, an internationalised domain in its ASCII form (UTS 46), which
/// is what mail servers are asked for.
///
/// Quoted local parts, literal addresses and local parts outside ASCII are refused: hardly any
/// mailbox has them and too many servers mangle them.
pub fn normalise_email(text: &str) -> Result<String, FieldCode> {
    let visible = formats::visible(text);
    let (local, domain) = visible
        .trim()
        .rsplit_once('@')
        .ok_or(FieldCode::InvalidEmail)?;
    let local = local.to_ascii_lowercase();
    let domain = ascii_domain(domain)?;
    let address = format!("{local}@{domain}");
    if address.len() > MAX_EMAIL {
        return Err(FieldCode::TooLong);
    }
    if local.len() <= MAX_LOCAL_PART && local.split('.').all(is_atom) && is_domain(&domain) {
        Ok(address)
    } else {
        Err(FieldCode::InvalidEmail)
    }
}

/// A domain by UTS 46. Its length is the whole address's to be judged.
fn ascii_domain(domain: &str) -> Result<String, FieldCode> {
    if domain.len() > LONGEST_WRITTEN_DOMAIN {
        return Err(FieldCode::TooLong);
    }
    Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        )
        .map(Cow::into_owned)
        .map_err(|_| FieldCode::InvalidEmail)
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
    fn a_domain_has_one_spelling_in_whatever_script_it_is_written() {
        let kept = "awa@xn--socit-esab.example";
        for written in [
            "awa@société.example",
            "awa@socie\u{301}te\u{301}.example",
            "AWA@SOCIÉTÉ.EXAMPLE",
            "awa@xn--socit-esab.example",
            "awa@XN--socit-esab.example",
            "awa@société。example",
            "\u{200b}awa@soci\u{200b}été.exam\u{ad}ple\u{feff}\u{a0}",
        ] {
            assert_eq!(normalise_email(written).as_deref(), Ok(kept), "{written:?}");
        }
        assert_eq!(
            normalise_email("a@straße.de").as_deref(),
            Ok("a@xn--strae-oqa.de")
        );
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
            "a@xn--zzzzzz.ci",
            "a@b_c.ci",
            "a@b ci.ci",
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
