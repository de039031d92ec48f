//! PDF documents with text, fonts and a correct cross-reference table.

use std::fmt::Write as _;

use super::TestFile;

/// A document under construction: its objects in order, the first one being the catalog.
#[derive(Debug, Default)]
pub(super) struct Pdf {
    objects: Vec<String>,
}

impl Pdf {
    /// A document of these pages of lines, with what is to be added to the catalog.
    pub(super) fn of_pages(pages: &[Vec<String>], catalog: &str) -> Self {
        let kids: Vec<String> = (0..pages.len())
            .map(|page| format!("{} 0 R", 4 + 2 * page))
            .collect();
        let mut pdf = Self::default();
        pdf.add(&format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"));
        pdf.add(&format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        ));
        pdf.add(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        );
        for (number, lines) in pages.iter().enumerate() {
            pdf.add(&format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] \
                 /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                5 + 2 * number
            ));
            let content = page_content(lines);
            pdf.add(&format!(
                "<< /Length {} >>\nstream\n{content}\nendstream",
                content.len()
            ));
        }
        pdf
    }

    /// Adds an object; its number is its place.
    pub(super) fn add(&mut self, object: &str) {
        self.objects.push(object.to_owned());
    }

    /// The file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = String::from("%PDF-1.7\n%----\n");
        let mut offsets = Vec::new();
        for (index, object) in self.objects.iter().enumerate() {
            offsets.push(out.len());
            let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
        }
        let start = out.len();
        let size = self.objects.len() + 1;
        let _ = write!(out, "xref\n0 {size}\n0000000000 65535 f \n");
        for offset in offsets {
            let _ = writeln!(out, "{offset:010} 00000 n ");
        }
        let _ = write!(
            out,
            "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        );
        out.into_bytes()
    }
}

fn page_content(lines: &[String]) -> String {
    let mut content = String::from("BT /F1 11 Tf 60 780 Td 16 TL");
    for line in lines {
        let escaped: String = line
            .chars()
            .filter(char::is_ascii)
            .flat_map(|c| {
                let escape = matches!(c, '(' | ')' | '\\').then_some('\\');
                escape.into_iter().chain(std::iter::once(c))
            })
            .collect();
        let _ = write!(content, "\n({escaped}) Tj T*");
    }
    content.push_str("\nET");
    content
}

/// A curriculum vitae of two pages.
#[must_use]
pub fn cv(name: &str) -> TestFile {
    let first = [
        format!("Curriculum vitae: {name}"),
        String::new(),
        "Data engineer, twelve years of experience in banking and telecommunications.".to_owned(),
        "2019 - today   Lead data engineer: streaming platform, 40 million events a day."
            .to_owned(),
        "2014 - 2019    Data engineer: first warehouse of the group, from paper to SQL.".to_owned(),
    ];
    let second = [
        "Education: Master of computer science, 2012.".to_owned(),
        "Skills: Rust (expert), PostgreSQL (expert), Python (advanced).".to_owned(),
        "Languages: French (C2), English (C1), Wolof (C2).".to_owned(),
    ];
    let pdf = Pdf::of_pages(&[first.to_vec(), second.to_vec()], "");
    TestFile::new("cv.pdf", "application/pdf", pdf.bytes())
}

/// A letter of one page.
#[must_use]
pub fn letter(text: &str) -> TestFile {
    let pdf = Pdf::of_pages(&[vec![text.to_owned()]], "");
    TestFile::new("lettre.pdf", "application/pdf", pdf.bytes())
}
