//! How an experiment is conducted: what it says of the work ahead, in which order it works, and what it
//! keeps when it is stopped.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use sim::deployment::routes::{INTROSPECTION, THROTTLE_EVENT};
use sim::deployment::{
    AllocationBudget, Arrivals, Bursts, Demand, GarbageCollection, Generations, Role, Token, Tokens,
};
use sim::engine::{LONGEST, MOST_COMPETITORS};
use sim::experiment::{Experiment, ExperimentError, Progress, Task, Unwatched, compare, effort};
use sim::random::{Law, Shape};
use sim::scenario::{Goals, LatencyMetric, Replications, Scenario};
use sim::study::Unfit;
use sim::time::{SimDuration, SimTime};
use sim::verification;

/// A queue of 1000 services/s per node under half of its load, in windows of so many seconds.
fn queue(seconds: f64, replications: u32) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 500.0 };
    scenario.deployments[0].clusters[0].nodes = 1;
    scenario.goals = Goals::default();
    scenario.run.window = SimDuration::from_seconds(seconds);
    scenario.run.warm_up = None;
    scenario.run.replications = Replications::Fixed(replications);
    scenario
}

/// What an experiment has told.
#[derive(Debug, Default)]
struct Told {
    planned: u64,
    expected: f64,
    advanced: f64,
    completed: u64,
    events: u64,
}

/// Follows an experiment, and stops it when so many runs are complete.
struct Follower {
    told: Mutex<Told>,
    stop: AtomicBool,
    stop_after: u64,
}

impl Follower {
    fn until(stop_after: u64) -> Self {
        Self { told: Mutex::default(), stop: AtomicBool::new(false), stop_after }
    }

    fn change(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().expect("no other has failed"));
    }
}

impl Progress for Follower {
    fn planned(&self, runs: u64) {
        self.change(|told| told.planned = runs);
    }

    fn expected(&self, events: f64) {
        self.change(|told| told.expected = events);
    }

    fn advanced(&self, events: f64) {
        assert!(events >= 0.0, "{events}");
        self.change(|told| told.advanced += events);
    }

    fn completed(&self, events: u64) {
        self.change(|told| {
            told.completed += 1;
            told.events += events;
            if told.completed >= self.stop_after {
                self.stop.store(true, Ordering::Relaxed);
            }
        });
    }
}

/// Runs a scenario to its end and returns what it told.
fn told(scenario: &Scenario) -> Told {
    let follower = Follower::until(u64::MAX);
    compare(scenario, &follower, &follower.stop).expect("it runs");
    follower.told.into_inner().expect("nobody else has it")
}

#[track_caller]
fn assert_near(found: f64, expected: f64, factor: f64) {
    assert!(found < factor * expected && expected < factor * found, "{found}, not {expected}");
}

#[test]
fn what_is_expected_of_an_experiment_is_what_is_done_in_the_end() {
    let mut schedule = queue(40.0, 3);
    let second = |seconds: u64| SimTime(seconds * 1_000_000_000);
    schedule.flows[0].arrivals = Arrivals::Schedule {
        points: vec![(second(0), 20.0), (second(20), 20.0), (second(40), 800.0)],
    };
    let mut pair = queue(20.0, 2);
    pair.deployments[0].clusters[0].nodes = 2;
    pair.survive = 1;
    // The last is so long that it tells of itself on the way.
    for scenario in [queue(20.0, 4), schedule, pair, queue(400.0, 1)] {
        let told = told(&scenario);
        assert_eq!(told.planned, told.completed);
        assert!((told.advanced / told.expected - 1.0).abs() < 1e-9, "{told:?}");
        // Poisson counts of at least 8000 arrivals: their deviation is below 1.2 %.
        assert_near(told.events as f64, told.expected, 1.05);
        let before = effort(&scenario).expect("it can be simulated");
        assert_eq!(before.runs, told.planned);
        // The warm-up that is found may be longer than the least.
        assert!(before.events <= told.expected * (1.0 + 1e-9), "{before:?} {told:?}");
        assert_near(before.events, told.expected, 1.4);
    }
}

#[test]
fn users_bring_what_they_can_think_of_or_what_their_nodes_can_carry() {
    let closed = |users, think_ms, hop_ms| {
        let mut scenario = queue(40.0, 2);
        scenario.run.warm_up = Some(SimDuration::from_seconds(2.0));
        let think = Law::constant(SimDuration::from_ms(think_ms));
        scenario.flows[0].arrivals = Arrivals::Closed { users, think };
        let profile = &mut scenario.deployments[0].clusters[0].profile;
        profile.hop = Law::constant(SimDuration::from_ms(hop_ms));
        profile.bursts = Bursts::Equal(4);
        scenario
    };
    // 5 users who think 100 ms, or wait as long; 200 users, for whom a node of 1000 /s is too slow.
    let mut large = closed(200, 10.0, 0.0);
    let cluster = &mut large.deployments[0].clusters[0];
    (cluster.nodes, cluster.profile.cores) = (2, 2.0);
    // One user who waits as long as he thinks, with a backend between the bursts.
    let mut alone = closed(1, 1.0, 0.0);
    alone.flows[0].backend = Some(Law::constant(SimDuration::from_ms(0.1)));
    let each = [closed(5, 100.0, 0.0), closed(5, 0.0, 50.0), closed(200, 10.0, 0.0), large, alone];
    for scenario in each {
        let told = told(&scenario);
        assert_near(told.events as f64, told.expected, 1.03);
    }
    // Beside 500 /s of others the node has room for as many.
    let mut beside = closed(200, 10.0, 0.0);
    let mut open = beside.flows[0].clone();
    open.name = "others".to_owned();
    open.arrivals = Arrivals::Poisson { rate: 500.0 };
    beside.flows.push(open);
    let told = told(&beside);
    assert_near(told.events as f64, told.expected, 1.03);
}

/// A queue of four bursts whose nodes publish an event of every request, and ask for some tokens, over
/// a network that delays.
fn api(gateways: &[Role]) -> Scenario {
    let mut scenario = queue(20.0, 2);
    scenario.run.warm_up = Some(SimDuration::from_seconds(1.0));
    scenario.flows[0].arrivals = Arrivals::Deterministic { rate: 500.0 };
    scenario.flows[0].token = Token::Opaque;
    scenario.flows[0].tokens = Tokens::Alike { cache_miss: 0.25 };
    scenario.flows[0].backend = Some(Law::constant(SimDuration::from_ms(1.0)));
    let cluster = &mut scenario.deployments[0].clusters[0];
    let profile = &mut cluster.profile;
    profile.bursts = Bursts::Equal(4);
    profile.hop = Law::constant(SimDuration::from_ms(1.0));
    for name in [INTROSPECTION, THROTTLE_EVENT] {
        profile
            .demands
            .insert(name.to_owned(), Demand::plain(SimDuration(10_000), Shape::Constant));
    }
    (cluster.nodes, cluster.roles) = (3, gateways.to_vec());
    scenario
}

#[test]
fn what_requests_cause_elsewhere_is_foreseen() {
    let together = api(&[Role::Gateway, Role::KeyManager, Role::TrafficManager]);
    let mut apart = api(&[Role::Gateway]);
    for role in [Role::KeyManager, Role::TrafficManager] {
        let mut other = apart.deployments[0].clusters[0].clone();
        (other.name, other.roles, other.nodes) = (role.name().to_owned(), vec![role], 3);
        apart.deployments[0].clusters.push(other);
    }
    let mut alone = api(&[Role::Gateway]);
    alone.flows[0].token = Token::Jwt;
    // Ten times a second each of three nodes allocates for itself, which hardly ever fills its heap.
    let mut allocating = alone.clone();
    allocating.flows[0].arrivals = Arrivals::Deterministic { rate: 1.0 };
    allocating.deployments[0].clusters[0].profile.gc = Some(GarbageCollection {
        budget: AllocationBudget::Young(Generations {
            resident_mib: 100.0,
            background_mib: 1.0,
            ..Generations::of(1000.0)
        }),
        pause: SimDuration::from_ms(1.0),
        cv: 0.0,
        per_in_flight: SimDuration::ZERO,
        full: None,
        threads: None,
    });
    let mut quiet = allocating.clone();
    let gc = quiet.deployments[0].clusters[0].profile.gc.as_mut().expect("it collects");
    gc.budget = AllocationBudget::Requests(1e6);
    // One user after the other, who may wait for a key manager.
    let mut waiting = apart.clone();
    let think = Law::constant(SimDuration::from_ms(0.1));
    waiting.flows[0].arrivals = Arrivals::Closed { users: 1, think };
    for cluster in &mut waiting.deployments[0].clusters {
        let introspection = Demand::plain(SimDuration::from_ms(20.0), Shape::Constant);
        cluster.profile.demands.insert(INTROSPECTION.to_owned(), introspection);
    }
    let told_of_users = told(&waiting);
    assert_near(told_of_users.events as f64, told_of_users.expected, 1.05);
    for scenario in [together, apart, alone, allocating, quiet] {
        let told = told(&scenario);
        // A quarter of 21 000 requests ask, with a deviation of 0.3 %; of one per second, another comes
        // at the end.
        assert_near(told.events as f64, told.expected, 1.01);
    }
}

#[test]
fn of_an_overload_what_is_carried_is_foreseen() {
    // Of 1500 /s a node carries 1000, in four bursts each; all of them arrive.
    let mut scenario = queue(20.0, 2);
    scenario.run.warm_up = Some(SimDuration::from_seconds(1.0));
    scenario.flows[0].arrivals = Arrivals::Deterministic { rate: 1500.0 };
    scenario.deployments[0].clusters[0].profile.bursts = Bursts::Equal(4);
    scenario.deployments[0].clusters[0].profile.workers = 1;
    let told = told(&scenario);
    assert_near(told.expected, 2.0 * 21.0 * 1000.0 * 5.0, 1.001);
    assert_near(told.events as f64, 2.0 * 21.0 * (1500.0 + 1000.0 * 4.0), 1.03);
}

#[test]
fn the_effort_of_a_precision_is_that_of_two_batches_and_of_all() {
    let mut scenario = queue(20.0, 1);
    scenario.run.warm_up = Some(SimDuration::ZERO);
    let effort = |max| {
        let mut scenario = scenario.clone();
        scenario.run.replications = Replications::Precision { relative: 0.1, max };
        let effort = effort(&scenario).expect("it can be simulated");
        (effort.runs, effort.most_events / effort.events)
    };
    assert_eq!((effort(24), effort(6)), ((8, 3.0), (6, 1.0)));
}

#[test]
fn an_experiment_is_as_long_and_as_large_as_the_engine_can_tell_apart() {
    let mut scenario = queue(1.0, 1);
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 1e-6 };
    scenario.run.window = LONGEST;
    let run = |scenario: &Scenario| compare(scenario, &Unwatched, &AtomicBool::new(false));
    scenario.run.warm_up = Some(SimDuration(1));
    assert!(matches!(run(&scenario), Err(ExperimentError::TooLong)));
    scenario.run.warm_up = Some(SimDuration::ZERO);
    assert!(run(&scenario).is_ok());
    // A flow and its nodes.
    scenario.deployments[0].clusters[0].nodes = MOST_COMPETITORS as u32 - 1;
    assert!(effort(&scenario).is_ok());
    scenario.deployments[0].clusters[0].nodes += 1;
    assert!(matches!(effort(&scenario), Err(ExperimentError::Unfit(Unfit::TooLarge(_)))));
}

#[test]
fn results_say_how_many_events_there_were_and_hand_back_the_requests_of_the_first_replication() {
    let mut scenario = queue(20.0, 3);
    scenario.run.warm_up = Some(SimDuration::ZERO);
    let follower = Follower::until(u64::MAX);
    let experiment = Experiment::new(&scenario).expect("it can be simulated");
    let task = Task { record: true, ..Task::default() };
    let observed = experiment.observe(task, &follower, &follower.stop).expect("it runs");
    let results = experiment.results(&observed.study);
    let told = follower.told.into_inner().expect("nobody else has it");
    assert_eq!((results.events, told.completed), (told.events, 3));
    let requests = observed.records.expect("the first is complete").len() as f64;
    // 10 000 of that replication, with a deviation of 100.
    assert!((requests - 10_000.0).abs() < 500.0, "{requests}");
}

#[test]
fn pilots_weigh_as_much_as_they_take() {
    // Pilots are as long as the longest that there are, 600 s; the window is 20 times as long.
    let mut scenario = queue(12_000.0, 1);
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 5.0 };
    let follower = Follower::until(5);
    let stopped =
        compare(&scenario, &follower, &follower.stop).expect_err("stopped after the pilots");
    assert!(matches!(stopped, ExperimentError::Stopped { complete: 0, needed: 1 }), "{stopped}");
    let told = follower.told.into_inner().expect("nobody else has it");
    assert_eq!((told.completed, told.planned), (5, 6));
    // 5 pilots of 600 s, then 12 000 s and 1 200 s of warm-up at least.
    assert_near(told.advanced / told.expected, 3000.0 / (3000.0 + 13_200.0), 1.01);
}

#[test]
fn an_experiment_that_is_stopped_keeps_the_replications_that_are_complete_everywhere() {
    // Four situations of one deployment: all up, and without a node.
    let mut scenario = queue(20.0, 50);
    scenario.run.warm_up = Some(SimDuration::from_seconds(1.0));
    scenario.deployments[0].clusters[0].nodes = 2;
    scenario.goals = Goals {
        latency: vec![(LatencyMetric::Mean, SimDuration::from_seconds(1.0))],
        ..Goals::default()
    };
    scenario.survive = 1;
    let mut other = scenario.deployments[0].clone();
    other.name = "other".to_owned();
    scenario.deployments.push(other);
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        // As many runs as a replication has, and those that other threads have begun meanwhile.
        let follower = Follower::until(4 + threads as u64 - 1);
        let results = pool.install(|| compare(&scenario, &follower, &follower.stop));
        let results = results.expect("the first replication is complete");
        assert!(results.partial && (1..=2).contains(&results.replications), "{threads}");
    }
    let follower = Follower::until(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let stopped = pool.install(|| compare(&scenario, &follower, &follower.stop));
    let stopped = stopped.expect_err("one run of four").to_string();
    assert!(stopped.contains("(1 of 4 runs were)"), "{stopped}");
}

#[test]
fn what_does_not_fit_is_told_with_the_names_of_flow_and_cluster() {
    let mut scenario = queue(1.0, 1);
    scenario.flows[0].operation = "polish".to_owned();
    scenario.flows[0].name = "orders".to_owned();
    let cluster = scenario.deployments[0].clusters[0].name.clone();
    let follower = Follower::until(1);
    let said = compare(&scenario, &follower, &follower.stop).expect_err("unknown").to_string();
    let expected =
        format!("flow `orders` brings `polish` to the cluster `{cluster}`, whose profile");
    assert!(said.contains(&expected) && !said.contains('{'), "{said}");
}
