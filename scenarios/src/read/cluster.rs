//! What a cluster says of itself: balancer, health check, roles.

use sim::deployment::{Balancing, Cluster, HealthCheck, Policy, Probing, Restart, Role, Standby};
use sim::scenario::ZONES;
use sim::time::SimDuration;

use crate::document::{Item, Place, Value};
use crate::read::balancer::{self, Stated};
use crate::read::section::{Context, Section};
use crate::read::{probes, restart, standby};

/// The keys of `[deployment.clusters.NAME]`.
pub(crate) const KEYS: &[&str] = &[
    "roles", "nodes", "profile", "zones", "restart", "standby", "startup", "liveness", "balancer",
    "health", "tenant",
];

/// Most nodes of one cluster.
pub(crate) const MOST_NODES: u64 = 100;
/// The keys of a health check.
pub(crate) const HEALTH_KEYS: &[&str] =
    &["check", "max_fails", "fail_timeout", "interval", "unhealthy", "healthy"];

/// The defaults of nginx, which hold where nothing is stated.
pub(crate) const PASSIVE: HealthCheck =
    HealthCheck::Passive { max_fails: 1, fail_timeout: SimDuration(10_000_000_000) };

/// A cluster with the place that its problems point at.
pub(crate) struct Placed {
    /// The cluster.
    pub(crate) cluster: Cluster,
    /// Where its nodes are stated.
    pub(crate) place: Place,
}

#[derive(Clone, Copy)]
enum Check {
    Perfect,
    Passive,
    Active,
}

const CHECKS: [(Check, &str); 3] =
    [(Check::Perfect, "perfect"), (Check::Passive, "passive"), (Check::Active, "active")];

/// What a scenario may state of any cluster, also of a pattern's.
#[derive(Clone, Copy, Default)]
pub(crate) struct Changed<'a> {
    /// Its profile, and where that is named.
    pub(crate) profile: Option<(&'a str, Place)>,
    /// Over how many zones its nodes are spread.
    zones: Option<u32>,
    /// When its nodes are restarted.
    pub(crate) restart: Option<Restart>,
    /// How its nodes stand by, if that is stated, and where.
    standby: Option<(standby::Stated, Place)>,
    /// The probes by which its processes live or die.
    pub(crate) probing: Probing,
    /// How its balancer chooses.
    policy: Option<Policy>,
    /// How its balancer learns that a node is down.
    health: Option<HealthCheck>,
    /// All of that, and what else there is to say of a product.
    product: Option<Balancing>,
}

impl<'a> Changed<'a> {
    /// Reads what is stated of them.
    pub(crate) fn read(section: Section<'a>) -> Self {
        let context = section.context;
        let profile = section.get("profile");
        let (policy, product) =
            match section.get("balancer").and_then(|item| balancer::read(context, item)) {
                Some(Stated::Policy(policy)) => (Some(policy), None),
                Some(Stated::Product(product)) => (None, Some(product)),
                None => (None, None),
            };
        if product.is_some() {
            let help = "the product's own keys say it; remove it";
            section.refuse(&["health"], "with a `product`", help);
        }
        let zones = section.get("zones").map(|item| context.integer(item, 1, ZONES.len() as u64));
        Self {
            probing: probes::read(section),
            restart: section.get("restart").and_then(|item| restart::read(context, item)),
            standby: section
                .get("standby")
                .and_then(|item| Some((standby::read(context, item)?, item.place))),
            zones: zones.flatten().map(|zones| zones as u32),
            profile: profile.and_then(|item| Some((context.text(item)?, item.place))),
            policy,
            health: section.get("health").and_then(|item| health(context, item)),
            product,
        }
    }

    /// Over how many zones the nodes are spread: one where nothing is stated.
    pub(crate) fn zones(self) -> u32 {
        self.zones.unwrap_or(1)
    }

    /// How the nodes stand by. Those behind a balancer that somebody has chosen all serve, unless it is stated.
    pub(crate) fn standby(self, otherwise: Option<Standby>) -> Option<Standby> {
        let is_own = self.policy.is_none() && self.product.is_none();
        self.standby.map_or(otherwise.filter(|_| is_own), |(stated, _)| stated.standby())
    }

    /// Looks whether nodes of the cluster can stand by as stated.
    pub(crate) fn check_standby(self, context: Context<'_>, cluster: &Cluster) {
        if let Some((_, place)) = self.standby {
            standby::check(context, place, cluster);
        }
    }

    /// What is stated, over what holds otherwise.
    pub(crate) fn balancing(self, otherwise: Balancing) -> Balancing {
        match (self.product, self.policy, self.health) {
            (Some(product), ..) => product,
            (None, None, None) => otherwise,
            (None, policy, check) => Balancing::plain(
                policy.unwrap_or(otherwise.policy),
                check.unwrap_or(otherwise.check),
            ),
        }
    }
}

/// How a balancer chooses.
pub(crate) fn policy(context: Context<'_>, item: &Item) -> Option<Policy> {
    context.choice(item, "a balancer", &Policy::ALL)
}

/// What the nodes of a cluster do; at least one role, none twice.
pub(crate) fn roles(context: Context<'_>, item: &Item) -> Option<Vec<Role>> {
    let list = context.list(item)?;
    if list.is_empty() {
        context.log.problem(item.place, "there is no role", "write roles = [\"gateway\"]");
        return None;
    }
    let mut roles = Vec::new();
    for item in list {
        let Some(role) = context.choice(item, "a role", &Role::ALL) else { continue };
        if roles.contains(&role) {
            let what = format!("the role `{}` stands here twice", role.name());
            context.log.problem(item.place, what, "remove one");
        }
        roles.push(role);
    }
    (roles.len() == list.len()).then_some(roles)
}

/// How a balancer learns that a node is down.
pub(crate) fn health(context: Context<'_>, item: &Item) -> Option<HealthCheck> {
    if !matches!(item.value, Value::Table(_)) {
        return context.not(item, "a health check", "write it like { check = \"passive\" }");
    }
    let section = Section::open(context, item, HEALTH_KEYS)?;
    let check = section.need("check", "\"passive\"")?;
    let count = |key| section.get(key).map(|item| context.integer(item, 1, 1000));
    let span = |key| section.get(key).map(|item| context.positive_duration(item));
    match context.choice(check, "a health check", &CHECKS)? {
        Check::Perfect => {
            let keys = ["max_fails", "fail_timeout", "interval", "unhealthy", "healthy"];
            section.refuse(&keys, "with a perfect check", "it knows at once; remove it");
            Some(HealthCheck::Perfect)
        }
        Check::Passive => {
            let help = "a passive check has `max_fails` and `fail_timeout`";
            section.refuse(&["interval", "unhealthy", "healthy"], "with a passive check", help);
            Some(HealthCheck::Passive {
                max_fails: count("max_fails").unwrap_or(Some(1))? as u32,
                fail_timeout: span("fail_timeout").unwrap_or(Some(SimDuration::from_ms(1e4)))?,
            })
        }
        Check::Active => {
            let help = "an active check has `interval`, `unhealthy` and `healthy`";
            section.refuse(&["max_fails", "fail_timeout"], "with an active check", help);
            // The defaults are those of a Kubernetes readiness probe.
            Some(HealthCheck::probes(
                span("interval").unwrap_or(Some(SimDuration::from_ms(1e4)))?,
                count("unhealthy").unwrap_or(Some(3))? as u32,
                count("healthy").unwrap_or(Some(1))? as u32,
            ))
        }
    }
}
