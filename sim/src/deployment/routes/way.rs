//! The way of a request of each kind of flow through the clusters, and of the events that it leaves
//! behind.

use super::tokens::miss;
use super::visit::{Calls, Visit};
use super::{Compiler, INTROSPECTION, THROTTLE_EVENT, find};
use crate::deployment::{
    Database, Discipline, Flow, FlowKind, Message, Role, Runtime, Throttle, Token, TokenStore,
    Tokens, station, work,
};
use crate::network::{Depth, Need, Pool, Step};
use crate::random::{Law, Shape};
use crate::time::SimDuration;

impl Compiler<'_> {
    /// Gateway, token check, backend or integration, gateway.
    pub(super) fn api_route(&mut self, index: usize, flow: &Flow, event: Option<Step>) {
        let Some(gateway) = self.cluster(index, flow, Role::Gateway) else { return };
        self.enter(gateway, 0, false, flow.method.is_idempotent());
        self.lot(flow, gateway);
        let calls_on = flow.backend.is_some() || flow.integration.is_some();
        let visit = Visit {
            flow: index,
            cluster: gateway,
            depth: 0,
            demand: &flow.operation,
            need: work::GATEWAY,
            size: flow.size,
            calls: if calls_on { Calls::Sending } else { Calls::Nobody },
            keeps: flow.token == Token::Opaque || self.counts_in(flow).is_some(),
            inside: false,
            allocates: true,
        };
        self.work_before_call(&visit, true);
        self.token_check(index, flow, gateway);
        self.admission(flow);
        if visit.keeps {
            self.step(Step::FreeWorker { depth: 0 });
        }
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
    pub(super) fn plain_route(
        &mut self,
        index: usize,
        flow: &Flow,
        role: Role,
        demand: &str,
        need: Need,
        event: Option<Step>,
    ) {
        let Some(cluster) = self.cluster(index, flow, role) else { return };
        let profile = self.profile(cluster);
        let asks = match flow.kind {
            FlowKind::Token => profile.token_store == TokenStore::Database,
            kind => kind == FlowKind::Portal,
        };
        let database = profile.database.as_ref().filter(|_| asks);
        self.enter(cluster, 0, flow.kind == FlowKind::Portal, flow.method.is_idempotent());
        let visit = Visit {
            flow: index,
            cluster,
            depth: 0,
            demand,
            need,
            size: flow.size,
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
        if flow.token != Token::Opaque {
            return;
        }
        let Some(key_manager) = self.cluster(index, flow, Role::KeyManager) else { return };
        let skip = self.network.steps.len();
        let miss = miss(flow);
        self.step(Step::LookUp { depth: 0, miss, to: 0 });
        let elsewhere = key_manager != gateway;
        let depth = usize::from(elsewhere);
        let database = self.profile(key_manager).database.as_ref();
        let visit = Visit {
            flow: index,
            cluster: key_manager,
            depth,
            demand: INTROSPECTION,
            need: work::KEY_MANAGER,
            size: Message::alike(0.0),
            calls: if database.is_some() { Calls::Waiting } else { Calls::Nobody },
            keeps: database.is_some() || !elsewhere,
            inside: !elsewhere,
            allocates: elsewhere,
        };
        let pool = Pool::Nodes;
        if elsewhere {
            self.step(Step::Connect { depth: 0, pool });
            // The gateway asks with a POST (RFC 7662).
            self.enter(key_manager, 1, false, false);
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
        if matches!(flow.tokens, Tokens::Distinct { .. }) {
            self.step(Step::Store { depth: 0 });
        }
        let to = self.next_step();
        self.network.steps[skip] = Step::LookUp { depth: 0, miss, to };
    }

    /// Whether the gateway admits a request, which it may have to ask elsewhere; its worker waits.
    fn admission(&mut self, flow: &Flow) {
        if let Some((redis, _)) = self.counts_in(flow) {
            let asks = self.network.steps.len();
            let share = redis.quota_buffer;
            self.step(Step::Ask { depth: 0, share, to: 0 });
            self.delay(&redis.delay, Need::COUNTER);
            let to = self.next_step();
            self.network.steps[asks] = Step::Ask { depth: 0, share, to };
        }
        if flow.throttle != Throttle::default() {
            self.step(Step::Admit { depth: 0 });
        }
    }

    /// The node at `depth` calls its database over one of its connections; its worker waits.
    fn call_database(&mut self, database: &Database, depth: Depth) {
        let pool = Pool::Database;
        self.step(Step::Connect { depth, pool });
        if database.at_once.is_some() {
            self.step(Step::Call { depth });
        }
        self.delay(&database.delay, Need::DATABASE);
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
            size: flow.size,
            calls: if flow.backend.is_some() { Calls::Sending } else { Calls::Nobody },
            keeps: false,
            inside: false,
            allocates: elsewhere,
        };
        if elsewhere {
            self.enter(cluster, 1, false, flow.method.is_idempotent());
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
    pub(super) fn event_route(&mut self, index: usize, flow: &Flow) -> Option<Step> {
        let role = Role::TrafficManager;
        let counts = flow.throttle.limit.is_some();
        let cluster = if counts {
            self.cluster(index, flow, role)?
        } else {
            find(self.clusters, role, flow)?
        };
        self.reached[cluster] = true;
        let demand = self.demand(index, cluster, THROTTLE_EVENT)?;
        let mean_nanos = demand.mean.as_nanos();
        let work =
            EventWork { need: work::TRAFFIC_MANAGER, shape: &demand.shape, mean_nanos, counts };
        Some(self.event(cluster, &work, true))
    }

    /// What a request for a token makes known to the other nodes of its cluster. Under
    /// first-come-first-served it waits for a core like everything else.
    pub(super) fn replication_route(&mut self, flow: &Flow, demand: &str) -> Option<Step> {
        let cluster = find(self.clusters, Role::KeyManager, flow)?;
        let profile = self.profile(cluster);
        let demand = profile.demands.get(demand)?;
        let mean_nanos =
            demand.mean_seconds(demand.size_kib(flow.size)) * 1e9 * profile.replication;
        if mean_nanos == 0.0 || self.clusters[cluster].nodes < 2 {
            return None;
        }
        let on_worker = profile.discipline == Discipline::FirstComeFirstServed;
        let work =
            EventWork { need: work::REPLICATION, shape: &demand.shape, mean_nanos, counts: false };
        Some(self.event(cluster, &work, on_worker))
    }

    /// The route of an asynchronous event to the nodes of a cluster. Returns the step that publishes
    /// it.
    fn event(&mut self, cluster: usize, work: &EventWork<'_>, on_worker: bool) -> Step {
        let first_step = self.next_step();
        let hop = self.profile(cluster).hop.clone();
        self.delay(&hop, Need::EVENT_HOP);
        let burst = self.network.scaled(work.shape, work.mean_nanos);
        self.step(Step::Work {
            depth: 0,
            burst,
            first: 0,
            end: 1,
            need: work.need,
            on_worker,
            admission: false,
            allocates: 0.0,
            share: 1.0,
            keeps: false,
        });
        if work.counts {
            self.step(Step::Count);
        }
        self.step(Step::Discard);
        Step::Publish { cluster: cluster as u16, first_step, counts: work.counts }
    }

    fn backend(&mut self, flow: &Flow) {
        if let Some(law) = &flow.backend {
            self.delay(law, Need::BACKEND);
        }
    }

    fn enter(&mut self, cluster: usize, depth: Depth, sticky: bool, idempotent: bool) {
        self.step(Step::Enter { cluster: cluster as u16, depth, sticky, idempotent });
        let hop = self.profile(cluster).hop.clone();
        self.delay(&hop, if depth == 0 { Need::HOP_IN } else { Need::INNER_HOP_IN });
    }

    fn exit(&mut self, cluster: usize, depth: Depth) {
        let hop = self.profile(cluster).hop.clone();
        self.delay(&hop, if depth == 0 { Need::HOP_OUT } else { Need::INNER_HOP_OUT });
        self.step(Step::Leave { depth });
    }

    fn delay(&mut self, law: &Law, need: Need) {
        if law.mean > SimDuration::ZERO {
            let delay = self.network.variate(law);
            self.step(Step::Delay { delay, need });
        }
    }
}

/// What an asynchronous event asks of a node.
struct EventWork<'a> {
    need: Need,
    shape: &'a Shape,
    mean_nanos: f64,
    /// Whether the node then counts the request that it tells of.
    counts: bool,
}
