//! Where the time of requests goes, in sentences.

use sim::results::{ExplainedFlow, ExplainedPart, ExplainedQuantile, Results};

use super::Section;
use crate::number::{self, Unit};

/// Parts below this share of the time are told together.
const SMALL: f64 = 0.03;
/// With more flows through deployments than this, only their p99 is told.
const FEW: usize = 8;

/// A part per flow through a deployment; nothing where nobody asked.
pub(super) fn of(results: &Results) -> Vec<Section> {
    let flows: Vec<&ExplainedFlow> =
        results.explanation.iter().flat_map(|explanation| &explanation.flows).collect();
    let is_told = |quantile: &&ExplainedQuantile| flows.len() <= FEW || quantile.name == "p99";
    let section = |flow: &&ExplainedFlow| {
        let heading =
            format!("where the time goes: flow `{}` through `{}`", flow.flow, flow.deployment);
        let mut lines: Vec<String> = flow.quantiles.iter().filter(is_told).map(sentence).collect();
        if lines.is_empty() {
            lines.push("too few requests were answered to tell".to_owned());
        }
        Section::of_lines(heading, lines)
    };
    flows.iter().map(section).collect()
}

/// `p99, 312 ± 12 ms: sharing the cores for gateway on `all-in-one` 190 ± 9 ms, backend …`.
fn sentence(quantile: &ExplainedQuantile) -> String {
    let share = |part: &ExplainedPart| part.ms.mean / quantile.sojourn_ms.mean;
    let mut parts: Vec<&ExplainedPart> = quantile.parts.iter().collect();
    parts.sort_by(|one, other| other.ms.mean.total_cmp(&one.ms.mean));
    let (large, small): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| share(part) >= SMALL);
    let mut words: Vec<String> = large.into_iter().map(words).collect();
    let rest: f64 = small.iter().map(|part| share(part)).sum();
    if rest > 0.0 {
        words.push(format!("all else {} %", number::exact(100.0 * rest, 1)));
    }
    let sojourn = number::estimate(&quantile.sojourn_ms, Unit::Milliseconds);
    format!("{}, {sojourn}: {}", quantile.name, words.join(", "))
}

fn words(part: &ExplainedPart) -> String {
    let role = part.role.map(|role| format!(" as {role}")).unwrap_or_default();
    let cluster = part.cluster.as_ref().map(|name| format!(" on `{name}`")).unwrap_or_default();
    // What never varies, like a constant delay, is known but for rounding.
    let varies = part.ms.half_width.is_none_or(|half| half > 1e-9 * part.ms.mean.abs());
    let ms = if varies {
        number::estimate(&part.ms, Unit::Milliseconds)
    } else {
        number::plain(part.ms.mean, Unit::Milliseconds)
    };
    format!("{}{cluster}{role} {ms}", part.activity.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    #[test]
    fn the_largest_parts_come_first_and_the_small_ones_together() {
        let told: Vec<String> =
            of(&fabricated::explained()).iter().map(|section| section.render(120)).collect();
        assert_eq!(
            told,
            [
                "where the time goes: flow `orders` through `ha`\n  \
                 p50, 43 ± 2 ms: backend 30.0 ± 0.4 ms, waiting for a worker on `all-in-one` as gateway \
                 7.5 ± 4.0 ms, stalls on\n    `all-in-one` as gateway 2.5 ± 3.0 ms, network 2 ms, all else 2.3 %\n  \
                 p99, 430 ± 20 ms: waiting for a worker on `all-in-one` as gateway 300 ± 4 ms, stalls on \
                 `all-in-one` as gateway\n    100 ± 3 ms, backend 30.0 ± 0.4 ms, all else 0.7 %",
                "where the time goes: flow `orders` through `per-tenant`\n  too few requests were answered \
                 to tell",
            ]
        );
        assert!(of(&fabricated::launch()).is_empty());
    }
}
