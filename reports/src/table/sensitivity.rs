//! What changes of a deployment would buy of its downtime, as a sentence: where the next euro goes.

use sim::results::{BoughtOfFlow, DeploymentResult};
use sim::sensitivity::Lever;

use crate::bought::Finding;
use crate::number::{self, Unit};
use crate::{bought, phrases};

/// So many changes are named.
const MOST: usize = 3;

/// None where it was not asked for.
pub(super) fn said(deployment: &DeploymentResult) -> Option<String> {
    deployment.sensitivity.as_ref()?;
    let (_, flow) = bought::worst_flow(deployment)?;
    let all = bought::in_order(deployment);
    let with = |finding: Finding| -> Vec<(&Lever, &BoughtOfFlow)> {
        let known = all.iter().filter_map(|(lever, one)| Some((*lever, (*one)?)));
        known.filter(|(_, one)| Finding::of(Some(one)) == finding).collect()
    };
    let (better, worse) = (with(Finding::Better), with(Finding::Worse).len());
    let unknown = with(Finding::Unseen).len();
    let named: Vec<String> = better
        .iter()
        .take(MOST)
        .map(|(lever, one)| {
            let minutes = number::estimate(&one.bought, Unit::One);
            format!("{} buys {minutes} min", bought::sentence(lever))
        })
        .collect();
    let mut parts = match better.first() {
        Some((_, one)) => vec![format!(
            "of the {} min a year that `{}` is as if down, {}",
            number::rounded(&one.now, Unit::One),
            flow.name,
            phrases::list(&named)
        )],
        None => vec![format!("no single change is seen to make `{}` less down", flow.name)],
    };
    let counted = [
        (better.len().saturating_sub(MOST), "buys less", "buy less"),
        (worse, "makes it worse", "make it worse"),
        (unknown, "is not seen to differ", "are not seen to differ"),
    ];
    for (count, one, many) in counted.into_iter().filter(|(count, ..)| *count > 0) {
        parts.push(format!(
            "{} {}",
            phrases::count(count as u32, "change"),
            if count == 1 { one } else { many }
        ));
    }
    Some(format!("the next euro: {}", parts.join("; ")))
}
