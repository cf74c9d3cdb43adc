//! What changes of a deployment buy, in words and in order.

use sim::results::{BoughtOfFlow, DeploymentResult, Distinction, FlowResult};
use sim::sensitivity::{Lever, Setting, What};

use crate::phrases;

/// The flow of a deployment that is down longest, of which changes are shown; none where its years are not known.
pub(crate) fn worst_flow(deployment: &DeploymentResult) -> Option<(usize, &FlowResult)> {
    let years = deployment.years.as_ref()?;
    let lost = |place: usize| years.flows[place].downtime_minutes().mean;
    let flows = deployment.flows.iter().enumerate().take(years.flows.len());
    // The first of those that are alike.
    flows.rev().max_by(|a, b| lost(a.0).total_cmp(&lost(b.0)))
}

/// What each change buys that flow, the most first; those of which it is not known last.
pub(crate) fn in_order(deployment: &DeploymentResult) -> Vec<(&Lever, Option<&BoughtOfFlow>)> {
    let Some((flow, _)) = worst_flow(deployment) else { return Vec::new() };
    let all = deployment.sensitivity.iter().flatten();
    let mut all: Vec<_> = all
        .map(|bought| (&bought.lever, bought.flows.as_ref().and_then(|flows| flows.get(flow))))
        .collect();
    let mean = |one: Option<&BoughtOfFlow>| one.map_or(f64::NEG_INFINITY, |one| one.bought.mean);
    all.sort_by(|a, b| mean(b.1).total_cmp(&mean(a.1)));
    all
}

/// `crash half as long`; `balanced random`.
pub(crate) fn change(lever: &Lever) -> String {
    match (&lever.failure, lever.what) {
        (Some(failure), what) => format!("{failure} {}", what.words()),
        (None, What::Balancer) => format!("balanced {}", setting(&lever.to)),
        (None, what) => what.words().to_owned(),
    }
}

/// ``one node more of `gateway` (2 → 3)``; ``crash of `gateway` half as long (2 min → 1 min)``.
pub(crate) fn sentence(lever: &Lever) -> String {
    let of = lever.cluster.as_ref().map_or(String::new(), |cluster| format!(" of `{cluster}`"));
    let change = match &lever.failure {
        Some(failure) => format!("{failure}{of} {}", lever.what.words()),
        None => format!("{}{of}", lever.what.words()),
    };
    format!("{change} ({} → {})", setting(&lever.from), setting(&lever.to))
}

/// `10 min`; `3`; `random`.
pub(crate) fn setting(setting: &Setting) -> String {
    match setting {
        Setting::Time(time) => phrases::span(*time),
        Setting::Nodes(nodes) => nodes.to_string(),
        Setting::Policy(name) => name.clone(),
    }
}

/// What may be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It makes the flow less down, beyond chance.
    Better,
    /// It makes it more so.
    Worse,
    /// Neither is seen.
    Unseen,
    /// The deployment would not carry what comes, or its years could not be foreseen.
    NoYears,
}

impl Finding {
    /// Of what a change buys, where that is known.
    pub(crate) fn of(bought: Option<&BoughtOfFlow>) -> Self {
        match bought {
            None => Self::NoYears,
            Some(one) if one.distinction != Distinction::Real => Self::Unseen,
            Some(one) if one.bought.mean < 0.0 => Self::Worse,
            Some(_) => Self::Better,
        }
    }

    /// In a word or three.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Unseen => "not seen to differ",
            Self::NoYears => "has no years",
        }
    }
}
