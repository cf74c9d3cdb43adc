//! The whole file.

use std::collections::{BTreeMap, BTreeSet};

use sim::deployment::Flow;
use sim::planning::Planning;
use sim::scenario::Scenario;

use crate::document::{Item, Table, Value};
use crate::quantity::shown;
use crate::read::deployment;
use crate::read::profiles::{Profiles, is_stand_in};
use crate::read::routes::{self, PlacedFlow};
use crate::read::section::{Context, Section};
use crate::read::surroundings::Surroundings;
use crate::read::{apis, drill, flow, goal, isolation, limits, patience, plan, probes, run, users};

/// The keys of the file.
pub(crate) const KEYS: &[&str] = &[
    "title",
    "question",
    "apis",
    "run",
    "goal",
    "isolation",
    "plan",
    "flow",
    "deployment",
    "drill",
    "profile",
];

/// Most flows of one scenario.
const MOST_FLOWS: usize = 500;
/// Most deployments, and most drills, of one scenario.
const MOST: usize = 100;

/// What a file says.
pub(crate) struct Understood {
    pub(crate) scenario: Scenario,
    pub(crate) planning: Planning,
    /// The tables of the profiles in use.
    pub(crate) profiles: BTreeMap<String, Table>,
}

/// What a file says; only to be used where no problem was noted.
pub(crate) fn read(context: Context<'_>, root: &Item, stem: &str) -> Option<Understood> {
    let section = Section::open(context, root, KEYS)?;
    let title = section.get("title").and_then(|item| context.text(item));
    let question = section.get("question").and_then(|item| context.text(item));
    let run = run::read(context, section.get("run"));
    let goal::OfEveryFlow { goals, horizon, survive } = goal::read(context, section.get("goal"));
    let flow_items = list(section, "flow", true);
    let names: Vec<&str> = flow_items.iter().map(name_of).collect();
    let read = |item| Some(PlacedFlow { flow: flow::read(context, item, &run, &names)?, item });
    let flows: Vec<_> = flow_items.iter().filter_map(read).collect();
    check_names(context, flow_items, "flow");
    let tenants: BTreeSet<String> = tenants(flow_items);
    let profiles = Profiles::new(context, section.get("profile"));
    let around = Surroundings { profiles: &profiles, tenants: &tenants };
    let called = flows.iter().map(|placed| &placed.flow);
    let apis = apis::read(context, section.get("apis"), called, &around);
    let deployment_items = list(section, "deployment", true);
    let placed = deployment_items.iter();
    let placed: Vec<_> =
        placed.filter_map(|item| deployment::read(context, item, &around, &apis)).collect();
    check_names(context, deployment_items, "deployment");
    let names: Vec<&str> = deployment_items.iter().map(name_of).collect();
    let planning = plan::read(context, section.get("plan"), &names);
    // A deployment or a profile that could not be read would make profiles look unused.
    let clusters = || placed.iter().flat_map(|placed| &placed.deployment.clusters);
    let is_whole = !clusters().any(|cluster| is_stand_in(&cluster.profile));
    profiles.check_unused(is_whole && placed.len() == deployment_items.len());
    // Flows that could not be read would make clusters look unreachable, and others have their numbers.
    let are_whole = flows.len() == flow_items.len() && users::check(context, &flows);
    let checked = placed.iter().filter(|_| are_whole);
    let networks: Vec<_> =
        checked.filter_map(|placed| routes::check(context, placed, &flows)).collect();
    let flows: Vec<_> = flows.into_iter().map(|placed| placed.flow).collect();
    let drills = list(section, "drill", false)
        .iter()
        .filter_map(|item| drill::read(context, item, run.window, &flows, &placed))
        .collect();
    if context.log.is_clean() {
        for (placed, network) in placed.iter().zip(&networks) {
            patience::check(context, placed, network, &flows, run.window);
        }
    }
    // Of flows that could not be read, tenants and users may be missing.
    let isolation = section.get("isolation").filter(|_| are_whole);
    let isolation = isolation.and_then(|item| isolation::read(context, item, &flows));
    let scenario = Scenario {
        title: title.unwrap_or(stem).to_owned(),
        question: question.unwrap_or("").to_owned(),
        flows,
        deployments: placed.into_iter().map(|placed| placed.deployment).collect(),
        drills,
        goals,
        survive,
        horizon,
        isolation,
        run,
    };
    warn(context, &scenario);
    let settings = section.get("run").and_then(|item| Section::open(context, item, run::KEYS));
    let sample = settings.filter(|_| context.log.is_clean());
    let sample = sample.and_then(|settings| run::sample(settings, &scenario));
    let scenario = match sample {
        Some(share) => run::shortened(scenario, share),
        None => scenario,
    };
    limits::check(context, &scenario, section.get("run").map_or(root.place, |item| item.place));
    Some(Understood { scenario, planning, profiles: profiles.into_merged() })
}

/// The elements of a list of tables.
fn list<'a>(section: Section<'a>, key: &'static str, needed: bool) -> &'a [Item] {
    let Some(item) = section.get(key) else {
        if needed {
            section.problem(format!("there is no [[{key}]]"), format!("add [[{key}]] at the end"));
        }
        return &[];
    };
    let Value::Array(items) = &item.value else {
        let help = format!("write [[{key}]], with two brackets on each side");
        section.context.not::<()>(item, "a list of tables", &help);
        return &[];
    };
    if needed && items.is_empty() {
        section.context.log.problem(item.place, format!("there is no {key}"), "add one");
    }
    let most = if key == "flow" { MOST_FLOWS } else { MOST };
    if items.len() > most {
        let what = format!("{} are too many", items.len());
        section.context.log.problem(item.place, what, format!("there are at most {most}"));
        return &[];
    }
    items
}

/// Notes the names that occur twice.
fn check_names(context: Context<'_>, items: &[Item], noun: &str) {
    let mut known = BTreeSet::new();
    let named = items.iter().filter_map(|item| item.table()?.get("name"));
    for item in named {
        let Some(name) = item.text() else { continue };
        if !known.insert(name) {
            let what = format!("there are two {noun}s of the name `{}`", shown(name));
            context.log.problem(item.place, what, "give each a name of its own");
        }
    }
}

/// The name in a table; empty where it has none.
fn name_of(item: &Item) -> &str {
    item.table().and_then(|table| table.get("name")?.text()).unwrap_or("")
}

fn tenants(flows: &[Item]) -> BTreeSet<String> {
    let tables = flows.iter().filter_map(Item::table);
    tables
        .filter_map(|table| table.get("tenant").map_or(Some(Flow::DEFAULT_TENANT), Item::text))
        .map(str::to_owned)
        .collect()
}

/// Warns of what is right but surprising.
fn warn(context: Context<'_>, scenario: &Scenario) {
    for deployment in &scenario.deployments {
        for cluster in &deployment.clusters {
            let whom = format!("`{}` of deployment `{}`", cluster.name, deployment.name);
            if scenario.survive > 0 && cluster.nodes == 1 {
                let what = "`survive = 1` cannot be met where a cluster is a single node";
                context.log.warn(what, &*whom);
            }
            probes::warn(context, cluster, &whom);
        }
    }
}
