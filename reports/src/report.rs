//! What a report is, and the list of all of them.

use std::io::{self, Write};

use sim::results::Results;

use crate::{chart, csv, json};

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

    /// Writes the whole file.
    ///
    /// # Errors
    ///
    /// If `out` does not take what is written, or a chart cannot be drawn.
    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError>;
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

/// Every report, in the order in which the files are named to the user.
pub fn all() -> Vec<Box<dyn Report>> {
    vec![
        Box::new(csv::Summary),
        Box::new(csv::Clusters),
        Box::new(csv::Latency),
        Box::new(csv::Timeline),
        Box::new(csv::Goals),
        Box::new(csv::Differences),
        Box::new(csv::Explain),
        Box::new(chart::Comparison),
        Box::new(chart::Latency),
        Box::new(chart::Utilisation),
        Box::new(chart::Timeline),
        Box::new(chart::Explain),
        Box::new(json::ResultsJson),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fabricated;

    #[test]
    fn file_names_are_unique() {
        let names: BTreeSet<_> = all().iter().map(|report| report.file_name()).collect();
        assert_eq!(names.len(), all().len());
    }

    #[test]
    fn a_report_is_a_file_where_it_has_something_to_tell() {
        let names = |results: &Results| -> Vec<_> {
            let reports = all().into_iter().filter(|report| report.applies(results));
            reports.map(|report| report.file_name()).collect()
        };
        let always = ["summary.csv", "clusters.csv", "latency.csv"];
        let charts = ["comparison.png", "latency.png", "utilisation.png"];
        let compared = [&always[..], &["goals.csv", "differences.csv"], &charts, &["results.json"]];
        assert_eq!(names(&fabricated::launch()), compared.concat());
        // One deployment without goals.
        let alone = [&always[..], &charts, &["results.json"]];
        assert_eq!(names(&fabricated::single()), alone.concat());
    }

    /// A disk that is full.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_the_disk_does_not_take_is_an_error_of_every_report() {
        let results = fabricated::drill();
        for report in all() {
            let written = report.write(&fabricated::context(&results), &mut Full);
            assert!(written.is_err(), "{}", report.file_name());
        }
    }

    #[test]
    fn every_report_is_written_twice_with_the_same_bytes_whatever_the_results() {
        for (name, results) in fabricated::every() {
            let context = fabricated::context(&results);
            for report in all().iter().filter(|report| report.applies(&results)) {
                let write = || {
                    let mut bytes = Vec::new();
                    report.write(&context, &mut bytes).expect("memory takes everything");
                    bytes
                };
                assert_eq!(write(), write(), "{name}: {}", report.file_name());
            }
        }
    }

    #[test]
    fn a_timeline_is_written_only_where_a_drill_is_scripted() {
        let timelines = |results: &Results| {
            all()
                .iter()
                .filter(|report| report.file_name().starts_with("timeline"))
                .filter(|report| report.applies(results))
                .count()
        };
        assert_eq!(timelines(&fabricated::launch()), 0);
        assert_eq!(timelines(&fabricated::drill()), 2);
    }
}
