//! JMeter results as people have them: from several load generators, several tests in one file, with
//! ramp-down, standstills, coarse clocks, sums, failures, dates and delimiters of all kinds. Each is a
//! load test whose truth is known, written by the test.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use measurements::{DayOrder, Options, Reading, read_all, read_from};
use sim::measurement::{Load, LoadTest, Measurement, load_tests};
use sim::time::SimDuration;

const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
                      failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect";

/// 14 November 2023, 22:13:20 UTC.
const START: i64 = 1_700_000_000_000;

/// One request; times in ms since [`START`].
#[derive(Clone, Debug)]
struct Row {
    start: i64,
    elapsed: i64,
    label: &'static str,
    user: u32,
    threads: u32,
    code: &'static str,
    message: &'static str,
    success: bool,
}

impl Row {
    fn end(&self) -> i64 {
        self.start + self.elapsed
    }
}

/// A closed loop: users begin one after the other, and end one after the other.
#[derive(Clone, Copy, Debug)]
struct Test {
    users: u32,
    begin: i64,
    /// Between the beginnings of two users, ms.
    ramp_up: i64,
    /// When the first of them ends, and how long after it the next.
    end: i64,
    ramp_down: i64,
    /// Before each request, ms.
    think: i64,
    seed: u64,
}

const TEST: Test =
    Test { users: 10, begin: 0, ramp_up: 100, end: 30_000, ramp_down: 0, think: 0, seed: 1 };

impl Test {
    /// Its requests by their end: each takes 5 to 44 ms, 24.5 ms on average, labels by turns.
    fn rows(self, labels: &[&'static str]) -> Vec<Row> {
        let mut random = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut rows = Vec::new();
        let lives = |user: u32| {
            let user = i64::from(user);
            (self.begin + user * self.ramp_up, self.begin + self.end + user * self.ramp_down)
        };
        for user in 0..self.users {
            let (mut at, end) = lives(user);
            let mut turn = user as usize;
            while at < end {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
                let elapsed = 5 + (random >> 33) as i64 % 40;
                let done = at + elapsed;
                let runs = |user: &u32| lives(*user).0 <= done && done < lives(*user).1 + 45;
                rows.push(Row {
                    start: at,
                    elapsed,
                    label: labels[turn % labels.len()],
                    user,
                    threads: (0..self.users).filter(runs).count() as u32,
                    code: "200",
                    message: "OK",
                    success: true,
                });
                turn += 1;
                at = done + self.think;
            }
        }
        rows.sort_by_key(|row| (row.end(), row.user));
        rows
    }
}

/// How an instant is written.
type Clock = fn(i64) -> String;

fn ms(at: i64) -> String {
    (START + at).to_string()
}

/// Rows with whatever stands between fields.
fn lines(rows: &[Row], separator: &str, clock: Clock) -> String {
    let mut text = String::new();
    for row in rows {
        let message = if row.message.contains(',') {
            format!("\"{}\"", row.message)
        } else {
            row.message.to_owned()
        };
        let fields = [
            clock(row.start),
            row.elapsed.to_string(),
            row.label.to_owned(),
            row.code.to_owned(),
            message,
            format!("users 1-{}", row.user + 1),
            "text".to_owned(),
            row.success.to_string(),
            String::new(),
            "345".to_owned(),
            "512".to_owned(),
            row.threads.to_string(),
            row.threads.to_string(),
            format!("http://gw/{}", row.label),
            row.elapsed.to_string(),
            "0".to_owned(),
            "0".to_owned(),
        ];
        writeln!(text, "{}", fields.join(separator)).expect("a text");
    }
    text
}

fn result(rows: &[Row]) -> String {
    format!("{HEADER}\n{}", lines(rows, ",", ms))
}

fn read(text: &str) -> Reading {
    read_from(text.as_bytes(), "t.jtl", &Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refusal(text: &str) -> String {
    read_from(text.as_bytes(), "t.jtl", &Options::default()).expect_err("refused").to_string()
}

/// Reads texts as files of one call.
fn read_files(texts: &[(&str, &str)]) -> Reading {
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> = texts.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, text)) in paths.iter().zip(texts) {
        fs::write(path, text).expect("a file");
    }
    read_all(&paths, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn users(row: &Measurement) -> u32 {
    match row.load {
        Load::Closed { users } => users,
        Load::Open { .. } => panic!("users"),
    }
}

/// One label of so many users who wait for nothing but answers of 24.5 ms on average: X = N / R, within
/// what a window of some seconds leaves open.
fn expect_loop(row: &Measurement, expected_users: u32) {
    assert_eq!((users(row), row.flag.as_deref()), (expected_users, None), "{row:?}");
    let mean = row.mean.expect("a mean") * 1e3;
    assert!((mean - 24.5).abs() < 0.5, "{mean}");
    let throughput = row.throughput.expect("a rate");
    let expected = f64::from(expected_users) / mean * 1e3;
    assert!((throughput / expected - 1.0).abs() < 0.02, "{throughput}, not {expected}");
    assert!(row.max.expect("known") <= 0.044);
}

fn note<'a>(reading: &'a Reading, part: &str) -> &'a str {
    let found = reading.notes.iter().find(|note| note.contains(part));
    found.unwrap_or_else(|| panic!("no note says `{part}`: {:?}", reading.notes))
}

#[test]
fn files_that_overlap_in_time_are_one_test_of_several_load_generators() {
    let of = |users, begin, seed| Test { users, begin, seed, ..TEST };
    // The clock of the second is 700 ms ahead; the third has other users.
    let (a, b) = (of(5, 0, 1).rows(&["call"]), of(5, 700, 2).rows(&["call"]));
    let c = of(3, 40, 3).rows(&["call"]);
    let files = [("a.jtl", result(&a)), ("b.jtl", result(&b)), ("c.jtl", result(&c))];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let reading = read_files(&files);
    let [row] = &reading.measurements[..] else { panic!("{:?}", reading.measurements) };
    expect_loop(row, 13);
    assert!(row.silences.is_none(), "clocks differ");
    let said = note(&reading, "overlap in time");
    assert!(
        said.starts_with("3 load generators") && said.contains("one test of 13 users"),
        "{said}"
    );
    // In one file, one after the other, it is the same.
    let both = format!("{}{}", result(&a), result(&b));
    expect_loop(&read(&both).measurements[0], 10);
    // Nor does it matter that each names its samples with its address.
    let remote = result(&a).replace("users 1-", "10.0.0.1:1099-users 1-")
        + &lines(&b, ",", ms).replace("users 1-", "10.0.0.2:1099-users 1-");
    expect_loop(&read(&remote).measurements[0], 10);
}

#[test]
fn files_one_after_the_other_are_tests_of_their_own_even_where_clocks_make_them_overlap_a_little() {
    let first = TEST.rows(&["call"]);
    for begin in [60_000, 29_000] {
        let second = Test { begin, seed: 2, ..TEST }.rows(&["call"]);
        let reading = read_files(&[("a.jtl", &result(&first)), ("b.jtl", &result(&second))]);
        assert_eq!(reading.measurements.len(), 2, "{:?}", reading.notes);
        reading.measurements.iter().for_each(|row| expect_loop(row, 10));
    }
    let again = read_files(&[("a.jtl", &result(&first)), ("b.jtl", &result(&first))]);
    assert_eq!(again.measurements.len(), 1);
    expect_loop(&again.measurements[0], 10);
    note(&again, "the same samples again");
}

#[test]
fn load_generators_that_never_ran_together_are_no_test() {
    let a = Test { users: 5, ramp_up: 3000, ..TEST }.rows(&["call"]);
    let b = Test { users: 5, begin: 20_000, ramp_up: 3000, seed: 2, ..TEST }.rows(&["call"]);
    let a: Vec<Row> = a.into_iter().filter(|row| row.end() < 24_000).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let paths = ["a.jtl", "b.jtl"].map(|name| folder.path().join(name));
    for (path, rows) in paths.iter().zip([a, b]) {
        fs::write(path, result(&rows)).expect("a file");
    }
    let error = read_all(&paths, &Options::default()).expect_err("at no time 10 users");
    assert!(error.to_string().contains("never ran all their users at the same time"), "{error}");
}

#[test]
fn tests_in_one_file_are_told_apart_by_long_pauses_and_by_headers() {
    let first = TEST.rows(&["list", "read"]);
    let later = |begin| Test { begin, users: 4, seed: 2, ..TEST }.rows(&["list", "read"]);
    for (pause, header) in [(3_600_000, ""), (33_000, ""), (3_600_000, HEADER), (30_200, HEADER)] {
        let text = format!("{}{header}\n{}", result(&first), lines(&later(pause), ",", ms));
        let reading = read(&text);
        let tests = load_tests(&reading.measurements);
        assert_eq!(tests.len(), 2, "{pause}: {:?}", reading.notes);
        for (test, expected) in tests.iter().zip([10, 4]) {
            assert_eq!(test.users(), Some(expected));
            assert_eq!(test.operations.len(), 2);
            let in_flight = test.in_flight().expect("figures");
            assert!((in_flight / f64::from(expected) - 1.0).abs() < 0.02, "{in_flight}");
        }
        note(&reading, "holds 2 tests one after the other");
    }
    // The later one was appended to by an earlier one, with other columns.
    let swapped = result(&later(3_600_000))
        + "timeStamp,elapsed,label,success,allThreads\n"
        + &first.iter().fold(String::new(), |text, row| {
            text + &format!(
                "{},{},{},true,{}\n",
                START + row.start,
                row.elapsed,
                row.label,
                row.threads
            )
        });
    let tests = load_tests(&read(&swapped).measurements);
    assert_eq!(tests.iter().map(LoadTest::users).collect::<Vec<_>>(), [Some(10), Some(4)]);
}

#[test]
fn pauses_of_users_who_think_divide_nothing_and_their_thinking_is_told() {
    for (users, think) in [(10, 1000), (1, 20_000), (2, 5000)] {
        let test = Test { users, think, end: 600_000, ramp_up: 1000, ..TEST };
        let reading = read(&result(&test.rows(&["list", "read"])));
        let tests = load_tests(&reading.measurements);
        assert_eq!(tests.len(), 1, "{users}: {:?}", reading.notes);
        let thought = tests[0].operations[0].think.expect("threads tell").mean.as_seconds();
        assert!((thought / (think as f64 / 1e3) - 1.0).abs() < 0.01, "{thought}");
        let by_law = tests[0].think_seconds().expect("figures");
        assert!((by_law / thought - 1.0).abs() < 0.05, "{users}: {by_law}");
    }
}

#[test]
fn ramp_up_and_ramp_down_are_left_out() {
    let test = Test { ramp_up: 1000, ramp_down: 2000, ..TEST };
    let rows = test.rows(&["call"]);
    let reading = read(&result(&rows));
    expect_loop(&reading.measurements[0], 10);
    let kept = reading.measurements[0].requests.expect("counted") as usize;
    let inside = rows.iter().filter(|row| (9000..30_045).contains(&row.end())).count();
    assert!(kept.abs_diff(inside) < 30, "{kept} of {inside}");
    let left_out = rows.len() - kept;
    note(&reading, &format!("{left_out} samples of ramp-up, ramp-down and warm-up"));
    let options = Options { discard: SimDuration::from_ms(10_000.0), ..Options::default() };
    let later = read_from(result(&rows).as_bytes(), "t.jtl", &options).expect("a result");
    assert!(later.measurements[0].requests.expect("counted") < kept as u64 * 3 / 5);
    expect_loop(&later.measurements[0], 10);
}

#[test]
fn users_who_come_and_go_are_no_number_of_users() {
    let (first, second) = (TEST.rows(&["call"]), Test { seed: 2, ..TEST }.rows(&["call"]));
    let lull = Test { users: 2, begin: 30_020, ramp_up: 0, ..TEST }.rows(&["call"]);
    let moved = second.into_iter().map(|row| Row { start: row.start + 60_060, ..row });
    let rows: Vec<Row> = first.into_iter().chain(lull).chain(moved).collect();
    let row = &read(&result(&rows)).measurements[0];
    assert!(row.flag.as_ref().is_some_and(|flag| flag.contains("users came and went")), "{row:?}");
}

/// Everything that was on its way or came at 10 s waits so long.
fn suspended(rows: &[Row], ms: i64) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        let (start, end) = (row.start, row.end());
        row.start += if start >= 10_000 { ms } else { 0 };
        row.elapsed = end + if end > 10_000 { ms } else { 0 } - row.start;
    }
    rows.sort_by_key(Row::end);
    rows
}

#[test]
fn a_standstill_is_named_with_its_times_and_left_out() {
    let rows = suspended(&TEST.rows(&["call"]), 15_000);
    let reading = read(&result(&rows));
    expect_loop(&reading.measurements[0], 10);
    let said = note(&reading, "standstill");
    assert!(said.contains("nothing was answered for 15.0 s"), "{said}");
    assert!(said.contains("from 2023-11-14 22:13:30 to 22:13:45"), "{said}");
    note(&reading, "10 samples that waited");
    let silences = reading.measurements[0].silences.as_ref().expect("one load generator");
    assert!(silences.observed_seconds() < 30.0);
    // The client gave up again and again while it lasted: failures are no answers.
    let mut gave_up = rows;
    for at in 0..100 {
        let (start, message) = (10_050 + at * 100, "Read timed out");
        let row =
            Row { start, elapsed: 100, message, success: false, code: "", ..gave_up[0].clone() };
        gave_up.push(Row { user: 10, threads: 10, ..row });
    }
    gave_up.sort_by_key(Row::end);
    note(&read(&result(&gave_up)), "nothing was answered for 15.0 s");
}

#[test]
fn short_silences_and_regular_ones_stay_in() {
    let second = read(&result(&suspended(&TEST.rows(&["call"]), 1500)));
    assert!(second.notes.iter().all(|note| !note.contains("standstill")), "{:?}", second.notes);
    assert!(second.measurements[0].max.expect("known") > 1.4);
    // Answers that all take 12 s, in clumps.
    let mut text = format!("{HEADER}\n");
    for round in 0..40_i64 {
        let rows: Vec<Row> = (0..10_u32)
            .map(|user| Row {
                start: round * 12_050 + i64::from(user) * 3,
                elapsed: 12_000 + i64::from(user) * 7 % 40,
                user,
                threads: 10,
                ..TEST.rows(&["slow"])[0].clone()
            })
            .collect();
        text += &lines(&rows, ",", ms);
    }
    let slow = read(&text);
    assert!(slow.notes.iter().all(|note| !note.contains("standstill")), "{:?}", slow.notes);
}

#[test]
fn a_clock_in_steps_tells_no_silences_and_rates_as_well() {
    let rows = TEST.rows(&["call"]);
    let seconds: Clock = |at| {
        format!("2023/11/14 22:{:02}:{:02}", 13 + (20 + at / 1000) / 60, (20 + at / 1000) % 60)
    };
    let tens: Clock = |at| (START + at / 10 * 10).to_string();
    let ticks: Clock = |at| (START + (at as f64 / 15.625).floor() as i64 * 125 / 8).to_string();
    for (clock, step) in [(seconds, "1 s"), (tens, "10 ms"), (ticks, "16 ms")] {
        let reading = read(&format!("{HEADER}\n{}", lines(&rows, ",", clock)));
        let row = &reading.measurements[0];
        expect_loop(row, 10);
        assert!(row.silences.is_none(), "{step}");
        note(&reading, &format!("its clock goes in steps of {step}, so that silences"));
    }
    let fine = read(&result(&rows));
    assert!(fine.measurements[0].silences.is_some());
    assert!(fine.notes.iter().all(|note| !note.contains("steps")), "{:?}", fine.notes);
}

/// Each pair of samples of a user is a journey; its row is written after its samples.
fn with_journeys(rows: &[Row], message: &'static str) -> String {
    let mut text = format!("{HEADER}\n");
    for row in rows {
        text += &lines(std::slice::from_ref(row), ",", ms);
        if row.label == "read" {
            let before = rows.iter().rfind(|other| {
                other.user == row.user && other.label == "list" && other.end() == row.start
            });
            let start = before.map_or(row.start, |before| before.start);
            let sum =
                Row { start, elapsed: row.end() - start, label: "Journey", message, ..row.clone() };
            text +=
                &lines(&[sum], ",", ms).replace("http://gw/Journey", "null").replace("text", "");
        }
    }
    text
}

#[test]
fn rows_of_transaction_controllers_are_left_out() {
    let rows = Test { end: 10_000, ..TEST }.rows(&["list", "read"]);
    let counted = "Number of samples in transaction : 2, number of failing samples : 0";
    // By their message, and where messages are not saved, by what they enclose.
    for message in [counted, ""] {
        let reading = read(&with_journeys(&rows, message));
        let names: Vec<&str> = reading.measurements.iter().map(|m| m.operation.as_str()).collect();
        assert_eq!(names, ["list", "read"], "{message}");
        let test = &load_tests(&reading.measurements)[0];
        assert!((test.in_flight().expect("figures") / 10.0 - 1.0).abs() < 0.02);
        assert!(
            note(&reading, "rows of Transaction Controllers").ends_with("of other rows: `Journey`")
        );
        // They follow one another on their thread: nobody thinks.
        let think = test.operations[0].think.expect("threads tell").mean.as_ms();
        assert!(think < 0.001, "{think}");
    }
    let parents: String = with_journeys(&rows, counted)
        .lines()
        .filter(|line| line.starts_with("time") || line.contains("Journey"))
        .fold(String::new(), |text, line| text + line + "\n");
    let said = refusal(&parents);
    assert!(
        said.contains("`Journey`: rows of Transaction Controllers") && said.contains("untick"),
        "{said}"
    );
}

#[test]
fn failed_samples_are_left_out_and_counted_and_many_set_the_test_aside() {
    let mut rows = TEST.rows(&["call"]);
    for (place, row) in rows.iter_mut().enumerate().filter(|(place, _)| place % 100 == 7) {
        (row.success, row.code) = (false, "503");
        row.message = if place % 300 == 7 { "Bad Gateway" } else { "Service Unavailable" };
    }
    let text = result(&rows);
    let reading = read(&text);
    let row = &reading.measurements[0];
    assert_eq!((row.error_fraction, &row.flag), (Some(0.0), &None));
    let failures = row.failures.expect("some failed");
    assert!(failures.requests > 100 && (failures.mean * 1e3 - 24.5).abs() < 3.0, "{failures:?}");
    let test = &load_tests(&reading.measurements)[0];
    assert!((test.in_flight().expect("figures") / 10.0 - 1.0).abs() < 0.02);
    let said = note(&reading, "samples failed");
    assert!(
        said.contains("(1.00 %)") && said.contains("most often with `503` `Service Unavailable`"),
        "{said}"
    );
    let strict = Options { most_failed: Some(0.005), ..Options::default() };
    let aside = read_from(text.as_bytes(), "t.jtl", &strict).expect("a result");
    let flag = aside.measurements[0].flag.as_deref().unwrap_or_default();
    assert!(
        flag.starts_with("1.0 % of its samples failed, more than 0.5 % (`--most-failed`"),
        "{flag}"
    );
}

#[test]
fn fields_may_be_separated_by_anything_and_dates_written_in_any_order_that_tells() {
    let rows = Test { end: 5000, ..TEST }.rows(&["call"]);
    let slashes: Clock = |at| format!("2023/11/14 22:13:{:02}.{:03}", 20 + at / 1000, at % 1000);
    let dashes: Clock = |at| format!("2023-11-14T22:13:{:02},{:03}", 20 + at / 1000, at % 1000);
    let day_first: Clock = |at| format!("14/11/2023 22:13:{:02}.{:03}", 20 + at / 1000, at % 1000);
    let dotted: Clock = |at| format!("14.11.2023 22:13:{:02}.{:03}", 20 + at / 1000, at % 1000);
    let original: Clock = |at| format!("11/14/23 10:13:{:02}.{:03} PM", 20 + at / 1000, at % 1000);
    let expected = read(&result(&rows)).measurements[0].clone();
    for separator in [",", ";", "\t", "|", "^"] {
        for clock in [ms as Clock, slashes, dashes, day_first, dotted, original] {
            if separator == "," && clock(0).contains(',') {
                continue;
            }
            let header = HEADER.replace(',', separator);
            let body = lines(&rows, separator, clock);
            for text in [
                format!("{header}\n{body}"),
                format!("\u{feff}{header}\r\n{}", body.replace('\n', "\r\n")),
            ] {
                assert_eq!(read(&text).measurements[0], expected, "{}", &text[..300]);
            }
            if separator != "^" {
                let without = read(&body).measurements[0].clone();
                assert_eq!(without.requests, expected.requests, "{}", &body[..200]);
                assert_eq!(without.quantiles, expected.quantiles);
            }
        }
    }
}

#[test]
fn a_day_that_could_be_a_month_is_refused_with_its_value_and_the_way_out() {
    let rows = TEST.rows(&["call"]);
    let at = |start: i64, at: i64| {
        let at = start + at;
        format!(
            "{:02}:{:02}:{:02}.{:03}",
            at / 3_600_000 % 24,
            at / 60_000 % 60,
            at / 1000 % 60,
            at % 1000
        )
    };
    let text = |date: fn(i64) -> &'static str| {
        let mut text = format!("{HEADER}\n");
        for row in &rows {
            let line = lines(std::slice::from_ref(row), ",", ms);
            let midnight = 86_400_000 - 10_000;
            let written = format!("{} {}", date(row.start - 10_000), at(midnight, row.start));
            text += &line.replacen(&ms(row.start), &written, 1);
        }
        text
    };
    let doubtful = text(|_| "03/04/2023");
    let said = refusal(&doubtful);
    assert!(
        said.contains("`03/04/2023 23:59:50.000`") && said.contains("--dates day-first"),
        "{said}"
    );
    // A test past midnight shows it.
    let day = text(|at| if at < 0 { "03/04/2023" } else { "04/04/2023" });
    expect_loop(&read(&day).measurements[0], 10);
    let month = text(|at| if at < 0 { "03/04/2023" } else { "03/05/2023" });
    expect_loop(&read(&month).measurements[0], 10);
    for dates in [DayOrder::DayFirst, DayOrder::MonthFirst] {
        let options = Options { dates: Some(dates), ..Options::default() };
        let early = doubtful.lines().filter(|line| !line.contains(" 00:00:"));
        let early = early.fold(String::new(), |text, line| text + line + "\n");
        let reading = read_from(early.as_bytes(), "t.jtl", &options).expect("it is said");
        expect_loop(&reading.measurements[0], 10);
    }
}

#[test]
fn what_cannot_be_an_instant_is_shown() {
    let rows = TEST.rows(&["call"]);
    for (clock, said) in [
        (
            (|_| "1.7E+12".to_owned()) as Clock,
            "`1.7E+12` in `timeStamp` is neither milliseconds nor",
        ),
        (|at| (START / 1000 + at / 1000).to_string(), "is it in seconds?"),
        (|_| "14/14/2023 22:13:20".to_owned(), "`14/14/2023 22:13:20` in `timeStamp`"),
        (|_| "yesterday".to_owned(), "`yesterday` in `timeStamp`"),
    ] {
        let text = format!("{HEADER}\n{}", lines(&rows, ",", clock));
        assert!(refusal(&text).contains(said), "{}", refusal(&text));
    }
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let text = result(&TEST.rows(&["call"]));
    let once = read(&text);
    let file = read_files(&[("t.jtl", &text)]);
    assert_eq!(once.measurements[0].quantiles, file.measurements[0].quantiles);
}
