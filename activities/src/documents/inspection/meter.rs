//! How much there is to draw on a page, found out before it is drawn: the page is interpreted as
//! it will be, but onto a device that only counts. A file of a thousand bytes can order the
//! painting of a thousand million pixels, by forms within forms, patterns or soft masks.

use std::collections::HashSet;
use std::panic::resume_unwind;

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::pattern::{Pattern, TilingPattern};
use hayro::hayro_interpret::{
    BlendMode, CacheKey as _, ClipPath, Context, Device, DrawMode, DrawProps, Image,
    ImageDrawProps, InterpreterCache, InterpreterSettings, Paint, SoftMask, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Rect, Shape as _};

/// What one page may cost, in pixels painted: more than a thousand times the whole of it.
pub(super) const BUDGET: u64 = 2_000_000_000;

/// What an operation costs beyond its pixels.
const OPERATION: u64 = 2_000;
/// What each piece of a path costs.
const SEGMENT: u64 = 200;
/// What a letter costs.
const LETTER: u64 = 1_000;
/// What decoding a pixel of a picture costs.
const DECODED: u64 = 8;
/// What computing a pixel of a gradient costs.
const SHADED: u64 = 4;

/// The page costs more than the budget. Thrown through the interpreter, which cannot be stopped
/// otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct OverBudget;

/// Counts what a page costs, and unwinds with [`OverBudget`] as soon as it is too much.
pub(super) fn measure<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>, scale: (f32, f32)) {
    let (width, height) = page.render_dimensions();
    let (x_scale, y_scale) = (f64::from(scale.0), f64::from(scale.1));
    let target = Rect::new(
        0.0,
        0.0,
        f64::from(width) * x_scale,
        f64::from(height) * y_scale,
    );
    let transform = Affine::scale_non_uniform(x_scale, y_scale)
        * Affine::new(page.initial_transform(true).as_coeffs());
    let settings = InterpreterSettings::default();
    let mut context = Context::new(transform, target, cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut Meter::new(target));
}

struct Meter {
    /// What is visible, in pixels: the page at first, less under each clip.
    visible: Vec<Rect>,
    spent: u64,
    /// The soft masks that were drawn: each is drawn once and kept.
    masks: HashSet<u128>,
}

impl Meter {
    fn new(page: Rect) -> Self {
        Self {
            visible: vec![page],
            spent: 0,
            masks: HashSet::new(),
        }
    }

    fn spend(&mut self, cost: u64) {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > BUDGET {
            // A panic would be told on standard error.
            resume_unwind(Box::new(OverBudget));
        }
    }

    fn seen(&self, part: Rect) -> Rect {
        let visible = self.visible.last().copied().unwrap_or(Rect::ZERO);
        part.intersect(visible)
    }

    /// An operation that paints what is seen of a box, each pixel so many times.
    fn spend_box(&mut self, painted: Rect, times: u64) {
        let pixels = whole(self.seen(painted).area());
        self.spend(OPERATION.saturating_add(pixels.saturating_mul(times)));
    }

    fn spend_everything_visible(&mut self) {
        let visible = self.seen(Rect::new(f64::MIN, f64::MIN, f64::MAX, f64::MAX));
        self.spend_box(visible, 1);
    }

    fn spend_paint(&mut self, props: &DrawProps<'_>, painted: Rect, is_stroke: bool) {
        self.spend_mask(props.soft_mask.as_ref());
        match &props.paint {
            Paint::Color(_) => self.spend_box(painted, 1),
            Paint::Pattern(pattern) => match pattern.as_ref() {
                Pattern::Shading(_) => self.spend_box(painted, SHADED),
                Pattern::Tiling(tile) => self.spend_tile(tile, painted, is_stroke),
            },
        }
    }

    /// A cell of a pattern is drawn onto a picture of its own, as often as cells overlap there;
    /// the picture is repeated.
    fn spend_tile(&mut self, tile: &TilingPattern<'_>, painted: Rect, is_stroke: bool) {
        self.spend_box(painted, 1);
        let [a, b, c, d, _, _] = tile.matrix.as_coeffs();
        let (x_scale, y_scale) = (a.hypot(b), c.hypot(d));
        let seen = self.seen(painted);
        let (x_step, y_step) = (step(tile.x_step), step(tile.y_step));
        let cell = Rect::new(
            0.0,
            0.0,
            (x_step * x_scale).min(seen.width()),
            (y_step * y_scale).min(seen.height()),
        );
        let before = self.spent;
        self.visible.push(cell);
        let to_cell = Affine::scale_non_uniform(x_scale, y_scale)
            * Affine::translate((-tile.bbox.x0, -tile.bbox.y0));
        tile.interpret(self, to_cell, is_stroke);
        self.visible.pop();
        let copies = copies(tile.bbox.width(), x_step) * copies(tile.bbox.height(), y_step);
        self.spend((self.spent - before).saturating_mul(whole(copies - 1.0)));
    }

    fn spend_mask(&mut self, mask: Option<&SoftMask<'_>>) {
        if let Some(mask) = mask
            && self.masks.insert(mask.cache_key())
        {
            self.spend_everything_visible();
            mask.interpret(self);
        }
    }
}

/// How many cells of a pattern lie over one another along an axis.
fn copies(cell: f64, step: f64) -> f64 {
    (cell / step).ceil().max(1.0)
}

fn step(step: f32) -> f64 {
    f64::from(step.abs()).max(f64::MIN_POSITIVE)
}

/// A measure as a whole number; what is no number is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, as it should"
)]
fn whole(measure: f64) -> u64 {
    measure.max(0.0) as u64
}

fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}

impl<'a> Device<'a> for Meter {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.spend(SEGMENT.saturating_mul(count(path.elements().len())));
        let painted = props.transform.transform_rect_bbox(path.bounding_box());
        if !matches!(mode, DrawMode::Stroke(_)) {
            self.spend_paint(&props, painted, false);
        }
        if let DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) = mode {
            let [a, b, c, d, _, _] = props.transform.as_coeffs();
            let margin = f64::from(stroke.line_width) * a.hypot(b).max(c.hypot(d));
            self.spend_paint(&props, painted.inflate(margin, margin), true);
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.spend(OPERATION + SEGMENT.saturating_mul(count(clip.path.elements().len())));
        self.visible.push(self.seen(clip.path.bounding_box()));
    }

    fn pop_clip(&mut self) {
        self.visible.pop();
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.spend_mask(mask.as_ref());
        self.spend_everything_visible();
    }

    fn pop_transparency_group(&mut self) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        self.spend_mask(props.soft_mask.as_ref());
        for glyph in run.glyphs() {
            self.spend(LETTER);
            if let Glyph::Type3(drawn) = &**glyph {
                drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.spend_mask(props.soft_mask.as_ref());
        let (width, height) = (image.width(), image.height());
        self.spend(
            DECODED
                .saturating_mul(u64::from(width))
                .saturating_mul(u64::from(height)),
        );
        let picture = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        self.spend_box(props.transform.transform_rect_bbox(picture), 1);
    }
}
