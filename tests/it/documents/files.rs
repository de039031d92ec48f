//! Files to take in: honest ones and others.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

/// A PDF of one page, with more in its catalog and one more object.
pub fn pdf(catalog: &str, object: &str) -> Vec<u8> {
    let text = "BT /F1 24 Tf 72 700 Td (Curriculum vitae) Tj ET";
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R {catalog}>>"),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{text}\nendstream", text.len()),
        object.to_owned(),
    ];
    let mut pdf = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = pdf.len();
    pdf.push_str(&format!(
        "xref\n0 6\n{table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

/// An honest CV.
pub fn cv() -> Vec<u8> {
    pdf("", "<</Producer(a test)>>")
}

/// A PDF that carries the EICAR test file.
pub fn infected() -> Vec<u8> {
    let eicar = [
        r"X5O!P%@AP[4\PZX54(P^)7CC)7}$",
        "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    ]
    .concat();
    pdf(
        "",
        &format!("<</Length {}>>stream\n{eicar}\nendstream", eicar.len()),
    )
}

/// A picture.
pub fn picture(format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(80, 60, |x, y| image::Rgb([(x * 3) as u8, (y * 4) as u8, 9]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// A PDF of the given objects, the first of which is the catalog.
fn write(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend(format!("{number} 0 obj\n").bytes());
        pdf.extend(object);
        pdf.extend(b"\nendobj\n");
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf.extend(
        format!(
            "xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        .bytes(),
    );
    pdf
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<<{dictionary}/Length {}>>stream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// A PDF of one A4 page with this in its dictionary and in its content; the object given is
/// number 5.
pub fn pdf_of(page: &str, content: &str, object: &str) -> Vec<u8> {
    write(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{page}>>")
            .into_bytes(),
        stream("", content.as_bytes()),
        object.as_bytes().to_vec(),
    ])
}

/// A PDF of so many pages, each with what is next to nothing in its dictionary.
fn pages(count: usize, page: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let first = 3 + more.len();
    let kids: String = (first..first + count)
        .map(|id| format!("{id} 0 R "))
        .collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Count {count}/Kids[{kids}]>>").into_bytes(),
    ];
    objects.extend_from_slice(more);
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{page}>>");
    objects.extend((0..count).map(|_| page.clone().into_bytes()));
    write(&objects)
}

/// So many pages full of text.
pub fn long_text(count: usize) -> Vec<u8> {
    let line =
        "(Gestion de projets, encadrement de douze personnes, budget annuel, resultats.) Tj T*\n";
    let content = format!("BT /F1 11 Tf 13 TL 50 790 Td\n{}ET", line.repeat(40));
    let page =
        "/Contents 3 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>";
    pages(count, page, &[stream("", content.as_bytes())])
}

/// So many pages scanned at 300 dots an inch.
pub fn scan(count: usize) -> Vec<u8> {
    let (width, height) = (2480, 3508);
    let paper = RgbImage::from_fn(width, height, |x, y| {
        let ink = y % 60 < 30 && (x / 7 + y / 11) % 5 == 0;
        image::Rgb(if ink { [40, 40, 60] } else { [250, 249, 240] })
    });
    let mut jpeg = Cursor::new(Vec::new());
    DynamicImage::from(paper)
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .unwrap();
    let picture = format!(
        "/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB\
         /BitsPerComponent 8/Filter/DCTDecode"
    );
    let page = "/Contents 4 0 R/Resources<</XObject<</I 3 0 R>>>>";
    let shown = stream("", b"595 0 0 842 0 0 cm /I Do");
    pages(count, page, &[stream(&picture, jpeg.get_ref()), shown])
}
