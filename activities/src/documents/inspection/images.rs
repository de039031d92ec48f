//! JPEG and PNG: their structure to the last byte, then whether they decode within the limits.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use workflows::documents::rules::{
    ContentType, MAX_PIXELS, Rejection, RejectionCode, RejectionFigures,
};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Most bytes that decoding may allocate: 64 megapixels with 16 bits in four channels.
const MOST_MEMORY: u64 = MAX_PIXELS * 8 + (64 << 20);

/// Where the parts of an image that are not pixels are.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    /// Whether its end mark is there. Some programs leave a JPEG's off.
    pub(super) is_closed: bool,
    /// Parts that hold text or another program's data.
    pub(super) texts: Vec<&'a [u8]>,
    /// What follows the image's end.
    pub(super) trailing: &'a [u8],
}

/// Decodes an image whole, to know that it can be.
pub(super) fn check(bytes: &[u8], file_type: ContentType) -> Result<(), Rejection> {
    decode(bytes, file_type)?;
    if layout(bytes, file_type)?.is_closed {
        return Ok(());
    }
    // Without an end mark only the pixels tell whether the file was cut. The usual decoder fills up
    // what is missing; this one minds.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options)
        .decode()
        .map(drop)
        .map_err(|_| RejectionCode::ImageBroken.into())
}

/// Decodes an image, upright as its camera said, after looking at its size alone.
pub(super) fn decode(bytes: &[u8], file_type: ContentType) -> Result<DynamicImage, Rejection> {
    let format = match file_type {
        ContentType::Jpeg => ImageFormat::Jpeg,
        ContentType::Png => ImageFormat::Png,
        ContentType::Pdf => return Err(RejectionCode::ImageBroken.into()),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader
        .into_decoder()
        .map_err(|_| RejectionCode::ImageBroken)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(Rejection {
            code: RejectionCode::ImageTooLarge,
            figures: Some(RejectionFigures {
                found: pixels,
                limit: MAX_PIXELS,
                dimensions: Some((width, height)),
            }),
        });
    }
    let orientation = decoder
        .orientation()
        .map_err(|_| RejectionCode::ImageBroken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| RejectionCode::ImageBroken)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Walks an image's structure. One that ends before its pixels is broken.
pub(super) fn layout(bytes: &[u8], file_type: ContentType) -> Result<Layout<'_>, RejectionCode> {
    match file_type {
        ContentType::Png => png_layout(bytes),
        ContentType::Jpeg => jpeg_layout(bytes),
        ContentType::Pdf => None,
    }
    .ok_or(RejectionCode::ImageBroken)
}

fn png_layout(bytes: &[u8]) -> Option<Layout<'_>> {
    const PIXELS: [&[u8]; 3] = [b"IDAT", b"fdAT", b"PLTE"];
    let mut texts = Vec::new();
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        rest = after.get(4..)?;
        if name == b"IEND" {
            return Some(Layout {
                is_closed: true,
                texts,
                trailing: rest,
            });
        }
        if !PIXELS.contains(&name.as_slice()) {
            texts.push(data);
        }
    }
}

fn jpeg_layout(bytes: &[u8]) -> Option<Layout<'_>> {
    let mut texts = Vec::new();
    let Some(mut trailing) = one_jpeg(bytes, &mut texts)? else {
        return Some(Layout {
            is_closed: false,
            texts,
            trailing: &[],
        });
    };
    // Cameras append pictures of the same format, and padding.
    loop {
        let next = trailing.iter().position(|byte| *byte != 0);
        let next = next.and_then(|at| trailing.get(at..)).unwrap_or_default();
        if !next.starts_with(b"\xff\xd8\xff") {
            break;
        }
        match one_jpeg(next, &mut texts) {
            Some(Some(rest)) => trailing = rest,
            // One that is no whole picture is a tail like any other.
            Some(None) | None => break,
        }
    }
    Some(Layout {
        is_closed: true,
        texts,
        trailing,
    })
}

/// Walks one picture from its start mark and returns what follows its end mark; `Some(None)` when
/// the file ends in its pixels.
fn one_jpeg<'a>(bytes: &'a [u8], texts: &mut Vec<&'a [u8]>) -> Option<Option<&'a [u8]>> {
    let mut rest = bytes.get(2..)?;
    loop {
        let (&mark, after) = rest.split_first()?;
        let (&code, after) = after.split_first()?;
        if mark != 0xff {
            return None;
        }
        match code {
            0xff => rest = rest.get(1..)?,
            0xd9 => return Some(Some(after)),
            0x01 | 0xd0..=0xd8 => rest = after,
            _ => {
                let (length, _) = after.split_first_chunk::<2>()?;
                let length = usize::from(u16::from_be_bytes(*length));
                let (segment, after) = after.split_at_checked(length.max(2))?;
                if matches!(code, 0xe0..=0xef | 0xfe) {
                    texts.push(segment);
                }
                rest = after;
                if code == 0xda {
                    match after_scan(after) {
                        Some(marks) => rest = marks,
                        None => return Some(None),
                    }
                }
            }
        }
    }
}

/// Skips coded pixels up to the next mark that is neither stuffing nor a restart.
fn after_scan(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))?;
    bytes.get(end..)
}
