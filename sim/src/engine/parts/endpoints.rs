//! What each node knows of the backends that it calls: whether they are suspended, and when it looks for calls
//! whose time is over.

use super::super::Run;
use crate::network::{Endpoint, Need, Network, Step};
use crate::random::Purpose;
use crate::time::SimDuration;

/// The endpoints of all nodes.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    /// By flow; none where nothing can become of its calls but an answer in time.
    rules: Vec<Option<Endpoint>>,
    /// By flow and node.
    states: Vec<State>,
    nodes: usize,
    /// By node, the phase of its sweeps as a share of their interval.
    phases: Vec<f64>,
}

/// One endpoint of one node. It is active as long as there is no last suspension.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    until: u64,
    last: Option<SimDuration>,
}

impl Endpoints {
    /// Those that `is_out` says of flows that their backends may be out, or whose delays may be too long.
    pub(crate) fn new(network: &Network, run: &Run<'_>, is_out: impl Fn(usize) -> bool) -> Self {
        let rules = network.flows.iter().enumerate().map(|(flow, source)| {
            let is_late = |endpoint: &Endpoint| {
                endpoint
                    .timeout
                    .is_some_and(|timeout| longest_call(network, flow) > timeout.as_nanos())
            };
            source.endpoint.filter(|endpoint| is_out(flow) || is_late(endpoint))
        });
        let rules: Vec<_> = rules.collect();
        let nodes = if rules.iter().any(Option::is_some) { network.nodes() } else { 0 };
        let phases = network.members().take(nodes).map(|(cluster, member, _)| {
            run.stream_of(Purpose::Endpoints, cluster, member).uniform(0)
        });
        Self {
            states: vec![State::default(); rules.len() * nodes],
            phases: phases.collect(),
            rules,
            nodes,
        }
    }

    /// Whether calls of a flow can end in any other way than with an answer in time.
    pub(crate) fn watch(&self, flow: usize) -> bool {
        self.rules[flow].is_some()
    }

    /// Whether those of no flow can.
    pub(crate) fn watch_none(&self) -> bool {
        self.nodes == 0
    }

    /// Whether a node calls the backend of a flow.
    pub(crate) fn calls(&self, flow: usize, node: usize, now: u64) -> bool {
        self.rules[flow].is_none() || now >= self.states[flow * self.nodes + node].until
    }

    /// When a node gives up a call that begins now, if it has no answer by then.
    pub(crate) fn gives_up(&self, flow: usize, node: usize, now: u64) -> u64 {
        let Some(Endpoint { timeout: Some(timeout), sweep, .. }) = self.rules[flow] else {
            return u64::MAX;
        };
        let due = now.saturating_add(timeout.0);
        let phase = (self.phases[node] * sweep.as_nanos()) as u64;
        let sweeps = due.saturating_sub(phase).div_ceil(sweep.0);
        phase.saturating_add(sweeps.saturating_mul(sweep.0))
    }

    /// A call of a node could not be made, or had no answer in time.
    pub(crate) fn failed(&mut self, flow: usize, node: usize, now: u64) {
        let suspension = self.rules[flow].and_then(|rules| rules.suspension);
        let Some(suspension) = suspension else { return };
        let state = &mut self.states[flow * self.nodes + node];
        let lasts = suspension.after(state.last);
        *state = State { until: now.saturating_add(lasts.0), last: Some(lasts) };
    }

    /// A call of a node was answered, whatever the answer.
    pub(crate) fn answered(&mut self, flow: usize, node: usize) {
        if self.rules[flow].is_some() {
            self.states[flow * self.nodes + node] = State::default();
        }
    }

    /// A process has started: it knows nothing.
    pub(crate) fn begin_anew(&mut self, node: usize) {
        let nodes = self.nodes.max(1);
        self.states
            .iter_mut()
            .skip(node)
            .step_by(nodes)
            .for_each(|state| *state = State::default());
    }
}

/// The longest delay that a backend of a flow can be drawn to have, nanoseconds.
fn longest_call(network: &Network, flow: usize) -> f64 {
    let route = network.route(network.flows[flow].first_step);
    let lengths = route.map(|(_, step)| match step {
        Step::Delay { delay, need: Need::BACKEND } => {
            network.tables[usize::from(delay.table)].longest() * delay.mean_nanos
        }
        _ => 0.0,
    });
    lengths.fold(0.0, f64::max)
}
