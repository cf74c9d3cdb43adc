//! How something fails at random, kind by kind: of a profile its nodes, of a deployment its zones and its
//! database, of a flow its backend.

use sim::deployment::keys::Keyed;
use sim::deployment::{Cluster, Failures, SharedFailures};

use crate::document::Item;
use crate::read::record;
use crate::read::section::{Context, Section};

/// The keys of the failures of a deployment.
pub(crate) const KEYS: &[&str] = &["zone", "database", "repairers"];

/// No more repairers than this may be stated.
const MOST_REPAIRERS: u64 = 1_000_000;
/// What stands for failures that are usual.
const USUAL: &str = "usual";

/// The failures of something, each with a length, or those that are usual of it.
pub(crate) fn read(context: Context<'_>, item: &Item, usual: fn() -> Failures) -> Failures {
    if is_usual(context, item) {
        return usual();
    }
    check_lengths(context, item);
    one(context, item)
}

/// Whether a word stands in place of a table; another word than that for what is usual is noted.
fn is_usual(context: Context<'_>, item: &Item) -> bool {
    item.text().is_some() && context.choice(item, "failures", &[((), USUAL)]).is_some()
}

/// Those of zones and of the database of a deployment, and who repairs its nodes.
pub(crate) fn of_deployment(
    context: Context<'_>,
    item: &Item,
    clusters: &[Cluster],
) -> SharedFailures {
    let Some(section) = Section::open(context, item, KEYS) else {
        return SharedFailures::default();
    };
    if !clusters.iter().any(Cluster::uses_database) {
        let help = "give a profile a `database`, or remove it";
        section.refuse(&["database"], "where no cluster calls a database", help);
    }
    SharedFailures {
        zone: section.get("zone").map(|item| read(context, item, Failures::usual_of_zone)),
        database: section.get("database").map(|item| {
            let is_usual = is_usual(context, item);
            let stated = || one(context, item).fail_over();
            if is_usual { Failures::usual_of_database() } else { stated() }
        }),
        repairers: section
            .get("repairers")
            .and_then(|item| context.integer(item, 1, MOST_REPAIRERS))
            .map(|repairers| repairers as u32),
    }
}

fn one(context: Context<'_>, item: &Item) -> Failures {
    let mut failures = Failures::unstated();
    // What is wrong with a word has been said.
    if item.text().is_none() {
        record::read(context, item, &mut failures);
    }
    failures
}

/// Notes each kind whose length is not stated. Only a database has a usual one.
pub(crate) fn check_lengths(context: Context<'_>, item: &Item) {
    let Some(table) = item.table() else { return };
    for kind in table.entries.iter().filter(|kind| kind.item.table().is_some()) {
        // What is stated there is read, and checked, elsewhere.
        if let Some(section) = Section::open_part(context, &kind.item, &["mttr"]) {
            section.need("mttr", "\"5 min\"");
        }
    }
}
