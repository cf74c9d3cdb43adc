//! What the gateway's two logs have in common: time in the gateway alone, under an open load.

use sim::measurement::{Load, Measurement, Observed};

use crate::error::{Problem, Trouble};
use crate::found::Found;
use crate::options::Options;
use crate::tally::{Operations, Tally};

/// The beginning of a log that is left out.
pub(crate) struct WarmUp {
    ms: i64,
    first: Option<i64>,
    left_out: u64,
}

impl WarmUp {
    pub(crate) fn of(options: &Options) -> Self {
        // A thousand years are as good as more, and can be added to.
        let ms = options.discard.as_ms().min(3e13) as i64;
        Self { ms, first: None, left_out: 0 }
    }

    /// Whether the instant of a request lies in it; the first one opens the log.
    pub(crate) fn covers(&mut self, instant: i64) -> bool {
        let covered = instant - *self.first.get_or_insert(instant) < self.ms;
        self.left_out += u64::from(covered);
        covered
    }

    pub(crate) fn note(&self) -> Option<String> {
        let left_out = self.left_out;
        (left_out > 0).then(|| format!("{left_out} requests of the warm-up are left out"))
    }
}

/// A measurement for each operation, by the name that `named` gives it; an error that says `otherwise`
/// where there is none.
pub(crate) fn found(
    operations: &Operations,
    file: &str,
    options: &Options,
    named: impl Fn(&str) -> String,
    otherwise: &str,
) -> Result<Found, Trouble> {
    let mut found = Found::default();
    for (key, tally) in operations.iter() {
        if tally.times.count() == 0 {
            let note = format!("`{}` has no request with both its times", named(key));
            found.notes.push(note);
            continue;
        }
        let beside = operations.beside(key).iter().map(|key| named(key)).collect();
        let origin = format!("{file}:{}-{}", tally.lines().start(), tally.lines().end());
        let measurement = measurement(tally, origin, named(key), beside);
        let size_kib = options.size_kib.or(measurement.size_kib);
        found.measurements.push(Measurement { size_kib, ..measurement });
    }
    if found.measurements.is_empty() {
        return Err(Problem::Nothing(otherwise.to_owned()).into());
    }
    Ok(found)
}

fn measurement(
    tally: &Tally,
    origin: String,
    operation: String,
    shares_node_with: Vec<String>,
) -> Measurement {
    Measurement {
        origin,
        source: None,
        product: None,
        version: None,
        operation,
        observed: Observed::GatewayTime,
        load: Load::Open { rate: tally.rate().unwrap_or(0.0) },
        size_kib: tally.size_kib(),
        answer_kib: None,
        backend: tally.backend(),
        cores: None,
        heap_gib: None,
        nodes: None,
        requests: Some(tally.times.count()),
        throughput: tally.rate(),
        mean: tally.times.mean(),
        sd: tally.times.deviation(),
        quantiles: tally.times.quantiles(),
        max: tally.times.max(),
        bounds: Vec::new(),
        gc_share: None,
        cpu_idle: None,
        silences: None,
        error_fraction: tally.error_fraction(),
        failures: None,
        think: None,
        test: None,
        shares_node_with,
        flag: None,
    }
}
