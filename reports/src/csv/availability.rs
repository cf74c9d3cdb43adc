//! `availability.csv`: one row per deployment and flow, with what years of failures cost it.

use std::io::Write;

use sim::results::{DeploymentResult, FlowResult, Results};
use sim::years::{Culprit, FlowYears};

use super::columns::{self, Column};
use crate::{Context, Report, ReportError};

/// Writes `availability.csv`.
pub(crate) struct Availability;

/// A flow over the years.
struct Over<'a> {
    scenario_name: &'a str,
    deployment: &'a DeploymentResult,
    flow: &'a FlowResult,
    years: &'a FlowYears,
}

impl Report for Availability {
    fn file_name(&self) -> &'static str {
        "availability.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        results.deployments.iter().any(|deployment| deployment.years.is_some())
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let (results, scenario_name) = (context.results, context.scenario_name);
        let rows = results.deployments.iter().flat_map(|deployment| {
            let years = deployment.years.iter().flat_map(|years| &years.flows);
            deployment.flows.iter().zip(years).map(move |(flow, years)| Over {
                scenario_name,
                deployment,
                flow,
                years,
            })
        });
        columns::write(out, results, &header(), rows)
    }
}

fn header<'a>() -> Vec<Column<'a, Over<'a>>> {
    fn number<'a>(
        name: &str,
        value: impl Fn(&FlowYears) -> Option<f64> + 'a,
    ) -> Column<'a, Over<'a>> {
        Column::number(name, move |of: &Over<'_>| value(of.years))
    }
    let mut columns = vec![
        Column::name("scenario", |of: &Over<'_>| of.scenario_name),
        Column::name("deployment", |of| &of.deployment.name),
        Column::name("pattern", |of| &of.deployment.pattern),
        Column::name("flow", |of| &of.flow.name),
        Column::name("tenant", |of| &of.flow.tenant),
        number("availability", |of| Some(of.availability.mean)),
        number("availability_half_width", |of| of.availability.half_width),
        number("time_available", |of| Some(of.time_available.mean)),
        number("time_available_half_width", |of| of.time_available.half_width),
        number("downtime_minutes_per_year", |of| Some(of.downtime_minutes().mean)),
        number("downtime_half_width", |of| of.downtime_minutes().half_width),
        number("outages_per_year", |of| Some(of.outages_per_year)),
        number("outage_mean_s", |of| Some(of.outage_seconds?.0)),
        number("outage_p95_s", |of| Some(of.outage_seconds?.1)),
        number("requests_lost_per_year", |of| Some(of.lost_per_year.mean)),
        number("probability_of_goal", |of| Some(of.meets_goal?.mean)),
        number("p99_ms", |of| Some(of.latency_ms?.0)),
        number("p99_9_ms", |of| Some(of.latency_ms?.1)),
    ];
    let minutes = Culprit::ALL.into_iter().map(|culprit| {
        let name = format!("downtime_minutes_{}", culprit.name());
        number(&name, move |of| Some(of.minutes[culprit as usize]))
    });
    columns.extend(minutes);
    columns
}
