//! The examples of the documented file format load, and mean what they say.

use std::path::Path;

use scenarios::{Loaded, load_text};
use sim::deployment::{Arrivals, Discipline, Token};
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
    assert_eq!(scenario.goals.survive, 1);
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
    assert_eq!(profile.gc.map(|gc| gc.requests_per_pause), Some(3500.0));
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
    assert_eq!((profile.workers, profile.queue, profile.bursts), (400, None, 1));
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
