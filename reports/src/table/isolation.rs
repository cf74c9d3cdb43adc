//! What every tenant gets alone, together with the others, and while one is noisy.

use sim::quantity::Quantity;
use sim::results::{Company, IsolatedFlow, IsolationResult, Results};

use super::Section;
use crate::grid::{Cell, Grid};
use crate::number::{self, Unit};
use crate::{harm, phrases};

/// So many flows through deployments are shown; the rest is counted, and stands in the files.
const MOST: usize = 24;

/// A table with a sentence on each deployment; nothing where nobody asked.
pub(super) fn of(results: &Results) -> Option<Section> {
    let all = results.isolation.as_ref()?;
    let heading = format!(
        "isolation: tenants alone, together, and while `{}` comes {} times as often",
        all.noisy, all.factor
    );
    let more = all.flows.len().checked_sub(MOST).filter(|more| *more > 0);
    let more = more.map(|more| {
        let flows = phrases::count_all(more, "more flow through a deployment");
        format!("{flows} in isolation.csv")
    });
    let (notes, lines) = (more.into_iter().collect(), harm::sentences(all));
    Some(Section { heading, grid: Some(table(all)), notes, lines })
}

fn table(all: &IsolationResult) -> Grid {
    let columns = ["", "p99 ms alone", "together", "noisy", "errors % alone", "together", "noisy"];
    let mut grid = Grid::new(&columns, &(1..columns.len()).collect::<Vec<_>>());
    for flow in all.flows.iter().take(MOST) {
        // In one column, which is repeated where the others do not fit side by side.
        let name = format!("{}: `{}` of `{}`", flow.deployment, flow.flow, flow.tenant);
        let mut cells = vec![Cell::from(name)];
        let p99 = Company::ALL.map(|(of, _)| cell(flow, of, Quantity::P99, Unit::Milliseconds));
        let errors = Company::ALL.map(|(of, _)| cell(flow, of, Quantity::ErrorRate, Unit::Percent));
        cells.extend(p99.into_iter().chain(errors));
        grid.row_of(cells);
    }
    grid
}

fn cell(flow: &IsolatedFlow, company: Company, quantity: Quantity, unit: Unit) -> Cell {
    match flow.of(company).get(quantity) {
        Some(found) => Cell::of(number::digits(found, unit), found.mean),
        None => Cell::from(number::ABSENT.to_owned()),
    }
}
