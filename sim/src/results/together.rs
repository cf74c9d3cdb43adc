//! Goals judged together: a comparison of many deployments asks so many questions that some answers
//! would be wrong by chance, and the advice would change with the seed.

use crate::quantity::Quantity;
use crate::results::{Among, GoalCheck, Reason, Verdict};
use crate::stats::Estimate;
use crate::stats::multiple::{holm, p_value};

/// Leaves undecided what is clear only by itself, so that all advice that rests on numbers is right
/// with the confidence of the scenario.
///
/// A deployment is wrongly said to meet its goals only if the one goal that it misses is wrongly said
/// to be met, so that each goal that is met needs to be as clear as one claim for each deployment does,
/// however many goals there are (Berger, Multiparameter hypothesis testing and acceptance sampling,
/// Technometrics 24, 1982). Any goal wrongly said to be missed is enough to turn a deployment down:
/// those hold together by Holm's procedure over all goals, flows, situations and deployments.
pub(super) fn judge<'a>(
    deployments: impl Iterator<Item = &'a mut Vec<GoalCheck>>,
    confidence: f64,
    replications: u32,
) {
    let freedom = f64::from(replications.max(2)) - 1.0;
    let rests_on_numbers = |check: &&mut GoalCheck| {
        matches!(check.reason, Reason::Found | Reason::MoreReplications(_))
    };
    let deployments: Vec<Vec<&mut GoalCheck>> = deployments
        .map(|checks| checks.iter_mut().filter(rests_on_numbers).collect())
        .filter(|checks: &Vec<_>| !checks.is_empty())
        .collect();
    let count = deployments.len() as u32;
    let mut checks: Vec<&mut GoalCheck> = deployments.into_iter().flatten().collect();
    let p_values: Vec<f64> =
        checks.iter().map(|check| evidence(check, confidence, freedom)).collect();
    let goals = checks.len() as u32;
    for ((check, p), adjusted) in checks.iter_mut().zip(&p_values).zip(holm(&p_values)) {
        let (adjusted, among) = match check.verdict {
            Verdict::Met => (p * f64::from(count), Among::Deployments(count)),
            Verdict::Missed | Verdict::Undecided => (adjusted, Among::Goals(goals)),
        };
        if check.reason == Reason::Found && adjusted > 1.0 - confidence {
            let is_open = check.found.is_some_and(|found| mostly_calibration(&found));
            let reason = if is_open { Reason::Calibration } else { Reason::AmongMany(among) };
            (check.verdict, check.reason) = (Verdict::Undecided, reason);
        }
    }
}

/// Whether an interval would be nearly as wide with any number of replications.
fn mostly_calibration(found: &Estimate) -> bool {
    const MOSTLY: f64 = 0.8;
    let width = found.half_width.unwrap_or(f64::INFINITY);
    found.of_calibration > 0.0 && found.of_calibration >= MOSTLY * width
}

/// A verdict rests on the interval or, where answers slower than the limit were counted, on the count:
/// this share of the chance of a wrong one is left to counts, which are mostly far clearer or say
/// nothing (a weighted Bonferroni procedure; Holm 1979, section 4).
const BY_COUNT: f64 = 0.01;

/// How likely what was found is, if the truth were on the other side of the limit.
fn evidence(check: &GoalCheck, confidence: f64, freedom: f64) -> f64 {
    let by_interval = by_interval(check, confidence, freedom);
    if check.chance >= 1.0 {
        return by_interval;
    }
    // Either side would have been reported.
    let by_count = 2.0 * check.chance / BY_COUNT;
    by_count.min(by_interval / (1.0 - BY_COUNT)).min(1.0)
}

/// How likely a number so far from its limit is, if the truth were on the other side; two-sided, since
/// either side would have been reported.
fn by_interval(check: &GoalCheck, confidence: f64, freedom: f64) -> f64 {
    let Some(found) = check.found.filter(|_| check.verdict != Verdict::Undecided) else {
        return 1.0;
    };
    let is_availability = check.goal == Quantity::Availability;
    // Of a share, what is wrong is counted: availability is what is missing to 1.
    let (found, limit) = if is_availability {
        (found.complement(), 1.0 - check.limit)
    } else {
        (found, check.limit)
    };
    let is_share = is_availability || check.goal == Quantity::ErrorRate;
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
    let Some(width) = side.map(|end| (end - found.mean).abs()) else { return 1.0 };
    match width {
        0.0 => 0.0,
        width => p_value(&Estimate::symmetric(0.0, width), distance, confidence, freedom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Effort;

    fn check(goal: Quantity, limit: f64, found: Estimate, verdict: Verdict) -> GoalCheck {
        GoalCheck {
            goal,
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
            chance: 1.0,
        }
    }

    /// Goals of so many deployments.
    fn judged_of(mut deployments: Vec<Vec<GoalCheck>>, replications: u32) -> Vec<Verdict> {
        judge(deployments.iter_mut(), 0.95, replications);
        deployments.iter().flatten().map(|check| check.verdict).collect()
    }

    fn judged(checks: Vec<GoalCheck>, replications: u32) -> Vec<Verdict> {
        judged_of(vec![checks], replications)
    }

    /// Each of another deployment.
    fn judged_apart(checks: Vec<GoalCheck>, replications: u32) -> Vec<Verdict> {
        judged_of(checks.into_iter().map(|check| vec![check]).collect(), replications)
    }

    /// Just outside its interval: p = 0.044 with 5 degrees of freedom.
    fn narrow(verdict: Verdict) -> GoalCheck {
        let mean = if verdict == Verdict::Met { 289.5 } else { 310.5 };
        check(Quantity::P99, 300.0, Estimate::symmetric(mean, 10.0), verdict)
    }

    #[test]
    fn what_is_clear_by_itself_need_not_be_clear_among_many() {
        assert_eq!(judged(vec![narrow(Verdict::Missed)], 6), [Verdict::Missed]);
        let two = vec![narrow(Verdict::Missed), narrow(Verdict::Missed)];
        assert_eq!(judged(two, 6), [Verdict::Undecided; 2]);
    }

    #[test]
    fn a_deployment_that_meets_many_goals_makes_one_claim() {
        let met = || narrow(Verdict::Met);
        assert_eq!(judged((0..50).map(|_| met()).collect(), 6), [Verdict::Met; 50]);
        assert_eq!(judged_apart(vec![met(), met()], 6), [Verdict::Undecided; 2]);
        // One that says nothing by numbers claims nothing.
        assert_eq!(judged_of(vec![vec![met()], vec![]], 6), [Verdict::Met]);
    }

    #[test]
    fn what_is_far_from_its_limit_stays_decided_among_many_and_does_not_hide_another() {
        let far = || check(Quantity::P99, 300.0, Estimate::symmetric(500.0, 5.0), Verdict::Missed);
        let mut checks: Vec<GoalCheck> = (0..50).map(|_| far()).collect();
        checks.push(narrow(Verdict::Missed));
        let verdicts = judged(checks, 6);
        assert_eq!(verdicts[..50], [Verdict::Missed; 50]);
        // All others are clear, so that it is judged as if it were alone.
        assert_eq!(verdicts[50], Verdict::Missed);
    }

    #[test]
    fn with_two_replications_only_what_is_very_far_is_decided() {
        let near =
            || check(Quantity::P99, 300.0, Estimate::symmetric(480.0, 60.0), Verdict::Missed);
        assert_eq!(judged(vec![near()], 2), [Verdict::Missed]);
        assert_eq!(judged((0..10).map(|_| near()).collect(), 2), [Verdict::Undecided; 10]);
    }

    #[test]
    fn a_count_that_is_far_from_what_is_allowed_decides_among_many_where_few_replications_cannot() {
        let open = |chance| {
            let found = Estimate::between(300.0, Some(270.0), None);
            GoalCheck { chance, ..check(Quantity::P99, 500.0, found, Verdict::Met) }
        };
        // With ten, each has to be below 0.05 / 10 · 0.01 / 2.
        let decided = |chance| judged_apart((0..10).map(|_| open(chance)).collect(), 3)[0];
        assert_eq!(decided(2.4e-5), Verdict::Met);
        assert_eq!(decided(2.6e-5), Verdict::Undecided);
    }

    #[test]
    fn no_error_among_many_requests_is_weighed_by_how_many_there_were() {
        // With the bound at the limit the chance of no error is 5 %; at a tenth of it, 1e-13.
        let unseen = |upper| Estimate::between(0.0, Some(0.0), Some(upper));
        let met = |upper| check(Quantity::ErrorRate, 0.001, unseen(upper), Verdict::Met);
        assert_eq!(judged_apart(vec![met(0.001)], 6), [Verdict::Met]);
        assert_eq!(judged_apart(vec![met(0.001), met(0.001)], 6), [Verdict::Undecided; 2]);
        assert_eq!(judged_apart(vec![met(0.0001), met(0.0001)], 6), [Verdict::Met; 2]);
        let available = |upper| {
            let found = unseen(upper).complement();
            check(Quantity::Availability, 0.999, found, Verdict::Met)
        };
        let two = vec![available(0.0001), available(0.001)];
        assert_eq!(judged_apart(two, 6), [Verdict::Met, Verdict::Undecided]);
    }

    #[test]
    fn what_does_not_vary_is_decided_at_its_limit() {
        let constant = check(Quantity::P99, 250.0, Estimate::symmetric(250.0, 0.0), Verdict::Met);
        assert_eq!(judged(vec![constant.clone(), constant], 6), [Verdict::Met; 2]);
    }

    #[test]
    fn each_replication_more_makes_the_same_interval_tell_more() {
        // Of two, each must have a p of 0.025: t is 3.163 with 5 degrees of freedom, at 12.30 where the
        // half-width is 10, and 2.969 with 6, at 12.13.
        let met = || check(Quantity::P99, 300.0, Estimate::symmetric(287.8, 10.0), Verdict::Met);
        assert_eq!(judged_apart(vec![met(), met()], 6), [Verdict::Undecided; 2]);
        assert_eq!(judged_apart(vec![met(), met()], 7), [Verdict::Met; 2]);
    }

    #[test]
    fn no_error_is_weighed_by_the_exponential_law_and_not_by_student_s() {
        // A bound at half of the limit: 0.05² = 0.0025 is below 0.05 / 20 and above 0.05 / 21; Student's
        // t with 5 degrees of freedom would have 0.0036.
        let unseen = Estimate::between(0.0, Some(0.0), Some(0.000_499));
        let errors = |count| {
            judged_apart(vec![check(Quantity::ErrorRate, 0.001, unseen, Verdict::Met); count], 6)
        };
        assert_eq!(errors(19), [Verdict::Met; 19]);
        assert_eq!(errors(22), [Verdict::Undecided; 22]);
        let available = |count| {
            let found = unseen.complement();
            judged_apart(vec![check(Quantity::Availability, 0.999, found, Verdict::Met); count], 6)
        };
        assert_eq!(available(19), [Verdict::Met; 19]);
    }

    #[test]
    fn where_no_error_is_allowed_what_was_seen_is_all_the_proof_that_there_is() {
        let none = Estimate::between(0.0, Some(0.0), Some(0.01));
        let kept = check(Quantity::ErrorRate, 0.0, none, Verdict::Met);
        let all = check(Quantity::Availability, 1.0, none.complement(), Verdict::Met);
        let one = check(Quantity::ErrorRate, 0.0, Estimate::symmetric(0.01, 0.05), Verdict::Missed);
        let verdicts = judged_apart(vec![kept, all, one], 6);
        assert_eq!(verdicts, [Verdict::Met, Verdict::Met, Verdict::Missed]);
    }

    #[test]
    fn the_side_that_faces_the_limit_is_the_one_that_counts() {
        let between = |mean, lower, upper| Estimate::between(mean, Some(lower), Some(upper));
        let met = check(Quantity::P99, 300.0, between(290.0, 200.0, 295.0), Verdict::Met);
        let missed = check(Quantity::P99, 300.0, between(310.0, 305.0, 400.0), Verdict::Missed);
        assert_eq!(judged_apart(vec![met, missed], 6), [Verdict::Met, Verdict::Missed]);
    }

    #[test]
    fn of_errors_that_were_seen_the_spread_counts() {
        // 1.3 half-widths off: t = 3.34 with 5 degrees of freedom has a p of 0.0205, below 0.05 / 2.
        let rare = || {
            let found = Estimate::symmetric(0.000_5, 0.000_5 / 1.3);
            check(Quantity::ErrorRate, 0.001, found, Verdict::Met)
        };
        assert_eq!(judged_apart(vec![rare(), rare()], 6), [Verdict::Met; 2]);
    }

    #[test]
    fn an_interval_beside_a_count_must_be_a_hundredth_clearer() {
        // 1.002 half-widths off: p = 0.0497, and 0.0502 of the 99 % that are left to intervals.
        let met = |chance| {
            let found = Estimate::symmetric(300.0 - 10.02, 10.0);
            GoalCheck { chance, ..check(Quantity::P99, 300.0, found, Verdict::Met) }
        };
        assert_eq!(judged(vec![met(1.0)], 6), [Verdict::Met]);
        assert_eq!(judged(vec![met(0.9)], 6), [Verdict::Undecided]);
        let clear = GoalCheck { chance: 0.9, ..narrow(Verdict::Met) };
        assert_eq!(judged(vec![clear.clone()], 6), [Verdict::Met]);
        assert_eq!(judged_apart(vec![clear.clone(), clear], 6), [Verdict::Undecided; 2]);
    }
}
