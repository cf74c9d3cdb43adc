//! The result of siege: times of two decimals of a second, and no quantiles. It is refused.

use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::found::Found;
use crate::head::{Head, Recognition};

pub(crate) const TOTAL: Total = Total { name: "the result of siege", recognises, read };

fn recognises(head: &Head) -> Recognition {
    let by_result = head.contains("\"transactions\"") && head.contains("\"longest_transaction\"");
    let by_log = head.has(&["Date & Time", "Trans", "Elap Time", "Resp Time"]);
    let by_screen = head.text.contains("** SIEGE") || head.text.contains("Longest transaction:");
    if !by_result && !by_log && !by_screen {
        return Recognition::Not;
    }
    Recognition::Refused(refusal())
}

fn refusal() -> Problem {
    let what = "the result of siege, whose times are rounded to hundredths of a second and which has no quantiles";
    let remedy = "measure with a tool whose requests are read one by one, as hey, oha, k6 or JMeter, or put \
                  its figures into a table, a row per test: \
                  `scenario,concurrent_users,throughput_rps,latency_avg_ms`";
    Problem::Foreign { what, remedy }
}

fn read(_: Summary) -> Result<Found, Trouble> {
    Err(refusal().into())
}
