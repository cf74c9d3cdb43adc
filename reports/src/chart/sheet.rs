//! What surrounds the panels of every chart: title, legend, and a footer that says where it is
//! from.

use super::canvas::{Align, Canvas, Point, Type};
use super::palette::{ALARM, GREY, INK, Look, PAPER};
use super::text;
use crate::{Context, phrases};

/// Width of every chart.
pub(super) const WIDTH: f64 = 1400.0;
/// Left of everything and right of everything.
pub(super) const MARGIN: f64 = 36.0;

const TITLE: Type = Type::bold(28.0, INK);
const SUBTITLE: Type = Type::regular(18.0, GREY);
const LEGEND: Type = Type::regular(16.0, INK);
const FOOTER: Type = Type::regular(14.0, GREY);
/// A line with its marker and the space after it.
const SYMBOL: f64 = 48.0;
const LEGEND_ROW: f64 = 28.0;
const FOOTER_HEIGHT: f64 = 56.0;

/// How a deployment is shown in the legend.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// As a bar.
    Bar,
    /// As a line with a marker.
    Line,
    /// Not at all: the chart names the deployments itself.
    None,
}

/// A chart with room for panels.
pub(super) struct Sheet {
    /// The picture.
    pub(super) canvas: Canvas,
    /// Where the panels begin.
    pub(super) top: f64,
}

impl Sheet {
    /// A sheet with `panels` pixels of height for its panels.
    pub(super) fn new(context: &Context<'_>, subtitle: &str, key: Key, panels: f64) -> Self {
        let title = match context.results.scenario.title.trim() {
            "" => context.scenario_name,
            title => title,
        };
        let badge = if context.results.partial { 150.0 } else { 0.0 };
        let entries = if key == Key::None { Vec::new() } else { legend(context) };
        let rows = entries.last().map_or(0.0, |entry| entry.1.1 + 1.0);
        let room = rows * LEGEND_ROW + if rows > 0.0 { 6.0 } else { -8.0 };
        let mut sheet = Self::titled((title, badge), subtitle, room + panels);
        let legend_at = sheet.top;
        sheet.top += room;
        for (index, (name, (x, row))) in entries.iter().enumerate() {
            let at = (*x, legend_at + 6.0 + row * LEGEND_ROW);
            symbol(&mut sheet.canvas, key, Look::of(index), at);
            let width = if key == Key::Bar { 38.0 } else { SYMBOL };
            sheet.canvas.text(name, (x + width, at.1), Align::Left, LEGEND);
        }
        footer(context, &mut sheet.canvas);
        sheet
    }

    /// A sheet that knows of no deployments, with `panels` pixels of height for its panels.
    pub(super) fn plain(title: &str, subtitle: &str, footer: &str, panels: f64) -> Self {
        let mut sheet = Self::titled((title, 0.0), subtitle, panels);
        let y = sheet.canvas.height() - 24.0;
        sheet.canvas.text(footer, (MARGIN, y), Align::Left, FOOTER);
        sheet
    }

    /// Title, with some room kept free to its right, and subtitle.
    fn titled((title, kept): (&str, f64), subtitle: &str, body: f64) -> Self {
        let room = WIDTH - 2.0 * MARGIN;
        let titles = text::wrapped(title, room - kept, 2, TITLE.size, TITLE.weight);
        let top = 38.0 + titles.len() as f64 * 36.0 + 42.0;
        let mut canvas = Canvas::new(WIDTH, top + body + FOOTER_HEIGHT);
        for (index, line) in titles.iter().enumerate() {
            canvas.text(line, (MARGIN, 44.0 + index as f64 * 36.0), Align::Left, TITLE);
        }
        canvas.text(subtitle, (MARGIN, top - 34.0), Align::Left, SUBTITLE);
        Self { canvas, top }
    }
}

/// Names of the deployments and where they stand: pixels from the left, and row.
fn legend(context: &Context<'_>) -> Vec<(String, (f64, f64))> {
    let (mut x, mut row) = (MARGIN, 0.0);
    let mut entries = Vec::new();
    for deployment in &context.results.deployments {
        let name = text::shortened(&deployment.name, 420.0, LEGEND.size, LEGEND.weight);
        let width = SYMBOL + LEGEND.width(&name) + 30.0;
        if x + width > WIDTH - MARGIN && x > MARGIN {
            (x, row) = (MARGIN, row + 1.0);
        }
        entries.push((name, (x, row)));
        x += width;
    }
    entries
}

fn symbol(canvas: &mut Canvas, key: Key, look: Look, (x, y): Point) {
    match key {
        Key::Bar => look.bar(canvas, (x, y - 9.0), (x + 28.0, y + 9.0)),
        Key::Line => {
            canvas.dashed(&[(x, y), (x + 38.0, y)], 2.5, look.colour(), look.dash());
            look.marker(canvas, (x + 19.0, y), 5.0);
        }
        Key::None => {}
    }
}

fn footer(context: &Context<'_>, canvas: &mut Canvas) {
    let y = canvas.height() - 24.0;
    let mut parts = phrases::run(context.results);
    parts.push(format!("apimsim {}", context.version));
    let run = parts.join("  ·  ");
    canvas.text(&run, (MARGIN, y), Align::Left, FOOTER);
    let right = canvas.width() - MARGIN;
    if let Some(partial) = phrases::partial(context.results) {
        let style = Type::bold(14.0, ALARM);
        let room = right - MARGIN - FOOTER.width(&run) - 20.0;
        let partial = text::shortened(&partial, room, style.size, style.weight);
        canvas.text(&partial, (right, y), Align::Right, style);
        canvas.fill((right - 124.0, 28.0), (right, 60.0), ALARM);
        canvas.text("PARTIAL", (right - 62.0, 44.0), Align::Centre, Type::bold(18.0, PAPER));
    }
}
