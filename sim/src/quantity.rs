//! What is measured of a flow or a cluster: name, unit, which way is better, and its value. Goals,
//! differences, verification, figures of load tests and columns take them from here.

mod cluster_sample;
mod estimates;
mod flow_sample;
mod open;
mod share;
mod unit;

pub(crate) use cluster_sample::ClusterSample;
pub use estimates::Estimates;
pub(crate) use flow_sample::FlowSample;
pub(crate) use open::{Displaced, Open, Spread};
pub(crate) use share::{Share, shrinking};
pub use unit::Unit;

use crate::cause::Cause;
use crate::deployment::{Goals, LatencyMetric};
use crate::engine::ClusterObservations;
use crate::stats::{Estimate, QUANTILES};

/// A quantity that is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Requests that arrive, per second.
    Offered,
    /// Requests answered correctly, per second.
    Throughput,
    /// Share of the requests that ended that ended in an error.
    ErrorRate,
    /// Share of the requests that ended that ended in an error of this cause; those of all causes add
    /// up to the error rate.
    Errors(Cause),
    /// Share of the answers that came after their client had left.
    Wasted,
    /// Share of requests answered correctly within the timeout.
    Availability,
    /// Share of horizons whose availability reaches its goal.
    Probability,
    /// The sojourn time of the requests that were answered, ms.
    Latency(LatencyMetric),
    /// Standard deviation of the sojourn time, ms.
    Deviation,
    /// Retries per request that ended.
    Retries,
    /// Requests admitted beyond the limit of their rate, per second.
    OverLimit,
    /// Requests whose token the cache of their gateway did not hold, so that it had to be checked, per
    /// second.
    TokenMisses,
    /// The most of them in one second of the window; mean over replications.
    TokenHerd,
    /// Tokens that their owners had to renew, per second.
    TokenRenewals,
    /// Requests answered only after an attempt had failed; mean over replications, as what follows.
    Late,
    /// Requests that a node which took over did again, as its snapshot was older.
    Replayed,
    /// Those that it should have done again and had not heard of: their effect on its state is lost.
    Forgotten,
    /// Busy share of all cores; those of nodes that are down count as idle, those in a collection or a
    /// stall do not count as busy.
    Utilisation,
    /// Share of time in garbage-collection pauses.
    GcShare,
    /// Share of time in stalls, stops that are no garbage collection.
    StallShare,
    /// Share of core-time that is not idle: the three above together, as all cores of a node stop at once.
    OccupiedShare,
    /// Mean number of requests in flight in a whole cluster: at a node, or called on from it.
    InFlight,
    /// Mean number of workers that hold a burst, per node.
    WorkersBusy,
    /// Requests that a balancer sent to a node of a cluster, retries included, per second.
    Entered,
    /// Requests that left a cluster without its answer, for whatever reason, per second.
    Failed,
    /// Those of them that a full queue rejected, per second.
    Rejected,
    /// Crashes of all nodes of a cluster.
    Restarts,
    /// Share of time in which a node is up.
    NodeAvailability,
}

impl Quantity {
    /// The p99 of the sojourn time, which stands for it where nothing else is asked for.
    pub const P99: Self = Self::quantile(0.99);
    /// The mean sojourn time.
    pub const MEAN: Self = Self::Latency(LatencyMetric::Mean);

    /// A quantile of the sojourn time.
    pub const fn quantile(probability: f64) -> Self {
        Self::Latency(LatencyMetric::Quantile(probability))
    }

    /// Those that a goal can limit, in the order in which goals are reported.
    pub fn limited() -> impl Iterator<Item = Self> {
        let quantiles = QUANTILES.into_iter().map(Self::quantile);
        let shares = [Self::ErrorRate, Self::Availability, Self::Probability];
        [Self::MEAN].into_iter().chain(quantiles).chain(shares)
    }

    /// Whether it is asked for over a horizon, of a deployment as it is.
    pub fn is_of_horizons(self) -> bool {
        matches!(self, Self::Availability | Self::Probability)
    }

    /// What is found of a flow, in the order of files.
    pub fn of_flows() -> impl Iterator<Item = Self> {
        let rates = [Self::Offered, Self::Throughput];
        let errors = [Self::ErrorRate].into_iter().chain(Cause::ALL.map(Self::Errors));
        let sojourn = [Self::Wasted, Self::MEAN, Self::Deviation];
        let quantiles = QUANTILES.map(Self::quantile);
        rates
            .into_iter()
            .chain(errors)
            .chain(sojourn)
            .chain(quantiles)
            .chain([Self::Availability, Self::Retries])
            .chain([Self::OverLimit, Self::TokenMisses, Self::TokenHerd, Self::TokenRenewals])
            .chain([Self::Late, Self::Replayed, Self::Forgotten])
    }

    /// What is found of a cluster, in the order of files.
    pub fn of_clusters() -> impl Iterator<Item = Self> {
        let shares = [Self::Utilisation, Self::GcShare, Self::StallShare, Self::OccupiedShare];
        let inside = [Self::InFlight, Self::WorkersBusy];
        let passing = [Self::Entered, Self::Throughput, Self::Failed, Self::Rejected];
        let nodes = [Self::Restarts, Self::NodeAvailability];
        shares.into_iter().chain(inside).chain(passing).chain(nodes)
    }

    /// As scenario files name it: `p99.9`, `error_rate`.
    pub fn name(self) -> String {
        match self {
            Self::Latency(LatencyMetric::Quantile(probability)) => {
                // Four decimals are enough for any quantile, and 99.9 has no noise in them.
                return format!("p{}", (probability * 1e6).round() / 1e4);
            }
            Self::Errors(cause) => return format!("errors_{}", cause.name()),
            Self::Latency(LatencyMetric::Mean) => "mean",
            Self::Offered => "offered",
            Self::Throughput => "throughput",
            Self::ErrorRate => "error_rate",
            Self::Wasted => "wasted",
            Self::Availability => "availability",
            Self::Probability => "probability",
            Self::Deviation => "sd",
            Self::Retries => "retries",
            Self::TokenMisses => "token_misses",
            Self::OverLimit => "over_limit",
            Self::TokenHerd => "token_herd",
            Self::TokenRenewals => "token_renewals",
            Self::Late => "late",
            Self::Replayed => "replayed",
            Self::Forgotten => "forgotten",
            Self::Utilisation => "utilisation",
            Self::GcShare => "gc_share",
            Self::StallShare => "stall_share",
            Self::OccupiedShare => "occupied_share",
            Self::InFlight => "in_flight",
            Self::WorkersBusy => "workers_busy",
            Self::Entered => "entered",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Restarts => "restarts",
            Self::NodeAvailability => "node_availability",
        }
        .to_owned()
    }

    /// As files name its column: `p99_9_ms`, `error_fraction`.
    pub fn column(self) -> String {
        match self {
            Self::ErrorRate => "error_fraction".to_owned(),
            Self::Errors(_) | Self::Wasted => self.name() + "_fraction",
            Self::InFlight => self.name() + "_per_cluster",
            Self::WorkersBusy => self.name() + "_per_node",
            _ => self.name().replace('.', "_") + self.unit().ending(),
        }
    }

    /// As a sentence names it: `p99.9`, `error share`.
    pub fn words(self) -> String {
        match self {
            Self::ErrorRate => "error share".to_owned(),
            Self::Errors(cause) => format!("share {}", cause.words()),
            Self::Wasted => "wasted share".to_owned(),
            Self::GcShare => "GC share".to_owned(),
            Self::InFlight => "mean in flight".to_owned(),
            Self::Probability => "probability to reach the availability".to_owned(),
            _ => self.name().replace('_', " "),
        }
    }

    /// What it is counted in.
    pub fn unit(self) -> Unit {
        match self {
            Self::Offered
            | Self::Throughput
            | Self::OverLimit
            | Self::TokenMisses
            | Self::TokenRenewals
            | Self::Entered
            | Self::Failed
            | Self::Rejected => Unit::PerSecond,
            Self::Latency(_) | Self::Deviation => Unit::Milliseconds,
            Self::ErrorRate
            | Self::Errors(_)
            | Self::Wasted
            | Self::Availability
            | Self::Probability
            | Self::Utilisation
            | Self::GcShare
            | Self::StallShare
            | Self::OccupiedShare
            | Self::NodeAvailability => Unit::Share,
            Self::Retries
            | Self::TokenHerd
            | Self::Late
            | Self::Replayed
            | Self::Forgotten
            | Self::InFlight
            | Self::WorkersBusy
            | Self::Restarts => Unit::Number,
        }
    }

    /// Whether more of it is better.
    pub fn is_better_higher(self) -> bool {
        match self {
            Self::Offered
            | Self::Throughput
            | Self::Entered
            | Self::Availability
            | Self::Probability
            | Self::NodeAvailability => true,
            Self::ErrorRate
            | Self::Errors(_)
            | Self::Wasted
            | Self::Latency(_)
            | Self::Deviation
            | Self::Retries
            | Self::OverLimit
            | Self::TokenMisses
            | Self::TokenHerd
            | Self::TokenRenewals
            | Self::Late
            | Self::Replayed
            | Self::Forgotten
            | Self::Utilisation
            | Self::GcShare
            | Self::StallShare
            | Self::OccupiedShare
            | Self::InFlight
            | Self::WorkersBusy
            | Self::Failed
            | Self::Rejected
            | Self::Restarts => false,
        }
    }

    /// Whether a value misses a limit.
    pub fn misses(self, value: f64, limit: f64) -> bool {
        if self.is_better_higher() { value < limit } else { value > limit }
    }

    /// How many times the limit a value is; where more is better, of what may be missing to 1.
    pub fn times(self, value: f64, limit: f64) -> f64 {
        let times =
            if self.is_better_higher() { (1.0 - value) / (1.0 - limit) } else { value / limit };
        if times.is_nan() { f64::INFINITY } else { times }
    }

    /// The limit that goals set it, in its unit.
    pub fn limit(self, goals: &Goals) -> Option<f64> {
        match self {
            Self::Latency(metric) => {
                let limit = goals.latency.iter().find(|(limited, _)| *limited == metric);
                limit.map(|(_, limit)| limit.as_ms())
            }
            Self::ErrorRate => goals.error_rate,
            Self::Availability => goals.availability,
            Self::Probability => goals.probability,
            _ => None,
        }
    }

    /// What is known of it: what replications show, and what calibrations leave open of that; none where
    /// it is not of a flow, or nothing shows it.
    pub(crate) fn of_flow(self, flow: &FlowSample<'_>) -> Option<Estimate> {
        let seen = self.seen_of_flow(flow)?;
        Some(flow.open(self).widens(seen, flow.confidence))
    }

    /// What replications show of it.
    pub(crate) fn seen_of_flow(self, flow: &FlowSample<'_>) -> Option<Estimate> {
        match self {
            Self::Offered => Some(flow.rate(|seen| seen.arrivals)),
            Self::Throughput => Some(flow.rate(|seen| seen.answered)),
            Self::ErrorRate => flow.failed().map(|share| share.estimate()),
            Self::Errors(cause) => flow.share(|seen| seen.failed[cause]),
            Self::Wasted => flow.wasted(),
            Self::Availability => flow.unanswered().map(|share| share.estimate().complement()),
            Self::Latency(metric) => flow.latency_ms(metric),
            Self::Deviation => flow.sd_ms(),
            Self::Retries => flow.share(|seen| seen.retries),
            Self::OverLimit => Some(flow.rate(|seen| seen.over_limit)),
            Self::TokenMisses => Some(flow.rate(|seen| seen.token_misses)),
            Self::TokenHerd => Some(flow.mean_count(|seen| seen.token_herd)),
            Self::TokenRenewals => Some(flow.rate(|seen| seen.token_renewals)),
            Self::Late => Some(flow.mean_count(|seen| seen.late)),
            Self::Replayed => Some(flow.mean_count(|seen| seen.replayed)),
            Self::Forgotten => Some(flow.mean_count(|seen| seen.forgotten)),
            _ => None,
        }
    }

    /// Its value in a flow, without an interval.
    pub(crate) fn value_of_flow(self, flow: &FlowSample<'_>) -> Option<f64> {
        match self {
            Self::Latency(LatencyMetric::Quantile(probability)) => {
                flow.pooled().quantile(probability).map(|nanos| nanos * 1e-6)
            }
            _ => self.seen_of_flow(flow).map(|found| found.mean),
        }
    }

    /// What is known of it in a cluster.
    pub(crate) fn of_cluster(self, cluster: &ClusterSample<'_>) -> Option<Estimate> {
        let seen = self.seen_of_cluster(cluster)?;
        Some(cluster.open(self).widens(seen, cluster.confidence))
    }

    /// What replications show of it in a cluster.
    pub(crate) fn seen_of_cluster(self, cluster: &ClusterSample<'_>) -> Option<Estimate> {
        Some(match self {
            Self::Utilisation => cluster.mean(|seen| seen.utilisation),
            Self::GcShare => cluster.mean(|seen| seen.gc_share),
            Self::StallShare => cluster.mean(|seen| seen.stall_share),
            Self::OccupiedShare => cluster.mean(ClusterObservations::occupied_share),
            Self::InFlight => cluster.mean(|seen| seen.in_flight),
            Self::WorkersBusy => cluster.mean(|seen| seen.workers_busy),
            Self::Entered => cluster.rate(|seen| seen.entered),
            Self::Throughput => cluster.rate(|seen| seen.completed),
            Self::Failed => cluster.rate(|seen| seen.failed),
            Self::Rejected => cluster.rate(|seen| seen.rejected),
            Self::Restarts => cluster.mean(|seen| seen.crashes as f64),
            Self::NodeAvailability => cluster.mean(|seen| seen.up_share),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::engine::FlowObservations;

    #[test]
    fn each_has_the_name_the_column_and_the_unit_that_files_rely_on() {
        let expected = [
            (Quantity::Offered, "offered", "offered_rps", "1/s"),
            (Quantity::Throughput, "throughput", "throughput_rps", "1/s"),
            (Quantity::ErrorRate, "error_rate", "error_fraction", "share"),
            (Quantity::Errors(Cause::Reset), "errors_reset", "errors_reset_fraction", "share"),
            (Quantity::Wasted, "wasted", "wasted_fraction", "share"),
            (Quantity::Availability, "availability", "availability", "share"),
            (Quantity::MEAN, "mean", "mean_ms", "ms"),
            (Quantity::quantile(0.5), "p50", "p50_ms", "ms"),
            (Quantity::quantile(0.9999), "p99.99", "p99_99_ms", "ms"),
            (Quantity::quantile(0.99995), "p99.995", "p99_995_ms", "ms"),
            (Quantity::Deviation, "sd", "sd_ms", "ms"),
            (Quantity::Retries, "retries", "retries", ""),
            (Quantity::TokenMisses, "token_misses", "token_misses_rps", "1/s"),
            (Quantity::InFlight, "in_flight", "in_flight_per_cluster", ""),
            (Quantity::GcShare, "gc_share", "gc_share", "share"),
            (Quantity::NodeAvailability, "node_availability", "node_availability", "share"),
        ];
        for (quantity, name, column, unit) in expected {
            assert_eq!((quantity.name(), quantity.column()), (name.to_owned(), column.to_owned()));
            assert_eq!(quantity.unit().name(), unit, "{name}");
        }
    }

    #[test]
    fn what_flows_and_clusters_have_is_found_of_them_under_names_of_their_own() {
        let flows = [FlowObservations::default()];
        let of_flow = FlowSample::fabricated(&flows);
        let clusters = [ClusterObservations::default()];
        let of_cluster = ClusterSample::fabricated(&clusters);
        for quantity in Quantity::of_clusters() {
            assert!(quantity.of_cluster(&of_cluster).is_some(), "{quantity:?}");
        }
        assert_eq!(Quantity::P99.of_cluster(&of_cluster), None);
        assert_eq!(Quantity::GcShare.of_flow(&of_flow), None);
        for all in [Quantity::of_flows().collect::<Vec<_>>(), Quantity::of_clusters().collect()] {
            let columns: BTreeSet<String> = all.iter().map(|quantity| quantity.column()).collect();
            assert_eq!(columns.len(), all.len(), "{columns:?}");
        }
    }

    #[test]
    fn at_its_limit_a_goal_is_kept() {
        for quantity in Quantity::limited().filter(|of| !of.is_of_horizons()) {
            assert!(!quantity.misses(0.5, 0.5) && quantity.misses(0.51, 0.5));
            assert!(!quantity.misses(0.49, 0.5));
        }
        for quantity in [Quantity::Availability, Quantity::Probability] {
            assert!(!quantity.misses(0.5, 0.5) && quantity.misses(0.49, 0.5));
            assert!(!quantity.misses(0.51, 0.5));
        }
    }

    #[test]
    fn of_what_is_better_higher_the_excess_is_what_is_missing() {
        assert_eq!(Quantity::P99.times(900.0, 300.0), 3.0);
        assert!((Quantity::Availability.times(0.995, 0.999) - 5.0).abs() < 1e-9);
        assert_eq!(Quantity::ErrorRate.times(0.0, 0.0), f64::INFINITY);
    }

    #[test]
    fn each_goal_limits_its_own_quantity() {
        let ms = crate::time::SimDuration::from_ms;
        let goals = Goals {
            latency: vec![
                (LatencyMetric::Mean, ms(20.0)),
                (LatencyMetric::Quantile(0.9), ms(90.0)),
            ],
            error_rate: Some(0.01),
            availability: Some(0.999),
            probability: Some(0.95),
        };
        let limits: Vec<_> =
            Quantity::limited().filter_map(|of| Some((of.name(), of.limit(&goals)?))).collect();
        let expected = [
            ("mean", 20.0),
            ("p90", 90.0),
            ("error_rate", 0.01),
            ("availability", 0.999),
            ("probability", 0.95),
        ];
        assert_eq!(limits, expected.map(|(name, limit)| (name.to_owned(), limit)));
    }
}
