//! How close the profiles of several families of measurements come to them.

use sim::calibration::Configured;
use sim::quantity::Quantity;

use crate::figure::Closeness;
use crate::grid::{Grid, wrap};
use crate::number;

/// What the table tells of each family.
const FIGURES: [Quantity; 9] = [
    Quantity::Throughput,
    Quantity::MEAN,
    Quantity::quantile(0.75),
    Quantity::quantile(0.9),
    Quantity::quantile(0.95),
    Quantity::quantile(0.98),
    Quantity::quantile(0.99),
    Quantity::quantile(0.999),
    Quantity::GcShare,
];

/// The measurements of a family beside their simulation.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Its configurations.
    pub tests: Vec<Configured>,
}

/// One line per family and one for all of them together, for a terminal of `width` columns.
pub fn families(families: &[Family], width: usize) -> String {
    let names: Vec<String> = columns();
    let heading: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut grid = Grid::new(&heading, &(1..heading.len()).collect::<Vec<_>>());
    for line in lines(families) {
        grid.row(&line);
    }
    format!("{}\n\n{}\n", grid.render(width.max(super::MIN_WIDTH)), wrap(EXPLAINED, "", width))
}

/// The same as a Markdown table.
pub fn families_markdown(families: &[Family]) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = "|---".to_owned() + &"|---:".repeat(FIGURES.len() + 1) + "|\n";
    let rows: String = lines(families).iter().map(|line| row(line)).collect();
    row(&columns()) + &rule + &rows
}

const EXPLAINED: &str =
    "median / worst absolute error in %; tests are configurations, repeats as one";

fn columns() -> Vec<String> {
    let first = ["family", "tests"].map(str::to_owned);
    first.into_iter().chain(FIGURES.map(Quantity::words)).collect()
}

fn lines(families: &[Family]) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = families
        .iter()
        .map(|family| line(&family.name, &family.tests.iter().collect::<Vec<_>>()))
        .collect();
    let everything: Vec<_> = families.iter().flat_map(|family| &family.tests).collect();
    lines.push(line("all together", &everything));
    lines
}

fn line(name: &str, tests: &[&Configured]) -> Vec<String> {
    let cell = |figure: Quantity| {
        Closeness::of(figure, tests.iter().copied()).map_or_else(
            || number::ABSENT.to_owned(),
            |found| {
                let Closeness { median, worst, .. } = found;
                format!("{} / {}", number::size_of_error(median), number::size_of_error(worst))
            },
        )
    };
    let first = [name.to_owned(), number::exact(tests.len() as f64, 0)];
    first.into_iter().chain(FIGURES.map(cell)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fabricated;
    use super::*;

    fn fabricated() -> Vec<Family> {
        let of = |name: &str, tests| Family { name: name.to_owned(), tests };
        vec![
            of("apim-4.2-4.5", fabricated::gateway().tests),
            of("si-4", fabricated::capacities().tests),
        ]
    }

    #[test]
    fn every_family_has_a_line_and_all_together_one() {
        insta::assert_snapshot!("families", families(&fabricated(), 120));
        insta::assert_snapshot!("families_markdown", families_markdown(&fabricated()));
        insta::assert_snapshot!("no_family", families_markdown(&[]));
    }
}
