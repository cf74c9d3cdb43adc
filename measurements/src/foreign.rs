//! What other tools write, and what is written for something else: known so that it can be refused by
//! its name and with a way out, not taken for something that is read here.

use crate::columns::columns;
use crate::error::Problem;

/// The way out that is always there.
const TABLE: &str = "put its figures into a table, a row per test: \
                     `scenario,concurrent_users,throughput_rps,latency_avg_ms,latency_p99_ms`";

/// What a file is, and what to do with it.
struct Kind {
    what: &'static str,
    remedy: &'static str,
}

/// A file by its header: all of these columns, in whatever order and case.
const BY_COLUMNS: [(&[&str], Kind); 13] = [
    (
        &["Elapsed time", "Label"],
        Kind { what: "a graph's points as a plugin of JMeter exports them", remedy: JTL },
    ),
    (
        &["Timestamp", "User Count", "Type", "Name"],
        Kind { what: "the history of Locust (`_stats_history.csv`)", remedy: TABLE },
    ),
    (
        &["Method", "Name", "Error", "Occurrences"],
        Kind { what: "the failures of Locust (`_failures.csv`)", remedy: TABLE },
    ),
    (
        &["label", "avg_ct", "avg_lt", "avg_rt", "bytes"],
        Kind { what: "final statistics of Taurus", remedy: TABLE },
    ),
    (
        &["i", "start_us", "held_us"],
        Kind { what: "the log of a backend", remedy: "name what the load generator wrote" },
    ),
    (
        &["scenario", "deployment", "pattern"],
        Kind { what: "what `apimsim run` wrote: simulated, not measured", remedy: OWN },
    ),
    (
        &["deployment", "flow", "probability"],
        Kind { what: "what `apimsim run` wrote: simulated, not measured", remedy: OWN },
    ),
    (
        &["deployment", "cluster"],
        Kind { what: "what `apimsim run` wrote: simulated, not measured", remedy: OWN },
    ),
    (
        &["held_back", "operation"],
        Kind { what: "what `apimsim calibrate` wrote beside a profile", remedy: OWN },
    ),
    (
        &["time_s", "rate_per_s"],
        Kind { what: "a schedule of arrivals, which a scenario names", remedy: SCENARIO },
    ),
    (&["time_s"], Kind { what: "instants of arrivals, which a scenario names", remedy: SCENARIO }),
    (
        &["timestamp", "code", "latency", "bytes_out"],
        Kind { what: "requests of vegeta", remedy: TABLE },
    ),
    (&["Endpoint", "Method", "Average (ms)"], Kind { what: "a report of requests", remedy: TABLE }),
];

const JTL: &str = "save the samples themselves, `jmeter -n -t PLAN -l results.jtl`, or put its figures \
                   into a table, a row per test: \
                   `scenario,concurrent_users,throughput_rps,latency_avg_ms,latency_p99_ms`";

const OWN: &str = "name what was measured";

const SCENARIO: &str =
    "write `arrivals = { process = \"trace\", file = … }` or `\"schedule\"` in its flow";

/// A file by what one of its first lines begins with.
const BY_BEGINNING: [(&str, Kind); 21] = [
    ("<jmeterTestPlan", Kind { what: "a test plan of JMeter, not its results", remedy: JTL }),
    ("<!DOCTYPE html", WEB_PAGE),
    ("<!doctype html", WEB_PAGE),
    ("<!DOCTYPE tsung", Kind { what: "a test plan of Tsung, not its results", remedy: TABLE }),
    ("Test run id: ", Kind { what: "what artillery prints", remedy: TABLE }),
    ("<html", WEB_PAGE),
    ("This is ApacheBench", Kind { what: "the summary of ab", remedy: TABLE }),
    ("# stats: dump at", Kind { what: "the log of Tsung", remedy: TABLE }),
    ("Bombarding ", Kind { what: "the summary of bombardier", remedy: TABLE }),
    ("starting benchmark", Kind { what: "the summary of h2load", remedy: TABLE }),
    ("Summary:", Kind { what: "the summary of hey or oha", remedy: TABLE }),
    ("Requests      [total", Kind { what: "a report of vegeta", remedy: TABLE }),
    ("Fortio ", Kind { what: "the summary of Fortio", remedy: TABLE }),
    ("Using G1", GC_LOG),
    ("Using Parallel", GC_LOG),
    ("Using Serial", GC_LOG),
    ("OpenJDK 64-Bit", GC_LOG),
    ("Java HotSpot", GC_LOG),
    ("Initializing The Z Garbage", GC_LOG),
    ("CommandLine flags:", GC_LOG),
    ("[[flow]]", Kind { what: "a scenario", remedy: "run it: `apimsim run FILE`" }),
];

const WEB_PAGE: Kind = Kind { what: "a web page, as of a report", remedy: TABLE };

const GC_LOG: Kind = Kind {
    what: "a log of garbage collection, which knows pauses and no requests",
    remedy: "name what the load generator wrote, and this with `--gc-log FILE`",
};

/// A file by what stands somewhere in its first lines: all of these.
const BY_CONTENT: [(&[&str], Kind); 9] = [
    (&["][gc"], GC_LOG),
    (&["[GC (", "secs]"], GC_LOG),
    (&["GC(0) Pause"], GC_LOG),
    (&["\"attack\"", "\"seq\"", "\"latency\""], Kind { what: "requests of vegeta", remedy: TABLE }),
    (&["\"latencies\"", "\"bytes_in\""], Kind { what: "a report of vegeta", remedy: TABLE }),
    (
        &["\"numberOfRequests\"", "\"meanResponseTime\""],
        Kind { what: "statistics of Gatling", remedy: TABLE },
    ),
    (&["\"DurationHistogram\""], Kind { what: "the result of Fortio", remedy: TABLE }),
    (&["INFO o.a.j."], Kind { what: "jmeter.log, the log of the program JMeter", remedy: JTL }),
    (
        &["\"scenario\"", "\"deployments\""],
        Kind { what: "what `apimsim run` wrote: simulated, not measured", remedy: OWN },
    ),
];

/// So much of a file's beginning is looked at for what stands somewhere.
const MOST_LOOKED_AT: usize = 20_000;

/// What a file that begins so is, where it is none that is read here.
pub(crate) fn problem(text: &str, first: &str) -> Option<Problem> {
    let header = columns(first);
    let has = |name: &&str| header.iter().any(|column| column.eq_ignore_ascii_case(name));
    let by_columns = BY_COLUMNS.iter().find(|(names, _)| names.iter().all(has));
    let by_columns = by_columns.filter(|(names, _)| names.len() > 1 || header.len() == 1);
    let begins = |(beginning, _): &&(&str, Kind)| {
        text.lines().take(3).any(|line| line.trim_start().starts_with(beginning))
    };
    let end = (0..=text.len().min(MOST_LOOKED_AT)).rev().find(|at| text.is_char_boundary(*at));
    let beginning = &text[..end.unwrap_or(0)];
    let contains =
        |(parts, _): &&(&[&str], Kind)| parts.iter().all(|part| beginning.contains(part));
    let kind = by_columns
        .map(|(_, kind)| kind)
        .or_else(|| BY_BEGINNING.iter().find(begins).map(|(_, kind)| kind))
        .or_else(|| BY_CONTENT.iter().find(contains).map(|(_, kind)| kind))
        .or_else(|| by_rows(text))?;
    Some(Problem::Foreign { what: kind.what, remedy: kind.remedy })
}

/// Rows of figures alone, without a header or under a header of one word.
fn by_rows(text: &str) -> Option<&'static Kind> {
    const ARRIVALS: Kind = Kind {
        what: "a list of instants, as of arrivals, which a scenario names",
        remedy: SCENARIO,
    };
    let number = |text: &str| text.trim().parse::<f64>().is_ok();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let (first, second) = (lines.next()?, lines.next());
    let one_word = !first.contains([',', ';', '\t', '|', ' ']);
    (one_word && second.map_or_else(|| number(first), number)).then_some(&ARRIVALS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> String {
        let first = text.lines().next().unwrap_or_default();
        problem(text, first).map_or_else(|| "unknown".to_owned(), |problem| problem.to_string())
    }

    #[test]
    fn what_other_tools_write_is_called_by_its_name_with_a_way_out() {
        for (text, name) in [
            ("This is ApacheBench, Version 2.3\n", "ab"),
            ("[0.005s][info][gc] Using G1\n", "garbage collection"),
            ("<jmeterTestPlan version=\"1.2\">", "a test plan of JMeter"),
            ("timestamp\n1700000000.5\n1700000001.0\n", "a list of instants"),
            ("0.5\n1.0\n", "a list of instants"),
            ("time_s,rate_per_s\n0,5\n", "a schedule of arrivals"),
            ("scenario,deployment,pattern,nodes\na,b,c,2", "simulated, not measured"),
        ] {
            let said = what(text);
            assert!(said.contains(name) && said.contains("; "), "{text}: {said}");
        }
        assert_eq!(what("once upon a time"), "unknown");
        assert_eq!(what("timestamp,cpu,mem\n1,2,3\n"), "unknown");
    }
}
