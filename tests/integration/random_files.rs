//! Scenario files at random, simulated by both engines.

mod drawing;
#[path = "../../sim/tests/random_scenario/draws.rs"]
mod draws;

use std::collections::BTreeSet;

use rayon::prelude::*;
use scenarios::load_text;
use serde_json::Value as Json;
use sim::cause::Cause;
use sim::deployment::Deployment;
use sim::engine::Observations;
use sim::experiment::compare_engines;
use sim::oracle::Agreement;
use sim::scenario::Scenario;
use toml::{Table, Value};

use crate::program::Folder;
use drawing::{BALANCERS, KINDS, TABLES};

/// So many files are drawn.
const FILES: u64 = 100;

/// A file and what both engines see of its deployments.
struct Case {
    seed: u64,
    table: Table,
    /// The names of the clusters of each deployment.
    clusters: Vec<Vec<String>>,
    seen: Vec<Observations>,
    /// Whether the order of no two events hangs on a nanosecond of rounding.
    is_compared: bool,
}

fn folder() -> Folder {
    let folder = Folder::new();
    for (name, text) in TABLES {
        folder.write(name, text);
    }
    folder
}

fn load(folder: &Folder, seed: u64, text: &str) -> Scenario {
    let loaded = load_text("random.toml", text, folder.path(), &[]);
    loaded.unwrap_or_else(|problems| panic!("seed {seed}: {problems}\n{text}")).scenario
}

/// Simulates the file of a seed by both engines; an error where they differ.
fn case(folder: &Folder, seed: u64) -> Result<Case, String> {
    let text = drawing::file(seed);
    let scenario = load(folder, seed, &text);
    let compared = compare_engines(&scenario, 0).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut is_compared = true;
    for (place, (_, agreement)) in compared.iter().enumerate() {
        match agreement {
            Agreement::Agree => {}
            Agreement::HangsOnRounding(_) => is_compared = false,
            Agreement::Differ(differences) => {
                return Err(format!("seed {seed}, deployment {place}: {differences:#?}\n{text}"));
            }
        }
    }
    let seen = compared.into_iter().map(|(seen, _)| seen).collect();
    let names = |deployment: &Deployment| {
        deployment.clusters.iter().map(|cluster| cluster.name.clone()).collect()
    };
    let clusters = scenario.deployments.iter().map(names).collect();
    Ok(Case { seed, table: toml::from_str(&text).expect("TOML"), clusters, seen, is_compared })
}

#[test]
fn random_files_agree_and_each_failure_balancer_and_cause_occurs() {
    let folder = folder();
    let cases: Vec<_> = (0..FILES).into_par_iter().map(|seed| case(&folder, seed)).collect();
    let (cases, differ): (Vec<_>, Vec<_>) = cases.into_iter().partition(Result::is_ok);
    let differ: Vec<String> = differ.into_iter().filter_map(Result::err).collect();
    assert!(differ.is_empty(), "the engines differ in {}:\n{}", differ.len(), differ.join("\n"));
    let cases: Vec<Case> = cases.into_iter().filter_map(Result::ok).collect();
    let compared: Vec<&Case> = cases.iter().filter(|case| case.is_compared).collect();
    assert!(compared.len() >= 95, "{} of {FILES} are compared", compared.len());
    each_cause_occurs(&compared);
    each_balancer_is_used(&compared);
    each_failure_makes_a_difference(&folder, &compared);
    each_key_is_drawn(&cases);
}

fn each_cause_occurs(cases: &[&Case]) {
    for cause in Cause::ALL {
        let flows = cases.iter().flat_map(|case| &case.seen).flat_map(|seen| &seen.flows);
        let failed: u64 = flows.map(|flow| flow.failed[cause]).sum();
        assert!(failed > 0, "no request fails as `{}`", cause.name());
    }
}

/// Every policy of every product has chosen a node for a request.
fn each_balancer_is_used(cases: &[&Case]) {
    let mut used = BTreeSet::new();
    for case in cases {
        let deployments = tables(&case.table, "deployment").zip(&case.clusters).zip(&case.seen);
        for ((deployment, names), seen) in deployments {
            let entered = |named: &str| {
                // Clusters of tenants are stated as one.
                let is_named = |name: &str| name.split('@').next() == Some(named);
                let all = names.iter().zip(&seen.clusters);
                all.filter(|(name, _)| is_named(name)).any(|(_, cluster)| cluster.entered > 0)
            };
            let clusters = deployment.get("clusters").and_then(Value::as_table);
            let clusters = clusters.into_iter().flatten().filter(|(name, _)| entered(name));
            used.extend(clusters.filter_map(|(_, cluster)| balancer_of(cluster)));
        }
    }
    for (product, policies) in BALANCERS {
        for policy in policies {
            let is_used = used.contains(&(product.to_owned(), (*policy).to_owned()));
            assert!(is_used, "no cluster has the policy `{policy}` of `{product}`");
        }
    }
}

/// The product and the policy of the balancer of a cluster.
fn balancer_of(cluster: &Value) -> Option<(String, String)> {
    let balancer = cluster.get("balancer")?;
    if let Some(policy) = balancer.as_str() {
        return Some((String::new(), policy.to_owned()));
    }
    let product = balancer.get("product")?.as_str()?;
    let (_, policies) = BALANCERS.iter().find(|(known, _)| *known == product)?;
    let policy = balancer.get("policy").map_or(Some(policies[0]), Value::as_str)?;
    Some((product.to_owned(), policy.to_owned()))
}

/// The tables of a list.
fn tables<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

/// Something that can be taken out of a file.
struct Part {
    /// What it is, in words.
    name: String,
    without: Table,
}

/// Each kind of failure, scripted and at random, of each of what fails, and each kind of restart has happened
/// in some file: without it the same file shows something else.
fn each_failure_makes_a_difference(folder: &Folder, cases: &[&Case]) {
    let mut wanted: BTreeSet<String> =
        ["restart rolling", "restart recreate", "a startup probe", "a liveness probe", "standby"]
            .map(str::to_owned)
            .into();
    for of in ["nodes", "zone", "everything", "database", "backend"] {
        wanted.insert(format!("a drill of {of}"));
    }
    for kind in KINDS {
        wanted.extend([format!("a drill of kind {kind}"), format!("a node's random {kind}")]);
    }
    for of in ["a zone's", "a database's", "a backend's"] {
        wanted.insert(format!("{of} random failure"));
    }
    for case in cases {
        for part in parts(&case.table) {
            if wanted.contains(&part.name) && differs(folder, case, &part.without) {
                wanted.remove(&part.name);
            }
        }
    }
    assert!(wanted.is_empty(), "nothing shows {wanted:?}");
}

fn differs(folder: &Folder, case: &Case, without: &Table) -> bool {
    let text = toml::to_string(without).expect("TOML");
    let compared = compare_engines(&load(folder, case.seed, &text), 0).expect("it fits");
    let sums = |seen: &Observations| -> Vec<(u64, u64, u64, u64)> {
        let flows = seen.flows.iter();
        let sums = |flow: &sim::engine::FlowObservations| {
            (flow.answered, flow.failures(), flow.retries, flow.sojourn_sum.to_bits())
        };
        flows.map(sums).collect()
    };
    compared.iter().zip(&case.seen).any(|((now, _), before)| sums(now) != sums(before))
}

/// The drills, failures and restarts of a file.
fn parts(table: &Table) -> Vec<Part> {
    let mut parts = Vec::new();
    let whole = Value::Table(table.clone());
    for (index, drill) in tables(table, "drill").enumerate() {
        let text = |key| drill.get(key).and_then(Value::as_str).unwrap_or_default();
        let of = match text("what") {
            what if what.starts_with("zone:") => "zone",
            what if what.starts_with("backend:") => "backend",
            what @ ("everything" | "database") => what,
            _ => "nodes",
        };
        let mut without = table.clone();
        if let Some(Value::Array(drills)) = without.get_mut("drill") {
            drills.remove(index);
        }
        for name in [format!("a drill of {of}"), format!("a drill of kind {}", text("kind"))] {
            parts.push(Part { name, without: without.clone() });
        }
    }
    let mut ways = Vec::new();
    ways_in(&whole, &mut Vec::new(), &mut ways);
    for way in ways {
        let steps: Vec<&str> = way.iter().map(String::as_str).collect();
        let name = match steps[..] {
            ["profile", _, "failures", kind] => format!("a node's random {kind}"),
            ["profile", _, "mtbf"] => "a node's random crash".to_owned(),
            ["deployment", _, "failures", "zone", _] => "a zone's random failure".to_owned(),
            ["deployment", _, "failures", "database", _] => {
                "a database's random failure".to_owned()
            }
            ["flow", _, "backend_failures", _] => "a backend's random failure".to_owned(),
            ["deployment", _, "clusters", _, probe @ ("startup" | "liveness")] => {
                format!("a {probe} probe")
            }
            ["deployment", _, "clusters", _, "standby"] => "standby".to_owned(),
            ["deployment", _, "clusters", _, "restart"] => {
                let kind = at(&whole, &way).get("kind").and_then(Value::as_str);
                format!("restart {}", kind.expect("stated"))
            }
            _ => continue,
        };
        let mut without = whole.clone();
        remove(&mut without, &way);
        let Value::Table(without) = without else { continue };
        parts.push(Part { name, without });
    }
    parts
}

/// Every way to a value of a document.
fn ways_in(value: &Value, way: &mut Vec<String>, ways: &mut Vec<Vec<String>>) {
    let steps: Vec<(String, &Value)> = match value {
        Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(place, item)| (place.to_string(), item)).collect()
        }
        _ => return,
    };
    for (step, value) in steps {
        way.push(step);
        ways.push(way.clone());
        ways_in(value, way, ways);
        way.pop();
    }
}

fn at<'a>(mut value: &'a Value, way: &[String]) -> &'a Value {
    for step in way {
        value = match value {
            Value::Array(items) => &items[step.parse::<usize>().expect("a place")],
            table => &table[step.as_str()],
        };
    }
    value
}

fn remove(value: &mut Value, way: &[String]) {
    let (last, before) = way.split_last().expect("a key");
    let mut value = value;
    for step in before {
        value = match value {
            Value::Array(items) => &mut items[step.parse::<usize>().expect("a place")],
            table => &mut table[step.as_str()],
        };
    }
    value.as_table_mut().expect("a table").remove(last);
}

/// Keys that say nothing of what is simulated, or how much of it.
const NOT_DRAWN: [&str; 25] = [
    "availability",
    "confidence",
    "demand_error",
    "error_rate",
    "from",
    "goal",
    "horizon",
    "indifference",
    "isolation",
    "least_difference",
    "max_replications",
    "mean",
    "most",
    "noisy",
    "patterns",
    "plan",
    "precision",
    "price",
    "probability",
    "question",
    "sample",
    "survive",
    "threads",
    "to",
    "uncertainty",
];

/// A key that the schema gets is drawn, too.
fn each_key_is_drawn(cases: &[Case]) {
    let mut drawn = BTreeSet::new();
    for case in cases {
        let mut ways = Vec::new();
        ways_in(&Value::Table(case.table.clone()), &mut Vec::new(), &mut ways);
        drawn.extend(ways.into_iter().filter_map(|mut way| way.pop()));
    }
    let mut known = BTreeSet::new();
    keys_of(&scenarios::spec::schema(), &mut known);
    let is_goal = |key: &str| key.starts_with('p') && key[1..].parse::<f64>().is_ok();
    let missing: Vec<&String> = known
        .iter()
        .filter(|key| !drawn.contains(*key) && !NOT_DRAWN.contains(&key.as_str()) && !is_goal(key))
        .collect();
    assert!(missing.is_empty(), "no file says {missing:?}");
}

/// The names of all keys of a schema.
fn keys_of(schema: &Json, keys: &mut BTreeSet<String>) {
    match schema {
        Json::Object(object) => {
            if let Some(properties) = object.get("properties").and_then(Json::as_object) {
                keys.extend(properties.keys().cloned());
            }
            object.values().for_each(|part| keys_of(part, keys));
        }
        Json::Array(parts) => parts.iter().for_each(|part| keys_of(part, keys)),
        _ => {}
    }
}
