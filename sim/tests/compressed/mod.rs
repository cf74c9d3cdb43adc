//! Scenarios in which something fails every few minutes, so that days of every request show what years cost, and the
//! comparison of both.

use std::sync::atomic::AtomicBool;

use sim::deployment::{
    Arrivals, Balancing, Cluster, Database, Demand, Deployment, FailFastTimes, Failures, Flow,
    HealthCheck, PassOn, Policy, Probe, Probing, Profile, Restart, RestartKind, Retry, Role,
    Runtime, SharedFailures, SlowTimes, Standby, Times, Token, Tokens, Watch,
};
use sim::experiment::{Experiment, Unwatched, compare};
use sim::random::{Law, Purpose, Sequence, Shape, Stream};
use sim::scenario::{Goals, Replications, RunSettings, Scenario};
use sim::time::SimDuration;
use sim::years::{Culprit, Endured, FlowYears, MINUTES_OF_A_YEAR, PerCulprit, Retold};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Hours of a window; planned restarts come once in one.
const HOURS: f64 = 6.0;
/// By then nothing tells that all was up at first.
const WARM_UP: f64 = 3600.0;
/// Requests of a flow, a second.
const RATE: f64 = 20.0;
/// One of all comparisons of a family of so many differs by chance in one of 100 times.
const FAMILY: f64 = 300.0;
const BY_CHANCE: f64 = 0.01;
/// What is put down to a culprit is compared where it is at least this share of all requests.
const LEAST: f64 = 2e-4;

/// How much is simulated of each side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) windows: u32,
    pub(crate) seeds: u64,
}

/// A figure from both sides.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) name: String,
    pub(crate) years: Mean,
    pub(crate) requests: Mean,
}

/// A mean, its standard error, and the degrees of freedom of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mean {
    pub(crate) value: f64,
    pub(crate) error: f64,
    freedom: f64,
}

impl Compared {
    /// The difference as a share of the most that comes by chance (Welch 1947, Biometrika 34).
    pub(crate) fn off(&self) -> f64 {
        let variances = [self.years, self.requests].map(|side| (side.error.powi(2), side.freedom));
        let sum: f64 = variances.iter().map(|(variance, _)| variance).sum();
        if sum <= 0.0 {
            return if self.years.value == self.requests.value { 0.0 } else { f64::INFINITY };
        }
        let by_freedom: f64 = variances.iter().map(|(variance, n)| variance * variance / n).sum();
        let law =
            StudentsT::new(0.0, 1.0, (sum * sum / by_freedom).clamp(1.0, 1e4)).expect("a law");
        let most = law.inverse_cdf(1.0 - 0.5 * BY_CHANCE / FAMILY) * sum.sqrt();
        (self.years.value - self.requests.value).abs() / most
    }
}

/// Everything that is compared of a scenario.
pub(crate) fn compared(scenario: &Scenario, effort: Effort) -> Vec<Compared> {
    let never = AtomicBool::new(false);
    let experiment = Experiment::new(scenario).expect("it can be simulated");
    let warm_up = SimDuration::from_seconds(WARM_UP);
    let windows = experiment.endure(effort.windows, warm_up, &never).expect("not stopped");
    let years: Vec<Vec<FlowYears>> =
        (1..=effort.seeds).map(|seed| years(scenario, seed, &never)).collect();
    let flows = 0..scenario.flows.len();
    flows
        .flat_map(|flow| {
            let windows: Vec<&Endured> = windows.iter().map(|window| &window[flow]).collect();
            let years: Vec<&FlowYears> = years.iter().map(|years| &years[flow]).collect();
            of_flow(&scenario.flows[flow].name, &windows, &years)
        })
        .collect()
}

fn years(scenario: &Scenario, seed: u64, never: &AtomicBool) -> Vec<FlowYears> {
    let mut scenario = scenario.clone();
    scenario.run.seed = seed;
    scenario.run.window = SimDuration::from_seconds(30.0);
    scenario.run.replications = Replications::Fixed(1);
    let results = compare(&scenario, &Unwatched, never).expect("it runs");
    results.deployments[0].years.clone().expect("it can be foreseen").flows
}

fn of_flow(name: &str, windows: &[&Endured], years: &[&FlowYears]) -> Vec<Compared> {
    let ended: Vec<f64> = windows.iter().map(|window| window.ended as f64).collect();
    let lost = |window: &&Endured| window.lost.iter().sum::<f64>();
    let share = |of: &dyn Fn(&&Endured) -> f64| {
        Mean::of_ratio(&windows.iter().map(of).collect::<Vec<f64>>(), &ended)
    };
    let mean =
        |of: &dyn Fn(&&FlowYears) -> f64| Mean::of(&years.iter().map(of).collect::<Vec<f64>>());
    let mut all = vec![Compared {
        name: format!("{name}: lost"),
        years: mean(&|years| 1.0 - years.availability.mean),
        requests: share(&lost),
    }];
    for culprit in Culprit::ALL {
        let compared = Compared {
            name: format!("{name}: {}", culprit.name()),
            years: mean(&|years| years.minutes[culprit as usize] / MINUTES_OF_A_YEAR),
            requests: share(&|window| window.lost[culprit as usize]),
        };
        if compared.years.value.max(compared.requests.value) >= LEAST {
            all.push(compared);
        }
    }
    all.extend(p99(name, windows, years));
    all.extend(retold(name, windows));
    all
}

/// What excerpts of episodes cost beside what the same episodes did, by culprit, as a share of all requests: their
/// difference, which knows nothing of how often they come.
fn retold(name: &str, windows: &[&Endured]) -> Vec<Compared> {
    let ended: f64 = windows.iter().map(|window| window.ended as f64).sum();
    let all: Vec<&Retold> = windows.iter().flat_map(|window| &window.episodes).collect();
    let of = |name: String, cost: &dyn Fn(&PerCulprit) -> f64| {
        let scale = all.len() as f64 / ended;
        let mean = |of: &dyn Fn(&Retold) -> f64| {
            Mean::of(&all.iter().map(|retold| scale * of(retold)).collect::<Vec<f64>>())
        };
        let whole = mean(&|retold| cost(&retold.whole));
        let difference = mean(&|retold| cost(&retold.excerpt) - cost(&retold.whole));
        let excerpts = Mean { value: whole.value + difference.value, ..difference };
        Compared { name, years: excerpts, requests: Mean { error: 0.0, ..whole } }
    };
    let mut found = vec![of(format!("{name}: in excerpts"), &|cost| cost.iter().sum())];
    for culprit in Culprit::ALL {
        let name = format!("{name}: {} in excerpts", culprit.name());
        let compared = of(name, &|cost| cost[culprit as usize]);
        if compared.years.value.max(compared.requests.value) >= LEAST {
            found.push(compared);
        }
    }
    found
}

/// The share of answers that take longer than what years find that 99 of 100 stay below.
fn p99(name: &str, windows: &[&Endured], years: &[&FlowYears]) -> Option<Compared> {
    let found: Option<Vec<f64>> =
        years.iter().map(|years| years.latency_ms.map(|(p99, _)| p99)).collect();
    let found = Mean::of(&found?);
    let answered: Vec<f64> = windows.iter().map(|window| window.sojourn.total() as f64).collect();
    let above = |ms: f64| {
        let longer = |window: &&Endured| {
            window.sojourn.total() as f64 - window.sojourn.count_below(1e6 * ms)
        };
        Mean::of_ratio(&windows.iter().map(longer).collect::<Vec<f64>>(), &answered)
    };
    let requests = above(found.value);
    let moved = above(found.value - found.error).value - above(found.value + found.error).value;
    let years = Mean { value: 0.01, error: 0.5 * moved, freedom: found.freedom };
    Some(Compared { name: format!("{name}: above p99 ({:.0} ms)", found.value), years, requests })
}

impl Mean {
    fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let freedom = count - 1.0;
        Self { value: mean, error: (squares / freedom / count).sqrt(), freedom }
    }

    /// That of a ratio (Cochran, Sampling Techniques, 3rd ed., 1977, section 6.3).
    fn of_ratio(parts: &[f64], wholes: &[f64]) -> Self {
        let whole: f64 = wholes.iter().sum();
        let ratio = parts.iter().sum::<f64>() / whole;
        let residuals = parts.iter().zip(wholes).map(|(part, whole)| part - ratio * whole);
        let of = Self::of(&residuals.collect::<Vec<f64>>());
        Self { value: ratio, error: of.error * parts.len() as f64 / whole, freedom: of.freedom }
    }
}

/// What can happen in a scenario, in a line for each cluster, and one for what is shared.
pub(crate) fn told(scenario: &Scenario) -> String {
    let Deployment { clusters, failures: shared, .. } = &scenario.deployments[0];
    let mut lines: Vec<String> = clusters
        .iter()
        .map(|cluster| {
            let Cluster {
                name, nodes, zones, profile, restart, standby, probing, balancing, ..
            } = cluster;
            let (failures, check, retry) = (&profile.failures, balancing.check, balancing.retry);
            format!(
                "{nodes} × {name} in {zones}: {failures:?}, {check:?}, {retry:?}, {restart:?}, \
                 {standby:?}, {:?}, {:?}",
                probing.liveness, balancing.policy
            )
        })
        .collect();
    let flow = &scenario.flows[0];
    lines.push(format!("{shared:?}, {:?}, {:?}", flow.backend_failures, flow.timeout));
    lines.join("\n")
}

/// A scenario of this number. What fails, how often, for how long, and who finds out, is drawn.
pub(crate) fn scenario(seed: u64) -> Scenario {
    let stream = Stream::new(seed, 0, Purpose::Requests, 1 << 50);
    Dice { draws: stream.sequence(), kinds: seed as usize }.scenario()
}

struct Dice {
    draws: Sequence,
    /// Which kinds of failures come first, so that each has its turn.
    kinds: usize,
}

impl Dice {
    fn uniform(&mut self) -> f64 {
        (self.draws.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.uniform()
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    fn choose<T: Clone>(&mut self, all: &[T]) -> T {
        all[(self.uniform() * all.len() as f64) as usize].clone()
    }

    fn scenario(&mut self) -> Scenario {
        let integrates = self.chance(0.6);
        let asks = self.chance(0.4);
        let mut flow = Flow::plain("calls", "work", Arrivals::Poisson { rate: RATE });
        flow.timeout = Some(SimDuration::from_seconds(self.choose(&[1.0, 2.0, 3.0])));
        flow.integration = integrates.then_some(Runtime::MicroIntegrator);
        flow.backend =
            Some(Law { mean: SimDuration::from_ms(30.0), shape: Shape::Lognormal { cv: 0.8 } });
        if asks {
            (flow.token, flow.tokens) = (Token::Opaque, Tokens::Alike { cache_miss: 0.3 });
        }
        if self.chance(0.5) {
            flow.backend_failures = Some(self.failures(1, 3.0));
        }
        let mut clusters = vec![self.cluster(Role::Gateway)];
        if integrates {
            clusters.push(self.cluster(Role::MicroIntegrator));
        }
        let mut failures = SharedFailures::default();
        if asks {
            let mut keys = self.cluster(Role::KeyManager);
            let delay = Law { mean: SimDuration::from_ms(2.0), shape: Shape::Exponential };
            keys.profile.database = Some(Database::answering_after(delay));
            clusters.push(keys);
            failures.database = Some(self.failures(1, 4.0));
        }
        if self.chance(0.4) {
            for cluster in &mut clusters {
                cluster.zones = 2;
            }
            failures.zone = Some(self.failures(1, 4.0));
        }
        if self.chance(0.3) {
            self.add_standby(&mut clusters);
        }
        failures.repairers = self.chance(0.4).then_some(1);
        let deployments = vec![Deployment {
            name: "compressed".to_owned(),
            pattern: "custom".to_owned(),
            clusters,
            failures,
        }];
        finished(flow, deployments)
    }

    fn cluster(&mut self, role: Role) -> Cluster {
        let nodes = self.choose(&[1, 2, 2, 2, 3]);
        // Of what the nodes can do, so much is asked for.
        let share = self.choose(&[0.2, 0.3, 0.45, 0.6]);
        let mut profile = Profile::plain(role.name(), 1.0);
        let mean = SimDuration::from_seconds(share * f64::from(nodes) / RATE / 2.0);
        for name in ["work", "introspection"] {
            profile.demands.insert(name.to_owned(), Demand::plain(mean, Shape::Exponential));
        }
        profile.failures = Some(self.failures(2, f64::from(nodes)));
        profile.start_up = Law::constant(SimDuration::from_seconds(self.between(5.0, 40.0)));
        let check = self.check();
        let policy = self.choose(&[Policy::RoundRobin, Policy::Random, Policy::LeastOutstanding]);
        let mut balancing = Balancing::plain(policy, check);
        if self.chance(0.3) {
            balancing.retry = Retry::Next(PassOn::default());
        }
        balancing.connect_timeout = Some(SimDuration::from_seconds(1.0));
        Cluster {
            nodes,
            balancing,
            restart: self.restart(),
            probing: self.probing(),
            ..Cluster::plain(role.name(), &[role], profile)
        }
    }

    fn check(&mut self) -> HealthCheck {
        let seconds = SimDuration::from_seconds(self.choose(&[2.0, 5.0, 10.0]));
        let passive = HealthCheck::Passive { max_fails: 1, fail_timeout: seconds };
        let active = HealthCheck::probes(seconds, 2, 1);
        self.choose(&[HealthCheck::Perfect, passive, active, active])
    }

    fn restart(&mut self) -> Option<Restart> {
        let kind = RestartKind::Rolling { surge: 0, unavailable: 1 };
        let kind = self.choose(&[kind, RestartKind::Recreate]);
        let drain = SimDuration::from_seconds(self.between(1.0, 10.0));
        let at = SimDuration::from_seconds(self.between(0.2, 0.8) * 3600.0 * HOURS);
        let every = Some(SimDuration::from_seconds(3600.0 * HOURS));
        self.chance(0.25).then_some(Restart { at, every, kind, drain })
    }

    fn probing(&mut self) -> Probing {
        let watch = Watch {
            probe: Probe::Http,
            delay: SimDuration::from_seconds(20.0),
            period: SimDuration::from_seconds(10.0),
            timeout: SimDuration::from_seconds(5.0),
            failures: 3,
            grace: SimDuration::from_seconds(5.0),
            demand: SimDuration::from_ms(0.1),
        };
        Probing { startup: None, liveness: self.chance(0.3).then_some(watch) }
    }

    /// So many kinds of failures, the more seldom the more they hit.
    fn failures(&mut self, kinds: usize, hours: f64) -> Failures {
        let mut failures = Failures::default();
        for _ in 0..kinds {
            let mtbf = self.between(0.7, 1.5) * 3600.0 * hours;
            let mttr = self.between(60.0, 240.0);
            let of = SimDuration::from_seconds;
            let mttr_law = self.choose(&[Shape::Exponential, Shape::Lognormal { cv: 0.7 }]);
            let times = Times { mttr_law, ..Times::exponential(of(mtbf), of(mttr)) };
            let delay = SimDuration::from_ms(1.0);
            let factor = self.choose(&[2.0, 5.0]);
            match self.kinds % 6 {
                0 => failures.crash = Some(times),
                1 => failures.hang = Some(times),
                2 => failures.vanish = Some(times),
                3 => failures.fail_fast = Some(FailFastTimes { times, delay }),
                4 => failures.slow = Some(SlowTimes { times, factor }),
                _ => failures.cut_off = Some(times),
            }
            self.kinds += self.choose(&[1, 1, 2, 3]);
        }
        failures
    }

    /// The last cluster of two nodes or more becomes one of which all but one stand by.
    fn add_standby(&mut self, clusters: &mut [Cluster]) {
        let heartbeat = SimDuration::from_seconds(self.choose(&[2.0, 4.0]));
        let standby = Standby {
            heartbeat,
            missed: 2,
            polling: heartbeat,
            snapshot: SimDuration::from_seconds(20.0),
            restore: SimDuration::from_seconds(3.0),
            repeats: self.chance(0.5),
        };
        if let Some(cluster) = clusters.iter_mut().rev().find(|cluster| cluster.nodes > 1) {
            (cluster.standby, cluster.restart) = (Some(standby), None);
            for demand in cluster.profile.demands.values_mut() {
                demand.mean = SimDuration(demand.mean.0 / u64::from(cluster.nodes));
            }
        }
    }
}

fn finished(flow: Flow, deployments: Vec<Deployment>) -> Scenario {
    Scenario {
        title: "Compressed".to_owned(),
        question: String::new(),
        flows: vec![flow],
        deployments,
        drills: Vec::new(),
        goals: Goals { availability: Some(0.99), ..Goals::default() },
        survive: 0,
        horizon: SimDuration::from_seconds(4.0 * 3600.0 * HOURS),
        isolation: None,
        run: RunSettings {
            whole: None,
            begins: None,
            window: SimDuration::from_seconds(3600.0 * HOURS),
            warm_up: Some(SimDuration::from_seconds(5.0)),
            replications: Replications::Fixed(1),
            seed: 1,
            confidence: 0.95,
            least_difference: 0.01,
        },
    }
}
