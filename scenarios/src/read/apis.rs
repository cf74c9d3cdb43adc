//! `apis`: how many APIs gateways have to load, in all or by tenant.

use std::collections::{BTreeMap, BTreeSet};

use sim::deployment::{Cluster, Flow, FlowKind, Role};

use crate::document::{Item, toml_key};
use crate::read::section::Context;
use crate::read::surroundings::Surroundings;

/// Most APIs.
const MOST: u64 = 1_000_000;

/// How many APIs each tenant has that has any; of a number alone as many as the others, as far as that goes.
pub(crate) fn read<'a>(
    context: Context<'_>,
    item: Option<&Item>,
    flows: impl Iterator<Item = &'a Flow>,
    around: &Surroundings<'_>,
) -> BTreeMap<String, u32> {
    let Some(item) = item else { return BTreeMap::new() };
    let called = flows.filter(|flow| flow.kind == FlowKind::Api);
    let mut tenants: BTreeSet<&str> = called.map(|flow| flow.tenant.as_str()).collect();
    let Some(table) = item.table() else {
        // Where nobody calls APIs, they are there all the same.
        if tenants.is_empty() {
            tenants.insert(Flow::DEFAULT_TENANT);
        }
        let all = context.integer(item, 0, MOST).unwrap_or(0);
        return evenly(all, &tenants);
    };
    let mut apis = BTreeMap::new();
    for entry in &table.entries {
        let number = context.integer(&entry.item, 0, MOST).unwrap_or(0);
        if around.knows(context, entry.place, &entry.key) && number > 0 {
            apis.insert(entry.key.clone(), number as u32);
        }
    }
    for tenant in tenants.iter().filter(|tenant| table.get(tenant).is_none()) {
        let what = format!("`apis` says nothing of the tenant `{tenant}`, whose APIs are called");
        context.log.problem(item.place, what, format!("add {} = 10", toml_key(tenant)));
    }
    apis
}

/// The first ones have one more where it does not come out even.
fn evenly(all: u64, tenants: &BTreeSet<&str>) -> BTreeMap<String, u32> {
    let (each, more) = (all / tenants.len() as u64, all % tenants.len() as u64);
    let share = (0..).zip(tenants).map(|(place, tenant)| {
        let number = each + u64::from(place < more);
        ((*tenant).to_owned(), number as u32)
    });
    share.filter(|(_, number)| *number > 0).collect()
}

/// Gateways of a tenant's own have its APIs; those that all share have the others.
pub(crate) fn share(apis: &BTreeMap<String, u32>, clusters: &mut [Cluster]) {
    let gateways = clusters.iter().filter(|cluster| cluster.roles.contains(&Role::Gateway));
    let apart: Vec<String> = gateways.filter_map(|cluster| cluster.tenant.clone()).collect();
    for cluster in clusters {
        let serves = |tenant: &String| match &cluster.tenant {
            Some(own) => tenant == own,
            None => !apart.contains(tenant),
        };
        let own = apis.iter().filter(|(tenant, _)| serves(tenant));
        cluster.apis = own.map(|(tenant, number)| (tenant.clone(), *number)).collect();
    }
}
