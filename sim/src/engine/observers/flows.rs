//! What happens to the requests of each flow.

use super::super::observations::{Conservation, FlowObservations};
use super::super::operators::DoneAgain;
use super::super::request::Request;
use crate::cause::{Cause, PerCause};
use crate::network::Network;
use crate::stats::{Batches, Histogram, TimeAverage};

/// What is counted of each flow.
#[derive(Debug)]
pub(super) struct Flows(Vec<Tally>);

#[derive(Clone, Debug, Default)]
struct Tally {
    in_system: TimeAverage,
    whole: Conservation,
    arrivals: u64,
    failed: PerCause<u64>,
    retries: u64,
    wasted: u64,
    over_limit: u64,
    token_misses: u64,
    /// The second of the last of them, how many were in it, and the most of any.
    herd: (u64, u64),
    token_herd: u64,
    token_renewals: u64,
    late: u64,
    replayed: u64,
    forgotten: u64,
    sojourn: Histogram,
    batches: Batches,
    sojourn_sum: f64,
    sojourn_squares: f64,
}

impl Flows {
    pub(super) fn new(network: &Network) -> Self {
        Self(vec![Tally::default(); network.flows.len()])
    }

    pub(super) fn start_window(&mut self, now: u64) {
        self.0.iter_mut().for_each(|tally| tally.in_system.restart(now));
    }

    #[inline]
    pub(super) fn arrived(&mut self, now: u64, flow: usize, observing: bool) {
        let tally = &mut self.0[flow];
        tally.whole.arrived += 1;
        tally.in_system.up(now);
        tally.arrivals += u64::from(observing);
    }

    pub(super) fn retried(&mut self, flow: usize, observing: bool) {
        self.0[flow].retries += u64::from(observing);
    }

    pub(super) fn wasted(&mut self, flow: usize, observing: bool) {
        self.0[flow].wasted += u64::from(observing);
    }

    pub(super) fn admitted_beyond(&mut self, flow: usize) {
        self.0[flow].over_limit += 1;
    }

    /// The cache of a node did not hold the token of a request, so long after the start of the window.
    pub(super) fn missed_token(&mut self, since_start: u64, flow: usize) {
        let tally = &mut self.0[flow];
        let (second, (last, count)) = (since_start / 1_000_000_000, tally.herd);
        tally.herd = (second, if second == last { count + 1 } else { 1 });
        tally.token_misses += 1;
        tally.token_herd = tally.token_herd.max(tally.herd.1);
    }

    pub(super) fn renewed_token(&mut self, flow: usize, observing: bool) {
        self.0[flow].token_renewals += u64::from(observing);
    }

    /// Requests that a node had taken before are done again by another, or not.
    pub(super) fn done_again(&mut self, again: &DoneAgain) {
        let tally = &mut self.0[again.flow];
        let count = if again.are_forgotten { &mut tally.forgotten } else { &mut tally.replayed };
        *count += again.requests;
    }

    #[inline]
    pub(super) fn answered(&mut self, now: u64, request: &Request, observing: bool) {
        let tally = &mut self.0[usize::from(request.flow)];
        tally.whole.answered += 1;
        tally.in_system.down(now);
        if observing {
            let sojourn = now - request.arrived;
            let seconds = sojourn as f64 * 1e-9;
            tally.late += u64::from(request.attempt > 0);
            tally.sojourn.record(sojourn);
            tally.batches.record(sojourn);
            tally.sojourn_sum += seconds;
            tally.sojourn_squares += seconds * seconds;
        }
    }

    pub(super) fn failed(&mut self, now: u64, request: &Request, cause: Cause, observing: bool) {
        let tally = &mut self.0[usize::from(request.flow)];
        tally.whole.failed += 1;
        tally.in_system.down(now);
        tally.failed[cause] += u64::from(observing);
    }

    pub(super) fn observations(self, now: u64, in_flight: &[u64]) -> Vec<FlowObservations> {
        let tallies = self.0.into_iter().zip(in_flight);
        tallies.map(|(tally, in_flight)| tally.observations(now, *in_flight)).collect()
    }
}

impl Tally {
    fn observations(self, now: u64, in_flight: u64) -> FlowObservations {
        FlowObservations {
            arrivals: self.arrivals,
            answered: self.sojourn.total(),
            failed: self.failed,
            retries: self.retries,
            wasted: self.wasted,
            over_limit: self.over_limit,
            token_misses: self.token_misses,
            token_herd: self.token_herd,
            token_renewals: self.token_renewals,
            late: self.late,
            replayed: self.replayed,
            forgotten: self.forgotten,
            sojourn: self.sojourn,
            batches: self.batches,
            sojourn_sum: self.sojourn_sum,
            sojourn_squares: self.sojourn_squares,
            in_system: self.in_system.average(now),
            whole: Conservation { in_flight, ..self.whole },
            timeline: Vec::new(),
        }
    }
}
