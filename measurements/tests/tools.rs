//! What load generators wrote beside what was true: each drove a server that noted how long it really held
//! every request. Excerpts stand here; whole files are read as well where they are.

use std::fs;
use std::path::{Path, PathBuf};

use measurements::{Options, read};
use sim::measurement::{Load, Measurement};

/// Where the excerpts are.
const EXCERPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/load_tests");

/// Where whole files may be.
const WHOLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/load-test-outputs");

/// One file, and how exact it is.
struct Case {
    excerpt: &'static str,
    /// The whole file, and what was true of it.
    whole: (&'static str, &'static str),
    /// How the line of a request is known.
    marked: &'static str,
    /// Requests are written in the order in which they began, and not ended.
    by_start: bool,
    /// How many users there were; none where requests came by themselves or the file does not show it.
    users: Option<u32>,
    /// As a share and as seconds.
    exact_to: (f64, f64),
}

const CASES: [Case; 12] = [
    Case {
        excerpt: "h2load.log",
        whole: ("h2load/req.log", "h2load/truth.csv"),
        marked: "",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.000_8),
    },
    Case {
        excerpt: "hey.csv",
        whole: ("hey/hey.csv", "hey/truth.csv"),
        marked: "",
        by_start: false,
        users: Some(10),
        exact_to: (0.015, 0.000_4),
    },
    Case {
        excerpt: "oha.csv",
        whole: ("oha/oha.csv", "oha/truth-oha.csv.csv"),
        marked: "",
        by_start: true,
        users: None,
        exact_to: (0.02, 0.000_8),
    },
    Case {
        excerpt: "tsung.dump",
        whole: ("tsung/tsung.dump", "tsung/truth.csv"),
        marked: "",
        by_start: false,
        users: None,
        exact_to: (0.01, 0.001_5),
    },
    Case {
        excerpt: "jmeter-2.13-no-header.jtl",
        whole: ("jmeter-2.13/default-no-header.jtl", "jmeter-2.13/truth.csv"),
        marked: "",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.001_5),
    },
    Case {
        excerpt: "jmeter-2.13-dates.jtl",
        whole: (
            "jmeter-2.13/header-semicolon-dates.jtl",
            "jmeter-2.13/truth-header-semicolon-dates.jtl.csv",
        ),
        marked: "",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.001_5),
    },
    Case {
        excerpt: "jmeter-2.13.xml",
        whole: ("jmeter-2.13/out.xml.jtl", "jmeter-2.13/truth-out.xml.jtl.csv"),
        marked: "<httpSample",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.001_5),
    },
    Case {
        excerpt: "jmeter-5.6.2.jtl",
        whole: ("jmeter-5.6.2/out.jtl", "jmeter-5.6.2/truth.csv"),
        marked: "",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.001_5),
    },
    Case {
        excerpt: "jmeter-5.6.2.xml",
        whole: ("jmeter-5.6.2/out.xml.jtl", "jmeter-5.6.2/truth-out.xml.jtl.csv"),
        marked: "<httpSample",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.001_5),
    },
    Case {
        excerpt: "jmeter-5.6.2-without-threads.jtl",
        whole: (
            "jmeter-5.6.2/out-without-threads-bytes.jtl",
            "jmeter-5.6.2/truth-out-without-threads-bytes.jtl.csv",
        ),
        marked: "",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.001_5),
    },
    Case {
        excerpt: "k6.csv",
        whole: ("k6-closed/out.csv", "k6-closed/truth.csv"),
        marked: "http_req_duration,",
        by_start: false,
        users: None,
        exact_to: (0.015, 0.000_4),
    },
    Case {
        excerpt: "k6.json",
        whole: ("k6-closed/out.json", "k6-closed/truth.csv"),
        marked: "{\"metric\":\"http_req_duration\"",
        by_start: false,
        users: Some(10),
        exact_to: (0.02, 0.000_8),
    },
];

/// What the server held its requests for, in the order of the file: an instant and the duration in µs, and
/// whether it was good.
fn truth(path: &Path, by_start: bool) -> Vec<(i64, i64, bool)> {
    let text = fs::read_to_string(path).expect("what was true");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let column = |name: &str| header.iter().position(|each| *each == name).expect("a column");
    let (start, held, status) = (column("start_us"), column("held_us"), column("status"));
    let mut rows: Vec<(i64, i64, bool)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |at: usize| cells[at].parse::<i64>().expect("a number");
            let at = number(start) + if by_start { 0 } else { number(held) };
            (at, number(held), cells[status] == "200")
        })
        .collect();
    rows.sort_unstable();
    rows
}

/// The lines that a measurement is of, from `file:first-last`.
fn lines(row: &Measurement) -> (usize, usize) {
    let (_, lines) = row.origin.rsplit_once(':').expect("lines");
    let (first, last) = lines.split_once('-').expect("the first and the last");
    (first.parse().expect("a number"), last.parse().expect("a number"))
}

fn expect_truth(case: &Case, path: &Path, of: &Path) {
    let file = path.display();
    let reading = read(path, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let [row] = &reading.measurements[..] else { panic!("{:?}", reading.measurements) };
    assert_eq!(row.flag, None, "{file}");
    match (row.load, case.users) {
        (Load::Closed { users }, Some(expected)) => assert_eq!(users, expected, "{file}"),
        (Load::Open { .. }, None) => {}
        other => panic!("{file}: {other:?}"),
    }
    // Those of the lines counted are as many of what was true.
    let (first, last) = lines(row);
    let text = fs::read_to_string(path).expect("the file");
    let is_request = |line: &&str| {
        let begins = line.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if case.marked.is_empty() { begins } else { line.contains(case.marked) }
    };
    let count = |until: usize| text.lines().take(until).filter(is_request).count();
    let counted = &truth(of, case.by_start)[count(first - 1)..count(last)];
    let mut held: Vec<f64> =
        counted.iter().filter(|each| each.2).map(|each| each.1 as f64 / 1e6).collect();
    held.sort_by(f64::total_cmp);
    let requests = row.requests.expect("counted") as usize;
    assert!(requests.abs_diff(held.len()) <= 3, "{file}: {requests} of {}", held.len());
    let mean = held.iter().sum::<f64>() / held.len() as f64;
    let close = |what: f64, found: f64, expected: (f64, f64)| {
        // A time is what the server held the request for, and the way there and back.
        let exact_to = |seconds: f64| case.exact_to.0 * seconds + case.exact_to.1;
        let least = expected.0 - 0.3 * exact_to(expected.0);
        let most = expected.1 + exact_to(expected.1);
        assert!((least..=most).contains(&found), "{file} {what}: {found}, not {expected:?}");
    };
    close(0.0, row.mean.expect("a mean"), (mean, mean));
    for (probability, found) in &row.quantiles {
        let above = (1.0 - probability) * held.len() as f64;
        if [0.5, 0.95, 0.99].contains(probability) && above >= 3.0 {
            // One request that a cold generator delayed by itself moves a quantile by one rank.
            let rank = (probability * held.len() as f64).ceil() as usize - 1;
            close(*probability, *found, (held[rank - 1], held[rank + 1]));
        }
    }
}

#[test]
fn what_is_read_of_every_tool_is_what_was_true() {
    for case in &CASES {
        let file = Path::new(EXCERPTS).join(case.excerpt);
        expect_truth(case, &file, &PathBuf::from(format!("{}.truth.csv", file.display())));
    }
}

#[test]
fn whole_files_are_read_as_well_where_they_are() {
    for case in &CASES {
        let file = Path::new(WHOLE).join(case.whole.0);
        if file.exists() {
            expect_truth(case, &file, &Path::new(WHOLE).join(case.whole.1));
        }
    }
}
