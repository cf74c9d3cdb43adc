//! Quantiles of ab (`-e`): a row for each per cent, ms. Of users and rates it says nothing: with users who wait
//! for nothing but answers, users over the mean are the rate (Little's law); the mean is that of the quantiles.

use sim::measurement::{Bounds, Figure};

use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::found::Found;
use crate::table::Table;

pub(crate) const TOTAL: Total = Total {
    name: "quantiles of ab (`-e`)",
    recognises: |head| head.has(&["Percentage served", "Time in ms"]).then(|| head.table()).into(),
    read,
};

fn read(summary: Summary) -> Result<Found, Trouble> {
    let mut table = Table::open(summary.input, summary.layout)?;
    let (percent, time) = (table.column(&["Percentage served"]), table.column(&["Time in ms"]));
    let mut known: Vec<(f64, f64)> = Vec::new();
    while let Some(line) = table.advance()? {
        let of = |column, what: &str| {
            let number = table.number(column).and_then(|n| n.ok_or_else(|| format!("no {what}")));
            number.map_err(|reason| Problem::Row(reason).at(line))
        };
        let (percent, ms) = (of(percent, "percentage")?, of(time, "time")?);
        if percent > 100.0 || known.last().is_some_and(|last| percent <= last.0) {
            return Err(Problem::Row("percentages do not ascend to 100".to_owned()).at(line));
        }
        known.push((percent, ms / 1e3));
    }
    let (Some((0.0, _)), Some((100.0, longest))) = (known.first(), known.last()) else {
        return Err(Problem::Nothing("the rows do not go from 0 to 100 per cent".to_owned()).into());
    };
    // Between two quantiles times are anything: half-way, or at either end.
    let of_pairs = |weight: fn((f64, f64)) -> f64| -> f64 {
        known.windows(2).map(|p| (p[1].0 - p[0].0) / 100.0 * weight((p[0].1, p[1].1))).sum()
    };
    // Above the highest but one, few are as long as the longest.
    let (low, high) = (of_pairs(|(low, _)| low), of_pairs(|(_, high)| high));
    let middle = of_pairs(|(low, high)| if low > 0.0 { (low * high).sqrt() } else { 0.5 * high });
    let max = Some(*longest);
    let rate = summary.options.users.map(|users| f64::from(users) / middle.max(1e-9));
    let is_usual = |p: &f64| [10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 98.0, 99.0].contains(p);
    let quantiles = known.iter().filter(|(p, _)| is_usual(p)).map(|(p, t)| (p / 100.0, *t));
    let row =
        Row { rate, mean: Some(middle), max, quantiles: quantiles.collect(), ..Row::default() };
    let mut measurement = row.measurement(summary.name, summary.options);
    // How many they are of is not known either.
    measurement.requests = None;
    measurement.error_fraction = None;
    measurement.bounds.push(Bounds { figure: Figure::Mean, low, high });
    let notes = vec![format!(
        "{}: ab says neither how many requests there were nor which failed; their rate is users over the mean \
         (Little's law), and the mean that of the quantiles",
        summary.name
    )];
    Ok(Found { measurements: vec![measurement], notes })
}
