//! A picture in memory: shapes and text in, PNG out.
//!
//! Everything is drawn at twice the size and averaged down, so that edges are smooth. Shapes come
//! from plotters; the first shape that fails is remembered and reported when the picture is
//! written.

use std::io::Write;

use plotters::prelude::{
    BitMapBackend, Circle, Color, IntoDrawingArea, PathElement, Polygon, RGBColor, Rectangle, WHITE,
};

use super::text::{self, Weight};
use crate::ReportError;

/// Drawn pixels per pixel of the picture, each way.
const SCALE: u32 = 2;
/// No picture is higher, whatever it has to show.
const MAX_HEIGHT: f64 = 12_000.0;

/// A point of the picture, in pixels from its upper left corner.
pub(super) type Point = (f64, f64);

/// Where text stands relative to its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Begins there.
    Left,
    /// Is centred there.
    Centre,
    /// Ends there.
    Right,
}

/// How text looks.
#[derive(Clone, Copy)]
pub(super) struct Type {
    /// Pixels per em.
    pub(super) size: f64,
    /// Regular or bold.
    pub(super) weight: Weight,
    /// Its colour.
    pub(super) colour: RGBColor,
}

impl Type {
    /// Text of ordinary weight.
    pub(super) const fn regular(size: f64, colour: RGBColor) -> Self {
        Self { size, weight: Weight::Regular, colour }
    }

    /// Bold text.
    pub(super) const fn bold(size: f64, colour: RGBColor) -> Self {
        Self { size, weight: Weight::Bold, colour }
    }

    /// How many pixels wide `text` is.
    pub(super) fn width(self, text: &str) -> f64 {
        text::width(text, self.size, self.weight)
    }
}

/// A picture being drawn.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    fault: Option<String>,
}

impl Canvas {
    /// A white picture of so many pixels.
    pub(super) fn new(width: f64, height: f64) -> Self {
        let (width, height) = (width as u32, height.clamp(1.0, MAX_HEIGHT) as u32);
        let bytes = (width * SCALE * height * SCALE * 3) as usize;
        Self { width, height, pixels: vec![255; bytes], fault: None }
    }

    /// Width in pixels.
    pub(super) fn width(&self) -> f64 {
        f64::from(self.width)
    }

    /// Height in pixels.
    pub(super) fn height(&self) -> f64 {
        f64::from(self.height)
    }

    /// Fills the rectangle between two opposite corners.
    pub(super) fn fill(&mut self, from: Point, to: Point, colour: RGBColor) {
        let (from, to) = (drawn(from), drawn(to));
        // Plotters fills both corners; the picture's rectangles end before the second.
        let low = (from.0.min(to.0), from.1.min(to.1));
        let high = (from.0.max(to.0) - 1, from.1.max(to.1) - 1);
        if low.0 <= high.0 && low.1 <= high.1 {
            self.draw(|area| area.draw(&Rectangle::new([low, high], colour.filled())));
        }
    }

    /// Draws a line through `points`.
    pub(super) fn line(&mut self, points: &[Point], width: f64, colour: RGBColor) {
        let mut path: Vec<_> = points.iter().map(|&point| drawn(point)).collect();
        path.dedup();
        if path.len() > 1 {
            let style = colour.stroke_width((width * f64::from(SCALE)).round() as u32);
            self.draw(|area| area.draw(&PathElement::new(path, style)));
        }
    }

    /// Draws a line through `points` with a pattern of lengths on and off, in pixels.
    pub(super) fn dashed(&mut self, points: &[Point], width: f64, colour: RGBColor, dash: &[f64]) {
        if dash.is_empty() {
            return self.line(points, width, colour);
        }
        let (mut index, mut left) = (0, dash[0]);
        let mut piece = Vec::new();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            loop {
                let length = (to.0 - from.0).hypot(to.1 - from.1);
                if piece.is_empty() {
                    piece.push(from);
                }
                if length <= left {
                    left -= length;
                    piece.push(to);
                    break;
                }
                let share = left / length;
                from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
                piece.push(from);
                if index % 2 == 0 {
                    self.line(&piece, width, colour);
                }
                piece.clear();
                index = (index + 1) % dash.len();
                left = dash[index].max(0.5);
            }
        }
        if index % 2 == 0 {
            self.line(&piece, width, colour);
        }
    }

    /// Fills the polygon with these corners.
    pub(super) fn polygon(&mut self, corners: &[Point], colour: RGBColor) {
        let corners: Vec<_> = corners.iter().map(|&corner| drawn(corner)).collect();
        self.draw(|area| area.draw(&Polygon::new(corners, colour.filled())));
    }

    /// Fills a circle.
    pub(super) fn circle(&mut self, centre: Point, radius: f64, colour: RGBColor) {
        let radius = (radius * f64::from(SCALE)).round() as i32;
        self.draw(|area| area.draw(&Circle::new(drawn(centre), radius, colour.filled())));
    }

    /// Writes `text` with the middle of its small letters at the height of `at`.
    pub(super) fn text(&mut self, text: &str, at: Point, align: Align, style: Type) {
        let width = style.width(text);
        let left = match align {
            Align::Left => at.0,
            Align::Centre => at.0 - width / 2.0,
            Align::Right => at.0 - width,
        };
        let scale = f64::from(SCALE);
        let baseline = at.1 + style.size * 0.36;
        let size = (self.width * SCALE, self.height * SCALE);
        let pixels = &mut self.pixels;
        let at = (left * scale, baseline * scale);
        text::draw(text, at, style.size * scale, style.weight, |x, y, coverage| {
            blend(pixels, size, (x, y), style.colour, coverage);
        });
    }

    /// Writes `text` as [`Self::text`] does, with a white edge that sets it off from what is below.
    pub(super) fn text_over(&mut self, text: &str, at: Point, align: Align, style: Type) {
        let edge = Type { colour: WHITE, ..style };
        for (x, y) in [(-2.0, 0.0), (2.0, 0.0), (0.0, -2.0), (0.0, 2.0)] {
            self.text(text, (at.0 + x, at.1 + y), align, edge);
        }
        for (x, y) in [(-1.5, -1.5), (1.5, -1.5), (-1.5, 1.5), (1.5, 1.5)] {
            self.text(text, (at.0 + x, at.1 + y), align, edge);
        }
        self.text(text, at, align, style);
    }

    /// Encodes the picture.
    pub(super) fn write(self, out: &mut dyn Write) -> Result<(), ReportError> {
        if let Some(fault) = self.fault {
            return Err(ReportError::Chart(fault));
        }
        let mut encoder = png::Encoder::new(out, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        // Large even areas compress best as they are: a quarter of the size of the default filter.
        encoder.set_filter(png::FilterType::NoFilter);
        encoder.set_compression(png::Compression::Default);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&averaged(&self.pixels, self.width, self.height))?;
        Ok(writer.finish()?)
    }

    fn draw<E: std::fmt::Display>(&mut self, shape: impl FnOnce(&Area<'_>) -> Result<(), E>) {
        let size = (self.width * SCALE, self.height * SCALE);
        let area = BitMapBackend::with_buffer(&mut self.pixels, size).into_drawing_area();
        let drawn = shape(&area);
        if let Err(fault) = drawn {
            self.fault.get_or_insert(fault.to_string());
        }
    }
}

type Area<'a> = plotters::drawing::DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>;

/// The drawn pixel of a point; what is far outside stays just outside.
fn drawn(point: Point) -> (i32, i32) {
    let pixel = |v: f64| (v * f64::from(SCALE)).round().clamp(-1e5, 1e5) as i32;
    (pixel(point.0), pixel(point.1))
}

fn blend(pixels: &mut [u8], size: (u32, u32), at: (i32, i32), colour: RGBColor, coverage: f32) {
    let inside = |v: i32, size: u32| u32::try_from(v).ok().filter(|&v| v < size);
    if let (Some(x), Some(y)) = (inside(at.0, size.0), inside(at.1, size.1)) {
        let start = ((y * size.0 + x) * 3) as usize;
        for (pixel, ink) in pixels[start..start + 3].iter_mut().zip([colour.0, colour.1, colour.2])
        {
            let mixed = f32::from(*pixel) * (1.0 - coverage) + f32::from(ink) * coverage;
            *pixel = mixed.round() as u8;
        }
    }
}

fn averaged(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    let row = width * 2 * 3;
    let mut small = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let start = y * 2 * row + x * 6;
            for channel in 0..3 {
                let four = [start, start + 3, start + row, start + row + 3];
                let sum: u32 = four.iter().map(|&at| u32::from(pixels[at + channel])).sum();
                small.push((sum / 4) as u8);
            }
        }
    }
    small
}
