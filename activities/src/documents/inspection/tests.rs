//! Each class of files that is refused, made here byte by byte, and the ones that are not.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use lopdf::{Document, SaveOptions, Stream, dictionary};

use super::child::say;
use super::protocol::{self, Judgement, PartRead};
use super::*;

mod drawing;

/// Writes a PDF of the given objects, the first of which is the catalog.
fn write_pdf(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", pdf.len()).unwrap();
        pdf.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let start = pdf.len();
    let size = objects.len() + 1;
    pdf.extend_from_slice(
        format!(
            "xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n"
        )
        .as_bytes(),
    );
    pdf
}

/// A PDF of some pages, with more in its catalog, in its pages and behind them.
fn pdf_with(pages: usize, catalog: &str, page: &str, more: &[&str]) -> Vec<u8> {
    let kids: String = (0..pages)
        .map(|index| format!("{} 0 R ", index + 4))
        .collect();
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R {catalog}>>"),
        format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>"),
        "<</Length 44>>stream\nBT /F1 24 Tf 72 700 Td (Curriculum) Tj ET   \nendstream".to_owned(),
    ];
    for _ in 0..pages {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R\
             /Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>> {page}>>"
        ));
    }
    objects.extend(more.iter().map(|object| (*object).to_owned()));
    write_pdf(&objects, "")
}

fn claims(kind: DocumentKind, content_type: &str, extension: &str) -> Claims {
    Claims {
        kind,
        content_type: content_type.to_owned(),
        extension: Some(extension.to_owned()),
    }
}

/// Judges, and leaves the figures aside.
fn judge(bytes: &[u8], claims: &Claims) -> Result<u32, RejectionCode> {
    super::judge(bytes, claims)
        .map(|judged| judged.pages)
        .map_err(|rejection| rejection.code)
}

fn judge_pdf(bytes: &[u8]) -> Result<u32, RejectionCode> {
    judge(bytes, &claims(DocumentKind::Cv, "application/pdf", "pdf"))
}

fn judge_png(bytes: &[u8]) -> Result<u32, RejectionCode> {
    judge(bytes, &claims(DocumentKind::Diploma, "image/png", "png"))
}

fn judge_jpeg(bytes: &[u8]) -> Result<u32, RejectionCode> {
    judge(bytes, &claims(DocumentKind::Diploma, "image/jpeg", "jpg"))
}

fn picture_of(format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(64, 48, |x, y| {
        image::Rgb([x, y, 90].map(|value| u8::try_from(value * 2).unwrap()))
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// Saves the same objects with object streams, so that nothing can be seen from outside.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut document = Document::load_mem(bytes).unwrap();
    let options = SaveOptions::builder()
        .use_object_streams(true)
        .use_xref_streams(true)
        .build();
    let mut out = Vec::new();
    document.save_with_options(&mut out, options).unwrap();
    out
}

#[test]
fn honest_files_are_accepted() {
    assert_eq!(judge_pdf(&pdf_with(1, "", "", &[])), Ok(1));
    assert_eq!(judge_pdf(&pdf_with(200, "", "", &[])), Ok(200));
    assert_eq!(judge_pdf(&compressed(&pdf_with(3, "", "", &[]))), Ok(3));
    assert_eq!(judge_png(&picture_of(ImageFormat::Png)), Ok(1));
    assert_eq!(judge_jpeg(&picture_of(ImageFormat::Jpeg)), Ok(1));
}

#[test]
fn links_that_wait_for_a_click_are_no_active_content() {
    for action in [
        "<</S/URI/URI(https://example.org/?a=b:c)>>",
        "<</S/URI/URI(mailto:a@example.org)>>",
        "<</S/URI/URI(www.example.org)>>",
        "<</S/GoTo/D[4 0 R/Fit]>>",
    ] {
        let page = format!("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A {action}>>]");
        assert_eq!(judge_pdf(&pdf_with(1, "", &page, &[])), Ok(1), "{action}");
    }
    let title = "/OpenAction[4 0 R/Fit]/Note(see /JavaScript and /Launch)";
    assert_eq!(judge_pdf(&pdf_with(1, title, "", &[])), Ok(1));
}

/// Active content in each of its places, as `(catalog, page, further objects)`.
const ACTIVE: &[(&str, &str, &[&str])] = &[
    ("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", "", &[]),
    ("/OpenAction 5 0 R", "", &["<</S/Launch/F(cmd.exe)>>"]),
    ("/OpenAction<</S/URI/URI(https://example.org)>>", "", &[]),
    (
        "/Names<</JavaScript<</Names[(a) 5 0 R]>>>>",
        "",
        &["<</S/JavaScript/JS(1)>>"],
    ),
    (
        "/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>",
        "",
        &["<</Type/Filespec/F(a)>>"],
    ),
    ("/AcroForm<</Fields[]/XFA(x)>>", "", &[]),
    ("/AA<</WC<</S/JavaScript/JS(1)>>>>", "", &[]),
    ("", "/AA<</O<</S/URI/URI(https://example.org)>>>>", &[]),
    (
        "",
        "/Annots[<</Subtype/Link/A<</S/GoToE/T<</R/C>>>>>>]",
        &[],
    ),
    (
        "",
        "/Annots[<</Subtype/Widget/FT/Btn/A<</S/SubmitForm/F(https://example.org)>>>>]",
        &[],
    ),
    (
        "",
        "/Annots[<</Subtype/Widget/FT/Btn/A<</S/ImportData/F(x.fdf)>>>>]",
        &[],
    ),
    (
        "",
        "/Annots[<</Subtype/RichMedia/RichMediaContent<<>>>>]",
        &[],
    ),
    (
        "",
        "/Annots[<</Subtype/FileAttachment/FS 5 0 R>>]",
        &["<</Type/Filespec/F(a)/EF<</F 3 0 R>>>>"],
    ),
    ("", "/Annots[<</Subtype/Screen/A<</S/Rendition>>>>]", &[]),
    (
        "",
        "/Annots[<</Subtype/Link/A<</S/GoTo/D[4 0 R/Fit]/Next[5 0 R]>>>>]",
        &["<</S/Launch/F(x)>>"],
    ),
    ("/OpenAction 5 0 R", "", &["<</S/J#61vaScript/#4a#53(1)>>"]),
    ("", "", &["<</S/JavaScript/JS(nobody refers to this)>>"]),
    (
        "",
        "",
        &["<</Type/EmbeddedFile/Length 1>>stream\nx\nendstream"],
    ),
    (
        "",
        "",
        &["<</Length 0/F(elsewhere.bin)>>stream\n\nendstream"],
    ),
];

#[test]
fn active_content_is_refused_wherever_it_is_and_however_it_is_spelt() {
    for (catalog, page, more) in ACTIVE {
        let plain = pdf_with(1, catalog, page, more);
        assert_eq!(
            judge_pdf(&plain),
            Err(RejectionCode::PdfActiveContent),
            "{catalog}{page}{more:?}"
        );
        let hidden = compressed(&plain);
        assert_eq!(
            judge_pdf(&hidden),
            Err(RejectionCode::PdfActiveContent),
            "hidden {catalog}{page}{more:?}"
        );
    }
}

#[test]
fn active_content_of_an_earlier_revision_is_refused() {
    let mut pdf = pdf_with(1, "/OpenAction 5 0 R", "", &["<</S/JavaScript/JS(1)>>"]);
    let before = pdf.len();
    pdf.extend_from_slice(b"5 0 obj\n<</S/GoTo/D[4 0 R/Fit]>>\nendobj\n");
    let table = pdf.len();
    let first = find(&pdf, b"startxref\n");
    pdf.extend_from_slice(
        format!(
            "xref\n5 1\n{before:010} 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev {first}>>\nstartxref\n{table}\n%%EOF\n"
        )
        .as_bytes(),
    );
    assert_eq!(judge_pdf(&pdf), Err(RejectionCode::PdfActiveContent));
}

/// The number after a mark.
fn find(pdf: &[u8], mark: &[u8]) -> usize {
    let at = pdf
        .windows(mark.len())
        .rposition(|window| window == mark)
        .unwrap();
    let rest = &pdf[at + mark.len()..];
    let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap();
    std::str::from_utf8(&rest[..end]).unwrap().parse().unwrap()
}

#[test]
fn a_script_in_a_stream_of_objects_with_a_filter_chain_is_refused() {
    // Long enough to be worth compressing.
    let inner = [b"9 0 <</S/JavaScript/JS(1)>>".as_slice(), &[b' '; 400]].concat();
    let mut stream = Stream::new(dictionary! {}, inner);
    stream.compress().unwrap();
    let hex: String = stream
        .content
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let object = format!(
        "<</Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode/FlateDecode]/Length {}>>stream\n{hex}>\nendstream",
        hex.len() + 1
    );
    let pdf = pdf_with(1, "", "", &[&object]);
    assert_eq!(judge_pdf(&pdf), Err(RejectionCode::PdfActiveContent));
}

#[test]
fn encrypted_long_and_broken_pdfs_are_refused() {
    let whole = pdf_with(3, "", "", &[]);
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 0/Kids[]>>",
    ]
    .map(String::from);
    let encrypted = write_pdf(
        &objects,
        "/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(y)/P -4>>",
    );
    assert_eq!(judge_pdf(&encrypted), Err(RejectionCode::PdfEncrypted));
    assert_eq!(
        judge_pdf(&pdf_with(201, "", "", &[])),
        Err(RejectionCode::PdfTooManyPages)
    );
    assert_eq!(
        judge_pdf(&compressed(&pdf_with(201, "", "", &[]))),
        Err(RejectionCode::PdfTooManyPages)
    );
    assert_eq!(
        judge_pdf(&write_pdf(&objects, "")),
        Err(RejectionCode::PdfBroken),
        "no page"
    );
    assert_eq!(
        judge_pdf(b"%PDF-1.7\nrubbish\n%%EOF"),
        Err(RejectionCode::PdfBroken)
    );
    for part in 1..8 {
        let cut = &whole[..whole.len() * part / 8];
        assert_eq!(judge_pdf(cut), Err(RejectionCode::PdfBroken), "{part}/8");
    }
}

#[test]
fn broken_images_are_refused() {
    for (format, judge) in [
        (
            ImageFormat::Png,
            judge_png as fn(&[u8]) -> Result<u32, RejectionCode>,
        ),
        (ImageFormat::Jpeg, judge_jpeg),
    ] {
        let whole = picture_of(format);
        for part in 1..8 {
            let cut = &whole[..whole.len() * part / 8];
            assert_eq!(
                judge(cut),
                Err(RejectionCode::ImageBroken),
                "{format:?} {part}/8"
            );
        }
    }
    let mut spoilt = picture_of(ImageFormat::Png);
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 0xff;
    assert_eq!(judge_png(&spoilt), Err(RejectionCode::ImageBroken));
}

#[test]
fn an_image_of_too_many_pixels_is_refused_before_it_is_decoded() {
    let mut bomb = picture_of(ImageFormat::Png);
    let header = [8_001_u32.to_be_bytes(), 8_000_u32.to_be_bytes()].concat();
    bomb[16..24].copy_from_slice(&header);
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    let claimed = claims(DocumentKind::Diploma, "image/png", "png");
    let rejection = super::judge(&bomb, &claimed).unwrap_err();
    assert_eq!(rejection.code, RejectionCode::ImageTooLarge);
    let figures = rejection.figures.unwrap();
    assert_eq!((figures.found, figures.limit), (64_008_000, 64_000_000));
    assert_eq!(figures.dimensions, Some((8_001, 8_000)));
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[test]
fn a_file_must_be_what_its_type_and_name_say() {
    let (pdf, png) = (pdf_with(1, "", "", &[]), picture_of(ImageFormat::Png));
    for (bytes, content_type, extension) in [
        (&pdf, "image/png", "pdf"),
        (&pdf, "application/pdf", "png"),
        (&png, "image/jpeg", "jpg"),
        (&png, "application/pdf", "pdf"),
    ] {
        let claimed = claims(DocumentKind::Diploma, content_type, extension);
        assert_eq!(
            judge(bytes, &claimed),
            Err(RejectionCode::TypeMismatch),
            "{content_type} .{extension}"
        );
    }
    for bytes in [b"MZ\x90\x00".as_slice(), b"<html></html>", b""] {
        assert_eq!(judge_pdf(bytes), Err(RejectionCode::UnsupportedType));
    }
    let nameless = Claims {
        extension: None,
        ..claims(DocumentKind::Cv, "application/pdf", "")
    };
    assert_eq!(judge(&pdf, &nameless), Ok(1));
}

#[test]
fn a_cv_is_a_pdf_and_a_photo_an_image() {
    let png = picture_of(ImageFormat::Png);
    assert_eq!(
        judge(&png, &claims(DocumentKind::Cv, "image/png", "png")),
        Err(RejectionCode::KindMismatch)
    );
    assert_eq!(
        judge(
            &pdf_with(1, "", "", &[]),
            &claims(DocumentKind::Photo, "application/pdf", "pdf")
        ),
        Err(RejectionCode::KindMismatch)
    );
    assert_eq!(
        judge(&png, &claims(DocumentKind::Photo, "image/png", "png")),
        Ok(1)
    );
}

/// A ZIP of one stored file.
fn zip() -> Vec<u8> {
    let name = b"a.txt";
    let sizes = [5_u32.to_le_bytes(), 5_u32.to_le_bytes()].concat();
    let common = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
        sizes.as_slice(),
        &[5, 0, 0, 0],
    ]
    .concat();
    let mut zip = [b"PK\x03\x04".as_slice(), &common, name, b"hello"].concat();
    let start = u32::try_from(zip.len()).unwrap();
    zip.extend([b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 14], name].concat());
    let size = u32::try_from(zip.len()).unwrap() - start;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    zip.extend([0, 0]);
    zip
}

#[test]
fn archives_are_refused() {
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    for bytes in [
        zip(),
        tar,
        b"\x1f\x8b\x08\x00rest".to_vec(),
        b"Rar!\x1a\x07\x00".to_vec(),
    ] {
        assert_eq!(judge_pdf(&bytes), Err(RejectionCode::Archive));
    }
}

#[test]
fn files_of_two_formats_are_refused() {
    let pdf = pdf_with(1, "", "", &[]);
    let (png, jpeg) = (picture_of(ImageFormat::Png), picture_of(ImageFormat::Jpeg));
    let followed = |first: &[u8], second: &[u8]| [first, second].concat();
    for second in [
        zip(),
        png.clone(),
        b"MZ\x90\x00 and more".to_vec(),
        b"<script>1</script>".to_vec(),
    ] {
        assert_eq!(
            judge_pdf(&followed(&pdf, &second)),
            Err(RejectionCode::Polyglot)
        );
        assert_eq!(
            judge_png(&followed(&png, &second)),
            Err(RejectionCode::Polyglot)
        );
        assert_eq!(
            judge_jpeg(&followed(&jpeg, &second)),
            Err(RejectionCode::Polyglot)
        );
    }
    assert_eq!(
        judge_png(&followed(&png, &pdf)),
        Err(RejectionCode::Polyglot)
    );
    assert_eq!(
        judge_jpeg(&followed(&jpeg, &pdf)),
        Err(RejectionCode::Polyglot)
    );
    assert_eq!(
        judge_jpeg(&followed(&jpeg, &jpeg)),
        Ok(1),
        "cameras append pictures"
    );
    let inside = pdf_with(1, "", "", &["<</Length 99>>stream\nZIP\nendstream"]);
    let at = inside
        .windows(3)
        .position(|window| window == b"ZIP")
        .unwrap();
    let carrying = [&inside[..at], &zip(), &inside[at + 3..]].concat();
    assert_eq!(judge_pdf(&carrying), Err(RejectionCode::Polyglot));
    assert_eq!(
        judge_jpeg(&with_comment(&jpeg, b"<?php system(1);")),
        Err(RejectionCode::Polyglot)
    );
    assert_eq!(
        judge_jpeg(&with_comment(&jpeg, b"%PDF-1.7")),
        Err(RejectionCode::Polyglot)
    );
    assert_eq!(judge_jpeg(&with_comment(&jpeg, b"a holiday")), Ok(1));
}

#[test]
fn an_image_without_its_end_mark_is_whole_when_its_pixels_are() {
    for size in [64, 400] {
        let image = RgbImage::from_fn(size, size, |x, y| {
            image::Rgb([x * y, x + y, 90].map(|value| u8::try_from(value % 256).unwrap()))
        });
        let mut jpeg = Cursor::new(Vec::new());
        DynamicImage::from(image)
            .write_to(&mut jpeg, ImageFormat::Jpeg)
            .unwrap();
        let jpeg = jpeg.into_inner();
        let open = jpeg.strip_suffix(b"\xff\xd9").unwrap();
        assert_eq!(judge_jpeg(open), Ok(1), "{size}");
        // The decoder reads some bytes ahead: the loss of a few dozen at the end may not be seen.
        for lost in [50, 200, open.len() / 4] {
            assert_eq!(
                judge_jpeg(&open[..open.len() - lost]),
                Err(RejectionCode::ImageBroken),
                "{size}, {lost} bytes lost"
            );
        }
    }
}

/// A JPEG with a comment segment.
fn with_comment(jpeg: &[u8], comment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xfe", &length, comment, &jpeg[2..]].concat()
}
