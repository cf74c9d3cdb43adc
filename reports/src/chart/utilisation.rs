//! `utilisation.png`: how busy the cores of every cluster are, and how long they stop for garbage
//! collection.

use std::io::Write;

use sim::results::{ClusterResult, DeploymentResult, Results};

use super::canvas::{Align, Canvas, Type};
use super::palette::{ALARM, AXIS, GREY, GRID, INK, Look};
use super::sheet::{Key, MARGIN, Sheet, WIDTH};
use super::text::{self, Weight};
use crate::number::{self, Unit};
use crate::{Context, Report, ReportError, phrases};

/// Height of a cluster's row.
const ROW: f64 = 32.0;
/// Height of a deployment's heading.
const HEAD: f64 = 38.0;
/// After a deployment.
const GAP: f64 = 12.0;
/// Above the first deployment: the key and the labels of the axis.
const KEY: f64 = 72.0;
/// The bars: their beginning and the place of 100 %.
const BARS: (f64, f64) = (430.0, 1064.0);

const LABEL: Type = Type::regular(14.0, GREY);
const NAME: Type = Type::regular(15.0, INK);

/// Writes `utilisation.png`.
pub(crate) struct Utilisation;

impl Report for Utilisation {
    fn file_name(&self) -> &'static str {
        "utilisation.png"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let results = context.results;
        let height: f64 = results.deployments.iter().map(height).sum();
        let subtitle = "How busy the cores of every cluster are";
        let mut sheet = Sheet::new(context, subtitle, Key::None, KEY + height);
        let top = sheet.top + KEY;
        axis(&mut sheet.canvas, sheet.top, top + height - GAP);
        limits(&mut sheet.canvas, top - 6.0, top + height - GAP);
        rows(&mut sheet.canvas, results, top);
        sheet.canvas.write(out)
    }
}

fn height(deployment: &DeploymentResult) -> f64 {
    HEAD + ROW * deployment.clusters.len() as f64 + GAP
}

fn x(share: f64) -> f64 {
    BARS.0 + share.clamp(0.0, 1.04) * (BARS.1 - BARS.0)
}

fn axis(canvas: &mut Canvas, top: f64, bottom: f64) {
    let mut left = MARGIN;
    let words = ["busy with requests", "stopped for garbage collection (GC)", "stalled"];
    for (look, words) in words.into_iter().enumerate().map(|(i, words)| (Look::of(i), words)) {
        look.bar(canvas, (left, top + 6.0), (left + 28.0, top + 24.0));
        canvas.text(words, (left + 38.0, top + 15.0), Align::Left, NAME);
        left += 38.0 + NAME.width(words) + 30.0;
    }
    canvas.text("share of cores, %", (BARS.1, top + 15.0), Align::Right, LABEL);
    for tenth in 0..=5 {
        let share = f64::from(tenth) / 5.0;
        let label = number::exact(share * 100.0, 0);
        canvas.text(&label, (x(share), top + 50.0), Align::Centre, LABEL);
        canvas.line(&[(x(share), top + KEY - 6.0), (x(share), bottom)], 1.0, GRID);
    }
}

/// No cores busy, and all.
fn limits(canvas: &mut Canvas, top: f64, bottom: f64) {
    canvas.line(&[(x(0.0), top), (x(0.0), bottom)], 1.5, AXIS);
    canvas.dashed(&[(x(1.0), top), (x(1.0), bottom)], 2.0, ALARM, &[9.0, 6.0]);
}

fn rows(canvas: &mut Canvas, results: &Results, top: f64) {
    let mut y = top;
    for deployment in &results.deployments {
        head(canvas, deployment, y + HEAD / 2.0);
        y += HEAD;
        for cluster in &deployment.clusters {
            row(canvas, cluster, y + ROW / 2.0);
            y += ROW;
        }
        y += GAP;
    }
}

fn head(canvas: &mut Canvas, deployment: &DeploymentResult, y: f64) {
    let style = Type::bold(17.0, INK);
    let room = BARS.0 - MARGIN - 12.0;
    let name = text::shortened(&deployment.name, room, style.size, style.weight);
    canvas.text(&name, (MARGIN, y), Align::Left, style);
    if let Some(overload) = deployment.overloads.first() {
        let offered = number::plain(overload.offered_load_with_stops_cores, Unit::One);
        let cores = number::plain(overload.cores, Unit::One);
        let text = format!("overloaded: offered {offered} of {cores} cores");
        // Over the empty start of the scale, away from the line at 100 %.
        canvas.text_over(&text, (BARS.0 + 12.0, y), Align::Left, Type::bold(15.0, ALARM));
    }
}

fn row(canvas: &mut Canvas, cluster: &ClusterResult, y: f64) {
    let cores = number::exact(cluster.cores, 2);
    let size = format!("  {} × {cores} cores", phrases::count(cluster.nodes, "node"));
    let room = BARS.0 - MARGIN - 28.0 - LABEL.width(&size);
    let name = text::shortened(&cluster.name, room, NAME.size, Weight::Regular);
    canvas.text(&name, (MARGIN + 16.0, y), Align::Left, NAME);
    canvas.text(&size, (BARS.0 - 12.0, y), Align::Right, LABEL);
    let finite = |value: f64| if value.is_finite() { value.max(0.0) } else { 0.0 };
    let shares = [&cluster.utilisation, &cluster.gc_share, &cluster.stall_share];
    let [busy, pauses, stalls] = shares.map(|share| finite(share.mean));
    let (top, bottom) = (y - ROW * 0.34, y + ROW * 0.34);
    let mut left = 0.0;
    for (index, share) in [busy, pauses, stalls].into_iter().enumerate() {
        Look::of(index).bar(canvas, (x(left), top), (x(left + share), bottom));
        left += share;
    }
    let half_width =
        cluster.utilisation.half_width.filter(|_| cluster.utilisation.mean.is_finite());
    if let Some(half) = half_width.filter(|half| half.is_finite()) {
        let (low, high) = (x(busy - half), x(busy + half));
        canvas.line(&[(low, y), (high, y)], 1.5, INK);
        for end in [low, high] {
            canvas.line(&[(end, y - 5.0), (end, y + 5.0)], 1.5, INK);
        }
    }
    let mut value = number::estimate(&cluster.utilisation, Unit::Percent);
    if pauses > 0.0 {
        let pauses = number::rounded(&cluster.gc_share, Unit::Percent);
        value = format!("{value}  + {pauses} % GC");
    }
    if stalls > 0.0 {
        let stalls = number::rounded(&cluster.stall_share, Unit::Percent);
        value = format!("{value}  + {stalls} % stalled");
    }
    canvas.text(&value, (WIDTH - MARGIN, y), Align::Right, Type::regular(14.0, INK));
}
