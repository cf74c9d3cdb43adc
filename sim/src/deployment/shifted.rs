//! Profiles as they are where the truth lies off what was calibrated.

use super::Profile;
use super::keys::{Key, Record, Slot, Unit};

/// A direction in which the keys of a profile may be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// One of its uncertainty.
    Fitted(usize),
    /// The one in which all its demands are off.
    Demands,
}

impl Profile {
    /// In which independent directions its keys may be off.
    pub(crate) fn directions(&self) -> impl Iterator<Item = Direction> {
        let of_demands = self.demand_error.map(|_| Direction::Demands);
        (0..self.uncertainty.directions()).map(Direction::Fitted).chain(of_demands)
    }

    /// The same profile, off in one direction by so many standard errors.
    pub(crate) fn shifted(&self, direction: Direction, by: f64) -> Self {
        let mut shifted = self.clone();
        match direction {
            Direction::Fitted(direction) => {
                for (path, shifts) in &self.uncertainty.shifts {
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    let shift = shifts.get(direction).copied().unwrap_or(0.0);
                    shifted.shift(&path, by * shift);
                }
            }
            Direction::Demands => {
                let error = self.demand_error.unwrap_or(0.0);
                for operation in self.demands.keys() {
                    for key in ["mean", "per_kib"] {
                        shifted.shift(&["demand", operation, key], by * error);
                    }
                }
            }
        }
        shifted
    }

    fn shift(&mut self, path: &[&str], by: f64) {
        let record: &mut dyn Record = self;
        let Some(key) = record.key(path) else { return };
        let Some(value) = record.find(path).number() else { return };
        record.find(path).put(moved(key, value, by));
    }

    /// Whether what is off in one is off in the other, since their numbers come from one calibration: a
    /// profile and another that starts from it.
    pub(crate) fn shares_errors_with(&self, other: &Self) -> bool {
        let both = self.demand_error.is_some() && self.demand_error == other.demand_error;
        let same = |(name, demand)| other.demands.get(name) == Some(demand);
        self.uncertainty.agrees_with(&other.uncertainty) || both && self.demands.iter().any(same)
    }

    /// Whether an uncertainty can be stated of the key at the end of a path: it is one that is fitted, and
    /// has a place.
    pub fn is_fitted(&mut self, path: &[&str]) -> bool {
        let record: &mut dyn Record = self;
        let is_searched = record.key(path).is_some_and(|key| key.search.is_some());
        let place = record.find(path);
        is_searched && matches!(place, Slot::Number(_) | Slot::Duration(_) | Slot::Law(_))
    }
}

/// A value moved on the scale of its key, within what it is searched in.
fn moved(key: &Key, value: f64, by: f64) -> f64 {
    let moved = match key.unit {
        Unit::Share => {
            let odds = value / (1.0 - value) * by.exp();
            if odds.is_finite() { odds / (1.0 + odds) } else { value }
        }
        _ => value * by.exp(),
    };
    let within = key.search.map_or((f64::MIN, f64::MAX), |search| (search.least, search.most));
    // What was stated beyond its range stays there.
    moved.clamp(within.0.min(value), within.1.max(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Demand, Uncertainty};
    use crate::random::{Law, Shape};
    use crate::time::SimDuration;

    fn profile() -> Profile {
        let mut profile = Profile {
            hop: Law::constant(SimDuration::from_ms(1.0)),
            ..Profile::plain("node", 2.0)
        };
        for (operation, ms) in [("call", 2.0), ("pay.by.card", 4.0)] {
            let mut demand = Demand::plain(SimDuration::from_ms(ms), Shape::Gamma { cv: 0.5 });
            demand.on_workers = 0.75;
            profile.demands.insert(operation.to_owned(), demand);
        }
        profile
    }

    fn path(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn uncertainty(shifts: &[(&[&str], &[f64])]) -> Uncertainty {
        let shifts = shifts.iter().map(|(names, shifts)| (path(names), shifts.to_vec()));
        Uncertainty { shifts: shifts.collect() }
    }

    #[test]
    fn a_direction_moves_its_keys_together_each_on_its_scale() {
        let mut profile = profile();
        profile.uncertainty = uncertainty(&[
            (&["demand", "pay.by.card", "mean"], &[0.1, 0.0]),
            (&["demand", "call", "on_workers"], &[0.0, 0.5]),
            (&["hop"], &[-0.3, 0.2]),
        ]);
        assert_eq!(profile.directions().count(), 2);
        let one = profile.shifted(Direction::Fitted(0), 1.0);
        assert!((one.demands["pay.by.card"].mean.as_ms() - 4.0 * 0.1_f64.exp()).abs() < 1e-5);
        assert!((one.hop.mean.as_ms() - (-0.3_f64).exp()).abs() < 1e-5);
        assert_eq!(one.demands["call"], profile.demands["call"]);
        let other = profile.shifted(Direction::Fitted(1), -2.0);
        // Odds of 3 become 3 / e.
        let odds = 3.0 / std::f64::consts::E;
        assert!((other.demands["call"].on_workers - odds / (1.0 + odds)).abs() < 1e-9);
        assert!((other.hop.mean.as_ms() - (-0.4_f64).exp()).abs() < 1e-5);
    }

    #[test]
    fn the_error_of_all_demands_is_a_direction_of_its_own() {
        let mut profile = profile();
        profile.uncertainty = uncertainty(&[(&["hop"], &[0.2])]);
        profile.demand_error = Some(0.05);
        let directions = [Direction::Fitted(0), Direction::Demands];
        assert_eq!(profile.directions().collect::<Vec<_>>(), directions);
        let shifted = profile.shifted(Direction::Demands, -1.0);
        for operation in ["call", "pay.by.card"] {
            let factor =
                shifted.demands[operation].mean.as_ms() / profile.demands[operation].mean.as_ms();
            assert!((factor - (-0.05_f64).exp()).abs() < 1e-5, "{factor}");
        }
        assert_eq!(shifted.hop, profile.hop);
    }

    #[test]
    fn profiles_share_errors_where_their_numbers_come_from_one_fit() {
        let mut first = profile();
        first.uncertainty =
            uncertainty(&[(&["hop"], &[0.2]), (&["demand", "call", "mean"], &[0.012_3])]);
        // One that starts from it, and states its own hop.
        let mut second = Profile { cores: 4.0, ..first.clone() };
        second.uncertainty.shifts.remove(&path(&["hop"]));
        assert!(first.shares_errors_with(&second) && second.shares_errors_with(&first));
        second.uncertainty = uncertainty(&[(&["hop"], &[0.21])]);
        assert!(!first.shares_errors_with(&second));
        let believed = |ms| {
            let mut believed = Profile { demand_error: Some(0.1), ..profile() };
            let mean = SimDuration::from_ms(ms);
            believed.demands.values_mut().for_each(|demand| demand.mean = mean);
            believed
        };
        assert!(believed(1.0).shares_errors_with(&believed(1.0)));
        assert!(!believed(1.0).shares_errors_with(&believed(1.1)));
    }

    #[test]
    fn only_what_is_fitted_has_an_uncertainty() {
        let mut profile = profile();
        for names in [&["hop"][..], &["demand", "call", "mean"], &["demand", "call", "cv"]] {
            assert!(profile.is_fitted(names), "{names:?}");
        }
        let others: [&[&str]; 5] =
            [&["price"], &["gc", "pause"], &["demand", "other", "mean"], &["demand"], &[]];
        for names in others {
            assert!(!profile.is_fitted(names), "{names:?}");
        }
    }
}
