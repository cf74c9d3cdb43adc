//! A plan on the terminal.

use sim::planning::{Candidate, Planned};

use crate::grid::{Grid, wrap};
use crate::number;
use crate::phrases;
use crate::planned::{PlanContext, binding, ended, in_order, margin, nodes, verdict};

/// Narrower is not laid out; such a terminal breaks the lines itself.
const MIN_WIDTH: usize = 80;

/// A plan for a terminal of `width` columns: the cheapest node counts of each deployment, and what is around them.
pub fn table(context: &PlanContext<'_>, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let share =
        |share: f64| number::estimate(&sim::stats::Estimate::unknown(share), number::Unit::Percent);
    let planning = context.planning;
    let asked = format!(
        "the cheapest node counts that meet all goals, at most {} nodes of a cluster; {} confidence in all of it \
         together, indifferent within {} of a limit; seed {}",
        planning.most,
        share(planning.confidence),
        share(planning.indifference),
        context.seed
    );
    let mut blocks = vec![context.title.to_owned(), wrap(&asked, "", width)];
    blocks.push(String::new());
    blocks.push(chosen(context).render(width));
    for planned in &context.plan.deployments {
        blocks.push(String::new());
        let title = format!("`{}`: {}", planned.name, ended(planned, planning));
        blocks.push(wrap(&title, "  ", width));
        if !planned.candidates.is_empty() {
            blocks.push(candidates(planned).render(width));
        }
    }
    blocks.push(String::new());
    blocks.push(wrap(&conclusion(context), "", width));
    blocks.join("\n") + "\n"
}

fn chosen(context: &PlanContext<'_>) -> Grid {
    let mut grid =
        Grid::new(&["deployment", "nodes", "price /month", "verdict", "binds", "left"], &[2, 5]);
    for planned in &context.plan.deployments {
        match planned.chosen() {
            Some(candidate) => grid.row(&row(&planned.name, planned, candidate)),
            None => grid
                .row(&[&planned.name, "", number::ABSENT, "none found", "", ""].map(str::to_owned)),
        }
    }
    grid
}

fn candidates(planned: &Planned) -> Grid {
    let mut grid =
        Grid::new(&["", "looked at", "price /month", "verdict", "binds", "left"], &[2, 5]);
    for candidate in in_order(planned) {
        let is_chosen = planned.chosen().is_some_and(|chosen| chosen.nodes == candidate.nodes);
        grid.row(&row(if is_chosen { "→" } else { "" }, planned, candidate));
    }
    grid
}

fn row(first: &str, planned: &Planned, candidate: &Candidate) -> [String; 6] {
    let binds = candidate.binding.as_ref();
    [
        first.to_owned(),
        nodes(planned, candidate),
        phrases::price(candidate.price_per_month),
        verdict(candidate.answer).to_owned(),
        binds.map(|binds| binding(planned, binds)).unwrap_or_default(),
        binds.map_or(number::ABSENT.to_owned(), margin),
    ]
}

fn conclusion(context: &PlanContext<'_>) -> String {
    let Some((planned, candidate)) = context.plan.chosen() else {
        return "No node counts are known to meet all goals.".to_owned();
    };
    let with = |planned: &Planned, candidate: &Candidate| {
        format!("`{}` with {}", planned.name, nodes(planned, candidate))
    };
    let price = candidate.price_per_month;
    let costs = if price > 0.0 {
        format!("{} a month", phrases::price(price))
    } else {
        "no profile states a price, so that fewest nodes count".to_owned()
    };
    let count = |candidate: &Candidate| candidate.nodes.iter().sum::<u32>();
    let is_alike = |one: &Candidate| {
        one.price_per_month == price && (price > 0.0 || count(one) == count(candidate))
    };
    let others = context.plan.deployments.iter().filter(|other| other.name != planned.name);
    let alike =
        others.filter_map(|other| Some((other, other.chosen().filter(|one| is_alike(one))?)));
    let alike: Vec<String> = alike.map(|(other, one)| with(other, one)).collect();
    let alike = match alike.len() {
        0 => String::new(),
        1 => format!(" {} costs the same.", alike[0]),
        _ => format!(" {} cost the same.", phrases::list(&alike)),
    };
    format!("The cheapest is {}: {costs}.{alike}", with(planned, candidate))
}
