//! Pictures that decode.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::TestFile;

/// A certificate as a PNG: a frame and a few lines of "text".
#[must_use]
pub fn certificate() -> TestFile {
    TestFile::new("certificat.png", "image/png", picture(ImageFormat::Png))
}

/// A photograph as a JPEG.
#[must_use]
pub fn photo() -> TestFile {
    TestFile::new("photo.jpg", "image/jpeg", picture(ImageFormat::Jpeg))
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let (width, height) = (800, 560);
    let image = RgbImage::from_fn(width, height, |x, y| {
        let frame = x < 24 || y < 24 || x >= width - 24 || y >= height - 24;
        let line = y % 80 > 60 && x > 120 && x < width - 120;
        match (frame, line) {
            (true, _) => Rgb([176, 132, 44]),
            (_, true) => Rgb([40, 44, 60]),
            _ => Rgb([250, 247, 238]),
        }
    });
    let mut out = Cursor::new(Vec::new());
    image
        .write_to(&mut out, format)
        .expect("a picture in memory");
    out.into_inner()
}
