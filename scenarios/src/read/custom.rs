//! The clusters of a placement of one's own.

use std::collections::BTreeMap;

use sim::deployment::{Balancing, Cluster, Policy};

use crate::document::{Entry, Item};
use crate::read::cluster::{self, Changed, MOST_NODES, Placed};
use crate::read::profiles;
use crate::read::section::{Context, Section};
use crate::read::surroundings::Surroundings;

/// The clusters that a user wrote; none where one is wrong.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    around: &Surroundings<'_>,
) -> Option<Vec<Placed>> {
    let table = context.table(item)?;
    if table.entries.is_empty() {
        context.log.problem(item.place, "there is no cluster", "add [deployment.clusters.NAME]");
        return None;
    }
    let read: Vec<_> =
        table.entries.iter().map(|entry| cluster_of(context, entry, around)).collect();
    read.into_iter().collect()
}

fn cluster_of(context: Context<'_>, entry: &Entry, around: &Surroundings<'_>) -> Option<Placed> {
    let named = context.checked_name(entry.place, &entry.key);
    let section = Section::open(context, &entry.item, cluster::KEYS)?;
    let roles = section.need("roles", "[\"gateway\"]").and_then(|i| cluster::roles(context, i));
    let nodes = section.need("nodes", "2").and_then(|i| context.integer(i, 1, MOST_NODES));
    section.need("profile", "\"gateway\"");
    let changed = Changed::read(section);
    let profile = changed.profile.and_then(|(name, place)| around.profiles.get(name, place));
    let profile = profile.unwrap_or_else(profiles::stand_in);
    let tenant = section.get("tenant").map(|item| {
        let tenant = context.name(item)?;
        around.knows(context, item.place, &tenant).then_some(tenant)
    });
    let tenant = tenant.map_or(Some(None), |tenant| tenant.map(Some));
    let cluster = Cluster {
        name: named.then(|| entry.key.clone())?,
        roles: roles?,
        tenant: tenant?,
        nodes: nodes.unwrap_or(1) as u32,
        zones: changed.zones(),
        apis: BTreeMap::new(),
        restart: changed.restart,
        standby: changed.standby(None),
        probing: changed.probing,
        profile,
        balancing: changed.balancing(Balancing::plain(Policy::RoundRobin, cluster::PASSIVE)),
    };
    changed.check_standby(context, &cluster);
    Some(Placed { cluster, place: entry.place })
}
