//! Files of ordinary programs, files of attackers, and files inside of files.

use std::path::{Path, PathBuf};

use lopdf::Document;
use workflows::documents::rules::{DocumentKind, RejectionCode};

use super::build::{File, SCRIPT, deflate};
use super::{accepted, active, judge, refused};
use crate::documents::inspection::{Claims, Judged};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/documents")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(cases().join(name)).unwrap()
}

/// The whole inspection's word on a file of the cases.
fn inspect(bytes: &[u8]) -> Result<Judged, RejectionCode> {
    let claims = Claims {
        kind: DocumentKind::Cv,
        content_type: "application/pdf".to_owned(),
        extension: Some("pdf".to_owned()),
    };
    crate::documents::inspection::judge(bytes, &claims).map_err(|rejection| rejection.code)
}

#[test]
fn every_file_of_an_ordinary_program_is_accepted() {
    let folder = std::fs::read_dir(cases().join("benign")).unwrap();
    let mut count = 0;
    for path in folder.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "pdf") {
            continue;
        }
        let judged = inspect(&std::fs::read(&path).unwrap());
        let pages = judged.as_ref().map(|judged| judged.pages);
        assert!(
            pages.is_ok_and(|pages| pages >= 1),
            "{}: {pages:?}",
            path.display()
        );
        count += 1;
    }
    assert!(count >= 20, "{count} files");
    assert_eq!(inspect(&read("owner_password_only.pdf")).unwrap().pages, 1);
}

#[test]
fn files_of_attackers_are_refused_with_their_reason() {
    for (name, code) in [
        ("hostile/crypt_bogus.pdf", RejectionCode::PdfActiveContent),
        (
            "hostile/indirect_filter.pdf",
            RejectionCode::PdfActiveContent,
        ),
        ("hostile/next_uri.pdf", RejectionCode::PdfActiveContent),
        ("hostile/paren_odd.pdf", RejectionCode::PdfActiveContent),
        ("hostile/zip_in_pdf.pdf", RejectionCode::Polyglot),
        ("link_javascript_bad.pdf", RejectionCode::PdfScriptLink),
    ] {
        assert_eq!(inspect(&read(name)).unwrap_err(), code, "{name}");
    }
}

#[test]
fn too_many_pages_are_told_by_their_number() {
    let mut file = File::empty();
    let kids: String = (0..201).map(|page| format!("{} 0 R ", page + 10)).collect();
    file.object(1, "<</Type/Catalog/Pages 2 0 R>>");
    file.object(2, &format!("<</Type/Pages/Count 201/Kids[{kids}]>>"));
    for page in 0..201 {
        file.object(page + 10, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>");
    }
    let rejection = super::super::check(&file.end("")).unwrap_err();
    assert_eq!(rejection.code, RejectionCode::PdfTooManyPages);
    let figures = rejection.figures.unwrap();
    assert_eq!((figures.found, figures.limit), (201, 200));
}

#[test]
fn habits_of_ordinary_programs_pass() {
    let mut file = File::page("", "");
    file.places.insert(5, file.bytes.len());
    file.raw("5 0 obj\nendobj\n");
    accepted("an object without a value", &file.end(""));
    let mut file = File::page("", "");
    file.object(5, "<</Title(a)/Author(b)/Title()/Author()>>");
    accepted("a title twice", &file.end("/Info 5 0 R"));
    let mut file = File::page("", "");
    file.places.insert(6, 0);
    accepted(
        "an entry that leads nowhere",
        &file.object(7, "null").end(""),
    );
    let mut file = File::page("", "");
    file.raw("5 0 obj <</Length 3>> stream\r\nq Q\rendstream\rendobj\r");
    accepted("lines of another system", &file.end(""));
}

const CV: &str = "<?xml version=\"1.0\"?><Candidate xmlns=\"http://www.europass.eu/1.0\"/>";

/// A page with a file inside, as Europass writes it.
fn attached(catalog: &str, specification: &str, dictionary: &str, data: &[u8]) -> File {
    let mut file = File::page(catalog, "");
    file.object(16, &format!("<</Type/Filespec{specification}>>"));
    file.stream(17, &format!("/Type/EmbeddedFile{dictionary}"), data);
    file
}

const LISTED: &str = "/Names<</EmbeddedFiles<</Names[(cv)16 0 R]>>>>/AF[16 0 R]";
const NAMED: &str = "/F(cv.xml)/UF(cv.xml)/EF<</F 17 0 R/UF 17 0 R>>";

#[test]
fn a_cvs_own_data_is_taken_out_of_what_is_handed_out() {
    let packed = deflate(CV.as_bytes());
    for (what, file) in [
        ("cases", read("benign/europass_like_xml_attachment.pdf")),
        ("plain", attached(LISTED, NAMED, "", CV.as_bytes()).end("")),
        (
            "packed",
            attached(LISTED, NAMED, "/Filter/FlateDecode", &packed).end(""),
        ),
        (
            "in a cross-reference stream",
            attached(LISTED, NAMED, "", CV.as_bytes()).end_packed(),
        ),
        ("shown on the page", {
            let mut file = attached(LISTED, NAMED, "", CV.as_bytes());
            file.object(
                3,
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Annots[18 0 R 19 0 R]>>",
            );
            file.object(
                18,
                "<</Type/Annot/Subtype/FileAttachment/FS 16 0 R/Rect[0 0 9 9]>>",
            );
            file.object(
                19,
                "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D(a)>>>>",
            );
            file.end("")
        }),
    ] {
        let judged = inspect(&file).unwrap_or_else(|code| panic!("{what}: {code:?}"));
        let rewritten = judged.rewritten.expect(what);
        for mark in [
            b"EmbeddedFile".as_slice(),
            b"Filespec",
            b"Candidate",
            b"/AF",
            b"/EF",
        ] {
            assert!(memchr::memmem::find(&rewritten, mark).is_none(), "{what}");
        }
        let again = inspect(&rewritten).unwrap();
        assert_eq!(
            (again.pages, again.rewritten),
            (judged.pages, None),
            "{what}"
        );
        let document = Document::load_mem(&rewritten).unwrap();
        let page = document.page_iter().next().unwrap();
        assert!(!document.get_page_content(page).is_empty(), "{what}");
    }
}

#[test]
fn any_other_file_inside_is_refused() {
    let program = b"MZ\x90\0 a program";
    let cv = CV.as_bytes();
    for (what, mut file) in [
        ("a program", attached(LISTED, NAMED, "", program)),
        ("an empty file", attached(LISTED, NAMED, "", b"")),
        (
            "a page of the web",
            attached(
                LISTED,
                NAMED,
                "",
                b"<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            ),
        ),
        (
            "a program's name",
            attached(LISTED, "/F(cv.exe)/EF<</F 17 0 R>>", "", cv),
        ),
        (
            "two names",
            attached(LISTED, "/F(cv.xml)/UF(cv.exe)/EF<</F 17 0 R>>", "", cv),
        ),
        (
            "an unknown packing",
            attached(LISTED, NAMED, "/Filter/BogusDecode", program),
        ),
        (
            "a packing elsewhere",
            attached(LISTED, NAMED, "/Filter 21 0 R", program),
        ),
        (
            "related files",
            attached(
                LISTED,
                "/F(cv.xml)/EF<</F 17 0 R>>/RF<</F[(a)17 0 R]>>",
                "",
                cv,
            ),
        ),
        (
            "a stream that no one names",
            attached("", "/F(cv.xml)", "", cv),
        ),
        (
            "a specification that no one lists",
            attached("", "/F(cv.exe)/EF<</F 17 0 R>>", "", program),
        ),
        (
            "a list of nothing",
            File::page("/Names<</EmbeddedFiles<</Names[]>>>>", ""),
        ),
        ("nothing there", {
            let mut file = File::page(LISTED, "");
            file.object(16, &format!("<</Type/Filespec{NAMED}>>"))
                .clone()
        }),
        ("a second one", {
            let mut file = attached(LISTED, NAMED, "", cv);
            file.stream(18, "/Type/EmbeddedFile", program).clone()
        }),
        ("a second of another specification", {
            let mut file = attached(LISTED, NAMED, "", cv);
            file.object(19, "<</F(b.xml)/EF<</F 18 0 R>>>>");
            file.stream(18, "", program).clone()
        }),
        ("two streams", {
            let mut file = attached(LISTED, "/F(cv.xml)/EF<</F 17 0 R/UF 18 0 R>>", "", cv);
            file.stream(18, "", program).clone()
        }),
        ("a script beside it", {
            let mut file = attached(LISTED, NAMED, "", cv);
            file.object(18, SCRIPT).clone()
        }),
    ] {
        active(what, &file.end(""));
    }
}

#[test]
fn a_file_inside_of_an_older_revision_is_refused() {
    let (program, cv) = (b"MZ\x90\0 a program", CV.as_bytes());
    let mut file = attached(LISTED, NAMED, "", program);
    let first = file.bytes.len();
    file.end("");
    file.stream(17, "/Type/EmbeddedFile", cv);
    active("an older revision", &file.end(&format!("/Prev {first}")));
}

#[test]
fn what_stands_around_a_file_must_begin_no_other() {
    let whole = File::page("", "").end("");
    for before in [
        "\n",
        "\r\n\r\n",
        "\u{feff}",
        "\0\0",
        "a line of a mailer\r\n",
        "Content-Type: application/pdf\r\n\r\n",
    ] {
        accepted(before, &[before.as_bytes(), &whole].concat());
    }
    // Offsets counted from the first byte, as some programs do.
    let mut file = File::empty();
    let mut bytes = b"a line before\n".to_vec();
    bytes.append(&mut file.bytes);
    file.bytes = bytes;
    for number in [1_u32, 2, 3] {
        let body = [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ];
        file.object(number, body[usize::try_from(number).unwrap() - 1]);
    }
    accepted("from the first byte", &file.end(""));
    for before in [
        "<html>",
        "#!/bin/sh\n",
        "MZ",
        "%!PS\n",
        "{\\rtf",
        "GIF89a",
        "PK\x03\x04",
        "\x7fELF",
        "\n<svg>",
        "text <script>",
        "\x01\x02\x03",
        "BZh9",
        "\x1f\u{8b}",
        "RIFF",
    ] {
        let bytes = [before.as_bytes(), &whole].concat();
        assert_eq!(
            inspect(&bytes).unwrap_err(),
            RejectionCode::Polyglot,
            "{before:?}"
        );
    }
    let late = [" ".repeat(1025).as_bytes(), &whole].concat();
    assert_eq!(inspect(&late).unwrap_err(), RejectionCode::UnsupportedType);
    for behind in [
        "\x1a",
        "\n\x1a\n",
        "\0\0",
        "% by a server\n% of badges",
        "\r\n%\u{e9}t\u{e9}\r\n",
    ] {
        accepted(behind, &[&whole, behind.as_bytes()].concat());
    }
    for behind in [
        "<!-- x -->",
        "MZ",
        "% x\n#!/bin/sh",
        "%!PS",
        "%PDF-1.7",
        "\x1aMZ",
        "text",
        "% \x01\x02",
        "PK\x05\x06",
    ] {
        let judged = judge(&[&whole, behind.as_bytes()].concat());
        assert_eq!(judged, Err(RejectionCode::Polyglot), "{behind:?}");
    }
    refused(
        "an update cut off",
        &[&whole, b"5 0 obj <<>> endobj xref".as_slice()].concat(),
    );
}

/// A ZIP of one stored file.
fn zip(name: &[u8], count: u16, comment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let common = [
        b"\x14\0\0\0\0\0\0\0\0\0\x01\x02\x03\x04\x05\0\0\0\x05\0\0\0".as_slice(),
        &length,
        b"\0\0",
    ]
    .concat();
    let entry = [b"PK\x03\x04".as_slice(), &common, name, b"hello"].concat();
    let directory = [b"PK\x01\x02\x14\x03".as_slice(), &common, &[0; 14], name].concat();
    let sizes =
        [directory.len(), entry.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes());
    let comment_length = u16::try_from(comment.len()).unwrap().to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0\0\0".as_slice(),
        &count.to_le_bytes(),
        &sizes.concat(),
        &comment_length,
        comment,
    ];
    [entry, directory, end.concat()].concat()
}

#[test]
fn an_archive_inside_is_found_whatever_its_figures_say() {
    let long = vec![b'a'; 4_000];
    let mut far = zip(b"a.txt", 1, b"");
    let at = far.len() - 6;
    far[at..at + 4].copy_from_slice(&9_999_u32.to_le_bytes());
    let plain = zip(b"a.txt", 1, b"");
    let end = plain.len() - 22;
    let wide = [
        &plain[..end],
        b"PK\x06\x06",
        &[44, 0, 0, 0, 0, 0, 0, 0],
        &[0; 44],
        b"PK\x06\x07",
        &[0; 16],
    ]
    .concat();
    for (what, archive) in [
        ("plain", plain.clone()),
        ("counts that disagree", zip(b"a.txt", 7, b"")),
        ("a long name", zip(&long, 1, b"")),
        ("a comment", zip(b"a.txt", 1, b"endstream and more")),
        ("other offsets", far),
        ("ZIP64", wide),
        ("an entry alone", plain[..40].to_vec()),
        (
            "an end alone",
            b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
        ),
        ("7z", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec()),
        ("RAR", b"Rar!\x1a\x07\x01\0".to_vec()),
        ("cabinet", b"MSCF\0\0\0\0".to_vec()),
    ] {
        let mut file = File::page("", "");
        let judged = judge(&file.stream(9, "", &archive).end(""));
        assert_eq!(judged, Err(RejectionCode::Polyglot), "{what}");
    }
    let mut file = File::page("", "");
    accepted(
        "letters",
        &file.stream(9, "", b"PK PK\x01\x02 and PK").end(""),
    );
}
