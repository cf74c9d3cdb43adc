//! No input panics: files of every format with bytes deleted, doubled, replaced and mixed are read,
//! or it is said what is wrong with them.

use std::fmt::Write;
use std::path::Path;

use measurements::{Options, Problem, read, read_from};
use proptest::collection::vec;
use proptest::prelude::*;
use sim::measurement::{repeats, sift};
use sim::time::SimDuration;

const TABLE: &str = "\
source,product,product_version,cpu_cores,heap_gb,scenario,concurrent_users,message_bytes,backend_delay_ms,throughput_rps,error_pct,latency_avg_ms,latency_p99_ms,latency_max_ms,sut_gc_throughput_pct,quality_flag,test_duration_s,throughput_unit
wso2,API Manager,4.5.0,2,2,passthrough,100,1024,0,2000,0,50,120,1135,98.6,,900,requests/s
wso2,API Manager,4.5.0,2,2,passthrough,500,1024,0,2000,0,250,320,1135,98.6,odd,900,flows/s
";

const SUMMARY: &str = "\
Scenario Name,Heap Size,Concurrent Users,Message Size (Bytes),Back-end Service Delay (ms),Label,# Samples,Error Count,Error %,Throughput (Requests/sec),Average Response Time (ms),Maximum Response Time (ms),99th Percentile of Response Time (ms),99.9th Percentile of Response Time (ms),WSO2 API Manager GC Throughput (%)
Passthrough,2G,100,50,0,HTTP Request,1200000,0,0,2000,50,1135,120,190,94.92
Passthrough,512M,100,50,0,Other,1200000,0,0,2000,50,1135,120,190,94.92
";

/// One file of each format.
fn files() -> Vec<String> {
    let mut jtl =
        "timeStamp,elapsed,label,responseMessage,success,sentBytes,allThreads\n".to_owned();
    let mut correlation = String::new();
    let mut metrics = String::new();
    for i in 0..40 {
        let time = format!("2018-11-29 15:19:{i:02},859");
        let ms = 10 + i % 7;
        writeln!(
            jtl,
            "{},{ms},login,\"O,\nK\",true,512,{}",
            1_641_362_300_000_u64 + i * 10,
            i.min(4)
        )
        .and_then(|()| writeln!(correlation, "{time}|id{i}|t|{ms}|HTTP|http://b|BACKEND LATENCY"))
        .and_then(|()| {
            let path = "c|GET|/pizzashack/1.0.0/menu";
            writeln!(correlation, "{time}|id{i}|t|{}|HTTP|{path}|ROUND-TRIP LATENCY ", ms + 2)
        })
        .and_then(|()| {
            writeln!(
                metrics,
                "08:23:34,898 [-] [t] INFO M apimMetrics: apim:response, properties :\
                     {{\"apiName\":\"A\",\"requestTimestamp\":\"2022-12-15T02:01:{i:02}.1Z\",\
                     \"responseLatency\":{ms},\"backendLatency\":3}}"
            )
        })
        .expect("a text");
    }
    vec![TABLE.to_owned(), SUMMARY.to_owned(), jtl, correlation, metrics]
}

#[derive(Clone, Debug)]
enum Change {
    Delete(usize),
    Double(usize),
    Replace(u8),
    Insert(&'static str),
    Paste(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (1..200_usize).prop_map(Change::Delete),
        (1..200_usize).prop_map(Change::Double),
        any::<u8>().prop_map(Change::Replace),
        prop::sample::select(vec![
            "NaN",
            "-1",
            "inf",
            "1e308",
            "18446744073709551615",
            "\"",
            "\n",
            ",",
            "|",
            "{",
            "\u{e9}",
            "9999999999999",
            "-9223372036854775808",
            "0",
            "\0",
            ";",
        ])
        .prop_map(Change::Insert),
        (0..5_usize).prop_map(Change::Paste),
    ]
}

fn apply(bytes: &mut Vec<u8>, at: usize, change: &Change, files: &[String]) {
    let at = at % (bytes.len() + 1);
    let end = |length: usize| (at + length).min(bytes.len());
    match *change {
        Change::Delete(length) => drop(bytes.drain(at..end(length))),
        Change::Double(length) => {
            let copy = bytes[at..end(length)].to_vec();
            bytes.splice(at..at, copy);
        }
        Change::Replace(byte) => {
            if let Some(old) = bytes.get_mut(at) {
                *old = byte;
            }
        }
        Change::Insert(text) => drop(bytes.splice(at..at, text.bytes())),
        Change::Paste(file) => drop(bytes.splice(at..at, files[file].bytes())),
    }
}

/// Reads; whatever is read can be sifted, and nothing gets lost.
fn survives(bytes: &[u8], options: &Options) -> bool {
    match read_from(bytes, "hostile", options) {
        Ok(reading) => {
            let count = reading.measurements.len();
            assert!(count > 0);
            let sifted = sift(reading.measurements);
            for (_, reason) in &sifted.set_aside {
                assert!(!reason.to_string().is_empty());
            }
            assert_eq!(sifted.kept.len() + sifted.set_aside.len(), count);
            assert!(repeats(&sifted.kept).len() <= count);
            true
        }
        Err(error) => {
            assert!(error.to_string().starts_with("hostile"));
            false
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn changed_files_are_read_or_explained(
        file in 0..5_usize,
        changes in vec((any::<usize>(), change()), 0..4),
        discard_ms in prop::sample::select(vec![0, 50, u64::MAX / 1_000_000]),
    ) {
        let files = files();
        let mut bytes = files[file].clone().into_bytes();
        for (at, change) in &changes {
            apply(&mut bytes, *at, change, &files);
        }
        let options =
            Options { discard: SimDuration(discard_ms * 1_000_000), ..Options::default() };
        survives(&bytes, &options);
    }

    #[test]
    fn any_bytes_are_read_or_explained(bytes in vec(any::<u8>(), 0..2000)) {
        survives(&bytes, &Options::default());
    }
}

#[test]
fn unchanged_files_are_read() {
    assert!(files().iter().all(|file| survives(file.as_bytes(), &Options::default())));
}

#[test]
fn a_file_that_goes_on_in_another_format_is_refused_with_the_line_where_it_does() {
    let files = files();
    for (i, first) in files.iter().enumerate() {
        for (j, second) in files.iter().enumerate().filter(|(j, _)| *j != i) {
            let error =
                read_from(format!("{first}{second}").as_bytes(), "mixed", &Options::default())
                    .expect_err(&format!("{i} and {j}"));
            assert!(error.line.is_some_and(|line| line > 2), "{i} and {j}: {error}");
        }
    }
}

#[test]
fn folders_and_missing_files_are_told() {
    let problem =
        |path: &str| read(Path::new(path), &Options::default()).expect_err("none").problem;
    assert!(matches!(problem("."), Problem::Directory));
    assert!(matches!(problem("no-such-file"), Problem::Io(_)));
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/published/mi.csv");
    let reading = read(Path::new(shipped), &Options::default()).expect("a table");
    assert_eq!(reading.measurements.len(), 134);
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    let error = |text: &str| {
        read_from(text.as_bytes(), "much", &Options::default()).expect_err("too much").to_string()
    };
    let files = files();
    let long = format!("{}{}\n", files[3], "x".repeat(2_000_000));
    assert!(error(&long).starts_with("much:81: a line of more than 1048576 bytes"));
    let mut labels = "timeStamp,elapsed,label,success,allThreads\n".to_owned();
    for i in 0..1100 {
        writeln!(labels, "{},1,request {i},true,1", 1_641_362_300_000_u64 + i).expect("a text");
    }
    assert!(error(&labels).starts_with("much:1002: more than 1000 operations"));
    let rows = "a,1,1\n".repeat(20_001);
    let table = format!("scenario,concurrent_users,throughput_rps\n{rows}");
    assert!(error(&table).starts_with("much:20002: more than 20000 rows; a table of load tests"));
}
