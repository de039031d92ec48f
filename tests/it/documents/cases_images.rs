//! Photographs from the field on their whole way, and files that are much to draw: what phones
//! and servers leave behind a picture passes, a film does not, and what would hold the worker is
//! refused while others go on.

use std::io::Cursor;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat, RgbImage};
use store::secrets::document_keys::Part;
use workflows::documents::contract::IngestionOutcome;
use workflows::documents::rules::{DocumentKind, DocumentStatus, RejectionCode};

use super::files;
use super::pipeline::Pipeline;
use super::stage::Stage;

/// Processor seconds are counted, not those of the clock: a busy machine takes longer.
const BUSY: Duration = Duration::from_secs(300);

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/documents")
}

fn case(name: &str) -> Vec<u8> {
    std::fs::read(cases().join(name)).unwrap()
}

/// The picture of a page, as its readers get it.
async fn page(stage: &Stage, document_id: uuid::Uuid, number: u32) -> RgbImage {
    let readable = stage.readable(document_id).await.unwrap();
    assert_eq!(readable.undrawn_pages, [0_u32; 0]);
    let opened = stage.vault.open(&readable.located, Part::Page(number));
    let bytes = opened.await.unwrap().collect(1 << 24).await.unwrap();
    image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg)
        .unwrap()
        .into_rgb8()
}

/// Takes a file in and tells how it ended.
async fn ingest(
    stage: &Stage,
    pipeline: &Pipeline,
    (kind, name): (DocumentKind, &str),
    bytes: &[u8],
) -> (uuid::Uuid, IngestionOutcome, Option<RejectionCode>) {
    let document = stage.upload(kind, name, bytes).await;
    let outcome = pipeline.ingest(stage, document.id).await;
    let shown = stage.shown(document.id).await;
    (document.id, outcome, shown.rejection.map(|it| it.code))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ordinary_photographs_become_available() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let mut seen = 0;
    for entry in std::fs::read_dir(cases().join("benign")).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().unwrap().to_str().unwrap();
        if extension == "pdf" {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let photo = (DocumentKind::Photo, name);
        let (id, outcome, code) =
            ingest(&stage, &pipeline, photo, &std::fs::read(&path).unwrap()).await;
        assert_eq!(
            (outcome, code),
            (IngestionOutcome::Available, None),
            "{name}"
        );
        let picture = page(&stage, id, 1).await;
        assert!(picture.height() > picture.width(), "{name} is not upright");
        seen += 1;
    }
    assert!(seen >= 10, "{seen} pictures");
}

/// Adobe's programs write CMYK upside down; a viewer that misses it shows a negative.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inverted_cmyk_is_shown_in_its_own_colours() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let mut pictures = Vec::new();
    for name in ["cmyk_pillow_adobe_inverted.jpg", "photo.jfif"] {
        let photo = (DocumentKind::Photo, name);
        let bytes = case(&format!("benign/{name}"));
        let (id, ..) = ingest(&stage, &pipeline, photo, &bytes).await;
        pictures.push(page(&stage, id, 1).await);
    }
    let [cmyk, rgb] = pictures.as_slice() else {
        panic!("two pictures");
    };
    assert_eq!(cmyk.dimensions(), rgb.dimensions(), "the same photograph");
    let apart: u64 = cmyk
        .pixels()
        .zip(rgb.pixels())
        .flat_map(|(one, other)| one.0.into_iter().zip(other.0))
        .map(|(one, other)| u64::from(one.abs_diff(other)))
        .sum();
    let mean = apart / (u64::from(cmyk.width()) * u64::from(cmyk.height()) * 3);
    assert!(mean < 20, "{mean} of 255 apart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gradient_in_a_pattern_is_drawn_whole() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let cv = (DocumentKind::Cv, "stripes.pdf");
    let bytes = case("benign/weasy_stripes_pattern.pdf");
    let (id, ..) = ingest(&stage, &pipeline, cv, &bytes).await;
    let picture = page(&stage, id, 1).await;
    // The square of stripes, in hundredths of the page, a little within its edges.
    let blue = |x: u32, y: u32| {
        let pixel = picture.get_pixel(picture.width() * x / 100, picture.height() * y / 100);
        pixel.0[2] > 200 && pixel.0[0] < 180
    };
    for (x, y) in (16..92).flat_map(|x| (12..88).map(move |y| (x, y))) {
        assert!(blue(x, y), "a hole at {x} %, {y} %");
    }
    assert!(!blue(5, 5) && !blue(97, 97), "paper around it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photograph_with_a_film_behind_it_is_refused_as_that() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42\0\0\0\x08mdat";
    let googles = [case("benign/photo.jfif"), film.to_vec()].concat();
    for (name, bytes) in [
        ("samsung.jpg", case("motion_photo_samsung.jpg")),
        ("google.jpg", googles),
    ] {
        let photo = (DocumentKind::Photo, name);
        let (_, outcome, code) = ingest(&stage, &pipeline, photo, &bytes).await;
        assert_eq!(outcome, IngestionOutcome::Rejected, "{name}");
        assert_eq!(code, Some(RejectionCode::ImageMotionPhoto), "{name}");
    }
}

/// What a telephone sold with "50 megapixels" makes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photograph_of_fifty_megapixels_is_accepted_within_the_childs_memory() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let picture = RgbImage::from_pixel(8192, 6144, image::Rgb([90, 120, 60]));
    let mut jpeg = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .unwrap();
    let photo = (DocumentKind::Photo, "50mp.jpg");
    let (id, outcome, code) = ingest(&stage, &pipeline, photo, &jpeg.into_inner()).await;
    assert_eq!((outcome, code), (IngestionOutcome::Available, None));
    assert_eq!(page(&stage, id, 1).await.dimensions(), (1400, 1050));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_would_hold_the_worker_is_refused_while_others_go_on() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let nested = case("hostile/nested_forms.pdf");
    let started = Instant::now();
    let mut hostile = Vec::new();
    for number in 0..2 {
        let name = format!("nested_{number}.pdf");
        let document = stage.upload(DocumentKind::Cv, &name, &nested).await;
        pipeline.start(&stage, document.id).await;
        hostile.push(document.id);
    }
    let honest = (DocumentKind::Cv, "cv.pdf");
    let (_, outcome, _) = ingest(&stage, &pipeline, honest, &files::cv()).await;
    assert_eq!(outcome, IngestionOutcome::Available);
    for id in &hostile {
        assert_eq!(pipeline.outcome(*id).await, IngestionOutcome::Rejected);
        let shown = stage.shown(*id).await;
        assert_eq!(
            shown.rejection.map(|it| it.code),
            Some(RejectionCode::PdfTooComplex)
        );
        assert!(stage.readable(*id).await.is_none());
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    pipeline.record(hostile[0], "too_complex").await;
}

/// A PDF of one page whose gradient is a program of thousands of steps, run for each pixel: little
/// to count, much to compute.
fn slow_gradient() -> Vec<u8> {
    let program = format!("{{ pop {} dup dup }}", "dup mul sqrt ".repeat(4000));
    let page = "/Resources<</Shading<</S<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 595 0 842]\
                /Function 5 0 R>>>>>>";
    let function = format!(
        "<</FunctionType 4/Domain[0 595 0 842]/Range[0 1 0 1 0 1]/Length {}>>stream\n{program}\nendstream",
        program.len()
    );
    files::pdf_of(page, "/S sh", &function)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_takes_more_than_its_seconds_is_refused() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    let gradient = slow_gradient();
    let document = stage
        .upload(DocumentKind::Cv, "gradient.pdf", &gradient)
        .await;
    pipeline.start(&stage, document.id).await;
    let outcome = pipeline.outcome_within(document.id, BUSY).await;
    assert_eq!(outcome, IngestionOutcome::Rejected);
    let shown = stage.shown(document.id).await;
    assert_eq!(
        shown.rejection.map(|it| it.code),
        Some(RejectionCode::PdfTooComplex)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_and_scanned_documents_are_within_the_budget() {
    let stage = Stage::new().await;
    let pipeline = Pipeline::new(stage.activities(None)).await;
    for (name, bytes, pages) in [
        ("text.pdf", files::long_text(200), 200),
        ("scan.pdf", files::scan(30), 30),
    ] {
        let document = stage.upload(DocumentKind::Cv, name, &bytes).await;
        pipeline.start(&stage, document.id).await;
        pipeline.outcome_within(document.id, BUSY).await;
        let shown = stage.shown(document.id).await;
        assert_eq!(
            (
                shown.status,
                shown.rejection.map(|it| it.code),
                shown.page_count
            ),
            (DocumentStatus::Available, None, Some(pages)),
            "{name}"
        );
        let last = page(&stage, document.id, pages).await;
        assert!(last.height() >= 1399, "{name}");
    }
}

/// A program that judges as the real one does, and dies when it draws, as soon as it has said that
/// it is confined.
fn crashing_drawer(folder: &Path) -> PathBuf {
    let program = folder.join("inspect");
    let real = env!("CARGO_BIN_EXE_inspect-document");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in\n*' --draw '*) '{real}' \"$@\" | head -c 70; kill -s ABRT $$ ;;\n\
         *) exec '{real}' \"$@\" ;;\nesac\n"
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_whose_pages_cannot_be_drawn_is_available_without_them() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let program = crashing_drawer(folder.path());
    let pipeline = Pipeline::new(stage.activities_with(None, program)).await;
    let document = stage.upload(DocumentKind::Cv, "cv.pdf", &files::cv()).await;
    let outcome = pipeline.ingest(&stage, document.id).await;
    assert_eq!(outcome, IngestionOutcome::Available);
    let shown = stage.shown(document.id).await;
    assert_eq!(shown.status, DocumentStatus::Available);
    let readable = stage.readable(document.id).await.unwrap();
    assert_eq!((readable.page_count, readable.undrawn_pages), (1, vec![1]));
    let content = stage.vault.open(&readable.located, Part::Original).await;
    let content = content.unwrap().collect(1 << 24).await.unwrap();
    assert_eq!(content, files::cv(), "the file itself is there");
}
