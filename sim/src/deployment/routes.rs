//! Compiles a deployment and its flows into a network: which way each flow takes through the
//! clusters. This is the one place that knows how WSO2 API Manager passes a request on.

mod lots;
mod problem;
mod shared;
mod tokens;
mod visit;
mod way;

use super::{
    Arrivals, Cluster, Demand, Deployment, Failures, Flow, FlowKind, Profile, RateLimit, Redis,
    Retries, Role, Throttle, Tokens, station, work,
};
use crate::network::{self, Crowd, DEPTHS, Memory, Network, Source, Step};
use crate::random::Law;
use crate::time::SimDuration;

pub use problem::RouteProblem;
use shared::SharedRoutes;

/// Name of the demand of a token check at the key manager.
pub const INTROSPECTION: &str = "introspection";
/// Name of the demand of a renewed token at the key manager.
const RENEWAL: &str = "token";
/// Name of the demand of an asynchronous event at the traffic manager.
pub const THROTTLE_EVENT: &str = "throttle-event";

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
    for (station, cluster) in network.clusters.iter_mut().zip(&deployment.clusters) {
        station.fetch = station::fetch(cluster, &deployment.clusters);
    }
    let shared = &deployment.failures;
    network.zone_failures = Failures::compile(shared.zone.as_ref(), &mut network);
    network.repairers = shared.repairers;
    network.database_failures = Failures::compile(shared.database.as_ref(), &mut network);
    let mut compiler = Compiler {
        clusters: &deployment.clusters,
        reached: vec![false; deployment.clusters.len()],
        problems: Vec::new(),
        memory: [Memory::default(); DEPTHS],
        renewal_event: None,
        routes: SharedRoutes::default(),
        tenants: vec![Vec::new(); deployment.clusters.len()],
        network,
    };
    for (index, flow) in flows.iter().enumerate() {
        compiler.add_flow(index, flow);
    }
    compiler.add_crowds(flows);
    if compiler.problems.is_empty() {
        compiler.expect_tokens(flows);
        compiler.expect_lots(flows);
    }
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
    memory: [Memory; DEPTHS],
    /// What publishes that its owner has renewed a token, where that is made known to others.
    renewal_event: Option<Step>,
    routes: SharedRoutes,
    /// By cluster, the tenants that are loaded when they are called.
    tenants: Vec<Vec<String>>,
    network: Network,
}

impl<'a> Compiler<'a> {
    fn add_flow(&mut self, index: usize, flow: &Flow) {
        let clusters = self.clusters;
        let begin = self.next_step();
        // Events come first, so that the route that publishes them knows where they begin.
        let event = match flow.kind {
            FlowKind::Api => self.event_route(index, flow),
            FlowKind::Token => self.replication_route(flow, &flow.operation),
            FlowKind::Portal | FlowKind::Stream => None,
        };
        self.renewal_event = match flow.tokens {
            Tokens::Distinct { lifetime: Some(_), .. } => self.replication_route(flow, RENEWAL),
            _ => None,
        };
        let first_step = self.next_step();
        self.step(Step::Attempt);
        match flow.kind {
            FlowKind::Api => {
                self.renewal(index, flow);
                self.api_route(index, flow, event);
            }
            FlowKind::Token => {
                let role = Role::KeyManager;
                self.plain_route(index, flow, role, &flow.operation, work::KEY_MANAGER, event);
            }
            FlowKind::Portal => {
                let has_publisher = find(clusters, Role::Publisher, flow).is_some();
                let role = if has_publisher { Role::Publisher } else { Role::Devportal };
                self.plain_route(index, flow, role, &flow.operation, work::PORTAL, event);
            }
            FlowKind::Stream => {
                let (role, need) = (Role::StreamingIntegrator, work::STREAMING_INTEGRATOR);
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
        let gateway = find(self.clusters, Role::Gateway, flow);
        let tokens = self.tokens(flow, gateway);
        // What is expected of tokens is written into the routes of their flows.
        let first_step = match tokens {
            None => self.routes.share(&mut self.network.steps, begin, first_step),
            Some(_) => first_step,
        };
        let backend_failures = Failures::compile(flow.backend_failures.as_ref(), &mut self.network);
        self.network.flows.push(Source {
            arrivals: flow.arrivals.clone(),
            crowd: None,
            think,
            first_step,
            tokens,
            throttle: self.throttle(flow),
            timeout: flow.timeout,
            timeout_cancels: flow.timeout_cancels,
            retries: if flow.retries.max == 0 { Retries::NONE } else { flow.retries },
            endpoint: flow.backend.as_ref().map(|_| flow.endpoint),
            backend_failures,
            memory: std::mem::take(&mut self.memory),
        });
    }

    /// How many of a flow's calls gateways admit. On each, as many events wait for each traffic manager as its buffer
    /// holds, or for all together where each gets a part.
    fn throttle(&self, flow: &Flow) -> Option<network::Throttle> {
        let Throttle { limit, burst } = flow.throttle;
        let quota =
            self.counts_in(flow).map(|(redis, gateways)| redis.quota(burst.unwrap_or(0), gateways));
        let burst = burst.map(|number| network::BurstLimit { number, quota });
        let limit = limit.and_then(|limit| {
            let gateway = find(self.clusters, Role::Gateway, flow)?;
            let counted_by = find(self.clusters, Role::TrafficManager, flow)?;
            let buffers = RateLimit::BUFFER.saturating_mul(self.clusters[gateway].nodes);
            let parts = if limit.sync.is_some() { self.clusters[counted_by].nodes } else { 1 };
            Some(network::Limit {
                number: limit.number,
                window: limit.window,
                counted_by,
                delay: limit.delay,
                sync: limit.sync,
                buffer: buffers.div_ceil(parts),
            })
        });
        (flow.throttle != Throttle::default()).then_some(network::Throttle { limit, burst })
    }

    /// Where the gateways of a flow count its bursts together, and how many they are.
    fn counts_in(&self, flow: &Flow) -> Option<(&'a Redis, u32)> {
        let gateway = &self.clusters[find(self.clusters, Role::Gateway, flow)?];
        let redis = gateway.profile.redis.as_ref();
        redis.filter(|_| flow.throttle.burst.is_some()).map(|redis| (redis, gateway.nodes))
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

/// Mean time of all steps of a route, nanoseconds, without waiting.
fn mean_time(route: &[Step]) -> f64 {
    let time = |step: &Step| match step {
        Step::Work { burst, first, end, .. } => burst.mean_nanos * f64::from(end - first),
        Step::Delay { delay, .. } => delay.mean_nanos,
        _ => 0.0,
    };
    route.iter().map(time).sum()
}

/// The cluster with a role: the tenant's own before the shared one.
fn find(clusters: &[Cluster], role: Role, flow: &Flow) -> Option<usize> {
    let with_role = || clusters.iter().enumerate().filter(|(_, c)| c.roles.contains(&role));
    let own = with_role().find(|(_, c)| c.tenant.as_ref() == Some(&flow.tenant));
    own.or_else(|| with_role().find(|(_, c)| c.tenant.is_none())).map(|(index, _)| index)
}
