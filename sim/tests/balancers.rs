//! Balancers beside real ones: nginx 1.22.1 and `HAProxy` 2.6.12 of Debian 12, measured with open-loop
//! Poisson load before two nodes of 20 ms (unless said), the fault at 5 s, each case three times or more.
//!
//! Every test runs several seeds and asks that each lies within what was measured, or within the spread that
//! the mechanism itself has, which is said then.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::cause::Cause;
use sim::deployment::routes::compile;
use sim::deployment::{
    Balancing, Cluster, Demand, Deployment, Flow, HealthCheck, Method, NodeLimit, PassOn, Policy,
    Probe, Retry,
};
use sim::engine::{Asked, Change, Observations, Outage, RequestRecord, Run, simulate};
use sim::random::Shape;
use sim::time::SimDuration;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;
const FAULT: f64 = 5.0;

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// nginx as Debian has it.
fn nginx(policy: Policy) -> Balancing {
    let check = HealthCheck::Passive { max_fails: 1, fail_timeout: seconds(10.0) };
    Balancing {
        workers: 2,
        connect_timeout: Some(seconds(60.0)),
        read_timeout: Some(seconds(60.0)),
        ..Balancing::plain(policy, check)
    }
}

/// `HAProxy` with `check`, and Debian's timeouts.
fn haproxy(policy: Policy) -> Balancing {
    let check = HealthCheck::Active {
        interval: seconds(2.0),
        unhealthy: 3,
        healthy: 2,
        probe: Probe::Port,
        timeout: seconds(2.0),
        counts_from_end: true,
        after_start: None,
        lost_after: None,
    };
    Balancing {
        connect_timeout: Some(seconds(5.0)),
        read_timeout: Some(seconds(50.0)),
        retry: Retry::Again { attempts: 3, wait: seconds(1.0), redispatch: false },
        ..Balancing::plain(policy, check)
    }
}

/// What a case has seen, with every request.
struct Seen {
    all: Observations,
}

impl Seen {
    fn errors(&self) -> u64 {
        self.all.flows[0].failures()
    }

    fn failed(&self, cause: Cause) -> u64 {
        self.all.flows[0].failed[cause]
    }

    fn records(&self) -> impl Iterator<Item = &RequestRecord> {
        self.all.records.iter()
    }

    /// Requests that took at least so many seconds, by when they began.
    fn slow(&self, least: f64) -> Vec<f64> {
        let slow = self.records().filter(|record| {
            (record.ended.as_seconds() - record.began.as_seconds()) > least - 1e-6
        });
        slow.map(|record| record.began.as_seconds()).collect()
    }
}

/// Runs a window of so many seconds in which some of the nodes change at 5 s, for so long.
fn run(cluster: Cluster, flow: Flow, begins: Change, of: (usize, f64), over: (u64, f64)) -> Seen {
    run_at(0, cluster, flow, begins, of, over)
}

/// The same of nodes from that place on.
fn run_at(
    first: usize,
    cluster: Cluster,
    flow: Flow,
    begins: Change,
    (nodes, lasts): (usize, f64),
    (seed, window): (u64, f64),
) -> Seen {
    let deployment = Deployment { clusters: vec![cluster], ..Deployment::default() };
    let network = compile(&deployment, &[flow]).expect("it fits");
    let (at, lasts) = (seconds(FAULT), seconds(lasts));
    let outages: Vec<Outage> =
        (first..first + nodes).map(|node| Outage { node, begins, at, lasts }).collect();
    let asked = Asked { records: true, ..Asked::default() };
    let run = Run {
        seed,
        replication: 0,
        warm_up: seconds(1.0),
        window: seconds(window),
        outages: &outages,
        suppliers: &[],
        asked,
    };
    Seen { all: simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it") }
}

const FOR_EVER: f64 = 1e4;

/// 8 to 15 failed attempts were measured over both workers, which here get equal parts: each learns by
/// itself, at once and every 11 s thereafter, and requests that are under way as the node dies fail, too.
#[test]
fn a_node_that_refuses_costs_no_get_an_error() {
    for seed in SEEDS {
        let cluster = gateways(2, nginx(Policy::RoundRobin));
        let seen = run(cluster, calls(200.0), Change::Crash, (1, FOR_EVER), (seed, 60.0));
        assert_eq!(seen.errors(), 0);
        // Each attempt at the dead node, and each request lost on it, is one answer later by nothing.
        assert!(seen.slow(0.039).len() <= 6, "those in flight begin again");
    }
}

/// Half the requests wait 2 s at first, then one per worker every 13 s: 2 s, and 11 s until the next.
#[test]
fn behind_a_node_that_hangs_gets_wait_once_and_then_one_at_a_time() {
    for seed in SEEDS {
        let balancing = Balancing { read_timeout: Some(seconds(2.0)), ..nginx(Policy::RoundRobin) };
        let seen =
            run(gateways(2, balancing), calls(200.0), Change::Hang, (1, FOR_EVER), (seed, 65.0));
        assert_eq!(seen.errors(), 0);
        let slow = seen.slow(2.0);
        let first = slow.iter().filter(|began| **began < FAULT + 2.1).count();
        // 2 s of half of 200 /s, with 4 standard deviations of a Poisson count.
        assert!(first.abs_diff(200) < 57, "{first}");
        let later: Vec<f64> = slow.iter().copied().filter(|began| *began > FAULT + 2.1).collect();
        // 58 s of two workers, each 13 s apart, the first 11 to 12 s after the time out.
        assert!((7..=10).contains(&later.len()), "{later:?}");
    }
}

/// The same with POST: those that wait get a 504.
#[test]
fn behind_a_node_that_hangs_posts_are_errors() {
    for seed in SEEDS {
        let balancing = Balancing { read_timeout: Some(seconds(2.0)), ..nginx(Policy::RoundRobin) };
        let flow = Flow { method: Method::Post, ..calls(200.0) };
        let seen = run(gateways(2, balancing), flow, Change::Hang, (1, FOR_EVER), (seed, 60.0));
        let share = seen.errors() as f64 / seen.all.flows[0].arrivals as f64;
        // Measured: 1.9 %. Of 12 000 about 200 and 8 more.
        assert!((0.0125..0.0225).contains(&share), "{share}");
        assert_eq!(seen.failed(Cause::ReadTimeout), seen.errors());
    }
}

/// With the timeouts of nginx half of all requests are stuck for a minute behind one of two nodes, a third
/// behind one of three; then they are passed on. A machine that is lost does the same by the other timeout.
#[test]
fn by_default_a_node_that_hangs_or_is_gone_holds_its_share_for_a_minute() {
    for (nodes, begins) in [(2, Change::Hang), (2, Change::Vanish), (3, Change::Hang)] {
        let cluster = gateways(nodes, nginx(Policy::RoundRobin));
        let seen = run(cluster, calls(50.0), begins, (1, FOR_EVER), (1, 130.0));
        assert_eq!(seen.errors(), 0, "{begins:?}");
        let of_minute = seen
            .records()
            .filter(|record| (FAULT + 0.1..FAULT + 59.0).contains(&record.began.as_seconds()));
        let of_minute: Vec<_> = of_minute.collect();
        let stuck = of_minute
            .iter()
            .filter(|record| record.ended.as_seconds() - record.began.as_seconds() > 59.9);
        let share = stuck.count() as f64 / of_minute.len() as f64;
        assert!((share - 1.0 / f64::from(nodes)).abs() < 0.01, "{begins:?} of {nodes}: {share}");
        let longest = seen.all.flows[0].sojourn.quantile(1.0).expect("answered") * 1e-9;
        assert!((59.9..61.0).contains(&longest), "{longest}");
    }
}

/// Both nodes refuse for 2 s: nobody is tried for 10.3 to 10.7 s, up to 12.3 s by a worker with little to do.
#[test]
fn nodes_that_have_all_been_gone_for_two_seconds_are_missed_for_eleven() {
    for seed in SEEDS {
        let cluster = gateways(2, nginx(Policy::RoundRobin));
        let seen = run(cluster, calls(200.0), Change::Crash, (2, 2.0), (seed, 40.0));
        let failed: Vec<f64> = seen
            .records()
            .filter(|record| record.failed.is_some())
            .map(|record| record.began.as_seconds())
            .collect();
        let last = failed.iter().copied().fold(0.0, f64::max) - FAULT;
        assert!((10.0..12.3).contains(&last), "{last}");
        assert!(seen.failed(Cause::NoNode) > 1500, "{:?}", seen.all.flows[0].failed);
    }
}

/// A single server is never marked down, and answers as soon as it is back.
#[test]
fn a_single_node_is_never_out() {
    let cluster = gateways(1, nginx(Policy::RoundRobin));
    let seen = run(cluster, calls(200.0), Change::Crash, (1, 5.0), (1, 20.0));
    assert_eq!(seen.errors(), seen.failed(Cause::Refused) + seen.failed(Cause::Reset));
    let last = seen
        .records()
        .filter(|record| record.failed.is_some())
        .map(|record| record.began.as_seconds())
        .fold(0.0, f64::max);
    assert!((FAULT + 4.9..FAULT + 5.02).contains(&last), "{last}");
}

/// A node that is up again, and says for 40 s that it has nothing: an answer to nginx, by which it is back, so that
/// it gets half of all; `http_404` passes these on, and counts them as failures no more than before
/// (documentation of `proxy_next_upstream`).
#[test]
fn a_node_that_has_nothing_yet_gets_its_part_and_its_answers_may_be_passed_on() {
    for (passes_on, share) in [(false, 0.5), (true, 0.0)] {
        let pass_on = PassOn { not_found: passes_on, ..PassOn::default() };
        let balancing = Balancing { retry: Retry::Next(pass_on), ..nginx(Policy::RoundRobin) };
        let mut cluster = gateways(2, Balancing { workers: 1, ..balancing });
        cluster.apis.insert(Flow::DEFAULT_TENANT.to_owned(), 400);
        cluster.profile.apis_per_second = Some(10.0);
        let seen = run(cluster, calls(200.0), Change::Crash, (1, 12.0), (1, 80.0));
        let part = |from: f64, to: f64| {
            let all = seen.records().filter(|r| (from..to).contains(&r.began.as_seconds()));
            let failed = |r: &&RequestRecord| r.failed == Some(Cause::NotDeployed);
            let all: Vec<_> = all.collect();
            all.iter().filter(|r| failed(r)).count() as f64 / all.len() as f64
        };
        // Out until 10 s after it was tried last in vain, at 15 s; it has fetched all at 57 s.
        let found = part(30.0, 56.9);
        assert!((found - share).abs() < 0.01, "{passes_on}: {found}");
        assert_eq!((part(0.0, 17.0), part(57.0, 80.0)), (0.0, 0.0));
    }
}

/// 500 at once: half of all under round robin for ever, since `http_500` is not passed on by default; under
/// `least_conn` 56 % at 20 /s, 65 % at 100 /s and 76 % at 200 /s, since quick failures attract load.
#[test]
fn a_node_that_fails_fast_attracts_load() {
    let errors = |policy, rate| {
        let fails = Change::FailFast { delay: SimDuration::from_ms(0.3) };
        let flow = calls(rate);
        let seen = run(gateways(2, nginx(policy)), flow, fails, (1, FOR_EVER), (1, 305.0));
        assert_eq!(seen.failed(Cause::ServerError), seen.errors());
        let after = seen.records().filter(|record| record.began.as_seconds() > FAULT);
        let (all, failed) = after.fold((0.0, 0.0), |(all, failed), record| {
            (all + 1.0, failed + f64::from(u8::from(record.failed.is_some())))
        });
        failed / all
    };
    assert!((errors(Policy::RoundRobin, 100.0) - 0.50).abs() < 0.005);
    for (rate, measured) in [(20.0, 0.56), (100.0, 0.65), (200.0, 0.76)] {
        let share = errors(Policy::LeastConn, rate);
        assert!((share - measured).abs() < 0.04, "at {rate} /s: {share}");
    }
}

/// One of two hangs at 100 /s, with 768 connections per worker: 2 · (768 − 2) / 2 requests that are stuck use
/// them up, after 766 / 50 = 15.3 s; then all fail.
#[test]
fn requests_that_are_stuck_use_up_the_connections() {
    for seed in SEEDS {
        let balancing = Balancing { connections: Some(383), ..nginx(Policy::RoundRobin) };
        let cluster = gateways(2, balancing);
        let seen = run(cluster, calls(100.0), Change::Hang, (1, FOR_EVER), (seed, 50.0));
        let first = seen
            .records()
            .filter(|record| record.failed == Some(Cause::Rejected))
            .map(|record| record.began.as_seconds())
            .fold(f64::INFINITY, f64::min);
        // One of two workers is first; its 383 take 15.3 s with a standard deviation of 0.8 s.
        assert!((first - FAULT - 15.0).abs() < 2.5, "{first}");
        let late = seen.records().filter(|record| record.began.as_seconds() > FAULT + 19.0);
        let (all, failed) = late.fold((0, 0), |(all, failed), record| {
            (all + 1, failed + usize::from(record.failed.is_some()))
        });
        assert_eq!((all > 2000, failed), (true, all));
    }
}

/// Real workers do not get equal parts: 6:94 to 99:1 were measured. The busier of two has its 383 requests stuck
/// after 383 / 47 = 8.1 s of 94 % of 100 /s, and then 94 % of all are turned away until the other has, too.
#[test]
fn the_busier_of_two_workers_is_out_of_connections_first() {
    let mut first = Vec::new();
    for seed in SEEDS {
        let balancing =
            Balancing { connections: Some(383), busiest: Some(0.94), ..nginx(Policy::RoundRobin) };
        let cluster = gateways(2, balancing);
        let seen = run(cluster, calls(100.0), Change::Hang, (1, FOR_EVER), (seed, 50.0));
        let rejected = |record: &&RequestRecord| record.failed == Some(Cause::Rejected);
        let began = seen.records().filter(rejected).map(|record| record.began.as_seconds());
        first.push(began.fold(f64::INFINITY, f64::min) - FAULT);
        let late = seen.records().filter(|record| record.began.as_seconds() > FAULT + 12.0);
        let (all, failed) = late.fold((0.0, 0.0), |(all, failed), record| {
            (all + 1.0, failed + f64::from(u8::from(record.failed.is_some())))
        });
        // Of those who got an answer or an error; the 3 /s that are stuck at the other worker have neither.
        let share: f64 = failed / all;
        let expected = 0.94 / 0.97;
        let deviation = (expected * (1.0 - expected) / all).sqrt();
        assert!((share - expected).abs() < 4.0 * deviation, "{share} of {all}");
    }
    let mean = first.iter().sum::<f64>() / first.len() as f64;
    // Of the 383rd of 47 /s the standard deviation is 0.42 s, of the mean of 8 it is 0.15 s.
    assert!((mean - 383.0 / 47.0).abs() < 0.45, "{first:?}");
}

/// Ten restarts: no GET is an error; of POST those in flight are, of which there are 2 on each node.
#[test]
fn of_what_is_in_flight_on_a_node_that_dies_only_posts_are_errors() {
    let errors = |method| -> u64 {
        let one = |seed| {
            let flow = Flow { method, ..calls(200.0) };
            let cluster = gateways(2, nginx(Policy::RoundRobin));
            run(cluster, flow, Change::Crash, (1, 5.0), (seed, 30.0)).errors()
        };
        (1..=10).map(one).sum()
    };
    assert_eq!(errors(Method::Get), 0);
    // 2 each: 20 in all with a standard deviation of 4.5. Measured: 1 to 6 in all at a lower load.
    assert!((6..=34).contains(&errors(Method::Post)));
}

/// All clients of one /24 go to one node: 60:0 of 60 were measured. Behind a node that hangs, either all of
/// them are stuck or none; clients of many networks are stuck to one half.
#[test]
fn clients_of_one_network_go_to_one_node_by_ip_hash() {
    let stuck = |networks, seed| {
        let balancing = Balancing { networks: Some(networks), ..nginx(Policy::Sticky) };
        let seen =
            run(gateways(2, balancing), calls(60.0), Change::Hang, (1, FOR_EVER), (seed, 45.0));
        seen.all.flows[0].whole.in_flight as f64 / (60.0 * 40.0)
    };
    let of_one: Vec<f64> = SEEDS.map(|seed| stuck(1, seed)).collect();
    assert!(of_one.iter().all(|share| *share < 0.01 || *share > 0.9), "{of_one:?}");
    assert!(of_one.iter().any(|share| *share < 0.01) && of_one.iter().any(|share| *share > 0.9));
    // Of 10 000 networks half, with a standard deviation of 0.5 %; of 2400 requests 1 %.
    assert!((stuck(10_000, 1) - 0.5).abs() < 0.05);
}

/// Killed: DOWN after 4.1 to 5.8 s. Until then half of 100 /s get a 503, each after 3.0 s: three retries at
/// the same server, a second apart. 236 to 242 were measured.
#[test]
fn haproxy_tries_a_dead_server_again_three_times() {
    for seed in SEEDS {
        let cluster = gateways(2, haproxy(Policy::RoundRobin));
        let seen = run(cluster, calls(100.0), Change::Crash, (1, FOR_EVER), (seed, 40.0));
        // 50 /s for (2 + U) · 2 s, and 1 in flight.
        let errors = seen.errors();
        assert!((170..=340).contains(&errors), "{errors}");
        let times = seen.records().filter(|record| record.failed == Some(Cause::Refused));
        for record in times {
            let took = record.ended.as_seconds() - record.began.as_seconds();
            assert!((took - 3.0).abs() < 0.01, "{took}");
        }
    }
}

/// Under `leastconn` a retry that waits counts as a connection, so the dead server attracts little: 12 to 17.
#[test]
fn under_least_connections_a_dead_server_attracts_little() {
    let mut all = Vec::new();
    for seed in SEEDS {
        let cluster = gateways(2, haproxy(Policy::LeastOutstanding));
        let seen = run(cluster, calls(100.0), Change::Crash, (1, FOR_EVER), (seed, 40.0));
        all.push(seen.errors());
    }
    assert!(all.iter().all(|errors| (6..=24).contains(errors)), "{all:?}");
}

/// With `option redispatch`: no error and no delay.
#[test]
fn with_redispatch_a_dead_server_costs_nothing() {
    for policy in [Policy::RoundRobin, Policy::LeastOutstanding] {
        let retry = Retry::Again { attempts: 3, wait: seconds(1.0), redispatch: true };
        let cluster = gateways(2, Balancing { retry, ..haproxy(policy) });
        let seen = run(cluster, calls(100.0), Change::Crash, (1, FOR_EVER), (1, 40.0));
        // What is in flight as it dies is lost: HAProxy does not repeat what was sent.
        assert_eq!((seen.failed(Cause::Refused), seen.slow(0.1).len()), (0, 0));
    }
}

/// A port check never notices a server that hangs; by HTTP it is DOWN after 10.2 to 11.9 s, and what is in
/// flight waits out 50 s.
#[test]
fn haproxy_notices_a_server_that_hangs_only_by_http() {
    for (probe, from, to) in [(Probe::Port, 50.0, 61.0), (Probe::Http, 9.9, 12.1)] {
        for seed in SEEDS {
            let mut balancing = haproxy(Policy::RoundRobin);
            if let HealthCheck::Active { probe: asked, .. } = &mut balancing.check {
                *asked = probe;
            }
            let cluster = gateways(2, balancing);
            let seen = run(cluster, calls(50.0), Change::Hang, (1, FOR_EVER), (seed, 120.0));
            let sent = seen.records().filter(|record| record.failed == Some(Cause::ReadTimeout));
            let times: Vec<_> =
                sent.map(|r| (r.began.as_seconds(), r.ended.as_seconds())).collect();
            assert!(times.iter().all(|(began, ended)| (ended - began - 50.0).abs() < 0.01));
            let last = times.iter().map(|(began, _)| began - FAULT).fold(0.0, f64::max);
            assert!((from..to).contains(&last.min(60.0)), "{probe:?}: {last}");
        }
    }
}

/// `random` draws two servers with replacement and sends to the better: a slow one of two keeps the square of
/// its chance. Measured: 33 % when listed second and 18 % when first. Under `leastconn` 4 to 10 % were measured,
/// at rates that are not stated; the order of ties makes no difference of a tenth of a percent.
#[test]
fn two_draws_with_replacement_send_a_square_to_a_slow_server() {
    let share = |policy, rate, slow: usize| {
        let demand = Demand::plain(SimDuration::from_ms(20.0), Shape::Constant);
        let mut cluster = gateways(2, haproxy(policy));
        cluster.profile.demands.insert("work".to_owned(), demand);
        cluster.profile.cores = 100.0;
        let flow = Flow { backend: None, ..calls(rate) };
        let slows = Change::Slow { factor: 20.0 };
        let seen = run_at(slow, cluster, flow, slows, (1, FOR_EVER), (1, 600.0));
        let after: Vec<_> =
            seen.records().filter(|record| record.began.as_seconds() > FAULT + 2.0).collect();
        let slow = after
            .iter()
            .filter(|record| record.ended.as_seconds() - record.began.as_seconds() > 0.3);
        slow.count() as f64 / after.len() as f64
    };
    for (slow, measured) in [(0, 0.18), (1, 0.33)] {
        let found = share(Policy::BetterOfTwoDraws, 100.0, slow);
        assert!((found - measured).abs() < 0.02, "the one at {slow}: {found}");
    }
    for rate in [100.0, 200.0, 300.0] {
        let least = share(Policy::LeastOutstanding, rate, 0);
        assert!((0.04..0.105).contains(&least), "{least}");
    }
}

/// `maxconn 10` at 1.5 times what two servers of ten places can do: 503 after 5.0 s in the queue; goodput
/// stays at capacity.
#[test]
fn a_queue_before_full_servers_keeps_goodput_at_capacity() {
    let limit = Some(NodeLimit { requests: 10, queue: None, wait: seconds(5.0) });
    let balancing = Balancing { limit, ..haproxy(Policy::RoundRobin) };
    let none = Change::Slow { factor: 1.0 };
    // 2 · 10 / 20 ms are 1000 /s.
    let seen = run(gateways(2, balancing), calls(1500.0), none, (1, 1.0), (1, 30.0));
    let rejected: Vec<f64> = seen
        .records()
        .filter(|record| record.failed == Some(Cause::Rejected))
        .map(|record| record.ended.as_seconds() - record.began.as_seconds())
        .collect();
    assert_eq!(rejected.len() as u64, seen.errors());
    assert!(rejected.iter().all(|took| (took - 5.0).abs() < 0.01));
    let goodput = seen.all.flows[0].answered as f64 / 30.0;
    assert!((goodput - 1000.0).abs() < 10.0, "{goodput}");
}

/// What `next_upstream` names is passed on, within its tries: GETs that a node answers with 500.
#[test]
fn errors_of_a_server_are_passed_on_where_that_is_asked_for() {
    let fails = Change::FailFast { delay: SimDuration::from_ms(0.3) };
    let errors = |pass_on, method| {
        let balancing = Balancing { retry: Retry::Next(pass_on), ..nginx(Policy::RoundRobin) };
        let flow = Flow { method, ..calls(100.0) };
        run(gateways(2, balancing), flow, fails, (1, FOR_EVER), (1, 60.0)).errors()
    };
    let asked = PassOn { server_error: true, ..PassOn::default() };
    assert_eq!(errors(asked, Method::Get), 0);
    let once = PassOn { tries: Some(1), ..asked };
    // Both workers take it out for 11 s at a time, five times.
    for some in [errors(once, Method::Get), errors(asked, Method::Post)] {
        assert!((8..=14).contains(&some), "{some}");
    }
    assert_eq!(errors(PassOn { not_idempotent: true, ..asked }, Method::Post), 0);
}
