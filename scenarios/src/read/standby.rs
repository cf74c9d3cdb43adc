//! `standby`: nodes that take over from another.

use sim::deployment::{Cluster, Role, Standby};

use crate::document::{Item, Place};
use crate::read::reader::Reader;
use crate::read::section::{Context, Section};

/// The keys of that table.
pub(crate) const KEYS: &[&str] =
    &["heartbeat", "missed", "polling", "snapshot", "restore", "outputs"];

const OUTPUTS: [(bool, &str); 2] = [(true, "repeated"), (false, "suppressed")];

/// What a file says of the nodes of a cluster.
#[derive(Clone, Copy)]
pub(crate) enum Stated {
    /// All of them serve.
    Off,
    /// All but one stand by.
    On(Standby),
}

impl Stated {
    /// How they stand by; none: all serve.
    pub(crate) fn standby(self) -> Option<Standby> {
        if let Self::On(standby) = self { Some(standby) } else { None }
    }
}

/// Reads that.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Stated> {
    if Context::is_none(item) {
        return Some(Stated::Off);
    }
    let section = Section::open(context, item, KEYS)?;
    let usual = Standby::SHIPPED;
    let reader = Reader(section);
    let heartbeat = reader.span("heartbeat", usual.heartbeat.as_seconds());
    let polling = reader.span("polling", usual.polling.as_seconds());
    let snapshot = reader.span("snapshot", usual.snapshot.as_seconds());
    let restore = reader.time("restore", usual.restore.as_seconds());
    let missed = section.get("missed").map(|item| context.integer(item, 1, 100));
    let outputs = section.get("outputs");
    let outputs = outputs.map(|item| context.choice(item, "what becomes of outputs", &OUTPUTS));
    Some(Stated::On(Standby {
        heartbeat: heartbeat?,
        missed: missed.unwrap_or(Some(usual.missed.into()))? as u32,
        polling: polling?,
        snapshot: snapshot?,
        restore: restore?,
        repeats: outputs.unwrap_or(Some(usual.repeats))?,
    }))
}

/// Only streaming integrators stand by, and not alone.
pub(crate) fn check(context: Context<'_>, place: Place, cluster: &Cluster) {
    let (what, help) = if cluster.standby.is_none() {
        return;
    } else if cluster.roles != [Role::StreamingIntegrator] {
        ("only nodes whose one role is `streaming-integrator` stand by", "remove it")
    } else if cluster.nodes < 2 {
        ("there is no second node to stand by", "give it two nodes, or remove `standby`")
    } else {
        return;
    };
    context.log.problem(place, what.to_owned(), help);
}
