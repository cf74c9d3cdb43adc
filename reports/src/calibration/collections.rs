//! What a log of garbage collection says, in a sentence.

use sim::measurement::{Collections, Known};
use sim::network::Collector;

use crate::number::{self, Unit};

/// What a log says of a node, and what it does not.
pub fn collections(log: &Collections) -> String {
    let plain = |value: f64| number::plain(value, Unit::One);
    let known = |known: Known| plain(known.value);
    let who = match log.collector {
        Some(Collector::G1) => "G1",
        Some(Collector::Parallel) => "the parallel collector",
        Some(Collector::Serial) => "the serial collector",
        None => "a collector that does not say its name",
    };
    let threads =
        log.threads.map_or(String::new(), |count| format!(" with {} threads", plain(count)));
    let heap = log.heap_mib.map_or(String::new(), |mib| format!(" on {} MiB", plain(mib)));
    let first = log.initial_mib.map_or(String::new(), |mib| format!(" ({} at first)", plain(mib)));
    let young = match log.young {
        Some(young) => {
            format!("which takes up to {} of", number::plain(young.value, Unit::Percent))
        }
        None => "which had to be small, so that its share is not known, of".to_owned(),
    };
    let mut parts = vec![format!(
        "{} pauses of the young generation, {young} what is committed ({} MiB in the end)",
        log.pauses,
        plain(log.committed_mib)
    )];
    parts.push(match log.ms_per_copied_mib {
        Some(cost) => format!(
            "{} ms each and {} ms for each MiB that is copied",
            known(log.pause_ms),
            known(cost)
        ),
        None => format!(
            "{} ms each, with whatever they copy, which the log does not tell (`-Xlog:gc*` does) or which was \
             always the same",
            known(log.pause_ms)
        ),
    });
    parts.push(match log.allocated_mib_per_s {
        Some(rate) => format!("{} MiB are allocated each second", known(rate)),
        None => "the log has no clock, so that what is allocated is not known".to_owned(),
    });
    if log.full_pauses > 0 {
        parts.push(format!("{} collections of the whole heap", log.full_pauses));
    }
    if log.exhausted > 0 {
        parts.push(format!("{} times there was no room to copy to", log.exhausted));
    }
    format!("the log of collections: {who}{threads}{heap}{first}; {}", parts.join("; "))
}
