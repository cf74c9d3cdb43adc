//! Systems whose nodes fail, of which it is known exactly for how much of a year they are down.
//!
//! ```text
//! requests ─► balancer ─► nodes that crash, are repaired, fail together, are found out late, take over
//! ```

use super::systems::{poisson, service, station};
use super::{Case, Known, Truth};
use crate::deployment::{
    Balancing, Database, Deployment, Failures, FlowKind, HealthCheck, Policy, Profile, Role,
    SharedFailures, Standby, Times,
};
use crate::random::{Law, Shape};
use crate::scenario::{Goals, Replications, Scenario};
use crate::theory::availability::{self, TakeOver};
use crate::time::SimDuration;
use crate::years::MINUTES_OF_A_YEAR;

const DAY: f64 = 86_400.0;
/// Mean time to repair a node, seconds.
const MTTR: f64 = 600.0;
/// Mean service time, seconds: so short that what is in service when a node crashes counts for nothing.
const SERVICE: f64 = 1e-5;
/// Requests per second.
const RATE: f64 = 50.0;

/// Every system of failures: the first of each kind is down for about 10⁻⁵ of the time, others for 10⁻⁷.
pub fn cases() -> Vec<Case> {
    [independent(), machine_repair(), common_causes(), late(), vec![zones()]].concat()
}

/// Nodes that fail and are repaired each by itself.
fn independent() -> Vec<Case> {
    let source = "Barlow and Proschan 1975";
    [(2, 2.19 * DAY), (3, 1.49 * DAY)]
        .map(|(count, mtbf)| {
            let down = availability::fewer_than(1, count, availability::availability(mtbf, MTTR));
            case(format!("1 of {count} nodes"), nodes(count, mtbf), down, source)
        })
        .to_vec()
}

/// Nodes that fail each by itself, of which one is repaired after the other.
fn machine_repair() -> Vec<Case> {
    [(2, 3.1 * DAY), (3, 2.71 * DAY)]
        .map(|(count, mtbf)| {
            let mut scenario = nodes(count, mtbf);
            scenario.deployments[0].failures.repairers = Some(1);
            let down = availability::fewer_than_with(1, 1, count, mtbf, MTTR);
            let name = format!("1 of {count} nodes, one repairer");
            case(name, scenario, down, "machine repair (Feller 1968)")
        })
        .to_vec()
}

/// Nodes that fail by themselves, and together: as their zone does, or what they all need.
fn common_causes() -> Vec<Case> {
    let source = "beta factor (Fleming 1975)";
    let (beta, mtbf) = (0.05, 35.0 * DAY);
    let mut scenario = nodes(2, mtbf / (1.0 - beta));
    scenario.deployments[0].failures.zone = Some(crash(mtbf / beta, MTTR));
    let down = availability::beta_factor(2, beta, mtbf, MTTR);
    let by_zone = case("2 nodes in a zone, β 5 %".to_owned(), scenario, down, source);
    // Once in decades, for as long as a fail-over takes.
    let (mtbf, database) = (31.5 * DAY, (20_000.0 * DAY, 90.0));
    let mut scenario = nodes(2, mtbf);
    with_database(&mut scenario, crash(database.0, database.1));
    let down = |mtbf, mttr| 1.0 - availability::availability(mtbf, mttr);
    let down = availability::zones(1, 2, down(mtbf, MTTR), down(database.0, database.1));
    let by_database = case("2 nodes and a database".to_owned(), scenario, down, source);
    vec![by_zone, by_database]
}

/// Nodes that are found out, or taken over from, a while after they fail.
fn late() -> Vec<Case> {
    let mtbf = 30.0 * DAY;
    let mut found_out = nodes(2, mtbf);
    let (interval, unhealthy) = (10.0, 3);
    let check = HealthCheck::probes(SimDuration::from_seconds(interval), unhealthy, 1);
    found_out.deployments[0].clusters[0].balancing = Balancing::plain(Policy::RoundRobin, check);
    let least = interval * f64::from(unhealthy - 1);
    let lost = availability::pair_found_out(mtbf, MTTR, least, interval);
    let name = "2 nodes, probed every 10 s, 3 times".to_owned();
    let found_out = case(name, found_out, lost, "renewal with a delay (Ross 2014)");
    let mut pair = nodes(2, mtbf);
    let standby = Standby::SHIPPED;
    pair.deployments[0].clusters[0].standby = Some(standby);
    let take_over = TakeOver {
        heartbeat: standby.heartbeat.as_seconds(),
        missed: f64::from(standby.missed),
        polling: standby.polling.as_seconds(),
        start: standby.restore.as_seconds(),
    };
    let down = availability::active_passive(mtbf, MTTR, &take_over);
    let name = "2 nodes, one stands by".to_owned();
    vec![found_out, case(name, pair, down, "semi-Markov process (Ross 2014)")]
}

/// Two nodes in each of two zones that fail as one.
fn zones() -> Case {
    let (node, zone) = ((5.0 * DAY, MTTR), (4.4 * DAY, 1200.0));
    let mut scenario = nodes(4, node.0);
    scenario.deployments[0].clusters[0].zones = 2;
    scenario.deployments[0].failures.zone = Some(crash(zone.0, zone.1));
    let down = |(mtbf, mttr)| 1.0 - availability::availability(mtbf, mttr);
    let down = availability::zones(2, 2, down(node), down(zone));
    let source = "series and parallel (Barlow and Proschan 1975)";
    case("4 nodes in 2 zones".to_owned(), scenario, down, source)
}

fn case(name: String, scenario: Scenario, down: f64, source: &'static str) -> Case {
    let exact = down * MINUTES_OF_A_YEAR;
    Case { name, scenario, truths: vec![Truth { of: Known::Downtime, exact, source }] }
}

/// Nodes with this MTBF, seconds, behind a balancer that knows at once which are up.
fn nodes(count: u32, mtbf: f64) -> Scenario {
    let mtbf = Some(SimDuration::from_seconds(mtbf));
    let profile = Profile { mtbf, ..serving() };
    years(station(poisson(RATE), profile, count, Policy::RoundRobin))
}

/// A station that is started again [`MTTR`] after it has crashed.
fn serving() -> Profile {
    let mut profile =
        Profile { mttr: SimDuration::from_seconds(MTTR), ..service(1.0, Shape::Exponential) };
    for demand in profile.demands.values_mut() {
        demand.mean = SimDuration::from_seconds(SERVICE);
    }
    profile
}

fn crash(mtbf: f64, mttr: f64) -> Failures {
    let times =
        Times::exponential(SimDuration::from_seconds(mtbf), SimDuration::from_seconds(mttr));
    Failures { crash: Some(times), ..Failures::default() }
}

/// Every request needs the database, which fails so.
fn with_database(scenario: &mut Scenario, failures: Failures) {
    scenario.flows[0].kind = FlowKind::Portal;
    let Deployment { clusters, failures: shared, .. } = &mut scenario.deployments[0];
    clusters[0].roles = vec![Role::Devportal];
    clusters[0].profile.database =
        Some(Database::answering_after(Law::constant(SimDuration::from_ms(0.1))));
    *shared = SharedFailures { database: Some(failures), ..SharedFailures::default() };
}

/// The same, of which years are asked for and next to nothing else.
fn years(mut scenario: Scenario) -> Scenario {
    scenario.flows[0].timeout = Some(SimDuration::from_seconds(2.0));
    scenario.goals = Goals { availability: Some(0.999), ..Goals::default() };
    scenario.run.window = SimDuration::from_seconds(5.0);
    scenario.run.replications = Replications::Fixed(1);
    scenario
}
