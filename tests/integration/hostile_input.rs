//! Whatever a file says, the program ends soon, with a status it knows, without a panic, and without
//! a number that is none in what it writes.

use std::fmt::Write;
use std::time::Duration;

use crate::program::{Ended, Folder, has_extension, wait};

/// Long enough for each of these files on a busy machine; one that does not end is found out.
const SOON: Duration = Duration::from_secs(120);

/// A scenario of one node, from its parts.
fn scenario(run: &str, flow: &str, profile: &str) -> String {
    format!(
        "[run]\nreplications = 2\nwarm_up = \"100 ms\"\n{run}\n\
         [[flow]]\nname = \"calls\"\nkind = \"api\"\n{flow}\n\
         [[deployment]]\nname = \"one\"\n[deployment.clusters.server]\nroles = [\"gateway\"]\n\
         nodes = 2\nprofile = \"mine\"\n[profile.mine]\n{profile}\n"
    )
}

const SECOND: &str = "window = \"1 s\"";
const CALLS: &str = "arrivals = { process = \"poisson\", rate = \"500 /s\" }";
const CORE: &str = "cores = 1\ndemand.passthrough = { mean = \"1 ms\", law = \"exponential\" }";

/// Runs a file and checks how it ends.
#[track_caller]
fn ends(name: &str, content: impl AsRef<[u8]>) -> Ended {
    let folder = Folder::new();
    folder.write("hostile.toml", content);
    let child = folder.start(&["run", "hostile.toml", "--out", "out"]);
    let ended = wait(child, SOON).unwrap_or_else(|| panic!("{name} does not end"));
    assert!(matches!(ended.status, Some(0..=2)), "{name}: {ended:?}");
    assert!(!ended.stderr.contains("panicked"), "{name}: {}", ended.stderr);
    no_nan(name, "table", &ended.stdout);
    if ended.status != Some(2) {
        for file in folder.files("out").iter().filter(|file| !has_extension(file, "png")) {
            no_nan(name, file, &folder.read(&format!("out/{file}")));
        }
        let _: serde_json::Value =
            serde_json::from_str(&folder.read("out/results.json")).expect("JSON");
    }
    ended
}

#[track_caller]
fn no_nan(name: &str, place: &str, text: &str) {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let bad = words.find(|word| ["nan", "inf", "infinity"].contains(&word.to_lowercase().as_str()));
    assert!(bad.is_none(), "{name}: {bad:?} in {place}\n{text}");
}

/// A file that is refused with a reason.
#[track_caller]
fn is_refused(name: &str, content: impl AsRef<[u8]>) {
    let ended = ends(name, content);
    assert_eq!(ended.status, Some(2), "{name}: {ended:?}");
    assert!(!ended.stderr.is_empty(), "{name} needs a reason");
}

/// A file that is simulated.
#[track_caller]
fn is_simulated(name: &str, content: impl AsRef<[u8]>) -> String {
    let ended = ends(name, content);
    assert!(matches!(ended.status, Some(0 | 1)), "{name}: {ended:?}");
    ended.stdout
}

#[test]
fn garbage_is_refused() {
    let noise: Vec<u8> =
        (0..100_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    is_refused("noise", noise);
    is_refused("zeros", vec![0; 10_000]);
    is_refused("an empty file", "");
    is_refused("a megabyte of brackets", "[".repeat(1 << 20));
    is_refused("a megabyte of braces", "a={".repeat(350_000));
    is_refused("nested arrays", format!("a = {}{}", "[".repeat(50_000), "]".repeat(50_000)));
    is_refused("a long key", format!("{} = 1", "a".repeat(1 << 20)));
    is_refused("a deep key", format!("{}a = 1", "a.".repeat(100_000)));
    is_refused("a long line", format!("title = \"{}", "x".repeat(1 << 20)));
    is_refused("escape codes", "title = \"\u{1b}[31mred\u{1b}[0m\"\n\u{1b}[2J = 1");
}

#[test]
fn numbers_beyond_all_measure_are_refused() {
    for rate in
        ["1e308 /s", "inf /s", "nan /s", "-0.1 /s", "1e-400 /s", "0 /s", "99999999999999999999 /s"]
    {
        let flow = format!("arrivals = {{ process = \"poisson\", rate = \"{rate}\" }}");
        is_refused(rate, scenario(SECOND, &flow, CORE));
    }
    for window in ["0 s", "1e300 d", "-1 s", "nan s", "0.1 ns"] {
        is_refused(window, scenario(&format!("window = \"{window}\""), CALLS, CORE));
    }
    for profile in [
        "cores = 1e308\ndemand.passthrough = \"1 ms\"",
        "cores = nan\ndemand.passthrough = \"1 ms\"",
        "cores = 0\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nworkers = 0\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nbursts = 65\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nmtbf = \"0 s\"\ndemand.passthrough = \"1 ms\"",
        "cores = 1\ndemand.passthrough = { mean = \"1 ms\", law = \"gamma\", cv = 1e9 }",
        "cores = 1\ndemand.passthrough = \"1e30 d\"",
    ] {
        is_refused(profile, scenario(SECOND, CALLS, profile));
    }
    let seed = "window = \"1 s\"\nseed = 99999999999999999999999";
    is_refused("a seed beyond all measure", scenario(seed, CALLS, CORE));
}

#[test]
fn work_without_end_is_refused() {
    let flow = "arrivals = { process = \"poisson\", rate = \"10000000 /s\" }";
    is_refused("a month of it", scenario("window = \"30 d\"", flow, CORE));
}

#[test]
fn a_slow_rate_or_a_short_window_finds_nothing_and_says_so() {
    let flow = "arrivals = { process = \"poisson\", rate = \"0.0001 /h\" }";
    for (name, file) in [
        ("no request", scenario(SECOND, flow, CORE)),
        ("one nanosecond", scenario("window = \"1 ns\"", CALLS, CORE)),
    ] {
        let said = is_simulated(name, file);
        let row = said.lines().filter(|line| line.starts_with("one ")).nth(1).expect("its row");
        assert!(row.contains('–'), "{name}: {said}");
    }
    is_simulated("one microsecond", scenario("window = \"1 us\"", CALLS, CORE));
    let goals = "[goal]\np99 = \"1 s\"\nerror_rate = \"1 %\"\navailability = \"99 %\"\n";
    is_simulated("goals on nothing", goals.to_owned() + &scenario(SECOND, flow, CORE));
    let found = scenario(SECOND, CALLS, CORE).replace("warm_up = \"100 ms\"\n", "");
    is_simulated("a warm-up to be found", &found);
    let nothing = scenario(SECOND, flow, CORE).replace("warm_up = \"100 ms\"\n", "");
    is_simulated("a warm-up of nothing", nothing);
}

#[test]
fn one_replication_has_no_half_widths() {
    let text = scenario(SECOND, CALLS, CORE).replace("replications = 2", "replications = 1");
    let said = is_simulated("one replication", format!("goal.p99 = \"1 s\"\n{text}"));
    assert!(said.contains("1 replication; no half-widths"), "{said}");
    assert!(
        said.lines().filter(|line| line.starts_with("one ")).all(|row| !row.contains('±')),
        "{said}"
    );
}

#[test]
fn one_tireless_user_is_no_endless_loop() {
    let flow = |more: &str| format!("arrivals = {{ process = \"closed\", users = 1 }}\n{more}");
    let tiny = "cores = 1\ndemand.passthrough = \"1 us\"";
    is_simulated("a tiny demand", scenario("window = \"100 ms\"", &flow(""), tiny));
    let short = "window = \"1 ms\"";
    let scenario = |run: &str, flow: &str, profile: &str| {
        scenario(run, flow, profile).replace("\"100 ms\"", "\"1 ms\"")
    };
    is_simulated(
        "a nanosecond",
        scenario(short, &flow(""), "cores = 1\ndemand.passthrough = \"1 ns\""),
    );
    let hasty = flow("timeout = \"1 ns\"\nretries = 15");
    is_simulated("a timeout of a nanosecond", scenario(short, &hasty, tiny));
    let full = "arrivals = { process = \"closed\", users = 1000 }";
    let shut = "cores = 1\nworkers = 1\nqueue = 0\ndemand.passthrough = \"1 ms\"";
    is_simulated("a thousand before a shut door", scenario(short, full, shut));
}

#[test]
fn timeouts_of_a_nanosecond_with_retries_end() {
    let flow = format!("{CALLS}\ntimeout = \"1 ns\"\nretries = {{ max = 15, back_off = \"0 s\" }}");
    is_simulated("no back-off", scenario(SECOND, &flow, CORE));
    let flow = format!(
        "{CALLS}\ntimeout = \"1 ns\"\nretries = {{ max = 15, back_off = \"100 y\", factor = 100 }}"
    );
    is_refused("a back-off in years", scenario(SECOND, &flow, CORE));
    is_simulated("a back-off of a life", scenario(SECOND, &flow.replace("100 y", "36500 d"), CORE));
    let flow = format!(
        "{CALLS}\ntimeout = \"1 ns\"\nretries = {{ max = 15, back_off = \"10 d\", factor = 100 }}"
    );
    is_simulated("a long back-off", scenario(SECOND, &flow, CORE));
}

#[test]
fn nodes_that_are_always_down_answer_nothing() {
    let down = format!("{CORE}\nmtbf = \"1 ms\"\nmttr = \"1 h\"");
    is_simulated("always down", scenario(SECOND, CALLS, &down));
    let closed = "arrivals = { process = \"closed\", users = 10 }\nretries = 3";
    is_simulated("always down, tireless users", scenario(SECOND, closed, &down));
    let flapping = format!("{CORE}\nmtbf = \"1 us\"\nmttr = \"1 us\"");
    is_simulated("flapping", scenario("window = \"100 ms\"", CALLS, &flapping));
    let instant = format!("{CORE}\nmtbf = \"1 ns\"\nmttr = \"1 ns\"");
    is_simulated(
        "flapping each nanosecond",
        scenario("window = \"1 ms\"", CALLS, &instant).replace("100 ms", "1 ms"),
    );
    let slow = format!("{CORE}\nmtbf = \"1 ms\"\nmttr = \"1 ms\"\nstart_up = \"100 d\"");
    is_simulated("an endless start-up", scenario(SECOND, CALLS, &slow));
}

#[test]
fn profiles_at_their_limits_are_simulated() {
    for profile in [
        "cores = 0.1\ndemand.passthrough = \"1 ms\"",
        "cores = 0.01\ndemand.passthrough = \"1 s\"",
        "cores = 1024\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nworkers = 1\nqueue = 0\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nworkers = 1000000\nqueue = 1000000000\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nbursts = 64\ndemand.passthrough = \"1 ns\"",
        "cores = 1\nbursts = 64\ndiscipline = \"fcfs\"\ndemand.passthrough = \"1 ms\"",
        "cores = 1\ndemand.passthrough = \"100 d\"",
        "cores = 1\ndemand.passthrough = { mean = \"1 ms\", law = \"gamma\", cv = 100 }",
        "cores = 1\ndemand.passthrough = { mean = \"1 ms\", law = \"pareto\", cv = 100 }",
        "cores = 1\ndemand.passthrough = { mean = \"1 ms\", law = \"weibull\", cv = 0.01 }",
        "cores = 1\ngc = { requests_per_pause = 1, pause = \"1 d\" }\ndemand.passthrough = \"1 ms\"",
        "cores = 1\ngc = { requests_per_pause = 1, pause = \"0 s\" }\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nhop = \"1 d\"\ndemand.passthrough = \"1 ms\"",
        "cores = 1\nmtbf = \"50 ms\"\nmttr = \"1 ms\"\ncold_start = { factor = 1000, decay = \"30 d\" }\n\
         demand.passthrough = \"1 ms\"",
    ] {
        is_simulated(profile, scenario(SECOND, CALLS, profile));
    }
}

#[test]
fn messages_of_a_gibibyte_are_simulated() {
    let flow = format!("{CALLS}\nsize = \"1 GiB\"");
    let profile = "cores = 1\ndemand.passthrough = { mean = \"1 ms\", per_kib = \"1 s\" }";
    is_simulated("a gibibyte", scenario(SECOND, &flow, profile));
}

#[test]
fn five_hundred_flows_are_simulated() {
    let mut text = scenario(SECOND, CALLS, CORE);
    for index in 0..499 {
        writeln!(text, "[[flow]]\nname = \"f{index}\"\nkind = \"api\"\n{CALLS}").expect("a string");
    }
    let folder = Folder::new();
    folder.write("many.toml", text.replace("500 /s", "1 /s"));
    let ended =
        wait(folder.start(&["run", "many.toml", "--out", "out"]), SOON).expect("it ends soon");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let flows = summary(&folder, "flow");
    assert_eq!(flows.len(), 500);
    assert_eq!((flows[0].as_str(), flows[499].as_str()), ("calls", "f498"));
}

/// A column of the summary.
fn summary(folder: &Folder, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(folder.path().join("out/summary.csv")).expect("CSV");
    let header = reader.headers().expect("a header").clone();
    let column = header.iter().position(|header| header == column).expect("the column");
    reader.records().map(|record| record.expect("a row")[column].to_owned()).collect()
}

#[test]
fn names_that_spreadsheets_and_terminals_dislike_do_no_harm() {
    let text = scenario(SECOND, CALLS, CORE);
    for name in ["=1+1", "-a", "a,b", "a\"b", "ü", "../x"] {
        let folder = Folder::new();
        let quoted = format!("'{name}'");
        folder.write("names.toml", text.replace("\"calls\"", &quoted));
        let ended = folder.run(&["run", "names.toml", "--out", "out"]);
        assert_eq!(ended.status, Some(0), "{name}: {}", ended.stderr);
        assert!(ended.stdout.contains(&format!("flow `{name}` of tenant")), "{}", ended.stdout);
        // A spreadsheet would take these for a formula.
        let guard = if name.starts_with(['=', '-']) { "'" } else { "" };
        assert_eq!(summary(&folder, "flow"), [format!("{guard}{name}")]);
    }
    for name in ["a\\nb", "\\u001b[31m"] {
        let file = text.replace("\"calls\"", &format!("\"{name}\""));
        is_refused(name, &file);
        let ended = ends(name, file);
        assert!(ended.stderr.contains("cannot be a name"), "{}", ended.stderr);
        assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{name}");
    }
}
