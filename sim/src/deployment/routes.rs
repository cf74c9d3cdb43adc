//! Compiles a deployment and its flows into a network: which way each flow takes through the
//! clusters. This is the one place that knows how WSO2 API Manager passes a request on.

use std::ops::Range;

use super::{
    AllocationBudget, Arrivals, Bursts, Cluster, Database, Demand, Deployment, Discipline, Flow,
    FlowKind, Profile, Retries, Role, Runtime, Token, station,
};
use crate::network::{Crowd, Depth, MIB, Memory, Need, Network, Pool, Source, Step};
use crate::random::{Law, Shape};
use crate::time::SimDuration;

/// Name of the demand of a token check at the key manager.
pub const INTROSPECTION: &str = "introspection";
/// Name of the demand of an asynchronous event at the traffic manager.
pub const THROTTLE_EVENT: &str = "throttle-event";

/// Bytes of a KiB.
const KIB: f64 = MIB / 1024.0;

/// Why flows and a deployment do not fit. Flows and clusters are given by their index.
#[derive(Clone, Debug, PartialEq)]
pub enum RouteProblem {
    /// The flow needs a role that no cluster has for its tenant.
    MissingRole {
        /// The flow.
        flow: usize,
        /// What is missing.
        role: Role,
    },
    /// The flow brings work to a cluster whose profile does not know that operation.
    MissingDemand {
        /// The flow.
        flow: usize,
        /// The cluster.
        cluster: usize,
        /// The name of the demand.
        demand: String,
    },
    /// Closed users neither think nor wait for anything: the clock would stand still.
    TakesNoTime {
        /// The flow.
        flow: usize,
    },
    /// No flow brings work to the cluster.
    UnreachableCluster {
        /// The cluster.
        cluster: usize,
    },
}

impl RouteProblem {
    /// What is wrong, with the names of the flow and the cluster.
    ///
    /// # Panics
    ///
    /// If the flows or the deployment are others than those that were compiled.
    pub fn sentence(&self, deployment: &Deployment, flows: &[Flow]) -> String {
        let deployed = &deployment.name;
        match self {
            Self::MissingRole { flow, role } => {
                let Flow { name, tenant, .. } = &flows[*flow];
                let role = role.name();
                format!(
                    "flow `{name}` of tenant `{tenant}` needs a `{role}`, and deployment \
                     `{deployed}` has none for it"
                )
            }
            Self::MissingDemand { flow, cluster, demand } => {
                let (flow, cluster) = (&flows[*flow].name, &deployment.clusters[*cluster]);
                format!(
                    "flow `{flow}` brings `{demand}` to the cluster `{}`, whose profile `{}` does \
                     not know it",
                    cluster.name, cluster.profile.name
                )
            }
            Self::TakesNoTime { flow } => format!(
                "a user of flow `{}` who thinks for no time and is answered in no time would stop \
                 the clock",
                flows[*flow].name
            ),
            Self::UnreachableCluster { cluster } => {
                format!(
                    "the cluster `{}` is reached by no flow",
                    deployment.clusters[*cluster].name
                )
            }
        }
    }
}

/// Every reason why the flows and the deployment do not fit; empty where they do.
pub fn problems(deployment: &Deployment, flows: &[Flow]) -> Vec<RouteProblem> {
    compile(deployment, flows).err().unwrap_or_default()
}

/// Compiles the routes of all flows through a deployment.
///
/// # Errors
///
/// Every reason why the flows and the deployment do not fit.
///
/// # Panics
///
/// If a flow is of the users of one that has none, or leaves that one no share of their requests.
pub fn compile(deployment: &Deployment, flows: &[Flow]) -> Result<Network, Vec<RouteProblem>> {
    let mut network = Network::empty();
    deployment.clusters.iter().for_each(|cluster| station::add(&mut network, cluster));
    let mut compiler = Compiler {
        clusters: &deployment.clusters,
        reached: vec![false; deployment.clusters.len()],
        problems: Vec::new(),
        memory: [Memory::default(); 2],
        network,
    };
    for (index, flow) in flows.iter().enumerate() {
        compiler.add_flow(index, flow);
    }
    compiler.add_crowds(flows);
    let unreached = compiler.reached.iter().enumerate().filter(|(_, reached)| !**reached);
    let unreachable = unreached.map(|(cluster, _)| RouteProblem::UnreachableCluster { cluster });
    compiler.problems.extend(unreachable);
    if compiler.problems.is_empty() { Ok(compiler.network) } else { Err(compiler.problems) }
}

/// Writes the routes of the flows, one after the other.
struct Compiler<'a> {
    clusters: &'a [Cluster],
    reached: Vec<bool>,
    problems: Vec<RouteProblem>,
    /// What the flow whose route is being written keeps alive, by depth.
    memory: [Memory; 2],
    network: Network,
}

/// Work of one kind on a cluster.
struct Visit<'a> {
    flow: usize,
    cluster: usize,
    depth: Depth,
    demand: &'a str,
    need: Need,
    size_kib: f64,
    calls: Calls,
    /// Whether the request keeps its worker after the work before the call.
    keeps: bool,
    /// Whether it runs on a worker that the request keeps from another visit to the same node.
    inside: bool,
    /// Whether it is counted for what it allocates.
    allocates: bool,
}

/// Whom a visit calls between its two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calls {
    /// Nobody: there is one half.
    Nobody,
    /// A backend or a runtime, which a non-blocking sender calls: dispatchers write the call and read
    /// the answer, and the worker is free meanwhile.
    Sending,
    /// The database, for which the worker waits.
    Waiting,
}

impl<'a> Compiler<'a> {
    fn add_flow(&mut self, index: usize, flow: &Flow) {
        let clusters = self.clusters;
        // Events come first, so that the route that publishes them knows where they begin.
        let event = match flow.kind {
            FlowKind::Api => self.event_route(index, flow),
            FlowKind::Token => self.replication_route(flow),
            FlowKind::Portal | FlowKind::Stream => None,
        };
        let first_step = self.next_step();
        self.step(Step::Attempt);
        match flow.kind {
            FlowKind::Api => self.api_route(index, flow, event),
            FlowKind::Token => {
                let role = Role::KeyManager;
                self.plain_route(index, flow, role, &flow.operation, Need::KeyManager, event);
            }
            FlowKind::Portal => {
                let has_publisher = find(clusters, Role::Publisher, flow).is_some();
                let role = if has_publisher { Role::Publisher } else { Role::Devportal };
                self.plain_route(index, flow, role, &flow.operation, Need::Portal, event);
            }
            FlowKind::Stream => {
                let (role, need) = (Role::StreamingIntegrator, Need::StreamingIntegrator);
                self.plain_route(index, flow, role, &flow.mediation, need, event);
            }
        }
        self.step(Step::Answer);
        let none = Law::constant(SimDuration::ZERO);
        let think = match &flow.arrivals {
            Arrivals::Closed { think, .. } => self.network.variate(think),
            _ => self.network.variate(&none),
        };
        let is_closed = matches!(flow.arrivals, Arrivals::Closed { .. });
        let route = &self.network.steps[usize::from(first_step)..];
        if self.problems.is_empty() && is_closed && think.mean_nanos + mean_time(route) == 0.0 {
            self.problems.push(RouteProblem::TakesNoTime { flow: index });
        }
        self.network.flows.push(Source {
            arrivals: flow.arrivals.clone(),
            crowd: None,
            think,
            first_step,
            timeout: flow.timeout,
            retries: if flow.retries.max == 0 { Retries::NONE } else { flow.retries },
            memory: std::mem::take(&mut self.memory),
        });
    }

    /// Whose users send which flows.
    fn add_crowds(&mut self, flows: &[Flow]) {
        for (index, flow) in flows.iter().enumerate() {
            let Arrivals::Closed { users, .. } = flow.arrivals else { continue };
            let others = flows.iter().enumerate().filter_map(|(other, flow)| match flow.arrivals {
                Arrivals::OfUsers { flow, share } if flow == index => Some((other, share)),
                _ => None,
            });
            let mut all: Vec<(usize, f64)> = others.collect();
            let left = 1.0 - all.iter().map(|(_, share)| share).sum::<f64>();
            assert!(left > 0.0, "the flow of the users has a share of their requests");
            all.insert(0, (index, left));
            let think = self.network.flows[index].think;
            let mut sum = 0.0;
            for (flow, share) in &mut all {
                sum += *share;
                *share = sum;
                let source = &mut self.network.flows[*flow];
                (source.crowd, source.think) = (Some(self.network.crowds.len()), think);
            }
            self.network.crowds.push(Crowd { users, flows: all });
        }
        let is_of_users = |flow: &Flow| matches!(flow.arrivals, Arrivals::OfUsers { .. });
        for (flow, source) in flows.iter().zip(&self.network.flows) {
            assert!(!is_of_users(flow) || source.crowd.is_some(), "its users are those of a flow");
        }
    }

    /// Gateway, token check, backend or integration, gateway.
    fn api_route(&mut self, index: usize, flow: &Flow, event: Option<Step>) {
        let Some(gateway) = self.cluster(index, flow, Role::Gateway) else { return };
        self.enter(gateway, 0, false);
        let calls_on = flow.backend.is_some() || flow.integration.is_some();
        let visit = Visit {
            flow: index,
            cluster: gateway,
            depth: 0,
            demand: &flow.operation,
            need: Need::Gateway,
            size_kib: flow.size_kib,
            calls: if calls_on { Calls::Sending } else { Calls::Nobody },
            keeps: matches!(flow.token, Token::Opaque { .. }),
            inside: false,
            allocates: true,
        };
        self.work_before_call(&visit, true);
        self.token_check(index, flow, gateway);
        self.write(&visit);
        if let Some(publish) = event {
            self.step(publish);
        }
        match flow.integration {
            Some(runtime) => self.integration(index, flow, gateway, runtime),
            None => self.backend(flow),
        }
        self.work_after_call(&visit);
        self.exit(gateway, 0);
    }

    /// One cluster, which may call a database or a backend.
    fn plain_route(
        &mut self,
        index: usize,
        flow: &Flow,
        role: Role,
        demand: &str,
        need: Need,
        event: Option<Step>,
    ) {
        let Some(cluster) = self.cluster(index, flow, role) else { return };
        let stores = matches!(flow.kind, FlowKind::Token | FlowKind::Portal);
        let database = self.profile(cluster).database.as_ref().filter(|_| stores);
        self.enter(cluster, 0, flow.kind == FlowKind::Portal);
        let visit = Visit {
            flow: index,
            cluster,
            depth: 0,
            demand,
            need,
            size_kib: flow.size_kib,
            calls: match (database, &flow.backend) {
                (_, Some(_)) => Calls::Sending,
                (Some(_), None) => Calls::Waiting,
                (None, None) => Calls::Nobody,
            },
            keeps: database.is_some(),
            inside: false,
            allocates: true,
        };
        self.work_before_call(&visit, true);
        if let Some(database) = database {
            self.call_database(database, 0);
        }
        if flow.backend.is_some() && database.is_some() {
            self.step(Step::FreeWorker { depth: 0 });
        }
        if visit.calls != Calls::Waiting {
            self.write(&visit);
        }
        self.backend(flow);
        self.work_after_call(&visit);
        if visit.calls == Calls::Waiting {
            self.step(Step::FreeWorker { depth: 0 });
            self.write(&visit);
        }
        if let Some(replicate) = event {
            self.step(replicate);
        }
        self.exit(cluster, 0);
    }

    /// An opaque token that the gateway's cache does not hold is checked by the key manager: in the
    /// same JVM, or over one of the gateway's connections. The gateway's worker waits for it.
    fn token_check(&mut self, index: usize, flow: &Flow, gateway: usize) {
        let Token::Opaque { cache_miss } = flow.token else { return };
        let Some(key_manager) = self.cluster(index, flow, Role::KeyManager) else { return };
        let skip = self.network.steps.len();
        self.step(Step::SkipUnless { share: cache_miss, to: 0 });
        let elsewhere = key_manager != gateway;
        let depth = usize::from(elsewhere);
        let database = self.profile(key_manager).database.as_ref();
        let visit = Visit {
            flow: index,
            cluster: key_manager,
            depth,
            demand: INTROSPECTION,
            need: Need::KeyManager,
            size_kib: 0.0,
            calls: if database.is_some() { Calls::Waiting } else { Calls::Nobody },
            keeps: database.is_some() || !elsewhere,
            inside: !elsewhere,
            allocates: elsewhere,
        };
        let pool = Pool::KeyManager;
        if elsewhere {
            self.step(Step::Connect { depth: 0, pool });
            self.enter(key_manager, 1, false);
        }
        self.work_before_call(&visit, elsewhere);
        if let Some(database) = database {
            self.call_database(database, depth);
        }
        self.work_after_call(&visit);
        if elsewhere {
            if visit.keeps {
                self.step(Step::FreeWorker { depth });
            }
            self.write(&visit);
            self.exit(key_manager, 1);
            self.step(Step::Disconnect { depth: 0, pool });
        }
        let to = self.next_step();
        self.network.steps[skip] = Step::SkipUnless { share: cache_miss, to };
        self.step(Step::FreeWorker { depth: 0 });
    }

    /// The node at `depth` calls its database over one of its connections; its worker waits.
    fn call_database(&mut self, database: &Database, depth: Depth) {
        let pool = Pool::Database;
        self.step(Step::Connect { depth, pool });
        if database.at_once.is_some() {
            self.step(Step::Call { depth });
        }
        self.delay(&database.delay, Need::Database);
        if database.at_once.is_some() {
            self.step(Step::Return { depth });
        }
        self.step(Step::Disconnect { depth, pool });
    }

    /// The runtime behind the gateway, and its own backend.
    fn integration(&mut self, index: usize, flow: &Flow, gateway: usize, runtime: Runtime) {
        let role = match runtime {
            Runtime::MicroIntegrator => Role::MicroIntegrator,
            Runtime::StreamingIntegrator => Role::StreamingIntegrator,
        };
        let Some(cluster) = self.cluster(index, flow, role) else { return };
        let elsewhere = cluster != gateway;
        let visit = Visit {
            flow: index,
            cluster,
            depth: usize::from(elsewhere),
            demand: &flow.mediation,
            need: station::need_of(runtime),
            size_kib: flow.size_kib,
            calls: if flow.backend.is_some() { Calls::Sending } else { Calls::Nobody },
            keeps: false,
            inside: false,
            allocates: elsewhere,
        };
        if elsewhere {
            self.enter(cluster, 1, false);
        }
        self.work_before_call(&visit, elsewhere);
        self.write(&visit);
        self.backend(flow);
        self.work_after_call(&visit);
        if elsewhere {
            self.exit(cluster, 1);
        }
    }

    /// The asynchronous event of an admitted request on a traffic manager. Returns the step that
    /// publishes it, or none where no cluster has the role.
    fn event_route(&mut self, index: usize, flow: &Flow) -> Option<Step> {
        let cluster = find(self.clusters, Role::TrafficManager, flow)?;
        self.reached[cluster] = true;
        let demand = self.demand(index, cluster, THROTTLE_EVENT)?;
        let mean_nanos = demand.mean.as_nanos();
        Some(self.event(cluster, Need::TrafficManager, &demand.shape, mean_nanos, true))
    }

    /// What a request for a token makes known to the other nodes of its cluster. Under
    /// first-come-first-served it waits for a core like everything else.
    fn replication_route(&mut self, flow: &Flow) -> Option<Step> {
        let cluster = find(self.clusters, Role::KeyManager, flow)?;
        let profile = self.profile(cluster);
        let demand = profile.demands.get(&flow.operation)?;
        let mean_nanos = demand.mean_seconds(flow.size_kib) * 1e9 * profile.replication;
        if mean_nanos == 0.0 || self.clusters[cluster].nodes < 2 {
            return None;
        }
        let on_worker = profile.discipline == Discipline::FirstComeFirstServed;
        Some(self.event(cluster, Need::Replication, &demand.shape, mean_nanos, on_worker))
    }

    /// The route of an asynchronous event to the nodes of a cluster. Returns the step that publishes
    /// it.
    fn event(
        &mut self,
        cluster: usize,
        need: Need,
        shape: &Shape,
        mean_nanos: f64,
        on_worker: bool,
    ) -> Step {
        let first_step = self.next_step();
        let hop = self.profile(cluster).hop.clone();
        self.delay(&hop, Need::EventHop);
        let burst = self.network.scaled(shape, mean_nanos);
        self.step(Step::Work {
            depth: 0,
            burst,
            first: 0,
            end: 1,
            need,
            on_worker,
            admission: false,
            allocates: 0.0,
            keeps: false,
        });
        self.step(Step::Discard);
        Step::Publish { cluster: cluster as u16, first_step }
    }

    fn backend(&mut self, flow: &Flow) {
        if let Some(law) = &flow.backend {
            self.delay(law, Need::Backend);
        }
    }

    fn enter(&mut self, cluster: usize, depth: Depth, sticky: bool) {
        self.step(Step::Enter { cluster: cluster as u16, depth, sticky });
        let hop = self.profile(cluster).hop.clone();
        self.delay(&hop, if depth == 0 { Need::HopIn } else { Need::InnerHopIn });
    }

    fn exit(&mut self, cluster: usize, depth: Depth) {
        let hop = self.profile(cluster).hop.clone();
        self.delay(&hop, if depth == 0 { Need::HopOut } else { Need::InnerHopOut });
        self.step(Step::Leave { depth });
    }

    fn delay(&mut self, law: &Law, need: Need) {
        if law.mean > SimDuration::ZERO {
            let delay = self.network.variate(law);
            self.step(Step::Delay { delay, need });
        }
    }

    /// The bursts of a visit before it calls on, or all of them where it does not; what a dispatcher
    /// writes thereafter is left to [`Self::write`].
    fn work_before_call(&mut self, visit: &Visit<'_>, admission: bool) {
        let Some(demand) = self.demand(visit.flow, visit.cluster, visit.demand) else { return };
        let first_step = self.network.steps.len();
        match self.profile(visit.cluster).bursts {
            Bursts::Equal(bursts) => {
                let alone = visit.calls == Calls::Nobody;
                let before = if alone { bursts } else { bursts.div_ceil(2) };
                self.equal_bursts(visit, demand, bursts, 0..before, visit.keeps);
            }
            Bursts::Reactor { buffer_kib } => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                if reactor.dispatcher > 0.0 {
                    self.work(visit, &reactor.shape, reactor.dispatcher, 0..1, Runs::Free);
                }
                let runs = if visit.keeps { Runs::Keeps } else { Runs::OnWorker };
                self.work(visit, &reactor.shape, reactor.worker, 1..2, runs);
            }
        }
        if !admission {
            return;
        }
        let first = self.network.steps[first_step..].first_mut();
        if let Some(Step::Work { admission, .. }) = first {
            *admission = true;
        }
        self.remember(visit, demand);
    }

    /// A dispatcher writes the call or, where none is sent, the answer.
    fn write(&mut self, visit: &Visit<'_>) {
        let Bursts::Reactor { buffer_kib } = self.profile(visit.cluster).bursts else { return };
        let Some(demand) = self.demand(visit.flow, visit.cluster, visit.demand) else { return };
        let reactor = reactor_bursts(visit, demand, buffer_kib);
        if reactor.dispatcher > 0.0 {
            self.work(visit, &reactor.shape, reactor.dispatcher, 2..3, Runs::Free);
        }
    }

    fn work_after_call(&mut self, visit: &Visit<'_>) {
        let Some(demand) = self.demand(visit.flow, visit.cluster, visit.demand) else { return };
        let runs = if visit.inside { Runs::Keeps } else { Runs::OnWorker };
        match (self.profile(visit.cluster).bursts, visit.calls) {
            (_, Calls::Nobody) | (Bursts::Equal(1), _) => {}
            (Bursts::Equal(bursts), _) => {
                let after = bursts.div_ceil(2)..bursts;
                self.equal_bursts(visit, demand, bursts, after, visit.inside);
            }
            (Bursts::Reactor { buffer_kib }, Calls::Waiting) => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                self.work(visit, &reactor.shape, reactor.worker, 4..5, runs);
            }
            (Bursts::Reactor { buffer_kib }, Calls::Sending) => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                if reactor.dispatcher > 0.0 {
                    self.work(visit, &reactor.shape, reactor.dispatcher, 3..4, Runs::Free);
                }
                self.work(visit, &reactor.shape, reactor.worker, 4..5, Runs::OnWorker);
                if reactor.dispatcher > 0.0 {
                    self.work(visit, &reactor.shape, reactor.dispatcher, 5..6, Runs::Free);
                }
            }
        }
    }

    /// Some of a demand's equal bursts, all on workers.
    fn equal_bursts(
        &mut self,
        visit: &Visit<'_>,
        demand: &Demand,
        bursts: u8,
        part: Range<u8>,
        keeps: bool,
    ) {
        let mean = demand.mean_seconds(visit.size_kib) * 1e9 / f64::from(bursts);
        let runs = if keeps { Runs::Keeps } else { Runs::OnWorker };
        self.work(visit, &demand.shape, mean, part, runs);
    }

    fn work(
        &mut self,
        visit: &Visit<'_>,
        shape: &Shape,
        mean_nanos: f64,
        part: Range<u8>,
        runs: Runs,
    ) {
        let burst = self.network.scaled(shape, mean_nanos);
        self.step(Step::Work {
            depth: visit.depth,
            burst,
            first: part.start,
            end: part.end,
            need: visit.need,
            on_worker: runs != Runs::Free,
            admission: false,
            allocates: self.allocates(visit, mean_nanos),
            keeps: runs == Runs::Keeps,
        });
    }

    /// What a burst of this mean allocates: as much of what the whole visit allocates as it is of its
    /// demand, so that collections come with work that is done. A token check inside the gateway's
    /// JVM allocates too little to count.
    fn allocates(&self, visit: &Visit<'_>, mean_nanos: f64) -> f64 {
        let profile = self.profile(visit.cluster);
        let Some(demand) = profile.demands.get(visit.demand).filter(|_| visit.allocates) else {
            return 0.0;
        };
        let whole = match profile.gc.map(|gc| gc.budget) {
            Some(AllocationBudget::Young { .. }) => demand.allocates.at(visit.size_kib) * KIB / MIB,
            Some(AllocationBudget::Requests(_)) => 1.0,
            None => 0.0,
        };
        let demand_nanos = demand.mean_seconds(visit.size_kib) * 1e9;
        let share = match profile.bursts {
            Bursts::Equal(bursts) => 1.0 / f64::from(bursts),
            // Without demand there are only the workers' bursts, one each way.
            Bursts::Reactor { .. } if demand_nanos > 0.0 => mean_nanos / demand_nanos,
            Bursts::Reactor { .. } if visit.calls == Calls::Nobody => 1.0,
            Bursts::Reactor { .. } => 0.5,
        };
        whole * share
    }

    /// What a visit keeps alive; a token check leaves too little behind to count.
    fn remember(&mut self, visit: &Visit<'_>, demand: &Demand) {
        if visit.demand != INTROSPECTION {
            self.memory[visit.depth] = Memory {
                retains: (demand.retains.at(visit.size_kib) * KIB) as f32 as u64,
                message: (visit.size_kib * KIB) as u64,
            };
        }
    }

    /// The demand of this name on a cluster; its absence is noted once.
    fn demand(&mut self, flow: usize, cluster: usize, name: &str) -> Option<&'a Demand> {
        let demand = self.profile(cluster).demands.get(name);
        let problem = RouteProblem::MissingDemand { flow, cluster, demand: name.to_owned() };
        if demand.is_none() && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
        demand
    }

    /// The cluster with a role for a flow's tenant; its absence is noted.
    fn cluster(&mut self, index: usize, flow: &Flow, role: Role) -> Option<usize> {
        let cluster = find(self.clusters, role, flow);
        match cluster {
            Some(cluster) => self.reached[cluster] = true,
            None => self.problems.push(RouteProblem::MissingRole { flow: index, role }),
        }
        cluster
    }

    fn profile(&self, cluster: usize) -> &'a Profile {
        &self.clusters[cluster].profile
    }

    fn next_step(&self) -> u16 {
        self.network.steps.len() as u16
    }

    fn step(&mut self, step: Step) {
        self.network.steps.push(step);
    }
}

/// What bursts run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs {
    /// A dispatcher.
    Free,
    /// A worker.
    OnWorker,
    /// A worker, which the request keeps after the last of them.
    Keeps,
}

/// A demand where dispatchers and workers share it.
struct Reactor {
    /// Of one burst; a message that does not fit into a buffer is handled in several pieces.
    shape: Shape,
    /// Mean of a burst on a dispatcher, nanoseconds.
    dispatcher: f64,
    /// Mean of a burst on a worker, nanoseconds.
    worker: f64,
}

/// A dispatcher reads, a worker mediates, a dispatcher writes. Half of the demand is for a call that
/// is sent, and half for its answer; for a call that is waited for, the worker's part alone is halved.
/// What runs inside another visit needs no dispatcher.
fn reactor_bursts(visit: &Visit<'_>, demand: &Demand, buffer_kib: f64) -> Reactor {
    let whole = demand.mean_seconds(visit.size_kib) * 1e9;
    let on_worker = if visit.inside { whole } else { demand.worker_seconds(visit.size_kib) * 1e9 };
    let on_dispatcher = whole - on_worker;
    let (dispatcher, worker) = match visit.calls {
        Calls::Nobody => (on_dispatcher / 2.0, on_worker),
        Calls::Sending => (on_dispatcher / 4.0, on_worker / 2.0),
        Calls::Waiting => (on_dispatcher / 2.0, on_worker / 2.0),
    };
    let pieces = (visit.size_kib / buffer_kib).ceil().max(1.0);
    Reactor { shape: demand.shape.sum_of(pieces), dispatcher, worker }
}

/// Mean time of all steps of a route, nanoseconds, without waiting.
fn mean_time(route: &[Step]) -> f64 {
    let time = |step: &Step| match step {
        Step::Work { burst, first, end, .. } => burst.mean_nanos * f64::from(end - first),
        Step::Delay { delay, .. } => delay.mean_nanos,
        _ => 0.0,
    };
    route.iter().map(time).sum()
}

/// Mean work of the first step that is work, in seconds.
fn mean_work(route: &[Step]) -> f64 {
    let work = route.iter().find_map(|step| match step {
        Step::Work { burst, .. } => Some(burst.mean_nanos * 1e-9),
        _ => None,
    });
    work.unwrap_or(0.0)
}

/// The cluster with a role: the tenant's own before the shared one.
fn find(clusters: &[Cluster], role: Role, flow: &Flow) -> Option<usize> {
    let with_role = || clusters.iter().enumerate().filter(|(_, c)| c.roles.contains(&role));
    let own = with_role().find(|(_, c)| c.tenant.as_ref() == Some(&flow.tenant));
    own.or_else(|| with_role().find(|(_, c)| c.tenant.is_none())).map(|(index, _)| index)
}

impl Network {
    /// Demand that the flows bring to a cluster, in cores, from the mean rates of open flows in
    /// requests per second: `rates` has one entry per flow.
    pub fn offered_load(&self, cluster: usize, rates: &[f64]) -> f64 {
        self.visits(cluster, rates).map(|(rate, seconds)| rate * seconds).sum()
    }

    /// Cores of a cluster that its pauses and stalls keep from work, while nothing waits.
    pub fn stopped_load(&self, cluster: usize, rates: &[f64]) -> f64 {
        let station = &self.clusters[cluster];
        let visits = self.walk(cluster, rates);
        let allocates: f64 = visits.map(|(rate, _, allocates)| rate * allocates).sum();
        let pauses = station.gc.map_or(0.0, |gc| {
            let per_second = (allocates + gc.budget.background_mib()) / gc.budget.amount(0.0);
            let full = gc.full.map_or(0.0, |full| 1.0 / full.every);
            let full_pause = station.full_pause.mean_nanos * 1e-9;
            per_second * ((1.0 - full) * gc.pause.as_seconds() + full * full_pause)
        });
        let work = self.offered_load(cluster, rates);
        let stalls = station
            .stalls
            .map_or(0.0, |stalls| work / stalls.every.as_seconds() * stalls.pause.as_seconds());
        (pauses + stalls) * station.cores
    }

    /// Share of a flow's requests that go through a cluster before they are answered.
    pub fn share_through(&self, flow: usize, cluster: usize) -> f64 {
        let (mut share, mut until, mut through) = (1.0, 0, 0.0_f64);
        let mut step = usize::from(self.flows[flow].first_step);
        loop {
            if step >= until {
                share = 1.0;
            }
            match self.steps[step] {
                Step::Enter { cluster: entered, .. } if usize::from(entered) == cluster => {
                    through = through.max(share);
                }
                Step::SkipUnless { share: taken, to } => (share, until) = (taken, usize::from(to)),
                Step::Answer | Step::Discard => return through,
                _ => {}
            }
            step += 1;
        }
    }

    fn visits(&self, cluster: usize, rates: &[f64]) -> impl Iterator<Item = (f64, f64)> {
        self.walk(cluster, rates).map(|(rate, seconds, _)| (rate, seconds))
    }

    /// Calls to the database of a cluster that the flows keep under way at once, on average (Little's
    /// law), while none waits.
    pub fn database_calls(&self, cluster: usize, rates: &[f64]) -> f64 {
        let under_way = self.passed(rates).into_iter().map(|passed| match passed.step {
            Step::Delay { delay, need: Need::Database } if passed.database_of == Some(cluster) => {
                passed.rate * delay.mean_nanos * 1e-9
            }
            _ => 0.0,
        });
        under_way.sum()
    }

    /// Work that the flows bring to a cluster: rate, mean seconds, and what it allocates.
    fn walk(&self, cluster: usize, rates: &[f64]) -> impl Iterator<Item = (f64, f64, f64)> {
        self.passed(rates).into_iter().filter_map(move |passed| match passed.step {
            Step::Work { depth, burst, first, end, allocates, .. }
                if passed.at[depth] == Some(cluster) =>
            {
                let bursts = f64::from(end - first);
                Some((passed.rate, burst.mean_nanos * 1e-9 * bursts, allocates * bursts))
            }
            Step::Publish { cluster: to, first_step } if usize::from(to) == cluster => {
                let own = usize::from(passed.at[0] == Some(cluster));
                let copies = (self.clusters[cluster].nodes - own) as f64;
                let seconds = mean_work(&self.steps[usize::from(first_step)..]);
                Some((passed.rate * copies, seconds, 0.0))
            }
            _ => None,
        })
    }

    /// The steps that the requests of all flows pass, at rates in requests per second.
    fn passed(&self, rates: &[f64]) -> Vec<Passed> {
        let mut all = Vec::new();
        for (source, rate) in self.flows.iter().zip(rates) {
            let mut at = [None; 2];
            let mut database_of = None;
            let mut index = usize::from(source.first_step);
            let (mut share, mut until) = (1.0, 0);
            loop {
                if index >= until {
                    share = 1.0;
                }
                let step = self.steps[index];
                match step {
                    Step::Enter { cluster, depth, .. } => at[depth] = Some(usize::from(cluster)),
                    Step::SkipUnless { share: taken, to } => {
                        (share, until) = (taken, usize::from(to));
                    }
                    Step::Connect { depth, pool: Pool::Database } => database_of = at[depth],
                    Step::Answer | Step::Discard => break,
                    _ => {}
                }
                all.push(Passed { step, rate: rate * share, at, database_of });
                index += 1;
            }
        }
        all
    }
}

/// A step that requests of a flow pass.
struct Passed {
    step: Step,
    /// Requests per second that pass it.
    rate: f64,
    /// The clusters at both depths.
    at: [Option<usize>; 2],
    /// The cluster whose database is called.
    database_of: Option<usize>,
}
