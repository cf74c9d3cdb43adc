//! What a report is.

use std::io::{self, Write};

use sim::results::Results;

/// What every report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Stem of the scenario's file name.
    pub scenario_name: &'a str,
    /// What was found.
    pub results: &'a Results,
    /// The inputs as understood.
    pub inputs: &'a serde_json::Value,
    /// Version of the program.
    pub version: &'a str,
    /// Time that the run took on the user's clock.
    pub wall_seconds: f64,
}

/// One file that tells something about the results.
pub trait Report {
    /// Name of the file, with its extension.
    fn file_name(&self) -> &'static str;

    /// Whether the results have something to tell in this report.
    fn applies(&self, _results: &Results) -> bool {
        true
    }

    /// What the file shows where it is a picture, in words for whoever cannot see it.
    fn picture(&self) -> Option<Picture> {
        None
    }

    /// Writes the whole file.
    ///
    /// # Errors
    ///
    /// If `out` does not take what is written, or a chart cannot be drawn.
    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError>;
}

/// A picture in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What stands above it.
    pub title: &'static str,
    /// How it is drawn, and which file holds its figures.
    pub description: &'static str,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The writer failed.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A row of a CSV file could not be written.
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
    /// The JSON could not be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The PNG could not be encoded.
    #[error(transparent)]
    Png(#[from] png::EncodingError),
    /// A chart could not be drawn.
    #[error("the chart could not be drawn: {0}")]
    Chart(String),
}
