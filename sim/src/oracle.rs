//! A second engine, as plain as it can be: the oracle of the fast one.
//!
//! One heap holds all events, one list all requests, and the remaining work of every burst on a node
//! is brought up to date at every change. It has its own calendar, nodes and way of giving up, and shares
//! with the fast engine what is no event loop: the network, the draws, the arrival processes, and the
//! parts that draw or decide (balancers, health checks, heaps, stalls, machines, operators). So both must
//! observe the same.
//!
//! Simultaneous events happen in the order of [`crate::engine`]; clients give up in the turn of the node
//! on which their request is, or of their request on its way.

mod agreement;
mod server;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::engine::operators::{self, Operator};
use crate::engine::parts::{
    ArrivalProcess, BACKGROUND_STEP, Balancer, Change, Condition, Finding, Health, Machine,
};
use crate::engine::request::{Draws, Request};
use crate::engine::{
    Cause, ClusterObservations, FlowObservations, LOOK_AT_ERROR, Lanes, Observations, Run,
    SESSIONS, plain_stations,
};
use crate::network::{Depth, Memory, Need, Network, Pool, Step, Variate};
use crate::random::Purpose;
pub use agreement::{Agreement, compare};
use server::{Job, Level, Server};

/// Something that happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    WindowStart,
    Act {
        operator: usize,
        node: usize,
    },
    Started {
        node: usize,
        start: u64,
    },
    Probed {
        node: usize,
        answers: bool,
        changes: u64,
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
        /// When its burst came, counted in events, where that decides among simultaneous ones.
        joined: Option<u64>,
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
        /// Of what constant length the delay is, and how many have been scheduled before.
        lane: Option<(usize, u64)>,
    },
    /// A client's patience is at its end.
    TimeOut {
        handle: usize,
        attempt: u8,
    },
    /// It gives up where its request is found then.
    GivesUp {
        handle: usize,
        attempt: u8,
        whereabouts: Whereabouts,
    },
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whereabouts {
    OnNode(usize),
    /// Elsewhere, or on a node whose completions come among those elsewhere, since that many events had
    /// been scheduled.
    OnTheWay(u64),
}

/// Where an event stands among simultaneous ones.
fn rank(event: Event) -> u8 {
    match event {
        Event::TimeOut { .. } => 1,
        Event::Completion { joined: None, .. }
        | Event::Stall { .. }
        | Event::GivesUp { whereabouts: Whereabouts::OnNode(_), .. } => 2,
        Event::Arrival { .. } => 3,
        Event::GoesOn { lane: Some(_), .. } => 4,
        Event::GoesOn { .. } | Event::Completion { .. } | Event::GivesUp { .. } => 5,
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
    /// How many events had been scheduled when it set out.
    on_the_way: u64,
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
            on_the_way: 0,
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

/// Simulates one replication, plainly.
pub fn simulate(network: &Network, run: &Run<'_>) -> Observations {
    simulate_rounding(network, run, agreement::HALF)
}

/// The same, cutting times to whole nanoseconds after this has been added.
fn simulate_rounding(network: &Network, run: &Run<'_>, rounding: f64) -> Observations {
    let mut engine = Plain { rounding, ..Plain::new(network, run) };
    engine.begin();
    engine.run();
    engine.observations()
}

struct Plain<'a> {
    rounding: f64,
    network: &'a Network,
    run: &'a Run<'a>,
    now: u64,
    end: u64,
    observing: bool,
    events: BinaryHeap<Reverse<(u64, u8, u64, Event)>>,
    scheduled: u64,
    handled: u64,
    customers: Vec<Customer>,
    /// Those who can go on at this instant, the latest first.
    ready: Vec<usize>,
    servers: Vec<Server>,
    /// By node, whether its completions come among the requests that are on their way.
    has_line: Vec<bool>,
    lanes: Lanes,
    machines: Vec<Machine>,
    health: Vec<Health>,
    operators: Vec<Box<dyn Operator>>,
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
        let operators = operators::all(network, run);
        let plain = plain_stations(network, run, &operators);
        let of_node = |cluster, member| run.stream_of(Purpose::Failures, cluster, member);
        let servers = network
            .members()
            .map(|(cluster, member, _)| Server::new(network, run, cluster, member));
        let machines = network.members().map(|(cluster, member, station)| {
            Machine::new(station, cluster, member, of_node(cluster, member))
        });
        let health = network.members().map(|(cluster, member, station)| {
            Health::new(station.health, of_node(cluster, member).uniform(u64::MAX))
        });
        let balancers = network.clusters.iter().enumerate().map(|(cluster, station)| {
            let choices = run.stream(Purpose::Balancing, cluster as u64);
            Balancer::new(station.policy, station.nodes, choices)
        });
        let flows = 0..network.flows.len();
        Self {
            rounding: agreement::HALF,
            network,
            run,
            now: 0,
            end: (run.warm_up + run.window).0,
            observing: false,
            events: BinaryHeap::new(),
            scheduled: 0,
            handled: 0,
            customers: Vec::new(),
            ready: Vec::new(),
            servers: servers.collect(),
            has_line: network.members().map(|(cluster, ..)| plain[cluster]).collect(),
            lanes: Lanes::new(network),
            machines: machines.collect(),
            health: health.collect(),
            operators,
            balancers: balancers.collect(),
            serving: vec![0; network.clusters.len()],
            calling: vec![VecDeque::new(); network.clusters.len()],
            arrivals: flows.clone().map(|flow| ArrivalProcess::of(network, run, flow)).collect(),
            draws: flows
                .clone()
                .map(|flow| Draws { stream: run.stream(Purpose::Requests, flow as u64) })
                .collect(),
            flows: flows.clone().map(|_| FlowObservations::default()).collect(),
            in_system: flows.map(|_| Level::default()).collect(),
            clusters: vec![ClusterObservations::default(); network.clusters.len()],
        }
    }

    fn begin(&mut self) {
        self.schedule(self.run.warm_up.0, Event::WindowStart);
        for node in 0..self.servers.len() {
            (0..self.operators.len()).for_each(|operator| self.schedule_operator(operator, node));
            self.schedule(BACKGROUND_STEP.0, Event::Background { node });
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
            Event::Completion { joined: Some(joined), .. } => joined,
            // Lengths before those who came.
            Event::GoesOn { lane: Some((lane, came)), .. } => ((lane as u64) << 56) | came,
            Event::Completion { node, .. } => 3 * node as u64,
            Event::Stall { node, .. } => 3 * node as u64 + 1,
            Event::GivesUp { whereabouts: Whereabouts::OnNode(node), .. } => 3 * node as u64 + 2,
            Event::GivesUp { whereabouts: Whereabouts::OnTheWay(since), .. } => since,
            Event::Arrival { flow } => flow as u64,
            _ => self.scheduled,
        };
        self.scheduled += 1;
        self.events.push(Reverse((time, rank(event), order, event)));
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::WindowStart => self.start_window(),
            Event::Act { operator, node } => self.act(operator, node),
            Event::Started { node, start } => {
                if self.machines[node].started(self.now, start) {
                    self.tell(node, Condition::Up);
                }
            }
            Event::Probed { node, answers, changes } => {
                // Probes count in a row: a change in between begins a new count.
                let machine = &self.machines[node];
                if machine.condition().answers() == answers && machine.changes() == changes {
                    self.believe(node, answers);
                }
            }
            Event::AnotherChance { node } => self.believe(node, true),
            Event::Background { node } => self.background(node),
            Event::Completion { node, plan, .. } => {
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
            Event::GoesOn { handle, attempt, .. } => {
                if self.is_at(handle, attempt) {
                    self.proceed(handle);
                }
            }
            Event::TimeOut { handle, attempt } => self.give_up(handle, attempt),
            Event::GivesUp { handle, attempt, whereabouts } => {
                if self.whereabouts(handle) == whereabouts && self.is_at(handle, attempt) {
                    self.fail(handle, Cause::TimedOut);
                } else {
                    self.give_up(handle, attempt);
                }
            }
        }
    }

    fn start_window(&mut self) {
        self.observing = true;
        let now = self.now;
        self.in_system.iter_mut().for_each(|level| level.restart(now));
        for (server, machine) in self.servers.iter_mut().zip(&mut self.machines) {
            server.start_window(now);
            machine.start_window(now);
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
        for (server, machine) in self.servers.iter_mut().zip(&self.machines) {
            server.observe(now, machine, &mut self.clusters[server.cluster]);
        }
        let (flows, clusters) = (self.flows, self.clusters);
        Observations {
            flows,
            clusters,
            series: Vec::new(),
            records: Vec::new(),
            silences: None,
            attributed: None,
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
            Event::GoesOn { handle, attempt: 0, lane: None },
        );
    }

    /// Whether a request is still in this attempt.
    fn is_at(&self, handle: usize, attempt: u8) -> bool {
        let customer = &self.customers[handle];
        !customer.ended && customer.request.attempt == attempt
    }

    fn whereabouts(&self, handle: usize) -> Whereabouts {
        let customer = &self.customers[handle];
        match customer.at {
            Some(node) if !self.has_line[node] => Whereabouts::OnNode(node),
            _ => Whereabouts::OnTheWay(customer.on_the_way),
        }
    }

    /// A client gives up at this instant, in the turn of where its request is.
    fn give_up(&mut self, handle: usize, attempt: u8) {
        if self.is_at(handle, attempt) {
            let whereabouts = self.whereabouts(handle);
            self.schedule(self.now, Event::GivesUp { handle, attempt, whereabouts });
        }
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
            self.schedule(self.now + wait, Event::GoesOn { handle, attempt, lane: None });
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
                    let nanos = (self.draw(handle, need, part, delay) + self.rounding) as u64;
                    if nanos > 0 {
                        let attempt = self.customers[handle].request.attempt;
                        self.customers[handle].on_the_way = self.scheduled;
                        let lane =
                            self.lanes.of_step(step as u16).map(|(lane, _)| (lane, self.scheduled));
                        return self
                            .schedule(self.now + nanos, Event::GoesOn { handle, attempt, lane });
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
            if self.machines[node].condition().accepts() {
                self.balancers[cluster].sent(chosen);
                self.servers[node].in_flight.change(self.now, 1);
                let memory = self.memory(handle, depth);
                self.servers[node].heap.take_on(memory);
                self.clusters[cluster].entered += u64::from(self.observing);
                outcome = Ok(node);
                break;
            }
            outcome = Err(Cause::Refused);
            self.failed_at(node);
            self.balancers[cluster].refused(chosen);
            if !station.health.passes_on() {
                break;
            }
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
        let left = self.draw(handle, need, part, burst) * self.slowness(node);
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
        let joined = self.scheduled;
        self.customers[handle].on_the_way = joined;
        self.scheduled += 1;
        let job = Job { handle, left, on_worker, retains, kept, keeps, joined };
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].add(self.now, station, job);
    }

    /// Schedules the next completion on a node, if nothing changes before.
    fn plan(&mut self, node: usize) {
        let server = &mut self.servers[node];
        server.plan += 1;
        let plan = server.plan;
        let (completion, stall) =
            (server.next_completion(self.rounding), server.next_stall(self.rounding));
        if let Some(time) = completion {
            let joined = self.has_line[node].then(|| self.servers[node].first().joined);
            self.schedule(time, Event::Completion { node, plan, joined });
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
            let left = self.draw(handle, need, part, burst) * self.slowness(node);
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
        self.servers[node].heap.let_go(memory);
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
            if !self.machines[node].condition().accepts()
                || self.customers[handle].nodes[0] == Some(node)
            {
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

/// Changes of nodes.
impl Plain<'_> {
    fn schedule_operator(&mut self, operator: usize, node: usize) {
        let next = self.operators[operator].next(node);
        if next < self.end {
            self.schedule(next, Event::Act { operator, node });
        }
    }

    fn act(&mut self, operator: usize, node: usize) {
        if self.operators[operator].next(node) == self.now {
            let change = self.operators[operator].act(node, self.now);
            self.schedule_operator(operator, node);
            self.change(node, change);
        }
    }

    fn change(&mut self, node: usize, change: Change) {
        let drained = self.machines[node].condition() == Condition::Draining;
        let Some(condition) = self.machines[node].change(self.now, change) else { return };
        self.tell(node, condition);
        match condition {
            Condition::Starting => {
                let machine = &self.machines[node];
                let station = &self.network.clusters[machine.cluster()];
                let ready = self.now + machine.start_up(self.network, station);
                self.schedule(ready, Event::Started { node, start: machine.start() });
            }
            Condition::Draining => self.believe(node, false),
            Condition::Up if drained => self.believe(node, true),
            Condition::Up | Condition::Hung => {
                self.servers[node].hang(self.now, condition == Condition::Hung);
                self.plan(node);
            }
            Condition::Absent | Condition::Down => self.lose(node),
        }
    }

    fn tell(&mut self, node: usize, condition: Condition) {
        for operator in 0..self.operators.len() {
            let before = self.operators[operator].next(node);
            self.operators[operator].learn(node, self.now, condition);
            if self.operators[operator].next(node) != before {
                self.schedule_operator(operator, node);
            }
        }
        if !matches!(condition, Condition::Starting | Condition::Draining) {
            self.probe(node, condition.answers());
        }
    }

    fn lose(&mut self, node: usize) {
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].crash(self.now, station);
        self.plan(node);
        let everyone = 0..self.customers.len();
        let mut lost: Vec<usize> = everyone
            .filter(|h| !self.customers[*h].ended && self.customers[*h].occupies(node))
            .collect();
        lost.sort_by_key(|handle| {
            let customer = &self.customers[*handle];
            let Request { arrived, flow, number, .. } = customer.request;
            (arrived, flow, number, customer.copy)
        });
        // First they are nowhere any more, so that none of them gets what another gives back.
        for handle in &lost {
            self.take_off(*handle, node);
        }
        for handle in lost {
            if self.customers[handle].copy.is_none() {
                self.failed_at(node);
            }
            self.fail(handle, Cause::Lost);
        }
    }

    /// A request is no longer where it is, and holds nothing that the process on `ended` took with it.
    fn take_off(&mut self, handle: usize, ended: usize) {
        let customer = &mut self.customers[handle];
        for depth in (0..2).filter(|depth| customer.nodes[*depth] == Some(ended)) {
            customer.keeps[depth] = false;
            customer.connected.iter_mut().for_each(|pool| pool[depth] = false);
        }
        if let Some(node) = self.customers[handle].at.take() {
            let station = &self.network.clusters[self.servers[node].cluster];
            self.servers[node].remove(self.now, station, handle);
            self.calling.iter_mut().for_each(|line| line.retain(|waits| waits.0 != handle));
            self.plan(node);
        }
    }

    fn probe(&mut self, node: usize, answers: bool) {
        match self.health[node].finds_out(self.now, answers) {
            Finding::AtOnce => self.believe(node, answers),
            Finding::At(known) => {
                let changes = self.machines[node].changes();
                self.schedule(known, Event::Probed { node, answers, changes });
            }
            Finding::Never => {}
        }
    }

    fn believe(&mut self, node: usize, up: bool) {
        let (cluster, member) = self.machines[node].place();
        self.balancers[cluster].believe(member, up);
    }

    fn failed_at(&mut self, node: usize) {
        let (cluster, member) = self.machines[node].place();
        if !self.balancers[cluster].can_lose(member) {
            return;
        }
        if let Some(until) = self.health[node].failed(self.now) {
            self.balancers[cluster].believe(member, false);
            self.schedule(until, Event::AnotherChance { node });
        }
    }
}

/// Stops and slowness.
impl Plain<'_> {
    /// A burst has allocated; when the budget is used up, the node stops for a collection.
    fn allocate(&mut self, node: usize, amount: f64) {
        let server = &mut self.servers[node];
        if server.heap.allocate(amount) {
            let station = &self.network.clusters[server.cluster];
            let in_flight = server.in_flight.count as u32;
            let nanos = server.heap.collect(self.network, station, in_flight);
            server.stop(self.now, nanos as u64, true);
        }
    }

    /// A step of what the node allocates without requests.
    fn background(&mut self, node: usize) {
        let amount = self.servers[node].heap.background();
        if amount > 0.0 {
            if self.machines[node].condition().answers() {
                self.allocate(node, amount);
                self.plan(node);
            }
            self.schedule(self.now + BACKGROUND_STEP.0, Event::Background { node });
        }
    }

    /// So much work has been done since the last stall that the node stalls.
    fn stall(&mut self, node: usize) {
        let server = &mut self.servers[node];
        let station = &self.network.clusters[server.cluster];
        let nanos = server.stalls.stall(self.network, station);
        server.stop(self.now, nanos as u64, false);
        self.plan(node);
    }

    fn slowness(&self, node: usize) -> f64 {
        self.servers[node].heap.crowding() * self.machines[node].coldness(self.now)
    }
}
