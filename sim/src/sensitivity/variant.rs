//! Deployments in which one thing is changed.

use super::lever::{Lever, Setting, What};
use crate::deployment::{
    Cluster, Deployment, Failures, Flow, HealthCheck, Policy, Retry, Standby, Times,
};
use crate::network::Failure;
use crate::random::Law;
use crate::time::SimDuration;

/// A deployment in which one thing is changed, and the flows that it is to carry.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) lever: Lever,
    pub(crate) deployment: Deployment,
    pub(crate) flows: Vec<Flow>,
}

/// Each change that makes sense of a deployment, in the order of its clusters.
pub(crate) fn variants(deployment: &Deployment, flows: &[Flow]) -> Vec<Variant> {
    let mut all = Variants { deployment, flows, all: Vec::new() };
    for place in 0..deployment.clusters.len() {
        all.failures(Place::Nodes(place));
        all.of_cluster(place);
    }
    all.failures(Place::Zones);
    all.failures(Place::Database);
    for flow in 0..flows.len() {
        all.failures(Place::Backend(flow));
    }
    all.all
}

struct Variants<'a> {
    deployment: &'a Deployment,
    flows: &'a [Flow],
    all: Vec<Variant>,
}

/// What fails.
#[derive(Clone, Copy)]
enum Place {
    /// The nodes of a cluster.
    Nodes(usize),
    Zones,
    Database,
    /// That of a flow.
    Backend(usize),
}

impl Variants<'_> {
    fn add(
        &mut self,
        what: What,
        (failure, cluster): (Option<String>, Option<String>),
        [from, to]: [Setting; 2],
        change: impl FnOnce(&mut Variant),
    ) {
        let lever = Lever { what, failure, cluster, from, to };
        let (deployment, flows) = (self.deployment.clone(), self.flows.to_vec());
        let mut variant = Variant { lever, deployment, flows };
        change(&mut variant);
        self.all.push(variant);
    }

    /// Half as often, and half as long, each kind that comes.
    fn failures(&mut self, place: Place) {
        for (kind, times) in self.known(place) {
            let cluster = match place {
                Place::Nodes(cluster) => Some(self.deployment.clusters[cluster].name.clone()),
                Place::Zones | Place::Database | Place::Backend(_) => None,
            };
            let failure = match place {
                Place::Nodes(_) => kind.name().to_owned(),
                Place::Zones => format!("zone {}", kind.name()),
                Place::Database => format!("database {}", kind.name()),
                Place::Backend(flow) => {
                    format!("backend:{} {}", self.flows[flow].name, kind.name())
                }
            };
            let rarer = Times { mtbf: SimDuration(2 * times.mtbf.0), ..times.clone() };
            let shorter = Times { mttr: half(times.mttr), ..times.clone() };
            for (what, from, to, changed) in [
                (What::Mtbf, times.mtbf, rarer.mtbf, rarer),
                (What::Mttr, times.mttr, shorter.mttr, shorter),
            ] {
                let named = (Some(failure.clone()), cluster.clone());
                self.add(what, named, [from, to].map(Setting::Time), |variant| {
                    place.set(variant, kind, &changed);
                });
            }
        }
    }

    fn known(&self, place: Place) -> Vec<(Failure, Times)> {
        let shared = &self.deployment.failures;
        let of = |failures: Option<&Failures>| -> Vec<(Failure, Times)> {
            let all = failures.map_or_else(Vec::new, Failures::all);
            all.into_iter().map(|(kind, times)| (kind, times.clone())).collect()
        };
        match place {
            Place::Nodes(cluster) => self.deployment.clusters[cluster].profile.failing(),
            Place::Zones => of(shared.zone.as_ref()),
            Place::Database => of(shared.database.as_ref()),
            Place::Backend(flow) => of(self.flows[flow].backend_failures.as_ref()),
        }
    }

    /// What can be changed of a cluster beside its failures.
    fn of_cluster(&mut self, place: usize) {
        let cluster = &self.deployment.clusters[place];
        let named = || (None, Some(cluster.name.clone()));
        let mut quicker = cluster.clone();
        if let Some(times) = detect_sooner(&mut quicker) {
            self.add(What::Detection, named(), times.map(Setting::Time), |variant| {
                variant.deployment.clusters[place] = quicker;
            });
        }
        let start_up = &cluster.profile.start_up;
        if start_up.mean > SimDuration::ZERO {
            let shorter = Law { mean: half(start_up.mean), ..start_up.clone() };
            let times = [start_up.mean, shorter.mean].map(Setting::Time);
            self.add(What::StartUp, named(), times, |variant| {
                variant.deployment.clusters[place].profile.start_up = shorter;
            });
        }
        if let Some(takes) = cluster.loads_for() {
            let times = [takes, half(takes)].map(Setting::Time);
            self.add(What::Loading, named(), times, |variant| {
                let profile = &mut variant.deployment.clusters[place].profile;
                profile.apis_per_second = profile.apis_per_second.map(|rate| 2.0 * rate);
            });
        }
        // A pair of which one stands by is a pair, and has nothing to balance.
        if cluster.standby.is_some() {
            return;
        }
        let nodes = [cluster.nodes, cluster.nodes + 1].map(Setting::Nodes);
        self.add(What::Nodes, named(), nodes, |variant| {
            variant.deployment.clusters[place].nodes += 1;
        });
        let own = cluster.balancing.policy;
        for other in others(cluster) {
            let policies = [own, other].map(|of| Setting::Policy(of.name().to_owned()));
            self.add(What::Balancer, named(), policies, |variant| {
                variant.deployment.clusters[place].balancing.policy = other;
            });
        }
    }
}

impl Place {
    fn set(self, variant: &mut Variant, kind: Failure, times: &Times) {
        let Variant { deployment, flows, .. } = variant;
        let failures = match self {
            Self::Nodes(cluster) => {
                deployment.clusters[cluster].profile.set_failing(kind, times);
                return;
            }
            Self::Zones => deployment.failures.zone.as_mut(),
            Self::Database => deployment.failures.database.as_mut(),
            Self::Backend(flow) => flows[flow].backend_failures.as_mut(),
        };
        if let Some(failures) = failures {
            failures.set(kind, times);
        }
    }
}

/// Halves the times by which it is found out that a node of a cluster does not serve, and says the first of them as
/// it was and as it is; none where there is none.
fn detect_sooner(cluster: &mut Cluster) -> Option<[SimDuration; 2]> {
    let mut halved: Vec<[SimDuration; 2]> = Vec::new();
    let mut halve = |time: &mut SimDuration| {
        let shorter = half(*time);
        halved.push([*time, shorter]);
        *time = shorter;
    };
    let balancing = &mut cluster.balancing;
    match &mut balancing.check {
        HealthCheck::Active { interval, timeout, lost_after, .. } => {
            [Some(interval), Some(timeout), lost_after.as_mut()]
                .into_iter()
                .flatten()
                .for_each(&mut halve);
        }
        // It learns from attempts that fail, those that wait from their timeouts.
        HealthCheck::Passive { .. } => {
            let times = [&mut balancing.connect_timeout, &mut balancing.read_timeout];
            times.into_iter().flatten().for_each(&mut halve);
        }
        HealthCheck::Perfect => {}
    }
    cluster.probing.liveness.iter_mut().for_each(|watch| halve(&mut watch.period));
    if let Some(Standby { heartbeat, polling, .. }) = &mut cluster.standby {
        [heartbeat, polling].into_iter().for_each(&mut halve);
    }
    halved.first().copied()
}

/// The other policies that the balancer of a cluster knows, where there is something to choose.
fn others(cluster: &Cluster) -> Vec<Policy> {
    let balancing = &cluster.balancing;
    let probes_where_nodes_are = matches!(
        balancing.check,
        HealthCheck::Active { after_start: Some(_), .. }
            | HealthCheck::Active { lost_after: Some(_), .. }
    );
    let known: &[Policy] = match balancing.retry {
        // As nginx; its `ip_hash` depends on networks of clients, of which nothing is known here.
        Retry::Next(_) => {
            &[Policy::RoundRobin, Policy::LeastConn, Policy::LeastOutstanding, Policy::Random]
        }
        // As HAProxy.
        Retry::Again { .. } => {
            &[Policy::RoundRobin, Policy::LeastOutstanding, Policy::BetterOfTwoDraws]
        }
        // As the proxies of Kubernetes.
        Retry::Never if probes_where_nodes_are => {
            &[Policy::Random, Policy::RoundRobin, Policy::LeastOutstanding]
        }
        Retry::Never => &[
            Policy::RoundRobin,
            Policy::LeastOutstanding,
            Policy::PowerOfTwo,
            Policy::Random,
            Policy::Sticky,
            Policy::ActivePassive,
        ],
    };
    let is_other = |policy: &&Policy| **policy != balancing.policy && cluster.nodes > 1;
    known.iter().filter(is_other).copied().collect()
}

/// At least a nanosecond.
fn half(time: SimDuration) -> SimDuration {
    SimDuration((time.0 / 2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Arrivals, Balancing, Profile, Role, SharedFailures};
    use crate::network::{Probing, Watch};

    fn seconds(seconds: f64) -> SimDuration {
        SimDuration::from_seconds(seconds)
    }

    fn often() -> Times {
        Times::exponential(seconds(1e6), seconds(600.0))
    }

    /// Gateways in three nodes whose balancer probes them, with failures of every owner.
    fn deployment() -> Deployment {
        let mut profile = Profile::plain("plain", 1.0);
        profile.mtbf = Some(seconds(2e6));
        profile.mttr = seconds(120.0);
        profile.failures = Some(Failures { hang: Some(often()), ..Failures::default() });
        profile.start_up = Law::constant(seconds(80.0));
        let balancing =
            Balancing::plain(Policy::RoundRobin, HealthCheck::probes(seconds(10.0), 2, 1));
        let cluster = Cluster::plain("gateway", &[Role::Gateway], profile);
        let zone = Some(Failures { vanish: Some(often()), ..Failures::default() });
        Deployment {
            name: "three".to_owned(),
            pattern: "custom".to_owned(),
            clusters: vec![Cluster { nodes: 3, balancing, ..cluster }],
            failures: SharedFailures { zone, ..SharedFailures::default() },
        }
    }

    fn flows() -> Vec<Flow> {
        let backend_failures = Some(Failures { crash: Some(often()), ..Failures::default() });
        let calls = Flow::plain("calls", "passthrough", Arrivals::Poisson { rate: 1.0 });
        vec![Flow { backend_failures, ..calls }]
    }

    #[test]
    fn each_variant_has_its_own_change_and_no_other() {
        let (deployment, flows) = (deployment(), flows());
        let all = variants(&deployment, &flows);
        let policy = |name: &str| Setting::Policy(name.to_owned());
        let times = |from: f64, to: f64| [from, to].map(|time| Setting::Time(seconds(time)));
        let other = |name: &str| (What::Balancer, None, [policy("round-robin"), policy(name)]);
        let expected = [
            (What::Mtbf, Some("crash"), times(2e6, 4e6)),
            (What::Mttr, Some("crash"), times(120.0, 60.0)),
            (What::Mtbf, Some("hang"), times(1e6, 2e6)),
            (What::Mttr, Some("hang"), times(600.0, 300.0)),
            (What::Detection, None, times(10.0, 5.0)),
            (What::StartUp, None, times(80.0, 40.0)),
            (What::Nodes, None, [Setting::Nodes(3), Setting::Nodes(4)]),
            other("least-outstanding"),
            other("power-of-two"),
            other("random"),
            other("sticky"),
            other("active-passive"),
            (What::Mtbf, Some("zone vanish"), times(1e6, 2e6)),
            (What::Mttr, Some("zone vanish"), times(600.0, 300.0)),
            (What::Mtbf, Some("backend:calls crash"), times(1e6, 2e6)),
            (What::Mttr, Some("backend:calls crash"), times(600.0, 300.0)),
        ];
        let told: Vec<(What, Option<&str>, [Setting; 2])> = all
            .iter()
            .map(|Variant { lever, .. }| {
                let settings = [lever.from.clone(), lever.to.clone()];
                (lever.what, lever.failure.as_deref(), settings)
            })
            .collect();
        assert_eq!(told, expected);
        for (index, one) in all.iter().enumerate() {
            let is_new = |other: &Variant| {
                (&other.deployment, &other.flows) != (&one.deployment, &one.flows)
            };
            assert!((&one.deployment, &one.flows) != (&deployment, &flows), "{:?}", one.lever);
            assert!(all[index + 1..].iter().all(is_new), "{:?}", one.lever);
        }
    }

    #[test]
    fn detection_is_halved_wherever_it_takes_time() {
        let mut cluster = deployment().clusters.remove(0);
        let watch = Watch {
            probe: crate::network::Probe::Http,
            delay: seconds(60.0),
            period: seconds(10.0),
            timeout: seconds(1.0),
            failures: 3,
            grace: seconds(30.0),
            demand: SimDuration::ZERO,
        };
        cluster.probing = Probing { startup: None, liveness: Some(watch) };
        cluster.standby = Some(Standby::SHIPPED);
        detect_sooner(&mut cluster).expect("there is something to halve");
        let HealthCheck::Active { interval, timeout, .. } = cluster.balancing.check else {
            panic!("it probes")
        };
        assert_eq!((interval, timeout), (seconds(5.0), seconds(0.5)));
        assert_eq!(cluster.probing.liveness.map(|watch| watch.period), Some(seconds(5.0)));
        assert_eq!(cluster.standby.map(|standby| standby.polling), Some(seconds(2.5)));
        // It is told at once, or learns from attempts that fail at once.
        for check in [
            HealthCheck::Perfect,
            HealthCheck::Passive { max_fails: 1, fail_timeout: seconds(10.0) },
        ] {
            let mut cluster = deployment().clusters.remove(0);
            cluster.balancing = Balancing::plain(Policy::RoundRobin, check);
            assert_eq!(detect_sooner(&mut cluster), None);
        }
    }
}
