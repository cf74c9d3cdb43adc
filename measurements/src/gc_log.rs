//! Logs of garbage collection as `HotSpot` writes them (`-Xlog:gc`, better `-Xlog:gc*`), whatever stands before each
//! line: what a node allocates, how its heap is divided, how long it pauses and what each pause copies.

mod line;
mod pauses;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use sim::measurement::Collections;

use crate::error::{Problem, ReadError, Trouble};
use crate::lines::{Line, Lines};
use line::Entry;
use pauses::Log;

/// Fewer pauses tell nothing.
const LEAST_PAUSES: usize = 5;

/// Reads a log of garbage collection.
///
/// # Errors
///
/// If it cannot be opened, is no such log, is one of a collector that is not modelled, or has hardly any
/// pauses.
pub fn read_collections(path: &Path) -> Result<Collections, ReadError> {
    let name = path.display().to_string();
    let failed = |Trouble { line, problem }| ReadError { file: name.clone(), line, problem };
    if path.is_dir() {
        return Err(failed(Problem::Directory.into()));
    }
    let file = File::open(path).map_err(|error| failed(Problem::Io(error).into()))?;
    let input = BufReader::with_capacity(1 << 16, file);
    read_collections_from(input, &name)
}

/// Reads it from whatever can be read from; `name` stands in messages.
///
/// # Errors
///
/// As [`read_collections`].
pub fn read_collections_from(input: impl BufRead, name: &str) -> Result<Collections, ReadError> {
    let failed = |Trouble { line, problem }| ReadError { file: name.to_owned(), line, problem };
    collections(input).map_err(failed)
}

fn collections(input: impl BufRead) -> Result<Collections, Trouble> {
    let mut lines = Lines::new(input);
    let mut log = Log::default();
    let mut known = 0_u64;
    let mut first = None;
    while let Some(Line { number, text }) = lines.advance()? {
        // What a rolled log begins or ends with may be half a line.
        let Ok(text) = text else { continue };
        first.get_or_insert_with(|| crate::error::shown(text));
        if let Some((number, parts)) = line::parts(text) {
            for event in parts {
                log.take(Entry::Of(number, event));
            }
        }
        let Some(entry) = line::entry(text) else { continue };
        known += 1;
        if let Entry::Collector(name) = &entry
            && let Some(what) = not_modelled(name)
        {
            return Err(Problem::Foreign { what, remedy: NOT_MODELLED }.at(number));
        }
        log.take(entry);
    }
    if known == 0 {
        let Some(found) = first else { return Err(Problem::Empty.into()) };
        return Err(Problem::NoCollections { found }.at(1));
    }
    let (young, full) = log.count();
    if young == 0 || young + full < LEAST_PAUSES {
        let reason = format!(
            "a log of garbage collection with {young} pauses of the young generation and {full} of the whole \
             heap; it takes {LEAST_PAUSES} in all"
        );
        return Err(Problem::Nothing(reason).into());
    }
    Ok(log.collections())
}

const NOT_MODELLED: &str = "what is modelled are G1, Parallel and Serial; leave the log out, and what pauses there \
                            are is fitted to the silences between answers";

/// A collector whose heap and pauses are others.
fn not_modelled(name: &str) -> Option<&'static str> {
    match name {
        "Z" => Some("a log of ZGC, which collects beside the requests"),
        "Shenandoah" => Some("a log of Shenandoah, which collects beside the requests"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sim::network::Collector;

    use super::*;

    /// G1 of 1024 MiB: every 2 s, 500 MiB of eden are collected in 3 ms + 0.4 ms for each MiB that is copied.
    fn log(decorated: fn(f64) -> String, is_detailed: bool) -> String {
        let mut text = String::new();
        let mut say =
            |at: f64, what: &str| writeln!(text, "{}{what}", decorated(at)).expect("a text");
        for line in [
            "Using G1",
            "Heap Region Size: 1M",
            "Heap Initial Capacity: 512M",
            "Heap Max Capacity: 1G",
        ] {
            say(0.01, line);
        }
        for i in 0..60_u32 {
            let at = 2.0 * f64::from(i + 1);
            let copied = 10 + i % 20;
            let before = 100 + if i == 0 { 10 } else { 10 + (i - 1) % 20 } + 500;
            let ms = 3.0 + 0.4 * f64::from(copied);
            say(at, &format!("GC({i}) Pause Young (Normal) (G1 Evacuation Pause)"));
            if is_detailed {
                say(at, &format!("GC({i}) Using 2 workers of 2 for evacuation"));
                say(at, &format!("GC({i}) Eden regions: 500->0(580)"));
                say(at, &format!("GC({i}) Survivor regions: {}->{copied}(72)", before - 600));
                say(at, &format!("GC({i}) Old regions: 100->100"));
            }
            say(
                at,
                &format!(
                    "GC({i}) Pause Young (Normal) (G1 Evacuation Pause) {before}M->{}M(1024M) {ms:.3}ms",
                    100 + copied
                ),
            );
        }
        text
    }

    fn read(text: &str) -> Collections {
        read_collections_from(text.as_bytes(), "gc.log").unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_log_tells_allocation_eden_pauses_and_what_is_copied_whatever_decorates_it() {
        let uptime = |at: f64| format!("[{at:.3}s][info][gc          ] ");
        let ms = |at: f64| {
            format!("[2026-11-28T07:20:{:06.3}+0000][{:.0}ms][info ][gc] ", at % 60.0, at * 1e3)
        };
        let ns = |at: f64| format!("[{:.0}ns][18717][info][gc,heap] ", at * 1e9);
        for decorated in [uptime as fn(f64) -> String, ms, ns] {
            let found = read(&log(decorated, true));
            assert_eq!(found.collector, Some(Collector::G1));
            assert_eq!((found.threads, found.pauses), (Some(2.0), 60));
            assert_eq!((found.heap_mib, found.initial_mib), (Some(1024.0), Some(512.0)));
            let rate = found.allocated_mib_per_s.expect("a clock").value;
            assert!((rate / 250.0 - 1.0).abs() < 0.01, "{rate}");
            let per_mib = found.ms_per_copied_mib.expect("copied").value;
            assert!((per_mib - 0.4).abs() < 0.01, "{per_mib}");
            assert!((found.pause_ms.value - 3.0).abs() < 0.1, "{:?}", found.pause_ms);
            let young = found.young.expect("not full").value;
            assert!((0.57..=0.65).contains(&young), "{young}");
        }
    }

    #[test]
    fn without_a_clock_there_is_no_rate_and_without_details_nothing_is_known_to_be_copied() {
        let found = read(&log(|_| String::new(), true));
        assert_eq!(found.allocated_mib_per_s, None);
        assert!(found.ms_per_copied_mib.is_some());
        let found = read(&log(|at| format!("[{at:.3}s][info][gc] "), false));
        assert_eq!(found.ms_per_copied_mib, None);
        let rate = found.allocated_mib_per_s.expect("a clock").value;
        assert!((rate / 250.0 - 1.0).abs() < 0.01, "{rate}");
        assert!((found.pause_ms.value - 10.8).abs() < 0.1);
    }

    #[test]
    fn what_is_no_log_of_a_modelled_collector_is_refused_by_its_name() {
        let refused = |text: &str| {
            read_collections_from(text.as_bytes(), "f").expect_err("refused").to_string()
        };
        assert!(refused("[0.1s][info][gc] Using The Z Garbage Collector\n").contains("ZGC"));
        assert!(refused("[0.014s][info][gc] Using Shenandoah\n").contains("Shenandoah"));
        assert!(refused("timeStamp,elapsed\n1,2\n").contains("no log of garbage collection"));
        assert!(refused("").contains("empty"));
        assert!(refused("[0.01s][info][gc] Using G1\n").contains("0 pauses"));
    }
}
