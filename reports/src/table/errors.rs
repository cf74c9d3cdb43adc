//! Why requests ended in errors, what was done for nobody, and what became of tokens: lines under the table of
//! a flow, where there is anything to say, and what their words mean.

use sim::cause::Cause;
use sim::quantity::Quantity;
use sim::results::{FlowResult, Results};
use sim::stats::Estimate;

use super::{limits, takeovers, tokens};
use crate::number::{self, Unit};

/// So many deployments are shown; the rest is counted, and stands in the files.
const MOST: usize = 6;

/// The lines on the flow of this index.
pub(super) fn lines(results: &Results, index: usize) -> Vec<String> {
    let lines = [
        line(results, index, "errors", causes),
        line(results, index, "wasted", wasted),
        line(results, index, "tokens", tokens::said),
        line(results, index, "take-overs", takeovers::said),
        line(results, index, "limit", limits::said),
    ];
    lines.into_iter().flatten().collect()
}

/// What the words of the lines mean, of those that occur.
pub(super) fn legend(results: &Results) -> Option<String> {
    let flows = || results.deployments.iter().flat_map(|deployment| &deployment.flows);
    let occurs = |cause| flows().any(|flow| occurred(flow, Quantity::Errors(cause)).is_some());
    let mut parts: Vec<String> = Cause::ALL
        .into_iter()
        .filter(|cause| occurs(*cause))
        .map(|cause| format!("{}: {}", word(cause), cause.words()))
        .collect();
    if flows().any(|flow| wasted(flow).is_some()) {
        parts.push("wasted: answered after the client had left".to_owned());
    }
    parts.extend(tokens::legend(results).map(str::to_owned));
    parts.extend(takeovers::legend(results).map(str::to_owned));
    parts.extend(limits::legend(results).map(str::to_owned));
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What is said of the flow in each deployment, under this heading.
fn line(
    results: &Results,
    index: usize,
    heading: &str,
    said: fn(&FlowResult) -> Option<String>,
) -> Option<String> {
    let of = results.deployments.iter().filter_map(|deployment| {
        Some(format!("`{}` {}", deployment.name, said(deployment.flows.get(index)?)?))
    });
    let mut parts: Vec<String> = of.collect();
    if parts.len() > MOST {
        let more = parts.split_off(MOST - 1).len();
        parts.push(format!("{more} more deployments in summary.csv"));
    }
    (!parts.is_empty()).then(|| format!("{heading}: {}", parts.join("; ")))
}

/// The causes that occurred, the most frequent first.
fn causes(flow: &FlowResult) -> Option<String> {
    let share = |cause| Some((cause, occurred(flow, Quantity::Errors(cause))?));
    let mut found: Vec<(Cause, &Estimate)> = Cause::ALL.into_iter().filter_map(share).collect();
    found.sort_by(|(_, a), (_, b)| b.mean.total_cmp(&a.mean));
    let said = |(cause, share): &(Cause, &Estimate)| {
        format!("{} {}", number::estimate(share, Unit::Percent), word(*cause))
    };
    let parts: Vec<String> = found.iter().map(said).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn wasted(flow: &FlowResult) -> Option<String> {
    let share = occurred(flow, Quantity::Wasted)?;
    Some(format!("{} of the answers", number::estimate(share, Unit::Percent)))
}

fn occurred(flow: &FlowResult, quantity: Quantity) -> Option<&Estimate> {
    flow.found.get(quantity).filter(|share| share.mean > 0.0)
}

fn word(cause: Cause) -> String {
    cause.name().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    /// The launch, in which some errors of the first flow have these shares.
    fn launch(first: &[(Cause, f64)]) -> Results {
        let mut results = fabricated::launch();
        for flow in results.deployments.iter_mut().flat_map(|deployment| &mut deployment.flows) {
            for cause in Cause::ALL {
                flow.found.set(Quantity::Errors(cause), None);
            }
            flow.found.set(Quantity::Wasted, None);
        }
        let flow = &mut results.deployments[0].flows[0];
        for (cause, share) in first {
            let share = Estimate::symmetric(*share, 0.1 * share);
            flow.found.set(Quantity::Errors(*cause), Some(share));
        }
        results
    }

    #[test]
    fn causes_are_named_by_their_frequency_where_they_occur() {
        let some = [(Cause::TimedOut, 0.002), (Cause::Refused, 0.0), (Cause::Reset, 0.03)];
        let results = launch(&some);
        let expected = ["errors: `ha` 3.0 ± 0.3 % reset, 0.20 ± 0.02 % timed out"];
        assert_eq!(lines(&results, 0), expected);
        assert_eq!(lines(&results, 1), [""; 0]);
        let legend = legend(&results).expect("two causes occur");
        assert_eq!(
            legend,
            "timed out: given up by the client; reset: in flight on a node that crashed"
        );
    }

    #[test]
    fn where_nothing_goes_wrong_nothing_is_said() {
        let results = launch(&[]);
        assert_eq!((lines(&results, 0), legend(&results)), (Vec::new(), None));
    }

    #[test]
    fn what_was_done_for_nobody_has_a_line_of_its_own() {
        let mut results = launch(&[]);
        let deployment = &mut results.deployments[1];
        let share = Some(Estimate::symmetric(0.4, 0.05));
        deployment.flows[0].found.set(Quantity::Wasted, share);
        let name = deployment.name.clone();
        assert_eq!(lines(&results, 0), [format!("wasted: `{name}` 40 ± 5 % of the answers")]);
        assert!(legend(&results).is_some_and(|legend| legend.starts_with("wasted: ")));
    }

    #[test]
    fn of_many_deployments_some_are_counted() {
        let mut results = fabricated::crowd(9, 2);
        for deployment in &mut results.deployments {
            let share = Some(Estimate::symmetric(0.4, 0.05));
            deployment.flows[0].found.set(Quantity::Wasted, share);
        }
        let said = lines(&results, 0).pop().expect("all waste");
        assert_eq!(said.matches("of the answers").count(), MOST - 1);
        assert!(said.ends_with("; 4 more deployments in summary.csv"), "{said}");
    }
}
