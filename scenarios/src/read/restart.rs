//! `restart = { … }`: planned restarts of a cluster.

use sim::deployment::{Restart, RestartKind};
use sim::time::SimDuration;

use crate::document::Item;
use crate::read::section::{Context, Section};

/// The keys of a restart.
pub(crate) const KEYS: &[&str] = &["kind", "at", "every", "surge", "unavailable", "drain"];

/// The grace that Kubernetes gives a pod.
const DRAIN: SimDuration = SimDuration(30_000_000_000);

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Rolling,
    Recreate,
}

const KINDS: [(Kind, &str); 2] = [(Kind::Rolling, "rolling"), (Kind::Recreate, "recreate")];

/// When and how the nodes of a cluster are restarted.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Restart> {
    let section = Section::open(context, item, KEYS)?;
    let kind = section.need("kind", "\"rolling\"")?;
    let every = section.get("every").map(|item| context.positive_duration(item));
    let at = section.get("at").map(|item| context.duration(item));
    if every.is_none() && at.is_none() {
        section.problem("`at` and `every` are missing", "say when, as every = \"7 d\"");
        return None;
    }
    let count = |key, otherwise| match section.get(key) {
        Some(item) => context.integer(item, 0, 100).map(|count| count as u32),
        None => Some(otherwise),
    };
    let kind = match context.choice(kind, "a kind of restart", &KINDS)? {
        Kind::Recreate => {
            let help = "all nodes are restarted at once; remove it, or write kind = \"rolling\"";
            section.refuse(&["surge", "unavailable"], "with `recreate`", help);
            RestartKind::Recreate
        }
        Kind::Rolling => {
            let (surge, unavailable) = (count("surge", 1)?, count("unavailable", 0)?);
            if surge + unavailable == 0 {
                let help = "let one of them be at least 1";
                section
                    .problem("with neither surge nor unavailable nodes nothing is restarted", help);
                return None;
            }
            RestartKind::Rolling { surge, unavailable }
        }
    };
    let every = every.map_or(Some(None), |every| every.map(Some))?;
    let drain = section.get("drain").map(|item| context.duration(item));
    Some(Restart {
        at: at.map_or(every, |at| at)?,
        every,
        kind,
        drain: drain.unwrap_or(Some(DRAIN))?,
    })
}
