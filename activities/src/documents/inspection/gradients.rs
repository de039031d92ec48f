//! Gradients within patterns, for a drawer that loses them: what an `sh` in a pattern's cell
//! covers, hayro 0.9 limits by the clip of the page, which lies elsewhere. What is drawn is a copy
//! in which such a cell fills its own box with the same gradient instead.

use std::collections::HashSet;

use hayro::kurbo::Affine;
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, dictionary};

use super::polyglots::find_last;

/// Most bytes that one stream may unpack to.
const MOST_UNPACKED: usize = 64 << 20;

/// The copy, if the file has a gradient in a pattern. `None` when there is nothing to do, or when
/// the file is not understood well enough: then it is drawn as it is.
pub(super) fn outside_patterns(bytes: &[u8]) -> Option<Vec<u8>> {
    // A cell is a stream, whose dictionary is never packed.
    find_last(bytes, b"PatternType")?;
    let options = LoadOptions {
        max_decompressed_size: Some(MOST_UNPACKED),
        ..LoadOptions::default()
    };
    let mut document = Document::load_mem_with_options(bytes, options).ok()?;
    let cells = document.objects.iter().filter(|(_, it)| is_cell(it));
    let mut waiting: Vec<ObjectId> = cells.map(|(id, _)| *id).collect();
    let (mut seen, mut is_changed) = (HashSet::new(), false);
    while let Some(id) = waiting.pop() {
        if seen.insert(id)
            && let Some(cell) = Cell::read(&document, id)
        {
            waiting.extend(cell.forms(&document));
            is_changed |= cell.write(&mut document, id).is_some();
        }
    }
    let mut copy = Vec::new();
    (is_changed && document.save_to(&mut copy).is_ok()).then_some(copy)
}

fn is_cell(object: &Object) -> bool {
    object
        .as_stream()
        .and_then(|stream| stream.dict.get(b"PatternType"))
        .and_then(Object::as_i64)
        .is_ok_and(|kind| kind == 1)
}

/// A pattern's cell, or a form that is shown in one.
struct Cell {
    bounds: [f64; 4],
    resources: Dictionary,
    operations: Vec<Operation>,
}

impl Cell {
    fn read(document: &Document, id: ObjectId) -> Option<Self> {
        let stream = document.get_object(id).ok()?.as_stream().ok()?;
        let content = stream.get_plain_content_with_limit(MOST_UNPACKED).ok()?;
        let bounds = stream.dict.get_deref(b"BBox", document).ok()?;
        let resources = stream.dict.get_deref(b"Resources", document).ok()?;
        Some(Self {
            bounds: numbers(bounds.as_array().ok()?)?,
            resources: resources.as_dict().ok()?.clone(),
            operations: Content::decode(&content).ok()?.operations,
        })
    }

    /// A part of the resources, by its name.
    fn resource(&self, document: &Document, part: &[u8]) -> Dictionary {
        self.resources
            .get_deref(part, document)
            .and_then(Object::as_dict)
            .cloned()
            .unwrap_or_default()
    }

    /// The forms that are shown in it.
    fn forms(&self, document: &Document) -> Vec<ObjectId> {
        let named = self.resource(document, b"XObject");
        self.operations
            .iter()
            .filter(|operation| operation.operator == "Do")
            .filter_map(|operation| operation.operands.first()?.as_name().ok())
            .filter_map(|name| named.get(name).and_then(Object::as_reference).ok())
            .collect()
    }

    /// Writes the cell anew, if it has a gradient.
    fn write(mut self, document: &mut Document, id: ObjectId) -> Option<()> {
        let shadings = self.resource(document, b"Shading");
        let mut patterns = self.resource(document, b"Pattern");
        let (mut operations, mut is_changed) = (Vec::new(), false);
        let (mut matrix, mut saved) = (Affine::IDENTITY, Vec::new());
        for operation in std::mem::take(&mut self.operations) {
            match operation.operator.as_str() {
                "q" => saved.push(matrix),
                "Q" => matrix = saved.pop()?,
                "cm" => matrix *= Affine::new(numbers(&operation.operands)?),
                "sh" => {
                    let shading = operation.operands.first()?.as_name().ok()?;
                    let shading = shadings.get(shading).ok()?;
                    let name = format!("YemmaGradient{}", patterns.len());
                    patterns.set(name.as_str(), as_pattern(document, shading, matrix)?);
                    operations.extend(self.filled(&name, matrix));
                    is_changed = true;
                    continue;
                }
                _ => {}
            }
            operations.push(operation);
        }
        if !is_changed {
            return None;
        }
        self.resources.set("Pattern", patterns);
        let content = Content { operations }.encode().ok()?;
        let stream = document.get_object_mut(id).ok()?.as_stream_mut().ok()?;
        stream.dict.set("Resources", self.resources);
        stream.set_plain_content(content);
        Some(())
    }

    /// Operations that fill the whole cell with a pattern, whatever moved its coordinates.
    fn filled(&self, pattern: &str, matrix: Affine) -> Vec<Operation> {
        let [left, bottom, right, top] = self.bounds;
        let back = matrix.inverse().as_coeffs();
        let name = |name: &str| vec![Object::Name(name.as_bytes().to_vec())];
        vec![
            Operation::new("q", Vec::new()),
            Operation::new("cm", reals(&back)),
            Operation::new("cs", name("Pattern")),
            Operation::new("scn", name(pattern)),
            Operation::new("re", reals(&[left, bottom, right - left, top - bottom])),
            Operation::new("f", Vec::new()),
            Operation::new("Q", Vec::new()),
        ]
    }
}

/// A gradient as a pattern. `None` for one with a background, which `sh` leaves out and a pattern
/// paints.
fn as_pattern(document: &Document, shading: &Object, matrix: Affine) -> Option<Object> {
    let (_, known) = document.dereference(shading).ok()?;
    let dictionary = match known {
        Object::Stream(stream) => &stream.dict,
        known => known.as_dict().ok()?,
    };
    let is_flat = matrix.determinant().abs() < f64::EPSILON;
    (!is_flat && !dictionary.has(b"Background")).then(|| {
        Object::Dictionary(dictionary! {
            "PatternType" => 2,
            "Shading" => shading.clone(),
            "Matrix" => reals(&matrix.as_coeffs()),
        })
    })
}

fn numbers<const N: usize>(objects: &[Object]) -> Option<[f64; N]> {
    let numbers: Option<Vec<f64>> = objects
        .iter()
        .map(|object| object.as_float().ok().map(f64::from))
        .collect();
    numbers?.try_into().ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the numbers of a PDF are no more exact"
)]
fn reals(numbers: &[f64]) -> Vec<Object> {
    numbers
        .iter()
        .map(|number| Object::Real(*number as f32))
        .collect()
}
