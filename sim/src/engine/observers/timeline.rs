//! What happens to the requests of each flow in every second of the window.

use super::super::observations::{FlowObservations, SecondObservations};
use super::super::request::Request;
use crate::cause::Cause;
use crate::network::Network;

const SECOND: u64 = 1_000_000_000;

/// The seconds of each flow.
#[derive(Debug)]
pub(super) struct Timeline(Vec<Vec<SecondObservations>>);

impl Timeline {
    pub(super) fn new(network: &Network) -> Self {
        Self(vec![Vec::new(); network.flows.len()])
    }

    pub(super) fn ended(
        &mut self,
        now: u64,
        window_start: u64,
        request: &Request,
        failed: Option<Cause>,
    ) {
        let second = self.second(now, window_start, request);
        if let Some(cause) = failed {
            second.failed[cause] += 1;
        } else {
            second.answered += 1;
            second.sojourn.record(now - request.arrived);
        }
    }

    pub(super) fn wasted(&mut self, now: u64, window_start: u64, request: &Request) {
        self.second(now, window_start, request).wasted += 1;
    }

    /// The second of a request's flow that it is now.
    fn second(
        &mut self,
        now: u64,
        window_start: u64,
        request: &Request,
    ) -> &mut SecondObservations {
        let second = ((now - window_start) / SECOND) as usize;
        let seconds = &mut self.0[usize::from(request.flow)];
        if second >= seconds.len() {
            seconds.resize_with(second + 1, SecondObservations::default);
        }
        &mut seconds[second]
    }

    pub(super) fn add_to(self, flows: &mut [FlowObservations]) {
        for (flow, seconds) in flows.iter_mut().zip(self.0) {
            flow.timeline = seconds;
        }
    }
}
