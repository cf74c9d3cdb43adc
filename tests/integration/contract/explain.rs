//! What `run --explain` says of where the time of requests goes.

use std::collections::BTreeMap;

use super::{field, rows, words};
use crate::program::{Folder, has_extension};

/// A short run of a shipped scenario.
const RUN: [&str; 6] =
    ["run", "launch-peak", "--set", "run.window=5 s", "--set", "run.replications=2"];

#[test]
fn the_parts_of_each_quantile_add_up_to_its_sojourn_time() {
    let folder = Folder::new();
    let ended = folder.run(&words(&[&RUN[..], &["--explain", "--out", "told"]].concat()));
    assert!(ended.stdout.contains("where the time goes: flow `orders` through `scalable`"));
    let rows = rows(&folder.read("told/explain.csv"));
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for row in &rows {
        let of = |column| field(row, column);
        let name = ["deployment", "flow", "quantile"].map(of).join(" ");
        let ms = |column| of(column).parse::<f64>().expect(column);
        let sum = sums.entry(name).or_insert((0.0, ms("sojourn_ms")));
        sum.0 += ms("ms");
    }
    assert!(sums.len() > 10, "{sums:?}");
    for (name, (parts, sojourn)) in &sums {
        assert!((parts - sojourn).abs() < 1e-9 * sojourn, "{name}: {parts}, not {sojourn}");
    }
    // A call crosses a hop of 0.7 ms to the gateway and one back, whatever else happens.
    let calls = rows
        .iter()
        .filter(|row| field(row, "flow") == "catalogue" && field(row, "activity") == "network");
    for row in calls {
        let ms: f64 = field(row, "ms").parse().expect("a number");
        assert!((ms - 1.4).abs() < 1e-9, "{row:?}");
    }
}

#[test]
fn to_be_explained_changes_nothing_of_what_a_run_finds() {
    let folder = Folder::new();
    folder.run(&words(&[&RUN[..], &["--explain", "--out", "told"]].concat()));
    folder.run(&words(&[&RUN[..], &["--out", "plain"]].concat()));
    let plain = folder.files("plain");
    let told: Vec<String> =
        folder.files("told").into_iter().filter(|file| !file.starts_with("explain")).collect();
    assert_eq!(told, plain);
    for file in plain.iter().filter(|file| has_extension(file, "csv")) {
        let read =
            |place: &str| std::fs::read(folder.path().join(place).join(file)).expect("a file");
        assert!(read("told") == read("plain"), "{file}");
    }
    // Where nobody asks any more, what was said before is gone.
    folder.run(&words(&[&RUN[..], &["--out", "told"]].concat()));
    assert_eq!(folder.files("told"), plain);
}
