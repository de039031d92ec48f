//! Where links lead.

/// Schemes that run what follows them instead of leading anywhere.
const RUN: &[&str] = &["javascript:", "vbscript:", "data:"];
/// Schemes that only wrap another one.
const WRAPPERS: &[&str] = &["url:", "view-source:", "feed:", "jar:"];

/// Whether a link runs what it names. Any other link leads somewhere, as ordinary CVs do with
/// `skype:`, `file:`, `localhost:3000` or a scheme with a typing error.
pub(super) fn runs(target: &[u8]) -> bool {
    // Programs drop white space and control characters, and read text of two bytes a character.
    let text: String = target
        .iter()
        .filter(|byte| **byte > b' ' && **byte < 0x7f)
        .map(|byte| char::from(*byte).to_ascii_lowercase())
        .collect();
    let mut text = text.as_str();
    while let Some(inner) = WRAPPERS
        .iter()
        .find_map(|wrapper| text.strip_prefix(wrapper))
    {
        text = inner;
    }
    RUN.iter().any(|scheme| text.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_that_run_what_they_name_do() {
        for target in [
            b"javascript:alert(1)".as_slice(),
            b" \x01Java\tScript\n:alert(1)",
            b"\xfe\xff\0j\0a\0v\0a\0s\0c\0r\0i\0p\0t\0:\0x",
            b"\xef\xbb\xbfvbscript:x",
            b"data:text/html;base64,PHNjcmlwdD4=",
            b"view-source:javascript:x",
            b"URL:javascript:x",
        ] {
            assert!(runs(target), "{}", target.escape_ascii());
        }
        for target in [
            b"https://example.org/?javascript:x".as_slice(),
            b"javascript",
            b"file:///C:/cv.pdf",
            b"skype:aya?chat",
            b"callto:+2250708",
            b"Email:aya@example.org",
            b"localhost:3000",
            b"htpps://example.org",
            b"\\\\server\\share",
            b"",
        ] {
            assert!(!runs(target), "{}", target.escape_ascii());
        }
    }
}
