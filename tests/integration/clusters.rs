//! Clusters of key managers beside the published ones.

use std::sync::atomic::AtomicBool;

use sim::deployment::routes::compile;
use sim::deployment::{Arrivals, Cluster, Deployment, Flow, FlowKind, Profile, Role};
use sim::engine::{Asked, Run, simulate};
use sim::measurement::{Load, Measurement};
use sim::random::Law;
use sim::time::SimDuration;

/// Two nodes beside one, of the same scenario, cores and users.
struct Pair {
    scenario: String,
    cores: f64,
    users: u32,
    ratio: f64,
}

fn pairs() -> Vec<Pair> {
    let rows = measurements::published_clusters();
    let users = |row: &Measurement| match row.load {
        Load::Closed { users } => users,
        Load::Open { .. } => 0,
    };
    let key = |row: &Measurement| (row.operation.clone(), row.cores.map(f64::to_bits), users(row));
    let doubled = rows.iter().filter(|row| row.nodes == Some(2));
    let pairs = doubled.filter_map(|two| {
        let one = rows.iter().find(|row| row.nodes == Some(1) && key(row) == key(two))?;
        let (scenario, users) = (two.operation.clone(), users(two));
        let ratio = two.throughput? / one.throughput?;
        Some(Pair { scenario, cores: two.cores?, users, ratio })
    });
    pairs.collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[half - 1], values[half])
    } else {
        values[half]
    }
}

/// The work for the other node that leaves two nodes the median of these ratios of what one carries.
fn fit<'a>(pairs: impl Iterator<Item = &'a Pair>) -> f64 {
    2.0 / median(pairs.map(|pair| pair.ratio).collect()) - 1.0
}

/// Tokens a second that so many key managers make for users who do not think.
fn carried(profile: &Profile, nodes: u32, users: u32) -> f64 {
    let flow = Flow {
        kind: FlowKind::Token,
        ..Flow::plain(
            "tokens",
            "token",
            Arrivals::Closed { users, think: Law::constant(SimDuration::ZERO) },
        )
    };
    let cluster =
        Cluster { nodes, ..Cluster::plain("key-manager", &[Role::KeyManager], profile.clone()) };
    let deployment = Deployment { clusters: vec![cluster], ..Deployment::default() };
    let network = compile(&deployment, &[flow]).expect("it fits");
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: SimDuration::from_seconds(1.0),
        window: SimDuration::from_seconds(3.0),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    let seen = simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it");
    seen.flows[0].answered as f64 / 3.0
}

/// Every scenario held back in turn.
#[test]
fn two_nodes_carry_little_more_than_one_as_the_published_ones_do() {
    let pairs = pairs();
    let shipped = scenarios::profile("is-7".as_ref()).expect("a shipped profile");
    assert!((shipped.replication - fit(pairs.iter())).abs() < 0.01, "{}", fit(pairs.iter()));
    let (mut errors, mut without) = (Vec::new(), Vec::new());
    for held_back in &pairs {
        let others = pairs.iter().filter(|pair| pair.scenario != held_back.scenario);
        let replication = fit(others);
        let alone = Profile { replication: 0.0, ..shipped.clone().with_cores(held_back.cores) };
        let told = Profile { replication, ..alone.clone() };
        let one = carried(&alone, 1, held_back.users);
        let error = |two: f64| (two / one / held_back.ratio - 1.0).abs();
        errors.push(error(carried(&told, 2, held_back.users)));
        without.push(error(carried(&alone, 2, held_back.users)));
    }
    let worst = errors.iter().copied().fold(0.0, f64::max);
    let (found, before) = (median(errors), median(without));
    // These are the figures of README and profile. Nodes that know nothing of one another are far off.
    assert!((0.15..0.23).contains(&found), "median {found}");
    assert!((1.6..2.1).contains(&worst), "worst {worst}");
    assert!(before > 0.8, "without replication: median {before}");
}

#[test]
fn further_nodes_are_worth_less_and_less() {
    let shipped = scenarios::profile("is-7".as_ref()).expect("a shipped profile");
    let carried: Vec<f64> = (1..=4).map(|nodes| carried(&shipped, nodes, 250 * nodes)).collect();
    // n nodes do n times the work of one, of which each request needs 1 + 0.88 (n - 1) shares.
    for (nodes, carried_by_so_many) in (1..).zip(&carried) {
        let worth = f64::from(nodes) / (1.0 + shipped.replication * f64::from(nodes - 1));
        let found = carried_by_so_many / carried[0];
        assert!((found / worth - 1.0).abs() < 0.04, "{nodes} nodes: {found} against {worth}");
    }
}
