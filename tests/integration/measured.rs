//! A profile beside measurements: `verify --measurements` and `calibrate`.

use std::fs;

use crate::program::{Folder, repository};

/// Two load tests of a gateway, and one whose requests failed.
const TESTS: &str = "\
scenario,concurrent_users,message_bytes,backend_delay_ms,cpu_cores,throughput_rps,error_pct,\
latency_avg_ms,latency_p95_ms,latency_p99_ms,sut_gc_throughput_pct
passthrough,20,1024,500,2,39.5,0,506,512,540,99.5
passthrough,40,1024,500,2,78.9,0,507,513,560,99.4
passthrough,40,1024,500,2,78.9,12,507,513,560,99.4
";

/// Two load tests of a node whose two cores are busy for 2 ms a request.
const BUSY: &str = "\
scenario,concurrent_users,message_bytes,backend_delay_ms,cpu_cores,throughput_rps,error_pct,\
latency_avg_ms,latency_p95_ms
passthrough,20,1024,0,2,1000,0,20,30
passthrough,40,1024,0,2,1000,0,40,52
";

/// A profile in which little is left to fit.
const PROFILE: &str = "\
cores = 2
bursts = 4
hop = \"0 ms\"
gc = \"none\"

[demand.passthrough]
mean = \"2 ms\"
law = \"exponential\"
";

#[test]
fn verify_shows_how_close_a_profile_comes_to_measurements() {
    let folder = Folder::new();
    folder.write("tests.csv", TESTS);
    let ended = folder.run(&["verify", "--measurements", "tests.csv", "--profile", "gateway"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("set aside: tests.csv:4 (passthrough)"), "{}", ended.stderr);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "2 tests, simulated; error in %, simulated against measured");
    for column in ["users", "size", "delay", "through-", "mean", "p95", "p99", "GC"] {
        assert!(lines[1].contains(column), "{column}: {}", lines[1]);
    }
    for users in ["20", "40"] {
        let line = lines.iter().find(|line| {
            line.split_whitespace().take(3).collect::<Vec<_>>() == ["passthrough", users, "1"]
        });
        let line = line.unwrap_or_else(|| panic!("no line of {users} users in {}", ended.stdout));
        // Half a second of the backend is most of the time, whatever the profile.
        let mean = line.split_whitespace().nth(5).expect("the error of the mean");
        assert!(mean.parse::<f64>().expect("a number").abs() < 3.0, "{line}");
    }
    for word in ["median", "worst", "figures"] {
        assert!(ended.stdout.contains(word), "{word}");
    }
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = Folder::new();
    folder.write("tests.csv", TESTS);
    folder.write(
        "bad.csv",
        TESTS
            .lines()
            .take(1)
            .chain(TESTS.lines().skip(3))
            .fold(String::new(), |text, line| text + line + "\n"),
    );
    let cases: [(&[&str], &str); 6] = [
        (&["tests.csv"], "--profile NAME"),
        (&["tests.csv", "--profile", "nobody"], "nobody"),
        (&["tests.csv", "--markdown"], "--markdown"),
        (&["no.csv", "--profile", "gateway"], "no.csv"),
        (&["bad.csv", "--profile", "gateway"], "no measurements that can be used"),
        (&["--profile", "gateway"], "give the files"),
    ];
    for (words, said) in cases {
        let ended = folder.run(&[&["verify", "--measurements"], words].concat());
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{words:?}");
        assert!(ended.stderr.contains(said), "{words:?}: {}", ended.stderr);
    }
}

#[test]
fn calibrate_writes_the_profile_with_its_table_and_its_chart_beside_it() {
    let folder = Folder::new();
    folder.write("tests.csv", BUSY);
    folder.write("start.toml", PROFILE);
    let calibrate = |out: &str| {
        folder.run(&["calibrate", "tests.csv", "--profile", "start.toml", "--out", out])
    };
    let ended = calibrate("new/profile.toml");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(folder.files("new"), ["profile.csv", "profile.png", "profile.toml"]);
    let wrote = "wrote new/profile.toml, new/profile.csv, new/profile.png";
    assert!(ended.stdout.ends_with(&format!("\n{wrote}\n")), "{}", ended.stdout);
    assert!(ended.stdout.contains("demand.passthrough.mean"), "{}", ended.stdout);
    let mut rows = csv::Reader::from_path(folder.path().join("new/profile.csv")).expect("CSV");
    assert_eq!(rows.headers().expect("a header").iter().next(), Some("held_back"));
    assert_eq!(rows.records().count(), 2);
    let png = fs::read(folder.path().join("new/profile.png")).expect("the chart");
    assert!(png.starts_with(b"\x89PNG"));
    let profile = fs::read_to_string(folder.path().join("new/profile.toml")).expect("the profile");
    for said in
        ["# demand.passthrough.mean ", " ± ", "\n[uncertainty]\n", "\ndemand.passthrough.mean = ["]
    {
        assert!(profile.contains(said), "{said} is not in {profile}");
    }
    let checked =
        folder.run(&["verify", "--measurements", "tests.csv", "--profile", "new/profile.toml"]);
    assert_eq!(checked.status, Some(0), "{checked:?}");
    let ended = calibrate("table.csv");
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("table.csv") && !folder.path().join("table.csv").exists());
}

/// Half a second of the backend hides what the node does; with one core and 2 ms a request, 40 users
/// cannot have been answered 5000 times a second.
#[test]
fn a_profile_that_is_not_to_be_relied_on_is_not_written_unless_forced() {
    let folder = Folder::new();
    folder.write("start.toml", PROFILE);
    folder.write("idle.csv", TESTS);
    let calibrate = |words: &[&str]| {
        let words = [&["calibrate"], words, &["--profile", "start.toml", "--out", "no.toml"]];
        folder.run(&words.concat())
    };
    let ended = calibrate(&["idle.csv"]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let said = "error: no demand is determined: the measurements leave open more than 30 % of \
                `demand.passthrough.mean`";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(ended.stderr.contains("no.toml is not written"), "{}", ended.stderr);
    assert!(!folder.path().join("no.toml").exists());
    let ended = calibrate(&["idle.csv", "--force"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(folder.path().join("no.toml").exists());
}

/// A family of the README's table is simulated again; all of them take minutes. The others are held to
/// what every such table has.
#[test]
fn the_readme_says_how_close_each_family_comes() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let (_, rest) = readme.split_once("<!-- close:begin -->").expect("the beginning is marked");
    let (section, _) = rest.split_once("<!-- close:end -->").expect("the end is marked");
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 3, "{section}");
    assert!(rows[rows.len() - 1].starts_with("| all together |"), "{section}");
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = rows.into_iter().map(cells).collect();
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{section}");
    let tests = |row: &[String]| row[2].parse::<u32>().expect("a number of tests");
    let families = &rows[2..rows.len() - 1];
    let sum: u32 = families.iter().map(|row| tests(row)).sum();
    assert_eq!(tests(&rows[rows.len() - 1]), sum, "{section}");
    for cell in rows[2..].iter().flat_map(|row| &row[3..row.len() - 1]).filter(|cell| *cell != "–")
    {
        let (median, worst) = cell.split_once(" / ").expect("median and worst");
        let number = |text: &str| text.parse::<f64>().expect("a number");
        assert!(number(median) <= number(worst), "{cell}");
    }
    let family = families.iter().find(|row| row[1] == "is-7").expect("a row of is-7");
    let ended = Folder::new().run(&["verify", "--measurements", "is-7"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let figures = |word: &str| {
        let line = ended.stdout.lines().rfind(|line| line.split_whitespace().any(|w| w == word));
        let line = line.unwrap_or_else(|| panic!("no {word} in {}", ended.stdout));
        let mut words = line.split_whitespace().skip_while(|other| *other != word);
        words.next();
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let (median, worst) = (figures("median"), figures("worst"));
    let printed: Vec<String> =
        median.iter().zip(&worst).map(|(median, worst)| format!("{median} / {worst}")).collect();
    assert_eq!(family[3..3 + printed.len()], printed, "{}", ended.stdout);
    let count = format!("all, {} tests", tests(family));
    assert!(ended.stdout.contains(&count), "{count}: {}", ended.stdout);
}

#[test]
fn the_readme_says_how_often_intervals_cover_the_truth() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let (_, rest) = readme.split_once("<!-- coverage:begin -->").expect("the beginning is marked");
    let (section, _) = rest.split_once("<!-- coverage:end -->").expect("the end is marked");
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let header = &rows[0];
    assert_eq!(&header[..3], ["system", "window", "runs"]);
    assert!(rows.iter().all(|row| row.len() == header.len()), "{section}");
    // Two windows, few and many replications, of every system.
    assert_eq!(rows.len(), 2 + sim::verification::coverage::known().len() * 4 + 2 * 4, "{section}");
    for row in &rows[2..] {
        for (name, cell) in header.iter().zip(row).filter(|(name, _)| name.starts_with('p')) {
            let covered = cell.split(' ').next().and_then(|first| first.parse::<f64>().ok());
            let open = cell.split('(').nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
            // Of 300, 95 % and three standard deviations of 1.26; of the few that are closed where at
            // least 95 % are not, nothing can be said.
            let tells = open.is_none_or(|open: f64| open < 95.0);
            let is_right = covered.is_none_or(|share| share >= 91.0 || !tells);
            assert!(is_right, "{name}: {cell} in {row:?}");
        }
    }
}
