//! A shipped pattern: a placement of roles on clusters, without node counts.

use sim::deployment::{Balancing, Role, Standby};

use crate::catalogue;
use crate::document::{self, Item};
use crate::read::section::{Context, Section};
use crate::read::{cluster, standby};

/// The keys of a pattern file.
pub(crate) const KEYS: &[&str] = &["title", "clusters"];

/// The keys of a cluster in a pattern file.
pub(crate) const CLUSTER_KEYS: &[&str] =
    &["roles", "profile", "balancer", "health", "standby", "least", "optional", "per_tenant"];

/// A placement of roles on clusters.
pub(crate) struct Pattern {
    /// The name that files use.
    pub(crate) name: &'static str,
    /// The clusters, in the order in which they are reported.
    pub(crate) clusters: Vec<PatternCluster>,
}

/// A cluster of a pattern.
pub(crate) struct PatternCluster {
    /// Its name; a tenant's own carries the tenant's as well.
    pub(crate) name: String,
    /// What its nodes do.
    pub(crate) roles: Vec<Role>,
    /// The name of its profile.
    pub(crate) profile: String,
    /// How requests reach its nodes.
    pub(crate) balancing: Balancing,
    /// How its nodes stand by; none: all serve.
    pub(crate) standby: Option<Standby>,
    /// Fewer nodes are not this pattern.
    pub(crate) least: u32,
    /// Whether it may be left out.
    pub(crate) optional: bool,
    /// Whether each tenant has one of its own.
    pub(crate) per_tenant: bool,
}

impl Pattern {
    /// The shipped pattern of that name.
    pub(crate) fn shipped(context: Context<'_>, name: &str) -> Option<Self> {
        let entry = catalogue::patterns().into_iter().find(|entry| entry.name == name)?;
        let source = context.log.add_source(&format!("shipped pattern {name}"), entry.text);
        let root = document::parse(source, entry.text).ok()?;
        let section = Section::open(context, &root, KEYS)?;
        section.need("title", "\"…\"").and_then(|item| context.text(item))?;
        let clusters = context.table(section.need("clusters", "{ … }")?)?;
        let clusters = clusters.entries.iter();
        let clusters = clusters.map(|entry| read(context, &entry.key, &entry.item));
        Some(Self { name: entry.name, clusters: clusters.collect::<Option<_>>()? })
    }

    /// The cluster of that name.
    pub(crate) fn cluster(&self, name: &str) -> Option<&PatternCluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    /// Whether any cluster exists once per tenant.
    pub(crate) fn has_tenants(&self) -> bool {
        self.clusters.iter().any(|cluster| cluster.per_tenant)
    }
}

fn read(context: Context<'_>, name: &str, item: &Item) -> Option<PatternCluster> {
    let section = Section::open(context, item, CLUSTER_KEYS)?;
    let flag = |key| section.get(key).map_or(Some(false), |item| context.boolean(item));
    let policy = cluster::policy(context, section.need("balancer", "\"round-robin\"")?)?;
    let check = cluster::health(context, section.need("health", "{ check = \"passive\" }")?)?;
    Some(PatternCluster {
        name: name.to_owned(),
        roles: cluster::roles(context, section.need("roles", "[\"gateway\"]")?)?,
        profile: context.name(section.need("profile", "\"gateway\"")?)?,
        balancing: Balancing::plain(policy, check),
        standby: match section.get("standby") {
            Some(item) => standby::read(context, item)?.standby(),
            None => None,
        },
        least: context.integer(section.need("least", "2")?, 1, 100)? as u32,
        optional: flag("optional")?,
        per_tenant: flag("per_tenant")?,
    })
}
