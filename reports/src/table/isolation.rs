//! What every tenant gets alone, together with the others, and while one is noisy.

use sim::quantity::Quantity;
use sim::results::{Company, IsolatedFlow, IsolationResult, Results};

use crate::grid::{self, Grid};
use crate::number::{self, Unit};
use crate::{harm, phrases};

/// So many flows through deployments are shown; the rest is counted, and stands in the files.
const MOST: usize = 24;

/// A table with a sentence on each deployment; nothing where nobody asked.
pub(super) fn block(results: &Results, width: usize) -> Option<String> {
    let all = results.isolation.as_ref()?;
    let heading = format!(
        "isolation: tenants alone, together, and while `{}` comes {} times as often",
        all.noisy, all.factor
    );
    let mut parts = vec![grid::wrap(&heading, "", width), table(all).render_in_parts(width)];
    if let Some(more) = all.flows.len().checked_sub(MOST).filter(|more| *more > 0) {
        let flows = phrases::count_all(more, "more flow through a deployment");
        parts.push(grid::wrap(&format!("{flows} in isolation.csv"), "", width));
    }
    parts.extend(harm::sentences(all).iter().map(|line| grid::wrap_inside(line, width)));
    Some(parts.join("\n"))
}

fn table(all: &IsolationResult) -> Grid {
    let columns = ["", "p99 ms alone", "together", "noisy", "errors % alone", "together", "noisy"];
    let mut grid = Grid::new(&columns, &(1..columns.len()).collect::<Vec<_>>());
    for flow in all.flows.iter().take(MOST) {
        // In one column, which is repeated where the others do not fit side by side.
        let mut cells = vec![format!("{}: `{}` of `{}`", flow.deployment, flow.flow, flow.tenant)];
        let p99 = Company::ALL.map(|(of, _)| cell(flow, of, Quantity::P99, Unit::Milliseconds));
        let errors = Company::ALL.map(|(of, _)| cell(flow, of, Quantity::ErrorRate, Unit::Percent));
        cells.extend(p99.into_iter().chain(errors));
        grid.row(&cells);
    }
    grid
}

fn cell(flow: &IsolatedFlow, company: Company, quantity: Quantity, unit: Unit) -> String {
    let found = flow.of(company).get(quantity);
    found.map_or_else(|| number::ABSENT.to_owned(), |found| number::digits(found, unit))
}
