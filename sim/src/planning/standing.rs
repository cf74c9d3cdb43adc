//! On which side of its limit a goal is, with an indifference zone around it.

use crate::quantity::Quantity;
use crate::results::{Effort, GoalCheck, Reason, Verdict};

/// On which side of its limit what was found is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    Kept {
        within: bool,
    },
    Missed {
        within: bool,
    },
    /// Not known yet; what more would take.
    Open(Effort),
    /// Not known, and replications will not tell.
    Unknowable,
}

impl Standing {
    pub(super) fn of(check: &GoalCheck, indifference: f64) -> Self {
        match check.verdict {
            Verdict::Met => return Self::Kept { within: false },
            Verdict::Missed => return Self::Missed { within: false },
            Verdict::Undecided => {}
        }
        let zone = indifference * allowed(check);
        let ends = check.found.and_then(|found| Some((found, found.lower?, found.upper?)));
        if let Some((found, lower, upper)) = ends
            && zone > 0.0
            && upper - found.mean <= zone
            && found.mean - lower <= zone
        {
            return if excess(check, found.mean) <= 0.0 {
                Self::Kept { within: true }
            } else {
                Self::Missed { within: true }
            };
        }
        match check.reason {
            Reason::MoreReplications(effort) => Self::Open(effort),
            Reason::AmongMany(_) => Self::Open(Effort::Unknown),
            _ => Self::Unknowable,
        }
    }
}

/// How much of what is limited is allowed: of availabilities, how much may be missing to 1.
fn allowed(check: &GoalCheck) -> f64 {
    if is_of_what_is_missing(check.goal) { 1.0 - check.limit } else { check.limit }
}

/// By how much a number is on the wrong side of the limit.
fn excess(check: &GoalCheck, found: f64) -> f64 {
    if is_of_what_is_missing(check.goal) { check.limit - found } else { found - check.limit }
}

fn is_of_what_is_missing(goal: Quantity) -> bool {
    goal == Quantity::Availability || goal.is_of_horizons()
}

/// What is left to the limit, as a share of what is allowed; none where nothing was found.
pub(super) fn margin(check: &GoalCheck) -> Option<f64> {
    let allowed = allowed(check);
    let found = check.found.filter(|_| allowed > 0.0)?;
    Some(-excess(check, found.mean) / allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    fn check(goal: Quantity, limit: f64, found: (f64, f64), verdict: Verdict) -> GoalCheck {
        GoalCheck {
            goal,
            flow: "calls".to_owned(),
            tenant: String::new(),
            situation: String::new(),
            limit,
            found: Some(Estimate::symmetric(found.0, found.1)),
            verdict,
            reason: Reason::MoreReplications(Effort::About(20)),
            chance: 1.0,
        }
    }

    #[test]
    fn what_is_known_within_the_zone_around_the_limit_is_taken_as_it_is_found() {
        let of = |mean, half_width| {
            Standing::of(&check(Quantity::P99, 100.0, (mean, half_width), Verdict::Undecided), 0.05)
        };
        assert_eq!(of(99.0, 4.9), Standing::Kept { within: true });
        assert_eq!(of(101.0, 4.9), Standing::Missed { within: true });
        assert_eq!(of(101.0, 5.1), Standing::Open(Effort::About(20)));
    }

    #[test]
    fn of_an_availability_the_zone_is_a_share_of_what_may_be_missing() {
        let of = |half_width| {
            let found = (0.9992, half_width);
            let check = check(Quantity::Availability, 0.999, found, Verdict::Undecided);
            (Standing::of(&check, 0.25), margin(&check).expect("found"))
        };
        let (within, left) = of(0.0002);
        assert_eq!(within, Standing::Kept { within: true });
        assert!((left - 0.2).abs() < 1e-9, "{left}");
        assert_eq!(of(0.0003).0, Standing::Open(Effort::About(20)));
    }

    #[test]
    fn an_interval_on_one_side_needs_no_zone() {
        let kept = check(Quantity::P99, 100.0, (60.0, 30.0), Verdict::Met);
        assert_eq!(Standing::of(&kept, 0.05), Standing::Kept { within: false });
        assert!((margin(&kept).expect("found") - 0.4).abs() < 1e-9);
    }
}
