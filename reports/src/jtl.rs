//! The requests of one replication as JMeter writes its samples, so that whatever reads the results
//! of a load test reads those of a simulated one.

use std::io::Write;

use sim::cause::Cause;
use sim::deployment::{Arrivals, Flow};
use sim::engine::RequestRecord;
use sim::time::SimDuration;

use crate::ReportError;

/// What JMeter 5 writes first.
const HEADER: [&str; 17] = [
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "dataType",
    "success",
    "failureMessage",
    "bytes",
    "sentBytes",
    "grpThreads",
    "allThreads",
    "URL",
    "Latency",
    "IdleTime",
    "Connect",
];

/// The window begins on 1 January 2026 at 00:00 UTC, in milliseconds since 1970.
const WINDOW_START: u64 = 1_767_225_600_000;

/// Writes requests in the order in which they ended, as JMeter does; the label is the flow's name.
///
/// Times are those of a wall clock in whole milliseconds: `elapsed` is the difference of two such
/// readings. A request that is tried again is one sample, from its first attempt to its end. A closed
/// flow has a thread for each user, which also sends what its users send of other flows; an open one has as many as requests of it are in flight at most,
/// and each of its requests a thread name of its own. The number of threads is the same in every row:
/// where it grows, readers see a test that is not yet at full load.
///
/// # Errors
///
/// If `out` does not take what is written.
pub fn jtl(
    flows: &[Flow],
    records: &[RequestRecord],
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let threads: Vec<u64> =
        flows.iter().enumerate().map(|(index, flow)| threads(flow, index, records)).collect();
    let has_threads = |index: &usize| of_group(flows, *index) == *index;
    let groups = (0..flows.len()).filter(has_threads);
    let all_threads = groups.map(|index| threads[index]).sum::<u64>().to_string();
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    for record in records {
        let index = usize::from(record.flow);
        let flow = &flows[index];
        let group = of_group(flows, index);
        let (began, ended) = (whole_ms(record.began), whole_ms(record.ended));
        let elapsed = (ended - began).to_string();
        let (code, message) = response(record.failed);
        let bytes = |kib: f64| (kib * 1024.0).round().to_string();
        writer.write_record([
            (WINDOW_START + began).to_string().as_str(),
            &elapsed,
            &flow.name,
            &code,
            message,
            &thread_name(&flows[group], record.number),
            "text",
            if record.failed.is_none() { "true" } else { "false" },
            record.failed.map_or("", Cause::name),
            &bytes(flow.size.answer_kib),
            &bytes(flow.size.request_kib),
            &threads[group].to_string(),
            &all_threads,
            // So JMeter writes that there is none.
            "null",
            &elapsed,
            "0",
            "0",
        ])?;
    }
    Ok(writer.flush()?)
}

/// What a wall clock shows.
fn whole_ms(time: SimDuration) -> u64 {
    time.0 / 1_000_000
}

/// Code and message that a client gets from the proxy in front, or makes up itself where nobody
/// answers.
fn response(failed: Option<Cause>) -> (String, &'static str) {
    let answer = failed.map_or(Some((200, "OK")), Cause::answer);
    answer.map_or_else(
        || {
            (
                "Non HTTP response code: java.net.SocketTimeoutException".to_owned(),
                "Non HTTP response message: Read timed out",
            )
        },
        |(status, phrase)| (status.to_string(), phrase),
    )
}

/// The flow whose threads send the requests of a flow.
fn of_group(flows: &[Flow], index: usize) -> usize {
    match flows[index].arrivals {
        Arrivals::OfUsers { flow, .. } => flow,
        _ => index,
    }
}

/// The thread, by the name of its group; both count from 1.
fn thread_name(flow: &Flow, number: u32) -> String {
    let thread = match flow.arrivals {
        Arrivals::Closed { users, .. } => number % users,
        _ => number,
    };
    format!("{} 1-{}", flow.name, u64::from(thread) + 1)
}

/// The threads that a flow's requests take, at least one.
fn threads(flow: &Flow, index: usize, records: &[RequestRecord]) -> u64 {
    if let Arrivals::Closed { users, .. } = flow.arrivals {
        return users.into();
    }
    let mine = records.iter().filter(|record| usize::from(record.flow) == index);
    let (mut begins, ends): (Vec<SimDuration>, Vec<SimDuration>) =
        mine.map(|record| (record.began, record.ended)).unzip();
    begins.sort_unstable();
    most_at_once(&begins, &ends).max(1)
}

/// The most intervals that overlap, by their ends in order of time.
fn most_at_once(begins: &[SimDuration], ends: &[SimDuration]) -> u64 {
    let mut ended = 0;
    let mut most = 0;
    for (begun, begin) in begins.iter().enumerate() {
        while ends.get(ended).is_some_and(|end| end <= begin) {
            ended += 1;
        }
        // One of no length at all has ended as soon as it has begun.
        most = most.max((begun + 1).saturating_sub(ended));
    }
    most as u64
}

#[cfg(test)]
mod tests {
    use sim::deployment::Message;
    use sim::random::Law;

    use super::*;

    fn flow(name: &str, arrivals: Arrivals) -> Flow {
        Flow {
            size: Message::alike(1.5),
            mediation: "directapi".to_owned(),
            ..Flow::plain(name, "passthrough", arrivals)
        }
    }

    fn closed(name: &str, users: u32) -> Flow {
        let think = Law::constant(SimDuration::ZERO);
        flow(name, Arrivals::Closed { users, think })
    }

    fn record(flow: u16, number: u32, began_ms: f64, ended_ms: f64) -> RequestRecord {
        let (began, ended) = (SimDuration::from_ms(began_ms), SimDuration::from_ms(ended_ms));
        RequestRecord { began, ended, number, flow, failed: None }
    }

    fn written(flows: &[Flow], records: &[RequestRecord]) -> Vec<String> {
        let mut bytes = Vec::new();
        jtl(flows, records, &mut bytes).expect("memory takes everything");
        let text = String::from_utf8(bytes).expect("CSV is text");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_request_is_a_sample_of_seventeen_columns() {
        let failed = |cause, number| RequestRecord {
            failed: Some(cause),
            ..record(1, number, 5.0, 30_005.0)
        };
        let records = [
            record(0, 4, 0.9, 1.1),
            failed(Cause::TimedOut, 7),
            failed(Cause::Rejected, 8),
            failed(Cause::NoNode, 9),
            failed(Cause::Refused, 10),
            failed(Cause::Reset, 11),
        ];
        let flows = [closed("sign in, twice", 3), closed("orders", 4)];
        let end = "1536,1536,4,7,null,30000,0,0";
        let row = |code: &str, message: &str, thread: u32, cause: &str| {
            format!(
                "1767225600005,30000,orders,{code},{message},orders 1-{thread},text,false,{cause},{end}"
            )
        };
        let timeout = "Non HTTP response code: java.net.SocketTimeoutException";
        let expected = [
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
             failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect"
                .to_owned(),
            "1767225600000,1,\"sign in, twice\",200,OK,\"sign in, twice 1-2\",text,true,,1536,1536,\
             3,7,null,1,0,0"
                .to_owned(),
            row(timeout, "Non HTTP response message: Read timed out", 4, "timed_out"),
            row("503", "Service Unavailable", 1, "rejected"),
            row("503", "Service Unavailable", 2, "no_node"),
            row("502", "Bad Gateway", 3, "refused"),
            row("502", "Bad Gateway", 4, "reset"),
        ];
        assert_eq!(written(&flows, &records), expected);
    }

    #[test]
    fn an_open_flow_has_the_threads_that_its_requests_take_at_once() {
        let flows = [flow("open", Arrivals::Poisson { rate: 1.0 }), closed("closed", 10)];
        // Three at once: one ends as the third begins, a fourth begins before that.
        let records = [
            record(0, 0, 0.0, 10.0),
            record(1, 3, 0.0, 11.0),
            record(0, 2, 10.0, 20.0),
            record(0, 1, 5.0, 30.0),
            record(0, 3, 15.0, 40.0),
        ];
        let rows = written(&flows, &records);
        assert_eq!(rows.len(), 6);
        assert!(rows[1].contains(",open 1-1,") && rows[1].contains(",3,13,null,"), "{}", rows[1]);
        assert!(
            rows[2].contains(",closed 1-4,") && rows[2].contains(",10,13,null,"),
            "{}",
            rows[2]
        );
        assert_eq!(threads(&flows[0], 0, &[record(0, 0, 7.0, 7.0)]), 1);
        assert_eq!(threads(&flows[0], 0, &[]), 1);
    }

    #[test]
    fn the_users_of_a_flow_are_the_threads_of_all_flows_that_they_send() {
        let flows = [closed("read", 10), flow("write", Arrivals::OfUsers { flow: 0, share: 0.3 })];
        let rows = written(&flows, &[record(0, 13, 0.0, 1.0), record(1, 23, 1.0, 2.0)]);
        let of = |label: &str| format!(",{label},200,OK,read 1-4,text,true,,1536,1536,10,10,null,");
        assert!(rows[1].contains(&of("read")) && rows[2].contains(&of("write")), "{rows:?}");
    }

    #[test]
    fn nothing_recorded_is_a_header_alone() {
        assert_eq!(written(&[closed("idle", 1)], &[]).len(), 1);
    }
}
