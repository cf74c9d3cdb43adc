//! A flow that stays collapsed after what made it collapse, and those that do not.

use std::sync::atomic::AtomicBool;

use sim::deployment::{Arrivals, Retries};
use sim::experiment::{Unwatched, compare};
use sim::network::Failure;
use sim::results::DeploymentResult;
use sim::scenario::{Drill, Replications, Scenario};
use sim::time::{SimDuration, SimTime};
use sim::verification;

const AT_ONCE: Retries = Retries { max: 3, back_off: SimDuration::ZERO, factor: 1.0, jitter: 0.0 };

/// M/M/1 of 1000 /s at 500 /s, whose clients give up after 50 ms. From 10 s to 15 s it is three times slower,
/// so that 5 × (500 − 333) = 830 wait, who take 0.8 s; the window ends at 45 s.
fn scenario(retries: Retries) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    let flow = &mut scenario.flows[0];
    flow.arrivals = Arrivals::Poisson { rate: 500.0 };
    (flow.timeout, flow.retries) = (Some(SimDuration::from_ms(50.0)), retries);
    scenario.drills = vec![Drill {
        at: SimDuration::from_seconds(10.0),
        kind: Failure::Slow { factor: 3.0 },
        what: scenario.deployments[0].clusters[0].name.clone(),
        nodes: 1,
        lasts: SimDuration::from_seconds(5.0),
    }];
    scenario.run.window = SimDuration::from_seconds(45.0);
    scenario.run.replications = Replications::Fixed(2);
    scenario
}

fn found(scenario: &Scenario) -> DeploymentResult {
    let results = compare(scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs");
    results.deployments.into_iter().next().expect("one deployment")
}

fn two_states(found: &DeploymentResult) -> Option<&str> {
    found.notes.iter().map(|note| note.text.as_str()).find(|note| note.contains("two states"))
}

/// Answers a second in the last ten seconds.
fn in_the_end(found: &DeploymentResult) -> f64 {
    found.flows[0].timeline[35..45].iter().map(|second| second.throughput_rps).sum::<f64>() / 10.0
}

/// Four attempts a request are 2000 /s, twice what it can do, each of which waits for longer than 50 ms.
#[test]
fn where_retries_ask_for_more_than_can_be_done_a_flow_that_has_collapsed_stays_so() {
    let found = found(&scenario(AT_ONCE));
    let note = two_states(&found).unwrap_or_else(|| panic!("{:?}", found.notes));
    assert!(
        note.contains("0.0 % errors in the 10 s before the drill, 100 % in the last 15 s"),
        "{note}"
    );
    assert!(note.contains("up to 4 times 500 /s, more than it can do"), "{note}");
    assert!(in_the_end(&found) < 1.0);
}

/// 830 that wait are gone after 830 / (1000 − 500) = 1.7 s where nobody comes back, and at once where they take
/// their work with them, or where no more than 20 may wait. The standard deviation of a rate of 20 s is 5 /s.
#[test]
fn where_clients_do_not_come_back_or_take_their_work_with_them_or_few_may_wait_it_recovers() {
    let alone = scenario(Retries::NONE);
    let mut cancels = scenario(AT_ONCE);
    cancels.flows[0].timeout_cancels = true;
    let mut few = scenario(AT_ONCE);
    let profile = &mut few.deployments[0].clusters[0].profile;
    (profile.workers, profile.queue) = (1, Some(20));
    for scenario in [alone, cancels, few] {
        let found = found(&scenario);
        assert_eq!(two_states(&found), None);
        assert!((in_the_end(&found) - 500.0).abs() < 25.0, "{}", in_the_end(&found));
    }
}

/// 900 /s after 500 /s are not the same load; nor does it tell of states where the window ends too soon.
#[test]
fn where_the_load_has_risen_or_the_window_ends_soon_nothing_is_said_of_states() {
    let at = |seconds: f64| SimTime(SimDuration::from_seconds(seconds).0);
    let mut risen = scenario(AT_ONCE);
    let points = vec![(at(0.0), 500.0), (at(15.0), 500.0), (at(16.0), 900.0)];
    risen.flows[0].arrivals = Arrivals::Schedule { points };
    let mut short = scenario(AT_ONCE);
    short.run.window = SimDuration::from_seconds(19.0);
    for scenario in [risen, short] {
        let found = found(&scenario);
        assert!(found.flows[0].timeline.last().expect("a second").errors_rps > 100.0);
        assert_eq!(two_states(&found), None);
    }
}
