//! What is offered more than it can carry is simulated and said to be overloaded; memory stays small.

use serde_json::Value;

use crate::program::{Folder, number, repository};

fn file() -> String {
    repository().join("tests/theory/overload.toml").to_string_lossy().into_owned()
}

fn overloaded(changes: &[&str]) -> Value {
    let folder = Folder::new();
    let file = file();
    let mut words = vec!["run", &file, "--json"];
    words.extend(changes.iter().flat_map(|change| ["--set", change]));
    let ended = folder.run(&words);
    assert_eq!(ended.status, Some(1), "the goal is missed: {}", ended.stderr);
    ended.json()["deployments"][0].clone()
}

/// Asserts that a number is what it should be but for 3 %.
#[track_caller]
fn assert_about(found: f64, exact: f64) {
    assert!((found / exact - 1.0).abs() < 0.03, "{found} is not about {exact}");
}

#[test]
fn an_overloaded_deployment_misses_its_goals_and_says_what_it_can_carry() {
    for discipline in ["profile.server.discipline=fcfs", "profile.server.discipline=ps"] {
        let found = overloaded(&[discipline]);
        assert_eq!((&found["verdict"], &found["meets_goals"]), (&"missed".into(), &false.into()));
        let overload = &found["overload"];
        assert_eq!(overload["cluster"], "server");
        assert_about(number(overload, "/offered_rps"), 2500.0);
        assert_about(number(overload, "/carried_rps"), 2000.0);
        assert_about(number(overload, "/offered_load_cores"), 2.5);
        assert_about(number(overload, "/cores"), 2.0);
        // It was simulated too, and carried what was said.
        assert_about(number(&found, "/flows/0/throughput_rps/mean"), 2000.0);
        assert!(number(&found, "/clusters/0/utilisation/mean") > 0.999);
        assert!(number(&found, "/flows/0/sojourn_ms/p99/mean") > 5000.0);
    }
}

#[test]
fn pauses_take_their_share_of_what_can_be_carried() {
    // A pause of 10 ms after every 100 requests: 1 ms of work and 0.1 ms of pause each.
    let pauses = "profile.server.gc={ requests_per_pause = 100, pause = \"10 ms\" }";
    let capacity = 2000.0 / 1.1;
    let found = overloaded(&[pauses]);
    assert_about(number(&found, "/overload/carried_rps"), capacity);
    // What is said to be carried is carried.
    let folder = Folder::new();
    let rate = format!("flow.requests.arrivals.rate={} /s", 0.95 * capacity);
    let words = ["run", &file(), "--json", "--set", pauses, "--set", &rate];
    let found = &folder.json(&words)["deployments"][0];
    assert_eq!(found["overload"], Value::Null);
    assert_about(number(found, "/flows/0/throughput_rps/mean"), 0.95 * capacity);
}

#[test]
fn a_found_warm_up_does_not_hide_an_overload() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(file()).expect("a file of the tests");
    folder.write("found.toml", text.replace("warm_up = \"1 s\"\n", ""));
    let ended = folder.run(&["run", "found.toml", "--json"]);
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    assert_about(number(&ended.json(), "/deployments/0/overload/carried_rps"), 2000.0);
}

#[test]
fn the_table_names_the_bottleneck_and_what_it_carries() {
    let folder = Folder::new();
    let ended = folder.run(&["run", &file()]);
    assert!(ended.stdout.contains("missed, overloaded"), "{}", ended.stdout);
    let sentence = "overloaded: `server` is offered 2.5 of 2 cores by `requests`, stops included; it can \
                    carry at most about 2 000 /s of the 2 500 /s offered";
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&ended.stdout).contains(&words(sentence)), "{}", ended.stdout);
}

#[cfg(target_os = "linux")]
mod memory {
    use std::time::Duration;

    use super::file;
    use crate::program::{Folder, wait};

    /// The largest memory that the program held while it ran with these words, KiB.
    fn peak_kib(words: &[&str]) -> f64 {
        let folder = Folder::new();
        let child = folder.start(words);
        let status = format!("/proc/{}/status", child.id());
        let watch = std::thread::spawn(move || {
            let mut peak = 0.0;
            // A process that has ended has no line of this name.
            while let Some(kib) = high_water_kib(&status) {
                peak = kib;
                std::thread::sleep(Duration::from_millis(2));
            }
            peak
        });
        let ended = wait(child, Duration::from_secs(120)).expect("it ends");
        assert!(matches!(ended.status, Some(0 | 1)), "{ended:?}");
        watch.join().expect("a watch")
    }

    fn high_water_kib(status: &str) -> Option<f64> {
        let text = std::fs::read_to_string(status).ok()?;
        let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    #[test]
    fn memory_does_not_grow_with_the_window() {
        let peak = |window: &str| {
            let window = format!("run.window={window}");
            let few = ["--set", "run.replications=2", "--set", "run.warm_up=5 s", "--threads", "1"];
            let first = ["run", "mobile-tokens", "--set", &window];
            peak_kib(&[&first[..], &few].concat())
        };
        let (short, long) = (peak("20 s"), peak("200 s"));
        assert!(long < 1.2 * short, "20 s: {short} KiB, 200 s: {long} KiB");
    }

    #[test]
    fn memory_of_an_overload_is_that_of_what_waits() {
        // At 500 requests a second for 60 s, 30 000 wait in the end.
        let peak = peak_kib(&["run", &file(), "--threads", "1"]);
        assert!(peak < 150_000.0, "{peak} KiB");
    }
}

#[test]
fn a_database_that_is_asked_more_often_than_it_can_answer_is_named() {
    let folder = Folder::new();
    let text = r#"
        run = { window = "10 s", warm_up = "5 s", replications = 2 }
        flow = [
            { name = "tokens", kind = "token", arrivals = { process = "poisson", rate = "600 /s" } },
            { name = "calls", kind = "api", arrivals = { process = "poisson", rate = "1 /s" } },
        ]
        deployment = [
            { name = "two", pattern = "simple-scalable", nodes = { control-plane = 2, gateway = 2 } },
            { name = "three", pattern = "simple-scalable", nodes = { control-plane = 3, gateway = 2 } },
        ]
        profile.control-plane.database = "200 ms"
    "#;
    folder.write("database.toml", text);
    let notes = |words: &[&str]| {
        let found = folder.json(&[&["run", "database.toml", "--json"], words].concat());
        [0, 1].map(|index| found["deployments"][index]["notes"].to_string())
    };
    // 600 /s for 200 ms are 120 at once; two nodes have 100 connections, three have 150.
    let [two, three] = notes(&[]);
    let sentence = "cluster `control-plane` would have 120 calls to its database under way at once, and \
                    its nodes have 100 connections: at most 83 % of what is offered can be carried";
    assert!(two.contains(sentence), "{two}");
    assert!(!three.contains("database"), "{three}");
    let bounded = "profile.control-plane.database={ delay = \"200 ms\", at_once = 60 }";
    let [two, three] = notes(&["--set", bounded]);
    assert!(two.contains("the database serves 60: at most 50 %"), "{two}");
    assert!(three.contains("the database serves 60: at most 50 %"), "{three}");
}
