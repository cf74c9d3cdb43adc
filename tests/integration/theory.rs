//! Scenario files in `tests/theory` whose exact answer is known.
//!
//! Each is simulated through the command line at a confidence of 99.9 %. Every interval must cover
//! the exact value, and be narrow enough to have noticed: its half-width is below 1 % of it. The seed
//! is that of the file, 1; `THEORY_SEED=7 cargo test --test integration theory` takes another, and
//! then about one interval in a thousand may miss.

use serde_json::Value;
use sim::theory::{
    abandonment, availability, breakdown, closed_network, erlang, gm1, least_outstanding, mg1, mm1,
    mmc, mmck, mmpp, open_network, processor_sharing, round_robin,
};

use crate::program::{Folder, number, repository};

/// Services per second of one core in every file that does not say otherwise.
const RATE: f64 = 1000.0;

const MEAN: &str = "flows/0/sojourn_ms/mean";
const THROUGHPUT: &str = "flows/0/throughput_rps";
const ERRORS: &str = "flows/0/error_fraction";
const UTILISATION: &str = "clusters/0/utilisation";
const IN_FLIGHT: &str = "clusters/0/in_flight_per_cluster";
const NODE_AVAILABILITY: &str = "clusters/0/node_availability";

const SHARED: &str = "profile.server.discipline=ps";

/// The law of the demand, as TOML, and its coefficient of variation.
const LAWS: [(&str, f64); 6] = [
    ("{ mean = \"1 ms\", law = \"constant\" }", 0.0),
    ("{ mean = \"1 ms\", law = \"erlang\", cv = 0.5 }", 0.5),
    ("{ mean = \"1 ms\", law = \"gamma\", cv = 1.25 }", 1.25),
    ("{ mean = \"1 ms\", law = \"lognormal\", cv = 1.0 }", 1.0),
    ("{ mean = \"1 ms\", law = \"hyperexponential\", cv = 1.5 }", 1.5),
    ("{ mean = \"1 ms\", law = \"weibull\", cv = 1.5 }", 1.5),
];

/// Simulates a file with changes, and sets what was found beside what is exact: quantities in the
/// units of the output.
#[track_caller]
fn check(file: &str, changes: &[&str], exact: &[(&str, f64)]) {
    let found = simulate(file, changes);
    let lines: Vec<_> = exact.iter().filter_map(|truth| difference(&found, *truth)).collect();
    assert!(lines.is_empty(), "{file} {changes:?}\n{}", lines.join("\n"));
}

/// The only deployment of a file, as `--json` reports it.
fn simulate(file: &str, changes: &[&str]) -> Value {
    let folder = Folder::new();
    let path = repository().join("tests/theory").join(file);
    let path = path.to_str().expect("a path of text");
    let mut words = vec!["run", path, "--json", "--threads", "1", "--out", "out"];
    words.extend(changes.iter().flat_map(|change| ["--set", change]));
    let seed = std::env::var("THEORY_SEED");
    words.extend(seed.iter().flat_map(|seed| ["--seed", seed]));
    let results = folder.json(&words);
    assert!((number(&results, "/confidence") - 0.999).abs() < 1e-12, "{file}: confidence");
    results["deployments"][0].clone()
}

/// What is to be said of an interval that does not cover the truth, or says too little.
fn difference(found: &Value, (quantity, exact): (&str, f64)) -> Option<String> {
    let part = |part| number(found, &format!("/{quantity}/{part}"));
    let (mean, half_width) = (part("mean"), part("half_width"));
    // What does not vary at all, such as a constant demand, is exact but for the rounding of sums.
    let covers = (mean - exact).abs() <= half_width + 1e-9 * exact;
    // An extreme quantile is known less well.
    let is_narrow = half_width < if quantity.ends_with("p99") { 0.015 } else { 0.01 } * exact;
    let line = format!("{quantity}: {mean} ± {half_width}, exactly {exact}");
    if std::env::var_os("THEORY_SHOW").is_some() {
        eprintln!("{line}: {:.2} %", 100.0 * half_width / exact);
    }
    (!covers || !is_narrow).then_some(line)
}

/// A number of seconds in the unit of the output.
fn ms(seconds: f64) -> f64 {
    1e3 * seconds
}

#[test]
fn an_exponential_queue_has_the_mean_and_the_quantiles_of_mm1() {
    let rate = 500.0;
    let quantile = |probability| ms(mm1::sojourn_quantile(rate, RATE, probability));
    let truths = [
        (MEAN, ms(mm1::mean_sojourn(rate, RATE))),
        ("flows/0/sojourn_ms/sd", ms(mm1::mean_sojourn(rate, RATE))),
        ("flows/0/sojourn_ms/p50", quantile(0.5)),
        ("flows/0/sojourn_ms/p95", quantile(0.95)),
        ("flows/0/sojourn_ms/p99", quantile(0.99)),
        (THROUGHPUT, rate),
        (UTILISATION, rate / RATE),
        (IN_FLIGHT, mm1::mean_number(rate, RATE)),
    ];
    check("mm1.toml", &[], &truths);
}

#[test]
fn a_shared_core_has_the_mean_of_mm1_and_a_longer_tail() {
    let rate = 500.0;
    let mean = mm1::mean_sojourn(rate, RATE);
    let sd = mean * processor_sharing::sojourn_cv(rate, RATE);
    check("mm1.toml", &[SHARED], &[(MEAN, ms(mean)), ("flows/0/sojourn_ms/sd", ms(sd))]);
    let (rate, cores) = (1300.0, 2);
    let law = processor_sharing::SojournLaw::new(rate, RATE, cores);
    let truths = [
        (MEAN, ms(law.mean())),
        ("flows/0/sojourn_ms/p50", ms(law.quantile(0.5))),
        ("flows/0/sojourn_ms/p95", ms(law.quantile(0.95))),
        ("flows/0/sojourn_ms/p99", ms(law.quantile(0.99))),
    ];
    check("mm2-shared.toml", &[], &truths);
}

#[test]
fn four_cores_have_the_mean_of_mmc_queued_or_shared() {
    let (rate, cores) = (2600.0, 4);
    let mean = (MEAN, ms(mmc::mean_sojourn(rate, RATE, cores)));
    let p99 = ("flows/0/sojourn_ms/p99", ms(mmc::sojourn_quantile(rate, RATE, cores, 0.99)));
    check("mmc.toml", &[], &[mean, p99]);
    check("mmc.toml", &[SHARED], &[mean, (UTILISATION, 0.65)]);
}

#[test]
fn a_queue_waits_as_pollaczek_and_khinchine_say_whatever_the_law() {
    for (law, cv) in LAWS {
        let mean = ms(mg1::mean_sojourn(400.0, 1.0 / RATE, cv));
        let change = format!("profile.server.demand.passthrough={law}");
        check("mg1.toml", &[&change], &[(MEAN, mean)]);
    }
}

#[test]
fn a_shared_core_does_not_mind_the_law() {
    let mean = ms(processor_sharing::mean_sojourn(400.0, 1.0 / RATE, 1));
    for (law, _) in LAWS {
        let change = format!("profile.server.demand.passthrough={law}");
        check("mg1.toml", &[&change, SHARED], &[(MEAN, mean)]);
    }
}

#[test]
fn a_shared_core_does_not_mind_how_many_bursts_a_demand_is_cut_into() {
    let mean = ms(processor_sharing::mean_sojourn(400.0, 1.0 / RATE, 1));
    for bursts in ["profile.server.bursts=2", "profile.server.bursts=8"] {
        check("mg1.toml", &[bursts, SHARED], &[(MEAN, mean)]);
    }
}

#[test]
fn a_bounded_node_turns_away_what_mmck_says() {
    let exact = mmck::bounded(2400.0, RATE, 2, 10);
    let truths = [
        (ERRORS, exact.blocking),
        ("flows/0/errors_by_cause/rejected", exact.blocking),
        (MEAN, ms(exact.mean_sojourn)),
        (THROUGHPUT, exact.throughput),
        ("clusters/0/rejected_rps", 2400.0 * exact.blocking),
    ];
    check("mmck.toml", &[], &truths);
    check("mmck.toml", &[SHARED], &truths);
}

#[test]
fn a_node_without_a_queue_loses_erlang_b_whatever_the_law() {
    let lost = erlang::erlang_b(4, 3.0);
    for (law, _) in LAWS {
        let change = format!("profile.server.demand.passthrough={law}");
        let truths =
            [(ERRORS, lost), (MEAN, 1.0), ("clusters/0/workers_busy_per_node", 3.0 * (1.0 - lost))];
        check("erlang-b.toml", &[&change], &truths);
    }
}

#[test]
fn stations_in_a_row_add_up() {
    let stations = [(RATE, 2), (RATE / 1.5, 3)];
    let mean = ms(open_network::tandem_mean_sojourn(1300.0, &stations));
    let truths = [(MEAN, mean), (UTILISATION, 0.65), ("clusters/1/utilisation", 0.65)];
    check("tandem.toml", &[], &truths);
}

#[test]
fn a_random_split_of_a_poisson_stream_is_poisson() {
    let mean = ms(open_network::random_split_mean_sojourn(1800.0, 3, RATE, 1));
    check("random-split.toml", &[], &[(MEAN, mean)]);
}

#[test]
fn a_closed_network_carries_what_mean_value_analysis_says() {
    let (users, think, backend) = (40, 0.02, 0.01);
    let stations = [
        closed_network::Station::Delay { seconds: think + backend },
        closed_network::Station::Queue { demand: 0.001, servers: 1 },
        closed_network::Station::Queue { demand: 0.0012, servers: 2 },
    ];
    let exact = closed_network::closed(&stations, users);
    let truths = [
        (THROUGHPUT, exact.throughput),
        (MEAN, ms(f64::from(users) / exact.throughput - think)),
        (UTILISATION, exact.stations[1].utilisation),
        ("clusters/1/utilisation", exact.stations[2].utilisation),
    ];
    check("closed.toml", &[], &truths);
}

#[test]
fn nodes_are_up_mtbf_of_mtbf_and_mttr_and_a_pair_serves_while_one_is_up() {
    let node = availability::availability(4.0, 2.0);
    let served = availability::at_least(1, 2, node);
    let truths = [
        (NODE_AVAILABILITY, node),
        ("flows/0/availability", served),
        (ERRORS, availability::fewer_than(1, 2, node)),
    ];
    check("availability.toml", &[], &truths);
}

#[test]
fn crashes_destroy_what_is_on_a_node_and_repairs_refuse() {
    let (rate, mtbf, mttr) = (700.0, 0.05, 0.01);
    let exact = breakdown::mm1_with_crashes(rate, RATE, 1.0 / mtbf, 1.0 / mttr);
    let truths = [
        (NODE_AVAILABILITY, exact.availability),
        (THROUGHPUT, exact.throughput),
        (ERRORS, exact.refused_share + exact.destroyed_share),
        (MEAN, ms(exact.mean_sojourn)),
        (IN_FLIGHT, exact.mean_number),
    ];
    check("crashes.toml", &[], &truths);
    let (mean, rest) = (truths[3], [truths[0], truths[1], truths[2], truths[4]]);
    assert_eq!(mean.0, MEAN, "the mean of those that complete differs on a shared core");
    check("crashes.toml", &[SHARED], &rest);
}

#[test]
fn start_up_counts_as_down_time() {
    let node = availability::availability(0.1, 0.01 + 0.015);
    // One crash per time up, repair and start-up, on each of two nodes, in 300 s.
    let restarts = 2.0 * 300.0 / (0.1 + 0.01 + 0.015);
    check("start-up.toml", &[], &[(NODE_AVAILABILITY, node), ("clusters/0/restarts", restarts)]);
}

#[test]
fn least_outstanding_on_two_nodes_joins_the_shorter_queue() {
    for (cores, rate) in [(1, 1300.0), (2, 2600.0)] {
        let mean = ms(least_outstanding::two_node_mean_sojourn(rate, RATE, cores));
        let cores = format!("profile.server.cores={cores}");
        let rate = format!("flow.requests.arrivals.rate={rate} /s");
        check("least-outstanding.toml", &[&cores, &rate], &[(MEAN, mean)]);
        // Of two nodes, two drawn at random are both.
        let policy = "deployment.system.clusters.server.balancer=power-of-two";
        check("least-outstanding.toml", &[&cores, &rate, policy], &[(MEAN, mean)]);
    }
}

#[test]
fn nodes_taken_in_turn_get_erlang_arrivals() {
    for cores in [1, 2] {
        let rate = 1950.0 * f64::from(cores);
        let mean = ms(round_robin::mean_sojourn(rate, 3, RATE, cores));
        let cores = format!("profile.server.cores={cores}");
        let rate = format!("flow.requests.arrivals.rate={rate} /s");
        check("round-robin.toml", &[&cores, &rate], &[(MEAN, mean)]);
    }
}

#[test]
fn bursts_of_arrivals_wait_as_mmpp_m_1() {
    let (rates, leaves) = ([300.0, 900.0], [20.0, 40.0]);
    let truths = [
        (MEAN, ms(mmpp::mean_sojourn(rates, leaves, RATE, 1))),
        (THROUGHPUT, mmpp::mean_arrival_rate(rates, leaves)),
    ];
    check("mmpp.toml", &[], &truths);
    check("mmpp.toml", &[SHARED], &truths);
}

#[test]
fn equal_times_between_arrivals_wait_as_d_m_1() {
    check("dm1.toml", &[], &[(MEAN, ms(gm1::dm1_mean_sojourn(700.0, RATE)))]);
}

#[test]
fn clients_with_a_timeout_leave_as_those_with_patience() {
    for rate in [700.0, 1100.0, 2000.0] {
        let exact = abandonment::mm1_with_patience(rate, RATE, 0.005);
        let truths = [
            (ERRORS, exact.abandoned_share),
            (THROUGHPUT, exact.throughput),
            (MEAN, ms(exact.mean_sojourn)),
            (UTILISATION, exact.utilisation),
        ];
        let change = format!("flow.requests.arrivals.rate={rate} /s");
        check("timeout.toml", &[&change, "flow.requests.timeout_cancels=true"], &truths);
    }
}

/// Sojourn times of M/M/1 are exponential with rate μ − λ, whoever has left.
#[test]
fn clients_with_a_timeout_leave_their_work_behind() {
    let (rate, timeout) = (700.0, 0.005);
    let late = (-(RATE - rate) * timeout).exp();
    let truths = [(ERRORS, late), (THROUGHPUT, rate * (1.0 - late)), (UTILISATION, rate / RATE)];
    check("timeout.toml", &["flow.requests.arrivals.rate=700 /s", "run.replications=80"], &truths);
}
