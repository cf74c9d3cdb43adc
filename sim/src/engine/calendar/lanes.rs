//! Delays of constant length: who enters such a delay first leaves it first, so that a line for each
//! length needs no sorting.

use std::collections::VecDeque;

use super::super::request::Request;
use super::MOST_COMPETITORS;
use crate::network::{Network, Step};

/// Lanes for so many different lengths; others are sorted as if they varied.
const MOST: usize = 8;
const NONE: u8 = u8::MAX;

/// Requests in delays of constant length, by length.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// Length of each lane, nanoseconds.
    nanos: Vec<u64>,
    requests: Vec<VecDeque<Request>>,
    /// By step, its lane.
    of_step: Vec<u8>,
}

impl Lanes {
    /// A lane for each constant delay of a route, in the order of the steps, as far as the tournament
    /// has room beside nodes and flows.
    pub(crate) fn new(network: &Network) -> Self {
        let most = MOST.min(MOST_COMPETITORS - network.nodes() - network.flows.len());
        let mut lanes = Self { nanos: Vec::new(), requests: Vec::new(), of_step: Vec::new() };
        for step in &network.steps {
            let lane = match step {
                Step::Delay { delay, .. } => {
                    network.constant(*delay).and_then(|nanos| lanes.of(nanos, most))
                }
                _ => None,
            };
            lanes.of_step.push(lane.unwrap_or(NONE));
        }
        lanes
    }

    fn of(&mut self, nanos: u64, most: usize) -> Option<u8> {
        let known = self.nanos.iter().position(|other| *other == nanos);
        if known.is_none() && self.nanos.len() < most {
            self.nanos.push(nanos);
            self.requests.push(VecDeque::new());
            return Some(self.nanos.len() as u8 - 1);
        }
        known.map(|lane| lane as u8)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.nanos.len()
    }

    /// The lane of a step and its length, nanoseconds, if the step is a delay of constant length.
    #[inline]
    pub(crate) fn of_step(&self, step: u16) -> Option<(usize, u64)> {
        let lane = self.of_step[usize::from(step)];
        (lane != NONE).then(|| (usize::from(lane), self.nanos[usize::from(lane)]))
    }

    /// A request enters a lane. Returns whether it is the only one there.
    #[inline]
    pub(crate) fn enter(&mut self, lane: usize, request: Request) -> bool {
        let lane = &mut self.requests[lane];
        lane.push_back(request);
        lane.len() == 1
    }

    /// The first request of a lane leaves it.
    #[inline]
    pub(crate) fn leave(&mut self, lane: usize) -> Option<Request> {
        self.requests[lane].pop_front()
    }

    /// When the first request of a lane leaves it; never without one.
    #[inline]
    pub(crate) fn next(&self, lane: usize) -> u64 {
        self.requests[lane].front().map_or(u64::MAX, |request| request.time)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().flatten()
    }

    /// Takes out every request that fulfils a condition.
    pub(crate) fn take_all(
        &mut self,
        is_meant: impl Fn(&Request) -> bool,
        taken: &mut Vec<Request>,
    ) {
        for lane in &mut self.requests {
            taken.extend(lane.iter().filter(|request| is_meant(request)));
            lane.retain(|request| !is_meant(request));
        }
    }
}
