//! Load tests beside their simulation, one line each, and how close the simulation comes.

use sim::calibration::Configured;
use sim::measurement::Load;
use sim::quantity::Quantity;

use crate::figure::{self, Closeness};
use crate::grid::{Grid, wrap};
use crate::number;

/// What a column says of a test.
type Cell = fn(&Configured) -> Option<String>;

/// What a line of the summary says.
type Line = fn(&Closeness) -> String;

/// What tells tests apart, each with its heading; a column in which nothing is stated is left out.
const SETTINGS: [(&str, Cell); 9] = [
    ("users", |test| match test.measured.load {
        Load::Closed { users } => Some(number::exact(f64::from(users), 0)),
        Load::Open { .. } => None,
    }),
    ("rate", |test| match test.measured.load {
        Load::Closed { .. } => None,
        Load::Open { rate } => Some(format!("{} /s", number::exact(rate, 2))),
    }),
    ("size KiB", |test| test.measured.size_kib.map(|size| number::exact(size, 2))),
    ("answer KiB", |test| test.measured.answer_kib.map(|size| number::exact(size, 2))),
    ("delay ms", |test| test.measured.backend.map(|b| number::exact(b.mean.as_ms(), 1))),
    ("delay cv", |test| {
        let varying = test.measured.backend.filter(|backend| backend.cv > 0.0);
        varying.map(|backend| number::exact(backend.cv, 2))
    }),
    ("think ms", |test| test.measured.think.map(|think| number::exact(think.mean.as_ms(), 1))),
    ("nodes", |test| test.measured.nodes.map(|nodes| number::exact(f64::from(nodes), 0))),
    ("cores", |test| test.measured.cores.map(|cores| number::exact(cores, 2))),
];

/// A title and one line per test: what it was, and the error of each figure.
pub(super) fn text(title: &str, tests: &[Configured], width: usize) -> String {
    let title = wrap(&format!("{title}; error in %, simulated against measured"), "", width);
    let says = |cell: &Cell| tests.iter().any(|test| cell(test).is_some());
    let settings: Vec<_> = SETTINGS.into_iter().filter(|(_, cell)| says(cell)).collect();
    // Cores are told only where they differ: they are those of the profile elsewhere.
    let differ = tests.windows(2).any(|pair| pair[0].measured.cores != pair[1].measured.cores);
    let settings: Vec<_> =
        settings.into_iter().filter(|(name, _)| *name != "cores" || differ).collect();
    let figures = figure::stated(tests);
    let mut heading = vec!["operation".to_owned()];
    heading.extend(settings.iter().map(|(name, _)| name.replace(' ', "\n")));
    heading.extend(figures.iter().map(|figure| narrow(*figure)));
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    let mut grid = Grid::new(&heading, &(1..heading.len()).collect::<Vec<_>>());
    let absent = || number::ABSENT.to_owned();
    for test in tests {
        let mut cells = vec![test.measured.operation.clone()];
        cells.extend(settings.iter().map(|(_, cell)| cell(test).unwrap_or_else(absent)));
        cells.extend(
            figures.iter().map(|figure| {
                figure::error(*figure, &test.errors).map_or_else(absent, number::error)
            }),
        );
        grid.row(&cells);
    }
    format!("{title}\n{}", grid.render(width))
}

/// Median and worst absolute error of each figure, for each group of tests, with the number of figures
/// behind them.
pub(super) fn summary(groups: &[(&str, &[Configured])], width: usize) -> String {
    let all: Vec<Configured> = groups.iter().flat_map(|(_, tests)| tests.iter().cloned()).collect();
    let figures = figure::stated(&all);
    let mut heading = vec!["absolute error in %".to_owned(), String::new()];
    heading.extend(figures.iter().map(|figure| narrow(*figure)));
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    let mut grid = Grid::new(&heading, &(2..heading.len()).collect::<Vec<_>>());
    for (name, tests) in groups.iter().filter(|(_, tests)| !tests.is_empty()) {
        let found: Vec<Option<Closeness>> =
            figures.iter().map(|figure| Closeness::of(*figure, *tests)).collect();
        let name = format!("{name}, {}", crate::phrases::count_all(tests.len(), "test"));
        let lines: [(&str, Line); 3] = [
            ("median", |found| number::size_of_error(found.median)),
            ("worst", |found| number::size_of_error(found.worst)),
            ("figures", |found| number::exact(found.figures as f64, 0)),
        ];
        for (index, (line, says)) in lines.into_iter().enumerate() {
            let name = if index == 0 { name.clone() } else { String::new() };
            let mut cells = vec![name, line.to_owned()];
            cells.extend(
                found
                    .iter()
                    .map(|found| found.as_ref().map_or_else(|| number::ABSENT.to_owned(), says)),
            );
            grid.row(&cells);
        }
    }
    grid.render(width)
}

/// The name of a figure for the heading of a narrow column.
fn narrow(figure: Quantity) -> String {
    match figure {
        Quantity::Throughput => "through-\nput".to_owned(),
        Quantity::GcShare => "GC\nshare".to_owned(),
        other => other.name(),
    }
}
