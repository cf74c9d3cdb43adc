//! `correlation.log`: the lines `ROUND-TRIP LATENCY` (request arrived until the last byte of the answer is
//! written) and `BACKEND LATENCY` (first byte to the backend until the head of its answer) of one
//! correlation id, in whichever order; their difference is the gateway's own time. Where those lines are
//! not there, the line of the API's handlers has both times: the backend's first, the whole last.

mod entry;
mod halves;

use std::collections::BTreeMap;
use std::io::BufRead;

use entry::{Entry, clipped};
use halves::{Halves, MOST_IDS, Pair};

use crate::error::{Problem, Trouble};
use crate::format::Format;
use crate::found::Found;
use crate::gateway;
use crate::lines::{Account, Line, Lines};
use crate::options::Options;
use crate::tally::{Operations, Tally};

/// Reads one measurement per API, or per path of two segments where no handler names the API: the
/// time in the gateway alone, of calls that a backend answered. The rate is that of all round trips;
/// several calls of one request to backends are added up. What ended within `discard` is left out.
pub(crate) fn read(input: impl BufRead, name: &str, options: &Options) -> Result<Found, Trouble> {
    let mut lines = Lines::new(input);
    let mut account = Account::default();
    let mut log = Log {
        operations: Operations::default(),
        names: BTreeMap::new(),
        halves: Halves::new(MOST_IDS),
        warm_up: gateway::WarmUp::of(options),
        handled: Operations::default(),
        handlers_warm_up: gateway::WarmUp::of(options),
    };
    while let Some(Line { number, text }) = lines.advance()? {
        let outcome = match text.and_then(entry::of) {
            Ok(entry) => {
                log.take(&entry, number).map_err(|problem| problem.at(number))?;
                Ok(())
            }
            Err(reason) => Err(reason),
        };
        account.count(number, outcome);
    }
    let mut notes = account.notes(Format::Correlation, lines.ended())?;
    let by_handlers = log.operations.timed() == 0 && log.handled.timed() > 0;
    if by_handlers {
        notes.extend(log.handlers_warm_up.note());
        let said = "no ROUND-TRIP LATENCY and BACKEND LATENCY have the same correlation id: times are \
                    those that the handlers of each API wrote";
        notes.push(said.to_owned());
    } else {
        notes.extend(log.warm_up.note());
        notes.extend(log.halves.note());
    }
    let names = log.names();
    let named = |path: &str| names.get(path).cloned().unwrap_or_else(|| path.to_owned());
    let nothing = "no ROUND-TRIP LATENCY and BACKEND LATENCY have the same correlation id, and no line \
                   of an API's handlers has both times; are correlation logs on \
                   (`-DenableCorrelationLogs=true`)?";
    let operations = if by_handlers { &log.handled } else { &log.operations };
    let mut found = gateway::found(operations, name, options, named, nothing)?;
    found.notes.splice(..0, notes);
    Ok(found)
}

struct Log {
    /// By path.
    operations: Operations,
    /// APIs by path.
    names: BTreeMap<String, String>,
    halves: Halves,
    warm_up: gateway::WarmUp,
    /// By path, as handlers tell it.
    handled: Operations,
    handlers_warm_up: gateway::WarmUp,
}

impl Log {
    fn take(&mut self, entry: &Entry, line: u64) -> Result<(), Problem> {
        match *entry {
            Entry::RoundTrip { id, instant, ms, path } => {
                if self.warm_up.covers(instant) {
                    self.halves.forget(id);
                    return Ok(());
                }
                self.operations.of(path)?.count(instant, line);
                if let Some(pair) = self.halves.round_trip(id, ms, path) {
                    self.pair(&pair)?;
                }
            }
            Entry::Backend { id, ms } => {
                if let Some(pair) = self.halves.backend(id, ms) {
                    self.pair(&pair)?;
                }
            }
            Entry::Handled { instant, api, path, status, bytes, times } => {
                for operations in [&mut self.operations, &mut self.handled] {
                    judge(operations.of(path)?, status, bytes);
                }
                self.name(api, path);
                if let Some((backend, whole)) =
                    times.filter(|_| !self.handlers_warm_up.covers(instant))
                {
                    let tally = self.handled.of(path)?;
                    tally.count(instant, line);
                    tally.times.record(whole.saturating_sub(backend) * 1000);
                    tally.backend.record(backend as f64);
                }
            }
            Entry::Other => {}
        }
        Ok(())
    }

    fn pair(&mut self, pair: &Pair) -> Result<(), Problem> {
        let tally = self.operations.of(&pair.path)?;
        tally.times.record(pair.round_trip.saturating_sub(pair.backend) * 1000);
        tally.backend.record(pair.backend as f64);
        Ok(())
    }

    fn name(&mut self, api: &str, path: &str) {
        if !self.names.contains_key(path) {
            self.names.insert(path.to_owned(), clipped(api).to_owned());
        }
    }

    /// APIs by path; with the path where one API has several.
    fn names(&self) -> BTreeMap<&str, String> {
        let several = |api: &String| self.names.values().filter(|other| *other == api).count() > 1;
        let name = |path: &str, api: &String| {
            if several(api) { format!("{api} {path}") } else { api.clone() }
        };
        self.names.iter().map(|(path, api)| (path.as_str(), name(path, api))).collect()
    }
}

fn judge(tally: &mut Tally, status: Option<u16>, bytes: Option<f64>) {
    if let Some(status) = status {
        tally.judged += 1;
        tally.failed += u64::from(status >= 500);
    }
    if let Some(bytes) = bytes {
        tally.bytes.record(bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sim::measurement::{Load, Observed};
    use sim::time::SimDuration;

    use super::*;
    use crate::{Reading, read_from};

    const HANDLED: &str = "2018-11-28 10:10:56,316|a783f7c3|PassThroughMessageProcessor-4|20|HTTP|admin--PizzaShackAPI:v1.0.0|GET|/pizzashack/1.0.0/menu|pizzashack/1.0.0/menu|null|null|null|null|null|71|2238|200|DefaultApplication|AwlPOz2aDf2i1gZFWgITEgf4oPsa|21";

    /// Two requests a second for five minutes: 10 ms in the backend, 12 or 13 ms in all.
    fn log() -> String {
        let mut text = String::new();
        for i in 0..=600_u32 {
            let time = format!("2018-11-29 15:{:02}:{:02},{:03}", i / 120, i / 2 % 60, i % 2 * 500);
            let backend = format!("{time}|id{i}|t|10|HTTP|http://backend/a|BACKEND LATENCY");
            let whole = 12 + i % 2;
            let round_trip = format!(
                "{time}|id{i}|t|{whole}|HTTP|c|GET|/pizzashack/1.0.0/menu|ROUND-TRIP LATENCY "
            );
            let pair = if i % 3 == 0 { [round_trip, backend] } else { [backend, round_trip] };
            writeln!(text, "{}\n{}", pair[0], pair[1]).expect("a text");
        }
        text
    }

    fn read(text: &str) -> Reading {
        read_from(text.as_bytes(), "correlation.log", &Options::default()).expect("a log")
    }

    #[test]
    fn halves_are_paired_in_whichever_order() {
        let reading = read(&log());
        let row = &reading.measurements[0];
        assert_eq!(row.operation, "/pizzashack/1.0.0");
        assert_eq!((row.observed, row.requests), (Observed::GatewayTime, Some(601)));
        assert_eq!((row.load, row.throughput), (Load::Open { rate: 2.0 }, Some(2.0)));
        assert_eq!(row.quantiles[2..4], [(0.5, 0.002), (0.75, 0.003)]);
        let backend = row.backend.expect("known");
        assert_eq!((backend.mean, backend.cv), (SimDuration::from_ms(10.0), 0.0));
        assert_eq!((row.error_fraction, reading.notes.len()), (None, 0));
    }

    #[test]
    fn handlers_name_the_api_and_know_sizes_and_failures() {
        let failed = HANDLED.replace("|200|", "|502|");
        let reading = read(&format!("{}{HANDLED}\n{failed}\n", log()));
        let row = &reading.measurements[0];
        assert_eq!(row.operation, "admin--PizzaShackAPI:v1.0.0");
        assert_eq!(row.error_fraction, Some(0.5));
        assert_eq!(row.size_kib, Some(1154.5 / 1024.0));
    }

    #[test]
    fn the_lines_of_handlers_are_enough_and_the_form_of_2018_is_read() {
        let mut handled = String::new();
        let mut spaced = String::new();
        for i in 0..=600_u32 {
            let time = format!("{:02}:{:02},{:03}", i / 120, i / 2 % 60, i % 2 * 500);
            let both = format!("|id{i}|t|{}|HTTP|admin--Orders:v1|GET|/o/1/a", 10 + i % 3);
            writeln!(
                handled,
                "2018-11-29 15:{time}{both}|o|null|null|null|null|null|71|2238|200|App|k|{}",
                12 + i % 3
            )
            .and_then(|()| {
                writeln!(
                    spaced,
                    "29 Nov 2018 15:{time} | id{i} | t | 10 | HTTP | c | GET | http://b | BACKEND LATENCY\n\
                     29 Nov 2018 15:{time} | id{i} | t | 12 | HTTP | c | GET | /o/1/a | ROUND-TRIP LATENCY"
                )
            })
            .expect("a text");
        }
        let reading = read(&handled);
        let row = &reading.measurements[0];
        assert_eq!((row.operation.as_str(), row.throughput), ("admin--Orders:v1", Some(2.0)));
        assert_eq!(
            (row.requests, row.max, row.error_fraction),
            (Some(601), Some(0.002), Some(0.0))
        );
        let backend = row.backend.expect("known").mean.as_ms();
        assert!((backend - 11.0).abs() < 0.01, "{backend}");
        assert!(reading.notes[0].contains("those that the handlers of each API wrote"));
        let row = &read(&spaced).measurements[0];
        assert_eq!(
            (row.operation.as_str(), row.throughput, row.max),
            ("/o/1", Some(2.0), Some(0.002))
        );
    }

    #[test]
    fn halves_that_stay_alone_are_counted() {
        let alone =
            "2018-11-29 15:19:14,871|x|t|9|HTTP|c|GET|/pizzashack/1.0.0/menu|ROUND-TRIP LATENCY";
        let orphan = "2018-11-29 15:19:14,871|y|t|9|HTTP|http://backend/a|BACKEND LATENCY";
        let reading = read(&format!("{}{alone}\n{orphan}\n", log()));
        assert!(reading.notes[0].starts_with("601 requests have both times; 1 have no BACKEND"));
        assert!(reading.notes[0].ends_with("and 1 no ROUND-TRIP LATENCY"));
    }

    #[test]
    fn warm_up_is_left_out_and_a_log_of_nothing_says_so() {
        let options = Options { discard: SimDuration::from_ms(60_000.0), ..Options::default() };
        let reading = read_from(log().as_bytes(), "c.log", &options).expect("a log");
        assert_eq!(reading.measurements[0].requests, Some(601 - 120));
        let other = "2018-11-29 15:19:13,859||t|0|jdbc|1|q|SELECT|u\n";
        let error = read_from(other.as_bytes(), "c.log", &Options::default()).expect_err("nothing");
        assert!(error.to_string().contains("enableCorrelationLogs"));
    }
}
