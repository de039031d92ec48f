//! Files from the field (`tests/cases/documents`) on their whole way: what ordinary people have
//! becomes available, what attackers made is refused with its reason, and quickly.

use std::path::{Path, PathBuf};
use std::time::Duration;

use store::secrets::document_keys::Part;
use tokio::time::{Instant, timeout};
use workflows::documents::contract::IngestionOutcome;
use workflows::documents::rules::{DocumentKind, DocumentStatus, RejectionCode};

use super::pipeline::Pipeline;
use super::stage::Stage;

/// Within which a hostile file is refused.
const LONGEST: Duration = Duration::from_secs(15);

/// Files that become available, each with its pages and whether something is taken out of it.
const BENIGN: &[(&str, u32, bool)] = &[
    ("benign/acroform_plain.pdf", 1, false),
    ("benign/chromium_anchor_JavaScript.pdf", 2, false),
    ("benign/chromium_relative_link.pdf", 1, false),
    ("benign/europass_like_xml_attachment.pdf", 1, true),
    ("benign/font_resource_named_JS.pdf", 1, false),
    ("benign/header_after_bom.pdf", 1, false),
    ("benign/header_after_newline.pdf", 1, false),
    ("benign/libreoffice_tagged_ua.pdf", 1, false),
    ("benign/link_callto.pdf", 1, false),
    ("benign/link_host_port.pdf", 1, false),
    ("benign/link_label_email.pdf", 1, false),
    ("benign/link_skype.pdf", 1, false),
    ("benign/link_typo_htpps.pdf", 1, false),
    ("benign/lualatex.pdf", 2, false),
    ("benign/pdf_2_0.pdf", 2, false),
    ("benign/qpdf_linearized_objstm.pdf", 2, false),
    ("benign/react_pdf.pdf", 1, false),
    ("benign/scan_with_ocr_layer.pdf", 1, false),
    ("benign/signed_pades_visible.pdf", 2, false),
    ("benign/tag_named_Sound.pdf", 1, false),
    ("benign/tail_ctrl_z.pdf", 1, false),
    ("benign/tail_percent_comment.pdf", 1, false),
    ("benign/typst.pdf", 2, false),
    ("benign/weasy_stripes_pattern.pdf", 1, false),
    ("benign/word_like_hybrid_xref.pdf", 1, false),
    ("owner_password_only.pdf", 1, false),
];

/// Files that are refused, each with its reason.
const REFUSED: &[(&str, RejectionCode)] = &[
    ("hostile/crypt_bogus.pdf", RejectionCode::PdfActiveContent),
    (
        "hostile/indirect_filter.pdf",
        RejectionCode::PdfActiveContent,
    ),
    ("hostile/next_uri.pdf", RejectionCode::PdfActiveContent),
    ("hostile/paren_odd.pdf", RejectionCode::PdfActiveContent),
    ("hostile/zip_in_pdf.pdf", RejectionCode::Polyglot),
    ("link_javascript_bad.pdf", RejectionCode::PdfScriptLink),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/documents")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

/// What the file is uploaded as.
fn kind_of(name: &str) -> DocumentKind {
    if name.ends_with("pdf") {
        DocumentKind::Cv
    } else {
        DocumentKind::Photo
    }
}

#[test]
fn every_pdf_of_the_cases_is_in_a_table() {
    // Judged by what it takes to draw it, which is not asked here.
    let elsewhere = ["hostile/nested_forms.pdf"];
    for part in ["benign", "hostile"] {
        for entry in std::fs::read_dir(folder().join(part)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = format!("{part}/{name}");
            let known = BENIGN.iter().any(|(benign, ..)| *benign == name)
                || REFUSED.iter().any(|(refused, _)| *refused == name)
                || elsewhere.contains(&name.as_str());
            assert!(known || !name.ends_with("pdf"), "{name} is in no table");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_ordinary_people_become_available() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    for (name, pages, rewritten) in BENIGN {
        let bytes = read(name);
        let document = stage.upload(kind_of(name), name, &bytes).await;
        let outcome = pipeline.ingest(&stage, document.id).await;
        let shown = stage.shown(document.id).await;
        assert_eq!(
            (outcome, shown.rejection.map(|it| it.code)),
            (IngestionOutcome::Available, None),
            "{name}"
        );
        assert_eq!(shown.page_count, Some(*pages), "{name}");
        assert_eq!(shown.rewritten, *rewritten, "{name}");
        let readable = stage.readable(document.id).await.unwrap();
        let content = stage
            .vault
            .open(&readable.located, readable.part)
            .await
            .unwrap();
        let served = content.collect(1 << 24).await.unwrap();
        assert_eq!(served.len() as u64, readable.size, "{name}");
        if *rewritten {
            assert_eq!(readable.part, Part::Rewritten);
            assert!(!holds(&served, b"EmbeddedFile") && holds(&bytes, b"EmbeddedFile"));
        } else {
            assert_eq!(served, bytes, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_attackers_are_refused_with_their_reason() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    for (name, code) in REFUSED {
        let document = stage.upload(kind_of(name), name, &read(name)).await;
        let begun = Instant::now();
        let outcome = timeout(LONGEST, pipeline.ingest(&stage, document.id))
            .await
            .unwrap_or_else(|_| panic!("{name} takes longer than {:?}", begun.elapsed()));
        assert_eq!(outcome, IngestionOutcome::Rejected, "{name}");
        let shown = stage.shown(document.id).await;
        assert_eq!(
            (shown.status, shown.rejection.map(|it| it.code)),
            (DocumentStatus::Rejected, Some(*code)),
            "{name}"
        );
        assert!(stage.readable(document.id).await.is_none(), "{name}");
    }
}

/// Nothing of a file that was taken out stays when the document goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewritten_file_goes_with_its_document() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let bytes = read("benign/europass_like_xml_attachment.pdf");
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &bytes).await;
    pipeline.ingest(&stage, document.id).await;
    let kept = format!("previews/{}/", document.id);
    let before = stage.vault.objects.list(&kept, None).await.unwrap();
    assert!(before.iter().any(|key| key.ends_with("/rewritten")));
    stage
        .vault
        .discard(document.id, Some(&document.object_key))
        .await
        .unwrap();
    let after = stage.vault.objects.list(&kept, None).await.unwrap();
    assert!(after.is_empty());
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}
