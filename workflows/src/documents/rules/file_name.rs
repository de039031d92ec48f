//! File names as people see them; they never become storage keys.

use unicode_normalization::UnicodeNormalization;

use super::ContentType;

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

/// The extension of a file's name, in lower case. Not every dot begins one: `CV M. Koné` and `CV v1.2`
/// have none, `cv.exe` has.
///
/// It is one to ten ASCII letters and digits; either a well-known one in whatever case, or two to
/// four of one case that begin with a letter and are no number of a version, so that what is not
/// known is taken for the extension of something else rather than for a part of the name.
#[must_use]
pub fn file_extension(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let lower = ending.to_ascii_lowercase();
    let is_one = !stem.is_empty()
        && is_extension(ending)
        && (WELL_KNOWN.contains(&lower.as_str()) || looks_like_one(ending));
    is_one.then_some(lower)
}

/// Extensions whose form alone does not tell them from the end of a name.
const WELL_KNOWN: [&str; 40] = [
    "pdf", "jpg", "jpeg", "jpe", "jfif", "png", "heic", "heif", "exe", "com", "scr", "bat", "cmd",
    "msi", "dll", "lnk", "jar", "apk", "dmg", "ps1", "sh", "js", "vbs", "hta", "zip", "rar", "7z",
    "gz", "doc", "docx", "docm", "odt", "rtf", "txt", "html", "xhtml", "xlsx", "pptx", "pages",
    "webp",
];

fn looks_like_one(ending: &str) -> bool {
    let one_case = !ending.bytes().any(|byte| byte.is_ascii_uppercase())
        || !ending.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_version = ending.strip_prefix(['v', 'V']).is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    (2..=4).contains(&ending.len())
        && ending.starts_with(|first: char| first.is_ascii_alphabetic())
        && one_case
        && !is_version
}

/// The name with the extension of its type, for whoever saves the file: a name that ends otherwise
/// opens with the wrong program, or with none.
#[must_use]
pub fn name_to_save(file_name: &str, content_type: ContentType) -> String {
    let declared = file_extension(file_name);
    let declared = declared.as_deref().and_then(ContentType::from_extension);
    if declared == Some(content_type) {
        file_name.to_owned()
    } else {
        format!("{file_name}.{}", content_type.extension())
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

    #[test]
    fn a_dot_is_not_always_an_extension() {
        for (name, extension) in [
            ("cv.pdf", Some("pdf")),
            ("CV.FINAL.Pdf", Some("pdf")),
            ("photo.jfif", Some("jfif")),
            ("cv.exe", Some("exe")),
            ("cv.Exe", Some("exe")),
            ("cv.xyz", Some("xyz")),
            ("cv.docx", Some("docx")),
            ("cv.7z", Some("7z")),
            ("cv.sh", Some("sh")),
            ("CV M. Koné", None),
            ("CV M.Koné", None),
            ("CV M.Kone", None),
            ("CV A.K", None),
            ("CV v1.2", None),
            ("CV.v2", None),
            ("CV 24.11.2026", None),
            (".pdf", None),
            ("cv", None),
        ] {
            assert_eq!(file_extension(name).as_deref(), extension, "{name}");
        }
    }

    #[test]
    fn a_file_is_saved_with_the_extension_of_its_type() {
        for (name, content_type, saved) in [
            ("cv.pdf", ContentType::Pdf, "cv.pdf"),
            ("a.JPEG", ContentType::Jpeg, "a.JPEG"),
            ("photo.jfif", ContentType::Jpeg, "photo.jfif"),
            ("CV M. Koné", ContentType::Pdf, "CV M. Koné.pdf"),
            ("CV v1.2", ContentType::Png, "CV v1.2.png"),
        ] {
            assert_eq!(name_to_save(name, content_type), saved);
        }
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
