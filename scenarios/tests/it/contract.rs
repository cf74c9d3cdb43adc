//! The examples of the documented file format load, and mean what they say.

use std::collections::BTreeSet;
use std::path::Path;

use scenarios::{Loaded, load_text};
use sim::deployment::{AllocationBudget, Arrivals, Bursts, Database, Discipline, Token};
use sim::random::Law;
use sim::scenario::{LatencyMetric, Replications};
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

/// Uses every key that there is.
const EVERYTHING: &str = r#"
title = "Everything"
question = "Does every key do something?"
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
survive = 1
[[flow]]
name = "calls"
kind = "api"
tenant = "acme"
arrivals = { process = "closed", users = 10, think = { law = "exponential", mean = "1 s" } }
operation = "passthrough"
size = "50 B"
token = "opaque"
cache_miss = "5 %"
integration = "micro-integrator"
mediation = "direct_proxy"
backend = { law = "empirical", file = "observed.csv", column = "took", unit = "ms" }
timeout = "30 s"
retries = { max = 2, back_off = "50 ms", factor = 1.5, jitter = "10 %" }
goal = { p99 = "2 s", error_rate = "2 %" }
[[flow]]
name = "events"
kind = "stream"
arrivals = { process = "mmpp", rates = ["1 /s", "9 /s"], stays = ["9 s", "1 s"] }
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
[[drill]]
at = "10 s"
what = "gateway"
for = "20 s"
nodes = 2
[profile.big]
from = "all-in-one"
cores = 8
workers = 100
queue = "none"
bursts = 4
discipline = "fcfs"
hop = { law = "gamma", mean = "1 ms", cv = 0.5 }
demand.passthrough = { mean = "1 ms", per_kib = "0.1 ms", law = "gamma", cv = 0.5 }
demand_error = "2 %"
gc = { requests_per_pause = 100, pause = "1 ms", cv = 1, per_in_flight = "1 us" }
mtbf = "none"
mttr = "1 min"
start_up = "10 s"
cold_start = { factor = 2, decay = "10 s" }
database = "none"
replication = 0
price = "1 /h"
[profile.reactor]
cores = 4
bursts = "reactor"
buffer = "16 KiB"
heap = "2 GiB"
stalls = { every = "1 s", pause = "30 ms", cv = 0.5 }
crowding = "400 MiB"
database = { delay = "2 ms", pool = 20, at_once = 8 }
replication = 0.5
[profile.reactor.gc]
young = "60 %"
resident = "200 MiB"
background = "10 MiB"
pause = "30 ms"
per_live_mib = "0.5 ms"
threads = 2
full = { every = 50, pause = "2 s", cv = 0.3 }
[profile.reactor.demand.event]
mean = "1 ms"
on_workers = "50 %"
per_kib_on_workers = "10 %"
allocates = "150 KiB"
allocates_per_kib = "6 KiB"
retains = "20 KiB"
retains_per_kib = "2 KiB"
"#;

/// Every key of every table of a schema.
fn keys_of_schema(schema: &serde_json::Value, keys: &mut BTreeSet<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        keys.extend(properties.keys().cloned());
    }
    let parts = schema.as_object().map(|object| object.values().collect::<Vec<_>>());
    let parts = parts.or_else(|| schema.as_array().map(|array| array.iter().collect()));
    parts.unwrap_or_default().into_iter().for_each(|part| keys_of_schema(part, keys));
}

#[test]
fn every_key_of_the_schema_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("observed.csv"), "took,other\n1,2\n3,4\n").expect("written");
    let loaded = load_text("case.toml", EVERYTHING, folder.path(), &[]);
    let loaded = loaded.unwrap_or_else(|p| panic!("{p}"));
    // A single node cannot survive, which is warned of.
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    let mut keys = BTreeSet::new();
    keys_of_schema(&scenarios::spec::schema(), &mut keys);
    // Other tests use these; they exclude what stands here.
    let elsewhere = ["replications", "rate", "file"];
    let unused: Vec<_> = keys
        .iter()
        .filter(|key| !elsewhere.contains(&key.as_str()))
        .filter(|key| !EVERYTHING.contains(key.as_str()))
        .collect();
    assert!(keys.len() > 60 && unused.is_empty(), "{unused:?}");
    let profile = &loaded.scenario.deployments[1].clusters[0].profile;
    assert_eq!((profile.database.as_ref(), profile.mtbf, profile.queue), (None, None, None));
    assert_eq!(profile.demands["token"].mean, SimDuration::from_ms(0.85));
    let reactor = &loaded.scenario.deployments[1].clusters[2].profile;
    assert_eq!(reactor.bursts, Bursts::Reactor { buffer_kib: 16.0 });
    // Measured with two threads of the collector, run on four cores: pauses are half as long.
    let gc = reactor.gc.expect("there is one");
    assert_eq!(gc.pause, SimDuration::from_ms(15.0));
    assert_eq!(gc.full.map(|full| full.pause), Some(SimDuration::from_seconds(1.0)));
    assert_eq!(gc.budget.amount(848.0), 600.0);
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
    assert_eq!(profile.cores, Some(4.0));
    assert!(profile.demand.contains_key("passthrough") && profile.demand.contains_key("token"));
    let json = serde_json::to_value(&spec).expect("plain data");
    let names: Vec<_> = json["profile"].as_object().expect("a map").keys().cloned().collect();
    assert_eq!(names, ["all-in-one", "control-plane", "gateway", "micro-integrator"]);
}
