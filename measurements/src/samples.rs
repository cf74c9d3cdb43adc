//! The requests that load generators wrote, whichever tool it was: results are looked over twice, first for
//! the tests that they hold, then for the samples that count.

mod clock;
mod concurrency;
mod count;
mod plan;
mod running;
mod survey;
mod threads;
mod transactions;

use crate::error::{Problem, ReadError, Trouble, listed};
use crate::format::Layout;
use crate::found::Found;
use crate::options::Options;
use crate::source::Source;
use crate::tools::{Opening, Tool};
use count::{Count, Origin};
use plan::Planned;
use survey::Survey;

/// Reads one measurement per label of each test that the results hold.
///
/// Files, and parts of a file, that overlap in time are one test from several load generators. Its users
/// are the most `allThreads` of each, added up; what lies outside the time in which all of them ran is
/// left out, and so is what ended within `discard` afterwards. Failed samples are counted apart. A
/// silence is one of the node: samples of whatever label end it, and one that failed does not, since the
/// client may have given up while the node stood still. The size is the mean of `sentBytes`, headers
/// included.
pub(crate) fn read(
    mut results: Vec<(Source, &'static Tool, Layout)>,
    options: &Options,
) -> Result<Found, ReadError> {
    let mut surveys = Vec::new();
    let mut notes = Vec::new();
    for (source, tool, layout) in &mut results {
        let survey =
            look_over(source, tool, *layout, options).map_err(|trouble| of(source, trouble))?;
        let said = survey.notes.iter().map(String::as_str).chain(tool.caution);
        notes.extend(said.map(|note| format!("{}: {note}", source.name)));
        surveys.push((source.name.clone(), survey));
    }
    let (tests, said) = plan::plan(&surveys, options);
    notes.extend(said);
    let mut counts: Vec<Count> = tests.iter().map(|_| Count::default()).collect();
    for (place, (source, tool, layout)) in results.iter_mut().enumerate() {
        let (survey, of_stretch) = (&surveys[place].1, of_stretch(place, &surveys, &tests));
        let order = survey.order;
        let input = source.open().map_err(Trouble::from);
        let opened =
            input.and_then(|input| (tool.open)(Opening { input, layout: *layout, options, order }));
        let counted = opened.and_then(|mut samples| {
            count::count(&mut *samples, (place, survey), &tests, &of_stretch, &mut counts)
        });
        counted.map_err(|trouble| of(source, trouble))?;
    }
    let mut measurements = Vec::new();
    for (test, count) in tests.iter().zip(&counts) {
        let origin = origin(test, &surveys);
        let (found, said) = count.measurements(test, &origin, options);
        notes.extend(test.notes.iter().cloned().chain(said));
        measurements.extend(found);
    }
    if measurements.is_empty() {
        let file = results.first().map_or(String::new(), |(source, ..)| source.name.clone());
        return Err(ReadError { file, line: None, problem: nothing(&tests, &counts) });
    }
    Ok(Found { measurements, notes })
}

fn of(source: &Source, Trouble { line, problem }: Trouble) -> ReadError {
    ReadError { file: source.name.clone(), line, problem }
}

fn look_over(
    source: &mut Source,
    tool: &'static Tool,
    layout: Layout,
    options: &Options,
) -> Result<Survey, Trouble> {
    let order = match tool.day_order {
        Some(find) => find(Opening { input: source.open()?, layout, options, order: None })?,
        None => None,
    };
    let mut samples = (tool.open)(Opening { input: source.open()?, layout, options, order })?;
    survey::survey(&mut *samples, tool, order)
}

/// The test of each stretch of a result.
fn of_stretch(
    result: usize,
    surveys: &[(String, Survey)],
    tests: &[Planned],
) -> Vec<Option<usize>> {
    let count = surveys[result].1.stretches.len();
    let test =
        |place: usize| tests.iter().position(|test| test.stretches.contains(&(result, place)));
    (0..count).map(test).collect()
}

fn origin(test: &Planned, surveys: &[(String, Survey)]) -> Origin {
    let name = |(result, place): &(usize, usize)| {
        let (name, survey) = &surveys[*result];
        let (first, last) = survey.stretches[*place].lines;
        let is_whole = survey.stretches.len() == 1;
        if is_whole { name.clone() } else { format!("{name}:{first}-{last}") }
    };
    let names: Vec<String> = test.stretches.iter().map(name).collect();
    let is_whole = test.stretches.len() == 1 && surveys[test.stretches[0].0].1.stretches.len() == 1;
    let name = if names.len() > 3 {
        format!("{} and {} more", names[0], names.len() - 1)
    } else {
        names.join(" + ")
    };
    Origin { name, is_whole }
}

/// Why there is no measurement.
fn nothing(tests: &[Planned], counts: &[Count]) -> Problem {
    if let Some(flag) = tests.iter().find_map(|test| test.flag.clone()) {
        return Problem::Nothing(flag);
    }
    let left_out: u64 = counts.iter().map(Count::left_out).sum();
    let failed: u64 = counts.iter().map(Count::failed).sum();
    let sums: Vec<&str> = counts.iter().flat_map(Count::sum_labels).map(String::as_str).collect();
    if left_out + failed == 0 && !sums.is_empty() {
        return Problem::HidingTransactions { labels: listed(sums.into_iter()) };
    }
    let reason = if failed > 0 {
        format!("{failed} samples failed, and {left_out} are ramp-up, ramp-down or warm-up")
    } else {
        format!("all {left_out} samples are ramp-up, ramp-down or warm-up, or there are none")
    };
    Problem::Nothing(reason)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sim::measurement::Load;
    use sim::stats::Silences;
    use sim::time::SimDuration;

    use super::*;
    use crate::{Reading, read_from};

    const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
                          failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,\
                          Connect";

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
                let start = 1_641_362_300_000 + tick * 100 + tick * 37 % 97;
                writeln!(text, "{}", row(start, users)).expect("a text");
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
        assert!(
            error.to_string().contains("all 3943 samples are ramp-up, ramp-down or warm-up"),
            "{error}"
        );
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
        assert_eq!(silences(&text, &Options::default()), [Some((19, 26, 19.969))]);
        let options = Options { discard: SimDuration::from_ms(10_500.0), ..Options::default() };
        assert_eq!(silences(&text, &options), [Some((9, 26, 9.469))]);
    }

    #[test]
    fn a_silence_is_that_of_the_node_and_ends_with_an_answer_to_any_label() {
        // A rare label has none of its own, and those of the other are shorter by it.
        let label = |ms: u64| if ms % 1000 == 30 { "rare" } else { "login" };
        let text = standing_still(20, |ms| sample(ms, 10, label(ms), true));
        assert_eq!(silences(&text, &Options::default()), [Some((19, 26, 19.969)), None]);
        let only = Options { only: Some("login".to_owned()), ..Options::default() };
        assert_eq!(silences(&text, &only).len(), 1);
        // Two halves share the node: those of both are stated once.
        let label = |ms: u64| ["read", "write"][(ms % 2) as usize];
        let text = standing_still(20, |ms| sample(ms, 10, label(ms), true));
        assert_eq!(silences(&text, &Options::default()), [None, Some((19, 26, 19.969))]);
        // A client that gave up was not answered.
        let text = standing_still(20, |ms| sample(ms, 10, "login", ms % 1000 != 30));
        assert_eq!(silences(&text, &Options::default()), [Some((19, 27, 19.968))]);
    }

    #[test]
    fn labels_that_meet_share_the_node_and_those_that_do_not_do_not() {
        let mut text = format!("{SHORT}\n");
        for i in 0..300_u64 {
            let label = if i >= 200 { "late" } else { ["read", "write"][(i % 2) as usize] };
            let failed = i % 100 == 1;
            let start = 1_641_362_300_000 + i * 10 + i * 7 % 10;
            writeln!(text, "{start},10,{label},{},1", !failed).expect("a text");
        }
        let rows = read(&text).measurements;
        let shared: Vec<(&str, &[String])> =
            rows.iter().map(|row| (row.operation.as_str(), &row.shares_node_with[..])).collect();
        let expected: [(&str, &[String]); 3] =
            [("late", &[]), ("read", &["write".to_owned()]), ("write", &["read".to_owned()])];
        assert_eq!(shared, expected);
        assert_eq!(
            (rows[2].error_fraction, rows[2].failures.map(|all| all.requests)),
            (Some(0.0), Some(2))
        );
        let tests: Vec<Option<&str>> = rows.iter().map(|row| row.test.as_deref()).collect();
        assert_eq!(tests, [None, Some("t.jtl: read"), Some("t.jtl: read")]);
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
            "t.jtl: 1 of 3943 lines could not be read, the first at line 2: `NaN` in column `elapsed` is \
             not a number from 0 to 1000000000"
        );
        let cut = read(good.trim_end().trim_end_matches(",true,4"));
        assert_eq!(cut.notes[0], "t.jtl: the last line, 3944, is cut off and left out");
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
            "t.jtl:1: a JMeter result without `success` and `allThreads` or `threadName` (or the \
             users as an option, `--users N`)"
        ));
        assert!(error(SHORT).contains("or there are none"));
        let unclosed = format!("{SHORT}\n1,2,\"a{}", "x\n".repeat(1_000_000));
        assert!(
            error(&unclosed).contains("a line of more than 1048576 bytes; is a quote left open")
        );
    }
}
