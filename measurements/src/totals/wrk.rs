//! What wrk prints. Its latencies are corrected for coordinated omission, which cannot be switched off nor undone
//! by a few quantiles: they are refused. What stays is how many connections there were and the rate, and with
//! them the mean: each connection waits for nothing but answers (Little's law).

use std::io::BufReader;

use sim::measurement::Load;

use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::found::Found;
use crate::head::Recognition;
use crate::lines::{Line, Lines};

pub(crate) const TOTAL: Total = Total {
    name: "what wrk prints",
    recognises: |head| {
        if !head.first.starts_with("Running ") || !head.first.contains(" test @ ") {
            return Recognition::Not;
        }
        if head.contains("HdrHistogram") || head.contains("calibration: mean lat") {
            let what = "what wrk2 prints: its latencies count from when a request should have been sent, and \
                        those are not of the node alone";
            let remedy = "use k6 with `constant-arrival-rate`, vegeta or oha, whose requests are read one by one";
            return Recognition::Refused(Problem::Foreign { what, remedy });
        }
        Recognition::Known(head.table())
    },
    read,
};

fn read(summary: Summary) -> Result<Found, Trouble> {
    let mut lines = Lines::new(BufReader::new(summary.input));
    let (mut connections, mut rate, mut asked, mut failed) = (None, None, None, 0.0);
    while let Some(Line { text, .. }) = lines.advance()? {
        let Ok(text) = text else { continue };
        let first = || text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
        let last = || text.split_whitespace().last().and_then(|word| word.parse::<f64>().ok());
        if let Some((_, after)) = text.split_once(" threads and ") {
            connections = after.split_whitespace().next().and_then(|word| word.parse::<u32>().ok());
        } else if text.contains(" requests in ") {
            asked = first();
        } else if text.starts_with("Requests/sec:") {
            rate = last();
        } else if text.starts_with("Non-2xx") {
            failed = last().unwrap_or(0.0);
        }
    }
    let known = connections.filter(|users| *users > 0).zip(rate.filter(|rate| *rate > 0.0));
    let Some((users, rate)) = known else {
        let reason = "wrk says neither connections nor `Requests/sec`".to_owned();
        return Err(Problem::Nothing(reason).into());
    };
    let row = Row {
        asked: asked.unwrap_or(0.0),
        failed,
        rate: Some(rate),
        load: Some(Load::Closed { users }),
        mean: Some(f64::from(summary.options.users.unwrap_or(users)) / rate),
        ..Row::default()
    };
    let notes = vec![format!(
        "{}: the latencies of wrk are refused, since it corrects them for coordinated omission; the mean is \
         connections over the rate (Little's law)",
        summary.name
    )];
    Ok(Found { measurements: vec![row.measurement(summary.name, summary.options)], notes })
}
