//! Crashes, repairs, start-up, what the balancers learn of them, and garbage collection.
//!
//! Crashes come from outside: the next one of a node is known as soon as the node is up. So a request
//! that leaves for a delay knows whether it will come back to its node.

use rand_distr::{Distribution, Exp1};

use super::node::{StallClock, Stop};
use super::observations::Cause;
use super::{Engine, Outage, Run};
use crate::network::{ColdStart, GarbageCollection, HealthCheck, MIB, Memory, Network, Station};
use crate::random::{Purpose, Sequence, Stream};
use crate::stats::TimeAverage;
use crate::time::SimDuration;

/// What a node allocates without requests, it allocates in steps of so much time.
pub(crate) const BACKGROUND_STEP: SimDuration = SimDuration(100_000_000);

/// A rare event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    /// Observation begins.
    WindowStart,
    /// A part of the series of requests in the system ends.
    SeriesPart,
    /// A node crashes.
    Crash {
        /// The node.
        node: usize,
    },
    /// A node has started up.
    Ready {
        /// The node.
        node: usize,
    },
    /// Probes have found out whether a node is up, unless it has changed again since.
    Probed {
        /// The node.
        node: usize,
        /// What they found.
        up: bool,
        /// Crashes of the node when the probes began.
        crashes: u64,
    },
    /// A passive check gives a node another chance.
    AnotherChance {
        /// The node.
        node: usize,
    },
    /// A node allocates for itself, see [`BACKGROUND_STEP`].
    Background {
        /// The node.
        node: usize,
    },
}

/// Whether a node is up, and when it will not be.
#[derive(Debug)]
pub(super) struct Machine {
    cluster: usize,
    /// Its place in the cluster.
    member: usize,
    /// Requests sent to it and not yet answered.
    in_flight: TimeAverage,
    up: bool,
    next_crash: u64,
    /// Scripted crashes, in order of time.
    outages: Vec<Outage>,
    crashes: u64,
    crashes_before_window: u64,
    down: TimeAverage,
    failures: Sequence,
    /// When active probes look at the node, as a share of their interval.
    probe_phase: f64,
    /// When the process answered first; before the replication for those up from the start.
    started_at: Option<u64>,
    gc: Option<GarbageCollection>,
    /// Requests or MiB since the last pause, and pauses so far.
    allocated: f64,
    pauses: u64,
    pause_stream: Stream,
    /// Stalls so far.
    stalls: u64,
    stall_stream: Stream,
    /// Bytes of the messages in flight.
    messages: u64,
    crowding: Option<f64>,
    cold: Option<ColdStart>,
}

impl Machine {
    /// One for each node of the network.
    pub(super) fn all(network: &Network, run: &Run<'_>) -> Vec<Self> {
        let clusters = network.clusters.iter().enumerate();
        let nodes = clusters.flat_map(|(index, station)| {
            (station.first_node..station.first_node + station.nodes)
                .map(move |node| (index, station, node))
        });
        nodes.map(|(index, station, node)| Self::new(index, station, node, run)).collect()
    }

    fn new(cluster: usize, station: &Station, node: usize, run: &Run<'_>) -> Self {
        // Streams are named by cluster and place, so that another cluster's size changes nothing.
        let entity = ((cluster as u64) << 32) | (node - station.first_node) as u64;
        let stream = |purpose| Stream::new(run.seed, run.replication, purpose, entity);
        let (failures, pause_stream) = (stream(Purpose::Failures), stream(Purpose::Pauses));
        let stall_stream = stream(Purpose::Stalls);
        // Nodes have not all been started at the same instant.
        let budget = station.gc.map_or(0.0, |gc| gc.budget.amount(0.0));
        let mut outages: Vec<Outage> =
            run.outages.iter().filter(|outage| outage.node == node).copied().collect();
        outages.sort_by_key(|outage| outage.at);
        Self {
            cluster,
            member: node - station.first_node,
            in_flight: TimeAverage::default(),
            up: true,
            next_crash: u64::MAX,
            outages,
            crashes: 0,
            crashes_before_window: 0,
            down: TimeAverage::default(),
            failures: failures.sequence(),
            probe_phase: failures.uniform(u64::MAX),
            started_at: None,
            gc: station.gc,
            allocated: budget * pause_stream.uniform(0),
            pauses: 0,
            pause_stream,
            stalls: 0,
            stall_stream,
            messages: 0,
            crowding: station.crowding,
            cold: station.cold_start,
        }
    }

    pub(super) fn cluster(&self) -> usize {
        self.cluster
    }

    /// When its node stalls: the first time somewhere within the work from one stall to the next.
    pub(super) fn stall_clock(&self, station: &Station) -> StallClock {
        station.stalls.map_or(StallClock::NEVER, |stalls| {
            let every = stalls.every.as_nanos();
            StallClock::new(every, every * self.stall_stream.uniform(0))
        })
    }

    pub(super) fn in_flight(&self) -> &TimeAverage {
        &self.in_flight
    }

    /// A request is sent to it.
    #[inline]
    pub(super) fn take_on(&mut self, now: u64, memory: Memory) {
        self.in_flight.up(now);
        self.messages += memory.message;
    }

    /// A request is answered, or will never be. Returns the cluster and the place in it.
    #[inline]
    pub(super) fn let_go(&mut self, now: u64, memory: Memory) -> (usize, usize) {
        self.in_flight.down(now);
        self.messages -= memory.message;
        (self.cluster, self.member)
    }

    pub(super) fn is_up(&self) -> bool {
        self.up
    }

    /// When the node crashes next; while it is down, never.
    #[inline]
    pub(super) fn next_crash(&self) -> u64 {
        self.next_crash
    }

    /// What the node allocates each second without any request, MiB.
    pub(super) fn background_mib(&self) -> f64 {
        self.gc.map_or(0.0, |gc| gc.budget.background_mib())
    }

    /// By what demands are multiplied while so many bytes are alive: above 1 on a freshly started
    /// node and where requests crowd.
    #[inline]
    pub(super) fn slowness(&self, now: u64, live: u64) -> f64 {
        let held = (self.messages + live) as f64;
        let crowded = self.crowding.map_or(1.0, |doubled| 1.0 + held / doubled);
        crowded * self.coldness(now)
    }

    #[inline]
    fn coldness(&self, now: u64) -> f64 {
        match (self.started_at, self.cold) {
            (Some(started_at), Some(cold)) => {
                let age = (now - started_at) as f64 / cold.decay.as_nanos().max(1.0);
                1.0 + (cold.factor - 1.0) * (-age).exp()
            }
            _ => 1.0,
        }
    }

    pub(super) fn start_window(&mut self, now: u64) {
        self.crashes_before_window = self.crashes;
        self.down.restart(now);
        self.in_flight.restart(now);
    }

    pub(super) fn crashes_in_window(&self) -> u64 {
        self.crashes - self.crashes_before_window
    }

    /// Share of time, since the window began, in which the node was down.
    pub(super) fn down_share(&self, now: u64) -> f64 {
        self.down.average(now)
    }

    fn exponential(&mut self, mean_nanos: f64) -> u64 {
        let draw: f64 = Exp1.sample(&mut self.failures);
        (draw * mean_nanos).round() as u64
    }

    /// When the node answers again after a crash at `now`, if it is repaired at `repaired`. A
    /// scripted outage that begins before it answers keeps it down, and it starts up anew.
    fn return_time(&self, now: u64, window_start: u64, repaired: u64, start_up: u64) -> u64 {
        let spans = self.outages.iter().map(|outage| {
            let begin = window_start + outage.at.0;
            (begin, begin.saturating_add(outage.lasts.0))
        });
        spans.fold(repaired.saturating_add(start_up), |ready, (begin, end)| {
            if begin <= ready && end > now {
                ready.max(end.saturating_add(start_up))
            } else {
                ready
            }
        })
    }
}

impl Engine<'_> {
    pub(super) fn on_control(&mut self) {
        let Some(std::cmp::Reverse((_, _, control))) = self.control.pop() else { return };
        match control {
            Control::WindowStart => self.start_window(),
            Control::SeriesPart => self.end_series_part(),
            Control::Crash { node } => self.crash(node),
            Control::Ready { node } => self.return_to_service(node),
            Control::Probed { node, up, crashes } => {
                let machine = &self.machines[node];
                if machine.up == up && machine.crashes == crashes {
                    self.believe(node, up);
                }
            }
            Control::AnotherChance { node } => self.believe(node, true),
            Control::Background { node } => self.allocate_for_itself(node),
        }
    }

    /// Draws when a node that is up crashes next.
    pub(super) fn schedule_crash(&mut self, node: usize) {
        let mtbf = self.network.clusters[self.machines[node].cluster].mtbf;
        let machine = &mut self.machines[node];
        let failure = mtbf
            .map_or(u64::MAX, |mtbf| self.now.saturating_add(machine.exponential(mtbf.as_nanos())));
        let starts = machine.outages.iter().map(|outage| self.window_start + outage.at.0);
        // One that begins at this instant has just been served, unless nothing has happened yet.
        let fresh = machine.crashes == 0;
        let ahead = starts.filter(|start| *start > self.now || (fresh && *start == self.now));
        let next_crash = failure.min(ahead.min().unwrap_or(u64::MAX));
        machine.next_crash = next_crash;
        if next_crash < self.end {
            self.schedule(next_crash, Control::Crash { node });
        }
    }

    /// An attempt has failed at a node that is down.
    #[cold]
    pub(super) fn failed_at(&mut self, node: usize) {
        let Machine { cluster, member, .. } = self.machines[node];
        if let Some(until) = self.balancers[cluster].failed(member, self.now) {
            self.balancers[cluster].believe(member, false);
            self.schedule(until, Control::AnotherChance { node });
        }
    }

    /// A burst that is complete has allocated so many requests or MiB; when the budget is used up, the
    /// node stops for a collection.
    #[inline]
    pub(super) fn allocate(&mut self, node: usize, amount: f64) {
        let machine = &mut self.machines[node];
        let Some(gc) = machine.gc else { return };
        machine.allocated += amount;
        let budget = gc.budget.amount(self.nodes[node].live() as f64 / MIB);
        if machine.allocated >= budget {
            machine.allocated = (machine.allocated - budget).min(budget);
            self.collect(node, gc);
        }
    }

    /// The node allocates what it does in a step, and goes on so.
    fn allocate_for_itself(&mut self, node: usize) {
        let machine = &self.machines[node];
        if machine.up {
            let step = machine.background_mib() * BACKGROUND_STEP.as_seconds();
            self.allocate(node, step);
            self.refresh(node);
        }
        self.schedule(self.now + BACKGROUND_STEP.0, Control::Background { node });
    }

    #[cold]
    fn collect(&mut self, node: usize, gc: GarbageCollection) {
        let machine = &mut self.machines[node];
        machine.pauses += 1;
        let station = &self.network.clusters[machine.cluster];
        let bits = machine.pause_stream.draw(machine.pauses);
        let draw = |table: u16| self.network.tables[usize::from(table)].sample(bits);
        let is_full = gc.full.is_some_and(|full| {
            let so_far = |pauses: u64| (pauses as f64 / full.every).floor();
            so_far(machine.pauses) > so_far(machine.pauses - 1)
        });
        let nanos = if is_full {
            draw(station.full_pause.table) * station.full_pause.mean_nanos
        } else {
            let in_flight = f64::from(machine.in_flight.level());
            let mean = gc.pause.as_nanos()
                + gc.per_in_flight.as_nanos() * in_flight
                + gc.per_live_mib.as_nanos() * (self.nodes[node].live() as f64 / MIB);
            draw(station.pause.table) * mean
        };
        self.nodes[node].stop(self.now, nanos, Stop::Collection);
    }

    /// The node has done so much work that it stalls.
    #[cold]
    pub(super) fn stall(&mut self, node: usize) {
        let machine = &mut self.machines[node];
        machine.stalls += 1;
        let stall = self.network.clusters[machine.cluster].stall;
        let bits = machine.stall_stream.draw(machine.stalls);
        let draw = self.network.tables[usize::from(stall.table)].sample(bits);
        self.nodes[node].stop(self.now, draw * stall.mean_nanos, Stop::Stall);
    }

    fn crash(&mut self, node: usize) {
        let cluster = self.machines[node].cluster;
        let station = &self.network.clusters[cluster];
        let mttr = station.mttr.as_nanos();
        let machine = &mut self.machines[node];
        let scripted = machine.outages.iter().any(|o| self.window_start + o.at.0 == self.now);
        let repair = if scripted { 0 } else { machine.exponential(mttr) };
        machine.up = false;
        machine.crashes += 1;
        machine.next_crash = u64::MAX;
        machine.down.up(self.now);
        let bits = machine.failures.stream().draw(u64::MAX - machine.crashes);
        let draw = self.network.tables[usize::from(station.start_up.table)].sample(bits);
        let start_up = (draw * station.start_up.mean_nanos).round() as u64;
        let repaired = self.now.saturating_add(repair);
        let ready = machine.return_time(self.now, self.window_start, repaired, start_up);
        self.schedule(ready, Control::Ready { node });
        self.probe(node, false);
        for request in self.nodes[node].crash(self.now, station) {
            if !request.is(super::Request::EVENT) {
                self.failed_at(node);
            }
            self.fail(request, Cause::Lost);
        }
        self.refresh(node);
    }

    fn return_to_service(&mut self, node: usize) {
        let machine = &mut self.machines[node];
        machine.up = true;
        machine.started_at = Some(self.now);
        machine.down.down(self.now);
        self.schedule_crash(node);
        self.probe(node, true);
    }

    /// Schedules what active probes will find out of a node that has just gone down or come up.
    fn probe(&mut self, node: usize, up: bool) {
        let machine = &self.machines[node];
        match self.network.clusters[machine.cluster].health {
            HealthCheck::Perfect => self.believe(node, up),
            HealthCheck::Passive { .. } => {}
            HealthCheck::Active { interval, unhealthy, healthy } => {
                let phase = machine.probe_phase * interval.as_nanos();
                let interval = interval.0;
                let since_probe = (self.now + interval - phase as u64) % interval;
                let first = self.now + interval - since_probe;
                let more = u64::from(if up { healthy } else { unhealthy } - 1);
                let known = first.saturating_add(more.saturating_mul(interval));
                self.schedule(known, Control::Probed { node, up, crashes: machine.crashes });
            }
        }
    }

    fn believe(&mut self, node: usize, up: bool) {
        let Machine { cluster, member, .. } = self.machines[node];
        self.balancers[cluster].believe(member, up);
    }
}
