//! What is counted. An observer is told what happened and changes nothing; one that is not asked for
//! costs nothing. A new observer is a file here and its lines below.

mod attribution;
mod changes;
mod clusters;
mod flows;
mod records;
mod series;
mod silences;
mod timeline;

use super::moments::{Event, Moment};
use super::observations::{Attributed, ClusterObservations, FlowObservations, RequestRecord};
use super::operators::DoneAgain;
use super::parts::{Machine, Node};
use super::request::Request;
use crate::cause::Cause;
use crate::network::Network;
use crate::stats::Silences;

pub(super) use attribution::Attribution;
use changes::Changes;
use clusters::Clusters;
use flows::Flows;
use records::Records;
use series::Series;
use silences::AnswerGaps;
use timeline::Timeline;

/// What is observed beside what always is.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each asks for one observer, in any combination")]
pub struct Asked {
    /// Into how many equal parts the series of requests in the system is divided; 0 for none.
    pub series: u32,
    /// Whether to observe every second on its own.
    pub timeline: bool,
    /// Whether to record every request that begins and ends in the window.
    pub records: bool,
    /// Whether to count the silences of the window, those between answers to whichever flow.
    pub silences: bool,
    /// Whether to book where the time of every answered request went.
    pub attribution: bool,
    /// Whether to record what becomes of nodes, from the start of the replication.
    pub changes: bool,
}

/// What one replication saw in its window.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// One per flow.
    pub flows: Vec<FlowObservations>,
    /// One per cluster.
    pub clusters: Vec<ClusterObservations>,
    /// Mean number of requests in the system in each equal part of the whole replication, where
    /// asked for.
    pub series: Vec<f64>,
    /// Every request that began and ended in the window, by its end, where asked for.
    pub records: Vec<RequestRecord>,
    /// Between answers in the window, on a clock of whole milliseconds from its start, where asked for.
    pub silences: Option<Silences>,
    /// Where the time of answered requests went, where asked for.
    pub attributed: Option<Attributed>,
    /// What became of nodes, in order, where asked for.
    pub(crate) changes: Vec<Moment>,
    /// Events simulated, from the start of the replication.
    pub events: u64,
}

/// All observers of a replication.
#[derive(Debug)]
pub(super) struct Observers {
    /// When the window began; none before.
    window_start: Option<u64>,
    flows: Flows,
    clusters: Clusters,
    details: Option<Box<Details>>,
}

/// Those that not every run asks for.
#[derive(Debug)]
struct Details {
    timeline: Option<Timeline>,
    records: Option<Records>,
    silences: Option<AnswerGaps>,
    series: Option<Series>,
    attribution: Option<Attribution>,
    changes: Option<Changes>,
}

impl Observers {
    pub(super) fn new(network: &Network, asked: Asked) -> Self {
        let details = Details {
            timeline: asked.timeline.then(|| Timeline::new(network)),
            records: asked.records.then(Records::default),
            silences: asked.silences.then(AnswerGaps::default),
            series: (asked.series > 0).then(Series::default),
            attribution: asked.attribution.then(|| Attribution::new(network.flows.len())),
            changes: asked.changes.then(Changes::default),
        };
        Self {
            window_start: None,
            flows: Flows::new(network),
            clusters: Clusters::new(network),
            details: details.is_asked_for().then(|| Box::new(details)),
        }
    }

    /// Counts what is observed from here on.
    pub(super) fn start_window(&mut self, now: u64, nodes: &mut [Node], machines: &[Machine]) {
        self.window_start = Some(now);
        self.flows.start_window(now);
        self.clusters.start_window(now, nodes, machines);
    }

    /// A part of the series ends. Returns how many have.
    pub(super) fn end_part(&mut self, now: u64) -> usize {
        let series = self.details.as_mut().and_then(|details| details.series.as_mut());
        series.map_or(0, |series| series.end_part(now))
    }

    /// An attempt begins; the first one is the arrival of the request.
    #[inline]
    pub(super) fn attempted(&mut self, now: u64, request: &Request) {
        let (flow, observing) = (usize::from(request.flow), self.window_start.is_some());
        if request.attempt == 0 {
            self.flows.arrived(now, flow, observing);
        } else {
            self.flows.retried(flow, observing);
        }
        if let Some(details) = &mut self.details {
            details.attempted(now, request);
        }
    }

    /// Where the time of requests goes, if that is asked for.
    #[inline]
    pub(super) fn attribution(&mut self) -> Option<&mut Attribution> {
        self.details.as_mut().and_then(|details| details.attribution.as_mut())
    }

    /// A request has its answer.
    #[inline]
    pub(super) fn answered(&mut self, now: u64, request: &Request) {
        self.flows.answered(now, request, self.window_start.is_some());
        if let Some(details) = &mut self.details {
            details.ended(now, request, None, self.window_start);
        }
    }

    /// A request has an answer that nobody reads.
    #[cold]
    pub(super) fn wasted(&mut self, now: u64, request: &Request) {
        self.flows.wasted(usize::from(request.flow), self.window_start.is_some());
        let timeline = self.details.as_mut().and_then(|details| details.timeline.as_mut());
        if let (Some(timeline), Some(window_start)) = (timeline, self.window_start) {
            timeline.wasted(now, window_start, request);
        }
    }

    /// Something happens to a node.
    pub(super) fn happened(&mut self, now: u64, node: usize, event: Event) {
        let changes = self.details.as_mut().and_then(|details| details.changes.as_mut());
        if let Some(changes) = changes {
            changes.happened(now, node, event);
        }
    }

    /// A node has admitted a request, and perhaps one more than the limit of its rate allows.
    #[inline]
    pub(super) fn admitted(&mut self, flow: usize, is_beyond: bool) {
        if is_beyond && self.window_start.is_some() {
            self.flows.admitted_beyond(flow);
        }
    }

    /// The cache of a node did not hold the token of a request.
    pub(super) fn missed_token(&mut self, now: u64, request: &Request) {
        if let Some(window_start) = self.window_start {
            self.flows.missed_token(now - window_start, usize::from(request.flow));
        }
    }

    /// A node has taken over: what another had taken is done again, or forgotten.
    pub(super) fn done_again(&mut self, again: &DoneAgain) {
        if self.window_start.is_some() {
            self.flows.done_again(again);
        }
    }

    /// The owner of the token of a request has another.
    pub(super) fn renewed_token(&mut self, request: &Request) {
        self.flows.renewed_token(usize::from(request.flow), self.window_start.is_some());
    }

    /// A request has ended without its answer.
    #[cold]
    pub(super) fn failed(&mut self, now: u64, request: &Request, cause: Cause) {
        self.flows.failed(now, request, cause, self.window_start.is_some());
        if let Some(details) = &mut self.details {
            details.ended(now, request, Some(cause), self.window_start);
        }
    }

    /// A request was sent to a node of a cluster.
    #[inline]
    pub(super) fn entered(&mut self, cluster: usize) {
        self.clusters.counts(cluster).entered += u64::from(self.window_start.is_some());
    }

    /// A request left a cluster with its answer.
    #[inline]
    pub(super) fn completed(&mut self, cluster: usize) {
        self.clusters.counts(cluster).completed += u64::from(self.window_start.is_some());
    }

    /// A request left a cluster without its answer.
    pub(super) fn lost(&mut self, cluster: usize) {
        self.clusters.counts(cluster).failed += u64::from(self.window_start.is_some());
    }

    /// A full queue rejected a request.
    pub(super) fn rejected(&mut self, cluster: usize) {
        self.clusters.counts(cluster).rejected += u64::from(self.window_start.is_some());
    }

    /// What was seen until `now`, when so many requests of each flow were found in flight.
    pub(super) fn observations(
        self,
        now: u64,
        in_flight: &[u64],
        network: &Network,
        nodes: &mut [Node],
        machines: &[Machine],
        events: u64,
    ) -> Observations {
        let window = now - self.window_start.unwrap_or(now);
        let mut seen = Observations {
            flows: self.flows.observations(now, in_flight),
            clusters: self.clusters.observations(now, window, network, nodes, machines),
            events,
            ..Observations::default()
        };
        if let Some(details) = self.details {
            details.add_to(&mut seen);
        }
        seen
    }
}

impl Details {
    fn is_asked_for(&self) -> bool {
        let Self { timeline, records, silences, series, attribution, changes } = self;
        let lists = timeline.is_some() || records.is_some() || changes.is_some();
        lists || silences.is_some() || series.is_some() || attribution.is_some()
    }

    #[cold]
    fn attempted(&mut self, now: u64, request: &Request) {
        if let Some(series) = self.series.as_mut().filter(|_| request.attempt == 0) {
            series.arrived(now);
        }
        if let Some(attribution) = &mut self.attribution {
            attribution.begins(now, request);
        }
    }

    #[cold]
    fn ended(&mut self, now: u64, request: &Request, failed: Option<Cause>, window: Option<u64>) {
        if let Some(series) = &mut self.series {
            series.ended(now);
        }
        match (&mut self.attribution, failed) {
            (Some(attribution), None) => attribution.answered(now, request, window.is_some()),
            (Some(attribution), Some(_)) => attribution.failed(request),
            (None, _) => {}
        }
        let Some(window_start) = window else { return };
        if let Some(timeline) = &mut self.timeline {
            timeline.ended(now, window_start, request, failed);
        }
        if let Some(records) = &mut self.records {
            records.ended(now, window_start, request, failed);
        }
        if let Some(silences) = &mut self.silences {
            silences.ended(now, window_start, failed);
        }
    }

    fn add_to(self, seen: &mut Observations) {
        if let Some(timeline) = self.timeline {
            timeline.add_to(&mut seen.flows);
        }
        seen.records = self.records.map(Records::into_vec).unwrap_or_default();
        seen.silences = self.silences.map(AnswerGaps::into_inner);
        seen.attributed = self.attribution.map(Attribution::into_inner);
        seen.series = self.series.map(Series::into_vec).unwrap_or_default();
        seen.changes = self.changes.map(Changes::into_vec).unwrap_or_default();
    }
}
