//! What the requests of a flow must reach, as its owner would state it.

use crate::time::SimDuration;

/// Limits on what the requests of a flow meet; all optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goals {
    /// Upper limits on the sojourn time, in the order of [`LatencyMetric::rank`].
    pub latency: Vec<(LatencyMetric, SimDuration)>,
    /// Upper limit on the share of requests that end in an error, 0..=1.
    pub error_rate: Option<f64>,
    /// Lower limit on the share of requests answered correctly and in time, 0..=1: over a horizon, and in the
    /// window where drills are scripted.
    pub availability: Option<f64>,
    /// Lower limit on the share of horizons that reach that availability, 0..1.
    pub probability: Option<f64>,
}

impl Goals {
    /// Whether no goal is stated.
    pub fn is_empty(&self) -> bool {
        self.latency.is_empty()
            && self.error_rate.is_none()
            && self.availability.is_none()
            && self.probability.is_none()
    }

    /// These goals, and the `general` ones on quantities of which these say nothing.
    #[must_use]
    pub fn or(&self, general: &Self) -> Self {
        let is_own = |metric| self.latency.iter().any(|(own, _)| *own == metric);
        let inherited = general.latency.iter().filter(|(metric, _)| !is_own(*metric));
        let mut latency: Vec<_> = self.latency.iter().chain(inherited).copied().collect();
        latency.sort_by(|a, b| a.0.rank().total_cmp(&b.0.rank()));
        Self {
            latency,
            error_rate: self.error_rate.or(general.error_rate),
            availability: self.availability.or(general.availability),
            probability: self.probability.or(general.probability),
        }
    }
}

/// A quantity of the sojourn time that a goal can limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LatencyMetric {
    /// The mean.
    Mean,
    /// A quantile, one of [`crate::stats::QUANTILES`].
    Quantile(f64),
}

impl LatencyMetric {
    /// Its place in a list: the mean, then the quantiles from the middle to the rarest.
    pub fn rank(self) -> f64 {
        match self {
            Self::Mean => 0.0,
            Self::Quantile(probability) => probability,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_inherits_the_goals_on_which_it_says_nothing() {
        let ms = SimDuration::from_ms;
        let p = LatencyMetric::Quantile;
        let general = Goals {
            latency: vec![(p(0.5), ms(50.0)), (p(0.99), ms(300.0))],
            error_rate: Some(0.001),
            availability: None,
            probability: Some(0.9),
        };
        let own = Goals {
            latency: vec![(LatencyMetric::Mean, ms(20.0)), (p(0.99), ms(900.0))],
            availability: Some(0.9),
            ..Goals::default()
        };
        let latency =
            vec![(LatencyMetric::Mean, ms(20.0)), (p(0.5), ms(50.0)), (p(0.99), ms(900.0))];
        let both = Goals {
            latency,
            error_rate: Some(0.001),
            availability: Some(0.9),
            probability: Some(0.9),
        };
        assert_eq!(own.or(&general), both);
        assert_eq!(Goals::default().or(&general), general);
    }
}
