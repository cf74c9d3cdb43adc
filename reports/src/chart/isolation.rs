//! `isolation.png`: the p99 and the errors of every tenant's flows alone, together with the others, and while
//! one tenant is noisy.

use std::io::Write;

use sim::quantity::Quantity;
use sim::results::{Company, IsolatedFlow, IsolationResult, Results};
use sim::stats::Estimate;

use super::canvas::Canvas;
use super::interval::{Interval, Track};
use super::mark::{Area, Type};
use super::palette::{ALARM, GREY, Look};
use super::rows::{self, BOLD, Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use super::signs;
use crate::number::{self, Unit};
use crate::{Context, Picture, Report, ReportError, harm, phrases};

/// So many rows can be read on one page.
const ROWS: usize = 75;
/// Height of a row, in which three marks stand below one another.
const HEIGHT: f64 = 46.0;
/// Between two marks of a row.
const STEP: f64 = 13.0;
/// The axis of latencies is logarithmic where they span more.
const SPREAD: f64 = 8.0;

/// How each company is drawn.
const LOOKS: [Look; 3] = [Look::of(2), Look::of(0), Look::of(5)];

/// Writes `isolation.png`.
pub(crate) struct Isolation;

impl Report for Isolation {
    fn file_name(&self) -> &'static str {
        "isolation.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "What tenants do to one another",
            description: "Marks in a row for every flow on every deployment: p99 and errors of its tenant \
                          alone, of all together, and while one is noisy. The figures are in isolation.csv.",
        })
    }

    fn applies(&self, results: &Results) -> bool {
        results.isolation.is_some()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

fn draw(context: &Context<'_>) -> Canvas {
    let all = context.results.isolation.as_ref();
    let mut sheet = Sheet::new(context, &subtitle(all));
    let flows: Vec<&IsolatedFlow> = all.iter().flat_map(|all| &all.flows).collect();
    let shown = &flows[..flows.len().min(ROWS)];
    if shown.is_empty() {
        rows::empty(&mut sheet, "There is no flow.");
        return sheet.finished(context);
    }
    let panels = panels(shown);
    let drawn = [latency(shown), errors(shown)];
    let noisy = all.map_or("", |all| &all.noisy);
    sheet.key(&key(noisy, &drawn, shown));
    let placed = Rows::new(&mut sheet, &blocks(&panels), &columns(&drawn, shown), HEIGHT);
    let tracks =
        [placed.axis(&mut sheet, 0, drawn[0].scale), placed.axis(&mut sheet, 2, drawn[1].scale)];
    for (block, panel) in panels.iter().enumerate() {
        for (row, flow) in panel.iter().enumerate() {
            let canvas = &mut sheet.canvas;
            for (drawn, (track, column)) in drawn.iter().zip(tracks.iter().zip([0, 2])) {
                marks(canvas, drawn, flow, track, placed.cell(column, block, row));
                numbers(canvas, drawn, flow, placed.cell(column + 1, block, row));
            }
            Rows::words(canvas, placed.cell(4, block, row), harm::word(flow), style(flow));
        }
    }
    if shown.len() < flows.len() {
        sheet.caption(&format!(
            "Not drawn: the other {}; isolation.csv holds all.",
            phrases::count_all(flows.len() - shown.len(), "flow through a deployment")
        ));
    }
    sheet.finished(context)
}

fn subtitle(all: Option<&IsolationResult>) -> String {
    all.map_or_else(String::new, |all| {
        format!(
            "What each tenant gets alone, together with the others, and while `{}` comes {} times as often",
            all.noisy, all.factor
        )
    })
}

/// The flows of each deployment.
fn panels<'a>(shown: &[&'a IsolatedFlow]) -> Vec<Vec<&'a IsolatedFlow>> {
    let same = |a: &&IsolatedFlow, b: &&IsolatedFlow| a.deployment == b.deployment;
    shown.chunk_by(same).map(<[&IsolatedFlow]>::to_vec).collect()
}

fn blocks(panels: &[Vec<&IsolatedFlow>]) -> Vec<Block> {
    let name = |flow: &&IsolatedFlow| format!("{} · {}", flow.tenant, flow.flow);
    let block = |panel: &Vec<&IsolatedFlow>| Block {
        name: panel[0].deployment.clone(),
        notes: Vec::new(),
        rows: panel.iter().map(name).collect(),
    };
    panels.iter().map(block).collect()
}

/// One quantity along its axis.
struct Drawn {
    quantity: Quantity,
    /// From its unit to that of the axis.
    factor: f64,
    scale: Scale,
    heading: String,
}

impl Drawn {
    fn estimate(&self, flow: &IsolatedFlow, company: Company) -> Option<Estimate> {
        flow.of(company).get(self.quantity).copied().filter(phrases::is_number)
    }

    fn interval(&self, flow: &IsolatedFlow, company: Company) -> Option<Interval> {
        let found = self.estimate(flow, company)?;
        Some(Interval::of(&found, self.factor))
    }

    /// `47.1 ± 0.3`.
    fn text(&self, flow: &IsolatedFlow, company: Company) -> String {
        let unit: Unit = self.quantity.unit().into();
        self.estimate(flow, company)
            .map_or_else(|| number::ABSENT.to_owned(), |found| number::estimate(&found, unit))
    }
}

fn intervals(shown: &[&IsolatedFlow], quantity: Quantity, factor: f64) -> Vec<Interval> {
    let drawn = Drawn { quantity, factor, scale: Scale::from_zero([]), heading: String::new() };
    let of = |flow: &&IsolatedFlow| Company::ALL.map(|(company, _)| drawn.interval(flow, company));
    shown.iter().flat_map(of).flatten().collect()
}

fn latency(shown: &[&IsolatedFlow]) -> Drawn {
    let (quantity, factor) = (Quantity::P99, 1.0);
    let values = intervals(shown, quantity, factor);
    let scale = Scale::by_range(values.iter().flat_map(Interval::values), SPREAD);
    let is_logarithmic = matches!(scale, Scale::Logarithmic { .. });
    let heading = format!("p99, {}", if is_logarithmic { "ms (log scale)" } else { "ms" });
    Drawn { quantity, factor, scale, heading }
}

fn errors(shown: &[&IsolatedFlow]) -> Drawn {
    let (quantity, factor) = (Quantity::ErrorRate, 100.0);
    let values = intervals(shown, quantity, factor);
    let scale = Scale::from_zero(values.iter().flat_map(Interval::values));
    Drawn { quantity, factor, scale, heading: "Errors, %".to_owned() }
}

fn columns(drawn: &[Drawn; 2], shown: &[&IsolatedFlow]) -> Vec<Column> {
    let texts = |drawn: &Drawn, most: f64| {
        let of = |flow: &&IsolatedFlow| Company::ALL.map(|(company, _)| drawn.text(flow, company));
        let all: Vec<String> = shown.iter().flat_map(of).collect();
        Column::texts("", Room::of_texts(&all, NUMBER, most))
    };
    let findings: Vec<String> = shown.iter().map(|flow| harm::word(flow).to_owned()).collect();
    vec![
        Column::drawn(&drawn[0].heading, "", 0.62),
        texts(&drawn[0], 170.0),
        Column::drawn(&drawn[1].heading, "", 0.38),
        texts(&drawn[1], 130.0),
        Column::texts("The noise", Room::of_texts(&findings, BOLD, 150.0)),
    ]
}

/// The height of the mark of a company in a cell.
fn height(cell: Area, company: Company) -> f64 {
    f64::midpoint(cell.0.1, cell.1.1) + STEP * (f64::from(company as u8) - 1.0)
}

fn marks(canvas: &mut Canvas, drawn: &Drawn, flow: &IsolatedFlow, track: &Track, cell: Area) {
    canvas.within(cell, |canvas| {
        for ((company, _), look) in Company::ALL.iter().zip(LOOKS) {
            let Some(interval) = drawn.interval(flow, *company) else { continue };
            let y = height(cell, *company);
            let point = |x: f64, across: f64| (x, y + across);
            track.bar(canvas, &interval, look.colour(), point);
            if track.holds(interval.mean) {
                look.edged(canvas, (track.at(interval.mean), y), 4.5);
            } else {
                track.beyond(canvas, interval.mean, look.colour(), point);
            }
        }
    });
}

fn numbers(canvas: &mut Canvas, drawn: &Drawn, flow: &IsolatedFlow, cell: Area) {
    for ((company, _), look) in Company::ALL.iter().zip(LOOKS) {
        let y = height(cell, *company) + 1.0;
        let line = ((cell.0.0, y - STEP / 2.0), (cell.1.0, y + STEP / 2.0));
        let style = Type::regular(12.0, look.colour());
        Rows::number(canvas, line, &drawn.text(flow, *company), style);
    }
}

fn style(flow: &IsolatedFlow) -> Type {
    match flow.harm.is_empty() {
        true => Type { colour: GREY, ..NUMBER },
        false if harm::is_real(flow) => Type { colour: ALARM, ..BOLD },
        false => NUMBER,
    }
}

fn key(noisy: &str, drawn: &[Drawn; 2], shown: &[&IsolatedFlow]) -> Vec<Entry<'static>> {
    let meanings = [
        "alone".to_owned(),
        "together with the others".to_owned(),
        format!("while `{noisy}` is noisy"),
    ];
    let mut entries: Vec<Entry<'static>> = meanings
        .iter()
        .zip(LOOKS)
        .map(|(meaning, look)| {
            Entry::new(meaning, move |canvas: &mut Canvas, at| look.edged(canvas, at, 5.5))
        })
        .collect();
    let intervals = drawn.iter().flat_map(|drawn| {
        let of =
            |flow: &&IsolatedFlow| Company::ALL.map(|(company, _)| drawn.interval(flow, company));
        shown.iter().flat_map(of).flatten().map(|interval| (interval, drawn.scale))
    });
    entries.extend(signs::of_intervals(intervals));
    entries
}
