//! One replication: the event loop.
//!
//! Three sources of events are compared at each turn: rare control events (crashes, repairs, health
//! checks), a tournament whose competitors are nodes, arrival processes and lanes (delays of one constant
//! length), each with its next event, and other requests on their way between nodes (a monotone queue).
//! Simultaneous events happen in this order: control events as they were scheduled, nodes by index,
//! arrivals by flow, ends of delays of constant length by the first step of that length, other requests on
//! their way first in first out. A node that knows the end of every burst beforehand has no events of its
//! own: its requests count as on their way. On a node, bursts are complete first, then it stalls, then
//! clients give up.

mod attempts;
mod calendar;
mod calls;
mod changes;
mod checks;
mod clients;
mod collections;
mod entrance;
mod holding;
mod journey;
mod marks;
mod moments;
mod observations;
mod observers;
pub(crate) mod operators;
mod outage;
pub(crate) mod parts;
mod placement;
pub(crate) mod request;
mod shortcuts;
mod tokens;
mod visit;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::network::{Crowd, Network, Step, Stints, SupplierOutage};
use crate::random::{Purpose, Quantiles, Stream};
use crate::time::{SimDuration, SimTime};

pub(crate) use calendar::Lanes;
use calendar::{Control, ControlList, MonotoneQueue, Tournament};
use observers::Observers;
use operators::Operator;
use parts::{
    ArrivalProcess, Balancer, Database, Endpoints, Health, Heap, Leases, Machine, Meter, Node,
    StallClock, Suppliers, TokenCache, Waits,
};
use request::{Draws, Request};

pub(crate) use attempts::{SYN_TIMEOUT, next_syn};
pub(crate) use clients::LOOK_AT_ERROR;
use entrance::Entrance;
pub(crate) use entrance::balancers;
pub use marks::marks;
pub(crate) use moments::{Candidate, Event, Moment, Origin, Source};
pub use observations::{
    Alike, Attributed, ClusterObservations, Collections, Conservation, FlowObservations, Part,
    Place, RequestRecord, SecondObservations,
};
pub use observers::{Asked, Observations};
pub use outage::Outage;
pub use parts::Change;
pub(crate) use parts::{BACKGROUND_STEP, Condition};
pub(crate) use placement::SESSIONS;
use shortcuts::ShortWay;
pub(crate) use tokens::token_of;

/// The longest replication, warm-up included: 104 days, what the event list can tell apart.
pub const LONGEST: SimDuration = SimDuration(calendar::LATEST);
/// Nodes and flows of a network, together, are at most so many.
pub const MOST_COMPETITORS: usize = calendar::MOST_COMPETITORS;

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
    /// What is scripted of nodes.
    pub outages: &'a [Outage],
    /// What is scripted of backends and databases.
    pub suppliers: &'a [SupplierOutage],
    /// What is observed beside what always is.
    pub asked: Asked,
}

impl Run<'_> {
    /// A random stream of this replication.
    pub(crate) fn stream(&self, purpose: Purpose, entity: u64) -> Stream {
        Stream::new(self.seed, self.replication, purpose, entity)
    }

    /// A random stream of a node, named by cluster and place, so that another cluster's size changes
    /// nothing.
    pub(crate) fn stream_of(&self, purpose: Purpose, cluster: usize, member: usize) -> Stream {
        self.stream(purpose, ((cluster as u64) << 32) | member as u64)
    }
}

/// Simulates one replication. Returns none if `stop` was set before its end.
///
/// # Panics
///
/// If the replication is longer than [`LONGEST`] or the network larger than [`MOST_COMPETITORS`].
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
    assert!(run.warm_up + run.window <= LONGEST, "the replication fits into the event list");
    let mut engine = Engine::new(network, run);
    engine.begin();
    if engine.run(stop, reached) { Some(engine.observations()) } else { None }
}

/// What becomes of the nodes of a network to which no requests come, and which neither stop nor collect, in a
/// replication of any length: at random, or where these candidates are given, after them.
pub(crate) fn lives(
    network: &Network,
    run: &Run<'_>,
    candidates: Option<&[Candidate]>,
) -> Vec<Moment> {
    let mut engine = Engine::new(network, run);
    if let Some(candidates) = candidates {
        engine.operators.iter_mut().for_each(|operator| operator.follow(candidates));
    }
    engine.begin();
    while engine.control.time() < engine.end {
        engine.now = engine.control.time();
        engine.on_control();
    }
    engine.observations().changes
}

/// The outages at random of all that the nodes of a network call, which begin in a replication.
pub(crate) fn outages_of_suppliers(network: &Network, run: &Run<'_>) -> Vec<SupplierOutage> {
    Suppliers::new(network, run).until(run.warm_up + run.window)
}

/// After so many events it is asked whether to stop, and told how far a replication has come.
const EVENTS_BETWEEN_LOOKS: u32 = 1 << 16;

/// By cluster, whether a line of known ends will do: nobody acts on nodes or asks how a burst has passed
/// there, and nothing but the cores is waited for.
pub(crate) fn plain_stations(
    network: &Network,
    run: &Run<'_>,
    operators: &[Box<dyn Operator>],
) -> Vec<bool> {
    let lines = !run.asked.attribution && !operators::anybody_acts(network, operators);
    network.plain_stations().into_iter().map(|plain| plain && lines).collect()
}

/// The state of a replication.
struct Engine<'a> {
    network: &'a Network,
    tables: Vec<Quantiles<'a>>,
    run: &'a Run<'a>,
    now: u64,
    end: u64,
    events: u64,
    queue: MonotoneQueue<Request>,
    lanes: Lanes,
    /// The next event of each node, arrival process and lane, in this order.
    tournament: Tournament,
    first_lane: usize,
    stints: Stints,
    /// By step.
    short_ways: Vec<ShortWay>,
    control: ControlList,
    /// Requests that can go on at this instant.
    ready: Vec<Request>,
    nodes: Vec<Node>,
    machines: Vec<Machine>,
    health: Vec<Health>,
    /// By cluster.
    entrances: Vec<Entrance>,
    balancers: Vec<Balancer>,
    queues: Vec<VecDeque<(u64, Request)>>,
    /// How many have waited in balancers.
    queued: u64,
    suppliers: Suppliers,
    endpoints: Endpoints,
    /// Whether calls of backends and the database are delays and no more.
    calls_are_delays: bool,
    /// Who else waits for a request beside its client.
    waits: Waits,
    /// How many go on alone.
    orphans: u16,
    /// By cluster.
    databases: Vec<Database>,
    token_caches: Vec<TokenCache>,
    /// By flow, like what follows.
    leases: Vec<Leases>,
    meters: Vec<Meter>,
    arrivals: Vec<ArrivalProcess<'a>>,
    draws: Vec<Draws>,
    operators: Vec<Box<dyn Operator>>,
    observers: Observers,
}

impl<'a> Engine<'a> {
    fn new(network: &'a Network, run: &'a Run<'a>) -> Self {
        let end = run.warm_up + run.window;
        let of_node = |purpose, cluster, member| run.stream_of(purpose, cluster, member);
        let operators = operators::all(network, run);
        let plain = plain_stations(network, run, &operators);
        let entrances = Entrance::all(network, &operators);
        let short_ways = ShortWay::all(network, &entrances, &plain);
        let nodes = network.members().map(|(cluster, member, station)| {
            let heap = Heap::new(station, of_node(Purpose::Pauses, cluster, member));
            let stalls = StallClock::new(station, of_node(Purpose::Stalls, cluster, member));
            let node = Node::new(station, heap, stalls);
            match (plain[cluster], run.asked.attribution) {
                (true, _) => node.with_line(),
                (false, true) => node.watched(),
                (false, false) => node,
            }
        });
        let machines = network.members().map(|(cluster, member, station)| {
            Machine::new(station, cluster, member, of_node(Purpose::Failures, cluster, member))
        });
        let health = network.members().map(|(cluster, member, station)| {
            Health::new(station, of_node(Purpose::Failures, cluster, member))
        });
        let balancers: Vec<Balancer> = balancers(network, run);
        let limits = network.clusters.iter().map(|station| station.database_limit);
        let flows = 0..network.flows.len();
        let (lanes, first_lane) = (Lanes::new(network), network.nodes() + flows.len());
        let suppliers = Suppliers::new(network, run);
        let endpoints = Endpoints::new(network, run, |flow| suppliers.may_miss(flow));
        let draws =
            flows.clone().map(|flow| Draws { stream: run.stream(Purpose::Requests, flow as u64) });
        Self {
            network,
            tables: network.quantiles(),
            run,
            now: 0,
            end: end.0,
            events: 0,
            queue: MonotoneQueue::new(),
            tournament: Tournament::new(first_lane + lanes.count()),
            lanes,
            first_lane,
            stints: network.stints(),
            short_ways,
            control: ControlList::default(),
            ready: Vec::new(),
            nodes: nodes.collect(),
            machines: machines.collect(),
            health: health.collect(),
            entrances,
            queues: balancers.iter().map(|_| VecDeque::new()).collect(),
            queued: 0,
            balancers,
            calls_are_delays: suppliers.are_always_there() && endpoints.watch_none(),
            suppliers,
            endpoints,
            waits: Waits::default(),
            orphans: 0,
            databases: limits.map(Database::new).collect(),
            token_caches: TokenCache::of_nodes(network, run),
            leases: Leases::of_flows(network, run),
            meters: Meter::of_flows(network, run),
            arrivals: flows.map(|flow| ArrivalProcess::of(network, run, flow)).collect(),
            draws: draws.collect(),
            operators,
            observers: Observers::new(network, run.asked),
        }
    }

    /// Schedules the first event of everything.
    fn begin(&mut self) {
        self.control.schedule(self.run.warm_up.0, Control::WindowStart);
        if self.run.asked.series > 0 {
            self.control.schedule(self.end / u64::from(self.run.asked.series), Control::SeriesPart);
        }
        for node in 0..self.nodes.len() {
            self.schedule_operators(node);
            if self.nodes[node].heap().background() > 0.0 {
                self.control.schedule(BACKGROUND_STEP.0, Control::Background { node });
            }
        }
        self.begin_without_absent();
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
        while self.deal_with_some() {
            if stop.load(Ordering::Relaxed) {
                return false;
            }
            reached(SimTime(self.now));
        }
        true
    }

    /// Deals with the next [`EVENTS_BETWEEN_LOOKS`] events; false if the end came before.
    fn deal_with_some(&mut self) -> bool {
        for _ in 0..EVENTS_BETWEEN_LOOKS {
            let control = self.control.time();
            let others = control.min(self.tournament.time()).min(self.end);
            if let Some(request) = self.queue.take_before(others) {
                self.now = request.time;
                self.on_request(request);
            } else {
                self.now = others;
                if others == self.end {
                    return false;
                }
                if others == control {
                    self.on_control();
                } else {
                    self.on_competitor(self.tournament.winner());
                }
            }
            while let Some(mut request) = self.ready.pop() {
                self.goes_on(&mut request);
            }
            self.events += 1;
        }
        true
    }

    /// The event of a competitor of the tournament.
    #[inline]
    fn on_competitor(&mut self, competitor: usize) {
        if competitor < self.nodes.len() {
            self.on_node(competitor);
        } else if competitor >= self.first_lane {
            self.on_lane(competitor - self.first_lane);
        } else {
            self.on_arrival(competitor - self.nodes.len());
        }
    }

    /// What was observed until the end.
    fn observations(self) -> Observations {
        let in_flight = self.in_flight();
        let Self { network, mut nodes, machines, now, events, observers, .. } = self;
        observers.observations(now, &in_flight, network, &mut nodes, &machines, events)
    }

    /// Requests of each flow that are found on nodes and between them; users who think have none.
    fn in_flight(&self) -> Vec<u64> {
        let mut in_flight = vec![0; self.network.flows.len()];
        let on_the_way = self.queue.iter().chain(self.lanes.iter());
        let in_balancers = self.queues.iter().flatten().map(|(_, request)| request);
        let everywhere =
            on_the_way.chain(self.nodes.iter().flat_map(Node::requests)).chain(in_balancers);
        for request in everywhere.filter(|request| !request.is(Request::ALONE)) {
            let thinks = request.attempt == 0
                && matches!(self.network.steps[usize::from(request.step)], Step::Attempt);
            in_flight[usize::from(request.flow)] += u64::from(!thinks);
        }
        in_flight
    }
}
