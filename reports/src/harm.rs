//! What a noisy tenant does to the flows of others, in words.

use sim::quantity::Quantity;
use sim::results::{Difference, Distinction, IsolatedFlow, IsolationResult};

use crate::number::{self, Unit};
use crate::phrases;

/// Whether a flow is known to be worse off.
pub(crate) fn is_real(flow: &IsolatedFlow) -> bool {
    real(flow).next().is_some()
}

/// What the noise does to a flow, in a word or three.
pub(crate) fn word(flow: &IsolatedFlow) -> &'static str {
    let is_unknown = |one: &Difference| one.distinction == Distinction::Unknown;
    match () {
        () if flow.harm.is_empty() => "is its own",
        () if is_real(flow) => "hurts",
        () if flow.harm.iter().any(is_unknown) => "cannot be told",
        () => "does not hurt",
    }
}

/// A sentence on each deployment: `in `shared` it hurts `calls`: p99 is higher by 120 ± 3 ms`.
pub(crate) fn sentences(all: &IsolationResult) -> Vec<String> {
    let same = |a: &IsolatedFlow, b: &IsolatedFlow| a.deployment == b.deployment;
    all.flows.chunk_by(same).map(sentence).collect()
}

fn sentence(flows: &[IsolatedFlow]) -> String {
    let of = |wanted: &str| -> Vec<&IsolatedFlow> {
        flows.iter().filter(|flow| word(flow) == wanted).collect()
    };
    let names = |flows: &[&IsolatedFlow]| {
        phrases::names(&flows.iter().map(|flow| flow.flow.clone()).collect::<Vec<_>>())
    };
    let (hurt, unknown) = (of("hurts"), of("cannot be told"));
    let named = |flow: &&IsolatedFlow| {
        let more: Vec<String> = real(flow).map(more).collect();
        format!("`{}` ({})", flow.flow, more.join(", "))
    };
    let hurt: Vec<String> = hurt.iter().map(named).collect();
    let known = match hurt.as_slice() {
        [] if unknown.is_empty() => "hurts nobody else".to_owned(),
        [] => format!("cannot be told to hurt {}", names(&unknown)),
        hurt if unknown.is_empty() => format!("hurts {}", phrases::list(hurt)),
        hurt => format!("hurts {}; it cannot be told of {}", phrases::list(hurt), names(&unknown)),
    };
    format!("in `{}` it {known}", flows[0].deployment)
}

fn real(flow: &IsolatedFlow) -> impl Iterator<Item = &Difference> {
    let is_worse =
        |one: &&Difference| one.distinction == Distinction::Real && one.difference.mean > 0.0;
    flow.harm.iter().filter(is_worse)
}

/// `p99 higher by 120 ± 3 ms`.
fn more(difference: &Difference) -> String {
    let (name, unit) = match difference.quantity {
        Quantity::ErrorRate => ("errors".to_owned(), Unit::PercentagePoints),
        other => (other.words(), other.unit().into()),
    };
    format!("{name} higher by {}", number::estimate(&difference.difference, unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    #[test]
    fn who_is_hurt_is_named_with_how_much() {
        let results = fabricated::isolated();
        let all = results.isolation.expect("asked for");
        assert_eq!(
            sentences(&all),
            [
                "in `ha` it hurts `orders` (p99 higher by 400 ± 12 ms, errors higher by 5.0 ± 0.2 percentage points)",
                "in `per-tenant` it hurts nobody else",
                "in `scalable` it cannot be told to hurt `orders`",
            ]
        );
        assert_eq!(word(&all.flows[1]), "is its own");
    }
}
