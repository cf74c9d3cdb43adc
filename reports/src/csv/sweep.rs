//! `sweep.csv`: the rows of `summary.csv` for each point, with the values that make the point in front.

use std::collections::BTreeSet;
use std::io::Write;

use sim::results::Results;

use super::columns;
use super::rows::{Row, Rows};
use super::summary;
use crate::ReportError;
use crate::swept::{Coordinate, Seen, Sweep, SweptAxis};

/// What the file says of a point.
pub(crate) fn seen(scenario: &str, results: &Results) -> Seen {
    let columns = summary::columns();
    let nodes = |of: &summary::Of<'_>| {
        let clusters = of.deployment.clusters.iter();
        clusters.map(|cluster| (cluster.name.clone(), cluster.nodes)).collect()
    };
    let rows = summary::all(scenario, results)
        .map(|of| (columns::row(Row::default(), &columns, &of).into_fields(), nodes(&of)))
        .collect();
    Seen { rows, is_partial: results.partial }
}

/// Writes the file.
pub(crate) fn sweep(sweep: &Sweep, out: &mut dyn Write) -> Result<(), ReportError> {
    let all = || sweep.points.iter().flat_map(|point| &point.seen.rows);
    let clusters: BTreeSet<&String> = all().flat_map(|(_, nodes)| nodes.keys()).collect();
    let mut header = vec!["point".to_owned()];
    header.extend(sweep.axes.iter().map(SweptAxis::heading));
    header.extend(columns::header(&summary::columns()));
    header.extend(clusters.iter().map(|name| format!("nodes_{name}")));
    header.push("partial".to_owned());
    let mut rows = Rows::plain(out, &header)?;
    for (place, point) in sweep.points.iter().enumerate() {
        let at = sweep.axes.iter().zip(&point.at);
        let front = at.fold(Row::default().number((place + 1) as f64), coordinate);
        for (found, nodes) in &point.seen.rows {
            let row = front.clone().fields(found);
            let of =
                |row: Row, name: &&String| row.optional(nodes.get(*name).map(|n| f64::from(*n)));
            let row = clusters.iter().fold(row, of);
            rows.write(row.word(if point.seen.is_partial { "yes" } else { "no" }))?;
        }
    }
    rows.finish()
}

/// A plain number where all values of the axis have one unit, which the heading says.
fn coordinate(row: Row, (axis, at): (&SweptAxis, &Coordinate)) -> Row {
    match at.number {
        Some(number) if axis.unit.is_some() => row.number(number),
        _ => row.name(&at.text),
    }
}
