//! Which failures of a node come.

use super::keys::Choice;

/// Which failures of a node come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// Those that are stated.
    Stated,
    /// Also those that are usual for such a node, of each kind of which nothing is stated.
    Usual,
}

impl Failing {
    const ALL: [Self; 2] = [Self::Stated, Self::Usual];
    /// The names that files use with their meanings, in the same order.
    const NAMES: [(&'static str, &'static str); 2] = [
        ("stated", "Those that `mtbf` and `failures` state."),
        ("usual", "Also those of `usual_failures`, of each kind of which nothing is stated."),
    ];
}

impl Choice for Failing {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &Self::NAMES
    }

    fn chosen(&self) -> usize {
        Self::ALL.iter().position(|one| one == self).unwrap_or(0)
    }

    fn choose(&mut self, index: usize) {
        *self = Self::ALL[index];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Failures, Profile, Times};
    use crate::network::Failure;
    use crate::time::SimDuration;

    fn every(days: f64) -> Times {
        let day = SimDuration::from_seconds(86_400.0 * days);
        Times::exponential(day, SimDuration::from_seconds(60.0))
    }

    /// How often each kind comes, days.
    fn failing(profile: &Profile) -> Vec<(Failure, f64)> {
        let days = |times: &Times| times.mtbf.as_seconds() / 86_400.0;
        profile.failing().iter().map(|(kind, times)| (*kind, days(times))).collect()
    }

    #[test]
    fn what_is_usual_comes_where_it_is_asked_for_and_nothing_else_is_stated() {
        let mut profile = Profile::plain("plain", 1.0);
        (profile.mtbf, profile.mttr) = (Some(SimDuration::from_seconds(86_400.0)), SimDuration(1));
        profile.failures = Some(Failures { hang: Some(every(2.0)), ..Failures::default() });
        let [crash, vanish, hang] = [10.0, 30.0, 20.0].map(|days| Some(every(days)));
        profile.usual_failures = Some(Failures { crash, vanish, hang, ..Failures::default() });
        let stated = [(Failure::Crash, 1.0), (Failure::Hang, 2.0)];
        assert_eq!(failing(&profile), stated);
        profile.failing = Failing::Usual;
        assert_eq!(failing(&profile), [&stated[..], &[(Failure::Vanish, 30.0)]].concat());
        for (kind, days) in [(Failure::Crash, 3.0), (Failure::Hang, 4.0), (Failure::Vanish, 5.0)] {
            profile.set_failing(kind, &every(days));
        }
        let set = [(Failure::Crash, 3.0), (Failure::Hang, 4.0), (Failure::Vanish, 5.0)];
        assert_eq!(failing(&profile), set);
        profile.mtbf = None;
        let usual = [(Failure::Hang, 4.0), (Failure::Crash, 10.0), (Failure::Vanish, 5.0)];
        assert_eq!(failing(&profile), usual);
    }
}
