//! The summaries of load generators beside what was true of the good requests: a figure is as exact as its tool
//! makes it, or the truth lies between its bounds; what a tool falsifies is refused by its name.

use std::path::Path;

use measurements::{Options, read, read_from};
use sim::measurement::{Bounds, Figure, Load, Measurement, sift};

const EXCERPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/load_tests");

/// A file; what was true of its good requests: mean, p50, p95, p99 in ms; how exact its figures are, as a
/// share and in ms; its users, and what they did each second, failed requests included.
struct Case {
    file: &'static str,
    truth: [f64; 4],
    exact_to: (f64, f64),
    users: Option<u32>,
    rate: f64,
}

const CASES: [Case; 11] = [
    Case {
        file: "k6-summary.json",
        truth: [44.02, 28.69, 116.51, 204.56],
        exact_to: (0.01, 0.3),
        users: Some(10),
        // While all ten ran: 10 / 43.94 ms.
        rate: 227.6,
    },
    Case {
        file: "k6-summary-export.json",
        truth: [43.81, 28.74, 116.65, 204.57],
        exact_to: (0.01, 0.4),
        users: None,
        rate: 177.4,
    },
    Case {
        file: "locust_stats.csv",
        truth: [43.87, 28.61, 116.48, 204.57],
        exact_to: (0.025, 1.0),
        users: Some(10),
        rate: 215.2,
    },
    Case {
        file: "locust.json",
        truth: [43.87, 28.61, 116.48, 204.57],
        exact_to: (0.025, 1.0),
        users: Some(10),
        rate: 215.8,
    },
    Case {
        file: "artillery.json",
        truth: [44.54, 29.05, 118.17, 205.10],
        exact_to: (0.01, 2.0),
        users: None,
        rate: 172.0,
    },
    Case {
        file: "oha.json",
        truth: [44.0, 28.67, 116.62, 204.55],
        exact_to: (0.015, 0.0),
        users: Some(10),
        rate: 212.8,
    },
    Case {
        file: "autocannon.json",
        truth: [44.02, 28.69, 116.48, 204.57],
        exact_to: (0.015, 1.0),
        users: Some(10),
        rate: 230.4,
    },
    Case {
        file: "autocannon-R-C.json",
        truth: [43.64, 28.44, 115.25, 209.65],
        exact_to: (0.015, 1.0),
        users: None,
        rate: 145.9,
    },
    Case {
        file: "ab-percentiles.csv",
        truth: [44.12, 28.77, 116.47, 204.57],
        exact_to: (0.02, 0.0),
        users: Some(10),
        rate: 227.0,
    },
    Case {
        file: "jmeter-statistics.json",
        truth: [44.05, 28.75, 116.67, 204.54],
        exact_to: (0.01, 1.0),
        users: Some(10),
        rate: 183.9,
    },
    Case {
        file: "wrk.txt",
        truth: [44.02, 29.15, 117.58, 204.55],
        exact_to: (0.01, 0.0),
        users: Some(10),
        rate: 227.7,
    },
];

fn row(file: &str, options: &Options) -> Measurement {
    let reading = read(&Path::new(EXCERPTS).join(file), options).unwrap_or_else(|e| panic!("{e}"));
    let [row] = &reading.measurements[..] else { panic!("{file}: {:?}", reading.measurements) };
    row.clone()
}

/// Figures that are stated, in ms, with what was true and with their bounds.
fn figures(row: &Measurement, truth: [f64; 4]) -> Vec<(f64, f64, Option<Bounds>)> {
    let bounds = |figure: Figure| row.bounds.iter().find(|each| each.figure == figure).copied();
    let quantile = |p: f64| row.quantiles.iter().find(|each| each.0 == p).map(|each| each.1 * 1e3);
    let mean = row.mean.map(|mean| (mean * 1e3, truth[0], bounds(Figure::Mean)));
    let others = [(0.5, truth[1]), (0.95, truth[2]), (0.99, truth[3])];
    let others = others
        .into_iter()
        .filter_map(|(p, truth)| Some((quantile(p)?, truth, bounds(Figure::Quantile(p)))));
    mean.into_iter().chain(others).collect()
}

#[test]
fn figures_are_as_exact_as_their_tool_makes_them() {
    for Case { file, truth, exact_to, users, rate } in &CASES {
        // Who does not tell users is told.
        let tells =
            ["k6", "autocannon", "artillery", "wrk"].iter().any(|tool| file.starts_with(tool));
        let options = Options { users: users.filter(|_| !tells), ..Options::default() };
        let row = row(file, &options);
        assert_eq!(row.flag, None, "{file}");
        match (row.load, users) {
            (Load::Closed { users }, Some(expected)) => assert_eq!(users, *expected, "{file}"),
            (Load::Open { rate: found }, None) => {
                assert!((found / rate - 1.0).abs() < 0.01, "{file}: {found} /s");
            }
            other => panic!("{file}: {other:?}"),
        }
        let failed = row.failures.map_or(0.0, |all| all.rate);
        let asked = row.throughput.expect("a rate") + failed;
        assert!((asked / rate - 1.0).abs() < 0.015, "{file}: {asked} /s, not {rate}");
        let found = figures(&row, *truth);
        assert!(found.len() >= if *file == "wrk.txt" { 1 } else { 3 }, "{file}: {found:?}");
        for (value, truth, bounds) in found {
            let off = (value - truth).abs();
            assert!(off <= exact_to.0 * truth + exact_to.1, "{file}: {value}, not {truth}");
            if let Some(Bounds { low, high, .. }) = bounds {
                let (low, high) = (low * 1e3 - 0.5, high * 1e3 + 0.5);
                assert!((low..=high).contains(&truth), "{file}: {truth} is not in {low}..{high}");
                assert!(high - low < 0.4 * truth + 2.0, "{file}: {low}..{high} says nothing");
            }
        }
        // A hundredth of the requests failed, and it is said how far that moves the times.
        assert_eq!(sift(vec![row]).kept.len(), 1, "{file}");
    }
}

#[test]
fn who_does_not_tell_users_is_asked_for_them() {
    for file in ["oha.json", "locust.json", "locust_stats.csv", "jmeter-statistics.json"] {
        let flag = row(file, &Options::default()).flag.expect("no users");
        assert!(flag.contains("--users N"), "{file}: {flag}");
    }
}

fn refusal(name: &str, text: &str) -> String {
    read_from(text.as_bytes(), name, &Options::default()).expect_err("refused").to_string()
}

#[test]
fn what_a_tool_falsifies_is_refused_by_its_name_and_with_the_reason() {
    for (file, tool, reason) in [
        ("autocannon-R.json", "autocannon", "coordinated omission"),
        ("siege.json", "siege", "rounded to hundredths"),
        ("siege.log", "siege", "rounded to hundredths"),
    ] {
        let path = Path::new(EXCERPTS).join(file);
        let said = read(&path, &Options::default()).expect_err("refused").to_string();
        assert!(said.contains(tool) && said.contains(reason), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
    let text = std::fs::read_to_string(Path::new(EXCERPTS).join("jmeter-statistics.json"));
    let many = text.expect("a file").replace("4000", "20001");
    let said = refusal("statistics.json", &many);
    assert!(said.contains("JMeter's dashboard") && said.contains("last 20000 samples"), "{said}");
    let reading = read(&Path::new(EXCERPTS).join("wrk.txt"), &Options::default()).expect("a mean");
    assert!(reading.measurements[0].quantiles.is_empty());
    assert!(reading.notes[0].contains("the latencies of wrk are refused"), "{:?}", reading.notes);
    let binary = b"\x00\x00\x00\x00\x063.13.1\x00\x00\x00\x00\x07example";
    let said = read_from(&binary[..], "simulation.log", &Options::default()).expect_err("binary");
    assert!(said.to_string().contains("Gatling 3.12 or later"), "{said}");
}

#[test]
fn aggregate_reports_of_jmeter_are_rows_by_label() {
    let by_window = "Label,# Samples,Average,Median,90% Line,95% Line,99% Line,Min,Max,Error %,Throughput,Received KB/sec,Std. Dev.\n\
                     GET item,4000,44,29,86,117,205,0,1501,1.075%,183.9/sec,198.3,76.2\n\
                     POST item,1000,50,30,90,120,210,0,900,0.00%,46.0/sec,50,70\n\
                     TOTAL,5000,45,29,87,118,206,0,1501,0.86%,229.9/sec,248,75\n";
    let by_plugin = "sampler_label,aggregate_report_count,average,aggregate_report_median,aggregate_report_90%_line,aggregate_report_min,aggregate_report_max,aggregate_report_error%,aggregate_report_rate,aggregate_report_bandwidth,aggregate_report_stddev\n\
                     GET item,4000,44,29,86,0,1501,0.01075,183.9,198.3,76.2\n\
                     TOTAL,4000,44,29,86,0,1501,0.01075,183.9,198.3,76.2\n";
    let options = Options { users: Some(10), ..Options::default() };
    let reading = read_from(by_window.as_bytes(), "a.csv", &options).expect("a report");
    let names: Vec<&str> = reading.measurements.iter().map(|row| row.operation.as_str()).collect();
    assert_eq!(names, ["GET item", "POST item"]);
    let first = &reading.measurements[0];
    assert_eq!((first.mean, first.sd, first.requests), (Some(0.044), Some(0.0762), Some(3957)));
    assert_eq!(first.quantiles, [(0.5, 0.029), (0.9, 0.086), (0.95, 0.117), (0.99, 0.205)]);
    let reading = read_from(by_plugin.as_bytes(), "a.csv", &options).expect("a report");
    let row = &reading.measurements[0];
    assert_eq!((row.throughput, row.quantiles.len()), (Some(183.9 * (1.0 - 0.010_75)), 2));
    let said = refusal("a.csv", &by_window.replace("183.9/sec", "183.9/day"));
    assert!(said.contains("a.csv:2: `183.9/day` is no throughput"), "{said}");
}
