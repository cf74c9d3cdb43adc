//! Whether both engines observe the same.

use std::sync::atomic::AtomicBool;

use super::simulate_rounding;
use crate::engine::{Collections, FlowObservations, Observations, Run, simulate};
use crate::network::Network;

/// What came of running both engines.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// They observe the same.
    Agree,
    /// They differ in this, and only because the order of two events hangs on a nanosecond, since the
    /// plain engine differs from itself when it rounds otherwise.
    HangsOnRounding(Vec<String>),
    /// They differ in this.
    Differ(Vec<String>),
}

/// Runs both engines and compares what they observe.
///
/// # Panics
///
/// As [`simulate`].
pub fn compare(network: &Network, run: &Run<'_>) -> (Observations, Agreement) {
    let never = AtomicBool::new(false);
    let fast = simulate(network, run, &never).expect("nobody stops it");
    let plain = simulate_rounding(network, run, HALF);
    let both = Both { fast, plain };
    let differences = both.differences();
    if differences.is_empty() {
        return (both.plain, Agreement::Agree);
    }
    let hangs = (1..ROUNDINGS).any(|step| {
        let fast = simulate_rounding(network, run, f64::from(step) / f64::from(ROUNDINGS));
        !Both { fast, plain: both.plain.clone() }.differences().is_empty()
    });
    let agreement = if hangs {
        Agreement::HangsOnRounding(differences)
    } else {
        Agreement::Differ(differences)
    };
    (both.plain, agreement)
}

/// What is added before a time is cut to whole nanoseconds.
pub(super) const HALF: f64 = 0.5;
/// In so many ways the plain engine is let round before the engines are said to differ.
const ROUNDINGS: u32 = 41;

/// What two engines observe.
struct Both {
    fast: Observations,
    plain: Observations,
}

impl Both {
    /// Everything in which the two differ, in words.
    fn differences(&self) -> Vec<String> {
        let mut found = Found(Vec::new());
        for (index, (fast, plain)) in self.fast.flows.iter().zip(&self.plain.flows).enumerate() {
            let mut equal = |what: &str, fast: u64, plain: u64| {
                found.equal(&format!("flow {index}: {what}"), fast, plain);
            };
            equal("arrivals", fast.arrivals, plain.arrivals);
            equal("answered", fast.answered, plain.answered);
            equal("retries", fast.retries, plain.retries);
            equal("answers for nobody", fast.wasted, plain.wasted);
            equal("admitted beyond the limit", fast.over_limit, plain.over_limit);
            equal("tokens missed", fast.token_misses, plain.token_misses);
            equal("most tokens missed at once", fast.token_herd, plain.token_herd);
            equal("late", fast.late, plain.late);
            equal("done again", fast.replayed, plain.replayed);
            equal("forgotten", fast.forgotten, plain.forgotten);
            equal("tokens renewed", fast.token_renewals, plain.token_renewals);
            for (cause, failed) in fast.failed.iter() {
                equal(&format!("errors `{}`", cause.name()), *failed, plain.failed[cause]);
            }
            equal("arrived in all", fast.whole.arrived, plain.whole.arrived);
            equal("answered in all", fast.whole.answered, plain.whole.answered);
            equal("failed in all", fast.whole.failed, plain.whole.failed);
            equal("in flight at the end", fast.whole.in_flight, plain.whole.in_flight);
            let mut close = |what: &str, fast: f64, plain: f64, tolerance: f64| {
                found.close(&format!("flow {index}: {what}"), fast, plain, tolerance);
            };
            close("sum of sojourns", fast.sojourn_sum, plain.sojourn_sum, EXACT);
            close("squares of sojourns", fast.sojourn_squares, plain.sojourn_squares, EXACT);
            close("in system", fast.in_system, plain.in_system, EXACT);
            for probability in [0.5, 0.99] {
                let quantile =
                    |seen: &FlowObservations| seen.sojourn.quantile(probability).unwrap_or(0.0);
                close("quantile", quantile(fast), quantile(plain), RESOLUTION);
            }
        }
        let clusters = self.fast.clusters.iter().zip(&self.plain.clusters);
        for (index, (fast, plain)) in clusters.enumerate() {
            let mut equal = |what: &str, fast: u64, plain: u64| {
                found.equal(&format!("cluster {index}: {what}"), fast, plain);
            };
            equal("entered", fast.entered, plain.entered);
            equal("completed", fast.completed, plain.completed);
            equal("failed", fast.failed, plain.failed);
            equal("rejected", fast.rejected, plain.rejected);
            equal("in flight at first", fast.in_flight_at[0], plain.in_flight_at[0]);
            equal("in flight at last", fast.in_flight_at[1], plain.in_flight_at[1]);
            equal("crashes", fast.crashes, plain.crashes);
            let collections = |seen: &Collections| (seen.pauses, seen.whole, seen.out_of_memory);
            let (ours, theirs) = (collections(&fast.collections), collections(&plain.collections));
            equal("pauses", ours.0, theirs.0);
            equal("collections of the whole heap", ours.1, theirs.1);
            equal("out of memory", ours.2, theirs.2);
            equal("peak", fast.peak_in_flight.into(), plain.peak_in_flight.into());
            let mut close = |what: &str, fast: f64, plain: f64| {
                found.close(&format!("cluster {index}: {what}"), fast, plain, EXACT);
            };
            close("utilisation", fast.utilisation, plain.utilisation);
            close("gc share", fast.gc_share, plain.gc_share);
            close("eden", fast.collections.eden, plain.collections.eden);
            close("stall share", fast.stall_share, plain.stall_share);
            close("in flight", fast.in_flight, plain.in_flight);
            close("workers", fast.workers_busy, plain.workers_busy);
            close("up", fast.up_share, plain.up_share);
        }
        found.0
    }
}

/// Both engines round every event to a whole nanosecond, from sums of work that they form in
/// different orders: times differ by a nanosecond now and then.
///
/// In one of ten thousand random networks such a nanosecond changes the order of two events, and more
/// differs. Then the plain engine differs from itself as much when it rounds otherwise.
const EXACT: f64 = 1e-6;
/// What is smaller is compared absolutely: pauses are counted with their fraction of a nanosecond.
const SMALL: f64 = 0.01;
/// A cell of the histogram.
const RESOLUTION: f64 = 1.0 / 128.0;

struct Found(Vec<String>);

impl Found {
    fn equal(&mut self, what: &str, fast: u64, plain: u64) {
        if fast != plain {
            self.0.push(format!("{what}: {fast}, plainly {plain}"));
        }
    }

    fn close(&mut self, what: &str, fast: f64, plain: f64, tolerance: f64) {
        if (fast - plain).abs() > tolerance * plain.abs().max(SMALL) {
            self.0.push(format!("{what}: {fast}, plainly {plain}"));
        }
    }
}
