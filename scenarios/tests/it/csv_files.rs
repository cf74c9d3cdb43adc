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
fn a_column_may_stand_anywhere() {
    let csv = "note,rate_per_s,time_min\nx,10,0\ny,20,1\n";
    let loaded = load(csv, SCHEDULE, "\"1 ms\"").expect("valid");
    let Arrivals::Schedule { points } = &loaded.scenario.flows[0].arrivals else { panic!() };
    assert_eq!((points[1].0.as_seconds(), points[1].1), (60.0, 20.0));
}

#[test]
fn a_file_that_is_too_large_or_no_text_is_refused() {
    let refused = |bytes: &[u8], length: u64| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("day.csv");
        std::fs::write(&path, bytes).expect("written");
        let file = std::fs::File::options().write(true).open(&path).expect("it is there");
        file.set_len(length).expect("as long");
        let text = format!(
            "[[flow]]\nname = \"f\"\nkind = \"api\"\narrivals = {SCHEDULE}\n\
             [[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\nnodes = {{ all-in-one = 2 }}\n"
        );
        let loaded = load_text("case.toml", &text, folder.path(), &[]);
        loaded.err().map(|problems| problems.to_string()).unwrap_or_default()
    };
    let large = refused(b"time_s,rate_per_s\n0,1\n", 64 * 1024 * 1024 + 1);
    assert!(large.contains("the file is larger than 64 MiB; use a part of it"), "{large}");
    for text in [&b"time_s,rate_per_s\xff\n0,1\n"[..], b"time_s,rate_per_s\n0,1\n\xff,1\n"] {
        let said = refused(text, text.len() as u64);
        assert!(said.contains("write it as UTF-8 text"), "{said}");
    }
}

#[test]
fn a_trace_may_have_simultaneous_arrivals_and_warns_of_late_ones() {
    let loaded = load("time_s\n0.5\n0.5\n9000\n", TRACE, "\"1 ms\"").expect("valid");
    let Arrivals::Trace { times } = &loaded.scenario.flows[0].arrivals else { panic!() };
    assert_eq!(times.len(), 3);
    assert_eq!(loaded.warnings.len(), 1);
    let said = "arrivals outside of the window of 10 min are not simulated: 1 of the 3 of day.csv";
    assert_eq!(loaded.warnings[0], said);
}

#[test]
fn an_observed_law_takes_its_unit_from_header_or_key() {
    let column = "{ law = \"empirical\", file = \"day.csv\", column = \"b\", unit = \"s\" }";
    for (csv, law, mean_ms) in [
        ("latency_ms\n1\n3\n", OBSERVED, 2.0),
        ("s\n1\n3\n", OBSERVED, 2000.0),
        ("a_ms,b\n1,4\n3,6\n", column, 5000.0),
        ("a_ms,c,b\n1,4,7\n3,6,9\n", column, 8000.0),
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
        ("time_h,rate_per_s\n0,1\n1000000,1\n", SCHEDULE, "day.csv:3: `1000000` is too large"),
        ("time_s,rate_per_s\n5,1\n5,2\n", SCHEDULE, "day.csv:3: 5 does not come after 5"),
        ("time_s,rate\n5,1\n", SCHEDULE, "day.csv:1: there is no column `rate_per_s`"),
        (
            "time_s,rate\n5,1\n",
            SCHEDULE,
            "call the column that holds requests per second `rate_per_s`",
        ),
        ("when,rate\n5,1\n", SCHEDULE, "call the column that holds seconds `time_s`"),
        ("0,10\n5,20\n", SCHEDULE, "begin the file with a line that names its columns"),
        ("time,rate_per_s\n0,1\n", SCHEDULE, "call the column `time_s` where it holds seconds"),
        (
            "time,rate_per_s\n1 Nov,1\n",
            SCHEDULE,
            "day.csv:2: `1 Nov` is not a time; write a time of day",
        ),
        ("time,rate_per_s\n9:30,1\n10,2\n", SCHEDULE, "day.csv:3: `10` is not a time of day"),
        (
            "time,rate_per_s\n9:30,1\n9:15,2\n",
            SCHEDULE,
            "9:15 does not come after 9:30; sort the rows by `time`",
        ),
        ("time,rate_per_s\n9:30,1\n", SCHEDULE, "add run.from = \"9:30\""),
        (
            "time_s;rate_per_s\n0;10\n",
            SCHEDULE,
            "day.csv:1: the columns are separated by semicolons",
        ),
        ("time_s\trate_per_s\n0\t10\n", SCHEDULE, "the columns are separated by tabs"),
        ("time_s|rate_per_s\n0|10\n", SCHEDULE, "the columns are separated by vertical bars"),
        (
            "time_s,rate_per_s\n0,10,5\n",
            SCHEDULE,
            "day.csv:2: 3 values stand under 2 names; decimals are",
        ),
        ("time_s,rate_per_s\n0,\"10,5\"\n", SCHEDULE, "decimals are written with a point: 10.5"),
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
        ("latency_h\n1000000\n", OBSERVED, "day.csv:2: `1000000` is too large"),
        ("ms\n1\n", "{ law = \"empirical\", file = \"no.csv\" }", "no.csv: cannot be read"),
        ("ms\n1\n", "{ law = \"empirical\", file = \".\" }", ".: this is not a file"),
        ("ms\n1\n", "{ law = \"empirical\", file = \"day.csv\", cv = 1 }", "`cv` makes no sense"),
    ];
    for (csv, law, expected) in laws {
        let problems = load(csv, POISSON, law).expect_err(csv);
        assert!(problems.contains(expected), "{law}: {problems}");
    }
}

/// The points of the schedule of a file, with these settings of the run, and the warnings.
fn schedule(csv: &str, run: &str) -> (Vec<(f64, f64)>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("day.csv"), csv).expect("written");
    let text = format!(
        "[run]\n{run}\n[[flow]]\nname = \"f\"\nkind = \"api\"\narrivals = {SCHEDULE}\n\
         [[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\nnodes = {{ all-in-one = 2 }}\n"
    );
    let loaded = load_text("case.toml", &text, folder.path(), &[]);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{run}: {problems}"));
    let Arrivals::Schedule { points } = &loaded.scenario.flows[0].arrivals else { panic!() };
    (points.iter().map(|(time, rate)| (time.as_seconds(), *rate)).collect(), loaded.warnings)
}

#[test]
fn a_window_begins_and_ends_at_a_time_of_day() {
    let hours: Vec<String> =
        (0..=24).map(|hour| format!("{},{}", hour * 3600, 100 * hour)).collect();
    let seconds = format!("time_s,rate_per_s\n{}\n", hours.join("\n"));
    let clock = "time,rate_per_s\n09:00,900\n10:00,1000\n11:00:00,1100\n";
    // Nine, ten and eleven o'clock of 15 November 2023 UTC.
    let epoch = "timestamp,rate_per_s\n1700038800,900\n1700042400,1000\n1700046000,1100\n";
    let minutes = "time_min,rate_per_s\n540,900\n600,1000\n660,1100\n";
    let run = "from = \"09:30\"\nto = \"10:30\"";
    for (csv, run) in [
        (seconds.as_str(), run),
        (clock, run),
        (minutes, run),
        (epoch, run),
        (clock, "from = 09:30:00\nwindow = \"1 h\""),
    ] {
        let (points, warnings) = schedule(csv, run);
        assert_eq!(points[..3], [(0.0, 950.0), (1800.0, 1000.0), (5400.0, 1100.0)], "{csv}");
        assert_eq!(warnings, Vec::<String>::new(), "{csv}");
    }
    // For as many days as the window has.
    let (points, _) = schedule(&seconds, "from = \"00:00\"\nwindow = \"60 h\"");
    assert!(points.iter().zip(&points[1..]).all(|(one, next)| one.0 < next.0), "{points:?}");
    for (time, rate) in
        [(12.0, 1200.0), (24.0, 2400.0), (25.0, 100.0), (49.0, 100.0), (60.0, 1200.0)]
    {
        assert!(points.contains(&(time * 3600.0, rate)), "{time} h: {points:?}");
    }
    assert!(points.iter().all(|(time, _)| *time <= 72.0 * 3600.0), "{points:?}");
    // One that ends hours before midnight, or begins long after it, is no whole day.
    let part = |from: usize, to: usize| {
        let csv = format!("time_s,rate_per_s\n{}\n", hours[from..=to].join("\n"));
        schedule(&csv, "from = \"00:00\"\nwindow = \"60 h\"").0.last().copied()
    };
    assert_eq!(part(0, 22), Some((22.0 * 3600.0, 2200.0)));
    assert_eq!(part(2, 24), Some((24.0 * 3600.0, 2400.0)));
    // Files of seconds since 1970 have midnights of their own.
    let epoch: Vec<String> =
        (0..=24).map(|hour| format!("{},{}", 1_700_006_400 + hour * 3600, 100 * hour)).collect();
    let epoch = format!("timestamp,rate_per_s\n{}\n", epoch.join("\n"));
    let (points, _) = schedule(&epoch, "from = \"00:00\"\nwindow = \"30 h\"");
    assert!(points.contains(&(25.0 * 3600.0, 100.0)), "{points:?}");
    // A day begins again at its end: 23:00 is 2300 /s, midnight 2400 /s and then again 0.
    let (points, warnings) = schedule(&seconds, "from = \"23:30\"\nto = \"01:30\"");
    assert_eq!(points[..4], [(0.0, 2350.0), (1800.0, 2400.0), (5400.0, 100.0), (9000.0, 200.0)]);
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn times_of_day_go_on_after_midnight() {
    let csv = "time,rate_per_s\n13:00,100\n00:30,200\n01:00,300\n";
    let (points, _) = schedule(csv, "from = \"13:00\"\nto = \"02:00\"");
    assert_eq!(points[..3], [(0.0, 100.0), (41_400.0, 200.0), (43_200.0, 300.0)]);
    // Half a day back, or less, is no next day.
    let back = load("time,rate_per_s\n12:30,1\n00:30,2\n", SCHEDULE, "\"1 ms\"");
    let said = back.err().unwrap_or_default();
    assert!(said.contains("00:30 does not come after 12:30"), "{said}");
}

#[test]
fn large_numbers_of_small_units_are_times_of_a_long_window() {
    let csv = "time_ms,rate_per_s\n1200000000,1\n1200001000,2\n";
    let (points, _) = schedule(csv, "window = \"20 d\"");
    assert_eq!(points, [(1_200_000.0, 1.0), (1_200_001.0, 2.0)]);
    let csv = "time_us,rate_per_s\n1700000000000000,1\n1700000001000000,2\n";
    let (points, warnings) = schedule(csv, "window = \"1 s\"");
    assert_eq!(points, [(0.0, 1.0), (1.0, 2.0)]);
    assert!(warnings[0].contains("times since 1970"), "{warnings:?}");
}

#[test]
fn a_schedule_that_does_not_reach_says_what_it_holds() {
    let short = "time_s,rate_per_s\n0,10\n10,20\n";
    let (_, warnings) = schedule(short, "window = \"60 s\"");
    let said = "a schedule that ends before the window of 60 s holds its last rate: day.csv (20 /s from \
                10 s on)";
    assert_eq!(warnings, [said]);
    assert_eq!(schedule(short, "window = \"10 s\"").1, Vec::<String>::new());
    let late = "time_s,rate_per_s\n20,10\n60,20\n";
    let (points, warnings) = schedule(late, "window = \"60 s\"");
    assert_eq!(points, [(20.0, 10.0), (60.0, 20.0)]);
    assert!(warnings[0].ends_with("until then: day.csv (10 /s for 20 s)"), "{warnings:?}");
    let (_, warnings) = schedule(short, "window = \"5 s\"");
    assert!(warnings[0].contains("run.from and run.to: day.csv"), "{warnings:?}");
}

#[test]
fn a_trace_in_seconds_since_1970_begins_with_its_first_arrival() {
    for csv in [
        "timestamp\n1700000000.5\n1700000001\n",
        "time_ms\n1700000000500\n1700000001000\n",
        "time_s\n1700000000.5\n1700000001.0\n",
    ] {
        let loaded = load(csv, TRACE, "\"1 ms\"").expect("valid");
        let Arrivals::Trace { times } = &loaded.scenario.flows[0].arrivals else { panic!() };
        let seconds: Vec<_> = times.iter().map(|time| time.as_seconds()).collect();
        assert_eq!(seconds, [0.0, 0.5], "{csv}");
        assert!(loaded.warnings[0].ends_with("day.csv (2023-11-14 22:13:20 UTC)"), "{csv}");
    }
}

#[test]
fn from_and_to_belong_together() {
    let refused = |run: &str| {
        let text = format!(
            "[run]\n{run}\n[[flow]]\nname = \"f\"\nkind = \"api\"\narrivals = {POISSON}\n\
             [[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\nnodes = {{ all-in-one = 2 }}\n"
        );
        load_text("case.toml", &text, ".".as_ref(), &[]).expect_err(run).to_string()
    };
    for (run, said) in [
        ("to = \"10:30\"", "`to` makes no sense without `from`"),
        (
            "from = \"9:30\"\nto = \"10:30\"\nwindow = \"1 h\"",
            "`window` makes no sense beside `to`",
        ),
        ("from = \"25:00\"", "`25:00` is not a time of day; write it as \"09:30\""),
        ("from = 9", "`9` is not a time of day"),
    ] {
        assert!(refused(run).contains(said), "{run}: {}", refused(run));
    }
}
