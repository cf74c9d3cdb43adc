//! `[plan]`: which node counts are searched for.

use sim::planning::Planning;

use crate::catalogue;
use crate::document::Item;
use crate::quantity::shown;
use crate::read::names::suggestion;
use crate::read::section::{Context, Section};

/// The keys of `[plan]`.
pub(crate) const KEYS: &[&str] = &["patterns", "most", "confidence", "indifference"];

/// No cluster has more nodes than this in a plan.
const MOST: u64 = 100;
/// A larger share of a limit is no small difference.
const MOST_INDIFFERENT: f64 = 0.5;

/// Reads `[plan]`, in which all is optional; `deployments` are the names of those that there are.
pub(crate) fn read(context: Context<'_>, item: Option<&Item>, deployments: &[&str]) -> Planning {
    let mut planning = Planning::default();
    let Some(section) = item.and_then(|item| Section::open(context, item, KEYS)) else {
        return planning;
    };
    if let Some(item) = section.get("patterns") {
        planning.patterns = patterns(context, item, deployments).unwrap_or_default();
    }
    if let Some(most) = section.get("most").and_then(|item| context.integer(item, 1, MOST)) {
        planning.most = most as u32;
    }
    if let Some(share) = section.get("confidence").and_then(|item| confidence(context, item)) {
        planning.confidence = share;
    }
    if let Some(share) = section.get("indifference").and_then(|item| indifference(context, item)) {
        planning.indifference = share;
    }
    planning
}

fn patterns(context: Context<'_>, item: &Item, deployments: &[&str]) -> Option<Vec<String>> {
    let items = context.list(item)?;
    if items.is_empty() {
        let help = "name patterns or deployments, or leave `patterns` out for all three";
        context.log.problem(item.place, "there is nothing to plan with", help);
    }
    let shipped = catalogue::patterns();
    let mut known: Vec<&str> = shipped.iter().map(|entry| entry.name).collect();
    known.extend(deployments);
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let name = context.text(item)?;
        if !known.contains(&name) {
            let what = format!("there is no pattern or deployment `{}`", shown(name));
            context.log.problem(item.place, what, suggestion(name, &known));
        } else if names.iter().any(|other| other == name) {
            let what = format!("`{}` is named twice", shown(name));
            context.log.problem(item.place, what, "name each once");
        }
        names.push(name.to_owned());
    }
    Some(names)
}

fn confidence(context: Context<'_>, item: &Item) -> Option<f64> {
    let share = context.share(item)?;
    if !(0.5..=0.9999).contains(&share) {
        let what = format!("`{}` is no level of confidence", shown(&item.written()));
        context.log.problem(item.place, what, "it is from \"50 %\" to \"99.99 %\"");
        return None;
    }
    Some(share)
}

fn indifference(context: Context<'_>, item: &Item) -> Option<f64> {
    let share = context.share(item)?;
    if share > MOST_INDIFFERENT {
        let what = format!("`{}` of a limit is no small difference", shown(&item.written()));
        context.log.problem(item.place, what, "it is from \"0 %\" to \"50 %\"");
        return None;
    }
    Some(share)
}
