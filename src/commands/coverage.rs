//! `apimsim verify --coverage`: how often intervals cover the truth.

use std::io::{Write, stdout};
use std::sync::atomic::AtomicBool;

use sim::experiment::ExperimentError;
use sim::quantity::Quantity;
use sim::stats::QUANTILES;
use sim::verification::coverage::{Coverage, PLANS, systems};

use super::{Failure, Outcome};
use crate::output::complain;

/// The least that intervals at 95 % are held to; see [`Coverage::is_at_least`].
const LEAST: f64 = 0.92;

/// Prints a line for each system, window and number of replications, as it is done.
pub(super) fn run(seeds: u32, markdown: bool) -> Result<Outcome, Failure> {
    match lines(seeds, markdown) {
        Ok(outcome) => outcome,
        Err(error) => {
            complain(&error.to_string());
            Ok(Outcome::Incomplete)
        }
    }
}

fn lines(seeds: u32, markdown: bool) -> Result<Result<Outcome, Failure>, ExperimentError> {
    let never = AtomicBool::new(false);
    let mut honest = true;
    let print = |cells: &[String]| writeln!(stdout(), "{}", line(cells, markdown));
    let names = quantities();
    let header = ["system", "window", "runs"].into_iter().map(str::to_owned);
    let header: Vec<String> = header.chain(names.iter().map(|(_, n)| n.clone())).collect();
    let written = (|| {
        print(&header)?;
        if markdown {
            writeln!(stdout(), "|---|---:|---:|{}", "---:|".repeat(names.len()))?;
        }
        Ok(())
    })();
    if let Err(error) = written {
        return Ok(Err(error));
    }
    for system in systems(&never)? {
        for (window, replications) in PLANS {
            let found = system.coverage((window, replications), seeds, &never)?;
            honest &= found.iter().all(|coverage| coverage.is_at_least(LEAST));
            let mut cells =
                vec![system.name.to_owned(), format!("{window} s"), replications.to_string()];
            cells.extend(names.iter().map(|(quantity, _)| {
                found
                    .iter()
                    .find(|coverage| coverage.quantity == *quantity)
                    .map_or("–".to_owned(), cell)
            }));
            if let Err(error) = print(&cells) {
                return Ok(Err(error.into()));
            }
        }
    }
    Ok(Ok(if honest { Outcome::Good } else { Outcome::Bad }))
}

fn quantities() -> Vec<(Quantity, String)> {
    let quantiles = QUANTILES.into_iter().map(Quantity::quantile);
    let latency = |quantity: Quantity| (quantity, quantity.name());
    let rates =
        [(Quantity::Throughput, "carried".to_owned()), (Quantity::ErrorRate, "errors".to_owned())];
    [latency(Quantity::MEAN)].into_iter().chain(rates).chain(quantiles.map(latency)).collect()
}

/// `95`: of the intervals so many per cent cover the truth; `96 (40 ≥ 99)`: besides, 40 per cent are
/// open, and 99 per cent of these say what is true.
fn cell(coverage: &Coverage) -> String {
    let per_cent = |part: u32, of: u32| (100.0 * f64::from(part) / f64::from(of)).round();
    let all = coverage.closed + coverage.open + coverage.unknown;
    let closed = coverage.share().map(|share| format!("{:.0}", 100.0 * share));
    let open = (coverage.open > 0).then(|| {
        let holding = per_cent(coverage.holding, coverage.open);
        format!("({:.0} ≥ {holding:.0})", per_cent(coverage.open, all))
    });
    let unknown =
        (coverage.unknown > 0).then(|| format!("({:.0} unknown)", per_cent(coverage.unknown, all)));
    [closed, open, unknown].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn line(cells: &[String], markdown: bool) -> String {
    if markdown {
        return format!("| {} |", cells.join(" | "));
    }
    let padded = cells.iter().enumerate().map(|(index, cell)| match index {
        0 => format!("{cell:<30}"),
        1 => format!(" {cell:>6}"),
        2 => format!(" {cell:>4}"),
        3..=7 => format!(" {cell:>7}"),
        _ => format!(" {cell:>13}"),
    });
    padded.collect::<String>().trim_end().to_owned()
}
