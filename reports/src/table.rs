//! The table on the terminal: what was found, side by side, and what follows from it.
//!
//! One table of the deployments, then one a flow with a row per deployment, then sentences. A
//! flow's table that is too wide is cut into several with the same rows. Plain text: no escape
//! codes.

mod errors;
mod explanation;
mod findings;
mod folding;
mod isolation;
mod limits;
mod section;
mod sensitivity;
mod takeovers;
mod tokens;
mod years;

use sim::quantity::Quantity;
use sim::results::{DeploymentResult, FlowResult, Results, Verdict};
use sim::scenario::LatencyMetric;
use sim::stats::Estimate;

pub(crate) use self::section::Section;
use crate::grid::{self, Cell, Grid};
use crate::number::{self, Unit};
use crate::{Context, conclusion, phrases};

/// Narrower is not laid out; such a terminal breaks the lines itself.
const MIN_WIDTH: usize = 60;

/// The whole answer for a terminal of `width` columns.
pub fn table(context: &Context<'_>, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let results = context.results;
    let mut blocks = vec![heading(context, width), deployments(results).render(width)];
    blocks.extend(flows(results).iter().map(|flow| flow.render(width)));
    blocks.extend(legends(results).iter().map(|legend| grid::wrap(legend, "", width)));
    let further =
        findings(results).into_iter().chain(isolation(results)).chain(explanation(results));
    blocks.extend(further.map(|section| section.render(width)));
    blocks.push(grid::wrap(&conclusion::sentence(results), "", width));
    blocks.extend(phrases::partial(results).map(|text| grid::wrap(&text, "", width)));
    blocks.join("\n\n") + "\n"
}

/// What the words of the tables mean, of those that occur.
pub(crate) fn legends(results: &Results) -> Vec<String> {
    let always = "busiest cluster: cores busy, in collection or stalled; errors and available are shares of \
                  the requests of the window; available are those answered correctly and in time";
    [always.to_owned()].into_iter().chain(errors::legend(results)).collect()
}

/// What stands out of each deployment.
pub(crate) fn findings(results: &Results) -> Vec<Section> {
    findings::of(results)
}

/// What tenants do to one another, where that was asked.
pub(crate) fn isolation(results: &Results) -> Option<Section> {
    isolation::of(results)
}

/// Where the time of requests goes, where that was asked.
pub(crate) fn explanation(results: &Results) -> Vec<Section> {
    explanation::of(results)
}

/// What the scenario is called.
pub(crate) fn title<'a>(context: &Context<'a>) -> &'a str {
    match context.results.scenario.title.trim() {
        "" => context.scenario_name,
        title => title,
    }
}

fn heading(context: &Context<'_>, width: usize) -> String {
    let results = context.results;
    let mut lines = vec![grid::wrap(title(context), "", width)];
    if !results.scenario.question.trim().is_empty() {
        lines.push(grid::wrap(&results.scenario.question, "", width));
    }
    lines.push(grid::wrap(&phrases::run(results).join("; "), "", width));
    lines.extend(phrases::partial(results).map(|text| grid::wrap(&text, "", width)));
    lines.join("\n")
}

/// Verdict, load, price and nodes of every deployment.
pub(crate) fn deployments(results: &Results) -> Grid {
    let columns = ["deployment", "goals", "busiest cluster", "price /month", "nodes"];
    let mut grid = Grid::new(&columns, &[3]);
    for deployment in &results.deployments {
        let price = deployment.price_per_month;
        grid.row_of(vec![
            Cell::from(deployment.name.clone()),
            Cell::of(state(deployment), rank(deployment)),
            busiest(deployment),
            Cell::of(phrases::price(price), price),
            Cell::of(phrases::nodes(deployment), f64::from(deployment.nodes())),
        ]);
    }
    grid
}

fn busiest(deployment: &DeploymentResult) -> Cell {
    let Some(cluster) = deployment.busiest_cluster() else { return absent() };
    let share = &cluster.found[Quantity::OccupiedShare];
    Cell::of(format!("{} {}", cluster.name, number::estimate(share, Unit::Percent)), share.mean)
}

/// Deployments that meet their goals come before those of which that is not known, and before those that do not.
fn rank(deployment: &DeploymentResult) -> f64 {
    let verdict = match deployment.verdict {
        Some(Verdict::Met) => 0.0,
        Some(Verdict::Undecided) => 1.0,
        Some(Verdict::Missed) => 2.0,
        None => 3.0,
    };
    if deployment.overloads.is_empty() { verdict } else { verdict + 0.5 }
}

fn state(deployment: &DeploymentResult) -> String {
    let verdict = deployment.verdict.map(phrases::verdict);
    match (verdict, deployment.overloads.is_empty()) {
        (Some(verdict), false) => format!("{verdict}, overloaded"),
        (None, false) => "overloaded".to_owned(),
        (verdict, true) => verdict.unwrap_or(number::ABSENT).to_owned(),
    }
}

/// What became of every flow, a row per deployment.
pub(crate) fn flows(results: &Results) -> Vec<Section> {
    let flows = results.deployments.first().map_or(0, |deployment| deployment.flows.len());
    (0..flows).map(|index| flow(results, index)).collect()
}

fn flow(results: &Results, index: usize) -> Section {
    let metrics = metrics(results);
    let names: Vec<_> = metrics.iter().map(|&m| format!("{} ms", phrases::metric(m))).collect();
    let mut columns = vec!["", "offered /s", "carried /s", "errors %", "available %"];
    columns.extend(names.iter().map(String::as_str));
    let mut grid = Grid::new(&columns, &(1..columns.len()).collect::<Vec<_>>());
    let mut heading = String::new();
    for deployment in &results.deployments {
        let Some(flow) = deployment.flows.get(index) else { continue };
        if heading.is_empty() {
            heading = format!("flow `{}` of tenant `{}`", flow.name, flow.tenant);
        }
        grid.row_of(cells(deployment, flow, &metrics));
    }
    let notes = errors::lines(results, index);
    Section { heading, grid: Some(grid), notes, lines: Vec::new() }
}

/// p50, p95, p99 and what the goals speak of, from the mean to the rarest.
fn metrics(results: &Results) -> Vec<LatencyMetric> {
    let mut metrics = [0.5, 0.95, 0.99].map(LatencyMetric::Quantile).to_vec();
    let scenario = &results.scenario;
    let of_flows = scenario.flows.iter().map(|flow| &flow.goals);
    for goals in [&scenario.goals].into_iter().chain(of_flows) {
        for (metric, _) in &goals.latency {
            if !metrics.contains(metric) {
                metrics.push(*metric);
            }
        }
    }
    metrics.sort_by(|a, b| a.rank().total_cmp(&b.rank()));
    metrics
}

fn absent() -> Cell {
    Cell::from(number::ABSENT.to_owned())
}

fn cells(deployment: &DeploymentResult, flow: &FlowResult, metrics: &[LatencyMetric]) -> Vec<Cell> {
    let cell = |found: Option<&Estimate>, unit| match found {
        Some(found) => Cell::of(number::digits(found, unit), found.mean),
        None => absent(),
    };
    let latency = |metric: &LatencyMetric| cell(flow.latency_ms(*metric), Unit::Milliseconds);
    let share = |quantity| cell(flow.found.get(quantity), Unit::Percent);
    let mut cells = vec![
        Cell::from(deployment.name.clone()),
        cell(Some(&flow.found[Quantity::Offered]), Unit::PerSecond),
        cell(Some(&flow.found[Quantity::Throughput]), Unit::PerSecond),
        share(Quantity::ErrorRate),
        share(Quantity::Availability),
    ];
    cells.extend(metrics.iter().map(latency));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    #[test]
    fn the_table_says_what_an_architect_asks_for() {
        for (name, results) in fabricated::every() {
            insta::assert_snapshot!(name, table(&fabricated::context(&results), 120));
        }
    }

    #[test]
    fn narrower_terminals_get_the_same_numbers() {
        let results = fabricated::launch();
        insta::assert_snapshot!("launch_100", table(&fabricated::context(&results), 100));
        insta::assert_snapshot!("launch_80", table(&fabricated::context(&results), 80));
    }

    #[test]
    fn what_a_goal_speaks_of_has_a_column() {
        let mut results = fabricated::launch();
        let limit = sim::time::SimDuration::from_ms(900.0);
        results.scenario.goals.latency = vec![
            (LatencyMetric::Quantile(0.999), limit),
            (LatencyMetric::Mean, limit),
            (LatencyMetric::Quantile(0.99), limit),
        ];
        let text = table(&fabricated::context(&results), 140);
        let header = text.lines().find(|line| line.contains("offered /s"));
        let columns: Vec<_> = header.unwrap_or_default().split_whitespace().collect();
        assert_eq!(
            columns[8..],
            ["mean", "ms", "p50", "ms", "p95", "ms", "p99", "ms", "p99.9", "ms"]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_none_carries_an_escape_code() {
        for (name, results) in fabricated::every() {
            for width in [80, 100, 120] {
                let text = table(&fabricated::context(&results), width);
                assert!(!text.contains('\x1b'), "{name}");
                assert!(!text.contains("NaN") && !text.contains("inf "), "{name}");
                for line in text.lines() {
                    assert!(grid::columns(line) <= width, "{name} at {width}: {line}");
                }
            }
        }
    }
}
