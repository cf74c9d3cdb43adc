//! `apim_metrics.log`: an event per call of an API, as JSON after whatever the logger puts before it
//! (`08:23:34,898 [-] [thread]  INFO ELKCounterMetric apimMetrics: apim:response, properties :{…}`).

use std::io::BufRead;

use serde::Deserialize;

use crate::error::Trouble;
use crate::format::Format;
use crate::found::Found;
use crate::lines::{Account, Line, Lines};
use crate::options::Options;
use crate::tally::{LONGEST_MS, Operations};
use crate::{gateway, timestamp};

/// What counts of an event; times in ms.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    api_name: Option<String>,
    #[serde(rename = "eventType")]
    kind: Option<String>,
    error_code: Option<serde_json::Value>,
    proxy_response_code: Option<u16>,
    request_timestamp: Option<String>,
    response_latency: Option<f64>,
    backend_latency: Option<f64>,
}

struct Call {
    api: String,
    instant: i64,
    failed: bool,
    /// The whole, and the backend's part of it; unknown of a fault.
    times: Option<(u64, u64)>,
}

/// Reads one measurement per API: the time in the gateway alone, of calls that a backend answered.
/// Faults, and answers of 500 and above, count as failed. What began within `discard` is left out.
pub(crate) fn read(input: impl BufRead, name: &str, options: &Options) -> Result<Found, Trouble> {
    let mut lines = Lines::new(input);
    let mut account = Account::default();
    let mut operations = Operations::default();
    let mut warm_up = gateway::WarmUp::of(options);
    while let Some(Line { number, text }) = lines.advance()? {
        let outcome = match text.and_then(call) {
            Ok(call) if warm_up.covers(call.instant) => Ok(()),
            Ok(call) => {
                take(&mut operations, &call, number)?;
                Ok(())
            }
            Err(reason) => Err(reason),
        };
        account.count(number, outcome);
    }
    let mut notes = account.notes(Format::Metrics, lines.ended())?;
    notes.extend(warm_up.note());
    let nothing = "no event has `responseLatency` and `backendLatency`";
    let mut found = gateway::found(&operations, name, options, str::to_owned, nothing)?;
    found.notes.splice(..0, notes);
    Ok(found)
}

fn take(operations: &mut Operations, call: &Call, line: u64) -> Result<(), Trouble> {
    let tally = operations.of(&call.api).map_err(|problem| problem.at(line))?;
    tally.count(call.instant, line);
    tally.judged += 1;
    tally.failed += u64::from(call.failed);
    if let Some((whole, backend)) = call.times {
        tally.times.record(whole.saturating_sub(backend) * 1000);
        tally.backend.record(backend as f64);
    }
    Ok(())
}

fn call(line: &str) -> Result<Call, String> {
    let start = line.find('{').ok_or("no JSON in it")?;
    let event: Event = serde_json::from_str(&line[start..])
        .map_err(|error| format!("its JSON is wrong at byte {}", start + error.column()))?;
    let fault = event.kind.as_deref() == Some("fault")
        || event.error_code.is_some_and(|code| !code.is_null());
    let instant = event.request_timestamp.ok_or("no `requestTimestamp`")?;
    let instant = timestamp::milliseconds(&instant).ok_or("`requestTimestamp` is no instant")?;
    let times = match (event.response_latency, event.backend_latency) {
        (Some(whole), Some(backend)) => Some((ms(whole)?, ms(backend)?)),
        _ if fault => None,
        _ => return Err("no `responseLatency` and `backendLatency`".to_owned()),
    };
    Ok(Call {
        api: event.api_name.ok_or("no `apiName`")?,
        instant,
        failed: fault || event.proxy_response_code.is_some_and(|code| code >= 500),
        times: times.filter(|_| !fault),
    })
}

fn ms(latency: f64) -> Result<u64, String> {
    if (0.0..=LONGEST_MS as f64).contains(&latency) {
        return Ok(latency.round() as u64);
    }
    Err(format!("a latency of {latency} ms is not from 0 to {LONGEST_MS}"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sim::measurement::{Load, Observed};
    use sim::time::SimDuration;

    use super::*;
    use crate::{Reading, read_from};

    const PREFIX: &str = "08:23:34,898 [-] [PassThroughMessageProcessor-188]  INFO \
                          ELKCounterMetric apimMetrics: apim:response, properties :";

    fn event(api: &str, second: u32, whole: u32, backend: u32) -> String {
        format!(
            "{{\"apiName\":\"{api}\",\"proxyResponseCode\":200,\"apiCreatorTenantDomain\":\
             \"carbon.super\",\"responseCacheHit\":false,\"backendLatency\":{backend},\
             \"requestMediationLatency\":1,\"targetResponseCode\":200,\"requestTimestamp\":\
             \"2022-12-15T02:{:02}:{:02}.894Z\",\"eventType\":\"response\",\
             \"responseLatency\":{whole},\"responseMediationLatency\":0}}",
            second / 60,
            second % 60
        )
    }

    fn log() -> String {
        let mut text = String::new();
        for second in 0..=300 {
            let line = event("PizzaShackAPI", second, 4 + second % 2, 3);
            let prefix = if second % 2 == 0 { PREFIX } else { "" };
            writeln!(text, "{prefix}{line}").expect("a text");
        }
        text
    }

    fn read(text: &str) -> Reading {
        read_from(text.as_bytes(), "apim_metrics.log", &Options::default()).expect("a log")
    }

    #[test]
    fn the_gateway_s_own_time_is_measured_per_api() {
        let reading = read(&log());
        let row = &reading.measurements[0];
        assert_eq!(
            (row.operation.as_str(), row.observed),
            ("PizzaShackAPI", Observed::GatewayTime)
        );
        assert_eq!((row.load, row.throughput), (Load::Open { rate: 1.0 }, Some(1.0)));
        assert_eq!((row.max, row.requests), (Some(0.002), Some(301)));
        assert_eq!(row.quantiles[2..4], [(0.5, 0.001), (0.75, 0.002)]);
        let backend = row.backend.expect("known");
        assert_eq!((backend.mean, backend.cv), (SimDuration::from_ms(3.0), 0.0));
        assert_eq!((row.error_fraction, row.size_kib), (Some(0.0), None));
    }

    #[test]
    fn faults_are_errors_and_have_no_times() {
        let fault = "{\"apiName\":\"PizzaShackAPI\",\"eventType\":\"fault\",\"errorCode\":101504,\
                     \"requestTimestamp\":\"2022-12-15T02:01:00.000Z\"}";
        let reading = read(&format!("{}{fault}\n", log()));
        let row = &reading.measurements[0];
        assert_eq!((row.requests, row.error_fraction), (Some(301), Some(1.0 / 302.0)));
    }

    #[test]
    fn warm_up_is_left_out() {
        let options = Options { discard: SimDuration::from_ms(60_000.0), ..Options::default() };
        let reading = read_from(log().as_bytes(), "m.log", &options).expect("a log");
        assert_eq!(reading.measurements[0].requests, Some(241));
        assert_eq!(reading.notes, ["60 requests of the warm-up are left out"]);
    }

    #[test]
    fn hostile_events_are_unreadable_lines() {
        let deep = format!("{{\"apiName\":{}", "[".repeat(100_000));
        let bad = [
            deep.as_str(),
            "{\"apiName\":\"a\"}",
            "{\"apiName\":7,\"responseLatency\":1}",
            "not JSON",
            &event("a", 0, 1, 1).replace("\"responseLatency\":1", "\"responseLatency\":-1"),
            &event("a", 0, 1, 1).replace("\"responseLatency\":1", "\"responseLatency\":1e99"),
            &event("a", 0, 1, 1).replace("2022-12-15T", "2022-99-15T"),
        ];
        for line in bad {
            let text = format!("{}{line}\n", log());
            assert!(read(&text).notes[0].starts_with("1 of 302 lines"), "{line}");
            let text = format!("{}{}", log(), format!("{line}\n").repeat(5));
            let error = read_from(text.as_bytes(), "m.log", &Options::default()).expect_err("many");
            assert!(error.to_string().starts_with("m.log:302: 5 of 306 lines"), "{error}");
        }
        let cut = log();
        assert!(read(&cut[..cut.len() - 9]).notes[0].starts_with("the last line, 301, is cut off"));
    }
}
