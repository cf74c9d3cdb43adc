//! The one sentence that a reader came for: which deployment to take.

use std::cmp::Ordering;

use sim::results::{DeploymentResult, GoalCheck, Results, Verdict};

use crate::phrases::{self, count, price};

/// Names the cheapest deployment that meets the goals, or says why none is named.
pub(crate) fn sentence(results: &Results) -> String {
    let with = |verdict| results.deployments.iter().filter(move |d| d.verdict == Some(verdict));
    let undecided: Vec<_> = with(Verdict::Undecided).collect();
    if results.deployments.iter().all(|deployment| deployment.verdict.is_none()) {
        return "No goal is stated, so none is chosen; with a `[goal]` the cheapest deployment \
                whose latency, errors and availability meet it would be named."
            .to_owned();
    }
    if let Some(sentence) = out_of_reach(results) {
        return sentence;
    }
    let met: Vec<_> = with(Verdict::Met).collect();
    match cheapest(&met).as_slice() {
        [] if undecided.is_empty() => none_meets(results),
        [] => format!(
            "No deployment is known to meet the goals: {} {} undecided, and {}.",
            names(&undecided),
            if undecided.len() == 1 { "is" } else { "are" },
            phrases::remedy(&undecided),
        ),
        best => chosen(best, &undecided, results.deployments.len()),
    }
}

/// Those of the lowest price, in the order of the scenario: more than one where they cost the same.
/// Where nothing has a price, the number of nodes is the price.
fn cheapest<'a>(deployments: &[&'a DeploymentResult]) -> Vec<&'a DeploymentResult> {
    let Some(least) = deployments.iter().copied().min_by(|a, b| order(a, b)) else {
        return Vec::new();
    };
    deployments.iter().copied().filter(|d| order(d, least).is_eq()).collect()
}

fn order(a: &DeploymentResult, b: &DeploymentResult) -> Ordering {
    let nodes = || match a.price_per_month {
        price if price > 0.0 => Ordering::Equal,
        _ => a.nodes().cmp(&b.nodes()),
    };
    a.price_per_month.total_cmp(&b.price_per_month).then_with(nodes)
}

/// Goals that the backend of a flow misses by itself.
fn out_of_reach(results: &Results) -> Option<String> {
    let (first, more) = results.out_of_reach.split_first()?;
    let more = match more.len() {
        0 => String::new(),
        1 => "; the same holds of one more goal".to_owned(),
        more => format!("; the same holds of {more} more goals"),
    };
    Some(format!(
        "No deployment can meet the goals, whatever its nodes: {}{more}.",
        phrases::out_of_reach(first)
    ))
}

fn chosen(best: &[&DeploymentResult], undecided: &[&DeploymentResult], of: usize) -> String {
    let (nodes, per_month) = (nodes(best), best[0].price_per_month);
    let each = if best.len() > 1 { "each " } else { "" };
    let cost = match per_month {
        per_month if per_month > 0.0 => {
            format!("{each}at {} a month with {nodes}", price(per_month))
        }
        _ => format!("{each}with {nodes}"),
    };
    let cheaper: Vec<_> = undecided.iter().copied().filter(|d| order(d, best[0]).is_le()).collect();
    let (is, s, meet) = if best.len() > 1 { ("are", "s", "meet") } else { ("is", "", "meets") };
    match (of, cheaper.as_slice()) {
        (1, _) => format!("`{}` meets the goals, {cost}.", best[0].name),
        (_, []) => {
            format!(
                "{} {is} the cheapest deployment{s} that {meet} the goals, {cost}.",
                names(best)
            )
        }
        (_, cheaper) => format!(
            "{} {is} the cheapest deployment{s} known to meet the goals, {cost}; {} would cost no more \
             but {} undecided, and {}.",
            names(best),
            names(cheaper),
            if cheaper.len() == 1 { "is" } else { "are" },
            phrases::remedy(cheaper),
        ),
    }
}

/// `4 nodes`, or `4, 4 and 2 nodes` of several.
fn nodes(deployments: &[&DeploymentResult]) -> String {
    let counts: Vec<u32> = deployments.iter().map(|deployment| deployment.nodes()).collect();
    match counts.as_slice() {
        [] => String::new(),
        [first, rest @ ..] if rest.iter().all(|count| count == first) => count(*first, "node"),
        [firsts @ .., last] => {
            let firsts: Vec<_> = firsts.iter().map(u32::to_string).collect();
            format!("{} and {}", firsts.join(", "), count(*last, "node"))
        }
    }
}

fn none_meets(results: &Results) -> String {
    let subject = match results.deployments.as_slice() {
        [only] => format!("`{}` does not meet the goals", only.name),
        _ => "No deployment meets the goals".to_owned(),
    };
    let mut missed: Vec<Excess<'_>> = results.deployments.iter().filter_map(Excess::of).collect();
    missed.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    let Some(closest) = missed.first() else {
        return format!("{subject}; none answers every flow, so none is close.");
    };
    if results.deployments.len() == 1 {
        return format!("{subject}: {}.", phrases::check(closest.check));
    }
    let alike: Vec<_> = missed.iter().filter(|other| other.may_be_as_close_as(closest)).collect();
    match alike.as_slice() {
        [_] => {
            let check = phrases::check(closest.check);
            format!("{subject}; closest is `{}`: {check}.", closest.deployment.name)
        }
        alike if alike.len() == results.deployments.len() => {
            format!("{subject}, and none is known to come closer than the others.")
        }
        alike => {
            let alike: Vec<_> = alike.iter().map(|excess| excess.deployment).collect();
            format!("{subject}; closest are {}, which cannot be told apart.", names(&alike))
        }
    }
}

/// By how much a deployment misses its goals.
struct Excess<'a> {
    deployment: &'a DeploymentResult,
    /// The goal that it misses by the largest factor.
    check: &'a GoalCheck,
    /// That factor.
    ratio: f64,
    /// Its interval.
    interval: (f64, f64),
}

impl<'a> Excess<'a> {
    /// None where a goal is missed by no finite factor, as without any answer.
    fn of(deployment: &'a DeploymentResult) -> Option<Self> {
        let missed = deployment.goal_checks.iter().filter(|c| c.verdict == Verdict::Missed);
        let worst = missed
            .map(|check| Self { deployment, check, ratio: ratio(check), interval: interval(check) })
            .max_by(|a, b| a.ratio.total_cmp(&b.ratio))?;
        worst.ratio.is_finite().then_some(worst)
    }

    /// Whether the intervals of both overlap. Deployments meet the same arrivals, so that intervals
    /// of differences would be shorter: what is told apart here is apart.
    fn may_be_as_close_as(&self, closest: &Self) -> bool {
        self.interval.0 <= closest.interval.1
    }
}

/// How many times the limit was found; for availability, of what may be missing.
fn ratio(check: &GoalCheck) -> f64 {
    let found = check.found.filter(phrases::is_number);
    found.map_or(f64::INFINITY, |found| check.goal.times(found.mean, check.limit))
}

fn interval(check: &GoalCheck) -> (f64, f64) {
    let Some(found) = check.found.filter(phrases::is_number) else {
        return (f64::INFINITY, f64::INFINITY);
    };
    let end =
        |end: Option<f64>, open: f64| end.map_or(open, |end| check.goal.times(end, check.limit));
    let (low, high) = if check.goal.is_better_higher() {
        (found.upper, found.lower)
    } else {
        (found.lower, found.upper)
    };
    (end(low, 0.0), end(high, f64::INFINITY))
}

fn names(deployments: &[&DeploymentResult]) -> String {
    let names: Vec<_> = deployments.iter().map(|d| format!("`{}`", d.name)).collect();
    phrases::list(&names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;
    use sim::quantity::Quantity;
    use sim::results::{OutOfReach, Reason};
    use sim::stats::Estimate;

    fn with_verdicts(verdicts: [Option<Verdict>; 3]) -> Results {
        let mut results = fabricated::launch();
        for (deployment, verdict) in results.deployments.iter_mut().zip(verdicts) {
            deployment.verdict = verdict;
        }
        results
    }

    #[test]
    fn the_cheapest_that_meets_the_goals_is_named() {
        let results =
            with_verdicts([Some(Verdict::Missed), Some(Verdict::Met), Some(Verdict::Met)]);
        let cheapest = &results.deployments[1];
        assert!(cheapest.price_per_month < results.deployments[2].price_per_month);
        assert!(sentence(&results).starts_with("`per-tenant` is the cheapest"));
    }

    #[test]
    fn at_the_same_price_all_are_named() {
        let mut results = with_verdicts([Some(Verdict::Met); 3]);
        for deployment in &mut results.deployments {
            deployment.price_per_month = 9.0;
        }
        results.deployments[0].price_per_month = 9.5;
        results.deployments[2].clusters.truncate(1);
        assert_eq!(
            sentence(&results),
            "`per-tenant` and `scalable` are the cheapest deployments that meet the goals, each at \
             9 a month with 6 and 2 nodes."
        );
    }

    #[test]
    fn without_prices_the_fewest_nodes_win() {
        let mut results = with_verdicts([Some(Verdict::Met); 3]);
        for deployment in &mut results.deployments {
            deployment.price_per_month = 0.0;
        }
        results.deployments[2].clusters.truncate(1);
        assert_eq!(
            sentence(&results),
            "`scalable` is the cheapest deployment that meets the goals, with 2 nodes."
        );
    }

    #[test]
    fn the_only_deployment_that_misses_is_said_to_miss_by_its_worst_goal() {
        let mut results = missing_by([(470.0, 5.0); 3]);
        results.deployments.truncate(1);
        let found = sentence(&results);
        assert!(
            found.starts_with("`ha` does not meet the goals: p99 of `orders` is 470"),
            "{found}"
        );
    }

    #[test]
    fn an_availability_is_missed_by_as_much_as_is_missing() {
        // 0.1 % may be missing. 0.5 % and 0.2 % are, five times and twice as much; a p99 is at 3 times.
        let mut results = missing_by([(900.0, 1.0); 3]);
        for (deployment, mean) in results.deployments.iter_mut().zip([0.995, 0.998]) {
            let check = &mut deployment.goal_checks[0];
            (check.goal, check.limit) = (Quantity::Availability, 0.999);
            check.found = Some(Estimate::between(mean, Some(mean - 1e-4), Some(mean + 1e-4)));
        }
        results.deployments[2].goal_checks[0].limit = 300.0;
        let [missing, less, latency] = [0, 1, 2].map(|index| {
            let excess = Excess::of(&results.deployments[index]).expect("a finite factor");
            (excess.ratio, excess.interval.0, excess.interval.1)
        });
        let expected = [(5.0, 4.9, 5.1), (2.0, 1.9, 2.1), (3.0, 899.0 / 300.0, 901.0 / 300.0)];
        for (found, expected) in [missing, less, latency].into_iter().zip(expected) {
            let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
            assert!(
                near(found.0, expected.0) && near(found.1, expected.1) && near(found.2, expected.2),
                "{found:?}"
            );
        }
        assert!(sentence(&results).contains("closest is `per-tenant`"));
    }

    /// All deployments miss one goal, with these numbers and half-widths.
    fn missing_by(found: [(f64, f64); 3]) -> Results {
        let mut results = with_verdicts([Some(Verdict::Missed); 3]);
        for (deployment, (mean, half_width)) in results.deployments.iter_mut().zip(found) {
            deployment.goal_checks.truncate(1);
            let check = &mut deployment.goal_checks[0];
            check.verdict = Verdict::Missed;
            check.reason = Reason::Found;
            check.found = Some(Estimate::symmetric(mean, half_width));
        }
        results
    }

    #[test]
    fn none_is_closest_among_deployments_that_do_not_differ() {
        let closest = |found| sentence(&missing_by(found));
        let apart = closest([(470.0, 5.0), (450.0, 5.0), (430.0, 5.0)]);
        assert!(apart.contains("closest is `scalable`: p99"), "{apart}");
        let two = closest([(470.0, 5.0), (436.0, 5.0), (430.0, 5.0)]);
        assert_eq!(
            two,
            "No deployment meets the goals; closest are `scalable` and `per-tenant`, which cannot be \
             told apart."
        );
        let all = closest([(470.0, 40.0), (436.0, 5.0), (430.0, 5.0)]);
        assert_eq!(
            all,
            "No deployment meets the goals, and none is known to come closer than the others."
        );
    }

    #[test]
    fn what_the_backend_alone_misses_is_said_and_none_is_called_closest() {
        let mut results = missing_by([(470.0, 5.0), (450.0, 5.0), (430.0, 5.0)]);
        results.out_of_reach.push(OutOfReach {
            flow: "cards".to_owned(),
            tenant: "default".to_owned(),
            goal: Quantity::P99,
            limit: 400.0,
            alone: 481.3,
        });
        assert_eq!(
            sentence(&results),
            "No deployment can meet the goals, whatever its nodes: the backend of `cards` alone has \
             a p99 of 481 ms, against 400 ms."
        );
    }

    #[test]
    fn an_undecided_deployment_is_named_as_undecided_and_never_chosen() {
        let undecided = Some(Verdict::Undecided);
        let results = with_verdicts([undecided, Some(Verdict::Missed), Some(Verdict::Met)]);
        let found = sentence(&results);
        assert!(found.starts_with("`scalable` is the cheapest deployment known"), "{found}");
        assert!(found.contains("`ha` would cost no more but is undecided"), "{found}");
        let results = with_verdicts([undecided, Some(Verdict::Missed), undecided]);
        assert_eq!(
            sentence(&results),
            "No deployment is known to meet the goals: `ha` and `scalable` are undecided, and \
             more replications would decide."
        );
    }

    #[test]
    fn where_none_meets_the_goals_the_closest_is_named_with_what_was_found() {
        let results = with_verdicts([Some(Verdict::Missed); 3]);
        let found = sentence(&results);
        assert!(found.starts_with("No deployment meets the goals; closest is"), "{found}");
        assert!(found.contains("against"), "{found}");
    }

    #[test]
    fn without_goals_none_is_chosen() {
        assert!(sentence(&with_verdicts([None; 3])).starts_with("No goal is stated"));
    }
}
