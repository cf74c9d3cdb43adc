//! What scripts and people rely on: files, columns, words, exit status, the same bytes again.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Folder, number, repository, wait};

/// A shipped scenario, shortened: `run` with these words takes a fraction of a second.
const SHORT: [&str; 6] =
    ["--set", "run.window=5 s", "--set", "run.warm_up=1 s", "--set", "run.replications=3"];

/// The columns that stand first in `summary.csv`.
const SUMMARY: &str = "scenario,deployment,pattern,nodes,flow,tenant,offered_rps,throughput_rps,\
    throughput_rps_half_width,error_fraction,mean_ms,mean_ms_half_width,p50_ms,p75_ms,p90_ms,\
    p95_ms,p98_ms,p99_ms,p99_half_width_ms,p99_9_ms,p99_99_ms,availability,\
    availability_half_width,price_per_month,meets_goals,";

const ALWAYS: [&str; 7] = [
    "clusters.csv",
    "comparison.png",
    "latency.csv",
    "latency.png",
    "results.json",
    "summary.csv",
    "utilisation.png",
];

const SCENARIOS: [&str; 6] =
    ["launch-peak", "low-traffic", "mobile-tokens", "node-lost", "noisy-tenant", "streaming"];

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

#[test]
fn run_writes_the_files_it_names_into_out_and_nothing_else() {
    let folder = Folder::new();
    let ended = folder.run(&words(&["run", "mobile-tokens"]));
    let mut expected = ALWAYS.to_vec();
    expected.extend(["differences.csv", "goals.csv"]);
    expected.sort_unstable();
    assert_eq!(folder.files("out/mobile-tokens"), expected);
    assert_eq!(folder.files("."), ["out"]);
    assert_eq!(ended.stderr, "", "nothing to say but the results");
    let said = ended.stdout.lines().last().expect("a last line");
    let (files, place) =
        said.strip_prefix("wrote ").and_then(|said| said.split_once(" to ")).expect(said);
    let mut files: Vec<_> = files.split(", ").collect();
    files.sort_unstable();
    assert_eq!((files, Path::new(place)), (expected, Path::new("out/mobile-tokens")));
}

#[test]
fn charts_are_png_files() {
    let folder = Folder::new();
    folder.run(&words(&["run", "low-traffic", "--out", "here"]));
    for name in ALWAYS.iter().filter(|name| name.ends_with(".png")) {
        let mut start = [0; 8];
        let file = File::open(folder.path().join("here").join(name));
        file.expect("a file").read_exact(&mut start).expect("a start");
        assert_eq!(&start, b"\x89PNG\r\n\x1a\n", "{name}");
    }
}

#[test]
fn a_folder_tells_one_story_when_it_is_used_again() {
    let folder = Folder::new();
    let drill = ["run", "node-lost", "--out", "here"];
    folder.run(&[&drill[..], &SHORT, &["--set", "run.window=30 s"]].concat());
    let with_drill = folder.files("here");
    assert!(with_drill.contains(&"timeline.csv".to_owned()), "{with_drill:?}");
    assert!(with_drill.contains(&"timeline.png".to_owned()), "{with_drill:?}");
    folder.write("queue.toml", QUEUE);
    folder.run(&["run", "queue.toml", "--out", "here"]);
    assert_eq!(folder.files("here"), ALWAYS);
}

#[test]
fn the_summary_has_the_columns_that_scripts_rely_on_and_a_row_per_deployment_and_flow() {
    let folder = Folder::new();
    folder.run(&words(&["run", "launch-peak"]));
    let text = folder.read("out/launch-peak/summary.csv");
    let header = text.lines().next().expect("a header");
    assert!(header.starts_with(SUMMARY), "{header}");
    assert!(header.ends_with(",partial"), "{header}");
    let names: Vec<_> = rows(&text)
        .iter()
        .map(|row| format!("{} {}", field(row, "deployment"), field(row, "flow")))
        .collect();
    let expected = ["ha", "scalable"].map(|deployment| {
        ["catalogue", "orders", "tokens", "partners"].map(|flow| format!("{deployment} {flow}"))
    });
    assert_eq!(names, expected.concat());
}

#[test]
fn csv_and_json_say_the_same_numbers() {
    let folder = Folder::new();
    let results = folder.json(&words(&["run", "launch-peak", "--json"]));
    let summary = rows(&folder.read("out/launch-peak/summary.csv"));
    let pointers = [
        ("offered_rps", "/offered_rps"),
        ("throughput_rps", "/throughput_rps/mean"),
        ("throughput_rps_half_width", "/throughput_rps/half_width"),
        ("error_fraction", "/error_fraction/mean"),
        ("mean_ms", "/sojourn_ms/mean/mean"),
        ("mean_ms_half_width", "/sojourn_ms/mean/half_width"),
        ("p50_ms", "/sojourn_ms/p50/mean"),
        ("p75_ms", "/sojourn_ms/p75/mean"),
        ("p90_ms", "/sojourn_ms/p90/mean"),
        ("p95_ms", "/sojourn_ms/p95/mean"),
        ("p98_ms", "/sojourn_ms/p98/mean"),
        ("p99_ms", "/sojourn_ms/p99/mean"),
        ("p99_half_width_ms", "/sojourn_ms/p99/half_width"),
        ("p99_9_ms", "/sojourn_ms/p99_9/mean"),
        ("p99_99_ms", "/sojourn_ms/p99_99/mean"),
        ("availability", "/availability/mean"),
        ("availability_half_width", "/availability/half_width"),
    ];
    let mut summary = summary.iter();
    for deployment in results["deployments"].as_array().expect("a list") {
        for flow in deployment["flows"].as_array().expect("a list") {
            let row = summary.next().expect("a row for every flow");
            for (column, pointer) in pointers {
                let written = field(row, column).parse::<f64>().ok();
                let found = flow.pointer(pointer).expect(pointer).as_f64();
                assert_eq!(written, found, "{column} of {}", flow["name"]);
            }
            let meets = match deployment["meets_goals"].as_bool() {
                Some(true) => "yes",
                Some(false) => "no",
                None => "undecided",
            };
            assert_eq!(field(row, "meets_goals"), meets);
        }
    }
    assert!(summary.next().is_none(), "a row for nothing");
}

/// A number as the table shows it, and how far from it the exact one may be: the half-width, or half
/// a step of the last of three digits.
fn shown(cell: &str) -> (f64, f64) {
    let parse = |text: &str| text.replace(' ', "").parse::<f64>().expect("a number");
    match cell.split_once('±') {
        Some((value, half_width)) => (parse(value), parse(half_width)),
        None => (parse(cell), 0.006 * parse(cell)),
    }
}

#[test]
fn the_table_shows_the_numbers_of_the_json_rounded() {
    let folder = Folder::new();
    let ended = folder.run(&words(&["run", "launch-peak"]));
    let results = folder.json(&words(&["run", "launch-peak", "--json"]));
    let pointers = [
        ("/offered_rps", 1.0),
        ("/throughput_rps/mean", 1.0),
        ("/error_fraction/mean", 100.0),
        ("/availability/mean", 100.0),
        ("/sojourn_ms/p50/mean", 1.0),
        ("/sojourn_ms/p95/mean", 1.0),
        ("/sojourn_ms/p99/mean", 1.0),
    ];
    let flows = ["catalogue", "orders", "tokens", "partners"];
    for (index, name) in flows.iter().enumerate() {
        let heading = format!("flow `{name}` of tenant");
        let mut lines = ended.stdout.lines().skip_while(|line| !line.starts_with(&heading)).skip(2);
        for deployment in results["deployments"].as_array().expect("a list") {
            let line = lines.next().expect("a row");
            let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
            assert_eq!(cells.next(), deployment["name"].as_str(), "{line}");
            for ((pointer, factor), cell) in pointers.iter().zip(cells) {
                let exact = factor * number(&deployment["flows"][index], pointer);
                let (value, allowed) = shown(cell);
                assert!((value - exact).abs() <= allowed, "{pointer} {exact}: {line}");
            }
        }
    }
}

#[test]
fn the_json_has_the_documented_structure() {
    let folder = Folder::new();
    let results = folder.json(&words(&["run", "low-traffic", "--json"]));
    assert_eq!(results["scenario"]["name"], "low-traffic");
    assert_eq!(results["seed"], 1);
    assert_eq!(results["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(results["partial"], false);
    assert!(number(&results, "/events") > 1000.0);
    assert!(number(&results, "/wall_seconds") > 0.0);
    let deployment = &results["deployments"][0];
    assert_eq!(
        (&deployment["name"], &deployment["pattern"]),
        (&"ha".into(), &"standard-ha".into())
    );
    assert_eq!(deployment["nodes"]["all-in-one"], 2);
    assert!(number(deployment, "/price_per_month") > 0.0);
    assert!(deployment.get("meets_goals").is_some());
    let flow = &deployment["flows"][0];
    assert_eq!((&flow["name"], &flow["tenant"]), (&"orders".into(), &"default".into()));
    assert!(number(flow, "/offered_rps") > 0.0);
    let quantiles = ["mean", "sd", "p50", "p75", "p90", "p95", "p98", "p99", "p99_9"];
    let estimates = quantiles.map(|name| format!("/sojourn_ms/{name}"));
    let others = ["/throughput_rps", "/error_fraction", "/availability"].map(str::to_owned);
    for estimate in estimates.iter().chain(&others) {
        number(flow, &format!("{estimate}/mean"));
        assert!(flow.pointer(&format!("{estimate}/half_width")).is_some(), "{estimate}");
    }
    for cluster in deployment["clusters"].as_array().expect("a list") {
        assert!(cluster["name"].is_string());
        for estimate in ["utilisation", "gc_share"] {
            number(cluster, &format!("/{estimate}/mean"));
            number(cluster, &format!("/{estimate}/half_width"));
        }
    }
}

#[test]
fn json_on_stdout_is_the_json_in_the_folder() {
    let folder = Folder::new();
    let ended = folder.run(&words(&["run", "low-traffic", "--json"]));
    assert_eq!(ended.stdout, folder.read("out/low-traffic/results.json"));
    assert!(ended.stderr.starts_with("wrote summary.csv, "), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

/// What a run wrote, the duration aside.
fn written(folder: &Folder, out: &str) -> Vec<(String, String)> {
    let names = folder.files(out).into_iter().filter(|name| !name.ends_with(".png"));
    let timeless = |text: &str| {
        let lines = text.lines().filter(|line| !line.contains("\"wall_seconds\""));
        lines.collect::<Vec<_>>().join("\n")
    };
    names.map(|name| (name.clone(), timeless(&folder.read(&format!("{out}/{name}"))))).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads() {
    let folder = Folder::new();
    for scenario in ["node-lost", "noisy-tenant"] {
        let run = |out: &str, further: &[&str]| {
            let window = ["--set", "run.window=25 s"];
            let first = ["run", scenario, "--out", out];
            folder.run(&[&first[..], &SHORT, &window, further].concat());
            written(&folder, out)
        };
        let one = run("one", &["--seed", "7", "--threads", "1"]);
        assert!(one.len() > 4, "{scenario}");
        for (out, further, same) in [
            ("again", &["--seed", "7", "--threads", "1"][..], true),
            ("two", &["--seed", "7", "--threads", "2"], true),
            ("four", &["--seed", "7", "--threads", "4"], true),
            ("other", &["--seed", "8"], false),
        ] {
            let other = run(out, further);
            let names = |files: &[(String, String)]| {
                files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
            };
            assert_eq!(names(&one), names(&other));
            for ((name, bytes), (_, others)) in one.iter().zip(&other) {
                assert!((bytes == others) == same, "{scenario} {further:?} {name}");
            }
        }
        // A seed is a seed, wherever it is stated.
        run("set", &["--set", "run.seed=7"]);
        let summary = |out: &str| folder.read(&format!("{out}/summary.csv"));
        assert_eq!(summary("one"), summary("set"));
    }
}

#[test]
fn set_changes_the_scenario_and_the_inputs_as_understood() {
    let folder = Folder::new();
    let changed =
        ["--set", "flow.orders.arrivals.rate=300 /s", "--set", "deployment.ha.nodes.all-in-one=3"];
    let results = folder.json(&[&words(&["run", "low-traffic", "--json"])[..], &changed].concat());
    assert_eq!(results["scenario"]["flow"][0]["arrivals"]["rate"], "300 /s");
    assert_eq!(results["deployments"][0]["nodes"]["all-in-one"], 3);
    let offered = number(&results, "/deployments/0/flows/0/offered_rps");
    assert!((offered - 300.0).abs() < 30.0, "{offered}");
}

#[test]
fn set_explains_what_it_does_not_understand() {
    let folder = Folder::new();
    for (change, said) in [
        ("run.windw=5 s", "did you mean `window`?"),
        ("run.window=5", "write it as \"5 ms\""),
        ("run.window", "is not PATH=VALUE"),
        ("flow.order.size=1 KiB", "orders"),
    ] {
        let ended = folder.run(&["run", "low-traffic", "--set", change]);
        assert_eq!(ended.status, Some(2), "{change}");
        assert_eq!(ended.stdout, "", "{change}");
        assert!(ended.stderr.contains(said), "{change}: {}", ended.stderr);
    }
    assert_eq!(folder.files("."), Vec::<String>::new());
}

#[test]
fn several_scenarios_each_have_a_folder_and_json_is_a_list() {
    let folder = Folder::new();
    let first = ["run", "low-traffic", "streaming", "--out", "both", "--json"];
    let results = folder.json(&words(&first));
    let names: Vec<_> = results.as_array().expect("a list").iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0]["scenario"]["name"], "low-traffic");
    assert_eq!(names[1]["scenario"]["name"], "streaming");
    assert_eq!(folder.files("both"), ["low-traffic", "streaming"]);
}

#[test]
fn a_scenario_that_cannot_be_done_does_not_keep_the_others_from_running() {
    let folder = Folder::new();
    folder.write("wrong.toml", "title = 1\n");
    let ended = folder.run(&words(&["run", "wrong.toml", "low-traffic"]));
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("wrong.toml"), "{}", ended.stderr);
    assert!(ended.stdout.contains("wrote summary.csv"), "{}", ended.stdout);
    assert_eq!(folder.files("out"), ["low-traffic"]);
}

#[test]
fn the_status_is_0_without_goals_or_with_goals_met_1_where_one_is_missed_2_where_it_cannot_be_done()
{
    let folder = Folder::new();
    folder.write("none.toml", QUEUE);
    folder.write("met.toml", format!("goal.p99 = \"10 s\"\n{QUEUE}"));
    folder.write("missed.toml", format!("goal.p50 = \"1 us\"\n{QUEUE}"));
    folder.write("undecided.toml", format!("goal.mean = \"2 ms\"\n{QUEUE}"));
    for (file, status) in [
        ("none.toml", 0),
        ("met.toml", 0),
        ("missed.toml", 1),
        ("undecided.toml", 1),
        ("absent.toml", 2),
    ] {
        assert_eq!(folder.run(&["run", file]).status, Some(status), "{file}");
    }
    assert_eq!(folder.run(&["run", "met.toml", "missed.toml"]).status, Some(1));
    assert_eq!(folder.run(&["run", "missed.toml", "absent.toml"]).status, Some(2));
    for wrong in [&["run"][..], &["walk"], &[], &["run", "met.toml", "--threads", "0"]] {
        let ended = folder.run(wrong);
        assert_eq!(ended.status, Some(2), "{wrong:?}");
        assert!(ended.stderr.contains("Usage") || ended.stderr.contains("--help"), "{wrong:?}");
    }
}

#[test]
fn a_goal_that_is_undecided_is_neither_yes_nor_no() {
    let folder = Folder::new();
    folder.write("undecided.toml", format!("goal.mean = \"2 ms\"\n{QUEUE}"));
    let results = folder.json(&["run", "undecided.toml", "--json"]);
    assert_eq!(results["deployments"][0]["meets_goals"], Value::Null);
    assert_eq!(results["deployments"][0]["verdict"], "undecided");
    let row = rows(&folder.read("out/undecided/summary.csv")).swap_remove(0);
    assert_eq!(field(&row, "meets_goals"), "undecided");
}

#[test]
fn stdout_is_plain_text_and_warnings_go_to_stderr() {
    let folder = Folder::new();
    // The drill ends after the window, which is warned of.
    let run = [&["run", "node-lost"][..], &SHORT, &["--set", "run.window=35 s"]].concat();
    let ended = folder.run(&run);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stdout.contains('\r'), "{}", ended.stdout);
    assert!(!ended.stderr.contains('\u{1b}') && !ended.stderr.contains('\r'), "{}", ended.stderr);
    assert!(ended.stderr.contains("beyond the window"), "{}", ended.stderr);
    assert!(!ended.stdout.contains("beyond the window"), "{}", ended.stdout);
}

#[test]
fn check_is_silent_on_stderr_where_all_is_right_and_writes_nothing() {
    let folder = Folder::new();
    let ended = folder.run(&[&["check"][..], &SCENARIOS].concat());
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    for name in SCENARIOS {
        assert!(ended.stdout.contains(&format!("{name}: right; ")), "{}", ended.stdout);
    }
    assert_eq!(folder.files("."), Vec::<String>::new());
    folder.write("wrong.toml", "title = 1\n");
    assert_eq!(folder.run(&["check", "low-traffic", "wrong.toml"]).status, Some(2));
}

#[test]
fn init_writes_a_scenario_that_is_right_and_runs_and_never_over_a_file() {
    let folder = Folder::new();
    let ended = folder.run(&["init"]);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout.contains("scenario.toml"), "{}", ended.stdout);
    assert_eq!(folder.run(&["check", "scenario.toml"]).status, Some(0));
    let ended = folder.run(&words(&["run", "scenario.toml"]));
    assert!(matches!(ended.status, Some(0 | 1)), "{ended:?}");
    folder.write("mine.toml", "mine");
    let ended = folder.run(&["init", "mine.toml"]);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("mine.toml"), "{}", ended.stderr);
    assert_eq!(folder.read("mine.toml"), "mine");
    assert_eq!(folder.run(&["init", "no/such/folder.toml"]).status, Some(2));
}

fn json_of_toml(text: &str) -> Value {
    let value: toml::Value = toml::from_str(text).expect("TOML");
    serde_json::to_value(value).expect("TOML is JSON but for dates")
}

#[test]
fn the_schema_is_valid_and_so_are_the_shipped_scenarios_and_the_file_of_init() {
    let folder = Folder::new();
    let schema = folder.json(&["schema"]);
    jsonschema::meta::validate(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    folder.run(&["init", "starter.toml"]);
    let mut texts = vec![folder.read("starter.toml"), QUEUE.to_owned()];
    texts.extend(SCENARIOS.map(|name| folder.run(&["list", "scenarios", name]).stdout));
    for text in &texts {
        let problems: Vec<_> =
            validator.iter_errors(&json_of_toml(text)).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}\n{text}");
    }
    for (right, wrong) in [
        ("arrivals", "arivals"),
        ("\"api\"", "\"apis\""),
        ("window = \"2 s\"", "window = 2"),
        ("nodes = 1", "nodes = \"1\""),
        ("cores = 1", "cores = 0"),
        ("\"exponential\"", "\"normal\""),
    ] {
        let text = QUEUE.replacen(right, wrong, 1);
        assert!(!validator.is_valid(&json_of_toml(&text)), "{wrong}");
    }
}

#[test]
fn theory_files_are_what_the_schema_says() {
    let folder = Folder::new();
    let schema = folder.json(&["schema"]);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for file in std::fs::read_dir(repository().join("tests/theory")).expect("a folder") {
        let path = file.expect("readable").path();
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(validator.is_valid(&json_of_toml(&text)), "{}", path.display());
    }
}

#[test]
fn list_names_what_is_shipped_and_prints_it() {
    let folder = Folder::new();
    let everything = folder.run(&["list"]).stdout;
    let patterns = ["standard-ha", "standard-ha-multitenant", "simple-scalable"];
    let profiles =
        ["gateway", "all-in-one", "control-plane", "micro-integrator", "streaming-integrator"];
    for (kind, names) in
        [("patterns", &patterns[..]), ("profiles", &profiles), ("scenarios", &SCENARIOS)]
    {
        let listed = folder.run(&["list", kind]);
        assert_eq!((listed.status, listed.stderr.as_str()), (Some(0), ""));
        assert!(everything.contains(&listed.stdout), "{kind}");
        for name in names {
            assert!(listed.stdout.contains(&format!("  {name} ")), "{name}");
            let file = repository().join("scenarios");
            let folders =
                [("patterns", "patterns"), ("profiles", "profiles"), ("scenarios", "shipped")];
            let (_, shelf) = folders.iter().find(|(known, _)| *known == kind).expect("a shelf");
            let text = std::fs::read_to_string(file.join(shelf).join(format!("{name}.toml")));
            assert_eq!(folder.run(&["list", kind, name]).stdout, text.expect("a shipped file"));
        }
    }
    let ended = folder.run(&["list", "profiles", "gatway"]);
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("there are: gateway"), "{}", ended.stderr);
}

#[test]
fn a_shipped_profile_can_be_printed_changed_and_used() {
    let folder = Folder::new();
    let profile = folder.run(&["list", "profiles", "gateway"]).stdout;
    // Its tables become those of a profile of one's own.
    let own: String = profile
        .replace("[demand]", "[profile.mine.demand]")
        .lines()
        .map(|line| format!("{line}\n"))
        .collect();
    let head = QUEUE.split_once("[profile.mine]").expect("its last table").0;
    folder.write("own.toml", format!("{head}[profile.mine]\n{own}"));
    let ended = folder.run(&["run", "own.toml"]);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn completions_are_scripts_of_their_shell() {
    let folder = Folder::new();
    for (shell, part) in
        [("bash", "complete -F"), ("zsh", "#compdef apimsim"), ("fish", "complete -c apimsim")]
    {
        let ended = folder.run(&["completions", shell]);
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(ended.stdout.contains(part), "{shell}");
        for word in ["run", "check", "--threads", "scenarios"] {
            assert!(ended.stdout.contains(word.trim_start_matches('-')), "{shell}: {word}");
        }
    }
    assert_eq!(folder.run(&["completions", "cmd"]).status, Some(2));
}

#[test]
fn help_names_every_command_option_and_status() {
    let folder = Folder::new();
    let mentions: [(&[&str], &[&str]); 8] = [
        (
            &["--help"],
            &["run", "check", "init", "schema", "list", "verify", "completions", "--version"],
        ),
        (
            &["run", "--help"],
            &["SCENARIO", "--out", "--json", "--seed", "--threads", "--set", "PATH=VALUE", "out/"],
        ),
        (&["check", "--help"], &["SCENARIO", "--set"]),
        (&["init", "--help"], &["FILE", "scenario.toml"]),
        (&["schema", "--help"], &["JSON Schema"]),
        (&["list", "--help"], &["patterns", "profiles", "scenarios", "NAME"]),
        (&["verify", "--help"], &["--seed", "--threads"]),
        (&["completions", "--help"], &["bash", "zsh", "fish"]),
    ];
    for (words, parts) in mentions {
        let ended = folder.run(words);
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{words:?}");
        for part in parts {
            assert!(ended.stdout.contains(part), "{words:?} lacks {part}");
        }
        let has_status = ["--help", "run", "check", "verify"].contains(&words[0]);
        assert_eq!(ended.stdout.contains("Exit status: 0 "), has_status, "{words:?}");
    }
    let version = folder.run(&["--version"]).stdout;
    assert_eq!(version.trim(), format!("apimsim {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn who_has_read_enough_is_no_error() {
    let folder = Folder::new();
    let run = words(&["run", "low-traffic"]);
    let json = words(&["run", "low-traffic", "--json"]);
    for words in [&["list"][..], &["schema"], &["completions", "bash"], &run, &json] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = folder.command(words).stdout(writer).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{words:?}: {stderr}");
        assert!(!stderr.contains("error"), "{words:?}: {stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_not_panicked_about() {
    let folder = Folder::new();
    for words in [&["list"][..], &["schema"], &["--help"], &words(&["run", "low-traffic"])] {
        let full = File::options().write(true).open("/dev/full").expect("every Linux has one");
        let output = folder.command(words).stdout(full).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{words:?}: {stderr}");
        if words[0] != "--help" {
            assert_eq!(output.status.code(), Some(2), "{words:?}");
            assert!(stderr.contains("cannot write to standard output"), "{words:?}: {stderr}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named_before_any_work() {
    let folder = Folder::new();
    folder.write("file", "mine");
    // Work that would take hours.
    let long = ["run", "launch-peak", "--set", "run.window=10 d", "--set", "run.warm_up=1 s"];
    for out in ["file", "file/below"] {
        let child =
            folder.start(&[&long[..], &["--set", "run.replications=2", "--out", out]].concat());
        let ended = wait(child, Duration::from_secs(5)).expect("refused at once");
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(&format!("cannot write {out}")), "{}", ended.stderr);
    }
    assert_eq!(folder.read("file"), "mine");
}

/// Starts a run, interrupts it after a while, and returns what it left behind.
#[cfg(unix)]
fn interrupted(folder: &Folder, words: &[&str]) -> crate::program::Ended {
    let child = folder.start(words);
    std::thread::sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill exists");
    assert!(sent.success(), "it still runs");
    wait(child, Duration::from_secs(10)).expect("it ends soon after an interrupt")
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_keeps_what_is_complete_and_marks_it_partial() {
    let folder = Folder::new();
    folder.write("queue.toml", format!("goal.p99 = \"10 s\"\n{QUEUE}"));
    let long =
        ["run", "queue.toml", "--set", "run.window=20 s", "--set", "run.replications=100000"];
    let ended = interrupted(&folder, &[&long[..], &["--json"]].concat());
    assert_eq!(ended.status, Some(2), "{}", ended.stderr);
    let results = ended.json();
    assert_eq!(results["partial"], true);
    let replications = number(&results, "/replications");
    assert!((1.0..100_000.0).contains(&replications), "{replications}");
    for file in folder.files("out/queue").iter().filter(|file| file.ends_with(".csv")) {
        for row in rows(&folder.read(&format!("out/queue/{file}"))) {
            assert_eq!(field(&row, "partial"), "yes", "{file}");
        }
    }
    let ended = interrupted(&folder, &long);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stdout.contains("PARTIAL: stopped after"), "{}", ended.stdout);
    assert!(ended.stdout.contains("wrote summary.csv"), "{}", ended.stdout);
}

#[test]
#[cfg(unix)]
fn a_run_interrupted_before_anything_is_complete_says_so_and_writes_nothing() {
    let folder = Folder::new();
    folder.write("queue.toml", QUEUE);
    let ended = interrupted(&folder, &["run", "queue.toml", "--set", "run.window=10 d"]);
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("stopped before anything was complete"), "{}", ended.stderr);
    assert_eq!(folder.files("out/queue"), Vec::<String>::new());
}
