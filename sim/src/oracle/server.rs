//! A node of the plain engine: a list of bursts with what is left of them.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::parts::{Heap, Machine, StallClock};
use crate::engine::{ClusterObservations, Collections, LONGEST, Run};
use crate::network::{Depth, Network, Pool, Station, Stint};
use crate::random::Purpose;

/// A burst in service, or one that waits for a worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Whose it is.
    pub(super) handle: usize,
    /// The depth at which that occupies the node.
    pub(super) depth: Depth,
    /// What is left of it, nanoseconds of one core.
    pub(super) left: f64,
    /// Whether it needs a worker, and how much of one is counted for it, in parts of [`Stint::ALL`].
    pub(super) on_worker: bool,
    pub(super) on_workers: u16,
    /// What its request keeps alive from its first burst on a worker on, bytes.
    pub(super) retains: u64,
    /// Whether its request has kept a worker for it, and whether it keeps one after it.
    pub(super) kept: bool,
    pub(super) keeps: bool,
    /// When it came, counted in events.
    pub(super) joined: u64,
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
    pub(super) in_flight: Level,
    /// Counts the plans, so that only the latest holds.
    pub(super) plan: u64,
    pub(super) heap: Heap,
    pub(super) stalls: StallClock,
    /// Core-time of work since the start.
    work: f64,
    /// Who keeps how many bytes alive, at which depth.
    retained: BTreeMap<(usize, Depth), u64>,
    hangs: bool,
    /// Whether each burst is in service alone.
    is_crowded: bool,
    nodes: usize,
    cores: f64,
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
    window_start: u64,
    busy: f64,
    paused: f64,
    collected_before: Collections,
    stalled: f64,
    workers: f64,
}

impl Server {
    pub(super) fn new(network: &Network, run: &Run<'_>, cluster: usize, member: usize) -> Self {
        let station = &network.clusters[cluster];
        let stream = |purpose| run.stream_of(purpose, cluster, member);
        Self {
            cluster,
            in_flight: Level::default(),
            plan: 0,
            heap: Heap::new(station, stream(Purpose::Pauses)),
            stalls: StallClock::new(station, stream(Purpose::Stalls)),
            work: 0.0,
            retained: BTreeMap::new(),
            hangs: false,
            is_crowded: false,
            nodes: station.nodes,
            cores: station.cores,
            in_service: Vec::new(),
            waiting: VecDeque::new(),
            for_connection: [VecDeque::new(), VecDeque::new()],
            connections: station.connections,
            kept: 0,
            stops: VecDeque::new(),
            settled: 0,
            window_start: 0,
            busy: 0.0,
            paused: 0.0,
            collected_before: Collections::default(),
            stalled: 0.0,
            workers: 0.0,
        }
    }

    /// What one request keeps alive is another's.
    pub(super) fn hand_over(&mut self, from: (usize, Depth), to: (usize, Depth)) {
        if let Some(bytes) = self.retained.remove(&from) {
            self.retained.insert(to, bytes);
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
        let held: u32 = self.in_service.iter().map(|job| u32::from(job.on_workers)).sum();
        let held = f64::from(held) / f64::from(Stint::ALL) + f64::from(self.kept);
        self.workers += held * (now - self.settled) as f64;
        let elapsed = if self.hangs { 0.0 } else { (now - stopped_until) as f64 };
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

    /// How long it is still stopped, and how many times as long as alone one burst more would take then.
    pub(super) fn stopped_and_shared(&mut self, now: u64) -> (f64, f64) {
        self.settle(now);
        let stopped = (self.stopped_until(now) - now) as f64;
        (stopped, (self.in_service.len() + 1) as f64 / self.cores)
    }

    /// How many are there who hold a worker, wait for one or could need one.
    fn present(&self) -> u32 {
        let waiting = self.waiting.iter().filter(|job| !job.kept).count();
        (self.in_service.len() + waiting) as u32 + self.kept
    }

    /// Whether bursts of a stint that begins now are in service as one. Where it becomes crowded, the bursts
    /// of others no longer are: then it returns whose these were.
    pub(super) fn takes_stints(&mut self, now: u64, station: &Station) -> Result<bool, Vec<usize>> {
        if !station.shares_cores() {
            return Ok(false);
        }
        let most = station.workers.min(station.in_service_limit);
        if self.is_crowded {
            self.is_crowded = self.present() > most / 2;
            if self.is_crowded {
                return Ok(false);
            }
        }
        if self.present() < most {
            return Ok(true);
        }
        self.settle(now);
        self.is_crowded = true;
        for job in &mut self.in_service {
            job.on_workers = if job.on_worker { Stint::ALL } else { 0 };
        }
        Err(self.in_service.iter().map(|job| job.handle).collect())
    }

    /// A request begins to keep something alive, unless it does already.
    pub(super) fn retain(&mut self, whose: (usize, Depth), bytes: u64) {
        if bytes > 0 && self.retained.insert(whose, bytes).is_none() {
            self.heap.retain(bytes);
        }
    }

    pub(super) fn add(&mut self, now: u64, station: &Station, job: Job) {
        self.settle(now);
        if job.on_worker {
            self.waiting.push_back(job);
            self.admit(station);
        } else {
            self.kept -= u32::from(job.kept);
            self.in_service.push(job);
        }
    }

    fn admit(&mut self, station: &Station) {
        while self.working() < station.in_service_limit {
            let has_worker = self.working() + self.kept < station.workers;
            let next = self.waiting.iter().position(|job| job.kept || has_worker);
            let Some(job) = next.and_then(|place| self.waiting.remove(place)) else { return };
            self.kept -= u32::from(job.kept);
            self.retain((job.handle, job.depth), job.retains);
            self.in_service.push(job);
        }
    }

    /// A request gives the worker back that it has kept.
    pub(super) fn free_worker(&mut self, now: u64, station: &Station) {
        self.settle(now);
        self.kept -= 1;
        self.admit(station);
    }

    /// A request keeps nothing alive any more.
    pub(super) fn free(&mut self, whose: (usize, Depth), arrived: u64) {
        if let Some(bytes) = self.retained.remove(&whose) {
            self.heap.free(bytes, arrived);
        }
    }

    /// When the burst with the least left is complete.
    pub(super) fn next_completion(&self, rounding: f64) -> Option<u64> {
        let least = self.in_service.iter().map(|job| job.left).min_by(f64::total_cmp);
        let least = least.filter(|_| !self.hangs)?;
        let nanos = (least.max(0.0) / self.rate() + rounding) as u64;
        Some(self.stopped_until(self.settled) + nanos)
    }

    /// When so much work has been done that the node stalls.
    pub(super) fn next_stall(&self, rounding: f64) -> Option<u64> {
        let working = (self.in_service.len() as f64).min(self.cores);
        let nanos = ((self.stalls.next() - self.work) / working + rounding).floor();
        // What is longer than a replication may be does not come.
        let comes = working > 0.0 && !self.hangs && nanos < LONGEST.as_nanos();
        comes.then(|| self.stopped_until(self.settled) + nanos.max(0.0) as u64)
    }

    /// Completes the burst with the least left, the one that has begun first among equals. Its worker
    /// goes to the next in line.
    pub(super) fn complete(&mut self, now: u64, station: &Station) -> Job {
        self.settle(now);
        let job = self.in_service.remove(self.first_place());
        self.kept += u32::from(job.keeps);
        self.admit(station);
        job
    }

    /// The burst with the least left.
    pub(super) fn first(&self) -> Job {
        self.in_service[self.first_place()]
    }

    fn first_place(&self) -> usize {
        let left = |place: &usize| self.in_service[*place].left;
        let places = 0..self.in_service.len();
        places.min_by(|a, b| left(a).total_cmp(&left(b))).unwrap_or(0)
    }

    /// The burst of a request counts as having come later.
    pub(super) fn joins_again(&mut self, handle: usize, joined: u64) {
        let jobs = self.in_service.iter_mut().chain(&mut self.waiting);
        jobs.filter(|job| job.handle == handle).for_each(|job| job.joined = joined);
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

    /// All cores stop for `nanos`, after a stop that is under way, unless nothing goes on there anyway.
    pub(super) fn stop(&mut self, now: u64, nanos: u64, is_collection: bool) {
        if self.hangs {
            return;
        }
        self.settle(now);
        self.stops.push_back((self.stopped_until(now) + nanos, is_collection));
    }

    /// So many cores are left to the bursts from now on.
    pub(super) fn has_cores(&mut self, now: u64, cores: f64) {
        self.settle(now);
        self.cores = cores;
    }

    /// Nothing goes on while it hangs.
    pub(super) fn hang(&mut self, now: u64, hangs: bool) {
        self.settle(now);
        self.hangs = hangs;
        if hangs {
            self.stops.clear();
        }
    }

    pub(super) fn crash(&mut self, now: u64, station: &Station) {
        self.settle(now);
        self.heap.renew(station.cores);
        self.cores = station.cores;
        (self.hangs, self.is_crowded) = (false, false);
        self.in_service.clear();
        self.waiting.clear();
        self.for_connection.iter_mut().for_each(VecDeque::clear);
        self.connections = station.connections;
        self.kept = 0;
        self.stops.clear();
    }

    pub(super) fn start_window(&mut self, now: u64) {
        self.settle(now);
        (self.busy, self.paused, self.stalled, self.workers) = (0.0, 0.0, 0.0, 0.0);
        self.in_flight.restart(now);
        self.collected_before = *self.heap.collections();
        self.window_start = now;
    }

    /// Adds what the node did in the window to what its cluster did.
    pub(super) fn observe(
        &mut self,
        now: u64,
        machine: &Machine,
        cores: f64,
        cluster: &mut ClusterObservations,
    ) {
        self.settle(now);
        let node_time = (now - self.window_start) as f64 * self.nodes as f64;
        cluster.utilisation += self.busy / node_time / cores;
        cluster.collections.add(&self.heap.collections().since(&self.collected_before));
        cluster.gc_share += self.paused / node_time;
        cluster.stall_share += self.stalled / node_time;
        cluster.in_flight_at[1] += self.in_flight.count as u64;
        cluster.workers_busy += self.workers / node_time;
        cluster.in_flight += self.in_flight.average(now);
        cluster.peak_in_flight = cluster.peak_in_flight.max(self.in_flight.peak as u32);
        cluster.crashes += machine.crashes_in_window();
        cluster.up_share += (1.0 - machine.down_share(now)) / self.nodes as f64;
    }
}
