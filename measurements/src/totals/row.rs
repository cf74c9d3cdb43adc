//! What a summary says of one operation, and the measurement that it makes.

use sim::measurement::{Bounds, Failures, Figure, Load, Measurement};

use crate::options::Options;

/// Above this share of failed requests, what a node does with those is too much of what it does.
const MOST_FAILED: f64 = 0.05;

/// No figure is larger.
const LARGEST: f64 = 1e12;

/// What a summary says of one operation; times in seconds.
pub(super) struct Row {
    pub(super) operation: String,
    /// How many were asked, and how many of them failed.
    pub(super) asked: f64,
    pub(super) failed: f64,
    /// Whether the times are also those of the ones that failed.
    pub(super) failed_are_in: bool,
    /// Asked per second.
    pub(super) rate: Option<f64>,
    /// None where it is not told.
    pub(super) load: Option<Load>,
    pub(super) mean: Option<f64>,
    pub(super) sd: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) quantiles: Vec<(f64, f64)>,
    /// Between which two times one lies that is written so.
    pub(super) rounded: fn(f64) -> (f64, f64),
    /// Why it is not to be believed.
    pub(super) flag: Option<String>,
}

/// Written as it was measured.
pub(super) fn exactly(value: f64) -> (f64, f64) {
    (value, value)
}

/// Written in whole milliseconds.
pub(super) fn to_a_millisecond(value: f64) -> (f64, f64) {
    ((value - 0.001).max(0.0), value + 0.001)
}

impl Default for Row {
    fn default() -> Self {
        Self {
            operation: "request".to_owned(),
            asked: 0.0,
            failed: 0.0,
            failed_are_in: true,
            rate: None,
            load: None,
            mean: None,
            sd: None,
            max: None,
            quantiles: Vec::new(),
            rounded: exactly,
            flag: None,
        }
    }
}

impl Row {
    pub(super) fn measurement(mut self, origin: &str, options: &Options) -> Measurement {
        let sane = |value: &f64| (0.0..=LARGEST).contains(value);
        self.quantiles.retain(|(_, value)| sane(value));
        self.quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.quantiles.dedup_by(|a, b| a.0 == b.0);
        let share = (self.failed / self.asked.max(1.0)).clamp(0.0, 1.0);
        let most = options.most_failed.unwrap_or(MOST_FAILED);
        let too_many = (share > most).then(|| {
            format!(
                "{:.1} % of its requests failed, more than {} % (`--most-failed` sets the share)",
                share * 100.0,
                most * 100.0
            )
        });
        let stated = options.users.map(|users| Load::Closed { users });
        let load = stated.or(self.load);
        let untold = load.is_none().then(|| {
            "it does not say how many users there were; say so with `--users N`".to_owned()
        });
        let rate = self.rate.filter(sane);
        let failures = Failures {
            requests: self.failed.max(0.0) as u64,
            rate: rate.unwrap_or(0.0) * share,
            mean: self.mean.filter(sane).unwrap_or(0.0),
        };
        let bounds = self.bounds(share);
        Measurement {
            requests: Some((self.asked - self.failed).max(0.0) as u64),
            throughput: rate.map(|rate| rate * (1.0 - share)),
            mean: self.mean.filter(sane),
            sd: self.sd.filter(sane),
            max: self.max.filter(sane),
            error_fraction: Some(if self.failed_are_in { share } else { 0.0 }),
            failures: (self.failed > 0.0).then_some(failures),
            bounds,
            quantiles: self.quantiles,
            size_kib: options.size_kib,
            flag: self.flag.or(too_many).or(untold),
            ..Measurement::of(origin, &self.operation, load.unwrap_or(Load::Closed { users: 1 }))
        }
    }

    /// Of figures that are rounded, or in which a share of failed requests is. Those may be the shortest or
    /// the longest: among the others, a quantile moves by their share; of the mean, they take between
    /// nothing and twice as long.
    fn bounds(&self, share: f64) -> Vec<Bounds> {
        let share = if self.failed_are_in { share } else { 0.0 };
        let mut bounds = Vec::new();
        for (probability, value) in &self.quantiles {
            let (low, high) = (self.rounded)(*value);
            let least = (self.rounded)(self.at(probability * (1.0 - share))).0;
            let most = (self.rounded)(self.at(share + probability * (1.0 - share))).1;
            let (low, high) =
                if share > 0.0 { (least.min(low), most.max(high)) } else { (low, high) };
            if low < high {
                bounds.push(Bounds { figure: Figure::Quantile(*probability), low, high });
            }
        }
        if let Some(mean) = self.mean.filter(|_| share > 0.0) {
            let low = mean * (1.0 - 2.0 * share).max(0.0) / (1.0 - share).max(1e-9);
            let high = mean / (1.0 - share).max(0.01);
            bounds.push(Bounds { figure: Figure::Mean, low, high });
        }
        bounds
    }

    /// The quantile of a probability, between those that are stated and the longest time.
    fn at(&self, probability: f64) -> f64 {
        let longest = self.max.map(|max| (1.0, max));
        let known: Vec<(f64, f64)> = self.quantiles.iter().copied().chain(longest).collect();
        let upper = known.iter().position(|(p, _)| *p >= probability);
        match upper {
            Some(0) => known[0].1,
            Some(upper) => {
                let (below, above) = (known[upper - 1], known[upper]);
                let share = (probability - below.0) / (above.0 - below.0).max(1e-12);
                below.1 + (above.1 - below.1) * share
            }
            None => known.last().map_or(0.0, |last| last.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_requests_among_the_others_move_quantiles_by_their_share() {
        let quantiles = vec![(0.5, 0.1), (0.9, 0.2), (0.99, 0.4)];
        let row = Row {
            asked: 1000.0,
            failed: 10.0,
            rate: Some(100.0),
            load: Some(Load::Closed { users: 10 }),
            mean: Some(0.1),
            max: Some(1.0),
            quantiles,
            ..Row::default()
        };
        let found = row.measurement("f", &Options::default());
        assert_eq!((found.requests, found.throughput), (Some(990), Some(99.0)));
        assert_eq!(found.failures.map(|all| all.rate), Some(1.0));
        let of = |figure: Figure| {
            let bounds = found.bounds.iter().find(|each| each.figure == figure).expect("bounded");
            (bounds.low, bounds.high)
        };
        // 1 % failed: p90 of the others is between p89.1 and p90.1 of all.
        let (low, high) = of(Figure::Quantile(0.9));
        assert!(
            (low - 0.197_75).abs() < 1e-9 && (high - 0.202_222_222).abs() < 1e-6,
            "{low} {high}"
        );
        let (low, high) = of(Figure::Mean);
        assert!((low - 0.098_989_9).abs() < 1e-6 && (high - 0.101_010_1).abs() < 1e-6);
        assert_eq!(found.flag, None);
    }

    #[test]
    fn who_does_not_tell_users_is_asked_and_many_failures_set_aside() {
        let row = || Row { asked: 100.0, failed: 6.0, ..Row::default() };
        let flag = row().measurement("f", &Options::default()).flag.expect("too many");
        assert!(flag.starts_with("6.0 % of its requests failed, more than 5 %"), "{flag}");
        let options = Options { most_failed: Some(0.1), ..Options::default() };
        let flag = row().measurement("f", &options).flag.expect("no users");
        assert!(flag.contains("--users N"), "{flag}");
        let options = Options { users: Some(7), ..options };
        let found = row().measurement("f", &options);
        assert_eq!((found.flag, found.load), (None, Load::Closed { users: 7 }));
    }
}
