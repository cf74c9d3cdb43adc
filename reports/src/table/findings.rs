//! What stands out, as sentences: overload, missed and undecided goals, notes, real differences.

use std::collections::BTreeSet;

use sim::quantity::Quantity;
use sim::results::{
    DeploymentResult, Difference, Distinction, GoalCheck, Overload, Results, Verdict,
};

use super::folding::{self, Block, Class, Line, Topic};
use super::{Section, sensitivity, years};
use crate::number::{self, Unit};
use crate::phrases;

/// So many lines of a kind and deployment are shown, fewer where there are many deployments; the
/// rest is counted, and stands in the files.
const MOST: usize = 6;
const FEW: usize = 2;
/// So many overloaded clusters are named, the most loaded first.
const MOST_CLUSTERS: usize = 3;
/// From so many deployments on, each has few lines.
const MANY_DEPLOYMENTS: usize = 5;

/// The findings on each deployment on which there is something to say, in their order. What is alike for several
/// of them is said once, below their names.
pub(super) fn of(results: &Results) -> Vec<Section> {
    let most = if results.deployments.len() < MANY_DEPLOYMENTS { MOST } else { FEW };
    let blocks = results.deployments.iter().map(|deployment| {
        let own = |text| Line { text, topic: Topic::Own, class: Class::Other, goals: 0 };
        let mut lines: Vec<Line> = overload(deployment).map(own).into_iter().collect();
        lines.extend(goals(deployment, Verdict::Missed));
        lines.extend(goals(deployment, Verdict::Undecided));
        lines.extend(years::said(deployment).map(own));
        lines.extend(sensitivity::said(deployment).map(own));
        lines.extend(deployment.notes.iter().map(|note| Line {
            topic: Topic::Note(note.about),
            ..own(format!("note: {}", note.text))
        }));
        lines.extend(differences(deployment, &results.differences, most));
        Block { deployments: vec![deployment.name.clone()], is_example: false, lines }
    });
    let blocks: Vec<Block> = blocks.collect();
    folding::fold(&blocks).iter().map(|block| findings(block, most)).collect()
}

fn findings(block: &Block, most: usize) -> Section {
    let heading = match block.deployments.as_slice() {
        [only] => only.clone(),
        [first, ..] if block.is_example => {
            format!("{}; the figures are those of `{first}`", phrases::names(&block.deployments))
        }
        several => phrases::names(several),
    };
    let most = if block.deployments.len() > 1 { MOST } else { most };
    Section::of_lines(heading, shortened(&block.lines, most))
}

/// The texts of lines, of which a class that has more than `most` is cut short: the rest is counted, and stands
/// in the files.
fn shortened(lines: &[Line], most: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let alike = |of: &&Line| of.class == line.class;
        let place = lines[..index].iter().filter(alike).count();
        let all = lines.iter().filter(alike).count();
        let rest = || lines[index..].iter().filter(alike);
        match counted(line.class) {
            Some(_) if all > most && place >= most => {}
            Some(counted) if all > most && place == most - 1 => {
                texts.push(counted(rest().count(), rest().map(|line| line.goals).sum()));
            }
            _ => texts.push(line.text.clone()),
        }
    }
    texts
}

/// What stands for lines of a class that are not shown, from their number and that of their goals; none where
/// all are shown.
fn counted(class: Class) -> Option<fn(usize, usize) -> String> {
    match class {
        Class::Other => None,
        Class::Real => Some(|lines, _| format!("{lines} more real differences in differences.csv")),
        Class::Goals(Verdict::Missed) => {
            Some(|_, goals| format!("missed: {goals} more in goals.csv"))
        }
        Class::Goals(Verdict::Met) => Some(|_, goals| format!("met: {goals} more in goals.csv")),
        Class::Goals(Verdict::Undecided) => {
            Some(|_, goals| format!("undecided: {goals} more in goals.csv"))
        }
    }
}

/// The overloaded clusters, the flows that bring them their work, and what they can carry.
fn overload(deployment: &DeploymentResult) -> Option<String> {
    let clusters = &deployment.overloads;
    let (shown, rest) = clusters.split_at(clusters.len().min(MOST_CLUSTERS));
    let mut parts: Vec<_> = shown.iter().map(|cluster| overloaded(deployment, cluster)).collect();
    if !rest.is_empty() {
        parts.push(format!("{} more clusters are overloaded", rest.len()));
    }
    (!parts.is_empty()).then(|| format!("overloaded: {}", parts.join("; ")))
}

fn overloaded(deployment: &DeploymentResult, overload: &Overload) -> String {
    let its_flows = deployment.flows.iter().filter(|flow| overload.flows.contains(&flow.name));
    let carried: f64 = its_flows.map(|flow| flow.found[Quantity::Throughput].mean).sum();
    format!(
        "`{}` is offered {} of {} cores by {}, stops included; it can carry at most about {} of the {} offered, and \
         carried {} under this load",
        overload.cluster,
        number::plain(overload.offered_load_with_stops_cores, Unit::One),
        number::plain(overload.cores, Unit::One),
        phrases::names(&overload.flows),
        number::plain(overload.carried_rps, Unit::PerSecond),
        number::plain(overload.offered_rps, Unit::PerSecond),
        number::plain(carried, Unit::PerSecond),
    )
}

/// The goals with a verdict: a line each where the number decides, else a line for each reason.
fn goals(deployment: &DeploymentResult, verdict: Verdict) -> Vec<Line> {
    let checks = deployment.goal_checks.iter().filter(|check| check.verdict == verdict);
    let (by_number, otherwise): (Vec<_>, Vec<_>) =
        checks.partition(|check| phrases::is_by_number(check));
    let word = phrases::verdict(verdict);
    let line = |checks: &[&GoalCheck], text: String| Line {
        text: format!("{word}: {text}"),
        topic: Topic::goals(checks),
        class: Class::Goals(verdict),
        goals: checks.len(),
    };
    let reasons = by_reason(&otherwise);
    let by_reason = reasons.iter().map(|checks| line(checks, together(checks)));
    let each = by_number.iter().map(|check| line(&[*check], phrases::check(check)));
    by_reason.chain(each).collect()
}

/// Groups of checks that have their reason in common, in the order of the first of each.
fn by_reason<'a>(checks: &[&'a GoalCheck]) -> Vec<Vec<&'a GoalCheck>> {
    let mut groups: Vec<Vec<&GoalCheck>> = Vec::new();
    for &check in checks {
        match groups.iter_mut().find(|group| group[0].reason == check.reason) {
            Some(group) => group.push(check),
            None => groups.push(vec![check]),
        }
    }
    groups
}

/// Checks with a common reason: `p99 and error rate of `orders` (all nodes up); the backlog …`.
fn together(checks: &[&GoalCheck]) -> String {
    let mut flows_of: Vec<(String, Vec<&str>)> = Vec::new();
    for check in checks {
        let goal = phrases::goal(check.goal);
        match flows_of.iter_mut().find(|(other, _)| *other == goal) {
            Some((_, flows)) if flows.contains(&check.flow.as_str()) => {}
            Some((_, flows)) => flows.push(&check.flow),
            None => flows_of.push((goal, vec![&check.flow])),
        }
    }
    let mut parts: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for (goal, flows) in flows_of {
        match parts.iter_mut().find(|(_, others)| *others == flows) {
            Some((goals, _)) => goals.push(goal),
            None => parts.push((vec![goal], flows)),
        }
    }
    let parts: Vec<_> = parts
        .iter()
        .map(|(goals, flows)| format!("{} of {}", phrases::list(goals), phrases::names(flows)))
        .collect();
    let reason = phrases::reason(checks[0]).unwrap_or_default();
    format!("{} ({}); {reason}", parts.join(", "), situations(checks))
}

/// `all nodes up`, or of several the first and how many more.
fn situations(checks: &[&GoalCheck]) -> String {
    let first = &checks[0].situation;
    let others: BTreeSet<_> =
        checks.iter().map(|check| &check.situation).filter(|other| *other != first).collect();
    match others.len() {
        0 => first.clone(),
        1 => format!("{first}, and {}", others.into_iter().next().map_or("", |other| other)),
        more => format!("{first}, and {more} other situations"),
    }
}

fn differences(deployment: &DeploymentResult, all: &[Difference], most: usize) -> Vec<Line> {
    let ours: Vec<_> = all.iter().filter(|d| d.deployment == deployment.name).collect();
    let Some(first) = ours.first() else { return Vec::new() };
    let against = format!("against `{}`", first.baseline);
    let with = |distinction| ours.iter().copied().filter(move |d| d.distinction == distinction);
    let real = with(Distinction::Real).map(|difference| Line {
        text: format!("{against}: {}", sentence(difference)),
        topic: Topic::Own,
        class: Class::Real,
        goals: 0,
    });
    let mut lines: Vec<Line> = real.collect();
    let words = |text| Line { text, topic: Topic::Words, class: Class::Other, goals: 0 };
    let same: Vec<_> = with(Distinction::Negligible).collect();
    let unknown: Vec<_> = with(Distinction::Unknown).collect();
    if same.len() == ours.len() {
        let text = format!("{against}: the same in throughput, p99 and error share of every flow");
        lines.push(words(text));
    } else if !same.is_empty() {
        lines.push(words(format!("{against}: the same in {}", listed(&same, most))));
    }
    if !unknown.is_empty() {
        lines.push(words(format!("{against}: cannot be told apart in {}", listed(&unknown, most))));
    }
    lines
}

fn sentence(difference: &Difference) -> String {
    let unit = match difference.quantity.unit().into() {
        Unit::Percent => Unit::PercentagePoints,
        unit => unit,
    };
    let direction = if difference.difference.mean < 0.0 { "lower" } else { "higher" };
    let size = difference.difference.magnitude();
    format!("{} is {direction} by {} (real)", quantity(difference), number::estimate(&size, unit))
}

fn listed(differences: &[&Difference], most: usize) -> String {
    let (shown, rest) = differences.split_at(differences.len().min(most));
    let shown: Vec<_> = shown.iter().map(|d| quantity(d)).collect();
    let rest = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{rest}", shown.join(", "))
}

fn quantity(difference: &Difference) -> String {
    format!("{} of `{}`", difference.quantity.words(), difference.flow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;
    use sim::stats::Estimate;

    /// What is said of the second deployment against the first, where its differences are these.
    fn said(found: &[(Quantity, f64, Distinction)]) -> Vec<String> {
        let results = fabricated::launch();
        let template = &results.differences[0];
        let all: Vec<Difference> = found
            .iter()
            .map(|(quantity, mean, distinction)| Difference {
                quantity: *quantity,
                difference: Estimate::symmetric(*mean, 3.0),
                distinction: *distinction,
                ..template.clone()
            })
            .collect();
        shortened(&differences(&results.deployments[1], &all, MOST), MOST)
    }

    #[test]
    fn a_real_difference_says_which_way_it_goes_and_by_how_much() {
        let lower = said(&[(Quantity::P99, -120.0, Distinction::Real)]);
        assert_eq!(lower, ["against `ha`: p99 of `orders` is lower by 120 ± 3 ms (real)"]);
        let higher = said(&[(Quantity::Throughput, 120.0, Distinction::Real)]);
        assert_eq!(higher, ["against `ha`: throughput of `orders` is higher by 120 ± 3 /s (real)"]);
    }

    #[test]
    fn as_many_differences_as_may_be_shown_are_and_one_more_is_counted() {
        let real = |count: usize| said(&vec![(Quantity::P99, -120.0, Distinction::Real); count]);
        assert!(real(MOST).iter().all(|line| line.ends_with("(real)")));
        let more = real(MOST + 1);
        assert_eq!(more.len(), MOST);
        assert_eq!(more[MOST - 1], "2 more real differences in differences.csv");
    }

    #[test]
    fn from_five_deployments_on_each_has_few_lines_of_a_kind() {
        let missed = |deployments: usize| {
            let mut results = fabricated::crowd(deployments, 8);
            let last = results.deployments.last_mut().expect("some");
            last.goal_checks.iter_mut().for_each(|check| check.verdict = Verdict::Missed);
            let findings = of(&results).pop().expect("goals are missed");
            findings.lines.iter().filter(|line| line.starts_with("missed")).count()
        };
        assert_eq!((missed(4), missed(5)), (MOST, FEW));
    }

    #[test]
    fn what_is_the_same_and_what_cannot_be_told_are_kept_apart() {
        let same = (Quantity::P99, 1.0, Distinction::Negligible);
        let unknown = (Quantity::Throughput, 2.0, Distinction::Unknown);
        assert_eq!(
            said(&[same, unknown]),
            [
                "against `ha`: the same in p99 of `orders`",
                "against `ha`: cannot be told apart in throughput of `orders`",
            ]
        );
        let all = "against `ha`: the same in throughput, p99 and error share of every flow";
        assert_eq!(said(&[same, same]), [all]);
    }
}
