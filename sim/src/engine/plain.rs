//! A second engine, as plain as it can be: the oracle of the fast one.
//!
//! One heap holds all events, one list all requests, and the remaining work of every burst on a node
//! is brought up to date at every change. It shares with the fast engine what is no event loop: the
//! network, the draws, the arrival processes and the choices of the balancers. So both must observe
//! the same.
//!
//! Simultaneous events happen in the order of [`super`]; timeouts come last.

mod server;
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::arrivals::ArrivalProcess;
use super::balancer::Balancer;
use super::observations::{Cause, ClusterObservations, FlowObservations, Observations};
use super::request::{Draws, Request};
use super::{Network, Purpose, Run, Step, Stream};
use crate::network::HealthCheck;
use crate::network::{Depth, MIB, Memory, Need, Pool, Variate};
use server::{Job, Level, Server};

/// Something that happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    WindowStart,
    Crash {
        node: usize,
    },
    Ready {
        node: usize,
    },
    Probed {
        node: usize,
        up: bool,
        crashes: u64,
    },
    AnotherChance {
        node: usize,
    },
    /// A node allocates for itself.
    Background {
        node: usize,
    },
    /// A burst is complete, unless the node has planned anew since.
    Completion {
        node: usize,
        plan: u64,
    },
    /// So much work is done that the node stalls, unless it has planned anew since.
    Stall {
        node: usize,
        plan: u64,
    },
    Arrival {
        flow: usize,
    },
    /// The delay of an attempt is over, or the wait before it.
    GoesOn {
        handle: usize,
        attempt: u8,
    },
    TimeOut {
        handle: usize,
        attempt: u8,
    },
}

/// Where an event stands among simultaneous ones.
fn rank(event: Event) -> u8 {
    match event {
        Event::Completion { .. } | Event::Stall { .. } => 1,
        Event::Arrival { .. } => 2,
        Event::GoesOn { .. } => 3,
        Event::TimeOut { .. } => 4,
        _ => 0,
    }
}

/// A request or an asynchronous event, until it has ended and thereafter.
#[derive(Clone, Debug)]
struct Customer {
    /// Its name: flow, number, attempt, and when it arrived.
    request: Request,
    step: usize,
    burst: u8,
    /// Which copy of an asynchronous event; none for requests.
    copy: Option<u8>,
    /// The nodes that it occupies, by depth.
    nodes: [Option<usize>; 2],
    /// The node on which it is in service or waits.
    at: Option<usize>,
    /// By depth: whether it keeps a worker, and whether the database serves it.
    keeps: [bool; 2],
    served: [bool; 2],
    /// By pool and depth.
    connected: [[bool; 2]; 2],
    arrived: bool,
    ended: bool,
}

impl Customer {
    fn new(flow: usize, number: u32, first_step: u16, now: u64) -> Self {
        Self {
            request: Request::new(flow, number, first_step, now),
            step: usize::from(first_step),
            burst: 0,
            copy: None,
            nodes: [None; 2],
            at: None,
            keeps: [false; 2],
            served: [false; 2],
            connected: [[false; 2]; 2],
            arrived: false,
            ended: false,
        }
    }

    fn flow(&self) -> usize {
        usize::from(self.request.flow)
    }

    fn occupies(&self, node: usize) -> bool {
        self.nodes.contains(&Some(node))
    }
}

/// A closed user looks at an error for so long before thinking again, nanoseconds.
const LOOK_AT_ERROR: u64 = 1_000_000;
/// Sessions of open requests.
const SESSIONS: u64 = 1 << 16;

/// Simulates one replication, plainly. Returns none where the order of simultaneous events mattered
/// that nothing states: when a node crashes, those who wait on several others for what its requests
/// held go on at the same instant.
pub(super) fn simulate(network: &Network, run: &Run<'_>) -> Option<Observations> {
    let mut engine = Plain::new(network, run);
    engine.begin();
    engine.run();
    (!engine.is_ambiguous).then(|| engine.observations())
}

struct Plain<'a> {
    network: &'a Network,
    run: &'a Run<'a>,
    now: u64,
    end: u64,
    observing: bool,
    events: BinaryHeap<Reverse<(u64, u8, u64, Event)>>,
    scheduled: u64,
    handled: u64,
    is_ambiguous: bool,
    customers: Vec<Customer>,
    /// Those who can go on at this instant, the latest first.
    ready: Vec<usize>,
    servers: Vec<Server>,
    balancers: Vec<Balancer>,
    /// By cluster: how many calls its database serves, and who waits for it, at which depth.
    serving: Vec<u32>,
    calling: Vec<VecDeque<(usize, Depth)>>,
    arrivals: Vec<ArrivalProcess<'a>>,
    draws: Vec<Draws>,
    flows: Vec<FlowObservations>,
    in_system: Vec<Level>,
    clusters: Vec<ClusterObservations>,
}

impl<'a> Plain<'a> {
    fn new(network: &'a Network, run: &'a Run<'a>) -> Self {
        let stream =
            |purpose, entity: usize| Stream::new(run.seed, run.replication, purpose, entity as u64);
        let servers = network.clusters.iter().enumerate().flat_map(|(cluster, station)| {
            (0..station.nodes).map(move |member| Server::new(network, run, cluster, member))
        });
        let balancers = network.clusters.iter().enumerate().map(|(cluster, station)| {
            let choices = stream(Purpose::Balancing, cluster);
            Balancer::new(station.policy, station.health, station.nodes, choices)
        });
        let arrivals = network.flows.iter().enumerate().map(|(flow, source)| {
            let gaps = stream(Purpose::Arrivals, flow);
            let modulation = stream(Purpose::Modulation, flow);
            ArrivalProcess::new(
                &source.arrivals,
                &network.tables[usize::from(network.exponential)],
                run.warm_up.0,
                gaps,
                modulation,
            )
        });
        let flows = 0..network.flows.len();
        Self {
            network,
            run,
            now: 0,
            end: (run.warm_up + run.window).0,
            observing: false,
            events: BinaryHeap::new(),
            scheduled: 0,
            handled: 0,
            is_ambiguous: false,
            customers: Vec::new(),
            ready: Vec::new(),
            servers: servers.collect(),
            balancers: balancers.collect(),
            serving: vec![0; network.clusters.len()],
            calling: vec![VecDeque::new(); network.clusters.len()],
            arrivals: arrivals.collect(),
            draws: flows
                .clone()
                .map(|flow| Draws { stream: stream(Purpose::Requests, flow) })
                .collect(),
            flows: flows.clone().map(|_| FlowObservations::default()).collect(),
            in_system: flows.map(|_| Level::default()).collect(),
            clusters: vec![ClusterObservations::default(); network.clusters.len()],
        }
    }

    fn begin(&mut self) {
        self.schedule(self.run.warm_up.0, Event::WindowStart);
        for node in 0..self.servers.len() {
            self.schedule_crash(node);
            self.schedule(100_000_000, Event::Background { node });
        }
        for crowd in 0..self.network.crowds.len() {
            (0..self.network.crowds[crowd].users).for_each(|user| self.think(crowd, user, 0));
        }
        for flow in 0..self.network.flows.len() {
            if self.network.flows[flow].crowd.is_none() {
                self.schedule_arrival(flow);
            }
        }
    }

    fn run(&mut self) {
        while let Some(Reverse((time, _, _, event))) = self.events.pop() {
            if time >= self.end {
                break;
            }
            self.now = time;
            self.handled += 1;
            self.handle(event);
            while let Some(handle) = self.ready.pop() {
                self.proceed(handle);
            }
        }
        self.now = self.end;
    }

    fn schedule(&mut self, time: u64, event: Event) {
        let order = match event {
            Event::Completion { node, .. } => 2 * node as u64,
            Event::Stall { node, .. } => 2 * node as u64 + 1,
            Event::Arrival { flow } => flow as u64,
            _ => self.scheduled,
        };
        self.scheduled += 1;
        self.events.push(Reverse((time, rank(event), order, event)));
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::WindowStart => self.start_window(),
            Event::Crash { node } => self.crash(node),
            Event::Ready { node } => self.return_to_service(node),
            Event::Probed { node, up, crashes } => {
                // Probes count in a row: a crash or a return in between begins a new count.
                if self.servers[node].up == up && self.servers[node].crashes == crashes {
                    self.believe(node, up);
                }
            }
            Event::AnotherChance { node } => self.believe(node, true),
            Event::Background { node } => self.background(node),
            Event::Completion { node, plan } => {
                if self.servers[node].plan == plan {
                    self.complete(node);
                }
            }
            Event::Stall { node, plan } => {
                if self.servers[node].plan == plan {
                    self.stall(node);
                }
            }
            Event::Arrival { flow } => self.arrive(flow),
            Event::GoesOn { handle, attempt } => {
                if self.is_at(handle, attempt) {
                    self.proceed(handle);
                }
            }
            Event::TimeOut { handle, attempt } => {
                if self.is_at(handle, attempt) {
                    self.fail(handle, Cause::TimedOut);
                }
            }
        }
    }

    fn start_window(&mut self) {
        self.observing = true;
        let now = self.now;
        self.in_system.iter_mut().for_each(|level| level.restart(now));
        for server in &mut self.servers {
            server.start_window(now);
            self.clusters[server.cluster].in_flight_at[0] += server.in_flight.count as u64;
        }
    }

    fn observations(mut self) -> Observations {
        let now = self.now;
        for customer in &self.customers {
            let in_flight = customer.arrived && !customer.ended && customer.copy.is_none();
            self.flows[customer.flow()].whole.in_flight += u64::from(in_flight);
        }
        for (flow, level) in self.flows.iter_mut().zip(&self.in_system) {
            flow.in_system = level.average(now);
        }
        for server in &mut self.servers {
            server.observe(now, &mut self.clusters[server.cluster]);
        }
        let (flows, clusters) = (self.flows, self.clusters);
        Observations {
            flows,
            clusters,
            series: Vec::new(),
            records: Vec::new(),
            silences: None,
            events: self.handled,
        }
    }
}

/// Clients.
impl Plain<'_> {
    fn schedule_arrival(&mut self, flow: usize) {
        let next = self.arrivals[flow].next(self.now);
        self.schedule(next, Event::Arrival { flow });
    }

    fn arrive(&mut self, flow: usize) {
        let number = self.arrivals[flow].number();
        self.schedule_arrival(flow);
        let first_step = self.network.flows[flow].first_step;
        self.customers.push(Customer::new(flow, number, first_step, self.now));
        self.proceed(self.customers.len() - 1);
    }

    fn think(&mut self, crowd: usize, number: u32, pause: u64) {
        let crowd = &self.network.crowds[crowd];
        let flow = self.draws[crowd.flows[0].0].flow_of(number, crowd);
        let source = &self.network.flows[flow];
        let customer = Customer::new(flow, number, source.first_step, self.now);
        let think =
            self.draws[flow].nanos(self.network, &customer.request, Need::Think, 0, source.think);
        self.customers.push(customer);
        let handle = self.customers.len() - 1;
        self.schedule(
            self.now + pause + think.round() as u64,
            Event::GoesOn { handle, attempt: 0 },
        );
    }

    /// Whether a request is still in this attempt.
    fn is_at(&self, handle: usize, attempt: u8) -> bool {
        let customer = &self.customers[handle];
        !customer.ended && customer.request.attempt == attempt
    }

    fn begin_attempt(&mut self, handle: usize) {
        let customer = &mut self.customers[handle];
        let (flow, attempt) = (customer.flow(), customer.request.attempt);
        customer.step += 1;
        let seen = &mut self.flows[flow];
        if attempt == 0 {
            customer.arrived = true;
            customer.request.arrived = self.now;
            seen.whole.arrived += 1;
            seen.arrivals += u64::from(self.observing);
            self.in_system[flow].change(self.now, 1);
        } else {
            seen.retries += u64::from(self.observing);
        }
        if let Some(timeout) = self.network.flows[flow].timeout {
            self.schedule(self.now + timeout.0, Event::TimeOut { handle, attempt });
        }
    }

    fn answer(&mut self, handle: usize) {
        let customer = &self.customers[handle];
        let seen = &mut self.flows[customer.flow()];
        seen.whole.answered += 1;
        if self.observing {
            let sojourn = self.now - customer.request.arrived;
            seen.answered += 1;
            seen.sojourn.record(sojourn);
            seen.batches.record(sojourn);
            seen.sojourn_sum += sojourn as f64 * 1e-9;
            seen.sojourn_squares += (sojourn as f64 * 1e-9).powi(2);
        }
        self.end_request(handle, 0);
    }

    fn fail(&mut self, handle: usize, cause: Cause) {
        self.vacate(handle);
        let customer = &mut self.customers[handle];
        if customer.copy.is_some() {
            customer.ended = true;
            return;
        }
        let source = &self.network.flows[customer.flow()];
        if customer.request.attempt < source.retries.max {
            let draws = self.draws[customer.flow()];
            let wait = draws.back_off(&customer.request, &source.retries);
            customer.request.attempt += 1;
            customer.step = usize::from(source.first_step);
            customer.burst = 0;
            let attempt = customer.request.attempt;
            self.schedule(self.now + wait, Event::GoesOn { handle, attempt });
            return;
        }
        let seen = &mut self.flows[customer.flow()];
        seen.whole.failed += 1;
        seen.failed[cause as usize] += u64::from(self.observing);
        self.end_request(handle, LOOK_AT_ERROR);
    }

    fn end_request(&mut self, handle: usize, pause: u64) {
        let customer = &mut self.customers[handle];
        customer.ended = true;
        let (flow, number) = (customer.flow(), customer.request.number);
        self.in_system[flow].change(self.now, -1);
        if let Some(crowd) = self.network.flows[flow].crowd {
            self.think(crowd, number + self.network.crowds[crowd].users, pause);
        }
    }
}

/// Routes.
impl Plain<'_> {
    /// Takes a request through its steps until one takes time.
    fn proceed(&mut self, handle: usize) {
        while !self.customers[handle].ended {
            let step = self.customers[handle].step;
            match self.network.steps[step] {
                Step::Attempt => self.begin_attempt(handle),
                Step::Enter { cluster, depth, sticky } => {
                    match self.enter(handle, usize::from(cluster), depth, sticky) {
                        Ok(node) => self.customers[handle].nodes[depth] = Some(node),
                        Err(cause) => return self.fail(handle, cause),
                    }
                    self.customers[handle].step += 1;
                }
                Step::Work { depth, burst, first, need, admission, .. } => {
                    let Some(node) = self.customers[handle].nodes[depth] else { return };
                    return self.work(handle, node, burst, first, need, admission);
                }
                Step::Delay { delay, need } => {
                    self.customers[handle].step += 1;
                    let part = self.customers[handle].copy.unwrap_or(0);
                    let nanos = self.draw(handle, need, part, delay).round() as u64;
                    if nanos > 0 {
                        let attempt = self.customers[handle].request.attempt;
                        return self.schedule(self.now + nanos, Event::GoesOn { handle, attempt });
                    }
                }
                Step::SkipUnless { share, to } => {
                    let customer = &mut self.customers[handle];
                    let draws = self.draws[customer.flow()];
                    let taken = draws.uniform(&customer.request, Need::CacheMiss) < share;
                    customer.step = if taken { step + 1 } else { usize::from(to) };
                }
                Step::FreeWorker { depth } => {
                    self.customers[handle].step += 1;
                    self.free_worker(handle, depth);
                }
                Step::Connect { depth, pool } => {
                    self.customers[handle].step += 1;
                    if !self.connect(handle, depth, pool) {
                        return;
                    }
                }
                Step::Disconnect { depth, pool } => {
                    self.customers[handle].step += 1;
                    self.disconnect(handle, depth, pool);
                }
                Step::Call { depth } => {
                    self.customers[handle].step += 1;
                    if !self.call(handle, depth) {
                        return;
                    }
                }
                Step::Return { depth } => {
                    self.customers[handle].step += 1;
                    self.end_call(handle, depth);
                }
                Step::Publish { cluster, first_step } => {
                    self.customers[handle].step += 1;
                    self.publish(handle, usize::from(cluster), usize::from(first_step));
                }
                Step::Leave { depth } => {
                    self.customers[handle].step += 1;
                    if let Some(cluster) = self.leave(handle, depth) {
                        self.clusters[cluster].completed += u64::from(self.observing);
                    }
                }
                Step::Answer => self.answer(handle),
                Step::Discard => self.customers[handle].ended = true,
            }
        }
    }

    fn draw(&self, handle: usize, need: Need, part: u8, law: Variate) -> f64 {
        let customer = &self.customers[handle];
        self.draws[customer.flow()].nanos(self.network, &customer.request, need, part, law)
    }

    /// The balancer chooses, as often as the cluster has nodes, until a node takes the request.
    fn enter(
        &mut self,
        handle: usize,
        cluster: usize,
        depth: usize,
        sticky: bool,
    ) -> Result<usize, Cause> {
        let station = &self.network.clusters[cluster];
        let by_session = sticky || self.balancers[cluster].is_sticky();
        let session = by_session.then(|| self.session(handle));
        let mut outcome = Err(Cause::Unavailable);
        while let Some(chosen) = self.balancers[cluster].choose(session) {
            let node = station.first_node + chosen;
            if self.servers[node].up {
                self.balancers[cluster].sent(chosen);
                self.servers[node].in_flight.change(self.now, 1);
                let memory = self.memory(handle, depth);
                self.servers[node].messages += memory.message;
                self.clusters[cluster].entered += u64::from(self.observing);
                outcome = Ok(node);
                break;
            }
            outcome = Err(Cause::Refused);
            self.failed_at(node);
            if !self.balancers[cluster].passes_on() {
                break;
            }
            self.balancers[cluster].refused(chosen);
        }
        self.balancers[cluster].forget_refusals();
        outcome
    }

    fn memory(&self, handle: usize, depth: usize) -> Memory {
        self.network.flows[self.customers[handle].flow()].memory[depth]
    }

    fn session(&self, handle: usize) -> u64 {
        let customer = &self.customers[handle];
        match self.network.flows[customer.flow()].crowd {
            Some(crowd) => u64::from(customer.request.number % self.network.crowds[crowd].users),
            None => self.draws[customer.flow()].session(&customer.request) % SESSIONS,
        }
    }

    fn work(
        &mut self,
        handle: usize,
        node: usize,
        burst: Variate,
        first: u8,
        need: Need,
        admission: bool,
    ) {
        let station = &self.network.clusters[self.servers[node].cluster];
        if admission && self.servers[node].is_full(station) {
            self.clusters[self.servers[node].cluster].rejected += u64::from(self.observing);
            return self.fail(handle, Cause::Rejected);
        }
        self.customers[handle].burst = first;
        let part = self.customers[handle].copy.unwrap_or(first);
        let left = self.draw(handle, need, part, burst) * self.servers[node].slowness(self.now);
        self.begin_burst(node, handle, left);
        self.plan(node);
    }

    fn begin_burst(&mut self, node: usize, handle: usize, left: f64) {
        self.customers[handle].at = Some(node);
        let step = self.network.steps[self.customers[handle].step];
        let Step::Work { on_worker, depth, keeps, end, .. } = step else { return };
        let customer = &mut self.customers[handle];
        let is_event = customer.copy.is_some();
        let kept = on_worker && std::mem::take(&mut customer.keeps[depth]);
        let keeps = keeps && customer.burst + 1 == end;
        let retains = if is_event { 0 } else { self.memory(handle, depth).retains };
        let job = Job { handle, left, on_worker, retains, kept, keeps };
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].add(self.now, station, job);
    }

    /// Schedules the next completion on a node, if nothing changes before.
    fn plan(&mut self, node: usize) {
        let server = &mut self.servers[node];
        server.plan += 1;
        let plan = server.plan;
        let (completion, stall) = (server.next_completion(), server.next_stall());
        if let Some(time) = completion {
            self.schedule(time, Event::Completion { node, plan });
        }
        if let Some(time) = stall {
            self.schedule(time, Event::Stall { node, plan });
        }
    }

    fn complete(&mut self, node: usize) {
        let station = &self.network.clusters[self.servers[node].cluster];
        let Job { handle, keeps, .. } = self.servers[node].complete(self.now, station);
        if let Step::Work { allocates, .. } = self.network.steps[self.customers[handle].step] {
            self.allocate(node, allocates);
        }
        let customer = &mut self.customers[handle];
        let depth = usize::from(customer.nodes[0] != Some(node));
        customer.keeps[depth] |= keeps;
        customer.burst += 1;
        let part = customer.burst;
        if let Step::Work { burst, end, need, .. } = self.network.steps[customer.step]
            && part < end
        {
            let left = self.draw(handle, need, part, burst) * self.servers[node].slowness(self.now);
            self.begin_burst(node, handle, left);
            return self.plan(node);
        }
        customer.at = None;
        customer.burst = 0;
        customer.step += 1;
        self.plan(node);
        self.proceed(handle);
    }

    /// Takes a request off the node where it is, gives back what it holds and leaves its nodes.
    fn vacate(&mut self, handle: usize) {
        if let Some(node) = self.customers[handle].at.take() {
            let station = &self.network.clusters[self.servers[node].cluster];
            self.servers[node].remove(self.now, station, handle);
            self.calling.iter_mut().for_each(|line| line.retain(|waits| waits.0 != handle));
            self.plan(node);
        }
        for depth in 0..2 {
            self.end_call(handle, depth);
            self.disconnect(handle, depth, Pool::Database);
        }
        self.disconnect(handle, 0, Pool::KeyManager);
        for depth in 0..2 {
            self.free_worker(handle, depth);
        }
        for depth in 0..2 {
            if let Some(cluster) = self.leave(handle, depth) {
                self.clusters[cluster].failed += u64::from(self.observing);
            }
        }
    }

    /// A request leaves the node that it occupies at `depth`, if it does. Returns the cluster.
    fn leave(&mut self, handle: usize, depth: usize) -> Option<usize> {
        let node = self.customers[handle].nodes[depth].take()?;
        if self.customers[handle].copy.is_some() {
            return None;
        }
        let cluster = self.servers[node].cluster;
        self.servers[node].in_flight.change(self.now, -1);
        let memory = self.memory(handle, depth);
        self.servers[node].free(handle);
        self.servers[node].messages -= memory.message;
        self.balancers[cluster].answered(node - self.network.clusters[cluster].first_node);
        Some(cluster)
    }

    fn connect(&mut self, handle: usize, depth: Depth, pool: Pool) -> bool {
        let Some(node) = self.customers[handle].nodes[depth] else { return false };
        let connected = self.servers[node].connect(pool, handle);
        self.customers[handle].connected[pool as usize][depth] = connected;
        self.customers[handle].at = (!connected).then_some(node);
        connected
    }

    fn disconnect(&mut self, handle: usize, depth: Depth, pool: Pool) {
        let held = std::mem::take(&mut self.customers[handle].connected[pool as usize][depth]);
        let Some(node) = self.customers[handle].nodes[depth].filter(|_| held) else { return };
        if let Some(next) = self.servers[node].disconnect(pool) {
            let customer = &mut self.customers[next];
            let depth = usize::from(customer.nodes[0] != Some(node));
            customer.connected[pool as usize][depth] = true;
            customer.at = None;
            self.ready.push(next);
        }
    }

    fn call(&mut self, handle: usize, depth: Depth) -> bool {
        let Some(node) = self.customers[handle].nodes[depth] else { return false };
        let cluster = self.servers[node].cluster;
        let limit = self.network.clusters[cluster].database_limit.unwrap_or(u32::MAX);
        let served = self.serving[cluster] < limit;
        if served {
            self.serving[cluster] += 1;
        } else {
            self.calling[cluster].push_back((handle, depth));
        }
        self.customers[handle].served[depth] = served;
        self.customers[handle].at = (!served).then_some(node);
        served
    }

    fn end_call(&mut self, handle: usize, depth: Depth) {
        let served = std::mem::take(&mut self.customers[handle].served[depth]);
        let Some(node) = self.customers[handle].nodes[depth].filter(|_| served) else { return };
        let cluster = self.servers[node].cluster;
        if let Some((next, depth)) = self.calling[cluster].pop_front() {
            self.customers[next].served[depth] = true;
            self.customers[next].at = None;
            self.ready.push(next);
        } else {
            self.serving[cluster] -= 1;
        }
    }

    fn free_worker(&mut self, handle: usize, depth: Depth) {
        let kept = std::mem::take(&mut self.customers[handle].keeps[depth]);
        let Some(node) = self.customers[handle].nodes[depth].filter(|_| kept) else { return };
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].free_worker(self.now, station);
        self.plan(node);
    }

    fn publish(&mut self, handle: usize, cluster: usize, first_step: usize) {
        let station = &self.network.clusters[cluster];
        for member in 0..station.nodes {
            let node = station.first_node + member;
            if !self.servers[node].up || self.customers[handle].nodes[0] == Some(node) {
                continue;
            }
            self.customers.push(Customer {
                step: first_step,
                burst: 0,
                copy: Some(member as u8),
                nodes: [Some(node), None],
                keeps: [false; 2],
                connected: [[false; 2]; 2],
                served: [false; 2],
                ..self.customers[handle].clone()
            });
            self.ready.push(self.customers.len() - 1);
        }
    }
}

/// Failures and garbage collection.
impl Plain<'_> {
    fn schedule_crash(&mut self, node: usize) {
        let server = &mut self.servers[node];
        let mtbf = self.network.clusters[server.cluster].mtbf;
        let failure = mtbf.map_or(u64::MAX, |mtbf| self.now + server.exponential(mtbf.as_nanos()));
        let scripted = server.next_outage(self.now);
        let next_crash = failure.min(scripted);
        if next_crash < self.end {
            self.schedule(next_crash, Event::Crash { node });
        }
    }

    fn crash(&mut self, node: usize) {
        let server = &mut self.servers[node];
        let station = &self.network.clusters[server.cluster];
        let repair = if server.outage_begins_at(self.now) {
            0
        } else {
            server.exponential(station.mttr.as_nanos())
        };
        server.crash(self.now, station);
        let table = &self.network.tables[usize::from(station.start_up.table)];
        let bits = server.failures.stream().draw(u64::MAX - server.crashes);
        let start_up = (table.sample(bits) * station.start_up.mean_nanos).round() as u64;
        let ready = server.ready_time(self.now, self.now + repair, start_up);
        self.schedule(ready, Event::Ready { node });
        self.probe(node, false);
        self.plan(node);
        let everyone = 0..self.customers.len();
        let lost: Vec<usize> = everyone
            .filter(|h| !self.customers[*h].ended && self.customers[*h].occupies(node))
            .collect();
        let gone = |waits: &(usize, Depth)| lost.contains(&waits.0);
        self.calling.iter_mut().for_each(|line| line.retain(|waits| !gone(waits)));
        for handle in lost {
            // The process took its workers, its connections and its lists with it.
            let customer = &mut self.customers[handle];
            for depth in (0..2).filter(|depth| customer.nodes[*depth] == Some(node)) {
                customer.keeps[depth] = false;
                customer.connected.iter_mut().for_each(|pool| pool[depth] = false);
            }
            if self.customers[handle].at == Some(node) {
                self.customers[handle].at = None;
            }
            if self.customers[handle].copy.is_none() {
                self.failed_at(node);
            }
            self.fail(handle, Cause::Lost);
        }
        let nodes = |handle: &usize| self.customers[*handle].nodes;
        self.is_ambiguous |=
            self.ready.windows(2).any(|two| nodes(&two[0])[0] != nodes(&two[1])[0]);
    }

    fn return_to_service(&mut self, node: usize) {
        self.servers[node].return_to_service(self.now);
        self.schedule_crash(node);
        self.probe(node, true);
    }

    /// What active probes find out of a node that has just changed: the first looks at it after the
    /// next instant of its rhythm, and it takes so many in a row.
    fn probe(&mut self, node: usize, up: bool) {
        let server = &self.servers[node];
        match self.network.clusters[server.cluster].health {
            HealthCheck::Perfect => self.believe(node, up),
            HealthCheck::Passive { .. } => {}
            HealthCheck::Active { interval, unhealthy, healthy } => {
                let phase = (server.probe_phase * interval.as_nanos()) as u64;
                let mut first = phase;
                if self.now >= phase {
                    first += ((self.now - phase) / interval.0 + 1) * interval.0;
                }
                let more = if up { healthy } else { unhealthy } - 1;
                let known = first + u64::from(more) * interval.0;
                self.schedule(known, Event::Probed { node, up, crashes: server.crashes });
            }
        }
    }

    fn believe(&mut self, node: usize, up: bool) {
        let cluster = self.servers[node].cluster;
        self.balancers[cluster].believe(node - self.network.clusters[cluster].first_node, up);
    }

    fn failed_at(&mut self, node: usize) {
        let cluster = self.servers[node].cluster;
        let member = node - self.network.clusters[cluster].first_node;
        if let Some(until) = self.balancers[cluster].failed(member, self.now) {
            self.balancers[cluster].believe(member, false);
            self.schedule(until, Event::AnotherChance { node });
        }
    }

    /// A burst has allocated; when the budget is used up, the node stops for a collection.
    fn allocate(&mut self, node: usize, amount: f64) {
        let station = &self.network.clusters[self.servers[node].cluster];
        let sample = |law: Variate, bits| self.network.tables[usize::from(law.table)].sample(bits);
        let server = &mut self.servers[node];
        let live_mib = server.live() as f64 / MIB;
        if let Some(gc) = station.gc {
            server.allocated += amount;
            let budget = gc.budget.amount(live_mib);
            if server.allocated >= budget {
                server.allocated = (server.allocated - budget).min(budget);
                server.pauses += 1;
                let bits = server.pause_stream.draw(server.pauses);
                let mean = gc.pause.as_nanos()
                    + gc.per_in_flight.as_nanos() * server.in_flight.count as f64
                    + gc.per_live_mib.as_nanos() * live_mib;
                let pauses = server.pauses as f64;
                let nanos = match gc.full {
                    Some(full)
                        if (pauses / full.every).floor()
                            > ((pauses - 1.0) / full.every).floor() =>
                    {
                        sample(station.full_pause, bits) * full.pause.as_nanos()
                    }
                    _ => sample(station.pause, bits) * mean,
                };
                server.stop(self.now, nanos as u64, true);
            }
        }
    }

    /// A tenth of a second of what the node allocates without requests.
    fn background(&mut self, node: usize) {
        let server = &self.servers[node];
        let gc = self.network.clusters[server.cluster].gc;
        let each_second = gc.map_or(0.0, |gc| gc.budget.background_mib());
        if each_second > 0.0 {
            if server.up {
                self.allocate(node, each_second * 0.1);
                self.plan(node);
            }
            self.schedule(self.now + 100_000_000, Event::Background { node });
        }
    }

    /// So much work has been done since the last stall that the node stalls.
    fn stall(&mut self, node: usize) {
        let station = &self.network.clusters[self.servers[node].cluster];
        let server = &mut self.servers[node];
        server.stalls += 1;
        server.stalls_at += server.per_stall;
        let bits = server.stall_stream.draw(server.stalls);
        let draw = self.network.tables[usize::from(station.stall.table)].sample(bits);
        server.stop(self.now, (draw * station.stall.mean_nanos) as u64, false);
        self.plan(node);
    }
}
