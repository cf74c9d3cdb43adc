//! Rows with their names on the left and columns of drawings and numbers beside them: a layout in
//! which any number of flows and deployments can be read, and in which no text lies on a drawing.

use super::canvas::Canvas;
use super::interval::Track;
use super::mark::{Align, Area, Type};
use super::palette::{ALARM, AXIS, BAND, GREY, GRID, INK};
use super::scale::Scale;
use super::sheet::{MARGIN, ROOM, Sheet, WIDTH};
use super::text;

/// Height of the headings above the rows.
const HEADINGS: f64 = 70.0;
/// Between two columns.
const GAP: f64 = 16.0;
/// Above and below the rows of a block.
const EDGE: f64 = 5.0;
/// No column of names is wider.
const NAMES: f64 = 230.0;
/// Two columns of names together are not wider.
const BOTH_NAMES: f64 = 340.0;
/// All drawings together are not narrower: texts are shortened instead.
const LEAST: f64 = 380.0;
/// Within the axes, before their first value and after their last.
const MARGINS: f64 = 9.0;
/// Charts that are higher repeat the labels of the axis below.
const TALL: f64 = 700.0;

/// Headings of columns.
const HEADING: Type = Type::bold(15.0, INK);
const GOAL: Type = Type::bold(13.0, ALARM);
const NAME: Type = Type::bold(14.0, INK);
const NOTE: Type = Type::regular(13.0, GREY);
const LABEL: Type = Type::regular(14.0, INK);
const TICK: Type = Type::regular(13.0, GREY);
/// What stands out among the numbers.
pub(super) const BOLD: Type = Type::bold(14.0, INK);
/// Numbers beside the drawings.
pub(super) const NUMBER: Type = Type::regular(14.0, INK);

/// Rows that belong together: one flow on every deployment.
pub(super) struct Block {
    /// What they have in common.
    pub(super) name: String,
    /// What there is to say about it, where there is room.
    pub(super) notes: Vec<String>,
    /// The name of each row.
    pub(super) rows: Vec<String>,
}

/// How wide a column is.
#[derive(Clone, Copy)]
pub(super) enum Room {
    /// A share of what the others leave.
    Share(f64),
    /// So many pixels.
    Pixels(f64),
}

impl Room {
    /// As much as the widest of `texts` needs, and not more than `most` pixels.
    pub(super) fn of_texts(texts: &[String], style: Type, most: f64) -> Self {
        let widest = texts.iter().map(|text| style.width(text)).fold(0.0, f64::max);
        Self::Pixels(widest.min(most).ceil() + 1.0)
    }
}

/// One column right of the names.
pub(super) struct Column {
    /// What it shows; may reach over the column to its right.
    pub(super) heading: String,
    /// A limit that holds for all rows, in words; may be empty.
    pub(super) goal: String,
    /// How wide it is.
    pub(super) room: Room,
}

impl Column {
    /// A column of drawings.
    pub(super) fn drawn(heading: &str, goal: &str, share: f64) -> Self {
        let (heading, goal) = (heading.to_owned(), goal.to_owned());
        Self { heading, goal, room: Room::Share(share) }
    }

    /// A column of texts, with room for its heading.
    pub(super) fn texts(heading: &str, room: Room) -> Self {
        let room = match room {
            Room::Pixels(pixels) => Room::Pixels(pixels.max(HEADING.width(heading) + 1.0)),
            Room::Share(share) => Room::Share(share),
        };
        Self { heading: heading.to_owned(), goal: String::new(), room }
    }
}

/// Rows and columns with their places.
pub(super) struct Rows {
    columns: Vec<(f64, f64)>,
    blocks: Vec<Place>,
    top: f64,
    bottom: f64,
}

/// Where a block stands.
struct Place {
    top: f64,
    bottom: f64,
    rows: Vec<(f64, f64)>,
}

impl Rows {
    /// The height of a row where there are so many.
    pub(super) fn height(rows: usize) -> f64 {
        match rows {
            0..=10 => 30.0,
            11..=40 => 24.0,
            41..=90 => 21.0,
            _ => 18.0,
        }
    }

    /// Writes names and headings, and reserves the rest, so high each row.
    pub(super) fn new(sheet: &mut Sheet, blocks: &[Block], columns: &[Column], row: f64) -> Self {
        let names = widest(blocks.iter().map(|block| block.name.as_str()), NAME);
        let notes = widest(blocks.iter().flat_map(|block| &block.notes).map(String::as_str), NOTE);
        let names = names.max(notes);
        let labels = widest(blocks.iter().flat_map(|block| &block.rows).map(String::as_str), LABEL);
        let labels = labels.min(NAMES);
        let names = if labels > 0.0 {
            names.min(NAMES).min((BOTH_NAMES - labels).max(BOTH_NAMES / 2.0))
        } else {
            names.min(BOTH_NAMES)
        };
        let labels = labels.min(BOTH_NAMES - names);
        let mut left = MARGIN + 6.0;
        for room in [names, labels].into_iter().filter(|room| *room > 0.0) {
            left += room + GAP;
        }
        let columns_at = spread(columns, left);
        let top = sheet.top + HEADINGS;
        let mut places = Vec::new();
        let mut y = top;
        for block in blocks {
            let first = y + EDGE;
            let count = block.rows.len() as f64;
            let rows = (0..block.rows.len())
                .map(|index| (first + row * index as f64, first + row * (index + 1) as f64))
                .collect();
            let bottom = first + row * count + EDGE;
            places.push(Place { top: y, bottom, rows });
            y = bottom;
        }
        let rows = Self { columns: columns_at, blocks: places, top, bottom: y };
        rows.bands(&mut sheet.canvas);
        rows.headings(&mut sheet.canvas, columns);
        rows.names(&mut sheet.canvas, blocks, (names, labels));
        sheet.top = y + 12.0;
        rows
    }

    /// The place of one row in one column.
    pub(super) fn cell(&self, column: usize, block: usize, row: usize) -> Area {
        let (left, right) = self.columns[column];
        let (top, bottom) = self.blocks[block].rows[row];
        ((left, top), (right, bottom))
    }

    /// The whole of a column.
    pub(super) fn column(&self, column: usize) -> Area {
        let (left, right) = self.columns[column];
        ((left, self.top), (right, self.bottom))
    }

    /// The whole of a block in one column.
    pub(super) fn block(&self, column: usize, block: usize) -> Area {
        let (left, right) = self.columns[column];
        let place = &self.blocks[block];
        ((left, place.top), (right, place.bottom))
    }

    /// Draws the axis of a column, and says where its values stand.
    pub(super) fn axis(&self, sheet: &mut Sheet, column: usize, scale: Scale) -> Track {
        let (from, to) = self.column(column);
        let track = Track { scale, from: from.0 + MARGINS, to: to.0 - MARGINS, margin: MARGINS };
        let canvas = &mut sheet.canvas;
        for tick in scale.ticks() {
            let x = track.at(tick);
            canvas.line(&[(x, from.1), (x, to.1)], 1.0, GRID);
        }
        for (x, label) in labels(&track) {
            canvas.text(&label, (x, from.1 - 10.0), Align::Centre, TICK);
            if to.1 - from.1 > TALL {
                canvas.text(&label, (x, to.1 + 12.0), Align::Centre, TICK);
            }
        }
        for y in [from.1, to.1] {
            canvas.line(&[(from.0, y), (to.0, y)], 1.0, AXIS);
        }
        if matches!(scale, Scale::Linear { .. }) {
            canvas.line(&[(track.from, from.1), (track.from, to.1)], 1.5, AXIS);
        }
        if to.1 - from.1 > TALL {
            sheet.top = sheet.top.max(to.1 + 30.0);
        }
        track
    }

    /// Writes into a cell, at its right edge.
    pub(super) fn number(canvas: &mut Canvas, cell: Area, text: &str, style: Type) {
        let ((left, top), (right, bottom)) = cell;
        let text = style.shortened(text, right - left);
        canvas.text(&text, (right, middle(top, bottom)), Align::Right, style);
    }

    /// Writes into a cell, at its left edge.
    pub(super) fn words(canvas: &mut Canvas, cell: Area, text: &str, style: Type) {
        let ((left, top), (right, bottom)) = cell;
        let text = style.shortened(text, right - left);
        canvas.text(&text, (left, middle(top, bottom)), Align::Left, style);
    }

    fn bands(&self, canvas: &mut Canvas) {
        for block in self.blocks.iter().skip(1).step_by(2) {
            canvas.fill((MARGIN, block.top), (WIDTH - MARGIN, block.bottom), BAND);
        }
    }

    fn headings(&self, canvas: &mut Canvas, columns: &[Column]) {
        let named = |index: &usize| !columns[*index].heading.is_empty();
        for (index, column) in columns.iter().enumerate() {
            let left = self.columns[index].0;
            let next = (index + 1..columns.len()).find(named);
            let right = next.map_or(WIDTH - MARGIN, |next| self.columns[next].0 - GAP);
            let lines = if column.goal.is_empty() { 2 } else { 1 };
            let room = right - left;
            let lines = text::wrapped(&column.heading, room, lines, HEADING.size, HEADING.weight);
            let mut y = self.top - HEADINGS + 14.0;
            for line in lines {
                canvas.text(&line, (left, y), Align::Left, HEADING);
                y += 19.0;
            }
            canvas.text(&GOAL.shortened(&column.goal, room), (left, y), Align::Left, GOAL);
        }
    }

    fn names(&self, canvas: &mut Canvas, blocks: &[Block], (names, labels): (f64, f64)) {
        let left = MARGIN + 6.0;
        let all: Vec<&str> = blocks.iter().map(|block| block.name.as_str()).collect();
        let short = text::distinct(&all, names, NAME.size, NAME.weight);
        for ((place, block), short) in self.blocks.iter().zip(blocks).zip(short) {
            // Only the last line of a wrapped name is shortened, and that only where it must be.
            let room = ((place.bottom - place.top) / 18.0).floor() as usize;
            let wrapped = text::wrapped(&block.name, names, room.max(1), NAME.size, NAME.weight);
            let whole = wrapped.iter().all(|line| !line.contains('…'));
            let lines = if whole { wrapped } else { vec![short] };
            let free = room.saturating_sub(lines.len());
            let first = place.rows.first().map_or(place.top, |(top, bottom)| middle(*top, *bottom));
            let mut y = first;
            for line in &lines {
                canvas.text(line, (left, y), Align::Left, NAME);
                y += 18.0;
            }
            for note in block.notes.iter().take(free) {
                if y + 8.0 > place.bottom {
                    break;
                }
                canvas.text(&NOTE.shortened(note, names), (left, y), Align::Left, NOTE);
                y += 18.0;
            }
        }
        let left = if names > 0.0 { left + names + GAP } else { left };
        for (place, block) in self.blocks.iter().zip(blocks) {
            let all: Vec<&str> = block.rows.iter().map(String::as_str).collect();
            let short = text::distinct(&all, labels, LABEL.size, LABEL.weight);
            for ((top, bottom), label) in place.rows.iter().zip(short) {
                canvas.text(&label, (left, middle(*top, *bottom)), Align::Left, LABEL);
            }
        }
    }
}

/// Labels of the ticks of an axis and where they stand: all where they have room, else as many as do.
fn labels(track: &Track) -> Vec<(f64, String)> {
    let of = |ticks: Vec<f64>| -> Vec<(f64, String)> {
        ticks.into_iter().map(|tick| (track.at(tick), track.scale.label(tick))).collect()
    };
    let reach = |(x, label): &(f64, String)| {
        let half = TICK.width(label) / 2.0 + 3.5;
        (x - half, x + half)
    };
    let fit = |labels: &[(f64, String)]| {
        labels.windows(2).all(|pair| reach(&pair[0]).1 <= reach(&pair[1]).0)
    };
    let all = of(track.scale.ticks());
    if fit(&all) {
        return all;
    }
    let mut labels: Vec<(f64, String)> = Vec::new();
    for label in of(track.scale.sparse_ticks()) {
        if labels.last().is_none_or(|last| reach(last).1 <= reach(&label).0) {
            labels.push(label);
        }
    }
    labels
}

/// The height at which the text of a row stands.
pub(super) fn middle(top: f64, bottom: f64) -> f64 {
    f64::midpoint(top, bottom) - 1.0
}

/// `text` in a row of its own, where there is nothing else to show.
pub(super) fn empty(sheet: &mut Sheet, why: &str) {
    let at = (MARGIN, sheet.top + 14.0);
    sheet.canvas.text(why, at, Align::Left, Type::regular(16.0, GREY));
    sheet.top += 40.0;
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>, style: Type) -> f64 {
    texts.map(|text| style.width(text)).fold(0.0, f64::max).ceil()
}

/// Left and right edge of every column.
fn spread(columns: &[Column], left: f64) -> Vec<(f64, f64)> {
    let of = |room: Room| match room {
        Room::Share(share) => (share, 0.0),
        Room::Pixels(pixels) => (0.0, pixels),
    };
    let (shares, pixels) = columns
        .iter()
        .map(|column| of(column.room))
        .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let gaps = GAP * columns.len().saturating_sub(1) as f64;
    let all = MARGIN + ROOM - 6.0 - left - gaps;
    let least = if shares > 0.0 { LEAST } else { 0.0 };
    let shrunk = ((all - least) / pixels).clamp(0.0, 1.0);
    let free = all - pixels * shrunk;
    let mut x = left;
    let mut edges = Vec::new();
    for column in columns {
        let (share, pixels) = of(column.room);
        let width = pixels * shrunk + if shares > 0.0 { free * share / shares } else { 0.0 };
        edges.push((x, x + width));
        x += width + GAP;
    }
    edges
}
