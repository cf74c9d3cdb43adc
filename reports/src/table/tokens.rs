//! What became of the tokens of a flow: a line under its table, where caches did not hold some or owners
//! renewed them, and what its words mean.

use sim::quantity::Quantity;
use sim::results::{FlowResult, Results};

use crate::number::{self, Unit};

/// What is said of a flow in one deployment.
pub(super) fn said(flow: &FlowResult) -> Option<String> {
    let number = |quantity| {
        let found = flow.found.get(quantity).filter(|found| found.mean > 0.0)?;
        Some(number::estimate(found, Unit::One))
    };
    let misses = number(Quantity::TokenMisses).map(|rate| match number(Quantity::TokenHerd) {
        Some(herd) => format!("{rate} missed /s, at most {herd} in one second"),
        None => format!("{rate} missed /s"),
    });
    let renewals = number(Quantity::TokenRenewals).map(|rate| format!("{rate} renewed /s"));
    let parts: Vec<String> = misses.into_iter().chain(renewals).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What the words mean, where there are any.
pub(super) fn legend(results: &Results) -> Option<&'static str> {
    let mut flows = results.deployments.iter().flat_map(|deployment| &deployment.flows);
    flows.any(|flow| said(flow).is_some()).then_some(
        "tokens missed: the gateway's cache did not hold them, so that the key manager checked them; \
         renewed: their lifetime was over",
    )
}
