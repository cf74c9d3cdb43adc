//! What scripts and people rely on: files, columns, words, exit status, the same bytes again.

mod causes;
mod commands;
mod explain;
mod html;
mod jtl;
mod numbers;
mod outputs;
mod plan;
mod sensitivity;
mod status;
mod study;
mod sweep;

/// A shipped scenario, shortened: `run` with these words takes a fraction of a second.
const SHORT: [&str; 6] =
    ["--set", "run.window=5 s", "--set", "run.warm_up=1 s", "--set", "run.replications=3"];

const SCENARIOS: [&str; 14] = [
    "full-heap",
    "hung-gateway",
    "launch-peak",
    "low-traffic",
    "mobile-tokens",
    "opaque-tokens",
    "control-plane-away",
    "node-lost",
    "noisy-tenant",
    "retry-storm",
    "rolling-update",
    "streaming",
    "tenant-tenfold",
    "vanished-zone",
];

/// One node without goals; ends at once.
const QUEUE: &str = r#"
[run]
window = "2 s"
warm_up = "1 s"
replications = 3

[[flow]]
name = "calls"
kind = "api"
arrivals = { process = "poisson", rate = "500 /s" }

[[deployment]]
name = "one"
[deployment.clusters.server]
roles = ["gateway"]
nodes = 1
profile = "mine"

[profile.mine]
cores = 1
demand.passthrough = { mean = "1 ms", law = "exponential" }
"#;

fn words<'a>(first: &[&'a str]) -> Vec<&'a str> {
    [first, &SHORT].concat()
}

/// The rows of a CSV file as names and fields.
fn rows(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        header.iter().zip(&record).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    };
    reader.records().map(|record| row(record.expect("as many fields as the header"))).collect()
}

fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    let found = row.iter().find(|(column, _)| column == name);
    found.map_or_else(|| panic!("no column {name}"), |(_, field)| field.as_str())
}
