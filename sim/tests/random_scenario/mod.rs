//! Random scenarios for the laws that every scenario obeys: which features they have is given bit by
//! bit, so that a failing one can be stripped to the features that it needs; everything else is drawn.

mod draws;

use std::collections::BTreeMap;

use super::sim::deployment::routes::{INTROSPECTION, RouteProblem, THROTTLE_EVENT, compile};
use super::sim::deployment::{
    AllocationBudget, Arrivals, Balancing, Beside, Bursts, Cluster, ColdStart, Collector,
    Container, Database, Demand, Deployment, Discipline, Endpoint, FailFastTimes, Failures, Flow,
    FlowKind, Forgets, FullCollection, GarbageCollection, Generations, HealthCheck, Message,
    Method, NodeLimit, PassOn, PerSize, Policy, Probe, Probing, Profile, RateLimit, Redis, Restart,
    RestartKind, Retries, Retry, Role, Runtime, SharedFailures, SlowTimes, Stalls, Standby,
    StartNeeds, Suspension, Throttle, Times, Token, TokenCache, TokenStore, Tokens, Watch,
};
use super::sim::engine::{Change, Outage};
use super::sim::network::{DEPTHS, Network, Step, Supplier, SupplierFailure, SupplierOutage};
use super::sim::random::{Law, Purpose, Shape, Stream};
use super::sim::scenario::{Drill, Failure, Goals, Replications, RunSettings, Scenario, YEAR};
use super::sim::time::{SimDuration, SimTime};
use draws::Draws;

/// What a random scenario may have, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Feature {
    /// Flows of users who wait for their answers.
    Closed,
    /// Arrivals other than Poisson ones.
    Arrivals,
    /// Several bursts per request.
    Bursts,
    /// First come, first served.
    Fcfs,
    /// Few workers.
    Workers,
    /// Finite queues.
    Queues,
    /// Garbage collection.
    Pauses,
    /// Network delays.
    Hops,
    /// Random crashes.
    Crashes,
    /// Start-up times and cold starts.
    ColdStart,
    /// Scripted outages.
    Drills,
    /// Timeouts.
    Timeouts,
    /// Retries.
    Retries,
    /// Opaque tokens.
    Opaque,
    /// Asynchronous events.
    Events,
    /// Tenants with clusters of their own.
    Tenants,
    /// Policies other than round robin.
    Policies,
    /// Health checks other than perfect ones.
    Health,
    /// Laws other than exponential ones.
    Laws,
    /// Integrations behind the gateway.
    Integration,
    /// Backends.
    Backends,
    /// Databases.
    Databases,
    /// Flows other than API calls.
    Kinds,
    /// Roles on clusters of their own.
    Spread,
    /// Dispatchers beside the workers.
    Reactor,
    /// Budgets of garbage collection that are made of bytes, and full collections.
    Heap,
    /// Stalls, and demands that grow with the messages in flight.
    Stalls,
    /// Balancers with timeouts, limits and several workers.
    Balancers,
    /// Nodes that fail at random in other ways than crashes.
    Failures,
    /// Planned restarts, and processes that end as their probes fail.
    Restarts,
    /// More demand than the cores can do.
    Overload,
    /// Tokens that caches know or not, and that end; limits of rates.
    Tokens,
}

/// Features that let equal bursts begin at the same instant.
const TIES: [Feature; 3] = [Feature::Pauses, Feature::Stalls, Feature::Events];

/// A set of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features(pub(crate) u64);

impl Features {
    /// Every feature.
    pub(crate) const ALL: u64 = (1 << (Feature::Tokens as u64 + 1)) - 1;

    pub(crate) fn has(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u64) != 0
    }
}

/// How outages begin.
pub(crate) const OUTAGES: [Change; 8] = [
    Change::Hang,
    Change::Slow { factor: 3.0 },
    Change::Vanish,
    Change::Drain,
    Change::FailFast { delay: SimDuration(2_000_000) },
    Change::Crash,
    Change::CutOff,
    Change::Stop,
];

/// The network of a random scenario and what becomes of its nodes: its drills are outages of these kinds in
/// turn and, where they are of more than one kind, nodes come late and calls may nest.
pub(crate) fn prepared(scenario: &Scenario, kinds: &[Change]) -> (Network, Vec<Outage>) {
    let deployment = &scenario.deployments[0];
    let mut network = compile(deployment, &scenario.flows).expect("it is made to fit");
    let mut outages = outages(scenario, &network, kinds);
    if kinds.len() > 1 && !scenario.drills.is_empty() {
        let seed = scenario.run.seed;
        outages.extend(come_late(&mut network, seed, scenario.run.window));
        if seed.is_multiple_of(3) {
            nest(&mut network);
        }
    }
    (network, outages)
}

/// The drills of a random scenario as outages of these kinds in turn.
pub(crate) fn outages(scenario: &Scenario, network: &Network, kinds: &[Change]) -> Vec<Outage> {
    let clusters = scenario.deployments[0].clusters.iter().zip(&network.clusters);
    let mut outages = Vec::new();
    for (cluster, station) in clusters {
        for drill in scenario.drills.iter().filter(|drill| drill.what == cluster.name) {
            let nodes = station.nodes.min(drill.nodes as usize);
            let first = station.first_node;
            let begins = kinds[outages.len() % kinds.len()];
            outages.extend((first..first + nodes).map(|node| Outage {
                node,
                begins,
                at: drill.at,
                lasts: drill.lasts,
            }));
        }
    }
    outages
}

/// The last node of about every second cluster that has several comes late, and may leave again. Returns
/// when.
fn come_late(network: &mut Network, seed: u64, window: SimDuration) -> Vec<Outage> {
    let dice = Stream::new(seed, 0, Purpose::Balancing, 7);
    let mut outages = Vec::new();
    for (cluster, station) in network.clusters.iter_mut().enumerate() {
        let draw = |index| dice.uniform(8 * cluster as u64 + index);
        if station.nodes > 1 && draw(0) < 0.5 {
            station.absent = 1;
            let part = |share: f64| SimDuration((window.as_nanos() * share) as u64);
            outages.push(Outage {
                node: station.first_node + station.nodes - 1,
                begins: Change::Start,
                at: part(0.6 * draw(1)),
                lasts: part(draw(2)),
            });
        }
    }
    outages
}

/// Whoever is called by a node calls another of its cluster in turn, and that one a further one, as deep as
/// calls nest: all of them together do the work that the first did.
fn nest(network: &mut Network) {
    let steps = std::mem::take(&mut network.steps);
    let mut moved_to = Vec::new();
    let mut first = 0;
    for step in &steps {
        match step {
            Step::Enter { depth: 1, .. } => first = network.steps.len(),
            Step::Leave { depth: 1 } => nest_call(&mut network.steps, first),
            _ => {}
        }
        moved_to.push(network.steps.len() as u16);
        network.steps.push(*step);
    }
    let moved = |step: u16| moved_to[usize::from(step)];
    for step in &mut network.steps {
        match step {
            Step::LookUp { to, .. } | Step::Renew { to, .. } | Step::Ask { to, .. } => {
                *to = moved(*to);
            }
            Step::Publish { first_step, .. } => *first_step = moved(*first_step),
            _ => {}
        }
    }
    for flow in &mut network.flows {
        flow.first_step = moved(flow.first_step);
        flow.memory = std::array::from_fn(|depth| flow.memory[depth.min(1)]);
    }
}

/// What follows a step is a call at depth 1, but for its end: repeats it within itself, ever deeper.
fn nest_call(steps: &mut Vec<Step>, first: usize) {
    let mut call = steps.split_off(first);
    for step in &mut call {
        if let Step::Work { burst, .. } = step {
            burst.mean_nanos /= (DEPTHS - 1) as f64;
        }
    }
    for depth in 1..DEPTHS {
        steps.extend(call.iter().map(|step| at_depth(*step, depth)));
    }
    steps.extend((2..DEPTHS).rev().map(|depth| Step::Leave { depth }));
}

/// The same step on the node at another depth.
fn at_depth(mut step: Step, to: usize) -> Step {
    match &mut step {
        Step::Enter { depth, .. }
        | Step::Work { depth, .. }
        | Step::FreeWorker { depth }
        | Step::Connect { depth, .. }
        | Step::Disconnect { depth, .. }
        | Step::Call { depth }
        | Step::Return { depth }
        | Step::LookUp { depth, .. }
        | Step::Store { depth }
        | Step::Find { depth, .. }
        | Step::Ask { depth, .. }
        | Step::Admit { depth }
        | Step::Leave { depth } => *depth = to,
        Step::Attempt
        | Step::Delay { .. }
        | Step::Renew { .. }
        | Step::Renewed
        | Step::Count
        | Step::Publish { .. }
        | Step::Answer
        | Step::Discard => {}
    }
    step
}

/// What nodes call is out in the times of the drills of a random scenario: backends and databases in turn, in
/// each way in turn, and in the first also what counts for them.
pub(crate) fn suppliers(scenario: &Scenario) -> Vec<SupplierOutage> {
    let kinds = [
        SupplierFailure::Hang,
        SupplierFailure::FailFast { delay: SimDuration(1_000_000) },
        SupplierFailure::Slow { factor: 4.0 },
        SupplierFailure::Refuse,
    ];
    let flows = scenario.flows.len();
    let one = |(place, drill): (usize, &Drill)| {
        let of = match place % (flows + 1) {
            flow if flow < flows => Supplier::Backend(flow),
            _ => Supplier::Database,
        };
        let kind = kinds[(place + drill.nodes as usize) % kinds.len()];
        SupplierOutage { of, kind, at: drill.at, lasts: drill.lasts }
    };
    let counter = scenario.drills.first().map(|drill| {
        let kind = kinds[drill.nodes as usize % kinds.len()];
        SupplierOutage { of: Supplier::Counter, kind, at: drill.at, lasts: drill.lasts }
    });
    scenario.drills.iter().enumerate().map(one).chain(counter).collect()
}

/// A scenario with one deployment whose window sees about so many requests.
pub(crate) fn scenario(features: Features, seed: u64, requests: f64) -> Scenario {
    let mut dice = Dice { stream: Stream::new(seed, 0, Purpose::Requests, 0), thrown: 0, features };
    let mut flows = dice.flows();
    let mut deployment = dice.deployment();
    let network = drop_unreached(&mut deployment, &flows);
    let window = dice.scale(&mut flows, &network, requests);
    dice.add_failures(&mut deployment, window);
    dice.add_shared_failures(&mut deployment, &mut flows, window);
    let drills = dice.drills(&deployment, window);
    add_tokens(&mut flows, &mut deployment, features, seed, window);
    add_standby(&mut deployment, features, seed, window);
    Scenario {
        title: format!("{features:?}, seed {seed}"),
        question: String::new(),
        flows,
        deployments: vec![deployment],
        drills,
        goals: Goals::default(),
        survive: 0,
        horizon: YEAR,
        isolation: None,
        run: RunSettings {
            whole: None,
            begins: None,
            window,
            warm_up: Some(SimDuration((window.as_nanos() * dice.between(0.05, 0.3)) as u64)),
            replications: Replications::Fixed(2),
            seed,
            confidence: 0.95,
            least_difference: 0.01,
        },
    }
}

/// Some pairs of nodes have one that stands by, some processes need the database to start, and some nodes wait for who
/// repairs them.
fn add_standby(deployment: &mut Deployment, features: Features, seed: u64, window: SimDuration) {
    let stream = Stream::new(seed, 1, Purpose::Failures, 0);
    let mut dice = Dice { stream, thrown: 0, features };
    let part = |share: f64| SimDuration((window.as_nanos() * share) as u64 + 1);
    for cluster in &mut deployment.clusters {
        let standby = Standby {
            heartbeat: part(dice.magnitude(0.001, 0.05)),
            missed: dice.whole(1, 4),
            polling: part(dice.magnitude(0.001, 0.05)),
            snapshot: part(dice.magnitude(0.01, 0.5)),
            restore: part(dice.magnitude(0.001, 0.05)),
            repeats: dice.choose(&[true, false]),
        };
        let is_drawn = dice.uses(Feature::Failures, 0.4);
        cluster.standby = Some(standby).filter(|_| is_drawn && cluster.nodes > 1);
        if dice.uses(Feature::Databases, 0.5) {
            cluster.profile.start_needs = StartNeeds::Database;
        }
        if dice.uses(Feature::Databases, 0.3) {
            cluster.profile.token_store = TokenStore::Nowhere;
        }
    }
    if dice.uses(Feature::Crashes, 0.4) {
        deployment.failures.repairers = Some(dice.whole(1, 2));
    }
}

/// Limits of flows, their tokens where they are told apart, the caches of nodes for them, and what gateways load after a start.
fn add_tokens(
    flows: &mut [Flow],
    deployment: &mut Deployment,
    features: Features,
    seed: u64,
    window: SimDuration,
) {
    let mut dice = Dice { stream: Stream::new(seed, 0, Purpose::Tokens, 0), thrown: 0, features };
    let part = |share: f64| SimDuration((window.as_nanos() * share) as u64);
    for cluster in &mut deployment.clusters {
        let profile = &mut cluster.profile;
        let token = profile.demands.get(INTROSPECTION).cloned();
        profile.demands.extend(token.map(|demand| ("token".to_owned(), demand)));
        let cache = TokenCache {
            timeout: part(dice.magnitude(0.01, 0.5)),
            sweep: part(dice.magnitude(0.01, 0.2)),
            capacity: dice.choose(&[1, 4, 30, 1000]),
        };
        profile.token_cache = dice.uses(Feature::Tokens, 0.9).then_some(cache);
        let has_apis = dice.uses(Feature::ColdStart, 0.5);
        let takes = part(dice.magnitude(0.01, 0.3));
        profile.apis_per_second = Some(10.0 / takes.as_seconds());
        cluster.apis = ["acme", "default"]
            .into_iter()
            .filter(|_| has_apis)
            .map(|tenant| (tenant.to_owned(), 5))
            .collect();
    }
    add_lazy_tenants(deployment, features, seed, window);
    add_redis(deployment, features, seed, window);
    add_containers(deployment, features, seed, window);
    add_endpoints(flows, features, seed, window);
    for index in 0..flows.len() {
        let before = flows[index].tokens;
        let number = dice.magnitude(1.0, 200.0) as u32;
        let lifetime = part(dice.magnitude(0.05, 1.0));
        let window = part(dice.magnitude(0.02, 0.5));
        let limit = RateLimit {
            number: dice.magnitude(5.0, 500.0) as u32,
            window,
            delay: part(dice.magnitude(0.001, 0.1)),
            sync: number.is_multiple_of(2).then_some(SimDuration(window.0 / 3 + 1)),
        };
        let burst = dice.magnitude(5.0, 3000.0) as u32;
        let (limits, bursts) = (dice.uses(Feature::Tokens, 0.4), dice.uses(Feature::Tokens, 0.2));
        if flows[index].kind == FlowKind::Api {
            flows[index].throttle =
                Throttle { limit: limits.then_some(limit), burst: bursts.then_some(burst) };
            if compile(deployment, flows).is_err() {
                flows[index].throttle = Throttle::default();
            }
        }
        let ends = dice.choose(&[true, true, false]);
        if dice.uses(Feature::Tokens, 0.7) && flows[index].kind == FlowKind::Api {
            let lifetime = ends.then_some(lifetime);
            flows[index].tokens = Tokens::Distinct { number, lifetime };
            // Where there is nobody to ask for tokens, they hold for ever.
            if compile(deployment, flows).is_err() {
                flows[index].tokens = before;
            }
        }
    }
}

/// How gateways load tenants.
fn add_lazy_tenants(
    deployment: &mut Deployment,
    features: Features,
    seed: u64,
    window: SimDuration,
) {
    let mut dice = Dice { stream: Stream::new(seed, 0, Purpose::Lots, 0), thrown: 0, features };
    let part = |share: f64| SimDuration((window.as_nanos() * share) as u64 + 1);
    for cluster in &mut deployment.clusters {
        let forgets = Forgets {
            idle: part(dice.magnitude(0.0005, 0.2)),
            sweep: part(dice.magnitude(0.0005, 0.1)),
        };
        // The call that makes a gateway load a tenant is lost.
        let is_lazy = dice.uses(Feature::Tenants, 0.7) && features.has(Feature::Failures);
        cluster.profile.lazy_tenants = is_lazy.then_some(forgets);
    }
}

/// Where gateways count bursts together.
fn add_redis(deployment: &mut Deployment, features: Features, seed: u64, window: SimDuration) {
    let mut dice = Dice { stream: Stream::new(seed, 0, Purpose::Clock, 0), thrown: 0, features };
    for cluster in &mut deployment.clusters {
        let mean = SimDuration((window.as_nanos() * dice.magnitude(0.0001, 0.01)) as u64 + 1);
        let delay = Law { mean, shape: Shape::Exponential };
        let redis = Redis { delay, quota_buffer: dice.choose(&[0.0, 0.2, 0.5, 1.0]) };
        cluster.profile.redis = dice.uses(Feature::Tokens, 0.5).then_some(redis);
    }
}

/// Heaps that share their memory with all else.
fn add_containers(deployment: &mut Deployment, features: Features, seed: u64, window: SimDuration) {
    let mut dice = Dice { stream: Stream::new(seed, 1, Purpose::Clock, 0), thrown: 0, features };
    for cluster in &mut deployment.clusters {
        let Some(heap) = cluster.profile.gc.as_ref().and_then(GarbageCollection::heap) else {
            continue;
        };
        let beside = Beside {
            heap_mib: heap.heap_mib,
            other_mib: 1.0,
            allocates_mib: heap.heap_mib / window.as_seconds(),
        };
        let container = Container {
            memory_mib: 2.0 + heap.heap_mib * dice.between(0.9, 1.5),
            other_mib: 1.0,
            beside: dice.choose(&[None, Some(beside)]),
        };
        let is_drawn = dice.uses(Feature::Failures, 0.5);
        cluster.profile.container = Some(container).filter(|_| is_drawn);
    }
}

/// What nodes do about backends that do not answer.
fn add_endpoints(flows: &mut [Flow], features: Features, seed: u64, window: SimDuration) {
    let stream = Stream::new(seed, 0, Purpose::Endpoints, 0);
    let mut dice = Dice { stream, thrown: 0, features };
    let part = |share: f64| SimDuration((window.as_nanos() * share) as u64);
    for flow in flows {
        let first = part(dice.magnitude(0.001, 0.2));
        let suspension = Suspension {
            first,
            factor: dice.choose(&[1.0, 1.5, 2.0]),
            longest: dice.choose(&[None, Some(part(0.3))]),
        };
        let endpoint = Endpoint {
            timeout: Some(part(dice.magnitude(0.001, 0.3))),
            sweep: part(dice.magnitude(0.0001, 0.05)),
            suspension: dice.choose(&[None, Some(suspension), Some(suspension)]),
        };
        let waits = dice.uses(Feature::Timeouts, 0.3);
        let timeout = endpoint.timeout.filter(|_| !waits);
        if dice.uses(Feature::Timeouts, 0.7) {
            flow.endpoint = Endpoint { timeout, ..endpoint };
        }
    }
}

/// Leaves out the clusters to which no flow brings work.
fn drop_unreached(deployment: &mut Deployment, flows: &[Flow]) -> Network {
    loop {
        let problems = match compile(deployment, flows) {
            Ok(network) => return network,
            Err(problems) => problems,
        };
        let unreached = problems.iter().rev().map(|problem| match problem {
            RouteProblem::UnreachableCluster { cluster } => *cluster,
            other => panic!("the scenario lacks something: {other:?}"),
        });
        unreached.for_each(|cluster| drop(deployment.clusters.remove(cluster)));
    }
}

/// Draws one after the other.
struct Dice {
    stream: Stream,
    thrown: u64,
    features: Features,
}

impl Draws for Dice {
    fn uniform(&mut self) -> f64 {
        self.thrown += 1;
        self.stream.uniform(self.thrown)
    }
}

impl Dice {
    /// Whether a feature is used here: at `share` of the places where it could be.
    fn uses(&mut self, feature: Feature, share: f64) -> bool {
        let drawn = self.uniform() < share;
        drawn && self.features.has(feature)
    }

    fn shape(&mut self) -> Shape {
        if !self.uses(Feature::Laws, 0.7) {
            return Shape::Exponential;
        }
        self.choose(&[
            Shape::Constant,
            Shape::Erlang { stages: 3 },
            Shape::Lognormal { cv: 0.5 },
            Shape::Lognormal { cv: 2.0 },
            Shape::Hyperexponential { cv: 2.0 },
            Shape::Weibull { cv: 1.5 },
            Shape::Pareto { cv: 0.8 },
        ])
    }

    fn law(&mut self, mean_ms: f64) -> Law {
        Law { mean: SimDuration::from_ms(mean_ms), shape: self.shape() }
    }

    fn flows(&mut self) -> Vec<Flow> {
        let count = self.whole(1, 4) as usize;
        (0..count).map(|index| self.flow(index)).collect()
    }

    fn flow(&mut self, index: usize) -> Flow {
        let kind = if self.uses(Feature::Kinds, 0.6) {
            self.choose(&[FlowKind::Token, FlowKind::Portal, FlowKind::Stream])
        } else {
            FlowKind::Api
        };
        let tenant = self.choose(&["acme", "default"]).to_owned();
        let is_opaque = self.uses(Feature::Opaque, 0.6);
        let miss = self.choose(&[0.05, 0.5, 1.0]);
        let integrates = self.uses(Feature::Integration, 0.7);
        let runtime = self.choose(&[Runtime::MicroIntegrator, Runtime::StreamingIntegrator]);
        let calls_backend = self.uses(Feature::Backends, 0.6);
        let backend_ms = self.magnitude(0.5, 20.0);
        let backend = self.law(backend_ms);
        let times_out = self.uses(Feature::Timeouts, 0.7);
        let timeout_ms = self.magnitude(2.0, 200.0);
        let timeout_cancels = self.choose(&[false, false, true]);
        let size = self.between(0.0, 4.0);
        Flow {
            name: format!("flow-{index}"),
            method: self.choose(&[Method::Get, Method::Post]),
            kind,
            tenant,
            arrivals: self.arrivals(),
            operation: "work".to_owned(),
            size: Message { request_kib: size, answer_kib: 4.0 - size },
            token: if is_opaque { Token::Opaque } else { Token::Jwt },
            tokens: Tokens::Alike { cache_miss: miss },
            throttle: Throttle::default(),
            endpoint: Flow::WAITS,
            integration: (integrates && kind == FlowKind::Api).then_some(runtime),
            mediation: "work".to_owned(),
            backend: calls_backend.then_some(backend),
            timeout: times_out.then(|| SimDuration::from_ms(timeout_ms)),
            backend_failures: None,
            timeout_cancels,
            retries: self.retries(),
            goals: Goals::default(),
        }
    }

    fn retries(&mut self) -> Retries {
        if !self.uses(Feature::Retries, 0.7) {
            return Retries::NONE;
        }
        Retries {
            max: self.whole(1, 4) as u8,
            back_off: SimDuration::from_ms(self.magnitude(0.5, 20.0)),
            factor: self.choose(&[1.0, 2.0]),
            // Without jitter the order of simultaneous retries would matter, which is not stated.
            jitter: self.between(0.1, 1.0),
        }
    }

    /// Rates are shares of the whole, to be scaled later.
    fn arrivals(&mut self) -> Arrivals {
        let rate = self.magnitude(0.2, 1.0);
        if self.uses(Feature::Closed, 0.4) {
            let think_ms = self.magnitude(1.0, 50.0);
            let think = Law { mean: SimDuration::from_ms(think_ms), shape: Shape::Exponential };
            return Arrivals::Closed { users: self.whole(1, 40), think };
        }
        if !self.uses(Feature::Arrivals, 0.7) {
            return Arrivals::Poisson { rate };
        }
        let stay = |seconds| SimDuration::from_seconds(seconds);
        self.choose(&[
            Arrivals::Deterministic { rate },
            Arrivals::Mmpp {
                rates: vec![0.2 * rate, 3.0 * rate],
                stays: vec![stay(0.4), stay(0.1)],
            },
            Arrivals::Schedule {
                points: vec![
                    (SimTime(0), 0.5 * rate),
                    (SimTime(400_000_000), 1.5 * rate),
                    (SimTime(900_000_000), 0.7 * rate),
                ],
            },
        ])
    }

    fn deployment(&mut self) -> Deployment {
        use Role::{
            Devportal, Gateway, KeyManager, MicroIntegrator, Publisher, StreamingIntegrator,
            TrafficManager,
        };
        let mut control_plane = vec![KeyManager, Publisher, Devportal];
        if self.uses(Feature::Events, 0.8) {
            control_plane.push(TrafficManager);
        }
        let mut clusters = Vec::new();
        if self.uses(Feature::Spread, 0.7) {
            clusters.push(self.cluster("control-plane", &control_plane, None));
            clusters.push(self.cluster("gateway", &[Gateway], None));
        } else {
            control_plane.push(Gateway);
            if self.uniform() < 0.2 {
                control_plane.extend([MicroIntegrator, StreamingIntegrator]);
            }
            clusters.push(self.cluster("all-in-one", &control_plane, None));
        }
        for role in [MicroIntegrator, StreamingIntegrator] {
            if self.uses(Feature::Tenants, 0.6) {
                let name = format!("{}@acme", role.name());
                clusters.push(self.cluster(&name, &[role], Some("acme")));
            }
            if !control_plane.contains(&role) {
                clusters.push(self.cluster(role.name(), &[role], None));
            }
        }
        let name = "random".to_owned();
        Deployment {
            name,
            pattern: "custom".to_owned(),
            clusters,
            failures: SharedFailures::default(),
        }
    }

    fn cluster(&mut self, name: &str, roles: &[Role], tenant: Option<&str>) -> Cluster {
        let policy = if self.uses(Feature::Policies, 0.8) {
            self.choose(&Policy::ALL).0
        } else {
            Policy::RoundRobin
        };
        Cluster {
            name: name.to_owned(),
            roles: roles.to_vec(),
            tenant: tenant.map(str::to_owned),
            nodes: self.whole(1, 4),
            zones: 1,
            apis: BTreeMap::new(),
            restart: self.restart(),
            standby: None,
            probing: self.probing(),
            profile: self.profile(name),
            balancing: self.balancing(policy),
        }
    }

    fn restart(&mut self) -> Option<Restart> {
        if !self.uses(Feature::Restarts, 0.5) {
            return None;
        }
        let rolling =
            RestartKind::Rolling { surge: self.whole(0, 2), unavailable: self.whole(1, 2) };
        Some(Restart {
            at: self.span(0.5),
            every: Some(self.span(2.0)).filter(|_| self.chance(0.7)),
            kind: self.choose(&[RestartKind::Recreate, rolling, rolling]),
            drain: self.span(0.1),
        })
    }

    fn probing(&mut self) -> Probing {
        let mut watch = || {
            let watch = Watch {
                probe: self.choose(&Probe::ALL).0,
                delay: self.span(0.2),
                period: self.span(0.2),
                timeout: self.span(0.1),
                failures: self.whole(1, 4),
                grace: self.span(0.2),
                demand: SimDuration::from_ms(self.magnitude(0.05, 5.0)),
            };
            Some(watch).filter(|_| self.uses(Feature::Restarts, 0.4))
        };
        Probing { startup: watch(), liveness: watch() }
    }

    fn balancing(&mut self, policy: Policy) -> Balancing {
        let plain = Balancing::plain(policy, self.health());
        if !self.uses(Feature::Balancers, 0.7) {
            return plain;
        }
        let pass_on = PassOn {
            error: self.chance(0.9),
            timeout: self.chance(0.8),
            not_found: self.stream.draw(u64::MAX).is_multiple_of(2),
            server_error: self.chance(0.5),
            unavailable: self.chance(0.3),
            not_idempotent: self.chance(0.3),
            tries: Some(self.whole(1, 3)).filter(|_| self.chance(0.3)),
            within: Some(self.span(0.3)).filter(|_| self.chance(0.3)),
        };
        let again = Retry::Again {
            attempts: self.whole(1, 3),
            wait: self.span(0.3),
            redispatch: self.chance(0.5),
        };
        let limit = NodeLimit {
            requests: self.whole(1, 12),
            queue: Some(self.whole(0, 20)).filter(|_| self.chance(0.5)),
            wait: self.span(0.3),
        };
        Balancing {
            workers: self.whole(1, 3),
            busiest: Some(self.between(0.5, 0.99)).filter(|_| self.chance(0.3)),
            connect_timeout: Some(self.span(0.3)).filter(|_| self.chance(0.7)),
            read_timeout: Some(self.span(0.3)).filter(|_| self.chance(0.5)),
            retry: self.choose(&[Retry::Never, Retry::Next(pass_on), again, plain.retry]),
            connections: Some(self.whole(1, 60)).filter(|_| self.chance(0.3)),
            limit: Some(limit).filter(|_| self.chance(0.3)),
            networks: Some(self.whole(1, 5)).filter(|_| self.chance(0.3)),
            ..plain
        }
    }

    /// A time of at most so many seconds.
    fn span(&mut self, seconds: f64) -> SimDuration {
        SimDuration::from_seconds(self.magnitude(seconds / 50.0, seconds))
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }

    fn health(&mut self) -> HealthCheck {
        let period = SimDuration::from_ms(self.magnitude(5.0, 200.0));
        if !self.uses(Feature::Health, 0.8) {
            return HealthCheck::Perfect;
        }
        let (max_fails, more) = (self.whole(1, 3), self.whole(1, 3));
        let passive = HealthCheck::Passive { max_fails, fail_timeout: period };
        let active = HealthCheck::Active {
            interval: period,
            unhealthy: max_fails,
            healthy: more,
            probe: self.choose(&Probe::ALL).0,
            timeout: self.span(0.1),
            counts_from_end: self.chance(0.5),
            after_start: Some(self.span(0.2)).filter(|_| self.chance(0.5)),
            lost_after: Some(self.span(0.2)).filter(|_| self.chance(0.5)),
        };
        self.choose(&[passive, active])
    }

    fn profile(&mut self, name: &str) -> Profile {
        let cores = self.choose(&[1.0, 2.0, 4.0, 1.5]);
        let is_fcfs = self.uses(Feature::Fcfs, 0.5);
        let few_workers = self.uses(Feature::Workers, 0.6);
        let is_finite = self.uses(Feature::Queues, 0.6);
        let queue = self.whole(0, 10);
        let pauses = self.uses(Feature::Pauses, 0.8);
        let (pause_ms, every) = (self.magnitude(1.0, 20.0), self.between(20.0, 400.0));
        let (pause_cv, per_in_flight_ms) = (self.choose(&[0.0, 0.5]), self.between(0.0, 0.1));
        let hop_ms = self.magnitude(0.05, 2.0);
        let hops = self.uses(Feature::Hops, 0.8);
        let calls_database = self.uses(Feature::Databases, 0.7);
        let delay_ms = self.magnitude(0.5, 10.0);
        let delay = self.law(delay_ms);
        let pool = self.choose(&[1, 3, 50]);
        let at_once = self.choose(&[None, Some(2), Some(7)]);
        let database = Database { delay, pool, at_once };
        let replicates = self.uses(Feature::Databases, 0.3);
        let replication = self.between(0.05, 1.0);
        let bursts = Bursts::Equal(self.whole(2, 8) as u8);
        let buffer_kib = self.between(0.5, 20.0);
        let reactor = self.uses(Feature::Reactor, 0.5) && !is_fcfs;
        let heap = self.uses(Feature::Heap, 0.5);
        let heap_mib = self.between(20.0, 200.0);
        let generations = Generations {
            collector: self.choose(&[
                None,
                Some(Collector::G1),
                Some(Collector::Serial),
                Some(Collector::Parallel),
            ]),
            tenured: self.choose(&[0.0, 0.0, 0.01, 0.2]),
            initial_mib: self.choose(&[None, Some(0.5 * heap_mib)]),
            resident_mib: self.between(0.2, 0.7) * heap_mib,
            background_mib: if self.chance(0.3) { heap_mib } else { 0.0 },
            young: self.between(0.2, 0.8),
            least_young: self.between(0.02, 0.1),
            survivor_ratio: self.between(1.0, 10.0),
            marking_at: self.between(0.1, 0.7),
            pause_target: SimDuration::from_ms(self.magnitude(5.0, 200.0)),
            per_copied_mib: SimDuration::from_ms(self.magnitude(0.05, 1.0)),
            full_per_live_mib: SimDuration::from_ms(self.magnitude(0.05, 1.0)),
            marking_per_live_mib: SimDuration::from_ms(self.magnitude(0.05, 2.0)),
            restart: SimDuration::from_ms(self.magnitude(10.0, 1000.0)),
            ..Generations::of(heap_mib)
        };
        let fulls = self.uses(Feature::Pauses, 0.3);
        let full = FullCollection {
            every: self.between(1.0, 10.0),
            pause: SimDuration::from_ms(4.0 * pause_ms),
            cv: pause_cv,
        };
        let stalls = Stalls {
            every: SimDuration::from_ms(self.magnitude(20.0, 400.0)),
            pause: SimDuration::from_ms(self.magnitude(1.0, 10.0)),
            cv: self.choose(&[0.0, 0.5]),
        };
        let stalled = self.uses(Feature::Stalls, 0.5);
        let crowded = self.uses(Feature::Stalls, 0.2);
        let mut profile = Profile {
            workers: if few_workers { self.whole(1, 8) } else { 400 },
            queue: is_finite.then_some(queue),
            bursts: match self.uses(Feature::Bursts, 0.7) {
                _ if reactor => Bursts::Reactor { buffer_kib },
                true => bursts,
                false => Bursts::Equal(1),
            },
            stalls: stalled.then_some(stalls),
            crowding_mib: crowded.then_some(1.0),
            discipline: if is_fcfs {
                Discipline::FirstComeFirstServed
            } else {
                Discipline::ProcessorSharing
            },
            hop: if hops { self.law(hop_ms) } else { Law::constant(SimDuration::ZERO) },
            gc: pauses.then(|| GarbageCollection {
                budget: if heap {
                    AllocationBudget::Young(generations)
                } else {
                    AllocationBudget::Requests(every)
                },
                pause: SimDuration::from_ms(pause_ms),
                cv: pause_cv,
                per_in_flight: SimDuration::from_ms(per_in_flight_ms),
                full: fulls.then_some(full),
                threads: None,
            }),
            database: calls_database.then_some(database),
            replication: if replicates { replication } else { 0.0 },
            ..Profile::plain(name, cores)
        };
        profile.demands = self.demands();
        profile
    }

    fn demands(&mut self) -> BTreeMap<String, Demand> {
        let means = [("work", 0.2, 2.0), (INTROSPECTION, 0.1, 1.0), (THROTTLE_EVENT, 0.02, 0.1)];
        let demand = |(name, low, high): (&str, f64, f64)| {
            let mean = SimDuration::from_ms(self.magnitude(low, high));
            let per_kib = SimDuration::from_ms(self.between(0.0, 0.05));
            let shape = match self.shape() {
                // Equal bursts that begin in one stop, or with a request and its event, are complete at
                // the same instant, and nothing states in which order.
                Shape::Constant if TIES.iter().any(|feature| self.features.has(*feature)) => {
                    Shape::Erlang { stages: 30 }
                }
                shape => shape,
            };
            let on_workers = self.between(0.0, 1.0);
            let mut mib = || PerSize { base: 1024.0 * self.between(0.0, 1.0), per_kib: 1.0 };
            let (allocates, retains) = (mib(), mib());
            let demand = Demand {
                mean,
                of_answer: 0.25,
                per_kib,
                shape,
                on_workers,
                per_kib_on_workers: 0.5,
                mean_cv: 0.0,
                allocates,
                retains,
            };
            (name.to_owned(), demand)
        };
        means.map(demand).into()
    }

    /// Scales the rates of open flows to a load of the busiest cluster; returns the window in which
    /// about so many requests are simulated.
    fn scale(&mut self, flows: &mut [Flow], network: &Network, requests: f64) -> SimDuration {
        let second = SimDuration::from_seconds(1.0);
        let rates: Vec<f64> =
            flows.iter().map(|flow| flow.arrivals.mean_rate(second).unwrap_or(0.0)).collect();
        let loads = network.clusters.iter().enumerate().map(|(index, station)| {
            // Pauses grow with the requests in flight; twice the least is a guess.
            let pauses = 2.0 * network.stopped_load(index, &rates);
            let demand = network.offered_load(index, &rates);
            (demand + pauses) / station.cores / station.nodes as f64
        });
        let busiest = loads.fold(0.0, f64::max);
        let load = if self.uses(Feature::Overload, 0.5) {
            self.between(0.9, 1.5)
        } else {
            self.between(0.2, 0.85)
        };
        let factor = if busiest > 0.0 { load / busiest } else { 1.0 };
        for flow in flows.iter_mut() {
            match &mut flow.arrivals {
                Arrivals::Poisson { rate } | Arrivals::Deterministic { rate } => *rate *= factor,
                Arrivals::Mmpp { rates, .. } => rates.iter_mut().for_each(|rate| *rate *= factor),
                Arrivals::Schedule { points } => {
                    for (_, rate) in points {
                        *rate *= factor;
                    }
                }
                Arrivals::Trace { .. } | Arrivals::Closed { .. } | Arrivals::OfUsers { .. } => {}
            }
        }
        let closed = flows.iter().map(|flow| match &flow.arrivals {
            // A guess: half of a user's time is thinking.
            Arrivals::Closed { users, think } => 0.5 * f64::from(*users) / think.mean.as_seconds(),
            _ => 0.0,
        });
        let rate = factor * rates.iter().sum::<f64>() + closed.sum::<f64>();
        SimDuration::from_seconds((requests / rate).clamp(0.1, 10.0))
    }

    /// Crashes and start-ups on the scale of the window.
    /// Failures of other kinds than crashes.
    fn failures(&mut self, seconds: f64) -> Option<Failures> {
        if !self.uses(Feature::Failures, 0.7) {
            return None;
        }
        let mut times = || {
            let (mtbf, mttr) = (self.magnitude(0.2, 4.0), self.magnitude(0.005, 0.2));
            let comes = self.between(0.0, 1.0) < 0.4;
            let of = |share| SimDuration::from_seconds(share * seconds);
            let times = Times {
                law: self.shape(),
                mttr_law: self.shape(),
                ..Times::exponential(of(mtbf), of(mttr))
            };
            Some(times).filter(|_| comes)
        };
        let delay = SimDuration(500_000);
        Some(Failures {
            crash: None,
            vanish: times(),
            hang: times(),
            fail_fast: times().map(|times| FailFastTimes { times, delay }),
            slow: times().map(|times| SlowTimes { times, factor: 3.0 }),
            cut_off: times(),
        })
    }

    fn add_failures(&mut self, deployment: &mut Deployment, window: SimDuration) {
        let seconds = window.as_seconds();
        for cluster in &mut deployment.clusters {
            let crashes = self.uses(Feature::Crashes, 0.7);
            let (mtbf, mttr) = (self.magnitude(0.1, 2.0), self.magnitude(0.005, 0.2));
            let (start_up, decay) = (self.between(0.0, 0.1), self.magnitude(0.02, 0.5));
            let factor = self.between(1.0, 8.0);
            let starts_cold = self.uses(Feature::ColdStart, 0.8);
            let profile = &mut cluster.profile;
            profile.mtbf = crashes.then(|| SimDuration::from_seconds(mtbf * seconds));
            profile.mttr = SimDuration::from_seconds(mttr * seconds);
            profile.failures = self.failures(seconds);
            if starts_cold {
                profile.start_up = self.law(1e3 * start_up * seconds);
                let decay = SimDuration::from_seconds(decay * seconds);
                profile.cold_start = Some(if factor < 4.5 {
                    ColdStart::ByTime { factor, decay }
                } else {
                    let requests = (1e3 * (factor - 4.5)).round();
                    ColdStart::ByRequests { first: factor, requests: requests.max(1.0) }
                });
            }
        }
    }

    /// Failures of zones, of the database and of backends.
    fn add_shared_failures(
        &mut self,
        deployment: &mut Deployment,
        flows: &mut [Flow],
        window: SimDuration,
    ) {
        let seconds = window.as_seconds();
        for cluster in &mut deployment.clusters {
            cluster.zones = self.whole(1, 3);
        }
        let mut some =
            |share| if self.uses(Feature::Failures, share) { self.failures(seconds) } else { None };
        deployment.failures =
            SharedFailures { zone: some(0.4), database: some(0.5), repairers: None };
        for flow in flows.iter_mut().filter(|flow| flow.backend.is_some()) {
            flow.backend_failures = some(0.4);
        }
    }

    fn drills(&mut self, deployment: &Deployment, window: SimDuration) -> Vec<Drill> {
        if !self.uses(Feature::Drills, 1.0) {
            return Vec::new();
        }
        let clusters: Vec<&str> =
            deployment.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        let count = self.whole(1, 2);
        (0..count)
            .map(|_| Drill {
                at: SimDuration((window.as_nanos() * self.between(0.0, 0.8)) as u64),
                kind: Failure::Crash,
                what: self.choose(&clusters).to_owned(),
                nodes: self.whole(1, 2),
                lasts: SimDuration((window.as_nanos() * self.magnitude(0.01, 0.3)) as u64),
            })
            .collect()
    }
}
