//! File names: what a client calls a file, made fit to be shown and saved. Never a storage key.

use unicode_normalization::UnicodeNormalization as _;

const LONGEST: usize = 150;

/// Cleans a name of paths, control and direction characters. Never empty.
pub(super) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.nfc().filter(|c| !is_hidden(*c)).collect();
    let trimmed = shown.trim_matches(|c: char| c.is_whitespace() || c == '.');
    if trimmed.is_empty() {
        "document".to_owned()
    } else {
        shortened(trimmed)
    }
}

/// Control characters, and those that change the direction of text or take no room.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Cuts the stem, not the extension.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if extension.chars().count() <= 10 => {
            let kept: String = stem.chars().take(LONGEST - 11).collect();
            format!("{kept}.{extension}")
        }
        _ => name.chars().take(LONGEST).collect(),
    }
}

/// `Content-Disposition` of RFC 6266, with a plain name for old clients and the real one.
pub(super) fn content_disposition(disposition: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c == ' ' || c.is_ascii_graphic() => c,
            _ => '_',
        })
        .collect();
    let encoded: String = name.bytes().map(encode).collect();
    format!("{disposition}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// The characters that RFC 8187 leaves as they are.
fn encode(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_path_and_its_tricks() {
        for (given, cleaned) in [
            ("cv.pdf", "cv.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\CV final.pdf", "CV final.pdf"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("a\r\nSet-Cookie: x\0.pdf", "aSet-Cookie: x.pdf"),
            ("  ..hidden. ", "hidden"),
            ("", "document"),
            ("/", "document"),
            ("e\u{301}te\u{301}.png", "été.png"),
        ] {
            assert_eq!(clean(given), cleaned, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = clean(&format!("{}.pdf", "é".repeat(500)));
        assert!(long.ends_with("é.pdf") && long.chars().count() <= LONGEST);
    }

    #[test]
    fn a_name_is_given_plainly_and_exactly() {
        assert_eq!(
            content_disposition("inline", "été \"1\".pdf"),
            "inline; filename=\"_t_ _1_.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9%20%221%22.pdf"
        );
    }
}
