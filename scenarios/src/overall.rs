//! `traffic` and `tenants`: what `--set` changes of all flows together. The document says afterwards of each flow what
//! it was made to, so that all that is read of it is a scenario like any other.

use sim::deployment::{Arrivals, Flow};
use sim::scenario::Scenario;

use crate::document::{Entry, Item, Place, Table, Value};
use crate::quantity::shown;
use crate::read::section::Context;

/// All requests together that come by themselves.
pub(crate) const TRAFFIC: &str = "traffic";
/// How many equal tenants share the flows.
pub(crate) const TENANTS: &str = "tenants";
/// Most of them.
const MOST_TENANTS: u64 = 100;

/// Scales all flows alike, so that their mean rates add up to one; `scenario` is what the document says so far.
pub(crate) fn set_traffic(
    context: Context<'_>,
    root: &mut Item,
    scenario: &Scenario,
    value: &Item,
) -> Option<()> {
    let stated = context.positive_rate(value)?;
    let window = scenario.run.whole.unwrap_or(scenario.run.window);
    let is_open = |flow: &&Flow| flow.arrivals.mean_rate(window).is_some();
    if let Some(closed) = scenario.flows.iter().find(|flow| !is_open(flow)) {
        let what =
            format!("the requests of `{}` come from users, not at a rate", shown(&closed.name));
        let help = "set its users instead, or remove the flow";
        context.log.problem(value.place, what, help);
        return None;
    }
    let now: f64 = scenario.flows.iter().filter_map(|flow| flow.arrivals.mean_rate(window)).sum();
    if now <= 0.0 {
        let what = "no flow has a request in the window, so that there is nothing to scale";
        context.log.problem(value.place, what, "state rates above 0");
        return None;
    }
    flows_of(root).for_each(|flow| scale(flow, stated / now, value.place));
    Some(())
}

/// Divides all flows evenly among so many tenants: the first is the one that the file has, and each further one has
/// flows, clusters and APIs like it, whose names end in its number.
pub(crate) fn set_tenants(
    context: Context<'_>,
    root: &mut Item,
    scenario: &Scenario,
    value: &Item,
) -> Option<()> {
    let count = context.integer(value, 1, MOST_TENANTS)?;
    let tenant = scenario.flows.first()?.tenant.clone();
    if let Some(other) = scenario.flows.iter().find(|flow| flow.tenant != tenant) {
        let (one, other) = (shown(&tenant), shown(&other.tenant));
        let what = format!("the flows are of `{one}` and `{other}` already");
        context.log.problem(value.place, what, "`tenants` divides the flows of a single tenant");
        return None;
    }
    let is_closed =
        |flow: &&Flow| matches!(flow.arrivals, Arrivals::Closed { .. } | Arrivals::OfUsers { .. });
    if let Some(closed) = scenario.flows.iter().find(is_closed) {
        let what = format!("the users of `{}` cannot be divided", shown(&closed.name));
        context.log.problem(value.place, what, "`tenants` divides flows that come at a rate");
        return None;
    }
    flows_of(root).for_each(|flow| scale(flow, 1.0 / count as f64, value.place));
    let Value::Table(file) = &mut root.value else { return None };
    for entry in &mut file.entries {
        match (entry.key.as_str(), &mut entry.item.value) {
            ("flow", Value::Array(flows)) => multiply(flows, &tenant, count, value.place),
            ("deployment", Value::Array(deployments)) => {
                let tables = deployments.iter_mut().filter_map(table_of);
                let own = tables.filter_map(|table| entry_of(table, TENANTS));
                own.filter_map(table_of).for_each(|table| copy_key(table, &tenant, count));
            }
            ("apis", Value::Table(apis)) => copy_key(apis, &tenant, count),
            _ => {}
        }
    }
    Some(())
}

/// `orders-2`: the name of the same of a further tenant.
fn numbered(name: &str, number: u64) -> String {
    format!("{name}-{number}")
}

/// Adds the flows of the further tenants.
fn multiply(flows: &mut Vec<Item>, tenant: &str, count: u64, place: Place) {
    let own = flows.clone();
    for number in 2..=count {
        for flow in &own {
            let mut flow = flow.clone();
            let Some(table) = table_of(&mut flow) else { continue };
            let text = |text: String| Item { place, value: Value::Text(text) };
            if let Some(name) = table.get("name").and_then(Item::text) {
                let name = text(numbered(name, number));
                table.put(Entry { key: "name".to_owned(), place, item: name });
            }
            let tenant = text(numbered(tenant, number));
            table.put(Entry { key: "tenant".to_owned(), place, item: tenant });
            flows.push(flow);
        }
    }
}

/// Repeats what a table says of a tenant for the further ones.
fn copy_key(table: &mut Table, tenant: &str, count: u64) {
    let Some(entry) = table.entry(tenant).cloned() else { return };
    for number in 2..=count {
        table.put(Entry { key: numbered(tenant, number), ..entry.clone() });
    }
}

/// Multiplies how often the requests of a flow come.
fn scale(flow: &mut Item, factor: f64, place: Place) {
    let Some(arrivals) = table_of(flow).and_then(|table| entry_of(table, "arrivals")) else {
        return;
    };
    let Some(arrivals) = table_of(arrivals) else { return };
    let now = match arrivals.get("scale").map(|item| &item.value) {
        Some(Value::Float(scale)) => *scale,
        Some(Value::Integer(scale)) => *scale as f64,
        _ => 1.0,
    };
    if factor != 1.0 {
        let item = Item { place, value: Value::Float(now * factor) };
        arrivals.put(Entry { key: "scale".to_owned(), place, item });
    }
}

fn flows_of(root: &mut Item) -> impl Iterator<Item = &mut Item> {
    let flows = table_of(root).and_then(|file| entry_of(file, "flow"));
    let flows = flows.and_then(|item| match &mut item.value {
        Value::Array(flows) => Some(flows),
        _ => None,
    });
    flows.into_iter().flatten()
}

fn table_of(item: &mut Item) -> Option<&mut Table> {
    match &mut item.value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

fn entry_of<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Item> {
    let mut entries = table.entries.iter_mut();
    entries.find(|entry| entry.key == key).map(|entry| &mut entry.item)
}
