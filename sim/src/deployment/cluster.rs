//! A placement of roles on clusters, with node counts.

use std::collections::BTreeMap;

use super::{Flow, Profile, SharedFailures, StartNeeds};
use crate::network::{Balancing, HealthCheck, Policy, Probing, Restart, Standby};
use crate::time::SimDuration;

/// A pattern with node counts: what one would pay for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// Unique name.
    pub name: String,
    /// Name of the pattern, or `custom` for a placement of the user's own.
    pub pattern: String,
    /// The clusters, in the order in which they are reported.
    pub clusters: Vec<Cluster>,
    /// How zones and databases fail at random.
    pub failures: SharedFailures,
}

/// Like nodes behind one balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Unique name within the deployment; `micro-integrator@acme` for a tenant's own.
    pub name: String,
    /// What its nodes do.
    pub roles: Vec<Role>,
    /// The only tenant that it serves, or none: all.
    pub tenant: Option<String>,
    /// Number of nodes, at least 1.
    pub nodes: u32,
    /// Zones over which they are spread in order, at least 1.
    pub zones: u32,
    /// The behaviour of each node.
    pub profile: Profile,
    /// How many APIs a gateway has to load, by tenant.
    pub apis: BTreeMap<String, u32>,
    /// When they are restarted; none: never.
    pub restart: Option<Restart>,
    /// How all nodes but one stand by; none: all serve.
    pub standby: Option<Standby>,
    /// The probes by which its processes live or die.
    pub probing: Probing,
    /// How requests reach its nodes.
    pub balancing: Balancing,
}

impl Cluster {
    /// One node in one zone that serves all tenants, before a balancer that knows its condition and has nothing
    /// to choose; it is never restarted and never probed.
    pub fn plain(name: &str, roles: &[Role], profile: Profile) -> Self {
        Self {
            name: name.to_owned(),
            roles: roles.to_vec(),
            tenant: None,
            nodes: 1,
            zones: 1,
            profile,
            apis: BTreeMap::new(),
            restart: None,
            standby: None,
            probing: Probing::default(),
            balancing: Balancing::plain(Policy::RoundRobin, HealthCheck::Perfect),
        }
    }
}

impl Cluster {
    /// Whether an outage of the database makes a difference to its nodes.
    pub fn uses_database(&self) -> bool {
        self.profile.database.is_some() || self.profile.start_needs == StartNeeds::Database
    }

    /// How long a node that has started takes to load all of its APIs, while no other does.
    pub fn loads_for(&self) -> Option<SimDuration> {
        self.loading(self.apis.values().sum())
    }

    /// The same, of those that it loads before it serves anything.
    pub(super) fn loads_at_start_for(&self) -> Option<SimDuration> {
        let at_start = |tenant: &str| self.profile.lazy_tenants.is_none() || is_super(tenant);
        let all = self.apis.iter().filter(|(tenant, _)| at_start(tenant));
        self.loading(all.map(|(_, apis)| apis).sum())
    }

    /// The same, of those of a flow's tenant, which it may load when they are called.
    pub(super) fn loads_lazily_for(&self, flow: &Flow) -> Option<SimDuration> {
        let apis = self.apis.get(&flow.tenant).filter(|_| !is_super(&flow.tenant))?;
        Some(self.loading(*apis).unwrap_or(SimDuration::ZERO))
    }

    fn loading(&self, apis: u32) -> Option<SimDuration> {
        let is_gateway = self.roles.contains(&Role::Gateway);
        let rate = self.profile.apis_per_second.filter(|_| is_gateway && apis > 0)?;
        Some(SimDuration::from_seconds(f64::from(apis) / rate))
    }
}

/// Whether a tenant is the one that a server has from the start: no context is made for it when it is called, and so none
/// is swept (`TenantAxisUtils` of WSO2 carbon-kernel 4.9.0).
fn is_super(tenant: &str) -> bool {
    [Flow::DEFAULT_TENANT, "carbon.super"].contains(&tenant)
}

/// A function of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Answers API calls.
    Gateway,
    /// Issues and validates tokens.
    KeyManager,
    /// Counts requests against rate limits.
    TrafficManager,
    /// The portal of those who publish APIs.
    Publisher,
    /// The portal of those who subscribe to APIs.
    Devportal,
    /// Runs mediations.
    MicroIntegrator,
    /// Runs stream queries.
    StreamingIntegrator,
}

impl Role {
    /// Every role with the name that files use.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Gateway, "gateway"),
        (Self::KeyManager, "key-manager"),
        (Self::TrafficManager, "traffic-manager"),
        (Self::Publisher, "publisher"),
        (Self::Devportal, "devportal"),
        (Self::MicroIntegrator, "micro-integrator"),
        (Self::StreamingIntegrator, "streaming-integrator"),
    ];

    /// The name that files use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}
