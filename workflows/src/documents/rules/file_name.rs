//! File names as people see them; they never become storage keys.

use unicode_normalization::UnicodeNormalization;

/// Characters of a cleaned name at most.
pub const MAX_FILE_NAME: usize = 120;

/// What a name with nothing left in it becomes.
const NAMELESS: &str = "document";
/// Longer endings are no extension.
const MAX_EXTENSION: usize = 10;

/// The name without paths, control and direction characters, and what some file system would
/// trip over; at most 120 characters with the extension kept; never empty.
#[must_use]
pub fn clean_file_name(name: &str) -> String {
    let visible: String = name.nfc().filter(|c| !is_hidden(*c)).collect();
    let last = visible.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let spaced = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = spaced.trim_matches(['.', ' ']);
    let (stem, extension) = split_extension(trimmed);
    let room = MAX_FILE_NAME - extension.map_or(0, |extension| extension.chars().count() + 1);
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { NAMELESS } else { stem };
    match extension {
        Some(extension) => format!("{stem}.{extension}"),
        None => stem.to_owned(),
    }
}

fn split_extension(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => (stem, Some(extension)),
        _ => (name, None),
    }
}

fn is_extension(text: &str) -> bool {
    (1..=MAX_EXTENSION).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Control characters, and format characters: a direction override shows `cv_fdp.exe` as
/// `cv_exe.pdf`.
fn is_hidden(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
        || matches!(
            u32::from(c),
            0x00AD
                | 0x061C
                | 0x180E
                | 0x200B..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0xFEFF
                | 0xFFF9..=0xFFFB
                | 0xE0000..=0xE007F
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (name, cleaned) in [
            ("cv.pdf", "cv.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\awa\\Mon CV.pdf", "Mon CV.pdf"),
            ("cv_\u{202E}fdp.exe", "cv_fdp.exe"),
            ("a\0b\r\n c.pdf", "ab c.pdf"),
            ("  .hidden.pdf. ", "hidden.pdf"),
            ("", "document"),
            ("..", "document"),
            ("/", "document"),
            (".pdf", "pdf"),
            (" ?.png", "_.png"),
            ("e\u{301}té.png", "été.png"),
            ("a\"b<c>.pdf", "a_b_c_.pdf"),
        ] {
            assert_eq!(clean_file_name(name), cleaned, "{name:?}");
        }
        let long = clean_file_name(&format!("{}.pdf", "é".repeat(500)));
        assert_eq!(long.chars().count(), MAX_FILE_NAME);
        assert!(
            std::path::Path::new(&long)
                .extension()
                .is_some_and(|e| e == "pdf")
        );
    }

    proptest! {
        #[test]
        fn any_name_is_safe_and_stays_as_it_was_cleaned(name in "(?s)[.a-z/\\\\ \\x00-\\x1f\u{202E}]{0,30}.{0,200}") {
            let cleaned = clean_file_name(&name);
            prop_assert!(!cleaned.is_empty() && cleaned.chars().count() <= MAX_FILE_NAME);
            let unsafe_characters = ['/', '\\', '\0', '\n', '\r', '\u{202E}'];
            prop_assert!(!cleaned.contains(unsafe_characters));
            prop_assert!(cleaned != "." && cleaned != "..");
            prop_assert_eq!(clean_file_name(&cleaned), cleaned);
        }
    }
}
