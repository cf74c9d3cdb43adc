//! JMeter results as CSV, one row per sample. JMeter's `jmeter.properties` make `timeStamp` the start of
//! a sample, which is taken for granted here as by WSO2's own tools; its end is `elapsed` later.

use std::io::Read;

use sim::measurement::{Load, Measurement, Observed};
use sim::stats::Silences;

use crate::answers::Answers;
use crate::error::{Problem, Trouble};
use crate::lines::Account;
use crate::table::{Column, Table};
use crate::tally::{LONGEST_MS, Operations, Tally};
use crate::{Format, Found, Options, timestamp};

/// Headers that no other format has.
pub(crate) const TELLING: [&str; 4] = ["timeStamp", "elapsed", "allThreads", "grpThreads"];

/// What JMeter 5 writes first.
pub(crate) const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,\
                                 dataType,success,failureMessage,bytes,sentBytes,grpThreads,\
                                 allThreads,URL,Latency,IdleTime,Connect";

/// The year 5138; later instants are none.
const LAST_INSTANT: u64 = 100_000_000_000_000;

/// A sample of more bytes is none.
const MOST_BYTES: u64 = 1 << 50;

/// An operation with so large a share of the answers while it was served had the node for itself.
const ALONE: f64 = 0.95;

/// Whether the fields of a line are those of a sample.
pub(crate) fn is_sample(fields: &[&str]) -> bool {
    let number = |field: &&str| !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit());
    fields.len() >= 8 && fields[0].len() == 13 && fields[..2].iter().all(number)
}

struct Columns {
    start: Column,
    elapsed: Column,
    label: Column,
    success: Column,
    threads: Column,
    sent: Column,
}

struct Sample {
    end: i64,
    elapsed: u64,
    label: String,
    success: bool,
    threads: u64,
    sent: Option<u64>,
}

/// Reads one measurement per label.
///
/// Users are the most `allThreads` seen. What ended before so many ran is ramp-up and left out, and so
/// is what ended within `discard` afterwards. A silence is one of the node: samples of whatever label
/// end it, and one that failed does not, since the client may have given up while the node stood still.
/// Silences are stated of a label that had the node almost for itself. Users are taken to wait for
/// nothing but answers; where they do, Little's law shows it. The size is the mean of `sentBytes`,
/// headers included.
pub(crate) fn read<R: Read>(
    mut table: Table<R>,
    name: &str,
    options: &Options,
) -> Result<Found, Trouble> {
    let columns = Columns::of(&table);
    columns.require(&table, options)?;
    let mut account = Account::default();
    let mut test = Test::default();
    while let Some(line) = table.advance()? {
        let outcome = match columns.sample(&table) {
            Ok(sample) => {
                test.take(&sample, line, options).map_err(|problem| problem.at(line))?;
                Ok(())
            }
            Err(reason) => Err(reason),
        };
        account.count(line, outcome);
    }
    let mut notes = account.notes(Format::Jtl, table.ended())?;
    if test.left_out > 0 {
        notes.push(format!("{} samples of ramp-up and warm-up are left out", test.left_out));
    }
    let measurements = test.measurements(name, options);
    if measurements.is_empty() {
        let left_out = test.left_out;
        let reason = format!("all {left_out} samples are ramp-up or warm-up, or there are none");
        return Err(Problem::Nothing(reason).into());
    }
    Ok(Found { measurements, notes })
}

impl Columns {
    fn of<R: Read>(table: &Table<R>) -> Self {
        Self {
            start: table.column(&["timeStamp"]),
            elapsed: table.column(&["elapsed"]),
            label: table.column(&["label"]),
            success: table.column(&["success"]),
            threads: table.column(&["allThreads"]),
            sent: table.column(&["sentBytes"]),
        }
    }

    fn require<R: Read>(&self, table: &Table<R>, options: &Options) -> Result<(), Trouble> {
        let mut columns = vec![
            ("`timeStamp`", self.start),
            ("`elapsed`", self.elapsed),
            ("`label`", self.label),
            ("`success`", self.success),
        ];
        if options.users.is_none() {
            columns.push(("`allThreads` (or the users as an option)", self.threads));
        }
        table.require(Format::Jtl, &columns)
    }

    fn sample<R: Read>(&self, table: &Table<R>) -> Result<Sample, String> {
        table.whole()?;
        let elapsed = table.count(self.elapsed, LONGEST_MS)?.ok_or("no `elapsed`")?;
        let start = table.text(self.start)?.ok_or("no `timeStamp`")?;
        let start = if start.bytes().all(|byte| byte.is_ascii_digit()) {
            table.count(self.start, LAST_INSTANT)?.map(|start| start as i64)
        } else {
            timestamp::milliseconds(start)
        };
        let start = start.ok_or("`timeStamp` is neither milliseconds nor a date")?;
        let success = table.text(self.success)?.ok_or("no `success`")?;
        let success = match success.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => return Err("`success` is neither `true` nor `false`".to_owned()),
        };
        Ok(Sample {
            end: start + elapsed as i64,
            elapsed,
            label: table.text(self.label)?.ok_or("no `label`")?.to_owned(),
            success,
            threads: table.count(self.threads, u32::MAX.into())?.unwrap_or(0),
            sent: table.count(self.sent, MOST_BYTES)?,
        })
    }
}

/// The test as far as it was read.
#[derive(Default)]
struct Test {
    threads: u64,
    /// When so many threads ran first.
    ramped_up: Option<i64>,
    operations: Operations,
    /// Of whatever label.
    answers: Answers,
    kept: u64,
    left_out: u64,
}

impl Test {
    fn take(&mut self, sample: &Sample, line: u64, options: &Options) -> Result<(), Problem> {
        if sample.threads > self.threads || self.ramped_up.is_none() {
            // Whatever came so far was ramp-up.
            self.threads = sample.threads;
            self.ramped_up = Some(sample.end);
            self.operations.clear();
            self.answers = Answers::default();
            self.left_out += std::mem::take(&mut self.kept) + 1;
            return Ok(());
        }
        let discard = options.discard.as_ms().min(LAST_INSTANT as f64) as i64;
        if self.ramped_up.is_some_and(|start| sample.end <= start + discard) {
            self.left_out += 1;
            return Ok(());
        }
        self.kept += 1;
        if sample.success {
            self.answers.record(sample.end);
        }
        let tally = self.operations.of(&sample.label)?;
        tally.count(sample.end, line);
        tally.times.record(sample.elapsed);
        tally.judged += 1;
        tally.failed += u64::from(!sample.success);
        if let Some(sent) = sample.sent {
            tally.bytes.record(sent as f64);
        }
        Ok(())
    }

    fn measurements(&self, name: &str, options: &Options) -> Vec<Measurement> {
        let users = options.users.unwrap_or(self.threads as u32);
        let measurement = |(label, tally): (&str, &Tally)| {
            let lines = tally.lines();
            Measurement {
                origin: format!("{name}:{}-{}", lines.start(), lines.end()),
                source: None,
                product: None,
                version: None,
                operation: label.to_owned(),
                observed: Observed::RoundTrip,
                load: Load::Closed { users },
                size_kib: options.size_kib.or(tally.size_kib()),
                backend: None,
                cores: None,
                heap_gib: None,
                nodes: None,
                requests: Some(tally.times.count()),
                throughput: tally.rate(),
                mean: tally.times.moments.mean().map(|ms| ms / 1000.0),
                sd: tally.times.moments.deviation().map(|ms| ms / 1000.0),
                quantiles: tally.times.quantiles(),
                max: tally.times.max(),
                gc_share: None,
                cpu_idle: None,
                silences: self.silences(label, tally),
                error_fraction: tally.error_fraction(),
                failures: None,
                think: None,
                test: None,
                shares_node_with: self.operations.beside(label),
                flag: None,
            }
        };
        self.operations.iter().map(measurement).collect()
    }

    /// Those of an operation that is simulated alone, as it almost was.
    fn silences(&self, label: &str, tally: &Tally) -> Option<Silences> {
        let (first, last) = tally.instants()?;
        let alone = self.operations.share(label)? >= ALONE;
        if alone { self.answers.silences(first, last) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sim::time::SimDuration;

    use super::*;
    use crate::{Reading, read_from};

    fn read(text: &str) -> Reading {
        read_from(text.as_bytes(), "t.jtl", &Options::default()).expect("a result")
    }

    fn error(text: &str) -> String {
        read_from(text.as_bytes(), "t.jtl", &Options::default()).expect_err("refused").to_string()
    }

    /// Four users whose every request takes 100 ms, after a ramp-up of one user a second.
    fn test(header: &str, row: impl Fn(u64, u64) -> String) -> String {
        let mut text = format!("{header}\n");
        for tick in 1..=1000_u64 {
            let users = (1 + tick / 10).min(4);
            for _ in 0..users {
                writeln!(text, "{}", row(1_641_362_300_000 + tick * 100, users)).expect("a text");
            }
        }
        text
    }

    fn expect_four_users(reading: &Reading) {
        let [row] = &reading.measurements[..] else { panic!("one label") };
        assert_eq!((row.operation.as_str(), row.load), ("login", Load::Closed { users: 4 }));
        let throughput = row.throughput.expect("a rate");
        assert!((throughput - 40.0).abs() < 0.1, "{throughput}");
        assert_eq!((row.mean, row.max, row.sd), (Some(0.1), Some(0.1), Some(0.0)));
        assert_eq!(row.quantiles[7], (0.99, 0.1));
        assert_eq!(row.error_fraction, Some(0.0));
        // All but the four of the tick that reached four users, and what came before.
        assert_eq!(row.requests, Some(971 * 4 - 4));
        assert!(row.shares_node_with.is_empty());
        assert!(sim::measurement::sift(reading.measurements.clone()).set_aside.is_empty());
    }

    #[test]
    fn results_of_seventeen_sixteen_and_fifteen_columns_are_read() {
        let seventeen = test(HEADER, |start, users| {
            format!(
                "{start},100,login,200,\"O, K\",\"a\nb\",text,true,,345,512,1,{users},https://host:8783/,100,0,9"
            )
        });
        let reading = read(&seventeen);
        expect_four_users(&reading);
        assert_eq!(reading.measurements[0].size_kib, Some(0.5));
        let sixteen = test(&HEADER.replace("URL,", ""), |start, users| {
            format!(
                "{start},100,login,200,OK,login 1-1,text,true,,2781,133,{users},{users},100,0,75"
            )
        });
        expect_four_users(&read(&sixteen));
        let fifteen = "label,timeStamp,elapsed,responseCode,responseMessage,threadName,dataType,\
                       success,bytes,grpThreads,allThreads,Latency,IdleTime,Connect,Hostname";
        let fifteen = test(fifteen, |start, users| {
            format!("login,{start},100,200,OK,t,text,TRUE,345,1,{users},100,0,9,h")
        });
        let reading = read(&fifteen);
        expect_four_users(&reading);
        assert_eq!(reading.measurements[0].size_kib, None);
    }

    const SHORT: &str = "timeStamp,elapsed,label,success,allThreads";

    #[test]
    fn warm_up_is_left_out_and_options_go_before_what_is_counted() {
        let text = test(SHORT, |start, users| format!("{start},100,login,true,{users}"));
        let options = Options {
            discard: SimDuration::from_ms(60_000.0),
            users: Some(8),
            size_kib: Some(1.0),
            cores: Some(2.0),
            operation: Some("token".to_owned()),
            ..Options::default()
        };
        let reading = read_from(text.as_bytes(), "t.jtl", &options).expect("a result");
        let row = &reading.measurements[0];
        assert_eq!(row.requests, Some((970 - 600) * 4));
        assert_eq!((row.load, row.size_kib), (Load::Closed { users: 8 }, Some(1.0)));
        assert_eq!((row.cores, row.operation.as_str()), (Some(2.0), "token"));
        let late = Options { discard: SimDuration::from_ms(1e9), ..Options::default() };
        let error = read_from(text.as_bytes(), "t.jtl", &late).expect_err("nothing is left");
        assert!(error.to_string().contains("all 3943 samples are ramp-up or warm-up"), "{error}");
    }

    /// An answer every millisecond for so many seconds, but in the first 30 ms of each; every third row
    /// is written late.
    fn standing_still(seconds: u64, row: impl Fn(u64) -> String) -> String {
        let instants = (0..seconds * 1000).filter(|ms| ms % 1000 >= 30).collect::<Vec<_>>();
        let mut rows: Vec<(u64, String)> =
            instants.iter().map(|ms| (ms + 40 * u64::from(ms % 3 == 0), row(*ms))).collect();
        rows.sort_by_key(|(written, _)| *written);
        let rows: Vec<String> = rows.into_iter().map(|(_, row)| row).collect();
        format!("{SHORT}\n{}\n", rows.join("\n"))
    }

    fn silences(text: &str, options: &Options) -> Vec<Option<(u64, u64, f64)>> {
        let reading = read_from(text.as_bytes(), "t.jtl", options).expect("a result");
        let of = |silences: &Silences| {
            let longer = silences.longer(0);
            let excess = longer.mean_excess().map_or(0, |excess| (excess * 1e3).round() as u64);
            (longer.count(), excess, silences.observed_seconds())
        };
        reading.measurements.iter().map(|row| row.silences.as_ref().map(of)).collect()
    }

    fn sample(ms: u64, elapsed: u64, label: &str, success: bool) -> String {
        format!("{},{elapsed},{label},{success},1", 1_641_362_300_000 + ms - elapsed)
    }

    #[test]
    fn silences_lie_between_answers_after_the_warm_up_whatever_their_order() {
        let text = standing_still(20, |ms| sample(ms, 7 * (ms % 50), "login", true));
        // The first is that of the ramp-up; silences are those of seconds 1 to 19.
        assert_eq!(silences(&text, &Options::default()), [Some((19, 26, 19.967))]);
        let options = Options { discard: SimDuration::from_ms(10_500.0), ..Options::default() };
        assert_eq!(silences(&text, &options), [Some((9, 26, 9.467))]);
    }

    #[test]
    fn a_silence_is_that_of_the_node_and_ends_with_an_answer_to_any_label() {
        // A rare label has none of its own, and those of the other are shorter by it.
        let label = |ms: u64| if ms % 1000 == 30 { "rare" } else { "login" };
        let text = standing_still(20, |ms| sample(ms, 10, label(ms), true));
        assert_eq!(silences(&text, &Options::default()), [Some((19, 26, 19.967)), None]);
        let only = Options { only: Some("login".to_owned()), ..Options::default() };
        assert_eq!(silences(&text, &only).len(), 1);
        // Two halves share the node: neither is simulated as it was.
        let label = |ms: u64| ["read", "write"][(ms % 2) as usize];
        let text = standing_still(20, |ms| sample(ms, 10, label(ms), true));
        assert_eq!(silences(&text, &Options::default()), [None, None]);
        // A client that gave up was not answered.
        let text = standing_still(20, |ms| sample(ms, 10, "login", ms % 1000 != 30));
        assert_eq!(silences(&text, &Options::default()), [Some((19, 27, 19.967))]);
    }

    #[test]
    fn labels_that_meet_share_the_node_and_those_that_do_not_do_not() {
        let mut text = format!("{SHORT}\n");
        for i in 0..300_u64 {
            let label = if i >= 200 { "late" } else { ["read", "write"][(i % 2) as usize] };
            let failed = i % 100 == 1;
            writeln!(text, "{},10,{label},{},1", 1_641_362_300_000 + i * 10, !failed)
                .expect("a text");
        }
        let rows = read(&text).measurements;
        let shared: Vec<(&str, &[String])> =
            rows.iter().map(|row| (row.operation.as_str(), &row.shares_node_with[..])).collect();
        let expected: [(&str, &[String]); 3] =
            [("late", &[]), ("read", &["write".to_owned()]), ("write", &["read".to_owned()])];
        assert_eq!(shared, expected);
        assert_eq!(rows[2].error_fraction, Some(0.02));
        let only = Options { only: Some("read".to_owned()), ..Options::default() };
        let reading = read_from(text.as_bytes(), "t.jtl", &only).expect("a result");
        assert_eq!(reading.measurements.len(), 1);
        let named = Options { operation: Some("token".to_owned()), ..Options::default() };
        let error = read_from(text.as_bytes(), "t.jtl", &named).expect_err("three labels");
        assert!(error.to_string().contains("`late`, `read`, `write`; ask for only one"));
    }

    #[test]
    fn a_few_unreadable_rows_are_noted_and_many_are_an_error() {
        let good = test(SHORT, |start, users| format!("{start},100,login,true,{users}"));
        let noted = read(&good.replacen(",100,", ",NaN,", 1));
        assert_eq!(
            noted.notes[0],
            "1 of 3943 lines could not be read, the first at line 2: `NaN` in column `elapsed` is \
             not a number from 0 to 1000000000"
        );
        let cut = read(good.trim_end().trim_end_matches(",true,4"));
        assert_eq!(cut.notes[0], "the last line, 3944, is cut off and left out");
        let half = good.len() / 2;
        let other = "2018-11-28 10:10:56,316|id|t|1|HTTP|u|x\n".repeat(1000);
        let mixed = format!("{}\n{other}", &good[..half]);
        assert!(error(&mixed).contains("lines are not of a JMeter result; the first is this one"));
        for bad in
            ["-1", "1e300", "10.5", "18446744073709551616", "9223372036854775807", "", "\u{e9}"]
        {
            let message = error(&good.replace(",100,", &format!(",{bad},")));
            assert!(message.starts_with("t.jtl:2: 3943 of 3943 lines"), "{message}");
        }
        for bad in ["-1", "1e3", "99999999", "x"] {
            assert!(error(&good.replace("16413", bad)).contains("timeStamp"));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(error("timeStamp,elapsed,label\n1,2,a\n").starts_with(
            "t.jtl:1: a JMeter result without `success` and `allThreads` (or the users as an option)"
        ));
        assert!(error(SHORT).contains("or there are none"));
        let unclosed = format!("{SHORT}\n1,2,\"a{}", "x\n".repeat(1_000_000));
        assert!(
            error(&unclosed).contains("a line of more than 1048576 bytes; is a quote left open")
        );
    }
}
