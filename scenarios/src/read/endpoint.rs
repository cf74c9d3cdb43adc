//! `endpoint`: what the node that calls a backend does by itself while that does not answer.

use sim::deployment::{Endpoint, Flow, Suspension};

use crate::document::Item;
use crate::read::reader::Reader;
use crate::read::section::{Context, Section};

const KEYS: &[&str] = &["timeout", "suspend", "factor", "longest"];
/// The largest `factor`.
const MOST: f64 = 100.0;

/// The table of that key.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Endpoint> {
    let section = Section::open(context, item, KEYS)?;
    let usual = Flow::ENDPOINT;
    let suspended = usual.suspension.map_or(0.0, |usual| usual.first.as_seconds());
    let timeout = match section.get("timeout") {
        Some(item) if Context::is_none(item) => Some(None),
        Some(item) => context.positive_duration(item).map(Some),
        None => Some(usual.timeout),
    };
    let is_off = section.get("suspend").is_some_and(Context::is_none);
    if is_off {
        let help = "give `suspend` a time, or remove it";
        section.refuse(&["factor", "longest"], "where nothing is suspended", help);
        return Some(Endpoint { timeout: timeout?, sweep: usual.sweep, suspension: None });
    }
    let first = Reader(section).span("suspend", suspended);
    let factor = section.get("factor").map(|item| context.number(item, 1.0, MOST));
    let longest = section.get("longest").map(|item| (item, context.positive_duration(item)));
    if let (Some(first), Some((item, Some(longest)))) = (first, longest)
        && longest < first
    {
        let what = "the longest suspension is shorter than the first".to_owned();
        context.log.problem(item.place, what, "give `longest` at least what `suspend` is");
    }
    let suspension = Suspension {
        first: first?,
        factor: factor.unwrap_or(Some(1.0))?,
        longest: longest
            .map(|(_, longest)| longest)
            .map_or(Some(None), |longest| longest.map(Some))?,
    };
    Some(Endpoint { timeout: timeout?, sweep: usual.sweep, suspension: Some(suspension) })
}
