//! `--set PATH=VALUE`.

use scenarios::{Loaded, Override, Problems, load};
use sim::deployment::{AllocationBudget, Arrivals, Demand, Flow, Generations, Profile};
use sim::random::Shape;
use sim::scenario::LatencyMetric;
use sim::time::SimDuration;

fn with(changes: &[&str]) -> Result<Loaded, Problems> {
    let overrides: Vec<Override> =
        changes.iter().map(|change| change.parse().expect("PATH=VALUE")).collect();
    load("launch-peak".as_ref(), &overrides)
}

#[test]
fn values_are_changed_by_path() {
    let loaded = with(&[
        "flow.orders.arrivals.rate=1200 /s",
        "deployment.scalable.nodes.gateway=4",
        "deployment.0.nodes.all-in-one=3",
        "run.window=30 s",
        "profile.gateway.cores=4",
        "profile.gateway.gc.pause=20 ms",
        "goal.p99.9=2 s",
        "flow.orders.goal.p99.9=5 s",
        "flow.orders.goal.error_rate=2 %",
        "question=Why?",
        "flow.tokens.arrivals={ process = \"closed\", users = 5 }",
    ])
    .unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = &loaded.scenario;
    assert_eq!(scenario.flows[1].arrivals, Arrivals::Poisson { rate: 1200.0 });
    assert!(matches!(scenario.flows[2].arrivals, Arrivals::Closed { users: 5, .. }));
    assert_eq!(scenario.deployments[1].clusters[1].nodes, 4);
    assert_eq!(scenario.deployments[0].clusters[0].nodes, 3);
    assert_eq!(scenario.run.window, SimDuration::from_seconds(30.0));
    let profile = &scenario.deployments[0].clusters[0].profile;
    assert!((profile.cores - 4.0).abs() < f64::EPSILON);
    assert_eq!(profile.gc.map(|gc| gc.pause.as_ms()), Some(20.0));
    assert_eq!(profile.gc.map(|gc| gc.cv > 0.0), Some(true));
    assert_eq!(scenario.goals.latency[1].0, LatencyMetric::Quantile(0.999));
    let p = LatencyMetric::Quantile;
    let own = vec![(p(0.999), SimDuration::from_seconds(5.0))];
    assert_eq!(
        (&scenario.flows[1].goals.latency, &scenario.flows[0].goals.latency),
        (&own, &vec![])
    );
    let of_flow = scenario.goals_of(1);
    let limits: Vec<_> =
        of_flow.latency.iter().map(|(metric, limit)| (*metric, limit.as_ms())).collect();
    assert_eq!(limits, [(p(0.99), 300.0), (p(0.999), 5000.0)]);
    assert_eq!((of_flow.error_rate, scenario.goals_of(0).error_rate), (Some(0.02), Some(0.001)));
    assert_eq!(scenario.question, "Why?");
}

fn rates(loaded: &Loaded) -> Vec<(String, String, f64)> {
    let window = loaded.scenario.run.window;
    let of = |flow: &Flow| {
        let rate = flow.arrivals.mean_rate(window).expect("an open flow");
        (flow.name.clone(), flow.tenant.clone(), rate)
    };
    loaded.scenario.flows.iter().map(of).collect()
}

#[test]
fn all_traffic_together_keeps_its_mix() {
    let before = rates(&with(&[]).expect("shipped"));
    let all: f64 = before.iter().map(|(_, _, rate)| rate).sum();
    // The second is of what the first has made of it.
    let after = rates(&with(&["traffic=10 /s", "traffic=3 /min"]).expect("a rate"));
    assert_eq!(before.len(), after.len());
    for ((name, _, before), (same, _, after)) in before.iter().zip(&after) {
        assert_eq!(name, same);
        assert!((after / before * all * 20.0 - 1.0).abs() < 1e-12, "{name}: {before} {after}");
    }
    let mut with_own = with(&["flow.orders.arrivals.scale=3", "traffic=10 /s"]).expect("a rate");
    let share = rates(&with_own).remove(1).2 / 10.0;
    with_own = with(&["flow.orders.arrivals.scale=3"]).expect("a number");
    let all: f64 = rates(&with_own).iter().map(|(_, _, rate)| rate).sum();
    assert!((share - rates(&with_own).remove(1).2 / all).abs() < 1e-12, "{share}");
}

#[test]
fn tenants_divide_what_one_had() {
    let before = rates(&with(&[]).expect("shipped"));
    let after = rates(&with(&["tenants=3"]).expect("a number"));
    assert_eq!(after.len(), 3 * before.len());
    let (first, further) = after.split_at(before.len());
    for ((name, tenant, rate), (same, own, third)) in before.iter().zip(first) {
        assert_eq!((name, tenant), (same, own));
        assert!((third * 3.0 / rate - 1.0).abs() < 1e-12);
    }
    let named = |(name, tenant, rate): &(String, String, f64), number| {
        (format!("{name}-{number}"), format!("{tenant}-{number}"), *rate)
    };
    let second: Vec<_> = first.iter().map(|flow| named(flow, 2)).collect();
    let third: Vec<_> = first.iter().map(|flow| named(flow, 3)).collect();
    assert_eq!(further, [second, third].concat());
    assert_eq!(rates(&with(&["tenants=1"]).expect("a number")), before);
}

#[test]
fn what_changes_a_whole_scenario_needs_one() {
    let cases = [
        (vec!["traffic=0 /s"], "--set (1):1:9"),
        (vec!["traffic=5"], "`5` is not a rate"),
        (vec!["tenants=0"], "--set (1):1:9"),
        (vec!["tenants=1000"], "100"),
        (vec!["tenants=2", "tenants=2"], "the flows are of"),
        (
            vec!["flow.tokens.arrivals={ process = \"closed\", users = 5 }", "traffic=5 /s"],
            "come from users",
        ),
        (
            vec!["flow.tokens.arrivals={ process = \"closed\", users = 5 }", "tenants=5"],
            "cannot be divided",
        ),
        (
            vec![
                "deployment.scalable.nodes.gateway=0",
                "tenants=2",
                "deployment.scalable.nodes.gateway=2",
            ],
            "leaves it in pieces",
        ),
        (vec!["run.windw=1 min", "traffic=5 /s"], "unknown key `windw`"),
    ];
    for (changes, expected) in cases {
        let text = with(&changes).expect_err(expected).to_string();
        assert!(text.contains(expected), "{changes:?}: {text}");
    }
}

#[test]
fn what_is_wrong_points_at_the_override() {
    let cases = [
        ("run.windw=1 min", "--set (1):1:5: unknown key `windw`; did you mean `window`?"),
        ("run.window=1", "--set (1):1:12: `1` is not a duration; write it as \"1 ms\""),
        ("flow.order.arrivals.rate=1 /s", "--set (1):1:6: nothing here has the name `order`"),
        ("flow.orders.arrivals.rate.x=1", "`x` leads into something that is not a table"),
        ("flow.7.size=1 KiB", "nothing here has the name `7`"),
        ("drill.0.at=1 s", "the file has no [[drill]]"),
        ("flw.orders.size=1 KiB", "unknown key `flw`; did you mean `flow`?"),
        ("title.x=1", "leads into something that is not a table"),
        ("profile.gatewy.cores=4", "`gatewy`"),
        ("flow.orders=1", "`1` is not a table"),
    ];
    for (change, expected) in cases {
        let problems = with(&[change]).expect_err(change);
        let text = problems.to_string();
        assert!(text.contains(expected), "{change}: {text}");
        assert!(text.contains("--set (1):1:"), "{change}: {text}");
        assert!(problems.render(false).contains("--set (1):1:"), "{}", problems.render(false));
    }
}

#[test]
fn what_is_no_path_and_value_is_refused() {
    for text in ["", "run.window", "=1", "run.window=", "run..window=1", " =1"] {
        assert!(text.parse::<Override>().is_err(), "{text}");
    }
}

fn prices(changes: &[&str]) -> (f64, Vec<String>) {
    let loaded = with(changes).unwrap_or_else(|problems| panic!("{problems}"));
    (loaded.scenario.deployments[1].clusters[1].profile.price_per_hour, loaded.warnings)
}

#[test]
fn a_node_of_other_cores_costs_in_proportion_unless_a_price_is_stated() {
    let (price, warnings) = prices(&[]);
    assert_eq!((price, warnings.as_slice()), (0.17, &[][..]));
    let (price, warnings) = prices(&["profile.gateway.cores=8"]);
    assert!((price - 0.68).abs() < 1e-12, "{price}");
    assert_eq!(
        warnings,
        ["no price is stated for other cores; it goes with them: `gateway` (0.68 /h for 8 cores, \
             from 0.17 /h for 2)"]
    );
    let stated = ["profile.gateway.cores=8", "profile.gateway.price=0.5 /h"];
    assert_eq!(prices(&stated), (0.5, Vec::new()));
    assert_eq!(prices(&["profile.gateway.cores=2"]), (0.17, Vec::new()));
    // A profile between the two has its own price, to which its heir is in proportion.
    let chain = [
        "profile.gateway={ from = \"big\", cores = 1 }",
        "profile.big={ from = \"apim-4.2-4.5\", cores = 4, price = \"1 /h\" }",
    ];
    let loaded = with(&chain).unwrap_or_else(|problems| panic!("{problems}"));
    let gateway = &loaded.scenario.deployments[1].clusters[1].profile;
    assert!((gateway.price_per_hour - 0.25).abs() < 1e-12, "{}", gateway.price_per_hour);
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    // Half cores are cores, and what costs nothing costs nothing.
    let (price, _) = prices(&["profile.gateway.cores=1.5"]);
    assert!((price - 0.1275).abs() < 1e-12, "{price}");
    let free = [
        "profile.gateway={ from = \"big\", cores = 1 }",
        "profile.big={ from = \"apim-4.2-4.5\", cores = 4, price = \"0 /h\" }",
    ];
    assert_eq!(prices(&free), (0.0, Vec::new()));
}

#[test]
fn a_pause_of_its_own_is_of_its_own_threads_and_full_collections_can_be_turned_off() {
    let gc = |changes: &[&str]| {
        let loaded = with(changes).unwrap_or_else(|problems| panic!("{problems}"));
        loaded.scenario.deployments[1].clusters[1].profile.gc.expect("it collects")
    };
    let shipped = gc(&[]);
    let paused = gc(&["profile.gateway.gc.pause=21 ms"]);
    assert_eq!((paused.pause, paused.threads), (SimDuration::from_ms(21.0), None));
    assert_eq!((paused.budget, paused.full), (shipped.budget, shipped.full));
    // A budget of bytes is in place of one of requests.
    let young = gc(&[
        "profile.gateway={ from = \"big\", heap = \"2 GiB\", gc = { young = \"50 %\" } }",
        "profile.big={ from = \"apim-4.2-4.5\", gc = { requests_per_pause = 100, pause = \"5 ms\" } }",
    ]);
    assert!(
        matches!(young.budget, AllocationBudget::Young(Generations { young: 0.5, .. })),
        "{:?}",
        young.budget
    );
    // And the other way round; collections of the whole heap are of the latter.
    let by_requests =
        "profile.gateway.gc={ requests_per_pause = 100, full = { every = 50, pause = \"2 s\" } }";
    let full = gc(&[by_requests]).full.expect("stated");
    assert_eq!(full.pause, SimDuration::from_seconds(2.0));
    assert_eq!(gc(&[by_requests, "profile.gateway.gc.full=none"]).full, None);
}

#[test]
fn a_part_of_a_demand_or_of_a_cold_start_changes_no_other_part() {
    let gateway = |changes: &[&str]| {
        let loaded = with(changes).unwrap_or_else(|problems| panic!("{problems}"));
        loaded.scenario.deployments[1].clusters[1].profile.clone()
    };
    let shipped = gateway(&[]);
    let demand = |profile: &Profile| profile.demands["passthrough"].clone();
    let slower = gateway(&["profile.gateway.demand.passthrough.mean=9 ms"]);
    assert_eq!(demand(&slower).mean, SimDuration::from_ms(9.0));
    assert_eq!(Demand { mean: demand(&shipped).mean, ..demand(&slower) }, demand(&shipped));
    // Of another law the cv is another, or none.
    let constant = gateway(&["profile.gateway.demand.passthrough.law=constant"]);
    assert_eq!(demand(&constant).shape, Shape::Constant);
    assert_eq!(demand(&constant).mean, demand(&shipped).mean);
    let stalls = [
        "profile.gateway={ from = \"big\", stalls = { pause = \"7 ms\" } }",
        "profile.big={ from = \"apim-4.2-4.5\", stalls = { every = \"3 s\", pause = \"5 ms\" } }",
    ];
    let stalls = gateway(&stalls).stalls.expect("it stalls");
    let (every, pause) = (SimDuration::from_seconds(3.0), SimDuration::from_ms(7.0));
    assert_eq!((stalls.every, stalls.pause), (every, pause));
}

#[test]
fn workers_are_as_many_as_are_stated_and_never_none() {
    let loaded = with(&["profile.gateway.workers=7"]);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.scenario.deployments[1].clusters[1].profile.workers, 7);
    let refused =
        with(&["profile.gateway.workers=none"]).err().map(|problems| problems.to_string());
    let said = "`none` is not a whole number; it is a whole number from 1 to 1000000";
    assert!(refused.as_ref().is_some_and(|refused| refused.contains(said)), "{refused:?}");
}

/// A gateway needs 80 s to start, and is asked at some instant of every 10 s.
#[test]
fn a_start_up_probe_that_ends_what_is_still_starting_is_warned_of() {
    let told = |failures: u32, delay: &str| {
        let cluster = "deployment.scalable.clusters.gateway.startup";
        let probe = format!("{cluster}={{ failures = {failures}, delay = \"{delay}\" }}");
        let loaded = with(&[&probe]).unwrap_or_else(|problems| panic!("{problems}"));
        loaded.warnings
    };
    assert_eq!(told(9, "0 s"), Vec::<String>::new());
    let says = |told: Vec<String>, case: &str| {
        let [line] = &told[..] else { panic!("{told:?}") };
        assert!(
            line.starts_with("a process that takes longer to start than its start-up"),
            "{line}"
        );
        assert!(line.ends_with(case), "{line}");
    };
    says(told(8, "0 s"), "`gateway` of deployment `scalable` (80 s; always, after 70 s to 80 s)");
    says(told(8, "5 s"), "(80 s; now and then, after 75 s to 85 s)");
}
