//! What was admitted beyond the limits of a flow: a line under its table, and what its words mean.

use sim::quantity::Quantity;
use sim::results::{FlowResult, Results};

use crate::number::{self, Unit};

/// What is said of a flow in one deployment.
pub(super) fn said(flow: &FlowResult) -> Option<String> {
    let found = flow.found.get(Quantity::OverLimit).filter(|found| found.mean > 0.0)?;
    Some(format!("{} admitted beyond it /s", number::estimate(found, Unit::One)))
}

/// What the words mean, where there are any.
pub(super) fn legend(results: &Results) -> Option<&'static str> {
    let mut flows = results.deployments.iter().flat_map(|deployment| &deployment.flows);
    flows.any(|flow| said(flow).is_some()).then_some(
        "admitted beyond the limit: while the decision of the traffic managers was on its way, or nobody counted",
    )
}
