//! `profile.csv` beside a fitted profile: one row per load test, measured and simulated.
//!
//! Tests that were held back come first, simulated with a profile fitted without them; then all of
//! them with the profile fitted to all. Errors are fractions, simulated ÷ measured - 1.

use std::io::Write;

use sim::calibration::{Calibration, Configured};
use sim::measurement::Load;
use sim::quantity::{Quantity, Unit};

use super::rows::{Row, Rows, header};
use crate::ReportError;
use crate::figure;

/// Columns that say what the test was.
const FIRST: &str = "held_back,operation,users,rate_rps,size_kib,backend_delay_ms,cores,heap_gib,\
                     backend_cv,think_ms,nodes,failed_requests,answer_kib";

/// Writes the file of a calibration.
pub(crate) fn calibration(
    calibration: &Calibration,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let figures = figure::stated(&calibration.tests);
    let mut columns = header(FIRST);
    columns.extend(figures.iter().flat_map(|figure| names(*figure)));
    let mut rows = Rows::plain(out, &columns)?;
    for test in &calibration.held_back {
        rows.write(row("yes", test, &figures))?;
    }
    for test in &calibration.tests {
        rows.write(row("no", test, &figures))?;
    }
    rows.finish()
}

/// The columns of a figure. Its error has no unit.
fn names(figure: Quantity) -> [String; 3] {
    let (name, column) = (figure.name().replace('.', "_"), figure.column());
    [format!("measured_{column}"), format!("simulated_{column}"), format!("error_{name}")]
}

fn row(held_back: &str, test: &Configured, figures: &[Quantity]) -> Row {
    let measured = &test.measured;
    let (users, rate) = match measured.load {
        Load::Closed { users } => (Some(f64::from(users)), None),
        Load::Open { rate } => (None, Some(rate)),
    };
    let row = Row::default()
        .word(held_back)
        .name(&measured.operation)
        .optional(users)
        .optional(rate)
        .optional(measured.size_kib)
        .optional(measured.backend.map(|backend| backend.mean.as_ms()))
        .optional(measured.cores)
        .optional(measured.heap_gib)
        .optional(measured.backend.map(|backend| backend.cv))
        .optional(measured.think.map(|think| think.mean.as_ms()))
        .optional(measured.nodes.map(f64::from))
        .optional(measured.failures.map(|failures| failures.requests as f64))
        .optional(measured.answer_kib);
    figures.iter().fold(row, |row, figure| {
        let unit = if figure.unit() == Unit::Milliseconds { 1e3 } else { 1.0 };
        let shown = |value: Option<f64>| value.map(|value| value * unit);
        row.optional(shown(figure::measured(*figure, test)))
            .optional(shown(figure::simulated(*figure, test)))
            .optional(figure::error(*figure, &test.errors))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::fabricated;

    fn text(of: &Calibration) -> String {
        let mut bytes = Vec::new();
        calibration(of, &mut bytes).expect("memory takes everything");
        String::from_utf8(bytes).expect("CSV is text")
    }

    #[test]
    fn every_test_is_a_row_and_those_held_back_are_two() {
        for (name, calibration) in fabricated::every() {
            let text = text(&calibration);
            insta::assert_snapshot!(format!("calibration_{name}"), text);
            let rows = csv::Reader::from_reader(text.as_bytes()).into_records().count();
            assert_eq!(rows, calibration.tests.len() + calibration.held_back.len(), "{name}");
        }
    }

    #[test]
    fn numbers_read_back_as_they_were_found() {
        let calibration = fabricated::gateway();
        let text = text(&calibration);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().expect("a header").clone();
        let column =
            |name: &str| columns.iter().position(|column| column == name).expect("a column");
        let record = reader.records().next().expect("a row").expect("readable");
        let number = |name: &str| record[column(name)].parse::<f64>().expect("a number");
        let test = &calibration.held_back[0];
        assert_eq!(number("measured_p99_9_ms"), test.measured.quantiles[5].1 * 1e3);
        assert_eq!(number("error_throughput"), test.errors.throughput.expect("stated"));
    }
}
