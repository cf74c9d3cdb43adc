//! One replication: the event loop.
//!
//! Three sources of events are compared at each turn: rare control events (crashes, repairs, health
//! checks), stations (the next event of each node and of each arrival process, in a tournament), and
//! requests on their way between nodes (a monotone queue). Simultaneous events happen in this order:
//! control events as they were scheduled, nodes by index, arrivals by flow, requests on their way
//! first in first out.

mod arrivals;
mod balancer;
mod breakdown;
mod client;
mod database;
mod expiry;
mod journey;
mod node;
mod observations;
#[cfg(test)]
mod plain;
mod queue;
mod request;
mod service;
mod tournament;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::network::{Crowd, Network, Step};
use crate::random::{Purpose, Stream};
use crate::stats::Silences;
use crate::time::{SimDuration, SimTime};

use arrivals::ArrivalProcess;
use balancer::Balancer;
use breakdown::{Control, Machine};
use client::Tally;
use database::Database;
use node::{Node, NodeUsage};
use queue::MonotoneQueue;
use request::{Draws, Request};
use tournament::Tournament;

pub(crate) use breakdown::BACKGROUND_STEP;
pub use observations::{
    Cause, ClusterObservations, Conservation, FlowObservations, Observations, RequestRecord,
    SecondObservations,
};

/// The longest replication, warm-up included: 104 days, what the event list can tell apart.
pub const LONGEST: SimDuration = SimDuration(tournament::LATEST);
/// Nodes and flows of a network, together, are at most so many.
pub const MOST_STATIONS: usize = tournament::MOST_STATIONS;

/// How to run one replication.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// Seed of every stream.
    pub seed: u64,
    /// Number of the replication.
    pub replication: u32,
    /// Discarded time.
    pub warm_up: SimDuration,
    /// Observed time.
    pub window: SimDuration,
    /// Scripted crashes.
    pub outages: &'a [Outage],
    /// Into how many equal parts the series of requests in the system is divided; 0 for none.
    pub series: u32,
    /// Whether to observe every second on its own.
    pub timeline: bool,
    /// Whether to record every request that begins and ends in the window.
    pub records: bool,
    /// Whether to count the silences of the window, those between answers to whichever flow.
    pub silences: bool,
}

/// A scripted crash of one node.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// Index of the node in the network.
    pub node: usize,
    /// When, from the start of the window.
    pub at: SimDuration,
    /// Time until the node is started again.
    pub lasts: SimDuration,
}

/// Simulates one replication. Returns none if `stop` was set before its end.
///
/// # Panics
///
/// If the replication is longer than [`LONGEST`] or the network larger than [`MOST_STATIONS`].
pub fn simulate(network: &Network, run: &Run<'_>, stop: &AtomicBool) -> Option<Observations> {
    simulate_watched(network, run, stop, &mut |_| {})
}

/// As [`simulate`], and tells now and then up to which instant it has come.
///
/// # Panics
///
/// As [`simulate`].
pub fn simulate_watched(
    network: &Network,
    run: &Run<'_>,
    stop: &AtomicBool,
    reached: &mut dyn FnMut(SimTime),
) -> Option<Observations> {
    let mut engine = Engine::new(network, run);
    engine.begin();
    engine.run(stop, reached).then(|| engine.observations())
}

/// After so many events it is asked whether to stop, and told how far a replication has come.
const EVENTS_BETWEEN_LOOKS: u64 = 1 << 16;

/// The state of a replication.
struct Engine<'a> {
    network: &'a Network,
    run: &'a Run<'a>,
    now: u64,
    window_start: u64,
    end: u64,
    observing: bool,
    events: u64,
    queue: MonotoneQueue,
    tournament: Tournament,
    /// Requests that can go on at this instant.
    ready: Vec<Request>,
    control: BinaryHeap<Reverse<(u64, u64, Control)>>,
    control_count: u64,
    nodes: Vec<Node>,
    machines: Vec<Machine>,
    balancers: Vec<Balancer>,
    /// By cluster.
    databases: Vec<Database>,
    arrivals: Vec<ArrivalProcess<'a>>,
    draws: Vec<Draws>,
    tallies: Vec<Tally>,
    series: Vec<f64>,
    /// The requests that have ended, where they are recorded.
    records: Vec<RequestRecord>,
    /// Where they are counted.
    silences: Option<Silences>,
    /// What each node had done when the window began.
    usage_before: Vec<NodeUsage>,
    /// What is counted of each cluster in the window.
    counts: Vec<ClusterObservations>,
}

impl<'a> Engine<'a> {
    fn new(network: &'a Network, run: &'a Run<'a>) -> Self {
        let end = run.warm_up + run.window;
        assert!(end <= LONGEST, "the replication fits into the event list");
        let stations = network.nodes() + network.flows.len();
        let stream =
            |purpose, entity: usize| Stream::new(run.seed, run.replication, purpose, entity as u64);
        let machines = Machine::all(network, run);
        let nodes = machines.iter().map(|machine| {
            let station = &network.clusters[machine.cluster()];
            Node::new(station, machine.stall_clock(station))
        });
        let limits = network.clusters.iter().map(|cluster| cluster.database_limit);
        let databases = limits.map(Database::new);
        let balancers = network.clusters.iter().enumerate().map(|(index, cluster)| {
            let choices = stream(Purpose::Balancing, index);
            Balancer::new(cluster.policy, cluster.health, cluster.nodes, choices)
        });
        let arrivals = network.flows.iter().enumerate().map(|(index, flow)| {
            let (gaps, modulation) =
                (stream(Purpose::Arrivals, index), stream(Purpose::Modulation, index));
            let exponential = &network.tables[usize::from(network.exponential)];
            ArrivalProcess::new(&flow.arrivals, exponential, run.warm_up.0, gaps, modulation)
        });
        let draws = (0..network.flows.len())
            .map(|index| Draws { stream: stream(Purpose::Requests, index) });
        Self {
            network,
            run,
            now: 0,
            window_start: run.warm_up.0,
            end: end.0,
            observing: false,
            events: 0,
            queue: MonotoneQueue::new(),
            tournament: Tournament::new(stations),
            ready: Vec::new(),
            control: BinaryHeap::new(),
            control_count: 0,
            nodes: nodes.collect(),
            machines,
            balancers: balancers.collect(),
            databases: databases.collect(),
            arrivals: arrivals.collect(),
            draws: draws.collect(),
            tallies: vec![Tally::default(); network.flows.len()],
            series: Vec::new(),
            records: Vec::new(),
            silences: run.silences.then(Silences::default),
            usage_before: vec![NodeUsage::default(); network.nodes()],
            counts: vec![ClusterObservations::default(); network.clusters.len()],
        }
    }

    /// Schedules the first event of everything.
    fn begin(&mut self) {
        self.schedule(self.window_start, Control::WindowStart);
        if self.run.series > 0 {
            self.schedule(self.end / u64::from(self.run.series), Control::SeriesPart);
        }
        for node in 0..self.nodes.len() {
            self.schedule_crash(node);
            if self.machines[node].background_mib() > 0.0 {
                self.schedule(BACKGROUND_STEP.0, Control::Background { node });
            }
        }
        for (crowd, Crowd { users, .. }) in self.network.crowds.iter().enumerate() {
            (0..*users).for_each(|user| self.think(crowd, user, 0));
        }
        for (flow, source) in self.network.flows.iter().enumerate() {
            if source.crowd.is_none() {
                let first = self.arrivals[flow].next(0);
                self.tournament.set(self.nodes.len() + flow, first);
            }
        }
    }

    /// Runs to the end; false if it was stopped before.
    fn run(&mut self, stop: &AtomicBool, reached: &mut dyn FnMut(SimTime)) -> bool {
        loop {
            let control = self.control.peek().map_or(u64::MAX, |Reverse((time, ..))| *time);
            let station = self.tournament.time();
            let others = control.min(station);
            // The queue is opened only up to what happens anyway, so that it never runs ahead.
            while self.queue.bound() < others && !self.queue.is_settled() {
                self.queue.open();
            }
            let time = others.min(self.queue.bound());
            if time >= self.end {
                self.now = self.end;
                return true;
            }
            self.now = time;
            self.events += 1;
            if control == time {
                self.on_control();
            } else if station == time {
                let station = self.tournament.station();
                if station < self.nodes.len() {
                    self.on_node(station);
                } else {
                    self.on_arrival(station - self.nodes.len());
                }
            } else if let Some(request) = self.queue.pop() {
                self.on_request(request);
            }
            while let Some(mut request) = self.ready.pop() {
                self.proceed(&mut request);
            }
            if self.events.is_multiple_of(EVENTS_BETWEEN_LOOKS) {
                if stop.load(Ordering::Relaxed) {
                    return false;
                }
                reached(SimTime(self.now));
            }
        }
    }

    /// Counts what is observed from here on.
    fn start_window(&mut self) {
        self.observing = true;
        for (node, before) in self.nodes.iter_mut().zip(&mut self.usage_before) {
            *before = node.usage(self.now);
        }
        self.tallies.iter_mut().for_each(|tally| tally.in_system.restart(self.now));
        for machine in &mut self.machines {
            machine.start_window(self.now);
            self.counts[machine.cluster()].in_flight_at[0] +=
                u64::from(machine.in_flight().level());
        }
    }

    /// Notes the mean number of requests in the system in the part that ends now.
    fn end_series_part(&mut self) {
        let in_system = self.tallies.iter().map(|tally| tally.in_system.average(self.now)).sum();
        self.series.push(in_system);
        self.tallies.iter_mut().for_each(|tally| tally.in_system.restart(self.now));
        let part = self.series.len() as u64 + 1;
        // The last part ends with the replication.
        let next = self.end / u64::from(self.run.series) * part;
        self.schedule(next.min(self.end - 1).max(self.now + 1), Control::SeriesPart);
    }

    fn observations(&mut self) -> Observations {
        let clusters = (0..self.network.clusters.len())
            .map(|cluster| self.cluster_observations(cluster))
            .collect();
        let mut in_flight = vec![0; self.tallies.len()];
        let everywhere = self.queue.iter().chain(self.nodes.iter().flat_map(Node::requests));
        for request in everywhere.filter(|request| !request.is(Request::EVENT)) {
            let thinks = request.attempt == 0
                && matches!(self.network.steps[usize::from(request.step)], Step::Attempt);
            in_flight[usize::from(request.flow)] += u64::from(!thinks);
        }
        let tallies = std::mem::take(&mut self.tallies).into_iter().zip(in_flight);
        let flows =
            tallies.map(|(tally, in_flight)| tally.observations(self.now, in_flight)).collect();
        let series = std::mem::take(&mut self.series);
        let records = std::mem::take(&mut self.records);
        let silences = self.silences.take();
        Observations { flows, clusters, series, records, silences, events: self.events }
    }

    fn cluster_observations(&mut self, index: usize) -> ClusterObservations {
        let cluster = &self.network.clusters[index];
        let window = (self.end - self.window_start) as f64;
        let node_time = window * cluster.nodes as f64;
        let mut seen = self.counts[index].clone();
        for node in cluster.first_node..cluster.first_node + cluster.nodes {
            let (after, before) = (self.nodes[node].usage(self.end), self.usage_before[node]);
            seen.utilisation += (after.busy - before.busy) / node_time / cluster.cores;
            seen.gc_share += (after.paused - before.paused) / node_time;
            seen.stall_share += (after.stalled - before.stalled) / node_time;
            seen.workers_busy += (after.workers - before.workers) / node_time;
            let machine = &self.machines[node];
            seen.in_flight += machine.in_flight().average(self.end);
            seen.in_flight_at[1] += u64::from(machine.in_flight().level());
            seen.peak_in_flight = seen.peak_in_flight.max(machine.in_flight().peak());
            seen.crashes += machine.crashes_in_window();
            seen.up_share += (1.0 - machine.down_share(self.end)) / cluster.nodes as f64;
        }
        seen
    }
}
