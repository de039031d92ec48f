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
