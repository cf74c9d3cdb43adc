//! What single keys and values are read as, up to their limits.

use std::path::Path;

use scenarios::{Loaded, load_text};
use sim::deployment::{HealthCheck, Retries};
use sim::scenario::Replications;
use sim::time::SimDuration;

/// A scenario with these lines in its run, its flow and its deployment, and these tables after it.
fn load(run: &str, flow: &str, deployment: &str, more: &str) -> Result<Loaded, String> {
    let text = format!(
        "[run]\n{run}\n[[flow]]\nname = \"f\"\nkind = \"api\"\n{flow}\n[[deployment]]\nname = \"d\"\n\
         {deployment}\n{more}\n"
    );
    load_text("case.toml", &text, Path::new("."), &[]).map_err(|problems| problems.to_string())
}

const POISSON: &str = "arrivals = { process = \"poisson\", rate = \"1 /s\" }";
const PAIR: &str = "pattern = \"standard-ha\"\nnodes = { all-in-one = 2 }";

fn right(run: &str, flow: &str, more: &str) -> Loaded {
    let flow = format!("{POISSON}\n{flow}");
    load(run, &flow, PAIR, more).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_window_that_ends_before_it_begins_ends_on_the_next_day() {
    let hours = |from: &str, to: &str| {
        let run = right(&format!("from = \"{from}\"\nto = \"{to}\""), "", "").scenario.run;
        run.window.as_seconds() / 3600.0
    };
    assert_eq!(hours("09:30", "11:00"), 1.5);
    assert_eq!(hours("23:00", "01:00"), 2.0);
    assert_eq!(hours("08:00", "08:00"), 24.0);
    assert_eq!(right("window = \"30 d\"", "", "").scenario.run.window.as_seconds(), 2_592_000.0);
}

#[test]
fn the_keys_of_the_run_are_what_they_say() {
    let run = right("least_difference = \"5 %\"\nconfidence = \"90 %\"\nseed = 7", "", "");
    let run = run.scenario.run;
    assert_eq!((run.least_difference, run.confidence, run.seed), (0.05, 0.9, 7));
    let none = right("least_difference = \"0 %\"", "", "").scenario.run;
    assert_eq!(none.least_difference, 0.0);
    let refused = load("least_difference = \"100 %\"", POISSON, PAIR, "").err().unwrap_or_default();
    assert!(refused.contains("a least difference of 100 % cannot be"), "{refused}");
    let precise = right("precision = \"99 %\"\nmax_replications = 2", "", "").scenario.run;
    assert_eq!(precise.replications, Replications::Precision { relative: 0.99, max: 2 });
    let refused = load("precision = \"100 %\"", POISSON, PAIR, "").err().unwrap_or_default();
    assert!(refused.contains("a precision of 100 % cannot be"), "{refused}");
}

#[test]
fn apis_are_those_of_all_tenants_together_or_of_each() {
    let flows = "tenant = \"acme\"\n[[flow]]\nname = \"g\"\nkind = \"api\"\n\
                 arrivals = { process = \"poisson\", rate = \"1 /s\" }";
    let apis = |apis: &str| {
        let flow = format!("{POISSON}\n{flows}");
        let loaded = load("", &flow, PAIR, apis);
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
        let own = &loaded.scenario.deployments[0].clusters[0].apis;
        own.iter().map(|(tenant, number)| format!("{tenant} {number}")).collect::<Vec<_>>()
    };
    assert_eq!(apis("[apis]\nacme = 7\ndefault = 30"), ["acme 7", "default 30"]);
    assert_eq!(apis("[apis]\nacme = 0\ndefault = 30"), ["default 30"]);
    assert_eq!(apis(""), [""; 0]);
    let own = "[deployment.clusters.shared]\nroles = [\"gateway\"]\nnodes = 1\nprofile = \"gateway\"\n\
               [deployment.clusters.own]\nroles = [\"gateway\"]\nnodes = 1\nprofile = \"gateway\"\n\
               tenant = \"acme\"";
    let text = format!(
        "apis = 41\n[[flow]]\nname = \"f\"\nkind = \"api\"\n{POISSON}\n{flows}\n\
         [[deployment]]\nname = \"d\"\n{own}\n"
    );
    let loaded = load_text("case.toml", &text, Path::new("."), &[]);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let clusters = &loaded.scenario.deployments[0].clusters;
    let apis: Vec<_> = clusters.iter().flat_map(|cluster| cluster.apis.clone()).collect();
    assert_eq!(apis, [("default".to_owned(), 20), ("acme".to_owned(), 21)]);
}

#[test]
fn retries_are_a_number_or_say_how_they_wait() {
    let retries =
        |text: &str| right("", &format!("retries = {text}"), "").scenario.flows[0].retries;
    let standard =
        Retries { max: 2, back_off: SimDuration::from_ms(100.0), factor: 2.0, jitter: 0.5 };
    assert_eq!(retries("0"), Retries::NONE);
    assert_eq!((retries("2"), retries("{ max = 2 }")), (standard, standard));
    assert_eq!(retries("{ max = 2, jitter = \"10 %\" }"), Retries { jitter: 0.1, ..standard });
}

#[test]
fn an_active_check_probes_as_often_as_it_says() {
    let health = |text: &str| {
        let cluster = format!("{PAIR}\nclusters.all-in-one.health = {text}");
        let loaded =
            load("", POISSON, &cluster, "").unwrap_or_else(|problems| panic!("{problems}"));
        loaded.scenario.deployments[0].clusters[0].balancing.check
    };
    let interval = SimDuration::from_seconds(10.0);
    let standard = HealthCheck::probes(interval, 3, 1);
    assert_eq!(health("{ check = \"active\" }"), standard);
    let stated = "{ check = \"active\", interval = \"2 s\", unhealthy = 4, healthy = 5 }";
    let interval = SimDuration::from_seconds(2.0);
    assert_eq!(health(stated), HealthCheck::probes(interval, 4, 5));
}

#[test]
fn a_drill_that_ends_after_the_window_is_warned_of() {
    let warnings = |at: &str, lasts: &str| {
        let drill = format!("[[drill]]\nat = \"{at}\"\nwhat = \"gateway\"\nfor = \"{lasts}\"");
        right("window = \"60 s\"", "", &drill).warnings
    };
    assert_eq!(warnings("30 s", "30 s"), Vec::<String>::new());
    let late = warnings("30 s", "31 s");
    assert!(late.len() == 1 && late[0].contains("the one at 30 s, which lasts 31 s"), "{late:?}");
}

#[test]
fn a_thousand_states_are_read_and_one_more_is_refused() {
    let states = |count: usize| {
        let (rates, stays) =
            (vec!["\"1 /s\""; count].join(", "), vec!["\"1 s\""; count].join(", "));
        let arrivals =
            format!("arrivals = {{ process = \"mmpp\", rates = [{rates}], stays = [{stays}] }}");
        load("", &arrivals, PAIR, "").err().unwrap_or_default()
    };
    assert_eq!(states(1000), "");
    for count in [1001, 1002] {
        assert!(states(count).contains("1 to 1000 of them"), "{}", states(count));
    }
}

#[test]
fn a_wrong_integration_is_all_that_is_wrong_with_its_mediation() {
    let flow = format!("{POISSON}\nintegration = \"foo\"\nmediation = \"directapi\"");
    let said = load("", &flow, PAIR, "").err().unwrap_or_default();
    assert!(said.contains("`foo`") && !said.contains("mediation"), "{said}");
    let flow = format!("{POISSON}\nmediation = \"directapi\"");
    let said = load("", &flow, PAIR, "").err().unwrap_or_default();
    assert!(said.contains("`mediation` makes no sense without `integration`"), "{said}");
}

#[test]
fn only_p99_may_be_a_table_of_its_decimals() {
    let goal = |text: &str| load("", POISSON, PAIR, &format!("[goal]\n{text}"));
    let loaded = goal("p99.9 = \"1 s\"").unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.scenario.goals.latency.len(), 1);
    assert!(goal("p95.5 = \"1 s\"").is_err());
    assert!(goal("p99 = \"300 ms\"").is_ok());
}

#[test]
fn a_name_is_one_line_without_control_characters() {
    let named = |name: &str| {
        let flow = format!("{POISSON}\ntenant = \"{name}\"");
        load("", &flow, PAIR, "").err().unwrap_or_default()
    };
    assert_eq!(named(&"n".repeat(64)), "");
    for name in [&"n".repeat(65), "", " a", "a\\u0007b", "a\\nb"] {
        assert!(named(name).contains("cannot be a name"), "{name}: {}", named(name));
    }
}

#[test]
fn a_hundred_deployments_are_read_and_one_more_is_refused() {
    let said = |more: usize| {
        let others =
            (0..more).map(|index| format!("[[deployment]]\nname = \"d{index}\"\n{PAIR}\n"));
        load("", POISSON, PAIR, &others.collect::<String>()).err().unwrap_or_default()
    };
    assert_eq!(said(99), "");
    for more in [100, 101] {
        let expected = format!("{} are too many; there are at most 100", more + 1);
        assert!(said(more).contains(&expected), "{}", said(more));
    }
    let flows = "[[flow]]\n".repeat(500);
    let said = load("", POISSON, PAIR, &flows).err().unwrap_or_default();
    assert!(said.contains("501 are too many; there are at most 500"), "{said}");
}
