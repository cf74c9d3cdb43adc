//! A profile, when all that it inherits has been merged into one table.

use sim::deployment::keys::{Keyed, Unit};
use sim::deployment::{Bursts, Discipline, Generations, Profile};

use crate::document::Item;
use crate::read::section::{Context, Section};
use crate::read::{failures, record, uncertainty};

/// The key that names what a profile starts from; it is merged before any other is read.
pub(crate) const FROM: &str = "from";

/// Keys without which the rest of a file cannot be checked against a profile.
const NEEDED: [&str; 4] = ["cores", "bursts", "buffer", "demand"];

/// The names of the keys of a profile.
pub(crate) fn names() -> Vec<&'static str> {
    let own = record::names(&Profile::unstated());
    std::iter::once(FROM).chain(own).collect()
}

/// Whether a key of a profile is a table with keys of its own.
pub(crate) fn is_table(name: &str) -> bool {
    let key = Profile::ROWS.iter().map(|row| row.key).find(|key| key.name == name);
    key.is_some_and(|key| matches!(key.unit, Unit::Table(_)))
}

/// The profile of that name from its merged table.
pub(crate) fn read(context: Context<'_>, name: &str, item: &Item) -> Option<Profile> {
    let mut profile = Profile { name: name.to_owned(), ..Profile::unstated() };
    let names = names();
    let section = Section::open(context, item, &names)?;
    let wrong = record::keys(section, &mut profile);
    check_heap(section, &profile);
    for item in ["failures", "usual_failures"].into_iter().filter_map(|key| section.get(key)) {
        failures::check_lengths(context, item);
    }
    uncertainty::check(section, &mut profile);
    let is_whole =
        !NEEDED.iter().any(|name| wrong.contains(name)) && check_bursts(section, &profile);
    // What is stated of pauses is scaled to the cores.
    let cores = profile.cores;
    is_whole.then(|| profile.with_cores(cores))
}

/// Dispatchers and workers share the cores.
fn check_bursts(section: Section<'_>, profile: &Profile) -> bool {
    let first_come = profile.discipline == Discipline::FirstComeFirstServed;
    let item = section.get("bursts").filter(|_| first_come);
    let Some(item) = item.filter(|_| matches!(profile.bursts, Bursts::Reactor { .. })) else {
        return true;
    };
    let help = "dispatchers and workers share the cores: discipline = \"ps\"";
    section.context.log.problem(item.place, "`reactor` makes no sense under fcfs", help);
    false
}

/// Something of the heap is free, and there is one in a container.
fn check_heap(section: Section<'_>, profile: &Profile) {
    let Some(heap) = profile.gc.as_ref().and_then(|gc| gc.heap()) else {
        let stated = section.get("container").or_else(|| section.get("gc"));
        if let Some(item) = stated.filter(|_| profile.container.is_some()) {
            let what = "`container` makes no sense where nothing says how the heap is divided";
            section.context.log.problem(item.place, what, "write gc.young = \"60 %\"");
        }
        return;
    };
    let Generations { heap_mib, resident_mib, initial_mib, .. } = *heap;
    // A heap that could not be read is 0.
    if heap_mib > 0.0
        && resident_mib >= heap_mib
        && let Some(gc) = section.get("gc")
    {
        let help = "`resident` is what is always alive, less than `heap`";
        section.context.log.problem(gc.place, "nothing is left of the heap", help);
    }
    if heap_mib > 0.0
        && initial_mib.is_some_and(|initial| initial > heap_mib)
        && let Some(gc) = section.get("gc")
    {
        let help = "`initial` is what is committed at first, no more than `heap`";
        section.context.log.problem(gc.place, "more is committed than there is", help);
    }
    let room = profile.container.map_or(f64::INFINITY, |container| container.room_mib(0.0));
    if heap_mib > 0.0
        && room <= resident_mib
        && let Some(item) = section.get("container")
    {
        let help = "`memory` holds the heap, `other`, and what is `beside`";
        section.context.log.problem(item.place, "nothing is left for the heap", help);
    }
}
