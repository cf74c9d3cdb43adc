//! What users see of a profile beside measurements: text for the terminal, a CSV file and a chart of a
//! calibration; and a table of how close the profiles of several families come.

mod collections;
mod doubts;
#[cfg(test)]
pub(crate) mod fabricated;
mod families;
mod load_tests;
mod parameters;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;

use sim::calibration::{Calibration, Configured};
use sim::measurement::Measurement;

use crate::grid::wrap;
use crate::{ReportError, chart, csv, phrases};

pub use collections::collections;
pub use families::{Family, families, families_markdown};

/// Columns of a comment in a profile file.
const COMMENT_WIDTH: usize = 96;

/// Narrower is not laid out; such a terminal breaks the lines itself.
const MIN_WIDTH: usize = 80;

/// What is said where a fit goes without the pauses of its start.
const PAUSES_LEFT_OUT: &str = "the load tests show no pauses, so that collection and stalls are left out \
                               of the profile; longer and busier tests may show them: its capacity and its \
                               tails are optimistic";

/// A calibration for a terminal of `width` columns: the parameters, the load tests, and how close the
/// simulation comes to them.
pub fn text(calibration: &Calibration, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let (held_back, all) = (&calibration.held_back, &calibration.tests);
    let mut blocks = vec![parameters::text(&calibration.parameters, width)];
    if held_back.is_empty() {
        blocks.push(load_tests::text("all tests, of which none was held back", all, width));
    } else {
        let title = "tests held back, simulated with a profile fitted without them";
        blocks.push(load_tests::text(title, held_back, width));
        let title = "all tests, simulated with the profile fitted to all of them";
        blocks.push(load_tests::text(title, all, width));
    }
    blocks.push(load_tests::summary(&[("held back", held_back), ("all", all)], width));
    blocks.extend(Some(doubts::text(all, width)).filter(|text| !text.is_empty()));
    blocks.extend(calibration.pauses_left_out.then(|| wrap(PAUSES_LEFT_OUT, "  ", width)));
    blocks.join("\n\n") + "\n"
}

/// What a profile file says of its calibration: what was measured, how close it comes, and what the
/// measurements leave open.
pub fn comment(calibration: &Calibration) -> String {
    let (held_back, all) = (&calibration.held_back, &calibration.tests);
    let sources: BTreeSet<&str> =
        all.iter().filter_map(|test| test.measured.source.as_deref()).map(repository).collect();
    let names: BTreeSet<&str> = all.iter().map(|test| test_of(&test.measured)).collect();
    let mut text = format!("Fitted to {}", phrases::count_all(names.len(), "load test"));
    if !sources.is_empty() {
        let _ = write!(text, ", published in {}", Vec::from_iter(sources).join(", "));
    }
    let summary = load_tests::summary(&[("held back", held_back), ("all", all)], COMMENT_WIDTH);
    let stated = parameters::stated(&calibration.parameters);
    let sentences = [
        parameters::open(&calibration.parameters, COMMENT_WIDTH),
        doubts::text(all, COMMENT_WIDTH),
        if calibration.pauses_left_out {
            wrap(PAUSES_LEFT_OUT, "  ", COMMENT_WIDTH)
        } else {
            String::new()
        },
    ];
    let sentences = sentences.join("\n");
    format!(
        "{text} (repeats as one, by their medians).\n\n{summary}\n{stated}\n{}",
        sentences.trim_matches('\n')
    )
}

/// What tells the load test of a row from others: its name, or its place in a file.
fn test_of(row: &Measurement) -> &str {
    row.test.as_deref().unwrap_or(&row.origin)
}

/// The repository or page of a source, without the place in it.
fn repository(source: &str) -> &str {
    source.split([' ', '@', ',']).next().unwrap_or(source)
}

/// Load tests beside their simulation, for a terminal of `width` columns, and how close it comes.
pub fn comparison(tests: &[Configured], width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let title = format!("{}, simulated", phrases::count_all(tests.len(), "test"));
    let blocks =
        [load_tests::text(&title, tests, width), load_tests::summary(&[("all", tests)], width)];
    blocks.join("\n\n") + "\n"
}

/// Writes a calibration as CSV: one row per load test, those held back first.
///
/// # Errors
///
/// If `out` does not take what is written.
pub fn write_csv(calibration: &Calibration, out: &mut dyn Write) -> Result<(), ReportError> {
    csv::calibration(calibration, out)
}

/// Writes a calibration as a PNG: measured against simulated quantiles. `version` is that of the
/// program.
///
/// # Errors
///
/// If `out` does not take what is written, or the chart cannot be drawn.
pub fn write_chart(
    calibration: &Calibration,
    version: &str,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    chart::calibration(calibration, version, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::columns;

    #[test]
    fn a_calibration_says_what_was_found_and_how_close_it_is() {
        for (name, calibration) in fabricated::every() {
            insta::assert_snapshot!(name, text(&calibration, 120));
        }
    }

    #[test]
    fn a_comparison_says_how_close_a_profile_is() {
        insta::assert_snapshot!("comparison", comparison(&fabricated::gateway().tests, 120));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for (name, calibration) in fabricated::every() {
            for width in [100, 120, 160] {
                let text = text(&calibration, width);
                assert!(!text.contains("NaN") && !text.contains("inf"), "{name}: {text}");
                for line in text.lines() {
                    assert!(columns(line) <= width, "{name} at {width}: {line}");
                }
            }
        }
    }
}
