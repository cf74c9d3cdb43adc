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
mod attempts;
mod changes;
mod checks;
mod clients;
mod collections;
mod customer;
mod event;
mod holding;
mod queues;
mod routes;
mod server;
#[cfg(test)]
mod tests;
mod tokens;
mod visits;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::engine::operators::{self, Operator};
use crate::engine::parts::{
    ArrivalProcess, BACKGROUND_STEP, Balancer, Change, Condition, Endpoints, Health, Leases,
    Machine, Meter, Suppliers, TokenCache,
};
use crate::engine::request::Draws;
use crate::engine::{
    ClusterObservations, FlowObservations, Lanes, Observations, Run, balancers, plain_stations,
};
use crate::network::{Depth, Network};
use crate::random::{Purpose, Quantiles};
pub use agreement::{Agreement, compare};
use customer::Customer;
use event::{Event, Whereabouts, rank};
use server::{Level, Server};

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
    tables: Vec<Quantiles<'a>>,
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
    suppliers: Suppliers,
    endpoints: Endpoints,
    balancers: Vec<Balancer>,
    /// By balancer, who waits in it, numbered as they came.
    queues: Vec<VecDeque<(u64, usize)>>,
    queued: u64,
    /// By cluster: how many calls its database serves, and who waits for it, at which depth.
    serving: Vec<u32>,
    calling: Vec<VecDeque<(usize, Depth)>>,
    token_caches: Vec<TokenCache>,
    /// By flow, the seconds of the window in which caches did not hold a token.
    missed: Vec<Vec<u64>>,
    leases: Vec<Leases>,
    meters: Vec<Meter>,
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
        let health = network
            .members()
            .map(|(cluster, member, station)| Health::new(station, of_node(cluster, member)));
        let balancers = balancers(network, run);
        let flows = 0..network.flows.len();
        let suppliers = Suppliers::new(network, run);
        let endpoints = Endpoints::new(network, run, |flow| suppliers.may_miss(flow));
        Self {
            rounding: agreement::HALF,
            network,
            tables: network.quantiles(),
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
            suppliers,
            endpoints,
            queues: balancers.iter().map(|_| VecDeque::new()).collect(),
            queued: 0,
            balancers,
            serving: vec![0; network.clusters.len()],
            calling: vec![VecDeque::new(); network.clusters.len()],
            token_caches: TokenCache::of_nodes(network, run),
            missed: vec![Vec::new(); network.flows.len()],
            leases: Leases::of_flows(network, run),
            meters: Meter::of_flows(network, run),
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
        for node in 0..self.machines.len() {
            let condition = self.machines[node].condition();
            if matches!(condition, Condition::Absent | Condition::Standby) {
                self.tell(node, condition);
                self.believe(node, false);
            }
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
        debug_assert!(time >= self.now, "{event:?} at {time} comes after {}", self.now);
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
                if self.ends_as_it_starts(node, start) {
                    return;
                }
                if let Some(condition) = self.machines[node].started(self.now, start) {
                    self.tell(node, condition);
                    self.look_anew(node);
                }
            }
            Event::Probed { node, is_good, changes } => {
                // Probes count in a row: a change in between begins a new count.
                if self.health[node].changes() == changes {
                    self.believe(node, is_good);
                }
            }
            Event::AnotherChance { balancer, member } => {
                if self.balancers[balancer].looked_at(member, self.now).is_none() {
                    self.call_all(balancer);
                }
            }
            Event::LeavesQueue { balancer, number } => self.leave_queue(balancer, number),
            Event::Background { node } => self.background(node),
            Event::Marked { node } => self.marked(node),
            Event::OutOfMemory { node, process } => self.runs_out_of_memory(node, process),
            Event::StartAgain { node } => self.change(node, Change::Start),
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
            Event::GoesOn { handle, since, .. } => {
                let customer = &self.customers[handle];
                if !customer.ended && customer.on_the_way == since {
                    self.arrive_somewhere(handle);
                }
            }
            Event::TimeOut { handle } => self.give_up(handle),
            Event::GivesUp { handle, whereabouts, .. } => {
                if self.whereabouts(handle) == whereabouts && self.is_due(handle) {
                    self.expire(handle);
                } else {
                    self.give_up(handle);
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
            let in_flight = customer.arrived && !customer.ended && !customer.is_alone();
            self.flows[customer.flow()].whole.in_flight += u64::from(in_flight);
        }
        for (flow, level) in self.flows.iter_mut().zip(&self.in_system) {
            flow.in_system = level.average(now);
        }
        for (flow, missed) in self.flows.iter_mut().zip(&self.missed) {
            flow.token_misses = missed.len() as u64;
            let herds = missed.chunk_by(|one, other| one == other);
            flow.token_herd = herds.map(<[u64]>::len).max().unwrap_or(0) as u64;
        }
        for (server, machine) in self.servers.iter_mut().zip(&self.machines) {
            let cores = self.network.clusters[server.cluster].cores;
            server.observe(now, machine, cores, &mut self.clusters[server.cluster]);
        }
        let (flows, clusters) = (self.flows, self.clusters);
        let events = self.handled;
        Observations { flows, clusters, events, ..Observations::default() }
    }
}
