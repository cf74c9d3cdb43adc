//! The one sentence that a reader came for: which deployment to take.

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
    match cheapest(with(Verdict::Met)) {
        Some(best) => chosen(best, &undecided, results.deployments.len()),
        None if undecided.is_empty() => none_meets(results),
        None => format!(
            "No deployment is known to meet the goals: {} {} undecided, and more replications \
             would decide.",
            names(&undecided),
            if undecided.len() == 1 { "is" } else { "are" },
        ),
    }
}

/// The lowest price; at the same price fewer nodes; then the order of the scenario.
pub(crate) fn cheapest<'a>(
    deployments: impl Iterator<Item = &'a DeploymentResult>,
) -> Option<&'a DeploymentResult> {
    deployments.min_by(|a, b| order(a, b))
}

fn order(a: &DeploymentResult, b: &DeploymentResult) -> std::cmp::Ordering {
    a.price_per_month.total_cmp(&b.price_per_month).then(a.nodes().cmp(&b.nodes()))
}

fn chosen(best: &DeploymentResult, undecided: &[&DeploymentResult], of: usize) -> String {
    let nodes = count(best.nodes(), "node");
    let cost = match best.price_per_month {
        per_month if per_month > 0.0 => format!("at {} a month with {nodes}", price(per_month)),
        _ => format!("with {nodes}"),
    };
    let cheaper: Vec<_> = undecided.iter().copied().filter(|d| order(d, best).is_lt()).collect();
    match (of, cheaper.as_slice()) {
        (1, _) => format!("`{}` meets the goals, {cost}.", best.name),
        (_, []) => {
            format!("`{}` is the cheapest deployment that meets the goals, {cost}.", best.name)
        }
        (_, cheaper) => format!(
            "`{}` is the cheapest deployment known to meet the goals, {cost}; {} would cost less \
             but {} undecided, and more replications would decide.",
            best.name,
            names(cheaper),
            if cheaper.len() == 1 { "is" } else { "are" },
        ),
    }
}

fn none_meets(results: &Results) -> String {
    let closest = results
        .deployments
        .iter()
        .filter_map(|deployment| {
            worst(deployment).map(|(excess, check)| (excess, check, deployment))
        })
        .filter(|(excess, _, _)| excess.is_finite())
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let subject = match results.deployments.as_slice() {
        [only] => format!("`{}` does not meet the goals", only.name),
        _ => "No deployment meets the goals".to_owned(),
    };
    match closest {
        Some((_, check, deployment)) if results.deployments.len() > 1 => {
            format!("{subject}; closest is `{}`: {}.", deployment.name, phrases::check(check))
        }
        Some((_, check, _)) => format!("{subject}: {}.", phrases::check(check)),
        None => format!("{subject}, and none answers every flow."),
    }
}

/// The goal that a deployment misses by the largest factor, with that factor.
fn worst(deployment: &DeploymentResult) -> Option<(f64, &GoalCheck)> {
    let missed = deployment.goal_checks.iter().filter(|check| check.verdict == Verdict::Missed);
    missed.map(|check| (excess(check), check)).max_by(|a, b| a.0.total_cmp(&b.0))
}

/// How many times the limit was found; for availability, of what may be missing.
fn excess(check: &GoalCheck) -> f64 {
    let Some(found) = check.found.filter(phrases::is_number) else { return f64::INFINITY };
    let ratio = match check.goal.as_str() {
        "availability" => (1.0 - found.mean) / (1.0 - check.limit),
        _ => found.mean / check.limit,
    };
    if ratio.is_nan() { f64::INFINITY } else { ratio }
}

fn names(deployments: &[&DeploymentResult]) -> String {
    let names: Vec<_> = deployments.iter().map(|d| format!("`{}`", d.name)).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

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
    fn at_the_same_price_fewer_nodes_win() {
        let mut results = with_verdicts([Some(Verdict::Met); 3]);
        for deployment in &mut results.deployments {
            deployment.price_per_month = 1.0;
        }
        results.deployments[2].clusters.truncate(1);
        assert!(sentence(&results).starts_with("`scalable` is the cheapest"));
    }

    #[test]
    fn an_undecided_deployment_is_named_as_undecided_and_never_chosen() {
        let undecided = Some(Verdict::Undecided);
        let results = with_verdicts([undecided, Some(Verdict::Missed), Some(Verdict::Met)]);
        let found = sentence(&results);
        assert!(found.starts_with("`scalable` is the cheapest deployment known"), "{found}");
        assert!(found.contains("`ha` would cost less but is undecided"), "{found}");
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
