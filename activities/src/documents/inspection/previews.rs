//! Pictures of pages: new JPEG files made from pixels, so that nothing of the original's metadata
//! is in them.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::{InterpreterCache, InterpreterSettings};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageResult, Rgb, RgbImage, RgbaImage};
use workflows::documents::rules::RejectionCode;

use super::meter::{self, OverBudget};
use super::{PageSink, formats, gradients, images};

/// The longer side of a preview, in pixels: an A4 page at 120 dots an inch.
const LONGER_SIDE: u16 = 1400;
/// Fine print stays readable.
const QUALITY: u8 = 82;

/// Opens a PDF for drawing.
pub(super) fn open_pdf(bytes: &[u8]) -> Result<Pdf, RejectionCode> {
    Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => RejectionCode::PdfEncrypted,
        LoadPdfError::Invalid => RejectionCode::PdfBroken,
    })
}

/// Why a page has no picture.
enum NotDrawn {
    /// There is more to draw than the budget allows.
    OverBudget,
    /// The drawer failed.
    Failed,
}

/// Draws each page of a PDF that it can; the first page beyond the budget ends it.
pub(super) fn of_pdf(bytes: &[u8], sink: &mut dyn PageSink) -> Result<(), RejectionCode> {
    let copy = gradients::outside_patterns(bytes).and_then(|copy| open_pdf(&copy).ok());
    let pdf = copy.map_or_else(|| open_pdf(bytes), Ok)?;
    let (measured, drawn) = (InterpreterCache::new(), RenderCache::new());
    for (number, page) in (1_u32..).zip(pdf.pages().iter()) {
        sink.begin().map_err(|_| RejectionCode::PdfBroken)?;
        let told = match draw(page, &measured, &drawn) {
            Ok(picture) => sink.page(number, &picture),
            Err(NotDrawn::Failed) => sink.undrawn(number),
            Err(NotDrawn::OverBudget) => return Err(RejectionCode::PdfTooComplex),
        };
        told.map_err(|_| RejectionCode::PdfBroken)?;
    }
    Ok(())
}

/// Measures a page, then draws it.
fn draw<'a>(
    page: &'a Page<'a>,
    measured: &InterpreterCache<'a>,
    drawn: &RenderCache<'a>,
) -> Result<Vec<u8>, NotDrawn> {
    let (width, height) = page.render_dimensions();
    // A page of no sensible size is drawn as small as it must be.
    let scale = (f32::from(LONGER_SIDE) / width.max(height).max(1.0)).min(4.0);
    let settings = PixmapSettings {
        x_scale: scale.max(1.0 / width.max(1.0)),
        y_scale: scale.max(1.0 / height.max(1.0)),
        bg_color: WHITE,
    };
    let pixmap = guarded(|| {
        meter::measure(page, measured, (settings.x_scale, settings.y_scale));
        hayro::render(
            page,
            drawn,
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &settings,
        )
    })?;
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    // Drawn on white, every pixel is opaque.
    RgbaImage::from_raw(width, height, pixmap.data_as_u8_slice().to_vec())
        .and_then(|picture| jpeg(&DynamicImage::from(picture).into_rgb8()).ok())
        .ok_or(NotDrawn::Failed)
}

/// Runs what a hostile page may make panic.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, NotDrawn> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|thrown| {
        if thrown.is::<OverBudget>() {
            NotDrawn::OverBudget
        } else {
            NotDrawn::Failed
        }
    })
}

/// Makes the one preview of an image.
pub(super) fn of_image(bytes: &[u8], sink: &mut dyn PageSink) -> Result<(), RejectionCode> {
    let image =
        images::decode(bytes, formats::recognise(bytes)?).map_err(|rejection| rejection.code)?;
    let side = u32::from(LONGER_SIDE);
    let image = if image.width().max(image.height()) > side {
        image.thumbnail(side, side)
    } else {
        image
    };
    jpeg(&on_white(&image))
        .map_err(io::Error::other)
        .and_then(|picture| sink.page(1, &picture))
        .map_err(|_| RejectionCode::ImageBroken)
}

/// What is transparent becomes white paper.
fn on_white(image: &DynamicImage) -> RgbImage {
    let mut paper = RgbImage::from_pixel(image.width(), image.height(), Rgb([255; 3]));
    for (pixel, paper) in image.to_rgba8().pixels().zip(paper.pixels_mut()) {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let mixed = [red, green, blue].map(|channel| (channel * alpha + 255 * (255 - alpha)) / 255);
        paper.0 = mixed.map(|channel| u8::try_from(channel).unwrap_or(u8::MAX));
    }
    paper
}

fn jpeg(picture: &RgbImage) -> ImageResult<Vec<u8>> {
    let mut jpeg = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn what_is_transparent_is_white_and_what_is_half_is_mixed() {
        let mut image = RgbaImage::from_pixel(3, 1, Rgba([0, 100, 255, 255]));
        image.put_pixel(1, 0, Rgba([0, 100, 255, 0]));
        image.put_pixel(2, 0, Rgba([0, 100, 255, 51]));
        let paper = on_white(&DynamicImage::ImageRgba8(image));
        let pixels: Vec<[u8; 3]> = paper.pixels().map(|pixel| pixel.0).collect();
        assert_eq!(pixels, [[0, 100, 255], [255; 3], [204, 224, 255]]);
    }
}
