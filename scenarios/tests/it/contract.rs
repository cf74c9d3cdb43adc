//! The examples of the documented file format load, and mean what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use scenarios::{Loaded, load_text};
use serde_json::Value as Json;
use sim::deployment::{AllocationBudget, Arrivals, Bursts, Database, Discipline, Token};
use sim::planning::Planning;
use sim::random::Law;
use sim::scenario::{LatencyMetric, Replications, Scenario};
use sim::time::SimDuration;

const WHOLE: &str = r#"
title    = "Retail launch"
question = "Does standard HA carry the launch peak, or do we need the scalable pattern?"

[run]
window = "10 min"
replications = 20
seed = 1
confidence = "95 %"

[goal]
p99 = "300 ms"
error_rate = "0.1 %"
availability = "99.95 %"
survive = 1

[[flow]]
name = "orders"
kind = "api"
tenant = "acme"
arrivals = { process = "poisson", rate = "900 /s" }
operation = "passthrough"
size = "1 KiB"
token = "jwt"
integration = "micro-integrator"
mediation = "directapi"
backend = { law = "lognormal", mean = "40 ms", cv = 0.8 }
timeout = "30 s"

[[deployment]]
name = "ha"
pattern = "standard-ha"
nodes = { all-in-one = 2, micro-integrator = 2 }

[[deployment]]
name = "per-tenant"
pattern = "standard-ha-multitenant"
nodes = { all-in-one = 2 }
tenants.acme = { micro-integrator = 2 }

[[deployment]]
name = "scalable"
pattern = "simple-scalable"
nodes = { control-plane = 2, gateway = 3, micro-integrator = 2 }

[profile.gateway]
cores = 4
"#;

const PROFILE: &str = r#"
title = "A profile, written out"
[[flow]]
name = "calls"
kind = "api"
arrivals = { process = "deterministic", rate = "600 /min" }
[[deployment]]
name = "just-a-queue"
[deployment.clusters.server]
roles = ["gateway"]
nodes = 4
profile = "gateway"
balancer = "round-robin"
[profile.gateway]
cores = 2
workers = 400
queue = 1000
bursts = 8
discipline = "ps"
hop = "0.7 ms"
demand.passthrough = { mean = "0.575 ms", per_kib = "0.0225 ms", law = "lognormal", cv = 1.0 }
gc = { requests_per_pause = 3500, pause = "55 ms", cv = 0.55, per_in_flight = "0.03 ms" }
mtbf = "30 d"
mttr = "2 min"
start_up = "80 s"
price = "0.17 /h"
"#;

/// Uses every key that there is, but for those that exclude others; no value is the default.
const EVERYTHING: &str = r#"
title = "Everything"
question = "Does every key do something?"
apis = 40
[run]
window = "2 min"
warm_up = "5 s"
precision = "2 %"
max_replications = 30
seed = 7
confidence = "90 %"
least_difference = "2 %"
[goal]
mean = "1 s"
p50 = "1 s"
p75 = "1 s"
p90 = "1 s"
p95 = "1 s"
p98 = "1 s"
p99 = "1 s"
"p99.9" = "1 s"
"p99.99" = "1 s"
error_rate = "1 %"
availability = "99 %"
probability = "90 %"
horizon = "30 d"
survive = 1
[isolation]
noisy = "acme"
factor = 3
[plan]
patterns = ["simple-scalable"]
most = 9
confidence = "90 %"
indifference = "2 %"
[[flow]]
name = "calls"
kind = "api"
tenant = "acme"
arrivals = { process = "closed", users = 10, think = { law = "exponential", mean = "1 s" } }
operation = "transformation"
size = "50 B"
answer = "2 KiB"
token = "opaque"
cache_miss = "5 %"
integration = "micro-integrator"
mediation = "direct_proxy"
backend = { law = "empirical", file = "observed.csv", column = "took", unit = "ms" }
backend_failures.slow = { mtbf = "9 d", mttr = "5 min", factor = 4 }
timeout = "30 s"
timeout_cancels = true
retries = { max = 2, back_off = "50 ms", factor = 1.5, jitter = "10 %" }
[flow.goal]
mean = "2 s"
p50 = "2 s"
p75 = "2 s"
p90 = "2 s"
p95 = "2 s"
p98 = "2 s"
p99 = "2 s"
"p99.9" = "2 s"
"p99.99" = "2 s"
error_rate = "2 %"
availability = "98 %"
probability = "80 %"
[[flow]]
name = "events"
kind = "stream"
method = "PUT"
arrivals = { process = "mmpp", rates = ["1 /s", "9 /s"], stays = ["9 s", "1 s"], scale = 0.5 }
[[flow]]
name = "more-calls"
kind = "api"
tenant = "acme"
integration = "micro-integrator"
arrivals = { process = "users-of", flow = "calls", share = "25 %" }
[[flow]]
name = "other"
kind = "api"
tenant = "acme"
token = "opaque"
tokens = 20
token_lifetime = "30 min"
throttle = { limit = 50, window = "30 s", delay = "2 s", sync = "3 s", burst = 7 }
backend = "20 ms"
endpoint = { timeout = "40 s", suspend = "20 s", factor = 2.0, longest = "2 min" }
integration = "micro-integrator"
arrivals = { process = "closed", users = 3, think = "1 s", scale = 3 }
[[deployment]]
name = "pattern"
pattern = "standard-ha-multitenant"
nodes = { all-in-one = 2 }
tenants.acme = { micro-integrator = 2 }
tenants.default = { streaming-integrator = 2 }
clusters.all-in-one.balancer = "least-outstanding"
[[deployment]]
name = "own"
[deployment.clusters.front]
roles = ["gateway", "key-manager", "traffic-manager"]
nodes = 3
profile = "big"
balancer = "power-of-two"
health = { check = "active", interval = "1 s", unhealthy = 2, healthy = 3 }
[deployment.clusters.back]
roles = ["micro-integrator"]
nodes = 1
profile = "micro-integrator"
tenant = "acme"
health = { check = "passive", max_fails = 2, fail_timeout = "5 s" }
[deployment.clusters.stream]
roles = ["streaming-integrator"]
nodes = 2
profile = "reactor"
balancer = "sticky"
health = { check = "perfect" }
[[deployment]]
name = "products"
[deployment.clusters.front]
roles = ["gateway", "key-manager", "traffic-manager"]
nodes = 3
zones = 3
profile = "big"
restart = { kind = "rolling", at = "10 s", every = "7 d", surge = 2, unavailable = 1, drain = "20 s" }
startup = { check = "port", delay = "60 s", period = "5 s", failures = 4, check_timeout = "2 s", grace = "20 s" }
liveness = { delay = "20 s", period = "20 s", failures = 5, check_timeout = "3 s", grace = "40 s", demand = "2 ms" }
[deployment.clusters.front.balancer]
product = "nginx"
policy = "ip_hash"
networks = 40
workers = 4
zone = true
max_fails = 2
fail_timeout = "5 s"
connect_timeout = "2 s"
read_timeout = "300 s"
next_upstream = ["error", "http_404", "http_500", "http_503", "non_idempotent"]
next_upstream_tries = 2
next_upstream_timeout = "10 s"
connections = 768
[deployment.clusters.back]
roles = ["micro-integrator"]
nodes = 2
profile = "micro-integrator"
restart = { kind = "recreate", at = "5 s" }
[deployment.clusters.back.balancer]
product = "haproxy"
policy = "leastconn"
retries = 2
redispatch = true
check = "http"
inter = "3 s"
fall = 2
rise = 1
check_timeout = "1 s"
connect_timeout = "4 s"
server_timeout = "30 s"
limit = 10
queue = 100
queue_timeout = "3 s"
[deployment.clusters.stream]
roles = ["streaming-integrator"]
nodes = 2
profile = "reactor"
standby = { heartbeat = "2 s", missed = 4, polling = "3 s", snapshot = "2 min", restore = "1 s", outputs = "suppressed" }
[deployment.clusters.stream.balancer]
product = "kubernetes"
policy = "round-robin"
check = "port"
delay = "60 s"
period = "5 s"
failures = 5
successes = 2
check_timeout = "2 s"
node_lost_after = "50 s"
[[deployment]]
name = "ideal"
pattern = "standard-ha-multitenant"
nodes = { all-in-one = 2 }
tenants.acme = { micro-integrator = 2 }
tenants.default = { streaming-integrator = 2 }
clusters.all-in-one.balancer = { product = "ideal", policy = "least-outstanding" }
failures.zone.vanish = { mtbf = "300 d", mttr = "2 h" }
failures.database.hang = { mtbf = "180 d" }
failures.repairers = 2
clusters.micro-integrator.balancer = { product = "nginx", policy = "least_conn", busiest_worker = "94 %" }
[[drill]]
at = "10 s"
what = "gateway"
for = "20 s"
nodes = 2
kind = "slow"
factor = 5
[[drill]]
at = "1 min"
what = "gateway"
for = "20 s"
kind = "fail-fast"
delay = "5 ms"
[[drill]]
at = "90 s"
what = "zone:a"
for = "20 s"
kind = "hang"
[profile.big]
from = "all-in-one"
cores = 8
workers = 100
queue = 1000
bursts = 4
discipline = "fcfs"
hop = { law = "gamma", mean = "1 ms", cv = 0.5 }
demand.passthrough = { mean = "1 ms", per_kib = "0.1 ms", law = "weibull", cv = 0.5 }
demand_error = "2 %"
uncertainty = { hop = [0.3, 0], demand.passthrough = { mean = [0.01, -0.02] } }
gc = { requests_per_pause = 100, pause = "1 ms", cv = 1, per_in_flight = "1 us" }
mtbf = "none"
mttr = "1 min"
failures.crash = { mtbf = "20 d", mttr = "2 min" }
failures.vanish = { mtbf = "300 d", mttr = "1 h", law = "weibull", cv = 2 }
failures.hang = { mtbf = "90 d", mttr = "5 min", mttr_law = "lognormal", mttr_cv = 1.5 }
failures.cut-off = { mtbf = "200 d", mttr = "4 min" }
failing = "usual"
usual_failures.crash = { mtbf = "21 d", mttr = "3 min" }
usual_failures.vanish = { mtbf = "301 d", mttr = "2 h", law = "weibull", cv = 2 }
usual_failures.hang = { mtbf = "91 d", mttr = "4 min", mttr_law = "lognormal", mttr_cv = 1.5 }
usual_failures.fail-fast = { mtbf = "81 d", mttr = "5 min", delay = "3 ms" }
usual_failures.slow = { mtbf = "31 d", mttr = "11 min", factor = 4 }
usual_failures.cut-off = { mtbf = "201 d", mttr = "8 min" }
start_up = "10 s"
start_needs = "nothing"
token_store = "nowhere"
apis_per_second = 9.5
lazy_tenants = { idle = "20 min", sweep = "40 s" }
cold_start = { factor = 2, decay = "10 s" }
database = "none"
token_cache = { timeout = "20 s", sweep = "40 s", capacity = 5000 }
redis = { delay = "0.3 ms", quota_buffer = "30 %" }
replication = 0
price = "1 /h"
[profile.big.failures.fail-fast]
mtbf = "90 d"
mttr = "5 min"
law = "gamma"
cv = 0.5
mttr_law = "pareto"
mttr_cv = 2
delay = "2 ms"
[profile.big.failures.slow]
mtbf = "30 d"
mttr = "10 min"
law = "lognormal"
cv = 0.5
mttr_law = "hyperexponential"
mttr_cv = 2
factor = 3
[profile.reactor]
cores = 4
bursts = "reactor"
buffer = "8 KiB"
heap = "2 GiB"
container = { memory = "3 GiB", other = "400 MiB", beside = { heap = "256 MiB", other = "50 MiB", allocates = "2 MiB" } }
stalls = { every = "1 s", pause = "30 ms", cv = 0.5 }
crowding = "400 MiB"
database = { delay = "2 ms", pool = 20, at_once = 8 }
replication = 0.5
[profile.reactor.gc]
young = "60 %"
resident = "200 MiB"
background = "10 MiB"
tenured = "1 %"
pause = "30 ms"
per_copied_mib = "0.5 ms"
full_per_live_mib = "0.8 ms"
marking_per_live_mib = "0.9 ms"
restart = "5 s"
threads = 2
least_young = "4 %"
survivor_ratio = 6
marking_at = "40 %"
pause_target = "150 ms"
collector = "g1"
initial = "1 GiB"
[profile.reactor.demand.event]
mean = "1 ms"
on_workers = "50 %"
per_kib_on_workers = "10 %"
of_answer = "80 %"
mean_cv = 1.5
allocates = "150 KiB"
allocates_per_kib = "6 KiB"
retains = "20 KiB"
retains_per_kib = "2 KiB"
"#;

/// What the other text does not show: keys that exclude each other.
const OTHERWISE: &str = r#"
[apis]
other = 10
default = 20
[run]
from = "09:30"
to = "10:30"
replications = 3
[[flow]]
name = "calls"
kind = "api"
tenant = "other"
arrivals = { process = "poisson", rate = "9 /s", scale = 1.5 }
integration = "micro-integrator"
[[flow]]
name = "tokens"
kind = "token"
tenant = "other"
arrivals = { process = "deterministic", rate = "5 /s", scale = 2 }
[[flow]]
name = "pages"
kind = "portal"
arrivals = { process = "schedule", file = "day.csv", scale = 2 }
[[flow]]
name = "log"
kind = "api"
token = "opaque"
integration = "micro-integrator"
arrivals = { process = "trace", file = "trace.csv", scale = 2 }
retries = 2
[[drill]]
at = "1 s"
what = "gateway"
kind = "hang"
for = "1 s"
[[deployment]]
name = "ha"
pattern = "standard-ha"
nodes = { all-in-one = 2, micro-integrator = 2 }
[[deployment]]
name = "own"
[deployment.clusters.all]
roles = ["gateway", "key-manager", "traffic-manager", "publisher"]
nodes = 1
profile = "plain"
[deployment.clusters.back]
roles = ["micro-integrator"]
nodes = 1
profile = "runtime"
[profile.runtime]
from = "mi-4.0-4.1"
[profile.plain]
cores = 2
cold_start = { first = 50, requests = 500 }
gc = { requests_per_pause = 100, pause = "1 ms", full = { every = 50, pause = "2 s", cv = 0.3 } }
stalls = { every = "1 s", pause = "30 ms" }
lazy_tenants = { idle = "40 min", sweep = "20 s" }
demand.passthrough = { mean = "1 ms" }
demand.token = { mean = "1 ms" }
demand.portal = { mean = "1 ms" }
demand.introspection = { mean = "1 ms" }
demand.throttle-event = { mean = "1 ms" }
"#;

/// What stands beside schedules alone.
const SAMPLED: &str = r#"
[run]
window = "24 h"
sample = "5 min"
[[flow]]
name = "pages"
kind = "portal"
arrivals = { process = "schedule", file = "day.csv" }
[[deployment]]
name = "ha"
pattern = "standard-ha"
nodes = { all-in-one = 2 }
"#;

/// A folder with the files that the texts name, and another file that could stand for each of them.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("observed.csv", "took,other\n1,2\n3,4\n"),
        ("day.csv", "time_s,rate_per_s\n0,5\n86400,50\n"),
        ("trace.csv", "time_s\n34201\n34202\n"),
        ("other.csv", "time_s,rate_per_s,took\n1,2,3\n86399,5,6\n"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// A key in a document: the way to it, and what the schema says of it.
struct Key<'a> {
    way: Vec<String>,
    /// The table of the schema that has it, by its description; none in a map of names.
    owner: Option<&'a Json>,
}

/// A table in a document: the way to it, and the table of the schema that it follows.
type Placed<'a> = (Vec<String>, &'a Json);

/// Every key of a document, found along the schema, and every table that is no map of names.
fn keys<'a>(
    root: &'a Json,
    schema: &'a Json,
    value: &Json,
    way: &[String],
    found: &mut (Vec<Key<'a>>, Vec<Placed<'a>>),
) {
    let schema = resolved(root, schema, value);
    if value.is_object() && schema["properties"].is_object() {
        found.1.push((way.to_vec(), schema));
    }
    let deeper = |step: &str| [way, &[step.to_owned()]].concat();
    match value {
        Json::Object(table) => {
            for (name, value) in table {
                let property = &schema["properties"][name];
                let (owner, inner) = if property.is_null() {
                    (None, &schema["additionalProperties"])
                } else {
                    (Some(schema), property)
                };
                found.0.push(Key { way: deeper(name), owner });
                keys(root, inner, value, &deeper(name), found);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                if !value.is_object() {
                    found.0.push(Key { way: deeper(&index.to_string()), owner: None });
                }
                keys(root, &schema["items"], value, &deeper(&index.to_string()), found);
            }
        }
        _ => {}
    }
}

/// The schema without references, and of its alternatives the one that fits.
fn resolved<'a>(root: &'a Json, schema: &'a Json, value: &Json) -> &'a Json {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = root.pointer(&reference[1..]).expect("a definition");
        return resolved(root, schema, value);
    }
    let alternatives = schema["anyOf"].as_array().or(schema["oneOf"].as_array());
    let Some(alternatives) = alternatives else { return schema };
    let fits = |alternative: &&Json| {
        let mut alone = (*alternative).clone();
        alone["$defs"] = root["$defs"].clone();
        jsonschema::validator_for(&alone).expect("a schema").is_valid(value)
    };
    let fitting = alternatives.iter().find(fits).unwrap_or_else(|| panic!("{value} in {schema}"));
    resolved(root, fitting, value)
}

/// A document of the corpus, with its keys.
struct Document<'a> {
    table: toml::Table,
    keys: Vec<Key<'a>>,
    tables: Vec<Placed<'a>>,
    loaded: (Scenario, Planning),
}

fn corpus<'a>(schema: &'a Json, folder: &Path) -> Vec<Document<'a>> {
    let document = |text: &str| {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        let mut found = (Vec::new(), Vec::new());
        let json = serde_json::to_value(&table).expect("plain data");
        keys(schema, schema, &json, &[], &mut found);
        let loaded = try_load(&table, folder).unwrap_or_else(|said| panic!("{said}"));
        let (keys, tables) = found;
        Document { table, keys, tables, loaded }
    };
    [EVERYTHING, OTHERWISE, SAMPLED].map(document).into()
}

fn try_load(table: &toml::Table, folder: &Path) -> Result<(Scenario, Planning), String> {
    let text = toml::to_string(table).expect("TOML");
    let loaded = load_text("case.toml", &text, folder, &[]);
    loaded.map(|loaded| (loaded.scenario, loaded.planning)).map_err(|problems| problems.to_string())
}

/// The document with another value, or none, at the end of a way.
fn changed(table: &toml::Table, way: &[String], value: Option<toml::Value>) -> toml::Table {
    let mut whole = toml::Value::Table(table.clone());
    let (last, before) = way.split_last().expect("a key");
    let mut at = &mut whole;
    for step in before {
        at = match at {
            toml::Value::Array(items) => &mut items[step.parse::<usize>().expect("an index")],
            other => other.get_mut(step).expect("the way exists"),
        };
    }
    match (at, value) {
        (toml::Value::Table(table), Some(value)) => drop(table.insert(last.clone(), value)),
        (toml::Value::Table(table), None) => drop(table.remove(last)),
        (toml::Value::Array(items), Some(value)) => {
            items[last.parse::<usize>().expect("an index")] = value;
        }
        (toml::Value::Array(items), None) => drop(items.remove(last.parse().expect("an index"))),
        (other, _) => panic!("{other} has no keys"),
    }
    let toml::Value::Table(table) = whole else { panic!("a table stays one") };
    table
}

fn value_at<'t>(table: &'t toml::Table, way: &[String]) -> &'t toml::Value {
    let mut at = table.get(&way[0]).expect("the way exists");
    for step in &way[1..] {
        at = match at {
            toml::Value::Array(items) => &items[step.parse::<usize>().expect("an index")],
            other => other.get(step).expect("the way exists"),
        };
    }
    at
}

/// Every text that the schema lists somewhere.
fn listed(schema: &Json, texts: &mut BTreeSet<String>) {
    match schema {
        Json::Object(object) => {
            texts.extend(object.get("const").and_then(Json::as_str).map(str::to_owned));
            let several = object.get("enum").and_then(Json::as_array).into_iter().flatten();
            texts.extend(several.filter_map(Json::as_str).map(str::to_owned));
            object.values().for_each(|part| listed(part, texts));
        }
        Json::Array(parts) => parts.iter().for_each(|part| listed(part, texts)),
        _ => {}
    }
}

/// Values that a scalar could have instead.
fn others(value: &toml::Value, texts: &BTreeSet<String>) -> Vec<toml::Value> {
    match value {
        toml::Value::Integer(number) => vec![(number + 1).into(), (number - 1).into()],
        toml::Value::Float(number) => vec![(number * 1.5).into(), (number * 0.9).into()],
        toml::Value::String(text) => {
            let digits = text.match_indices(|letter: char| letter.is_ascii_digit());
            let number = digits.map(|(at, digit)| {
                let other = if digit == "2" { "1" } else { "2" };
                format!("{}{other}{}", &text[..at], &text[at + 1..])
            });
            let plain = ["other.csv", "other", "default"]
                .map(str::to_owned)
                .into_iter()
                .chain([format!("{text}x")]);
            let all = number.chain(plain).chain(texts.iter().cloned());
            all.filter(|other| other != text).map(toml::Value::from).collect()
        }
        _ => Vec::new(),
    }
}

/// Keys without which nothing can be read, and that say how other keys are to be read.
const TAGS: [&str; 4] = ["product", "process", "check", "pattern"];

#[test]
fn every_key_of_the_schema_is_in_the_corpus() {
    let (schema, folder) = (scenarios::spec::schema(), files());
    let corpus = corpus(&schema, folder.path());
    let used: BTreeSet<(String, &str)> = corpus
        .iter()
        .flat_map(|document| &document.keys)
        .filter_map(|key| Some((key.owner?["properties"].to_string(), key.way.last()?.as_str())))
        .collect();
    let mut tables = Vec::new();
    tables_of(&schema, &mut tables);
    assert!(tables.len() > 20, "{}", tables.len());
    for table in tables {
        let properties = &table["properties"];
        for key in properties.as_object().expect("keys").keys() {
            let is_used = used.contains(&(properties.to_string(), key.as_str()));
            assert!(is_used, "`{key}` of {}", table["description"]);
        }
    }
}

/// Every part of a schema that has keys.
fn tables_of<'a>(schema: &'a Json, tables: &mut Vec<&'a Json>) {
    match schema {
        Json::Object(object) => {
            if object.get("properties").is_some_and(Json::is_object) {
                tables.push(schema);
            }
            object.values().for_each(|part| tables_of(part, tables));
        }
        Json::Array(parts) => parts.iter().for_each(|part| tables_of(part, tables)),
        _ => {}
    }
}

#[test]
fn every_key_has_an_effect() {
    let (schema, folder) = (scenarios::spec::schema(), files());
    let mut texts: BTreeSet<String> =
        scenarios::catalogue::profiles().iter().map(|entry| entry.name.to_owned()).collect();
    listed(&schema, &mut texts);
    let (mut idle, mut effective) = (BTreeMap::new(), BTreeSet::new());
    for Document { table, keys, loaded, .. } in corpus(&schema, folder.path()) {
        for Key { way, owner } in keys {
            let (key, parent) = way.split_last().expect("a key");
            // Elements of lists of one name are one, and a key of the schema is the same in every table.
            let name = match owner {
                Some(owner) => (owner["properties"].to_string(), key.clone()),
                None => (String::new(), parent.last().cloned().unwrap_or_default()),
            };
            if effective.contains(&name) {
                continue;
            }
            let differs = |value: Option<toml::Value>| {
                try_load(&changed(&table, &way, value), folder.path()).map(|other| other != loaded)
            };
            let value = value_at(&table, &way);
            let matters = match differs(None) {
                Ok(differs) => differs,
                // What is needed matters if another value does; what is in a table is asked for there.
                Err(_) if value.is_table() || value.is_array() || TAGS.contains(&key.as_str()) => {
                    true
                }
                Err(_) => {
                    others(value, &texts).into_iter().any(|other| differs(Some(other)) == Ok(true))
                }
            };
            if matters {
                effective.insert(name);
            } else {
                idle.insert(name, way.join("."));
            }
        }
    }
    idle.retain(|name, _| !effective.contains(name));
    assert!(idle.is_empty(), "{:?}", idle.values());
    assert!(effective.len() > 100, "{}", effective.len());
}

/// Values that a default could be written as, most likely first.
fn written(default: &str) -> Vec<toml::Value> {
    let text = default.trim_matches('`');
    let mut values: Vec<toml::Value> = match text {
        "all" => vec!["100 %".into()],
        "a passive check" => {
            vec![toml::Table::from_iter([("check".to_owned(), "passive".into())]).into()]
        }
        _ => Vec::new(),
    };
    values.extend(text.parse::<bool>().map(toml::Value::from));
    values.extend(text.parse::<i64>().map(toml::Value::from));
    values.extend(text.parse::<f64>().map(toml::Value::from));
    values.push(text.into());
    values.extend(["s", "B", "/h"].map(|unit| format!("{text} {unit}").into()));
    values
}

/// The default of a key: what the schema states, or says in words.
fn default_of(property: &Json) -> Option<Vec<toml::Value>> {
    if let Some(default) = property.get("default") {
        return toml::Value::try_from(default).ok().map(|value| vec![value]);
    }
    let description = property["description"].as_str()?.split_whitespace();
    let description = description.collect::<Vec<_>>().join(" ");
    let ends = ["where nothing is stated", "where neither this nor"];
    let (before, _) = ends.iter().find_map(|end| description.split_once(end))?;
    let before = before.trim_end().trim_end_matches(" as").trim_end_matches(',');
    let start = before.rfind([';', ':', ',']).map_or(0, |at| at + 1);
    Some(written(before[start..].trim()))
}

/// Keys whose default is no value: the name of the file; nothing that changes with the cores.
const NO_VALUE: [&str; 2] = ["title", "threads"];

#[test]
fn every_default_of_the_schema_is_that_of_the_reader() {
    let (schema, folder) = (scenarios::spec::schema(), files());
    let (mut compared, mut stated) = (BTreeSet::new(), BTreeSet::new());
    for Document { table, tables, .. } in corpus(&schema, folder.path()) {
        for (way, owner) in tables {
            // What an inherited profile states is no default.
            if way.iter().any(|step| step == "big" || step == "runtime") {
                continue;
            }
            for (key, property) in owner["properties"].as_object().expect("keys") {
                let Some(defaults) = default_of(property) else { continue };
                if NO_VALUE.contains(&key.as_str()) {
                    continue;
                }
                let name = format!("{} {key}", owner["properties"]);
                stated.insert(name.clone());
                let way = [&way[..], std::slice::from_ref(key)].concat();
                let without = try_load(&changed(&table, &way, None), folder.path());
                let with = defaults.into_iter().find_map(|default| {
                    try_load(&changed(&table, &way, Some(default)), folder.path()).ok()
                });
                let (Ok(without), Some(with)) = (without, with) else { continue };
                assert!(with == without, "{}: {property}", way.join("."));
                compared.insert(name);
            }
        }
    }
    let missed: Vec<_> = stated.difference(&compared).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(stated.len() > 40, "{}", stated.len());
}

#[test]
fn the_text_with_every_key_means_what_it_says() {
    let folder = files();
    let loaded = load_text("case.toml", EVERYTHING, folder.path(), &[]);
    let loaded = loaded.unwrap_or_else(|p| panic!("{p}"));
    // A single node cannot survive, which is warned of.
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    let profile = &loaded.scenario.deployments[1].clusters[0].profile;
    assert_eq!((profile.database.as_ref(), profile.mtbf, profile.queue), (None, None, Some(1000)));
    assert_eq!(profile.demands["token"].mean, SimDuration::from_ms(0.85));
    let reactor = &loaded.scenario.deployments[1].clusters[2].profile;
    assert_eq!(reactor.bursts, Bursts::Reactor { buffer_kib: 8.0 });
    // Measured with two threads of the collector, run on four cores: pauses are half as long.
    let gc = reactor.gc.expect("there is one");
    assert_eq!(gc.pause, SimDuration::from_ms(15.0));
    let heap = gc.heap().expect("it is described");
    assert_eq!(heap.full_per_live_mib, SimDuration::from_ms(0.4));
    // What is committed first is 1 GiB, of which three fifths may be young.
    assert_eq!(heap.calm_eden_mib(4.0), 614.4);
    let delay = Law::constant(SimDuration::from_ms(2.0));
    assert_eq!(reactor.database, Some(Database { delay, pool: 20, at_once: Some(8) }));
    assert_eq!(reactor.replication, 0.5);
}

#[test]
fn a_database_is_stated_by_its_delay_or_as_a_table() {
    let with = |database: &str| {
        let text = format!("{WHOLE}\n[profile.control-plane]\n{database}\n");
        let cluster = |deployment: sim::deployment::Deployment| deployment.clusters[0].clone();
        cluster(loaded(&text).scenario.deployments[2].clone()).profile.database.expect("stated")
    };
    let shipped = with("cores = 4");
    assert_eq!((shipped.pool, shipped.at_once), (50, None));
    let delay = Law::constant(SimDuration::from_ms(200.0));
    assert_eq!(with("database = \"200 ms\""), Database::answering_after(delay.clone()));
    let table = with("database = { delay = \"200 ms\", pool = 100, at_once = \"none\" }");
    assert_eq!(table, Database { delay, pool: 100, at_once: None });
    // What is not stated stays as it was shipped.
    let smaller = with("database = { pool = 10 }");
    assert_eq!(smaller, Database { pool: 10, ..shipped.clone() });
    assert_eq!(with("database.at_once = 4"), Database { at_once: Some(4), ..shipped });
    let law = with("database = { law = \"exponential\", mean = \"5 ms\" }");
    assert_eq!((law.delay.mean, law.pool), (SimDuration::from_ms(5.0), 50));
}

fn loaded(text: &str) -> Loaded {
    load_text("folder/case.toml", text, Path::new("."), &[]).unwrap_or_else(|p| panic!("{p}"))
}

#[test]
fn the_whole_example_loads() {
    let loaded = loaded(WHOLE);
    assert_eq!(loaded.name, "case");
    let scenario = &loaded.scenario;
    assert_eq!(scenario.run.replications, Replications::Fixed(20));
    assert_eq!(scenario.run.window, SimDuration::from_seconds(600.0));
    assert_eq!(scenario.goals.error_rate, Some(0.001));
    assert_eq!(scenario.survive, 1);
    let flow = &scenario.flows[0];
    assert_eq!(flow.backend.as_ref().map(|law| law.mean.as_ms()), Some(40.0));
    assert_eq!(flow.token, Token::Jwt);
    let cores: Vec<_> = scenario.deployments[2].clusters.iter().map(|c| c.profile.cores).collect();
    assert_eq!(cores, [4.0, 4.0, 2.0]);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
    let windows = format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"));
    assert_eq!(loaded(&windows).scenario, loaded(WHOLE).scenario);
    let wrong = windows.replace("\"900 /s\"", "900");
    let problems = load_text("case.toml", &wrong, Path::new("."), &[]).expect_err("no unit");
    assert!(problems.to_string().starts_with("case.toml:21:42: "), "{problems}");
}

#[test]
fn a_profile_is_read_key_by_key() {
    let loaded = loaded(PROFILE);
    let cluster = &loaded.scenario.deployments[0].clusters[0];
    assert_eq!(loaded.scenario.deployments[0].pattern, "custom");
    let profile = &cluster.profile;
    assert_eq!(profile.queue, Some(1000));
    assert_eq!(profile.gc.map(|gc| gc.budget), Some(AllocationBudget::Requests(3500.0)));
    let demand = &profile.demands["passthrough"];
    assert!((demand.mean_seconds(1.0) - 0.5975e-3).abs() < 1e-12);
    // What is not overridden stays as it is shipped.
    assert!(profile.demands.contains_key("transformation"));
    assert!(profile.cold_start.is_some());
}

#[test]
fn a_new_profile_has_neutral_defaults() {
    let own = PROFILE.replace("profile = \"gateway\"", "profile = \"mine\"");
    let (head, _) = own.split_once("[profile.gateway]").expect("both");
    let text = format!("{head}[profile.mine]\ncores = 1\ndemand.passthrough = \"1 ms\"\n");
    let loaded = loaded(&text);
    let profile = &loaded.scenario.deployments[0].clusters[0].profile;
    assert_eq!((profile.workers, profile.queue), (400, None));
    assert_eq!(profile.bursts, Bursts::Equal(1));
    assert_eq!(profile.discipline, Discipline::ProcessorSharing);
    assert!(profile.gc.is_none() && profile.mtbf.is_none() && profile.cold_start.is_none());
    assert_eq!(profile.mttr, SimDuration::from_seconds(120.0));
}

#[test]
fn p99_9_may_be_written_with_and_without_quotes() {
    for goals in ["\"p99.9\" = \"1 s\"\np99 = \"300 ms\"", "p99.9 = \"1 s\"", "p99.99 = \"2 s\""] {
        let loaded = loaded(&WHOLE.replace("p99 = \"300 ms\"", goals));
        let (metric, limit) = loaded.scenario.goals.latency.last().expect("a goal");
        let quantile = if goals.contains("99.99") { 0.9999 } else { 0.999 };
        assert_eq!(*metric, LatencyMetric::Quantile(quantile));
        assert!(limit.as_seconds() >= 1.0);
        assert!(loaded.spec.goal.p99_9.is_some() || loaded.spec.goal.p99_99.is_some());
    }
}

#[test]
fn every_law_and_process_loads() {
    let laws = [
        "\"40 ms\"",
        "{ law = \"constant\", mean = \"40 ms\" }",
        "{ law = \"exponential\", mean = \"40 ms\" }",
        "{ law = \"erlang\", mean = \"40 ms\", cv = 0.5 }",
        "{ law = \"gamma\", mean = \"40 ms\", cv = 0.7 }",
        "{ law = \"hyperexponential\", mean = \"40 ms\", cv = 2 }",
        "{ law = \"weibull\", mean = \"40 ms\", cv = 1.5 }",
        "{ law = \"pareto\", mean = \"40 ms\", cv = 1.5 }",
    ];
    for law in laws {
        let lognormal = "{ law = \"lognormal\", mean = \"40 ms\", cv = 0.8 }";
        let backend = loaded(&WHOLE.replace(lognormal, law)).scenario.flows[0].backend.clone();
        assert_eq!(backend.map(|law| law.mean.as_ms()), Some(40.0), "{law}");
    }
    let processes = [
        "{ process = \"deterministic\", rate = \"900 /s\" }",
        "{ process = \"closed\", users = 100, think = \"0 ms\" }",
        "{ process = \"closed\", users = 100 }",
        "{ process = \"mmpp\", rates = [\"10 /s\", \"0 /s\"], stays = [\"1 s\", \"2 s\"] }",
    ];
    for process in processes {
        let poisson = "{ process = \"poisson\", rate = \"900 /s\" }";
        let arrivals = loaded(&WHOLE.replace(poisson, process)).scenario.flows[0].arrivals.clone();
        assert!(!matches!(arrivals, Arrivals::Poisson { .. }), "{process}");
    }
}

#[test]
fn the_inputs_as_understood_carry_defaults_and_whole_profiles() {
    let spec = loaded(&WHOLE.replace("operation = \"passthrough\"", "")).spec;
    assert_eq!(spec.flow[0].operation.as_deref(), Some("passthrough"));
    let profile = &spec.profile["all-in-one"];
    assert_eq!(profile.get("cores"), Some(&serde_json::json!(4.0)));
    let demands = profile.get("demand").expect("there are some");
    assert!(demands.get("passthrough").is_some() && demands.get("token").is_some());
    let json = serde_json::to_value(&spec).expect("plain data");
    let names: Vec<_> = json["profile"].as_object().expect("a map").keys().cloned().collect();
    assert_eq!(names, ["all-in-one", "control-plane", "gateway", "micro-integrator"]);
}
