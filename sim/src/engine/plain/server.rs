//! A node of the plain engine: a list of bursts with what is left of them.

use std::collections::{BTreeMap, VecDeque};

use rand_distr::{Distribution, Exp1};

use super::super::observations::ClusterObservations;
use super::super::{Outage, Run};
use crate::network::ColdStart;
use crate::network::{Network, Pool, Station};
use crate::random::{Purpose, Sequence, Stream};

/// A burst in service, or one that waits for a worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Whose it is.
    pub(super) handle: usize,
    /// What is left of it, nanoseconds of one core.
    pub(super) left: f64,
    /// Whether it needs a worker.
    pub(super) on_worker: bool,
    /// What its request keeps alive from its first burst on a worker on, bytes.
    pub(super) retains: u64,
    /// Whether its request has kept a worker for it, and whether it keeps one after it.
    pub(super) kept: bool,
    pub(super) keeps: bool,
}

/// A number that goes up and down, and its area.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    pub(super) count: i64,
    peak: i64,
    area: f64,
    changed: u64,
    begun: u64,
}

impl Level {
    pub(super) fn change(&mut self, now: u64, by: i64) {
        self.area += self.count as f64 * (now - self.changed) as f64;
        self.changed = now;
        self.count += by;
        assert!(self.count >= 0, "nobody leaves who has not come");
        self.peak = self.peak.max(self.count);
    }

    pub(super) fn restart(&mut self, now: u64) {
        *self = Self { count: self.count, peak: self.count, area: 0.0, changed: now, begun: now };
    }

    pub(super) fn average(&self, now: u64) -> f64 {
        let area = self.area + self.count as f64 * (now - self.changed) as f64;
        area / (now - self.begun) as f64
    }
}

/// A node.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) cluster: usize,
    pub(super) up: bool,
    pub(super) crashes: u64,
    pub(super) failures: Sequence,
    pub(super) probe_phase: f64,
    pub(super) in_flight: Level,
    /// Counts the plans, so that only the latest holds.
    pub(super) plan: u64,
    pub(super) allocated: f64,
    pub(super) pauses: u64,
    pub(super) pause_stream: Stream,
    /// Core-time of work since the start, from one stall to the next, and at the next.
    work: f64,
    pub(super) per_stall: f64,
    pub(super) stalls_at: f64,
    pub(super) stalls: u64,
    pub(super) stall_stream: Stream,
    /// Bytes that requests keep alive, and bytes that all in flight hold.
    retained: BTreeMap<usize, u64>,
    pub(super) messages: u64,
    crowding: Option<f64>,
    nodes: usize,
    cores: f64,
    cold: Option<ColdStart>,
    /// Begin and end of scripted outages, by their begin.
    outages: Vec<(u64, u64)>,
    in_service: Vec<Job>,
    waiting: VecDeque<Job>,
    /// By pool: who waits for a connection, and how many are free.
    for_connection: [VecDeque<usize>; 2],
    connections: [u32; 2],
    /// Workers that wait with their requests.
    kept: u32,
    /// Stops that are not over: garbage collections and stalls, by their end.
    stops: VecDeque<(u64, bool)>,
    settled: u64,
    started: Option<u64>,
    down: Level,
    crashes_before: u64,
    busy: f64,
    paused: f64,
    stalled: f64,
    workers: f64,
}

impl Server {
    pub(super) fn new(network: &Network, run: &Run<'_>, cluster: usize, member: usize) -> Self {
        let station = &network.clusters[cluster];
        let entity = ((cluster as u64) << 32) | member as u64;
        let stream = |purpose| Stream::new(run.seed, run.replication, purpose, entity);
        let (failures, pause_stream) = (stream(Purpose::Failures), stream(Purpose::Pauses));
        let stall_stream = stream(Purpose::Stalls);
        let per_stall = station.stalls.map_or(f64::MAX, |stalls| stalls.every.as_nanos());
        let node = station.first_node + member;
        let own = run.outages.iter().filter(|outage: &&Outage| outage.node == node);
        let mut outages: Vec<(u64, u64)> = own
            .map(|outage| {
                (run.warm_up.0 + outage.at.0, run.warm_up.0 + outage.at.0 + outage.lasts.0)
            })
            .collect();
        outages.sort_unstable();
        Self {
            cluster,
            up: true,
            crashes: 0,
            failures: failures.sequence(),
            probe_phase: failures.uniform(u64::MAX),
            in_flight: Level::default(),
            plan: 0,
            allocated: station.gc.map_or(0.0, |gc| gc.budget.amount(0.0)) * pause_stream.uniform(0),
            pauses: 0,
            pause_stream,
            work: 0.0,
            per_stall,
            stalls_at: per_stall - per_stall * stall_stream.uniform(0),
            stalls: 0,
            stall_stream,
            retained: BTreeMap::new(),
            messages: 0,
            crowding: station.crowding,
            nodes: station.nodes,
            cores: station.cores,
            cold: station.cold_start,
            outages,
            in_service: Vec::new(),
            waiting: VecDeque::new(),
            for_connection: [VecDeque::new(), VecDeque::new()],
            connections: station.connections,
            kept: 0,
            stops: VecDeque::new(),
            settled: 0,
            started: None,
            down: Level::default(),
            crashes_before: 0,
            busy: 0.0,
            paused: 0.0,
            stalled: 0.0,
            workers: 0.0,
        }
    }

    /// Brings what is left of every burst, and what the node has done, up to `now`.
    fn settle(&mut self, now: u64) {
        let mut stopped_until = self.settled;
        while let Some((end, is_collection)) = self.stops.pop_front() {
            let until = end.min(now);
            let stopped = if is_collection { &mut self.paused } else { &mut self.stalled };
            *stopped += (until - stopped_until) as f64;
            stopped_until = until;
            if end > now {
                self.stops.push_front((end, is_collection));
                break;
            }
        }
        let count = self.in_service.len() as f64;
        self.workers += f64::from(self.working() + self.kept) * (now - self.settled) as f64;
        let elapsed = (now - stopped_until) as f64;
        self.busy += elapsed * count.min(self.cores);
        self.work += elapsed * count.min(self.cores);
        let rate = self.rate();
        self.in_service.iter_mut().for_each(|job| job.left -= elapsed * rate);
        self.settled = now;
    }

    fn working(&self) -> u32 {
        self.in_service.iter().filter(|job| job.on_worker).count() as u32
    }

    /// When the last stop that has begun is over.
    fn stopped_until(&self, now: u64) -> u64 {
        self.stops.back().map_or(now, |stop| stop.0)
    }

    /// Work done on each burst per unit of time.
    fn rate(&self) -> f64 {
        (self.cores / self.in_service.len() as f64).min(1.0)
    }

    /// Whether a new request finds neither a worker nor a place to wait.
    pub(super) fn is_full(&self, station: &Station) -> bool {
        let waiting = self.waiting.iter().filter(|job| !job.kept).count() as u32;
        self.working() + self.kept + waiting >= station.places
    }

    pub(super) fn add(&mut self, now: u64, station: &Station, job: Job) {
        self.settle(now);
        if job.on_worker {
            self.waiting.push_back(job);
            self.admit(station);
        } else {
            self.in_service.push(job);
        }
    }

    fn admit(&mut self, station: &Station) {
        while self.working() < station.in_service_limit {
            let has_worker = self.working() + self.kept < station.workers;
            let next = self.waiting.iter().position(|job| job.kept || has_worker);
            let Some(job) = next.and_then(|place| self.waiting.remove(place)) else { return };
            self.kept -= u32::from(job.kept);
            self.retained.insert(job.handle, job.retains);
            self.in_service.push(job);
        }
    }

    /// A request gives the worker back that it has kept.
    pub(super) fn free_worker(&mut self, now: u64, station: &Station) {
        self.settle(now);
        self.kept -= 1;
        self.admit(station);
    }

    /// Bytes that requests keep alive.
    pub(super) fn live(&self) -> u64 {
        self.retained.values().sum()
    }

    /// A request keeps nothing alive any more.
    pub(super) fn free(&mut self, handle: usize) {
        self.retained.remove(&handle);
    }

    /// When the burst with the least left is complete.
    pub(super) fn next_completion(&self) -> Option<u64> {
        let least = self.in_service.iter().map(|job| job.left).min_by(f64::total_cmp)?;
        let nanos = (least.max(0.0) / self.rate()).round() as u64;
        Some(self.stopped_until(self.settled) + nanos)
    }

    /// When so much work has been done that the node stalls.
    pub(super) fn next_stall(&self) -> Option<u64> {
        let working = (self.in_service.len() as f64).min(self.cores);
        let nanos = ((self.stalls_at - self.work) / working).round();
        // What is longer than a replication may be does not come.
        let comes = working > 0.0 && nanos < super::super::LONGEST.as_nanos();
        comes.then(|| self.stopped_until(self.settled) + nanos.max(0.0) as u64)
    }

    /// Completes the burst with the least left, the one that has begun first among equals. Its worker
    /// goes to the next in line.
    pub(super) fn complete(&mut self, now: u64, station: &Station) -> Job {
        self.settle(now);
        let places = 0..self.in_service.len();
        let left = |place: &usize| self.in_service[*place].left;
        let first = places.min_by(|a, b| left(a).total_cmp(&left(b))).unwrap_or(0);
        let job = self.in_service.remove(first);
        self.kept += u32::from(job.keeps);
        self.admit(station);
        job
    }

    /// A request is no longer on the node.
    pub(super) fn remove(&mut self, now: u64, station: &Station, handle: usize) {
        self.settle(now);
        self.in_service.retain(|job| job.handle != handle);
        let its = |job: &&Job| job.handle == handle && job.kept;
        self.kept -= self.waiting.iter().filter(its).count() as u32;
        self.waiting.retain(|job| job.handle != handle);
        self.for_connection.iter_mut().for_each(|line| line.retain(|other| *other != handle));
        self.admit(station);
    }

    /// Takes a connection, or waits for one.
    pub(super) fn connect(&mut self, pool: Pool, handle: usize) -> bool {
        let free = &mut self.connections[pool as usize];
        if *free == 0 {
            self.for_connection[pool as usize].push_back(handle);
            return false;
        }
        *free -= 1;
        true
    }

    /// Gives a connection to the next in line, or back.
    pub(super) fn disconnect(&mut self, pool: Pool) -> Option<usize> {
        let next = self.for_connection[pool as usize].pop_front();
        self.connections[pool as usize] += u32::from(next.is_none());
        next
    }

    /// All cores stop for `nanos`, after a stop that is under way.
    pub(super) fn stop(&mut self, now: u64, nanos: u64, is_collection: bool) {
        self.settle(now);
        self.stops.push_back((self.stopped_until(now) + nanos, is_collection));
    }

    pub(super) fn exponential(&mut self, mean_nanos: f64) -> u64 {
        let draw: f64 = Exp1.sample(&mut self.failures);
        (draw * mean_nanos).round() as u64
    }

    /// When the next scripted outage begins that has not begun yet.
    pub(super) fn next_outage(&self, now: u64) -> u64 {
        let from = if self.crashes == 0 { now } else { now + 1 };
        self.outages.iter().map(|span| span.0).find(|begin| *begin >= from).unwrap_or(u64::MAX)
    }

    pub(super) fn outage_begins_at(&self, now: u64) -> bool {
        self.outages.iter().any(|span| span.0 == now)
    }

    /// When a node that crashed at `now` and is repaired at `repaired` has started up: outages that
    /// begin before keep it down until their end.
    pub(super) fn ready_time(&self, now: u64, repaired: u64, start_up: u64) -> u64 {
        let mut ready = repaired + start_up;
        for (begin, end) in &self.outages {
            if *begin <= ready && *end > now {
                ready = ready.max(end + start_up);
            }
        }
        ready
    }

    pub(super) fn crash(&mut self, now: u64, station: &Station) {
        self.settle(now);
        self.up = false;
        self.crashes += 1;
        self.down.change(now, 1);
        self.in_service.clear();
        self.waiting.clear();
        self.for_connection.iter_mut().for_each(VecDeque::clear);
        self.connections = station.connections;
        self.kept = 0;
        self.stops.clear();
    }

    pub(super) fn return_to_service(&mut self, now: u64) {
        self.up = true;
        self.started = Some(now);
        self.down.change(now, -1);
    }

    /// By what demands are multiplied.
    pub(super) fn slowness(&self, now: u64) -> f64 {
        let held = (self.messages + self.live()) as f64;
        let crowded = self.crowding.map_or(1.0, |doubled| 1.0 + held / doubled);
        let (Some(started), Some(cold)) = (self.started, self.cold) else { return crowded };
        let age = (now - started) as f64 / cold.decay.as_nanos();
        crowded * (1.0 + (cold.factor - 1.0) * (-age).exp())
    }

    pub(super) fn start_window(&mut self, now: u64) {
        self.settle(now);
        (self.busy, self.paused, self.stalled, self.workers) = (0.0, 0.0, 0.0, 0.0);
        self.in_flight.restart(now);
        self.down.restart(now);
        self.crashes_before = self.crashes;
    }

    /// Adds what the node did in the window to what its cluster did.
    pub(super) fn observe(&mut self, now: u64, cluster: &mut ClusterObservations) {
        self.settle(now);
        let node_time = (now - self.down.begun) as f64 * self.nodes as f64;
        cluster.utilisation += self.busy / node_time / self.cores;
        cluster.gc_share += self.paused / node_time;
        cluster.stall_share += self.stalled / node_time;
        cluster.in_flight_at[1] += self.in_flight.count as u64;
        cluster.workers_busy += self.workers / node_time;
        cluster.in_flight += self.in_flight.average(now);
        cluster.peak_in_flight = cluster.peak_in_flight.max(self.in_flight.peak as u32);
        cluster.crashes += self.crashes - self.crashes_before;
        cluster.up_share += (1.0 - self.down.average(now)) / self.nodes as f64;
    }
}
