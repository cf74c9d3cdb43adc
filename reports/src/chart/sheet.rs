//! What surrounds the panels of every chart: title, key, and a footer that says where it is from.

use super::canvas::Canvas;
use super::mark::{Align, Point, Type};
use super::palette::{ALARM, GREY, INK, Look, PAPER};
use super::text;
use crate::{Context, phrases};

/// Width of every chart.
pub(super) const WIDTH: f64 = 1400.0;
/// Left of everything and right of everything.
pub(super) const MARGIN: f64 = 36.0;
/// Between the left edge and the right one.
pub(super) const ROOM: f64 = WIDTH - 2.0 * MARGIN;

const TITLE: Type = Type::bold(28.0, INK);
const SUBTITLE: Type = Type::regular(17.0, GREY);
const KEY: Type = Type::regular(15.0, INK);
const FOOTER: Type = Type::regular(14.0, GREY);
const CAPTION: Type = Type::regular(15.0, GREY);
/// Room for the symbol of an entry of the key.
const SYMBOL: f64 = 38.0;
const KEY_ROW: f64 = 26.0;
const FOOTER_HEIGHT: f64 = 52.0;

/// Draws a symbol around a point.
type Symbol<'a> = Box<dyn Fn(&mut Canvas, Point) + 'a>;

/// One entry of a key: how its symbol is drawn around a point, and what it means.
pub(super) struct Entry<'a> {
    /// Draws it at most 14 pixels to either side and 10 up and down.
    pub(super) symbol: Symbol<'a>,
    /// What it means.
    pub(super) meaning: String,
}

impl<'a> Entry<'a> {
    /// An entry of a key.
    pub(super) fn new(meaning: &str, symbol: impl Fn(&mut Canvas, Point) + 'a) -> Self {
        Self { symbol: Box::new(symbol), meaning: meaning.to_owned() }
    }

    /// The entry of a line with markers.
    pub(super) fn of_line(name: &str, look: Look) -> Self {
        Self::new(name, move |canvas: &mut Canvas, (x, y)| {
            canvas.dashed(&[(x - 14.0, y), (x + 18.0, y)], 2.5, look.colour(), look.dash());
            look.marker(canvas, (x + 2.0, y), 5.0);
        })
    }
}

/// A chart that grows from its title down.
pub(super) struct Sheet {
    /// The picture.
    pub(super) canvas: Canvas,
    /// The next free height.
    pub(super) top: f64,
}

impl Sheet {
    /// A sheet with the title of the scenario.
    pub(super) fn new(context: &Context<'_>, subtitle: &str) -> Self {
        let title = match context.results.scenario.title.trim() {
            "" => context.scenario_name,
            title => title,
        };
        let kept = if context.results.partial { 150.0 } else { 0.0 };
        let mut sheet = Self::titled(title, kept, subtitle);
        if context.results.partial {
            let right = WIDTH - MARGIN;
            sheet.canvas.fill((right - 124.0, 28.0), (right, 60.0), ALARM);
            let style = Type::bold(18.0, PAPER);
            sheet.canvas.text("PARTIAL", (right - 62.0, 44.0), Align::Centre, style);
        }
        sheet
    }

    /// A sheet with this title, right of which some room is kept free.
    pub(super) fn titled(title: &str, kept: f64, subtitle: &str) -> Self {
        let mut sheet = Self { canvas: Canvas::new(WIDTH, 1.0), top: 44.0 };
        for line in text::wrapped(title, ROOM - kept, 2, TITLE.size, TITLE.weight) {
            sheet.canvas.text(&line, (MARGIN, sheet.top), Align::Left, TITLE);
            sheet.top += 36.0;
        }
        sheet.lines(subtitle, SUBTITLE);
        sheet.top += 8.0;
        sheet
    }

    /// Says what the marks mean.
    pub(super) fn key(&mut self, entries: &[Entry<'_>]) {
        let mut x = MARGIN;
        for entry in entries {
            let meaning = KEY.shortened(&entry.meaning, ROOM - SYMBOL);
            let width = SYMBOL + KEY.width(&meaning) + 28.0;
            if x + width - 28.0 > WIDTH - MARGIN && x > MARGIN {
                (x, self.top) = (MARGIN, self.top + KEY_ROW);
            }
            (entry.symbol)(&mut self.canvas, (x + 14.0, self.top));
            self.canvas.text(&meaning, (x + SYMBOL, self.top), Align::Left, KEY);
            x += width;
        }
        self.top += if entries.is_empty() { 0.0 } else { KEY_ROW + 4.0 };
    }

    /// Writes a paragraph below everything so far.
    pub(super) fn caption(&mut self, text: &str) {
        self.top += 18.0;
        self.lines(text, CAPTION);
    }

    /// Adds how the run was made, and ends the picture there.
    pub(super) fn finished(self, context: &Context<'_>) -> Canvas {
        let mut parts = phrases::run(context.results);
        parts.push(format!("apimsim {}", context.version));
        let run = FOOTER.shortened(&parts.join("  ·  "), ROOM);
        let used = FOOTER.width(&run);
        let mut canvas = self.signed(&run);
        if let Some(partial) = phrases::partial(context.results) {
            let style = Type::bold(14.0, ALARM);
            let partial = style.shortened(&partial, ROOM - used - 20.0);
            let at = (WIDTH - MARGIN, canvas.height() - 24.0);
            canvas.text(&partial, at, Align::Right, style);
        }
        canvas
    }

    /// Adds a footer and ends the picture there.
    pub(super) fn signed(mut self, footer: &str) -> Canvas {
        self.canvas.set_height((self.top + FOOTER_HEIGHT).ceil());
        let y = self.canvas.height() - 24.0;
        self.canvas.text(footer, (MARGIN, y), Align::Left, FOOTER);
        self.canvas
    }

    fn lines(&mut self, text: &str, style: Type) {
        for line in text::wrapped(text, ROOM, 4, style.size, style.weight) {
            self.canvas.text(&line, (MARGIN, self.top), Align::Left, style);
            self.top += style.size * 1.45;
        }
    }
}
