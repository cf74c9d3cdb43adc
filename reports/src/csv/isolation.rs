//! `isolation.csv`: one row per deployment, flow and company: its tenant alone, all together, one noisy.

use std::io::Write;

use sim::quantity::{Estimates, Quantity};
use sim::results::{Company, Difference, IsolatedFlow, IsolationResult, Results};

use super::columns::{self, Column, Measured};
use crate::{Context, Report, ReportError, phrases};

/// Writes `isolation.csv`.
pub(crate) struct Isolation;

/// A flow in one company.
struct Kept<'a> {
    scenario_name: &'a str,
    all: &'a IsolationResult,
    flow: &'a IsolatedFlow,
    company: Company,
}

impl Measured for Kept<'_> {
    fn found(&self) -> &Estimates {
        self.flow.of(self.company)
    }
}

impl Kept<'_> {
    /// What the noise changes in a quantity.
    fn harm(&self, quantity: Quantity) -> Option<&Difference> {
        let harm = self.flow.harm.iter().filter(|_| self.company == Company::Noisy);
        harm.into_iter().find(|difference| difference.quantity == quantity)
    }
}

impl Report for Isolation {
    fn file_name(&self) -> &'static str {
        "isolation.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        results.isolation.is_some()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let (results, scenario_name) = (context.results, context.scenario_name);
        let flows =
            results.isolation.iter().flat_map(|all| all.flows.iter().map(move |f| (all, f)));
        let rows = flows.flat_map(|(all, flow)| {
            Company::ALL.map(|(company, _)| Kept { scenario_name, all, flow, company })
        });
        columns::write(out, results, &header(), rows)
    }
}

fn header<'a>() -> Vec<Column<'a, Kept<'a>>> {
    let mut columns = vec![
        Column::name("scenario", |of: &Kept<'_>| of.scenario_name),
        Column::name("deployment", |of| &of.flow.deployment),
        Column::name("tenant", |of| &of.flow.tenant),
        Column::name("flow", |of| &of.flow.flow),
        Column::word("company", |of| of.company.name()),
        Column::name("noisy_tenant", |of| &of.all.noisy),
        Column::number("noisy_factor", |of: &Kept<'_>| Some(of.all.factor)),
    ];
    columns.extend(IsolatedFlow::SHOWN.into_iter().flat_map(Column::estimate));
    for of in [Quantity::P99, Quantity::ErrorRate] {
        let name = of.column() + "_more_with_noise";
        columns
            .push(Column::number(&name, move |row: &Kept<'_>| Some(row.harm(of)?.difference.mean)));
        columns.push(Column::number(&(name + "_half_width"), move |row: &Kept<'_>| {
            row.harm(of)?.difference.half_width
        }));
        columns.push(Column::chosen(&(of.column() + "_finding"), move |row: &Kept<'_>| {
            row.harm(of).map_or("", |harm| phrases::distinction(harm.distinction))
        }));
    }
    columns
}
