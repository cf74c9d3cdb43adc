//! What take-overs have done to the requests of a flow: a line under its table, and what its words mean.

use sim::quantity::Quantity;
use sim::results::{FlowResult, Results};

use crate::number::{self, Unit};

/// What is said of a flow in one deployment, where a node has taken over.
pub(super) fn said(flow: &FlowResult) -> Option<String> {
    let number = |quantity, word: &str| {
        let found = flow.found.get(quantity).filter(|found| found.mean > 0.0)?;
        Some(format!("{} {word}", number::estimate(found, Unit::One)))
    };
    let again = [number(Quantity::Replayed, "replayed"), number(Quantity::Forgotten, "forgotten")];
    let again: Vec<String> = again.into_iter().flatten().collect();
    let late = number(Quantity::Late, "late").filter(|_| !again.is_empty());
    let parts: Vec<String> = late.into_iter().chain(again).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What the words mean, where there are any.
pub(super) fn legend(results: &Results) -> Option<&'static str> {
    let mut flows = results.deployments.iter().flat_map(|deployment| &deployment.flows);
    flows.any(|flow| said(flow).is_some()).then_some(
        "late: answered after an attempt had failed; replayed: processed again by the node that took over, since \
         the last snapshot; forgotten: it had not heard of them, and its state is without them; all in the window",
    )
}
