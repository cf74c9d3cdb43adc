//! The list of all reports.

use crate::report::Report;
use crate::{chart, csv, json};

/// Every report, in the order in which the files are named to the user.
pub fn all() -> Vec<Box<dyn Report>> {
    vec![
        Box::new(csv::Summary),
        Box::new(csv::Clusters),
        Box::new(csv::Latency),
        Box::new(csv::Timeline),
        Box::new(csv::Goals),
        Box::new(csv::Differences),
        Box::new(csv::Availability),
        Box::new(csv::Sensitivity),
        Box::new(csv::Explain),
        Box::new(csv::Isolation),
        Box::new(chart::Comparison),
        Box::new(chart::Latency),
        Box::new(chart::Utilisation),
        Box::new(chart::Timeline),
        Box::new(chart::Availability),
        Box::new(chart::Sensitivity),
        Box::new(chart::Explain),
        Box::new(chart::Isolation),
        Box::new(json::ResultsJson),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::{self, Write};

    use sim::results::Results;

    use super::*;
    use crate::fabricated;

    #[test]
    fn file_names_are_unique() {
        let names: BTreeSet<_> = all().iter().map(|report| report.file_name()).collect();
        assert_eq!(names.len(), all().len());
    }

    #[test]
    fn every_chart_is_told_in_words_and_nothing_else_is() {
        for report in all() {
            let is_chart =
                report.file_name().split_once('.').is_some_and(|(_, kind)| kind == "png");
            assert_eq!(report.picture().is_some(), is_chart, "{}", report.file_name());
        }
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
