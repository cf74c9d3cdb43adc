//! Rows and columns of text that fit a terminal.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// Columns between two columns.
const GAP: usize = 2;
/// A name in the first column takes at most so much of a table that is cut into parts.
const NAME: usize = 32;

/// A table without rules: a heading and rows.
pub(super) struct Grid {
    heading: Vec<String>,
    right: Vec<usize>,
    rows: Vec<Vec<Cell>>,
}

/// What stands in a row below one heading.
pub(super) struct Cell {
    /// What is shown, in one line.
    pub(super) text: String,
    /// By which rows are put in order; the text where there is none.
    pub(super) value: Option<f64>,
}

impl Cell {
    /// A text that stands for a number. What is no finite number has no place in an order of numbers.
    pub(super) fn of(text: String, value: f64) -> Self {
        Self { text, value: Some(value).filter(|value| value.is_finite()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, value: None }
    }
}

impl Grid {
    /// A grid with these columns, of which those with the indices `right` are flush right.
    pub(super) fn new(heading: &[&str], right: &[usize]) -> Self {
        let heading = heading.iter().map(|&text| text.to_owned()).collect();
        Self { heading, right: right.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: &[String]) {
        self.row_of(cells.iter().map(|cell| Cell::from(cell.clone())).collect());
    }

    /// Adds a row of which some cells stand for numbers.
    pub(super) fn row_of(&mut self, cells: Vec<Cell>) {
        let unbroken = |cell: Cell| Cell { text: unbroken(&cell.text), ..cell };
        self.rows.push(cells.into_iter().map(unbroken).collect());
    }

    /// Whether each column is flush right, below its heading.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, bool)> {
        let is_right = |column: usize| self.right.contains(&column);
        self.heading.iter().enumerate().map(move |(column, text)| (text.as_str(), is_right(column)))
    }

    /// The rows, whose cells keep together what is not to be broken over lines.
    pub(super) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// All columns; cells that do not fit are broken over lines.
    pub(super) fn render(&self, width: usize) -> String {
        let mut table = self.table(&(0..self.heading.len()).collect::<Vec<_>>());
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width as u16);
        finished(&table)
    }

    /// As many columns as fit, and the rest in further tables that repeat the first column.
    pub(super) fn render_in_parts(&self, width: usize) -> String {
        let widths = self.table(&(0..self.heading.len()).collect::<Vec<_>>());
        let widths: Vec<usize> =
            widths.column_max_content_widths().iter().map(|&w| usize::from(w) + GAP).collect();
        let first = widths[0].min(NAME + GAP);
        let parts = balanced(&widths[1..], width.saturating_sub(first));
        let render = |part: &Vec<usize>| {
            let mut table = self.table(part);
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width as u16);
            if let Some(column) = table.column_mut(0) {
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(first as u16)));
            }
            finished(&table)
        };
        parts.iter().map(render).collect::<Vec<_>>().join("\n")
    }

    fn table(&self, columns: &[usize]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let cell = |text: &str, column: usize| {
            let right = self.right.contains(&column);
            let alignment = if right { CellAlignment::Right } else { CellAlignment::Left };
            comfy_table::Cell::new(text).set_alignment(alignment)
        };
        let heading = columns.iter().map(|&column| cell(&self.heading[column], column));
        table.set_header(heading.collect::<Vec<_>>());
        for row in &self.rows {
            let cells = columns.iter().map(|&column| cell(&row[column].text, column));
            table.add_row(cells.collect::<Vec<_>>());
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP as u16));
        }
        table
    }
}

/// Cuts columns 1, 2, … of these widths into the fewest parts of at most `room`, all of about as
/// many columns; every part begins with column 0.
fn balanced(widths: &[usize], room: usize) -> Vec<Vec<usize>> {
    let columns = widths.len();
    let cut = |parts: usize| {
        let each = columns.div_ceil(parts);
        (0..columns).collect::<Vec<_>>().chunks(each).map(<[usize]>::to_vec).collect::<Vec<_>>()
    };
    let fits = |parts: &Vec<Vec<usize>>| {
        parts.iter().all(|part| part.iter().map(|&column| widths[column]).sum::<usize>() <= room)
    };
    let parts = (1..columns).map(cut).find(fits).unwrap_or_else(|| cut(columns.max(1)));
    let with_name = |part: Vec<usize>| [0].into_iter().chain(part.iter().map(|c| c + 1)).collect();
    parts.into_iter().map(with_name).collect()
}

/// Breaks `text` as [`wrap`] does and indents all of it.
pub(super) fn wrap_inside(text: &str, width: usize) -> String {
    let lines = wrap(text, "  ", width - 2);
    lines.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Breaks `text` into lines of at most `width` columns; those after the first begin with `indent`.
pub(super) fn wrap(text: &str, indent: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in words(&one_line(text)) {
        let line = lines.last_mut().expect("there is a first line");
        let gap = usize::from(!line.trim().is_empty());
        if columns(line) + gap + columns(&word) <= width {
            line.push_str(&" ".repeat(gap));
            line.push_str(&word);
        } else if gap == 0 {
            line.push_str(&cut(&word, width / 2));
        } else {
            let room = (width - indent.len()) / 2;
            let fits = columns(&word) + indent.len() <= width;
            let word = if fits { word } else { cut(&word, room) };
            lines.push(format!("{indent}{word}"));
        }
    }
    lines.join("\n")
}

/// The beginning of a word that is longer than a line.
fn cut(word: &str, most: usize) -> String {
    word.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Words, where a number stays with its half-width and unit.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let goes_on = |last: &String| {
            let after_digit = last.ends_with(|c: char| c.is_ascii_digit());
            let unit = matches!(word, "±" | "ms" | "%" | "/s");
            (after_digit && (unit || word.starts_with(|c: char| c.is_ascii_digit())))
                || last.ends_with('±')
        };
        match words.last_mut() {
            Some(last) if goes_on(last) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Columns that a line takes on a terminal.
pub(super) fn columns(line: &str) -> usize {
    let mut table = Table::new();
    table.add_row([line]);
    table.column_max_content_widths().first().map_or(0, |&width| usize::from(width))
}

/// Joins with no-break spaces what [`words`] keeps together, and a number with what it counts.
fn unbroken(cell: &str) -> String {
    let mut text = String::new();
    for word in words(&one_line(cell)) {
        let counts = text.ends_with(|c: char| c.is_ascii_digit());
        match text.is_empty() {
            true => {}
            false if counts => text.push('\u{a0}'),
            false => text.push(' '),
        }
        text.push_str(&word.replace(' ', "\u{a0}"));
    }
    text
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn finished(table: &Table) -> String {
    table
        .lines()
        .map(|line| line.replace('\u{a0}', " ").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
