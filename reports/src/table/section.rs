//! A part of what is said: whom it is about, figures side by side, and sentences. The terminal and the page
//! lay the same out, each in its way.

use crate::grid::{self, Grid};

/// One part; what is not there is empty.
pub(crate) struct Section {
    /// Whom or what it is about.
    pub(crate) heading: String,
    /// Figures, a row per deployment.
    pub(crate) grid: Option<Grid>,
    /// What goes with the figures.
    pub(crate) notes: Vec<String>,
    /// Sentences of their own.
    pub(crate) lines: Vec<String>,
}

impl Section {
    /// A part without figures.
    pub(super) fn of_lines(heading: String, lines: Vec<String>) -> Self {
        Self { heading, grid: None, notes: Vec::new(), lines }
    }

    /// The part for a terminal of `width` columns: sentences of its own are indented.
    pub(super) fn render(&self, width: usize) -> String {
        let mut parts = vec![grid::wrap(&self.heading, "", width)];
        parts.extend(self.grid.as_ref().map(|grid| grid.render_in_parts(width)));
        parts.extend(self.notes.iter().map(|note| grid::wrap(note, "", width)));
        parts.extend(self.lines.iter().map(|line| grid::wrap_inside(line, width)));
        parts.join("\n")
    }
}
