//! Goals judged together: a comparison of many deployments asks so many questions that some answers
//! would be wrong by chance, and the advice would change with the seed.

use crate::results::{DeploymentResult, GoalCheck, Reason, Verdict};
use crate::stats::Estimate;
use crate::stats::multiple::{holm, p_value};

/// Leaves undecided what is clear only by itself: all verdicts that rest on numbers hold together with
/// the confidence of the scenario, by Holm's procedure over all goals, flows, situations and
/// deployments.
pub(super) fn judge(deployments: &mut [DeploymentResult], confidence: f64, replications: u32) {
    let checks = deployments.iter_mut().flat_map(|deployment| &mut deployment.goal_checks);
    judge_checks(checks, confidence, replications);
}

/// As [`judge`], the checks of all deployments.
pub(super) fn judge_checks<'a>(
    checks: impl Iterator<Item = &'a mut GoalCheck>,
    confidence: f64,
    replications: u32,
) {
    let freedom = f64::from(replications.max(2)) - 1.0;
    let mut checks: Vec<&mut GoalCheck> = checks
        .filter(|check| matches!(check.reason, Reason::Found | Reason::MoreReplications(_)))
        .collect();
    let p_values: Vec<f64> =
        checks.iter().map(|check| evidence(check, confidence, freedom)).collect();
    let judged = checks.len() as u32;
    for (check, adjusted) in checks.iter_mut().zip(holm(&p_values)) {
        if check.reason == Reason::Found && adjusted > 1.0 - confidence {
            (check.verdict, check.reason) = (Verdict::Undecided, Reason::AmongMany(judged));
        }
    }
}

/// How likely a number so far from its limit is, if the truth were on the other side; two-sided, since
/// either side would have been reported.
fn evidence(check: &GoalCheck, confidence: f64, freedom: f64) -> f64 {
    let Some(found) = check.found.filter(|_| check.verdict != Verdict::Undecided) else {
        return 1.0;
    };
    let is_availability = check.goal == "availability";
    // Of a share, what is wrong is counted: availability is what is missing to 1.
    let (found, limit) = if is_availability {
        (found.complement(), 1.0 - check.limit)
    } else {
        (found, check.limit)
    };
    let is_share = is_availability || check.goal == "error_rate";
    match found.upper {
        // Where no error is allowed, one seen is proof, and no number of requests proves more.
        _ if is_share && limit <= 0.0 => 0.0,
        // None among n: a share as large as the limit would show none with the chance exp(-n limit),
        // and 1 - confidence at the bound.
        Some(upper) if is_share && found.mean == 0.0 => (1.0 - confidence).powf(limit / upper),
        _ => by_student(&found, limit, confidence, freedom),
    }
}

/// By Student's t, from the side of the interval that faces the limit.
fn by_student(found: &Estimate, limit: f64, confidence: f64, freedom: f64) -> f64 {
    let distance = (found.mean - limit).abs();
    let side = if found.mean <= limit { found.upper } else { found.lower };
    // Where that side is open, not a single one of many answers has passed the limit.
    let Some(width) = side.map(|end| (end - found.mean).abs()) else { return 0.0 };
    match width {
        0.0 => 0.0,
        width => p_value(&Estimate::symmetric(0.0, width), distance, confidence, freedom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Effort;

    fn check(goal: &str, limit: f64, found: Estimate, verdict: Verdict) -> GoalCheck {
        GoalCheck {
            goal: goal.to_owned(),
            flow: "orders".to_owned(),
            tenant: "default".to_owned(),
            situation: "all nodes up".to_owned(),
            limit,
            found: Some(found),
            verdict,
            reason: match verdict {
                Verdict::Undecided => Reason::MoreReplications(Effort::Unknown),
                Verdict::Met | Verdict::Missed => Reason::Found,
            },
        }
    }

    fn judged(checks: Vec<GoalCheck>, replications: u32) -> Vec<Verdict> {
        let mut deployment = DeploymentResult {
            name: "ha".to_owned(),
            pattern: "standard-ha".to_owned(),
            flows: Vec::new(),
            clusters: Vec::new(),
            price_per_month: 0.0,
            overloads: Vec::new(),
            verdict: None,
            goal_checks: checks,
            notes: Vec::new(),
        };
        judge(std::slice::from_mut(&mut deployment), 0.95, replications);
        deployment.goal_checks.iter().map(|check| check.verdict).collect()
    }

    /// Just outside its interval: p = 0.044 with 5 degrees of freedom.
    fn narrow(verdict: Verdict) -> GoalCheck {
        let mean = if verdict == Verdict::Met { 289.5 } else { 310.5 };
        check("p99", 300.0, Estimate::symmetric(mean, 10.0), verdict)
    }

    #[test]
    fn what_is_clear_by_itself_need_not_be_clear_among_many() {
        assert_eq!(judged(vec![narrow(Verdict::Met)], 6), [Verdict::Met]);
        let two = vec![narrow(Verdict::Met), narrow(Verdict::Missed)];
        assert_eq!(judged(two, 6), [Verdict::Undecided; 2]);
    }

    #[test]
    fn what_is_far_from_its_limit_stays_decided_among_many_and_does_not_hide_another() {
        let far = || check("p99", 300.0, Estimate::symmetric(100.0, 5.0), Verdict::Met);
        let mut checks: Vec<GoalCheck> = (0..50).map(|_| far()).collect();
        checks.push(narrow(Verdict::Missed));
        let verdicts = judged(checks, 6);
        assert_eq!(verdicts[..50], [Verdict::Met; 50]);
        // All others are clear, so that it is judged as if it were alone.
        assert_eq!(verdicts[50], Verdict::Missed);
    }

    #[test]
    fn with_two_replications_only_what_is_very_far_is_decided() {
        let near = || check("p99", 300.0, Estimate::symmetric(480.0, 60.0), Verdict::Missed);
        assert_eq!(judged(vec![near()], 2), [Verdict::Missed]);
        assert_eq!(judged((0..10).map(|_| near()).collect(), 2), [Verdict::Undecided; 10]);
    }

    #[test]
    fn no_error_among_many_requests_is_weighed_by_how_many_there_were() {
        // With the bound at the limit the chance of no error is 5 %; at a tenth of it, 1e-13.
        let unseen = |upper| Estimate::between(0.0, Some(0.0), Some(upper));
        let met = |upper| check("error_rate", 0.001, unseen(upper), Verdict::Met);
        assert_eq!(judged(vec![met(0.001)], 6), [Verdict::Met]);
        assert_eq!(judged(vec![met(0.001), met(0.001)], 6), [Verdict::Undecided; 2]);
        assert_eq!(judged(vec![met(0.0001), met(0.0001)], 6), [Verdict::Met; 2]);
        let available = |upper| {
            let found = unseen(upper).complement();
            check("availability", 0.999, found, Verdict::Met)
        };
        assert_eq!(judged(vec![available(0.0001), available(0.001)], 6), [Verdict::Met; 2]);
        let three = vec![available(0.0001), available(0.001), available(0.001)];
        assert_eq!(judged(three, 6), [Verdict::Met, Verdict::Undecided, Verdict::Undecided]);
    }

    #[test]
    fn what_does_not_vary_is_decided_at_its_limit() {
        let constant = check("p99", 250.0, Estimate::symmetric(250.0, 0.0), Verdict::Met);
        assert_eq!(judged(vec![constant.clone(), constant], 6), [Verdict::Met; 2]);
    }
}
