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
mod sensitivity;
mod takeovers;
mod tokens;
mod years;

use sim::quantity::Quantity;
use sim::results::{DeploymentResult, FlowResult, Results};
use sim::scenario::LatencyMetric;

use crate::grid::{self, Grid};
use crate::number::{self, Unit};
use crate::{Context, conclusion, phrases};

/// Narrower is not laid out; such a terminal breaks the lines itself.
const MIN_WIDTH: usize = 60;

/// The whole answer for a terminal of `width` columns.
pub fn table(context: &Context<'_>, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let results = context.results;
    let mut blocks = vec![heading(context, width), deployments(results).render(width)];
    for index in 0..results.deployments.first().map_or(0, |d| d.flows.len()) {
        blocks.push(flow(results, index, width));
    }
    blocks.push(grid::wrap(
        "busiest cluster: cores busy, in collection or stalled; errors and available are shares of \
         the requests of the window; available are those answered correctly and in time",
        "",
        width,
    ));
    blocks.extend(errors::legend(results).map(|legend| grid::wrap(&legend, "", width)));
    for findings in findings::of(results) {
        let mut lines = vec![grid::wrap(&findings.heading, "", width)];
        lines.extend(findings.lines.iter().map(|line| grid::wrap_inside(line, width)));
        blocks.push(lines.join("\n"));
    }
    blocks.extend(isolation::block(results, width));
    blocks.extend(explanation::blocks(results, width));
    blocks.push(grid::wrap(&conclusion::sentence(results), "", width));
    blocks.extend(phrases::partial(results).map(|text| grid::wrap(&text, "", width)));
    blocks.join("\n\n") + "\n"
}

fn heading(context: &Context<'_>, width: usize) -> String {
    let results = context.results;
    let title = match results.scenario.title.trim() {
        "" => context.scenario_name,
        title => title,
    };
    let mut lines = vec![grid::wrap(title, "", width)];
    if !results.scenario.question.trim().is_empty() {
        lines.push(grid::wrap(&results.scenario.question, "", width));
    }
    lines.push(grid::wrap(&phrases::run(results).join("; "), "", width));
    lines.extend(phrases::partial(results).map(|text| grid::wrap(&text, "", width)));
    lines.join("\n")
}

fn deployments(results: &Results) -> Grid {
    let columns = ["deployment", "goals", "busiest cluster", "price /month", "nodes"];
    let mut grid = Grid::new(&columns, &[3]);
    for deployment in &results.deployments {
        let busiest = deployment.busiest_cluster().map_or_else(
            || number::ABSENT.to_owned(),
            |c| {
                format!(
                    "{} {}",
                    c.name,
                    number::estimate(&c.found[Quantity::OccupiedShare], Unit::Percent)
                )
            },
        );
        grid.row(&[
            deployment.name.clone(),
            state(deployment),
            busiest,
            phrases::price(deployment.price_per_month),
            phrases::nodes(deployment),
        ]);
    }
    grid
}

fn state(deployment: &DeploymentResult) -> String {
    let verdict = deployment.verdict.map(phrases::verdict);
    match (verdict, deployment.overloads.is_empty()) {
        (Some(verdict), false) => format!("{verdict}, overloaded"),
        (None, false) => "overloaded".to_owned(),
        (verdict, true) => verdict.unwrap_or(number::ABSENT).to_owned(),
    }
}

fn flow(results: &Results, index: usize, width: usize) -> String {
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
        grid.row(&cells(deployment, flow, &metrics));
    }
    let mut parts = vec![grid::wrap(&heading, "", width), grid.render_in_parts(width)];
    parts.extend(errors::lines(results, index, width));
    parts.join("\n")
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

fn absent() -> String {
    number::ABSENT.to_owned()
}

fn cells(
    deployment: &DeploymentResult,
    flow: &FlowResult,
    metrics: &[LatencyMetric],
) -> Vec<String> {
    let latency = |metric: &LatencyMetric| {
        let found = flow.latency_ms(*metric);
        found.map_or(absent(), |found| number::digits(found, Unit::Milliseconds))
    };
    let share = |quantity| {
        let found = flow.found.get(quantity);
        found.map_or(absent(), |found| number::digits(found, Unit::Percent))
    };
    let mut cells = vec![
        deployment.name.clone(),
        number::digits(&flow.found[Quantity::Offered], Unit::PerSecond),
        number::digits(&flow.found[Quantity::Throughput], Unit::PerSecond),
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
