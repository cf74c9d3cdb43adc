//! The clusters of a shipped pattern with the node counts of a deployment.

use std::collections::BTreeMap;

use sim::deployment::Cluster;

use crate::document::{Entry, Item, Table};
use crate::quantity::shown;
use crate::read::cluster::{self, Changed, MOST_NODES, Placed};
use crate::read::names::suggestion;
use crate::read::pattern::{Pattern, PatternCluster};
use crate::read::profiles;
use crate::read::section::{Context, Section};
use crate::read::surroundings::Surroundings;

/// The clusters of a pattern, with the counts of `nodes` and `tenants`; none where one is wrong.
pub(crate) fn of_pattern(
    section: Section<'_>,
    pattern: &Pattern,
    around: &Surroundings<'_>,
) -> Option<Vec<Placed>> {
    let context = section.context;
    let empty = Table::default();
    let nodes = section.get("nodes").map(|item| context.table(item));
    let nodes = nodes.unwrap_or(Some(&empty))?;
    let tenants = section.get("tenants").map(|item| tenants(context, item, pattern, around));
    let tenants = tenants.unwrap_or_else(|| Some(Vec::new()))?;
    let of_shared = nodes.entries.iter().map(|entry| (None, entry));
    let of_tenants = tenants.iter().flat_map(|(tenant, counts)| {
        counts.entries.iter().map(move |entry| (Some(*tenant), entry))
    });
    let counts: Vec<_> = of_shared.chain(of_tenants).collect();
    let overrides = overrides(section, pattern, &counts);
    missing(section, pattern, nodes);
    // Read all before giving up, so that every problem is seen.
    let mut placed: Vec<_> = counts
        .iter()
        .map(|(tenant, entry)| {
            let at = position(context, pattern, *tenant, entry)?;
            let counted = Counted { pattern, own: &pattern.clusters[at], tenant: *tenant, entry };
            Some((at, counted.place(context, &overrides, around)))
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect::<Option<_>>()?;
    // Stable: the tenants of a cluster stay in the order of the file.
    placed.sort_by_key(|(at, _)| *at);
    Some(placed.into_iter().map(|(_, placed)| placed).collect())
}

/// A cluster of a pattern with the entry that counts its nodes.
struct Counted<'a> {
    pattern: &'a Pattern,
    own: &'a PatternCluster,
    tenant: Option<&'a str>,
    entry: &'a Entry,
}

impl Counted<'_> {
    fn place(
        &self,
        context: Context<'_>,
        overrides: &[(&str, Changed<'_>)],
        around: &Surroundings<'_>,
    ) -> Placed {
        let own = self.own;
        let changed = overrides.iter().find(|(name, _)| *name == own.name);
        let changed = changed.map_or(Changed::default(), |(_, changed)| *changed);
        let (profile, place) = changed.profile.unwrap_or((&own.profile, self.entry.place));
        let profile = around.profiles.get(profile, place).unwrap_or_else(profiles::stand_in);
        let nodes = self.nodes(context).unwrap_or(own.least);
        let name = self.tenant.map_or(own.name.clone(), |tenant| format!("{}@{tenant}", own.name));
        let cluster = Cluster {
            name,
            roles: own.roles.clone(),
            tenant: self.tenant.map(str::to_owned),
            nodes,
            zones: changed.zones(),
            apis: BTreeMap::new(),
            restart: changed.restart,
            standby: changed.standby(own.standby),
            probing: changed.probing,
            profile,
            balancing: changed.balancing(own.balancing),
        };
        changed.check_standby(context, &cluster);
        Placed { cluster, place: self.entry.place }
    }

    fn nodes(&self, context: Context<'_>) -> Option<u32> {
        let (least, item) = (self.own.least, &self.entry.item);
        let nodes = context.integer(item, 0, MOST_NODES)? as u32;
        if nodes >= least {
            return Some(nodes);
        }
        let (pattern, name) = (self.pattern.name, &self.own.name);
        let what = format!("`{pattern}` has at least {least} nodes of `{name}`, not {nodes}");
        let help = "for fewer write a placement of your own: [deployment.clusters.NAME] with \
                    roles, nodes and profile, and no `pattern`";
        context.log.problem(item.place, what, help);
        None
    }
}

fn overrides<'a>(
    section: Section<'a>,
    pattern: &Pattern,
    counts: &[(Option<&str>, &Entry)],
) -> Vec<(&'a str, Changed<'a>)> {
    let context = section.context;
    let table = section.get("clusters").and_then(|item| context.table(item));
    let mut all = Vec::new();
    for entry in table.map_or(&[][..], |table| &table.entries) {
        if pattern.cluster(&entry.key).is_none() {
            unknown_cluster::<()>(context, pattern, entry);
            continue;
        }
        if !counts.iter().any(|(_, counted)| counted.key == entry.key) {
            let what = format!("the cluster `{}` has no nodes here", entry.key);
            context.log.problem(entry.place, what, "state its `nodes`, or remove it");
        }
        let Some(cluster) = Section::open(context, &entry.item, cluster::KEYS) else { continue };
        let help = "the pattern fixes it; for another placement leave `pattern` out";
        cluster.refuse(&["roles", "nodes", "tenant"], "with a `pattern`", help);
        all.push((entry.key.as_str(), Changed::read(cluster)));
    }
    all
}

fn tenants<'a>(
    context: Context<'_>,
    item: &'a Item,
    pattern: &Pattern,
    around: &Surroundings<'_>,
) -> Option<Vec<(&'a str, &'a Table)>> {
    let table = context.table(item)?;
    if !pattern.has_tenants() {
        let what = format!("`{}` has no clusters per tenant", pattern.name);
        context.log.problem(item.place, what, "use `standard-ha-multitenant`, or remove `tenants`");
        return None;
    }
    let read: Vec<_> = table
        .entries
        .iter()
        .map(|entry| {
            let known = context.checked_name(entry.place, &entry.key)
                && around.knows(context, entry.place, &entry.key);
            let counts = context.table(&entry.item)?;
            known.then_some((entry.key.as_str(), counts))
        })
        .collect();
    read.into_iter().collect()
}

/// The position in the pattern of the cluster that is counted.
fn position(
    context: Context<'_>,
    pattern: &Pattern,
    tenant: Option<&str>,
    entry: &Entry,
) -> Option<usize> {
    let found = pattern.clusters.iter().position(|cluster| cluster.name == entry.key);
    let Some(at) = found else { return unknown_cluster(context, pattern, entry) };
    let (name, per_tenant) = (&entry.key, pattern.clusters[at].per_tenant);
    if per_tenant == tenant.is_some() {
        return Some(at);
    }
    let what = format!("`{name}` does not stand here in `{}`", pattern.name);
    let help = match tenant {
        None => format!("each tenant has its own: tenants.NAME = {{ {name} = 2 }}"),
        Some(_) => format!("all tenants share it: nodes = {{ {name} = 2 }}"),
    };
    context.log.problem(entry.place, what, help);
    None
}

fn unknown_cluster<T>(context: Context<'_>, pattern: &Pattern, entry: &Entry) -> Option<T> {
    let names: Vec<_> = pattern.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    let what = format!("`{}` has no cluster `{}`", pattern.name, shown(&entry.key));
    context.log.problem(entry.place, what, suggestion(&entry.key, &names));
    None
}

fn missing(section: Section<'_>, pattern: &Pattern, nodes: &Table) {
    let needed = pattern.clusters.iter().filter(|cluster| !cluster.optional);
    for cluster in needed.filter(|cluster| nodes.get(&cluster.name).is_none()) {
        let (name, least) = (&cluster.name, cluster.least);
        let what = format!("`{}` needs nodes of `{name}`", pattern.name);
        section.problem(what, format!("add nodes.{name} = {least}, or more"));
    }
}
