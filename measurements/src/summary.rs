//! The `summary.csv` of WSO2's performance tests (`create-summary-csv.sh` in wso2/performance-common):
//! a row per scenario, heap, users, size, delay and label, and two hundred columns of which these count.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use sim::measurement::{BackendTimes, Load, Measurement, Observed};
use sim::time::SimDuration;

use crate::error::Trouble;
use crate::format::Format;
use crate::found::Found;
use crate::table::{Column, Table};
use crate::tally::MOST_BESIDE;

/// Headers that no other format has.
pub(crate) const TELLING: [&str; 5] =
    ["Scenario Name", "Concurrent Users", "# Samples", "Throughput (Requests/sec)", "Error %"];

/// How every label is called that nobody has named.
const NO_LABEL: &str = "HTTP Request";

/// Whose collections are not those of the node under test.
const BYSTANDERS: [&str; 3] = ["jmeter", "netty", "backend"];

struct Columns {
    scenario: Column,
    label: Column,
    heap: Column,
    users: Column,
    bytes: Column,
    delay: Column,
    samples: Column,
    failed: Column,
    failed_percent: Column,
    throughput: Column,
    mean: Column,
    sd: Column,
    max: Column,
    not_collecting: Column,
    /// The name before `GC Throughput (%)`.
    product: Option<String>,
    /// More than one node was under test.
    flag: Option<String>,
    /// With their probabilities, ascending.
    quantiles: Vec<(f64, Column)>,
}

/// Reads a row per measurement. Where one run has several labels, each is an operation and shares the
/// node with the others.
pub(crate) fn read<R: Read>(table: Table<R>, name: &str) -> Result<Found, Trouble> {
    let columns = Columns::of(&table);
    table.require(
        Format::Summary,
        &[
            ("`Scenario Name`", columns.scenario),
            ("`Concurrent Users`", columns.users),
            ("`Throughput (Requests/sec)`", columns.throughput),
            ("`Average Response Time (ms)`", columns.mean),
        ],
    )?;
    let mut runs: Vec<String> = Vec::new();
    let mut found = table.measurements(|table, line| {
        let measurement = columns.measurement(table, format!("{name}:{line}"))?;
        runs.push(columns.run(table, &measurement)?);
        Ok(measurement)
    })?;
    let mut labels: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (run, measurement) in runs.iter().zip(&found.measurements) {
        labels.entry(run).or_default().insert(measurement.operation.clone());
    }
    for (run, measurement) in runs.iter().zip(&mut found.measurements) {
        let others = labels[run.as_str()].iter().filter(|name| **name != measurement.operation);
        measurement.shares_node_with = others.take(MOST_BESIDE).cloned().collect();
    }
    Ok(found)
}

impl Columns {
    fn of<R: Read>(table: &Table<R>) -> Self {
        let column = |names: &[&str]| table.column(names);
        let collectors: Vec<(usize, &str)> =
            table.headers().iter().enumerate().filter_map(collector).collect();
        let first = collectors.first();
        let nodes = collectors.len();
        Self {
            scenario: column(&["Scenario Name", "Scenario"]),
            label: column(&["Label"]),
            heap: column(&["Heap Size"]),
            users: column(&["Concurrent Users"]),
            bytes: column(&["Message Size (Bytes)", "Message Size"]),
            delay: column(&[
                "Back-end Service Delay (ms)",
                "Backend Service Delay (ms)",
                "Back-end Delay (ms)",
                "Sleep Time (ms)",
            ]),
            samples: column(&["# Samples", "Samples"]),
            failed: column(&["Error Count"]),
            failed_percent: column(&["Error %"]),
            throughput: column(&["Throughput (Requests/sec)", "Throughput"]),
            mean: column(&["Average Response Time (ms)", "Average (ms)"]),
            sd: column(&["Standard Deviation of Response Time (ms)", "Standard Deviation (ms)"]),
            max: column(&["Maximum Response Time (ms)", "Max (ms)", "Maximum (ms)"]),
            not_collecting: first.map(|(column, _)| *column),
            product: first.map(|(_, name)| name.trim_end_matches(" 1").to_owned()),
            flag: (nodes > 1).then(|| format!("{nodes} nodes under test")),
            quantiles: table.quantile_columns(probability),
        }
    }

    fn measurement<R: Read>(
        &self,
        table: &Table<R>,
        origin: String,
    ) -> Result<Measurement, String> {
        let number = |column: Column| table.number(column);
        let fixed = |ms: f64| BackendTimes { mean: SimDuration::from_ms(ms), cv: 0.0 };
        let users = table.count(self.users, u32::MAX.into())?.ok_or("no `Concurrent Users`")?;
        let scenario = table.owned(self.scenario)?.ok_or("no `Scenario Name`")?;
        let operation = match table.owned(self.label)? {
            Some(label) if label != NO_LABEL && label != scenario => format!("{scenario}: {label}"),
            _ => scenario,
        };
        Ok(Measurement {
            origin,
            source: None,
            product: self.product.clone(),
            version: None,
            operation,
            observed: Observed::RoundTrip,
            load: Load::Closed { users: users as u32 },
            size_kib: number(self.bytes)?.map(|bytes| bytes / 1024.0),
            answer_kib: None,
            backend: number(self.delay)?.map(fixed),
            cores: None,
            heap_gib: table.text(self.heap)?.map(gib).transpose()?,
            nodes: None,
            requests: table.count(self.samples, u64::MAX)?,
            throughput: number(self.throughput)?,
            mean: table.seconds(self.mean)?,
            sd: table.seconds(self.sd)?,
            quantiles: table.quantiles(&self.quantiles)?,
            max: table.seconds(self.max)?,
            bounds: Vec::new(),
            gc_share: number(self.not_collecting)?.map(|percent| 1.0 - percent / 100.0),
            cpu_idle: None,
            silences: None,
            error_fraction: self.error_fraction(table)?,
            failures: None,
            think: None,
            test: None,
            shares_node_with: Vec::new(),
            flag: self.flag.clone(),
        })
    }

    /// By counts, which are not rounded, where they are stated.
    fn error_fraction<R: Read>(&self, table: &Table<R>) -> Result<Option<f64>, String> {
        let failed = table.number(self.failed)?;
        let samples = table.number(self.samples)?.filter(|samples| *samples > 0.0);
        let counted = failed.zip(samples).map(|(failed, samples)| failed / samples);
        let stated = table.number(self.failed_percent)?.map(|percent| percent / 100.0);
        Ok(counted.or(stated))
    }

    /// What all labels of one run have in common.
    fn run<R: Read>(&self, table: &Table<R>, row: &Measurement) -> Result<String, String> {
        let scenario = table.owned(self.scenario)?;
        let set = (scenario, row.load, row.size_kib, row.backend, row.heap_gib);
        Ok(format!("{set:?}"))
    }
}

/// The column and the name of a node under test, where a header is that of its collections.
fn collector((column, header): (usize, &String)) -> Option<(usize, &str)> {
    let name = header.strip_suffix("GC Throughput (%)")?.trim();
    let bystander = |prefix: &&str| name.to_ascii_lowercase().starts_with(*prefix);
    BYSTANDERS.iter().find(|prefix| bystander(prefix)).is_none().then_some((column, name))
}

/// 0.999 of `99.9th percentile of response time (ms)`.
fn probability(header: &str) -> Option<f64> {
    let (rank, rest) = header.split_once("th percentile")?;
    let of_times = rest == " (ms)" || rest == " of response time (ms)";
    let percent = rank.parse::<f64>().ok().filter(|percent| (0.0..100.0).contains(percent))?;
    // Hundredths of a per cent, so that the nearest decimal fraction is meant.
    of_times.then_some((percent * 1e4).round() / 1e6)
}

/// GiB of `2G`, `512M`, `4g`.
fn gib(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{}` is not a heap; write it as 2G or 512M", crate::error::shown(text));
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let per_gib = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "g" | "gb" | "gib" => 1.0,
        "m" | "mb" | "mib" => 1024.0,
        _ => return Err(wrong()),
    };
    let size = digits.parse::<f64>().ok().filter(|size| (0.0..=1e6).contains(size));
    size.map(|size| size / per_gib).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, read_from};

    const HEADER: &str = "Scenario Name,Heap Size,Concurrent Users,Message Size (Bytes),Back-end Service Delay (ms),Label,# Samples,Error Count,Error %,Throughput (Requests/sec),Average Response Time (ms),Average Users in the System,Standard Deviation of Response Time (ms),Minimum Response Time (ms),Maximum Response Time (ms),75th Percentile of Response Time (ms),90th Percentile of Response Time (ms),95th Percentile of Response Time (ms),98th Percentile of Response Time (ms),99th Percentile of Response Time (ms),99.9th Percentile of Response Time (ms),Received (KB/sec),Sent (KB/sec),WSO2 API Manager GC Throughput (%),WSO2 API Manager Memory Footprint (M),Netty Service GC Throughput (%),JMeter Client GC Throughput (%)";

    fn rows(text: &str) -> Vec<Measurement> {
        read_from(text.as_bytes(), "summary.csv", &Options::default())
            .expect("a summary")
            .measurements
    }

    #[test]
    fn a_row_is_read_with_its_units() {
        let rows = rows(&format!(
            "{HEADER}\nTransformation,2G,50,50,30,HTTP Request,1327635,1328,0.1,2213.01,22.5,49,26.91,1,5326,25,41,58,90,112,190,959.55,3907.34,94.92,2048,100,99.97\n"
        ));
        let row = &rows[0];
        assert_eq!(row.operation, "Transformation");
        assert_eq!(row.product.as_deref(), Some("WSO2 API Manager"));
        assert_eq!((row.heap_gib, row.load), (Some(2.0), Load::Closed { users: 50 }));
        assert_eq!(row.backend.map(|backend| backend.mean), Some(SimDuration::from_ms(30.0)));
        assert_eq!((row.requests, row.throughput), (Some(1_327_635), Some(2213.01)));
        assert_eq!((row.mean, row.sd, row.max), (Some(0.0225), Some(0.02691), Some(5.326)));
        assert_eq!(row.quantiles[0], (0.75, 0.025));
        assert_eq!(row.quantiles[5], (0.999, 0.19));
        assert!((row.gc_share.expect("stated") - 0.0508).abs() < 1e-9);
        assert_eq!(row.error_fraction, Some(1328.0 / 1_327_635.0));
        assert_eq!((row.flag.as_ref(), row.shares_node_with.len()), (None, 0));
    }

    #[test]
    fn older_headers_and_missing_figures_are_understood() {
        let rows = rows(
            "Message Size (Bytes),Sleep Time (ms),Concurrent Users,Scenario Name,Heap Size,\
             Throughput,Average (ms),Max (ms),99th Percentile (ms),Error %\n\
             1024,500,200,Passthrough,512M,390,510,900,N/A,0.00\n",
        );
        assert_eq!(rows[0].heap_gib, Some(0.5));
        assert_eq!(rows[0].backend.map(|backend| backend.mean), Some(SimDuration::from_ms(500.0)));
        assert_eq!((rows[0].quantiles.len(), rows[0].error_fraction), (0, Some(0.0)));
    }

    #[test]
    fn labels_of_one_run_share_the_node_and_two_nodes_are_flagged() {
        let rows = rows(
            "Scenario Name,Heap Size,Concurrent Users,Label,Throughput (Requests/sec),\
             Average Response Time (ms),WSO2 Identity Server 1 GC Throughput (%),\
             WSO2 Identity Server 2 GC Throughput (%)\n\
             SAML2,2G,50,Login,80,200,99,98\nSAML2,2G,50,Logout,80,200,99,98\n\
             SAML2,2G,100,Login,80,200,99,98\n",
        );
        assert_eq!(rows[0].operation, "SAML2: Login");
        assert_eq!(rows[0].shares_node_with, ["SAML2: Logout"]);
        assert!(rows[2].shares_node_with.is_empty());
        assert_eq!(rows[0].product.as_deref(), Some("WSO2 Identity Server"));
        assert_eq!(rows[0].flag.as_deref(), Some("2 nodes under test"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = |text: &str| {
            read_from(text.as_bytes(), "s.csv", &Options::default())
                .expect_err("refused")
                .to_string()
        };
        let missing = error("Scenario Name,Concurrent Users\nPassthrough,100\n");
        assert!(missing.starts_with(
            "s.csv:1: a summary of performance tests without `Throughput (Requests/sec)` and \
             `Average Response Time (ms)`; its columns are `Scenario Name`, `Concurrent Users`"
        ));
        let heap = error(&format!("{HEADER}\nP,two,{}\n", ["1"; 25].join(",")));
        assert_eq!(heap, "s.csv:2: `two` is not a heap; write it as 2G or 512M");
    }
}
