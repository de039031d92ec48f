//! Files that must never become readable.

use super::pdf::Pdf;
use super::{TestFile, certificate, cv, photo};

/// The anti-malware test text, assembled when asked for, so that no scanner takes this source or
/// the program for it.
fn eicar_text() -> String {
    let parts = [
        r"X5O!P%@AP[4\PZX54(P^)7CC)7}$",
        "EICAR-STANDARD",
        "-ANTIVIRUS-",
        "TEST-FILE!$H+H*",
    ];
    parts.concat()
}

/// The anti-malware test file under a harmless name.
#[must_use]
pub fn eicar() -> TestFile {
    TestFile::new("diplome.pdf", "application/pdf", eicar_text())
}

/// A well-formed PDF with the test text in it.
#[must_use]
pub fn infected_pdf() -> TestFile {
    let mut pdf = Pdf::of_pages(&[vec!["A letter like any other".to_owned()]], "");
    let text = eicar_text();
    pdf.add(&format!(
        "<< /Length {} >>\nstream\n{text}\nendstream",
        text.len()
    ));
    TestFile::new("lettre.pdf", "application/pdf", pdf.bytes())
}

/// A PDF that runs a script when it is opened.
#[must_use]
pub fn active_pdf() -> TestFile {
    let action = "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>";
    let pdf = Pdf::of_pages(&[vec!["Look at me".to_owned()]], action);
    TestFile::new("actif.pdf", "application/pdf", pdf.bytes())
}

/// A PDF cut in its middle, as a broken connection leaves it.
#[must_use]
pub fn truncated_pdf() -> TestFile {
    let mut file = cv("Half a person");
    file.content.truncate(file.content.len() / 3);
    file.named("coupe.pdf")
}

/// A JPEG cut after its first bytes.
#[must_use]
pub fn truncated_jpeg() -> TestFile {
    let mut file = photo();
    file.content.truncate(200);
    file.named("coupe.jpg")
}

/// A PDF only by its first line.
#[must_use]
pub fn broken_pdf() -> TestFile {
    TestFile::new(
        "casse.pdf",
        "application/pdf",
        "%PDF-1.7\nnothing that follows is one\n",
    )
}

/// A picture that says it is a PDF.
#[must_use]
pub fn false_extension() -> TestFile {
    certificate()
        .named("certificat.pdf")
        .declared("application/pdf")
}

/// A PDF and an archive at once.
#[must_use]
pub fn polyglot() -> TestFile {
    let mut file = cv("Two at once");
    file.content.extend(stored_archive());
    file.named("deux.pdf")
}

/// An archive that says it is a PDF.
#[must_use]
pub fn archive() -> TestFile {
    TestFile::new("archive.pdf", "application/pdf", stored_archive())
}

/// A ZIP archive with one stored, empty entry.
fn stored_archive() -> Vec<u8> {
    let name = b"x.txt";
    let length = u8::try_from(name.len()).expect("a short name");
    let mut local = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
    local.extend([0; 12]);
    local.extend([length, 0, 0, 0]);
    local.extend(name);
    let mut central = b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0".to_vec();
    central.extend([0; 12]);
    central.extend([length, 0]);
    central.extend([0; 16]);
    central.extend(name);
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend(u32::try_from(central.len()).expect("short").to_le_bytes());
    end.extend(u32::try_from(local.len()).expect("short").to_le_bytes());
    end.extend([0, 0]);
    [local, central, end].concat()
}

/// Nothing under a good name.
#[must_use]
pub fn empty() -> TestFile {
    TestFile::new("vide.pdf", "application/pdf", Vec::new())
}

/// A PDF of more than the ten megabytes allowed.
#[must_use]
pub fn oversize() -> TestFile {
    let mut file = cv("Too much");
    file.content.resize(11 * 1024 * 1024, b' ');
    file.named("gros.pdf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_text_is_the_known_one() {
        assert_eq!(eicar_text().len(), 68);
        assert_eq!(
            eicar().sha256(),
            "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
        );
    }
}
