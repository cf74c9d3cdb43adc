//! Memory does not grow with the file: logs of tens of megabytes, made as they are read, in one
//! process of their own.

use std::fs;
use std::io::{self, BufReader, Read};

use measurements::{Options, read_from};
use sim::measurement::Load;

const LARGE: u64 = 50_000_000;

/// Lines made one after the other until there are so many bytes.
struct Generated<F> {
    line: F,
    number: u64,
    made: u64,
    rest: Vec<u8>,
}

impl<F: Fn(u64) -> String> Generated<F> {
    fn new(line: F) -> BufReader<Self> {
        BufReader::new(Self { line, number: 0, made: 0, rest: Vec::new() })
    }
}

impl<F: Fn(u64) -> String> Read for Generated<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && self.made < LARGE {
            self.rest = (self.line)(self.number).into_bytes();
            self.made += self.rest.len() as u64;
            self.number += 1;
        }
        let count = self.rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        Ok(count)
    }
}

/// The most memory that this process ever held, in bytes; none where the system does not say.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[test]
fn fifty_megabytes_are_read_in_a_fraction_of_them() {
    let before = peak_bytes();
    let header = "timeStamp,elapsed,label,responseCode,success,sentBytes,allThreads\n";
    let jtl = Generated::new(|i| match i {
        0 => header.to_owned(),
        // 100 users: every 20 ms one of them ends a request of 2 s or so.
        _ => format!(
            "{},{},GET /orders,200,true,512,100\n",
            1_641_362_300_000 + i * 20,
            1990 + i % 21
        ),
    });
    let reading = read_from(jtl, "large.jtl", &Options::default()).expect("a result");
    let row = &reading.measurements[0];
    assert!(row.requests.is_some_and(|requests| requests > 1_000_000));
    assert_eq!(row.load, Load::Closed { users: 100 });
    let (p50, exact) = (row.quantiles[2], 2.0);
    assert!(p50.0 == 0.5 && (p50.1 / exact - 1.0).abs() < 0.005, "{p50:?}");

    // Every tenth request is answered without the backend: its half waits in vain.
    let correlation = Generated::new(|i| {
        let (hour, minute, second) = (i / 360_000 % 24, i / 6000 % 60, i / 100 % 60);
        let time = format!("2018-11-29 {hour:02}:{minute:02}:{second:02},{:02}0", i % 100);
        let round_trip =
            format!("{time}|id-{i}|t|12|HTTP|c|GET|/orders/v1/a|ROUND-TRIP LATENCY \n");
        if i % 10 == 0 {
            round_trip
        } else {
            format!("{time}|id-{i}|t|10|HTTP|u|BACKEND LATENCY\n{round_trip}")
        }
    });
    let reading = read_from(correlation, "correlation.log", &Options::default()).expect("a log");
    assert_eq!(reading.measurements[0].quantiles[2], (0.5, 0.002));

    let metrics = Generated::new(|i| {
        format!(
            "{{\"apiName\":\"orders\",\"requestTimestamp\":\"2022-12-15T{:02}:{:02}:{:02}.000Z\",\
             \"responseLatency\":12,\"backendLatency\":10,\"proxyResponseCode\":200}}\n",
            i / 3600 % 24,
            i / 60 % 60,
            i % 60
        )
    });
    let reading = read_from(metrics, "apim_metrics.log", &Options::default()).expect("a log");
    assert_eq!(reading.measurements[0].max, Some(0.002));

    if let Some((before, after)) = before.zip(peak_bytes()) {
        assert!(after - before < LARGE / 2, "{} MB more", (after - before) / 1_000_000);
    }
}
