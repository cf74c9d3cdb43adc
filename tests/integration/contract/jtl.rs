//! `run --jtl`: the requests of a simulated load test, as JMeter would have written them.

use std::sync::atomic::AtomicBool;

use measurements::{Format, Options};
use serde_json::Value;
use sim::deployment::routes::compile;
use sim::engine::{Asked, Run, simulate};
use sim::measurement::{Load, Measurement};
use sim::stats::Longer;
use sim::time::SimDuration;

use super::{QUEUE, field, rows};
use crate::program::{Folder, number};

const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,\
                      success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,\
                      IdleTime,Connect";

/// A load test of 100 users against one node, whose answers take from a few to hundreds of ms.
const LOAD_TEST: &str = r#"
[run]
window = "60 s"
warm_up = "5 s"
replications = 1

[[flow]]
name = "orders, all"
kind = "api"
arrivals = { process = "closed", users = 100 }
size = "2 KiB"
backend = { law = "exponential", mean = "30 ms" }

[[deployment]]
name = "one"
[deployment.clusters.server]
roles = ["gateway"]
nodes = 1
profile = "mine"

[profile.mine]
cores = 2
demand.passthrough = { mean = "1 ms", law = "exponential" }
"#;

/// Runs a scenario with `--jtl`, and returns its JSON and the file.
fn run(folder: &Folder, scenario: &str, words: &[&str]) -> (Value, String) {
    folder.write("test.toml", scenario);
    let first = ["run", "test.toml", "--json", "--jtl", "new/test.jtl"];
    let ended = folder.run(&[&first[..], words].concat());
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let text = folder.read("new/test.jtl");
    let wrote = format!("wrote {} requests to new/test.jtl", text.lines().count() - 1);
    assert!(ended.stderr.contains(&wrote), "{}", ended.stderr);
    assert_eq!(folder.files("new"), ["test.jtl"]);
    (ended.json(), text)
}

fn read(folder: &Folder) -> Vec<Measurement> {
    let path = folder.path().join("new/test.jtl");
    let reading = measurements::read(&path, &Options::default()).expect("a JMeter result");
    assert_eq!(reading.format, Format::Requests("a JMeter result"));
    // What ends in the first millisecond opens the window; nothing else is taken for ramp-up, and all
    // can be read.
    let (note, others) = reading.notes.split_first().expect("a note");
    assert!(others.iter().all(|note| note.contains("samples failed")), "{others:?}");
    let (_, said) = note.split_once("test.jtl: ").expect("the file");
    let left_out: u64 =
        said.split(' ').next().and_then(|count| count.parse().ok()).expect("a count");
    assert!(note.ends_with("samples of ramp-up, ramp-down and warm-up are left out"), "{note}");
    assert!(left_out <= 100, "no more than there are users: {note}");
    reading.measurements
}

fn assert_near(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, not {expected}");
}

#[test]
fn a_simulated_load_test_reads_back_as_what_the_run_reports() {
    let folder = Folder::new();
    let (results, text) = run(&folder, LOAD_TEST, &[]);
    let flow = &results["deployments"][0]["flows"][0];
    let [test] = &read(&folder)[..] else { panic!("one label") };
    assert_eq!((test.operation.as_str(), test.load), ("orders, all", Load::Closed { users: 100 }));
    assert_eq!((test.size_kib, test.error_fraction), (Some(2.0), Some(0.0)));
    let throughput = number(flow, "/throughput_rps/mean");
    assert_near("throughput", test.throughput.expect("a rate"), throughput, 0.01 * throughput);
    let mean = number(flow, "/sojourn_ms/mean/mean");
    assert_near("mean", test.mean.expect("a mean") * 1e3, mean, 0.01 * mean);
    let names = ["p50", "p75", "p90", "p95", "p98", "p99", "p99_9"];
    // A log shows the tenth and the fourth part, too.
    for (index, name) in (2..).zip(names) {
        let expected = number(flow, &format!("/sojourn_ms/{name}/mean"));
        let found = test.quantiles[index].1 * 1e3;
        assert_near(name, found, expected, 1.0 + 0.01 * expected);
    }
    // What was in flight when the window began is counted by the run and not written.
    let answered = throughput * 60.0;
    let written = text.lines().count() as f64 - 1.0;
    assert!(answered - 100.0 <= written && written <= answered, "{written} of {answered}");
}

#[test]
fn rows_are_samples_by_their_end_in_a_window_that_begins_with_2026() {
    let folder = Folder::new();
    let (_, text) = run(&folder, LOAD_TEST, &["--set", "run.window=5 s"]);
    assert_eq!(text.lines().next(), Some(HEADER));
    let (start, mut before) = (1_767_225_600_000_u64, 0);
    let mut threads = std::collections::BTreeSet::new();
    for row in rows(&text) {
        assert_eq!(row.len(), 17);
        let count = |name| field(&row, name).parse::<u64>().expect("a whole number");
        let (begin, elapsed) = (count("timeStamp"), count("elapsed"));
        assert!(start <= begin && begin + elapsed < start + 5000, "{row:?}");
        assert!(before <= begin + elapsed, "by the end: {row:?}");
        before = begin + elapsed;
        assert_eq!((count("Latency"), count("IdleTime"), count("Connect")), (elapsed, 0, 0));
        assert_eq!((count("grpThreads"), count("allThreads")), (100, 100));
        assert_eq!((count("bytes"), count("sentBytes")), (2048, 2048));
        let words = ["responseCode", "responseMessage", "success", "failureMessage"];
        assert_eq!(words.map(|name| field(&row, name)), ["200", "OK", "true", ""]);
        threads.insert(field(&row, "threadName").to_owned());
    }
    let expected: std::collections::BTreeSet<_> =
        (1..=100).map(|user| format!("orders, all 1-{user}")).collect();
    assert_eq!(threads, expected, "every user has a thread");
}

#[test]
fn failed_requests_are_samples_that_say_why() {
    let folder = Folder::new();
    let flow = "size = \"2 KiB\"\ntimeout = \"80 ms\"";
    let failing = LOAD_TEST
        .replace("size = \"2 KiB\"", flow)
        .replace("cores = 2", "cores = 2\nworkers = 1\nqueue = 20");
    // Without a warm-up every request that ends is written.
    let words = ["--set", "run.warm_up=0 s", "--set", "run.window=20 s"];
    let (results, text) = run(&folder, &failing, &words);
    let flow = &results["deployments"][0]["flows"][0];
    let rows = rows(&text);
    let share = |reason: &str| {
        let failed = rows.iter().filter(|row| field(row, "failureMessage") == reason);
        failed.count() as f64 / rows.len() as f64
    };
    let timeout = "Non HTTP response code: java.net.SocketTimeoutException";
    for (reason, code) in [("timed_out", timeout), ("rejected", "503")] {
        let found = share(reason);
        assert!(found > 0.001, "{reason}: {found}");
        let pointer = format!("/errors_by_cause/{reason}/mean");
        assert_near(reason, found, number(flow, &pointer), 1e-9);
        let failed = |row: &&Vec<_>| field(row, "failureMessage") == reason;
        for row in rows.iter().filter(failed) {
            assert_eq!((field(row, "responseCode"), field(row, "success")), (code, "false"));
        }
    }
    let [test] = &read(&folder)[..] else { panic!("one label") };
    // They are left out of all other figures.
    assert_eq!(test.error_fraction, Some(0.0));
    let failed = test.failures.expect("some failed").requests as f64;
    let answered = test.requests.expect("some were answered") as f64;
    let (found, expected) = (failed / (failed + answered), number(flow, "/error_fraction/mean"));
    assert_near("errors", found, expected, 0.01 * expected);
}

#[test]
fn the_file_is_of_the_first_replication_whatever_else_is_asked_for() {
    let folder = Folder::new();
    let short = ["--set", "run.window=2 s"];
    let (_, once) = run(&folder, LOAD_TEST, &short);
    let more = [&short[..], &["--set", "run.replications=4"]].concat();
    let mut results = Vec::new();
    for threads in ["1", "2"] {
        let (mut found, text) =
            run(&folder, LOAD_TEST, &[&more[..], &["--threads", threads]].concat());
        assert!(text == once, "the same bytes with {threads} threads");
        found["wall_seconds"] = Value::Null;
        results.push(found);
    }
    let plain = [&["run", "test.toml", "--json"][..], &more].concat();
    let mut plain = folder.json(&plain);
    plain["wall_seconds"] = Value::Null;
    assert!(results.iter().all(|found| *found == plain), "recording changes nothing");
    let (_, other) = run(&folder, LOAD_TEST, &[&short[..], &["--seed", "2"]].concat());
    assert!(other != once, "another seed is another test");
}

#[test]
fn the_silences_of_a_simulation_are_those_of_the_file_it_writes() {
    let folder = Folder::new();
    // Answers need the node as requests do: with one burst, they would pass it while it stands still.
    let collecting = LOAD_TEST.replace(
        "cores = 2",
        r#"cores = 2
bursts = 2
gc = { requests_per_pause = 700, pause = "20 ms", cv = 0.5 }"#,
    );
    folder.write("test.toml", &collecting);
    let loaded = scenarios::load(&folder.path().join("test.toml"), &[]).expect("a scenario");
    let flows = &loaded.scenario.flows;
    let network = compile(&loaded.scenario.deployments[0], flows).expect("a network");
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: SimDuration::from_seconds(3.000_654_321),
        window: SimDuration::from_seconds(120.0),
        outages: &[],
        suppliers: &[],
        asked: Asked { records: true, silences: true, ..Asked::default() },
    };
    let seen = simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it");
    let mut text = Vec::new();
    reports::jtl(flows, &seen.records, &mut text).expect("memory takes everything");
    let reading = measurements::read_from(&text[..], "test.jtl", &Options::default());
    let [test] = &reading.expect("a JMeter result").measurements[..] else { panic!("one label") };
    let (simulated, read) = (seen.silences.expect("asked for"), test.silences.as_ref());
    let read = read.expect("one operation alone");
    // The file begins with the first request that began in the window.
    let late = simulated.observed_seconds() - read.observed_seconds();
    assert!((0.0..0.2).contains(&late), "{late}");
    let told: Vec<usize> = read.telling(test.throughput.expect("a rate")).collect();
    assert!(told.len() >= 4, "{told:?}");
    for index in told {
        let (found, expected) = (read.longer(index), simulated.longer(index));
        assert!(expected.count().abs_diff(found.count()) <= 1, "{found:?}, not {expected:?}");
        if found.count() > 50 {
            let ms = |longer: &Longer| longer.mean_excess().expect("silences") * 1e3;
            assert_near("mean excess", ms(found), ms(expected), 0.5);
        }
    }
}

#[test]
fn an_open_flow_reads_back_at_its_rate() {
    let folder = Folder::new();
    let (results, _) = run(&folder, QUEUE, &["--set", "run.replications=1"]);
    let [test] = &read(&folder)[..] else { panic!("one label") };
    let expected = number(&results["deployments"][0]["flows"][0], "/throughput_rps/mean");
    assert_near("throughput", test.throughput.expect("a rate"), expected, 0.02 * expected);
}

#[test]
fn what_cannot_be_one_test_is_refused_at_once() {
    let folder = Folder::new();
    folder.write("test.toml", LOAD_TEST);
    std::fs::create_dir(folder.path().join("folder")).expect("a new folder");
    folder.write("file", "mine");
    folder.write("day.csv", "time_s,rate_per_s\n0,1\n86400,2\n");
    let day =
        LOAD_TEST.replace("window = \"60 s\"", "window = \"24 h\"\nsample = \"1 min\"").replace(
            "{ process = \"closed\", users = 100 }",
            "{ process = \"schedule\", file = \"day.csv\" }",
        );
    folder.write("day.toml", &day);
    let cases: [(&[&str], &[&str]); 5] = [
        (
            &["day.toml", "--jtl", "a.jtl"],
            &["day: `--jtl` writes when requests came", "remove `sample`"],
        ),
        (
            &["launch-peak", "--jtl", "a.jtl"],
            &["launch-peak: ", "there are 2: `ha`, `scalable`; write a scenario with only one"],
        ),
        (
            &["low-traffic", "streaming", "--jtl", "a.jtl"],
            &["one scenario; run each scenario on its own"],
        ),
        (&["test.toml", "--jtl", "folder"], &["cannot write folder: "]),
        (&["test.toml", "--jtl", "file/a.jtl"], &["cannot write file: "]),
    ];
    for (words, parts) in cases {
        let ended = folder.run(&[&["run"], words].concat());
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{words:?}");
        for part in parts {
            assert!(ended.stderr.contains(part), "{words:?}: {}", ended.stderr);
        }
    }
    assert!(!folder.files(".").contains(&"a.jtl".to_owned()));
    assert_eq!(folder.read("file"), "mine");
}
