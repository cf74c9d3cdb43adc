//! What a verdict may say, and what it may not.

use std::sync::atomic::AtomicBool;

use sim::deployment::{
    AllocationBudget, Arrivals, Bursts, Database, FlowKind, GarbageCollection, Generations, Policy,
    Role,
};
use sim::experiment::{Unwatched, compare};
use sim::network::Failure;
use sim::quantity::Quantity;
use sim::random::{Law, Shape};
use sim::results::{DeploymentResult, Effort, GoalCheck, Reason, Verdict};
use sim::scenario::{Drill, Goals, LatencyMetric, Replications, Scenario};
use sim::time::{SimDuration, SimTime};
use sim::verification;

/// As [`queue`], in windows long enough for a p99 with both ends.
fn long_queue(rate: f64, nodes: u32, goals: Goals) -> Scenario {
    let mut scenario = queue(rate, nodes, goals);
    scenario.run.window = SimDuration::from_seconds(30.0);
    scenario
}

/// A queue of 1000 services/s per node, asked for `rate`, in 4 windows of one second.
fn queue(rate: f64, nodes: u32, goals: Goals) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate };
    scenario.deployments[0].clusters[0].nodes = nodes;
    scenario.goals = goals;
    scenario.run.window = SimDuration::from_seconds(1.0);
    scenario.run.replications = Replications::Fixed(4);
    scenario.run.confidence = 0.95;
    scenario
}

fn found(scenario: &Scenario) -> DeploymentResult {
    let results = compare(scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs");
    results.deployments.into_iter().next().expect("one deployment")
}

fn verdict(scenario: &Scenario) -> Option<Verdict> {
    found(scenario).verdict
}

/// The goals of [`queue`] on p99 and errors.
fn p99_and_errors(p99_ms: f64, error_rate: f64) -> Goals {
    let latency = vec![(LatencyMetric::Quantile(0.99), SimDuration::from_ms(p99_ms))];
    Goals { latency, error_rate: Some(error_rate), availability: None, probability: None }
}

fn availability(limit: f64) -> Goals {
    Goals { availability: Some(limit), ..Goals::default() }
}

/// A queue for each of two tenants, `a` and `b`, asked for these rates.
fn two_tenants(rates: [f64; 2], goals: Goals) -> Scenario {
    let mut scenario = long_queue(rates[0], 1, goals);
    let (flow, cluster) = (scenario.flows.remove(0), scenario.deployments[0].clusters.remove(0));
    for (name, rate) in ["a", "b"].into_iter().zip(rates) {
        let (mut flow, mut cluster) = (flow.clone(), cluster.clone());
        (flow.name, flow.tenant) = (name.to_owned(), name.to_owned());
        flow.arrivals = Arrivals::Poisson { rate };
        (cluster.name, cluster.tenant) = (format!("gateway@{name}"), Some(name.to_owned()));
        scenario.flows.push(flow);
        scenario.deployments[0].clusters.push(cluster);
    }
    scenario
}

/// Flow, goal and situation, then verdict and reason, of every check.
fn judged(checks: &[GoalCheck]) -> Vec<(&str, Quantity, &str, Verdict, Reason)> {
    let each = checks.iter();
    each.map(|c| (c.flow.as_str(), c.goal, c.situation.as_str(), c.verdict, c.reason.clone()))
        .collect()
}

#[test]
fn no_error_among_few_requests_is_no_proof_that_errors_are_rare() {
    let goals = |error_rate| Goals { error_rate: Some(error_rate), ..Goals::default() };
    // Of about 2000 requests none fails: the share is below ln 20 / 2000 = 0.15 %.
    assert_eq!(verdict(&queue(500.0, 1, goals(1e-3))), Some(Verdict::Undecided));
    assert_eq!(verdict(&queue(500.0, 1, goals(2e-3))), Some(Verdict::Met));
    let availability = Goals { availability: Some(0.999), ..Goals::default() };
    assert_eq!(verdict(&queue(500.0, 1, availability)), Some(Verdict::Undecided));
}

#[test]
fn a_cluster_that_is_overloaded_without_a_node_does_not_survive_its_loss() {
    let limit = SimDuration::from_seconds(100.0);
    let latency = vec![(LatencyMetric::Quantile(0.99), limit)];
    let goals = Goals { latency, ..Goals::default() };
    let mut scenario = long_queue(1050.0, 2, goals);
    assert_eq!(verdict(&scenario), Some(Verdict::Met));
    scenario.survive = 1;
    assert_eq!(verdict(&scenario), Some(Verdict::Missed));
}

#[test]
fn every_flow_is_judged_by_its_own_goals_and_inherits_the_others() {
    let mut scenario = two_tenants([500.0, 500.0], p99_and_errors(0.001, 0.01));
    let own = Goals { latency: p99_and_errors(1000.0, 0.0).latency, ..Goals::default() };
    scenario.flows[1].goals = own;
    let checks = found(&scenario).goal_checks;
    let up = "all nodes up";
    assert_eq!(
        judged(&checks),
        [
            ("a", Quantity::P99, up, Verdict::Missed, Reason::Found),
            ("b", Quantity::P99, up, Verdict::Met, Reason::Found),
            ("a", Quantity::ErrorRate, up, Verdict::Met, Reason::Found),
            ("b", Quantity::ErrorRate, up, Verdict::Met, Reason::Found),
        ]
    );
    assert_eq!((checks[0].limit, checks[1].limit), (0.001, 1000.0));
}

#[test]
fn a_goal_of_one_flow_is_no_goal_of_the_other() {
    let mut scenario = two_tenants([500.0, 500.0], Goals::default());
    scenario.flows[1].goals = p99_and_errors(1000.0, 0.01);
    let checks = found(&scenario).goal_checks;
    assert!(checks.len() == 2 && checks.iter().all(|check| check.flow == "b"), "{checks:?}");
}

#[test]
fn an_overload_misses_the_goals_of_the_flows_that_wait_there_and_of_no_others() {
    let result = found(&two_tenants([500.0, 1500.0], p99_and_errors(100.0, 0.01)));
    let (up, grows) = ("all nodes up", Reason::Backlog(vec!["gateway@b".to_owned()]));
    assert_eq!(
        judged(&result.goal_checks),
        [
            ("a", Quantity::P99, up, Verdict::Met, Reason::Found),
            ("b", Quantity::P99, up, Verdict::Missed, grows.clone()),
            ("a", Quantity::ErrorRate, up, Verdict::Met, Reason::Found),
            ("b", Quantity::ErrorRate, up, Verdict::Missed, grows),
        ]
    );
    // The rates are those of the flow that uses the cluster, not of both tenants.
    let [overload] = result.overloads.as_slice() else { panic!("{:?}", result.overloads) };
    assert_eq!(
        (overload.cluster.as_str(), overload.flows.as_slice()),
        ("gateway@b", &["b".to_owned()][..])
    );
    assert!((overload.offered_rps - 1500.0).abs() < 1e-6, "{overload:?}");
    assert!((overload.carried_rps - 1000.0).abs() < 1e-6, "{overload:?}");
}

#[test]
fn every_overloaded_cluster_is_named_the_most_loaded_first() {
    let result = found(&two_tenants([1200.0, 1500.0], p99_and_errors(100.0, 0.01)));
    let names: Vec<_> = result.overloads.iter().map(|overload| &overload.cluster).collect();
    assert_eq!(names, ["gateway@b", "gateway@a"]);
}

#[test]
fn where_a_queue_is_bounded_an_overload_is_judged_by_what_was_found() {
    let mut scenario = long_queue(2000.0, 1, p99_and_errors(1000.0, 0.01));
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    (profile.workers, profile.queue) = (1, Some(10));
    let result = found(&scenario);
    assert_eq!(result.overloads.len(), 1);
    let up = "all nodes up";
    assert_eq!(
        judged(&result.goal_checks),
        [
            ("requests", Quantity::P99, up, Verdict::Met, Reason::Found),
            ("requests", Quantity::ErrorRate, up, Verdict::Missed, Reason::Found),
        ]
    );
    // M/M/1/K at a load of 2 rejects half of its requests.
    let errors = result.flows[0].found[Quantity::ErrorRate];
    assert!((errors.mean - 0.5).abs() < 0.05, "{errors:?}");
}

#[test]
fn a_client_that_gives_up_sooner_than_the_limit_is_not_answered_later() {
    let mut scenario = queue(1500.0, 1, p99_and_errors(100.0, 0.01));
    scenario.flows[0].timeout = Some(SimDuration::from_ms(50.0));
    scenario.flows[0].timeout_cancels = true;
    let result = found(&scenario);
    assert_eq!(result.goal_checks[0].verdict, Verdict::Met);
    assert_eq!(result.goal_checks[1].verdict, Verdict::Missed);
}

#[test]
fn a_peak_that_is_made_up_for_within_the_window_is_no_overload() {
    let at = |seconds: f64| SimTime((seconds * 1e9) as u64);
    let mut scenario = long_queue(1.0, 1, p99_and_errors(10_000.0, 0.01));
    // 1.5 times the capacity for six seconds, then a third of it.
    let points = vec![(at(6.0), 1500.0), (at(6.3), 300.0)];
    scenario.flows[0].arrivals = Arrivals::Schedule { points };
    let result = found(&scenario);
    assert!(result.overloads.is_empty(), "{:?}", result.overloads);
    assert_eq!(result.goal_checks[0].verdict, Verdict::Met);
}

#[test]
fn a_share_of_no_request_is_absent_and_a_goal_on_it_undecided() {
    let mut scenario = queue(1.0, 1, availability(0.99));
    scenario.flows[0].arrivals = Arrivals::Trace { times: vec![SimTime(90_000_000_000)] };
    let result = found(&scenario);
    let flow = &result.flows[0];
    let found: Vec<_> =
        flow.found.iter().filter_map(|(of, found)| found.map(|_| of.name())).collect();
    let rates = ["offered", "throughput", "over_limit"];
    let tokens = ["token_misses", "token_herd", "token_renewals"];
    assert_eq!(found, [&rates[..], &tokens, &["late", "replayed", "forgotten"]].concat());
    let check = &result.goal_checks[0];
    assert_eq!((check.verdict, &check.reason), (Verdict::Undecided, &Reason::NoRequest));
    assert_eq!(check.found, None);
}

#[test]
fn what_was_never_seen_has_a_bound_and_the_replications_that_would_decide() {
    let goals = Goals { error_rate: Some(1e-3), ..Goals::default() };
    let check = found(&queue(500.0, 1, goals)).goal_checks.remove(0);
    let bound = check.found.and_then(|found| found.upper).expect("a bound");
    // ln 20 over about 2000 requests; with half as many again it is below 0.1 %.
    assert!((0.0014..0.0016).contains(&bound), "{bound}");
    let Reason::MoreReplications(Effort::About(replications)) = check.reason else {
        panic!("{:?}", check.reason)
    };
    assert!((6..=7).contains(&replications), "{replications}");
    let mut longer = queue(500.0, 1, Goals { error_rate: Some(1e-3), ..Goals::default() });
    longer.run.replications = Replications::Fixed(replications);
    assert_eq!(verdict(&longer), Some(Verdict::Met));
}

#[test]
fn one_replication_decides_nothing() {
    let mut scenario = queue(500.0, 1, p99_and_errors(1000.0, 0.01));
    scenario.run.replications = Replications::Fixed(1);
    for check in found(&scenario).goal_checks {
        let reason = Reason::MoreReplications(Effort::Unknown);
        assert_eq!((check.verdict, check.reason), (Verdict::Undecided, reason));
    }
}

/// The verdict on availability where nodes are up and down for so many seconds on average.
fn with_crashes(nodes: u32, up: f64, down: f64, limit: f64) -> (Verdict, Reason) {
    let mut scenario = queue(500.0, nodes, availability(limit));
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.mtbf = Some(SimDuration::from_seconds(up));
    profile.mttr = SimDuration::from_seconds(down);
    let check = found(&scenario).goal_checks.remove(0);
    (check.verdict, check.reason)
}

#[test]
fn availability_is_that_of_a_year_where_nodes_crash() {
    let (day, half_hour) = (86_400.0, 1800.0);
    // Both of two nodes are down together for (1800 / 88 200)² = 0.042 % of the time, which no window shows.
    let found = (Verdict::Met, Reason::Found);
    assert_eq!(with_crashes(2, day, half_hour, 0.9993), found);
    assert_eq!(with_crashes(2, day, half_hour, 0.9998), (Verdict::Missed, Reason::Found));
    // Where nodes do not crash, the windows tell.
    assert_eq!(verdict_without_crashes(), Some(Verdict::Met));
}

fn verdict_without_crashes() -> Option<Verdict> {
    verdict(&queue(500.0, 2, availability(0.995)))
}

#[test]
fn many_crashes_show_the_availability_of_nodes_that_crash() {
    // 12 seconds of node time, a crash every tenth of a second: 120.
    assert_eq!(with_crashes(3, 0.1, 0.001, 0.5).0, Verdict::Met);
    assert_eq!(with_crashes(3, 0.1, 0.001, 0.5).1, Reason::Found);
    // What was seen to be missed is missed, however seldom all are down.
    assert_eq!(with_crashes(3, 0.1, 0.01, 0.999), (Verdict::Missed, Reason::Found));
}

#[test]
fn an_overload_makes_as_many_errors_as_it_cannot_carry_and_none_of_users_who_wait() {
    // A third of 1500 /s is not carried by a node of 1000 /s.
    let mut scenario = long_queue(1500.0, 1, Goals { error_rate: Some(0.4), ..Goals::default() });
    let mut users = scenario.flows[0].clone();
    users.name = "users".to_owned();
    let think = Law::constant(SimDuration::from_seconds(1.0));
    users.arrivals = Arrivals::Closed { users: 1, think };
    users.goals.error_rate = Some(0.001);
    scenario.flows.push(users);
    let reasons = |scenario: &Scenario| {
        let checks = found(scenario).goal_checks;
        checks
            .into_iter()
            .map(|check| matches!(check.reason, Reason::Backlog(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(reasons(&scenario), [false, false]);
    scenario.goals.error_rate = Some(0.3);
    assert_eq!(reasons(&scenario), [true, false]);
}

#[test]
fn replications_that_crash_and_others_that_do_not_are_two_states() {
    // Of windows of a second, some see the crash of the only node, which is not repaired in them.
    let mut scenario = queue(500.0, 1, Goals::default());
    scenario.run.replications = Replications::Fixed(8);
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.mtbf = Some(SimDuration::from_seconds(2.0));
    profile.mttr = SimDuration::from_seconds(20.0);
    let notes = |scenario: &Scenario| found(scenario).notes;
    assert!(notes(&scenario)[0].text.contains("has two states"), "{:?}", notes(&scenario));
    // Where more is asked for than can be carried, that is the reason.
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 1100.0 };
    assert!(!notes(&scenario).iter().any(|note| note.text.contains("two states")));
}

#[test]
fn what_a_reader_should_know_is_noted() {
    let noted = |scenario: &Scenario, words: &[&str]| {
        let notes = found(scenario).notes;
        let is_said = notes.iter().any(|note| words.iter().all(|word| note.text.contains(word)));
        assert!(is_said, "{words:?} in {notes:?}");
    };
    // Half of 2000 /s is left to wait.
    let overload = queue(2000.0, 1, Goals::default());
    noted(&overload, &["still unanswered at the end of the window", "% of `requests`"]);
    let mut calibrated = queue(500.0, 1, Goals::default());
    calibrated.deployments[0].clusters[0].profile.demand_error = Some(0.1);
    noted(
        &calibrated,
        &["what the calibration of profile `station` leaves open is in the intervals"],
    );
    // 500 /s of 40 ms are 20 calls at once, for which two nodes have 4 connections each.
    let mut asked = queue(500.0, 2, Goals::default());
    asked.flows[0].kind = FlowKind::Token;
    asked.deployments[0].clusters[0].roles = vec![Role::KeyManager];
    let delay = Law::constant(SimDuration::from_ms(40.0));
    let database = &mut asked.deployments[0].clusters[0].profile.database;
    *database = Some(Database { delay: delay.clone(), pool: 4, at_once: None });
    noted(&asked, &["20 calls to its database", "its nodes have 8 connections", "at most 40 %"]);
    let database = &mut asked.deployments[0].clusters[0].profile.database;
    *database = Some(Database { delay: delay.clone(), pool: 4, at_once: Some(5) });
    noted(&asked, &["the database serves 5", "at most 25 %"]);
    let database = &mut asked.deployments[0].clusters[0].profile.database;
    *database = Some(Database { delay, pool: 11, at_once: None });
    assert!(!found(&asked).notes.iter().any(|note| note.text.contains("database")));
}

#[test]
fn requests_whose_buffers_do_not_fit_into_the_heap_are_noted() {
    let mut scenario = queue(2000.0, 1, Goals::default());
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.bursts = Bursts::Reactor { buffer_kib: 1024.0 };
    let heap = Generations { resident_mib: 100.0, ..Generations::of(120.0) };
    profile.gc = Some(GarbageCollection {
        budget: AllocationBudget::Young(heap),
        pause: SimDuration::from_ms(0.1),
        cv: 0.0,
        per_in_flight: SimDuration::ZERO,
        full: None,
        threads: None,
    });
    // Hundreds wait, and 20 MiB hold the buffers of 20.
    let notes = found(&scenario).notes;
    assert!(notes.iter().any(|note| note.text.contains("run out of memory")), "{notes:?}");
}

#[test]
fn every_deployment_is_compared_with_the_first() {
    let mut scenario = queue(500.0, 1, Goals::default());
    for name in ["second", "third"] {
        let mut other = scenario.deployments[0].clone();
        (other.name, other.clusters[0].nodes) = (name.to_owned(), 2);
        scenario.deployments.push(other);
    }
    let results = compare(&scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs");
    let compared: Vec<_> =
        results.differences.iter().map(|d| (d.deployment.as_str(), d.quantity)).collect();
    let quantities = [Quantity::Throughput, Quantity::P99, Quantity::ErrorRate];
    let expected = ["second", "third"].into_iter().flat_map(|name| quantities.map(|q| (name, q)));
    assert_eq!(compared, expected.collect::<Vec<_>>());
    // Two nodes are quicker than one.
    assert!(results.differences[1].difference.mean < 0.0);
}

#[test]
fn what_collections_stop_is_part_of_the_load() {
    let mut scenario = queue(500.0, 1, Goals::default());
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.gc = Some(GarbageCollection {
        budget: AllocationBudget::Requests(100.0),
        pause: SimDuration::from_ms(10.0),
        cv: 0.0,
        per_in_flight: SimDuration::ZERO,
        full: None,
        threads: None,
    });
    // Five pauses of 10 ms a second stop a core.
    let cluster = found(&scenario).clusters.remove(0);
    assert!((cluster.offered_load_cores - 0.5).abs() < 1e-9);
    assert!((cluster.offered_load_with_stops_cores - 0.55).abs() < 1e-9, "{cluster:?}");
}

#[test]
fn a_start_up_is_down_time_too() {
    let (day, half_hour) = (86_400.0, 1800.0);
    // Without it both nodes are down together for 0.042 % of the time, with it for (3600 / 90 000)² = 0.16 %.
    let mut scenario = queue(500.0, 2, availability(0.999));
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.mtbf = Some(SimDuration::from_seconds(day));
    profile.mttr = SimDuration::from_seconds(half_hour);
    assert_eq!(verdict(&scenario), Some(Verdict::Met));
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.start_up = Law::constant(SimDuration::from_seconds(half_hour));
    assert_eq!(verdict(&scenario), Some(Verdict::Missed));
}

#[test]
fn nodes_that_crash_matter_to_those_who_need_them() {
    let mut scenario = two_tenants([50.0, 50.0], availability(0.99));
    let cluster = &mut scenario.deployments[0].clusters[1];
    cluster.profile.mtbf = Some(SimDuration::from_seconds(86_400.0));
    cluster.profile.mttr = SimDuration::from_seconds(1800.0);
    let checks = found(&scenario).goal_checks;
    let judged = judged(&checks);
    let all: Vec<_> =
        judged.iter().map(|(flow, _, over, verdict, _)| (*flow, *over, *verdict)).collect();
    // The only node is down for 1800 / 88 200 = 2 % of the time.
    let over = "over 365 d";
    assert_eq!(all, [("a", over, Verdict::Met), ("b", over, Verdict::Missed)]);
}

#[test]
fn of_an_active_passive_pair_one_node_carries() {
    let overloads = |policy, cores| {
        let mut scenario = queue(1500.0, 2, Goals::default());
        let cluster = &mut scenario.deployments[0].clusters[0];
        (cluster.balancing.policy, cluster.profile.cores) = (policy, cores);
        found(&scenario).overloads.len()
    };
    assert_eq!(overloads(Policy::RoundRobin, 1.0), 0);
    assert_eq!(overloads(Policy::ActivePassive, 1.0), 1);
    assert_eq!(overloads(Policy::ActivePassive, 2.0), 0);
}

#[test]
fn what_many_crashes_leave_open_more_replications_would_decide() {
    let mut scenario = queue(500.0, 3, availability(0.5));
    let profile = &mut scenario.deployments[0].clusters[0].profile;
    profile.mtbf = Some(SimDuration::from_ms(100.0));
    profile.mttr = SimDuration::from_ms(1.0);
    let check = found(&scenario).goal_checks.remove(0);
    scenario.goals = availability(check.found.expect("crashes were seen").mean);
    let check = found(&scenario).goal_checks.remove(0);
    assert_eq!(check.verdict, Verdict::Undecided);
    assert!(matches!(check.reason, Reason::MoreReplications(_)), "{:?}", check.reason);
}

#[test]
fn a_drill_is_named_in_the_situation_and_where_it_hits_nothing_it_is_not() {
    let mut scenario = queue(500.0, 2, p99_and_errors(1000.0, 0.5));
    let at = SimDuration::from_ms(100.0);
    scenario.drills = vec![Drill {
        kind: Failure::Crash,
        at,
        what: "gateway".to_owned(),
        nodes: 1,
        lasts: SimDuration::from_ms(50.0),
    }];
    assert_eq!(found(&scenario).goal_checks[0].situation, "with the drill");
    scenario.drills[0].what = "publisher".to_owned();
    assert_eq!(found(&scenario).goal_checks[0].situation, "all nodes up");
}

#[test]
fn the_loss_of_an_only_node_misses_the_goals_of_those_who_need_it() {
    let mut scenario = two_tenants([500.0, 500.0], p99_and_errors(1000.0, 0.01));
    scenario.deployments[0].clusters[0].nodes = 2;
    scenario.survive = 1;
    let checks = found(&scenario).goal_checks;
    let missed: Vec<_> = judged(&checks).into_iter().filter(|c| c.3 == Verdict::Missed).collect();
    let (down, only) = ("one node of gateway@b down", Reason::OnlyNode("gateway@b".to_owned()));
    assert_eq!(
        missed,
        [
            ("b", Quantity::P99, down, Verdict::Missed, only.clone()),
            ("b", Quantity::ErrorRate, down, Verdict::Missed, only),
        ]
    );
}

#[test]
fn a_goal_that_the_backend_alone_misses_is_missed_however_little_was_seen() {
    let with = |limit_ms: f64| {
        let mut scenario = queue(100.0, 1, p99_and_errors(limit_ms, 0.01));
        let mean = SimDuration::from_ms(100.0);
        scenario.flows[0].backend = Some(Law { mean, shape: Shape::Exponential });
        found(&scenario).goal_checks.swap_remove(0)
    };
    // The p99 of an exponential law of 100 ms is 460.5 ms; 400 requests do not tell it from 460 ms.
    let check = with(460.0);
    let Reason::Backend { alone } = check.reason else { panic!("{:?}", check.reason) };
    assert_eq!(check.verdict, Verdict::Missed);
    assert!((alone - 460.517).abs() < 0.01, "{alone}");
    assert_eq!(with(461.0).verdict, Verdict::Undecided);
}
