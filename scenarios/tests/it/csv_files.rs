//! Schedules, traces and observed laws from CSV files.

use scenarios::load_text;
use sim::deployment::Arrivals;

/// Loads a flow whose arrivals and backend name CSV files with this text.
fn load(csv: &str, arrivals: &str, backend: &str) -> Result<scenarios::Loaded, String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("day.csv"), csv).expect("written");
    let text = format!(
        "title = \"t\"\n[[flow]]\nname = \"f\"\nkind = \"api\"\narrivals = {arrivals}\n\
         backend = {backend}\n[[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\n\
         nodes = {{ all-in-one = 2 }}\n"
    );
    load_text("case.toml", &text, folder.path(), &[]).map_err(|problems| problems.to_string())
}

const POISSON: &str = "{ process = \"poisson\", rate = \"1 /s\" }";
const SCHEDULE: &str = "{ process = \"schedule\", file = \"day.csv\" }";
const TRACE: &str = "{ process = \"trace\", file = \"day.csv\" }";
const OBSERVED: &str = "{ law = \"empirical\", file = \"day.csv\" }";

#[test]
fn a_schedule_is_read_by_header() {
    let csv = "\u{feff}rate_per_s, time_s\r\n10, 0\r\n# noon\r\n20.5, 60\r\n";
    let loaded = load(csv, SCHEDULE, "\"1 ms\"").expect("valid");
    let Arrivals::Schedule { points } = &loaded.scenario.flows[0].arrivals else { panic!() };
    assert_eq!(points.len(), 2);
    assert_eq!((points[1].0.as_seconds(), points[1].1), (60.0, 20.5));
}

#[test]
fn a_trace_may_have_simultaneous_arrivals_and_warns_of_late_ones() {
    let loaded = load("time_s\n0.5\n0.5\n9000\n", TRACE, "\"1 ms\"").expect("valid");
    let Arrivals::Trace { times } = &loaded.scenario.flows[0].arrivals else { panic!() };
    assert_eq!(times.len(), 3);
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].starts_with("1 of the 3 arrivals"), "{:?}", loaded.warnings);
}

#[test]
fn an_observed_law_takes_its_unit_from_header_or_key() {
    let column = "{ law = \"empirical\", file = \"day.csv\", column = \"b\", unit = \"s\" }";
    for (csv, law, mean_ms) in [
        ("latency_ms\n1\n3\n", OBSERVED, 2.0),
        ("s\n1\n3\n", OBSERVED, 2000.0),
        ("a_ms,b\n1,4\n3,6\n", column, 5000.0),
    ] {
        let loaded = load(csv, POISSON, law).expect(csv);
        let backend = loaded.scenario.flows[0].backend.as_ref().expect("a backend");
        assert!((backend.mean.as_ms() - mean_ms).abs() < 1e-9, "{csv}");
    }
}

#[test]
fn what_is_wrong_with_a_csv_file_names_it_and_its_line() {
    let cases = [
        ("time_s,rate_per_s\n0,1\n5,x\n", SCHEDULE, "day.csv:3: `x` is not a number"),
        ("time_s,rate_per_s\n0,1\n5,-1\n", SCHEDULE, "day.csv:3: `-1` is negative"),
        ("time_s,rate_per_s\n5,1\n5,2\n", SCHEDULE, "day.csv:3: 5 does not come after 5"),
        ("time_s,rate\n5,1\n", SCHEDULE, "day.csv:1: there is no column `rate_per_s`"),
        ("time_s,rate_per_s\n5\n", SCHEDULE, "day.csv:2: `` is not a number"),
        ("time_s,rate_per_s\n0,0\n", SCHEDULE, "all rates are 0"),
        ("time_s,rate_per_s\n0,1e300\n", SCHEDULE, "is too large"),
        ("time_s\n2\n1\n", TRACE, "day.csv:3: 1 does not come after 2"),
        ("time_s\nnan\n", TRACE, "day.csv:2: `nan` is not a number"),
        ("time_s\n1e300\n", TRACE, "day.csv:2: `1e300` is too large"),
        ("time_s\n", TRACE, "day.csv: there are no rows"),
        ("", TRACE, "day.csv: there are no rows"),
    ];
    for (csv, arrivals, expected) in cases {
        let problems = load(csv, arrivals, "\"1 ms\"").expect_err(csv);
        assert!(problems.contains(expected), "{csv}: {problems}");
        assert!(problems.starts_with("case.toml:5:"), "{problems}");
    }
    let laws = [
        ("x\n1\n", OBSERVED, "the column `x` has no unit"),
        ("a_ms,b_ms\n1,2\n", OBSERVED, "there are several columns"),
        ("ms\n0\n0\n", OBSERVED, "needs at least one value"),
        ("ms\n1\n", "{ law = \"empirical\", file = \"no.csv\" }", "no.csv: cannot be read"),
        ("ms\n1\n", "{ law = \"empirical\", file = \".\" }", ".: this is not a file"),
        ("ms\n1\n", "{ law = \"empirical\", file = \"day.csv\", cv = 1 }", "`cv` makes no sense"),
    ];
    for (csv, law, expected) in laws {
        let problems = load(csv, POISSON, law).expect_err(csv);
        assert!(problems.contains(expected), "{law}: {problems}");
    }
}
