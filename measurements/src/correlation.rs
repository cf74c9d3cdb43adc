//! `correlation.log`: the lines `ROUND-TRIP LATENCY` (request arrived until the last byte of the answer is
//! written) and `BACKEND LATENCY` (first byte to the backend until the head of its answer) of one
//! correlation id, in whichever order; their difference is the gateway's own time. Where those lines are
//! not there, the line of the API's handlers has both times: the backend's first, the whole last.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufRead;

use crate::error::{Problem, Trouble};
use crate::lines::{Account, Line, Lines};
use crate::tally::{LONGEST_MS, Operations, Tally};
use crate::{Format, Found, Options, gateway, timestamp};

/// A half whose other half is more ids away is alone.
const MOST_IDS: usize = 200_000;

/// A path of more bytes is cut.
const LONGEST_PATH: usize = 300;

/// What counts of a line.
#[derive(Debug, PartialEq)]
enum Entry<'a> {
    RoundTrip {
        id: &'a str,
        instant: i64,
        ms: u64,
        path: &'a str,
    },
    Backend {
        id: &'a str,
        ms: u64,
    },
    /// The line of the API's handlers: it alone knows the name and the status.
    Handled {
        instant: i64,
        api: &'a str,
        path: &'a str,
        status: Option<u16>,
        bytes: Option<f64>,
        /// The backend's time and the whole, in ms.
        times: Option<(u64, u64)>,
    },
    Other,
}

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
        let outcome = match text.and_then(entry) {
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
                    tally.times.record(whole.saturating_sub(backend));
                    tally.backend.record(backend as f64);
                }
            }
            Entry::Other => {}
        }
        Ok(())
    }

    fn pair(&mut self, pair: &Pair) -> Result<(), Problem> {
        let tally = self.operations.of(&pair.path)?;
        tally.times.record(pair.round_trip.saturating_sub(pair.backend));
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

/// Both times of a request, in ms.
struct Pair {
    path: String,
    round_trip: u64,
    backend: u64,
}

/// Times that wait for their other half, by id. An id is known by its hash of 64 bits: two of a full
/// table agree once in a billion.
struct Halves {
    waiting: HashMap<u64, Half>,
    /// The ids of the last [`MOST_IDS`] halves, each with the number of its half.
    ids: VecDeque<(u64, u64)>,
    most: usize,
    number: u64,
    paired: u64,
    without_backend: u64,
    without_round_trip: u64,
}

struct Half {
    number: u64,
    kind: Kind,
}

enum Kind {
    RoundTrip { ms: u64, path: String },
    Backend { ms: u64 },
}

impl Halves {
    fn new(most: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            ids: VecDeque::new(),
            most,
            number: 0,
            paired: 0,
            without_backend: 0,
            without_round_trip: 0,
        }
    }

    fn round_trip(&mut self, id: &str, ms: u64, path: &str) -> Option<Pair> {
        let key = key(id);
        if let Some(Half { kind: Kind::Backend { ms: backend }, .. }) = self.waiting.get(&key) {
            let pair = Pair { path: path.to_owned(), round_trip: ms, backend: *backend };
            self.waiting.remove(&key);
            self.paired += 1;
            return Some(pair);
        }
        self.wait(key, Kind::RoundTrip { ms, path: path.to_owned() });
        None
    }

    fn backend(&mut self, id: &str, ms: u64) -> Option<Pair> {
        let key = key(id);
        match self.waiting.get_mut(&key) {
            Some(Half { kind: Kind::Backend { ms: before }, .. }) => {
                *before = before.saturating_add(ms).min(LONGEST_MS);
                None
            }
            Some(Half { kind: Kind::RoundTrip { ms: round_trip, path }, .. }) => {
                let pair =
                    Pair { path: std::mem::take(path), round_trip: *round_trip, backend: ms };
                self.waiting.remove(&key);
                self.paired += 1;
                Some(pair)
            }
            None => {
                self.wait(key, Kind::Backend { ms });
                None
            }
        }
    }

    fn forget(&mut self, id: &str) {
        self.waiting.remove(&key(id));
    }

    fn wait(&mut self, key: u64, kind: Kind) {
        self.number += 1;
        self.ids.push_back((key, self.number));
        if let Some(half) = self.waiting.insert(key, Half { number: self.number, kind }) {
            self.alone(&half);
        }
        while self.ids.len() > self.most {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some((key, number)) = self.ids.pop_front() else { return };
        if self.waiting.get(&key).is_some_and(|half| half.number == number)
            && let Some(half) = self.waiting.remove(&key)
        {
            self.alone(&half);
        }
    }

    fn alone(&mut self, half: &Half) {
        match half.kind {
            Kind::RoundTrip { .. } => self.without_backend += 1,
            Kind::Backend { .. } => self.without_round_trip += 1,
        }
    }

    /// What is to be said of those that were alone.
    fn note(&mut self) -> Option<String> {
        while !self.ids.is_empty() {
            self.drop_oldest();
        }
        let (paired, requests, backends) =
            (self.paired, self.without_backend, self.without_round_trip);
        (requests + backends > 0).then(|| {
            format!(
                "{paired} requests have both times; {requests} have no BACKEND LATENCY (answered by \
                 the gateway, refused, or cut off) and {backends} no ROUND-TRIP LATENCY"
            )
        })
    }
}

fn key(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Fields are counted from both ends: paths may contain bars.
fn entry(line: &str) -> Result<Entry<'_>, String> {
    let (instant, rest) =
        timestamp::of_entry(line).ok_or("it does not begin with an instant and a bar")?;
    let mut fields = rest.splitn(5, '|').map(str::trim);
    let (Some(id), Some(_thread), Some(duration)) = (fields.next(), fields.next(), fields.next())
    else {
        return Err("fewer than four fields".to_owned());
    };
    let (Some("HTTP"), Some(rest)) = (fields.next(), fields.next()) else {
        return Ok(Entry::Other);
    };
    let Some((front, last)) = rest.rsplit_once('|') else { return Ok(Entry::Other) };
    let identified = !id.is_empty();
    match last.trim() {
        "ROUND-TRIP LATENCY" if identified => {
            let path = front.splitn(3, '|').nth(2).ok_or("no path")?;
            Ok(Entry::RoundTrip { id, instant, ms: ms(duration)?, path: prefix(path) })
        }
        "BACKEND LATENCY" if identified => Ok(Entry::Backend { id, ms: ms(duration)? }),
        _ => Ok(handled(instant, duration, rest).unwrap_or(Entry::Other)),
    }
}

/// `api|method|context|…|request bytes|response bytes|status|application|key|ms`.
fn handled<'a>(instant: i64, backend: &str, rest: &'a str) -> Option<Entry<'a>> {
    let fields: Vec<&str> = rest.split('|').map(str::trim).collect();
    let end = fields.len().checked_sub(6).filter(|end| *end >= 9)?;
    let size = |field: &str| field.parse::<u32>().ok().map(f64::from);
    let bytes = size(fields[end]).zip(size(fields[end + 1]));
    Some(Entry::Handled {
        api: fields[0],
        path: prefix(fields[2]),
        status: fields[end + 2].parse().ok(),
        bytes: bytes.map(|(request, response)| f64::midpoint(request, response)),
        times: ms(backend).ok().zip(ms(fields[fields.len() - 1]).ok()),
        instant,
    })
}

fn ms(field: &str) -> Result<u64, String> {
    let ms = field.parse::<u64>().ok().filter(|ms| *ms <= LONGEST_MS);
    ms.ok_or_else(|| {
        format!("`{}` is not a duration in ms, 0 to {LONGEST_MS}", crate::error::shown(field))
    })
}

/// `/pizzashack/1.0.0` of `/pizzashack/1.0.0/menu?size=2`.
fn prefix(path: &str) -> &str {
    let path = path.trim();
    let path = path
        .split_once("://")
        .map_or(path, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let slashes = path.match_indices('/').filter(|(at, _)| *at > 0);
    let end = slashes.map(|(at, _)| at).nth(1).unwrap_or(path.len());
    clipped(path[..end].trim_end_matches('/'))
}

fn clipped(text: &str) -> &str {
    let end = (0..=LONGEST_PATH.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sim::measurement::{Load, Observed};
    use sim::time::SimDuration;

    use super::*;
    use crate::{Reading, read_from};

    const BACKEND: &str = "2018-11-29 15:19:14,863|ff0c8866|HTTP-Sender I/O dispatcher-3|832 |HTTP|http://0.0.0.0:10080/hello|sayHello|BACKEND LATENCY";
    const ROUND_TRIP: &str = "2018-11-29 15:19:14,871|ff0c8866|HTTP-Listener I/O dispatcher-2|1012|HTTP|http-incoming-2|GET|/testing/1/a|b?c=d|ROUND-TRIP LATENCY ";
    const HANDLED: &str = "2018-11-28 10:10:56,316|a783f7c3|PassThroughMessageProcessor-4|20|HTTP|admin--PizzaShackAPI:v1.0.0|GET|/pizzashack/1.0.0/menu|pizzashack/1.0.0/menu|null|null|null|null|null|71|2238|200|DefaultApplication|AwlPOz2aDf2i1gZFWgITEgf4oPsa|21";

    #[test]
    fn lines_are_told_apart_from_both_ends() {
        assert_eq!(entry(BACKEND), Ok(Entry::Backend { id: "ff0c8866", ms: 832 }));
        let instant = timestamp::milliseconds("2018-11-29 15:19:14,871").expect("an instant");
        let round_trip = Entry::RoundTrip { id: "ff0c8866", instant, ms: 1012, path: "/testing/1" };
        assert_eq!(entry(ROUND_TRIP), Ok(round_trip));
        let handled = Entry::Handled {
            instant: timestamp::milliseconds("2018-11-28 10:10:56,316").expect("an instant"),
            times: Some((20, 21)),
            api: "admin--PizzaShackAPI:v1.0.0",
            path: "/pizzashack/1.0.0",
            status: Some(200),
            bytes: Some(1154.5),
        };
        assert_eq!(entry(HANDLED), Ok(handled));
        for other in [
            "2018-11-28 10:10:43,202||PassThroughMessageProcessor-1|0|jdbc|1543380043202|executeQuery|SELECT 'a|b'|jdbc:h2:repository/database/WSO2CARBON_DB",
            "2018-11-29 15:19:13,859|ff0c8866|HTTP-Listener I/O dispatcher-2|0|HTTP State Transition|http-incoming-2|GET|/testing/1|REQUEST_DONE",
            "2018-11-29 15:19:13,859||thread|CorrelationId: x, Direction: RequestIn",
            "2018-11-29 15:19:14,863||t|832|HTTP|http://a|BACKEND LATENCY",
        ] {
            assert_eq!(entry(other), Ok(Entry::Other), "{other}");
        }
        for bad in [
            "x",
            "2018-11-29 15:19:13,859",
            "2018-11-29 15:19:13,859|id",
            "2018-11-29 15:19:14,863|id|t|-1|HTTP|http://a|BACKEND LATENCY",
            "2018-11-29 15:19:14,863|id|t|99999999999999999999|HTTP|http://a|BACKEND LATENCY",
            "2018-11-29 15:19:14,863|id|t|1|HTTP|a|ROUND-TRIP LATENCY",
        ] {
            assert!(entry(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_cut_to_two_segments() {
        assert_eq!(prefix("/a/b/c?d"), "/a/b");
        assert_eq!(prefix("/a/?d"), "/a");
        assert_eq!(prefix("https://host:8243/a/b/c"), "/a/b");
        assert_eq!((prefix("/"), prefix(""), prefix("a/b/c")), ("", "", "a/b"));
        assert_eq!(prefix(&"é".repeat(1000)).len(), LONGEST_PATH);
    }

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
    fn what_waits_is_bounded_and_the_oldest_goes_first() {
        let mut halves = Halves::new(100);
        for i in 0..1000 {
            assert!(halves.backend(&format!("id{i}"), 1).is_none());
            assert!(halves.ids.len() <= 100 && halves.waiting.len() <= 100);
        }
        assert!(halves.round_trip("id899", 2, "/a").is_none());
        assert!(halves.round_trip("id950", 2, "/a").is_some());
        halves.note();
        assert_eq!((halves.paired, halves.without_backend), (1, 1));
        assert_eq!(halves.without_round_trip, 999);
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
