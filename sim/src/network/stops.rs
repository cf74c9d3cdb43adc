//! What makes a node stop or slow down: garbage collection, stalls, a cold start.

use super::generations::{Generations, collector_threads};
use crate::time::SimDuration;

/// Stop-the-world garbage collection: all cores of the node stop for the pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarbageCollection {
    /// What may be allocated until the next pause.
    pub budget: AllocationBudget,
    /// Mean pause of an idle node.
    pub pause: SimDuration,
    /// Coefficient of variation of a pause (lognormal).
    pub cv: f64,
    /// Added to the mean pause for each request in flight on the node.
    pub per_in_flight: SimDuration,
    /// Collections of the whole heap, where nothing is said of a heap; none: there are none.
    pub full: Option<FullCollection>,
    /// Threads that share the work of a pause; none: pauses do not depend on the cores.
    pub threads: Option<f64>,
}

impl GarbageCollection {
    /// The same work of the collector on so many cores: with twice the threads, pauses are half as
    /// long.
    #[must_use]
    pub fn with_cores(self, cores: f64) -> Self {
        let Some(before) = self.threads else { return self };
        let threads = collector_threads(cores);
        let scaled = |time: SimDuration| SimDuration((time.as_nanos() * before / threads) as u64);
        let budget = match self.budget {
            AllocationBudget::Requests(_) => self.budget,
            AllocationBudget::Young(heap) => AllocationBudget::Young(Generations {
                per_copied_mib: scaled(heap.per_copied_mib),
                full_per_live_mib: scaled(heap.full_per_live_mib),
                ..heap
            }),
        };
        Self {
            budget,
            pause: scaled(self.pause),
            per_in_flight: scaled(self.per_in_flight),
            full: self.full.map(|full| FullCollection { pause: scaled(full.pause), ..full }),
            threads: Some(threads),
            ..self
        }
    }

    /// The heap, where something is said of it.
    pub fn heap(&self) -> Option<&Generations> {
        match &self.budget {
            AllocationBudget::Requests(_) => None,
            AllocationBudget::Young(heap) => Some(heap),
        }
    }
}

/// What a node may allocate from one pause to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AllocationBudget {
    /// So many requests, at least 1.
    Requests(f64),
    /// The young generation of a heap.
    Young(Generations),
}

impl AllocationBudget {
    /// What is allocated each second without any request, MiB.
    pub fn background_mib(self) -> f64 {
        match self {
            Self::Requests(_) => 0.0,
            Self::Young(heap) => heap.background_mib,
        }
    }

    /// What may be allocated from one pause to the next while nothing is in flight on a node of so many cores:
    /// requests, or MiB.
    pub fn calm(self, cores: f64) -> f64 {
        match self {
            Self::Requests(requests) => requests,
            Self::Young(heap) => heap.calm_eden_mib(cores),
        }
    }
}

/// A collection of the whole heap, in place of an ordinary pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullCollection {
    /// One of so many pauses is one, at least 1.
    pub every: f64,
    /// Its mean.
    pub pause: SimDuration,
    /// Its coefficient of variation (lognormal).
    pub cv: f64,
}

/// All cores stop for a while after so much work, which no garbage collection log shows: safepoints,
/// time stolen by the hypervisor or withheld by a CPU quota and, in a load test, pauses of the load
/// generator and of the backend, which the clients see as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stalls {
    /// One stall after so much work, core-time above 0.
    pub every: SimDuration,
    /// Its mean.
    pub pause: SimDuration,
    /// Its coefficient of variation (lognormal).
    pub cv: f64,
}

/// What a freshly started JVM costs more until it has loaded and compiled what it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColdStart {
    /// By the number of requests for which the node has done all its work of a kind, in parts of requests where
    /// that is cut into bursts, as loading goes by what has run once, and compilers by how often. Of the excess of the first demand, 13/99 are left at the second; from
    /// there on it falls with a power of the number, to 1/800 at `requests`, from where on the node is warm.
    /// With `first` = 100 and `requests` = 1000 that is 1 + 13 (2/n)^(3/4), which was measured.
    ByRequests {
        /// Multiplier of the first demand, 1 or above.
        first: f64,
        /// From so many on there is no excess, 1 or more.
        requests: f64,
    },
    /// By time: demands are multiplied by `1 + (factor - 1) exp(-age / decay)`.
    ByTime {
        /// Multiplier of the first demand, 1 or above.
        factor: f64,
        /// Time in which the excess falls to 1/e, above 0.
        decay: SimDuration,
    },
}

/// What is left at the second request of the excess of the first: 14 against 100 were measured.
const SECOND: f64 = 13.0 / 99.0;
/// What is left of it just before a node is warm; with 1000 requests the power is 3/4.
const LAST: f64 = 1.0 / 800.0;

impl ColdStart {
    /// By what a demand is multiplied on a node that answered first `age_nanos` ago and has served so many
    /// requests of its kind.
    pub fn multiplier(self, age_nanos: u64, served: u32) -> f64 {
        match self {
            Self::ByRequests { first, requests } => {
                let number = f64::from(served) + 1.0;
                if number >= requests {
                    return 1.0;
                }
                let power = (SECOND / LAST).ln() / (0.5 * requests).ln();
                let left = if served == 0 { 1.0 } else { SECOND * (0.5 * number).powf(-power) };
                1.0 + (first - 1.0) * left
            }
            Self::ByTime { factor, decay } => {
                let age = age_nanos as f64 / decay.as_nanos().max(1.0);
                1.0 + (factor - 1.0) * (-age).exp()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured on 28 November 2026 with `OpenJDK` 17 and the JDK's HTTP server, at every CPU quota alike: what a
    /// handler costs at its n-th request, in multiples of what it costs when warm.
    const MEASURED: [(u32, f64, f64); 7] = [
        (1, 90.0, 110.0),
        (2, 14.0, 14.0),
        (10, 5.0, 9.0),
        (50, 2.2, 2.2),
        (100, 1.7, 1.7),
        (400, 1.3, 1.3),
        (1000, 1.0, 1.0),
    ];
    const JVM: ColdStart = ColdStart::ByRequests { first: 100.0, requests: 1000.0 };

    #[test]
    fn the_cost_of_the_nth_request_is_as_measured() {
        for (number, least, most) in MEASURED {
            let found = JVM.multiplier(0, number - 1);
            assert!(
                (0.95 * least..=1.05 * most).contains(&found),
                "{number}: {found} where {least} to {most} were measured"
            );
        }
    }

    /// Between those that were measured, straight lines of the logarithms of number and excess; what is left
    /// at the last is a thirtieth.
    #[test]
    fn all_that_a_cold_start_costs_is_as_measured() {
        let points =
            [(1.0, 99.0), (2.0, 13.0), (10.0, 6.0), (50.0, 1.2), (100.0, 0.7), (400.0, 0.3)];
        let points = [&points[..], &[(1000.0, 1.0 / 30.0)]].concat();
        let excess = |number: f64| {
            let upper = points.partition_point(|(at, _)| *at < number).max(1);
            let ((a, above), (b, below)) = (points[upper - 1], points[upper]);
            let way = f64::ln(number / a) / f64::ln(b / a);
            f64::ln(above).mul_add(1.0 - way, way * f64::ln(below)).exp()
        };
        let measured: f64 = (1..1000).map(|number| excess(f64::from(number))).sum();
        let found: f64 = (0..1000).map(|served| JVM.multiplier(0, served) - 1.0).sum();
        assert!((found / measured - 1.0).abs() < 0.1, "{found} warm demands against {measured}");
    }

    #[test]
    fn nothing_is_cheaper_than_warm_nor_dearer_than_the_first() {
        for factor in [1.0, 1.01, 1000.0] {
            for cold in [
                ColdStart::ByRequests { first: factor, requests: 1.0 },
                ColdStart::ByRequests { first: factor, requests: 2.5 },
                ColdStart::ByRequests { first: factor, requests: 1000.0 },
                ColdStart::ByTime { factor, decay: SimDuration(100) },
            ] {
                let all: Vec<f64> = (0..1200).map(|n| cold.multiplier(u64::from(n), n)).collect();
                assert!(all.iter().all(|found| (1.0..=factor).contains(found)), "{cold:?}");
                assert!(all.is_sorted_by(|a, b| a >= b), "{cold:?}");
            }
        }
    }
}
