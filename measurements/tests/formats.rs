//! One load test, written as each load generator writes it: whatever the format, the same is read.

use std::fmt::Write;

use measurements::{Options, Reading, read_from};
use sim::measurement::{Load, Measurement};

/// 14 November 2023, 22:13:20 UTC, µs.
const START: u64 = 1_700_000_000_000_000;

/// One request: µs since [`START`], who asked, and how many ran.
#[derive(Clone, Copy, Debug)]
struct Request {
    start: u64,
    elapsed: u64,
    user: u32,
    users: u32,
    good: bool,
}

impl Request {
    fn end(self) -> u64 {
        self.start + self.elapsed
    }

    fn status(self) -> u32 {
        if self.good { 200 } else { 503 }
    }

    fn label(self) -> &'static str {
        ["GET /read", "POST /write"][usize::from(self.user.is_multiple_of(3))]
    }

    fn method(self) -> (&'static str, &'static str) {
        self.label().split_once(' ').expect("a method and a path")
    }
}

/// Eight users who begin one after the other and ask again as soon as they are answered, in whole ms of 5 to 84,
/// for twenty seconds; one of a hundred requests fails at once.
fn closed_loop() -> Vec<Request> {
    let mut random = 1_u64;
    let mut roll = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        (random >> 33) % below
    };
    let begin = |user: u32| u64::from(user) * 150_000;
    let mut requests = Vec::new();
    for user in 0..8_u32 {
        let mut at = begin(user);
        while at < 20_000_000 {
            let good = roll(100) > 0;
            let elapsed = if good { 5000 + roll(80) * 1000 } else { 1000 };
            requests.push(Request { start: at, elapsed, user, users: 0, good });
            at += elapsed;
        }
    }
    requests.sort_by_key(|request| (request.end(), request.user));
    for request in &mut requests {
        request.users = (0..8).filter(|user| begin(*user) < request.end()).count() as u32;
    }
    requests
}

/// Requests that come every 7 to 13 ms, whatever happens to them.
fn open_stream() -> Vec<Request> {
    let mut requests = Vec::new();
    let mut at = 0;
    for i in 0..3000_u64 {
        at += 7000 + i * 7919 % 7 * 1000;
        let elapsed = 5000 + i * i * 31 % 101 * 1000;
        requests.push(Request { start: at, elapsed, user: i as u32, users: 0, good: i % 100 != 7 });
    }
    requests.sort_by_key(|request| request.end());
    requests
}

fn date(us: u64) -> String {
    let seconds = us / 1_000_000 + 13 * 60 + 20;
    format!("2023-11-14T22:{:02}:{:02}.{:06}000Z", seconds / 60, seconds % 60, us % 1_000_000)
}

/// Lines of all requests under a header.
fn lines(header: &str, requests: &[Request], line: impl Fn(&Request) -> String) -> String {
    let mut text = header.to_owned();
    for request in requests {
        writeln!(text, "{}", line(request)).expect("a text");
    }
    text
}

fn jmeter_csv(requests: &[Request]) -> String {
    lines("timeStamp,elapsed,label,responseCode,threadName,success,allThreads\n", requests, |r| {
        let (start, elapsed) = ((START + r.start) / 1000, r.elapsed / 1000);
        let (label, status) = (r.label(), r.status());
        format!("{start},{elapsed},{label},{status},users 1-{},{},{}", r.user + 1, r.good, r.users)
    })
}

fn jmeter_xml(requests: &[Request]) -> String {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n";
    let body = lines(head, requests, |r| {
        let (start, elapsed) = ((START + r.start) / 1000, r.elapsed / 1000);
        // What a page is made of is in its own time.
        let inside = "<httpSample t=\"1\" ts=\"1700000000000\" s=\"false\" lb=\"embedded\" rc=\"404\" na=\"1\"/>";
        format!(
            "<httpSample t=\"{elapsed}\" lt=\"1\" ts=\"{start}\" s=\"{}\" lb=\"{}\" rc=\"{}\" rm=\"a &amp; b\" \
             tn=\"users 1-{}\" na=\"{}\">\n  {inside}\n  <java.net.URL>http://h/</java.net.URL>\n</httpSample>",
            r.good,
            r.label(),
            r.status(),
            r.user + 1,
            r.users
        )
    });
    body + "</testResults>\n"
}

fn k6_json(requests: &[Request]) -> String {
    let mut users = 0;
    let mut text = "{\"type\":\"Metric\",\"data\":{\"name\":\"http_req_duration\"},\"metric\":\"http_req_duration\"}\n".to_owned();
    for r in requests {
        let (time, (method, path)) = (date(r.end()), r.method());
        if r.users != users {
            users = r.users;
            writeln!(text, "{{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{users},\"tags\":null}}}}")
                .expect("a text");
        }
        let tags = format!(
            "{{\"expected_response\":\"{}\",\"group\":\"::g\",\"method\":\"{method}\",\"name\":\"http://h{path}\",\
             \"status\":\"{}\",\"url\":\"http://h{path}?id={}\",\"my_tag\":\"x\"}}",
            r.good,
            r.status(),
            r.user
        );
        for (metric, value) in [("http_reqs", 1.0), ("http_req_duration", r.elapsed as f64 / 1e3)] {
            writeln!(
                text,
                "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{value},\"tags\":{tags}}}}}"
            )
            .expect("a text");
        }
    }
    text
}

fn k6_csv(requests: &[Request]) -> String {
    let header = "metric_name,timestamp,metric_value,check,expected_response,group,method,name,scenario,status,url,extra_tags\n";
    let mut users = 0;
    let mut text = header.to_owned();
    for r in requests {
        let (time, (method, path)) = ((START + r.end()) / 1000, r.method());
        if r.users != users {
            users = r.users;
            writeln!(text, "vus,{time},{users}.000000,,,,,,,,,").expect("a text");
        }
        writeln!(
            text,
            "http_req_duration,{time},{:.6},,{},,{method},http://h{path},a,{},http://h{path},",
            r.elapsed as f64 / 1e3,
            r.good,
            r.status()
        )
        .expect("a text");
    }
    text
}

fn gatling(requests: &[Request], request: impl Fn(&Request) -> String) -> String {
    let mut users = 0;
    let mut text = "ASSERTION\tAAECBA\nRUN\tExample\texample\t1700000000000\t \t3.9.5\n".to_owned();
    for r in requests {
        while users < r.users {
            users += 1;
            writeln!(text, "USER\tscn\tSTART\t{}", (START + r.start) / 1000).expect("a text");
        }
        writeln!(text, "{}", request(r)).expect("a text");
    }
    text
}

fn outcome(r: &Request) -> &'static str {
    if r.good { "OK\t" } else { "KO\tstatus.find.is(200), but actually found 503" }
}

fn times(r: &Request) -> (u64, u64) {
    ((START + r.start) / 1000, (START + r.end()) / 1000)
}

/// Each with whether it tells operations apart.
fn written(requests: &[Request]) -> Vec<(&'static str, String, bool)> {
    let second = |us: u64| format!("{:.6}", us as f64 / 1e6);
    let mut by_start = requests.to_vec();
    by_start.sort_by_key(|request| request.start);
    let log = |r: &Request| {
        let (method, path) = r.method();
        let at = (START + r.end()) / 1000;
        format!(
            "10.0.0.5 - - [14/Nov/2023:22:13:20 +0000] \"{method} {path}?a=1 HTTP/1.1\" {} 12 \"-\" \"a (b) 1.234\" {:.3} {:.3} {}.{:03}",
            r.status(),
            r.elapsed as f64 / 1e6,
            r.elapsed as f64 / 2e6,
            at / 1000,
            at % 1000
        )
    };
    vec![
        ("jmeter.csv", jmeter_csv(requests), true),
        ("jmeter.xml", jmeter_xml(requests), true),
        ("k6.json", k6_json(requests), true),
        ("k6.csv", k6_csv(requests), true),
        (
            "hey.csv",
            lines(
                "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n",
                requests,
                |r| format!("{},0,0,0,0,0,{},{}", second(r.elapsed), r.status(), second(r.start)),
            ),
            false,
        ),
        (
            "oha.csv",
            lines(
                "status,request-duration,bytes,request-start,DNS,DNS+dialup,Response-delay\n",
                &by_start,
                |r| format!("{},{},1024,{},0,0,0", r.status(), second(r.elapsed), second(r.start)),
            ),
            false,
        ),
        (
            "h2load.log",
            lines("", requests, |r| {
                format!("{}\t{}\t{}\t1", START + r.start, r.status(), r.elapsed)
            }),
            false,
        ),
        (
            "gatling-3.9",
            gatling(requests, |r| {
                let (start, end) = times(r);
                format!("REQUEST\t\t{}\t{start}\t{end}\t{}", r.label(), outcome(r))
            }),
            true,
        ),
        (
            "gatling-3.0",
            gatling(requests, |r| {
                let (start, end) = times(r);
                format!("REQUEST\t{}\t\t{}\t{start}\t{end}\t{}", r.user, r.label(), outcome(r))
            }),
            true,
        ),
        (
            "gatling-2.3",
            gatling(requests, |r| {
                let (start, end) = times(r);
                format!("REQUEST\tscn\t{}\t\t{}\t{start}\t{end}\t{}", r.user, r.label(), outcome(r))
            }),
            true,
        ),
        ("nginx.log", lines("", requests, log), true),
    ]
}

fn read(name: &str, text: &str) -> Reading {
    read_from(text.as_bytes(), name, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Mean, requests and throughput of all operations together.
fn together(rows: &[Measurement]) -> (f64, f64, f64) {
    let requests: f64 = rows.iter().map(|row| row.requests.unwrap_or(0) as f64).sum();
    let mean = |row: &Measurement| row.mean.unwrap_or(0.0) * row.requests.unwrap_or(0) as f64;
    let throughput = rows.iter().filter_map(|row| row.throughput).sum();
    (rows.iter().map(mean).sum::<f64>() / requests, requests, throughput)
}

#[test]
fn a_closed_loop_reads_as_the_same_test_whoever_wrote_it() {
    let requests = closed_loop();
    let first = read("jmeter.csv", &jmeter_csv(&requests));
    let (mean, count, throughput) = together(&first.measurements);
    assert!((mean - 0.0445).abs() < 0.001 && count > 3000.0, "{mean} {count}");
    for (name, text, tells_operations) in written(&requests) {
        let reading = read(name, &text);
        let names: Vec<&str> =
            reading.measurements.iter().map(|row| row.operation.as_str()).collect();
        if tells_operations {
            assert_eq!(names, ["GET /read", "POST /write"], "{name}");
        }
        for row in &reading.measurements {
            assert_eq!(
                (row.load, &row.flag),
                (Load::Closed { users: 8 }, &None),
                "{name}: {:?}",
                reading.notes
            );
            assert!(row.failures.is_some(), "{name}");
        }
        let found = together(&reading.measurements);
        assert!((found.0 / mean - 1.0).abs() < 0.002, "{name}: {found:?}, not {mean}");
        assert!((found.1 / count - 1.0).abs() < 0.01, "{name}: {found:?}, not {count}");
        assert!((found.2 / throughput - 1.0).abs() < 0.003, "{name}: {found:?}, not {throughput}");
        if tells_operations {
            for (row, expected) in reading.measurements.iter().zip(&first.measurements) {
                for (one, other) in row.quantiles.iter().zip(&expected.quantiles) {
                    assert!((one.1 - other.1).abs() <= 0.001_5, "{name}: {one:?}, not {other:?}");
                }
            }
        }
    }
}

#[test]
fn an_open_stream_is_simulated_open_whoever_wrote_it() {
    let requests = open_stream();
    let rate = 2999.0 / ((requests.iter().map(|r| r.start).max().unwrap_or(0) - 7000) as f64 / 1e6);
    let vegeta = lines("", &requests, |r| {
        format!(
            "{},{},{},0,12,,,a,1,GET,http://h/read?x=1,",
            (START + r.start) * 1000,
            r.status(),
            r.elapsed * 1000
        )
    });
    let tsung = lines(
        "#date;pid;id;http method;host;URL;HTTP status;size;duration;transaction;match;error;tag\n",
        &requests,
        |r| {
            let end = START + r.end();
            format!(
                "{}.{:06};<0.{}.0>;1;get;h;/read;{};12;{}.000;-;;;",
                end / 1_000_000,
                end % 1_000_000,
                r.user,
                r.status(),
                r.elapsed / 1000
            )
        },
    );
    let alike = ["h2load.log", "jmeter.csv", "jmeter.xml", "hey.csv", "nginx.log"];
    let mut files: Vec<(&str, String)> = written(&requests)
        .into_iter()
        .filter(|(name, ..)| !alike.contains(name) && !name.starts_with("gatling"))
        .map(|(name, text, _)| (name, text))
        .collect();
    files.extend([("vegeta.csv", vegeta), ("tsung.dump", tsung)]);
    for (name, text) in files {
        let reading = read(name, &text);
        let all: f64 = reading
            .measurements
            .iter()
            .map(|row| match row.load {
                Load::Open { rate } => rate,
                Load::Closed { users } => panic!("{name}: {users} users"),
            })
            .sum();
        assert!((all / rate - 1.0).abs() < 0.005, "{name}: {all} /s, not {rate}");
        assert!(reading.notes.iter().any(|note| note.contains("an open load")), "{name}");
    }
}

#[test]
fn requests_inside_a_transaction_count_and_not_their_sum() {
    let mut text = "<testResults version=\"1.2\">\n".to_owned();
    for i in 0..200_u64 {
        let at = 1_700_000_000_000 + i * 100;
        let one = |lb: &str, ts: u64, t: u64| {
            format!(
                "<httpSample t=\"{t}\" ts=\"{ts}\" s=\"true\" lb=\"{lb}\" rc=\"200\" tn=\"u 1-1\" na=\"1\"/>"
            )
        };
        let sum = "Number of samples in transaction : 2, number of failing samples : 0";
        writeln!(text, "<sample t=\"100\" ts=\"{at}\" s=\"true\" lb=\"Journey\" rc=\"\" rm=\"{sum}\" tn=\"u 1-1\" na=\"1\">{}{}</sample>",
            one("list", at, 40), one("read", at + 40, 60)).expect("a text");
    }
    let names = |reading: &Reading| -> Vec<String> {
        reading.measurements.iter().map(|row| row.operation.clone()).collect()
    };
    assert_eq!(names(&read("t.xml", &(text.clone() + "</testResults>"))), ["list", "read"]);
    // A file that is cut off tells so, and is read as far as it goes.
    let reading = read("t.xml", &text[..text.len() - 30]);
    assert_eq!(names(&reading), ["list", "read"]);
    assert!(reading.notes.iter().any(|note| note.contains("cut off")), "{:?}", reading.notes);
    let error =
        read_from(text.replace("</sample>", "</other>").as_bytes(), "t.xml", &Options::default());
    let said = error.expect_err("not well-formed").to_string();
    assert!(said.starts_with("t.xml:2: no XML"), "{said}");
}

#[test]
fn access_logs_are_read_where_they_say_how_long_requests_took_and_refused_where_not() {
    let servlet = (0..100).map(|i| {
        format!("10.0.0.5 - - [12/Dec/2019:16:53:{:02} +0530] POST /oauth2/token HTTP/1.1 200 1032 - Apache-HttpClient/4.5 0.0{}\n", i / 4, 10 + i % 10)
    });
    let reading = read("http_access.log", &servlet.collect::<String>());
    let row = &reading.measurements[0];
    assert_eq!(row.operation, "POST /oauth2/token");
    assert!((row.mean.expect("a mean") - 0.0145).abs() < 0.000_5);
    let passthrough = "- 127.0.0.1 - - [12/Dec/2019:16:54:38 +0530] \"GET /pizzashack/1.0.0/menu HTTP/1.1\" - - \"-\" \"curl\"\n\
                       - 127.0.0.1 - - [12/Dec/2019:16:54:38 +0530] \"- - \" 200 - \"-\" \"-\"\n";
    for (text, part) in [
        (passthrough.to_owned(), "pass-through transport"),
        (
            "10.0.0.5 - - [12/Dec/2019:16:53:29 +0530] \"GET /a HTTP/1.1\" 200 1032\n".to_owned(),
            "without a duration",
        ),
    ] {
        let said = read_from(text.as_bytes(), "log", &Options::default())
            .expect_err("refused")
            .to_string();
        assert!(said.contains(part) && said.contains("$request_time"), "{said}");
    }
}

#[test]
fn ab_s_users_are_those_that_fill_its_seconds() {
    let requests = closed_loop();
    let mut by_length = requests.clone();
    by_length.sort_by_key(|request| request.elapsed);
    let text = lines("starttime\tseconds\tctime\tdtime\tttime\twait\n", &by_length, |r| {
        let second = (START + r.start) / 1_000_000;
        format!("Tue Nov 14 22:13:20 2023\t{second}\t0\t{0}\t{0}\t{0}", r.elapsed / 1000)
    });
    let reading = read("ab.tsv", &text);
    let row = &reading.measurements[0];
    assert_eq!((row.load, &row.flag), (Load::Closed { users: 8 }, &None));
    // Those that failed at once are among them.
    let mean = requests.iter().map(|r| r.elapsed as f64).sum::<f64>() / requests.len() as f64 / 1e6;
    assert!((row.mean.expect("a mean") / mean - 1.0).abs() < 0.01);
    let in_flight = row.throughput.expect("a rate") * row.mean.expect("a mean");
    assert!((in_flight / 8.0 - 1.0).abs() < 0.03, "{in_flight}");
    assert!(reading.notes.iter().any(|note| note.contains("which requests failed")));
}
