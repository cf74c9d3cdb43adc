//! From marks to pixels, and to a PNG.
//!
//! Everything is painted at twice the size and averaged down, so that edges are smooth. Shapes come
//! from plotters; the first shape that fails is reported when all are painted.

use std::io::Write;

use plotters::prelude::{
    BitMapBackend, Circle, Color, IntoDrawingArea, PathElement, Polygon, RGBColor, Rectangle,
};

use super::mark::{Mark, Point, Shape, Type};
use super::text;
use crate::ReportError;

/// Painted pixels per pixel of the picture, each way.
const SCALE: u32 = 2;

/// Paints `marks` on white and encodes them.
pub(super) fn write(
    marks: &[Mark],
    (width, height): (u32, u32),
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut raster = Raster::new(width, height);
    for mark in marks {
        raster.paint(mark);
    }
    if let Some(fault) = raster.fault {
        return Err(ReportError::Chart(fault));
    }
    let mut encoder = png::Encoder::new(out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Most rows are like the row above, so that nearly all that is left of them is zero, which the quickest
    // compression makes little of.
    encoder.set_filter(png::FilterType::Up);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&averaged(&raster.pixels, width, height))?;
    Ok(writer.finish()?)
}

struct Raster {
    size: (u32, u32),
    pixels: Vec<u8>,
    fault: Option<String>,
}

impl Raster {
    fn new(width: u32, height: u32) -> Self {
        let size = (width * SCALE, height * SCALE);
        Self { size, pixels: vec![255; size.0 as usize * size.1 as usize * 3], fault: None }
    }

    fn paint(&mut self, mark: &Mark) {
        let colour = mark.colour;
        match &mark.shape {
            Shape::Fill((from, to)) => self.fill(*from, *to, colour),
            Shape::Line(points, width, dash) => self.dashed(points, *width, colour, dash),
            Shape::Polygon(corners) => {
                let corners: Vec<_> = corners.iter().map(|&corner| painted(corner)).collect();
                self.draw(|area| area.draw(&Polygon::new(corners, colour.filled())));
            }
            Shape::Circle(centre, radius) => {
                let radius = (radius * f64::from(SCALE)).round() as i32;
                self.draw(|area| {
                    area.draw(&Circle::new(painted(*centre), radius, colour.filled()))
                });
            }
            Shape::Text(text, at, style) => self.text(text, *at, *style),
        }
    }

    fn fill(&mut self, from: Point, to: Point, colour: RGBColor) {
        let (from, to) = (painted(from), painted(to));
        // Plotters fills both corners; the picture's rectangles end before the second.
        let to = (to.0 - 1, to.1 - 1);
        if from.0 <= to.0 && from.1 <= to.1 {
            self.draw(|area| area.draw(&Rectangle::new([from, to], colour.filled())));
        }
    }

    fn line(&mut self, points: &[Point], width: f64, colour: RGBColor) {
        let mut path: Vec<_> = points.iter().map(|&point| painted(point)).collect();
        path.dedup();
        if path.len() > 1 {
            let style = colour.stroke_width((width * f64::from(SCALE)).round() as u32);
            self.draw(|area| area.draw(&PathElement::new(path, style)));
        }
    }

    fn dashed(&mut self, points: &[Point], width: f64, colour: RGBColor, dash: &[f64]) {
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

    fn text(&mut self, text: &str, (left, middle): Point, style: Type) {
        let scale = f64::from(SCALE);
        let at = (left * scale, (middle + style.size * text::DROP) * scale);
        let (size, pixels) = (self.size, &mut self.pixels);
        text::draw(text, at, style.size * scale, style.weight, |x, y, coverage| {
            blend(pixels, size, (x, y), style.colour, coverage);
        });
    }

    fn draw<E: std::fmt::Display>(&mut self, shape: impl FnOnce(&Area<'_>) -> Result<(), E>) {
        let area = BitMapBackend::with_buffer(&mut self.pixels, self.size).into_drawing_area();
        let drawn = shape(&area);
        if let Err(fault) = drawn {
            self.fault.get_or_insert(fault.to_string());
        }
    }
}

type Area<'a> = plotters::drawing::DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>;

/// The painted pixel of a point; what is far outside stays just outside.
fn painted(point: Point) -> (i32, i32) {
    let pixel = |v: f64| (v * f64::from(SCALE)).round().clamp(-1e5, 1e5) as i32;
    (pixel(point.0), pixel(point.1))
}

fn blend(pixels: &mut [u8], size: (u32, u32), at: (i32, i32), colour: RGBColor, coverage: f32) {
    let inside = |v: i32, size: u32| u32::try_from(v).ok().filter(|&v| v < size);
    if let (Some(x), Some(y)) = (inside(at.0, size.0), inside(at.1, size.1)) {
        let start = (y as usize * size.0 as usize + x as usize) * 3;
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
