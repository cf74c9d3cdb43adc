//! `startup = { … }` and `liveness = { … }`: the probes by which the processes of a cluster live or die.

use sim::deployment::{Cluster, Probe, Probing, Watch};
use sim::time::SimDuration;

use crate::document::Item;
use crate::read::section::{Context, Section};

/// The keys of a probe.
pub(crate) const KEYS: &[&str] =
    &["check", "delay", "period", "failures", "check_timeout", "grace", "demand"];

/// Both probes of a cluster; what is not stated is not asked.
pub(crate) fn read(section: Section<'_>) -> Probing {
    let watch = |key| section.get(key).and_then(|item| watch(section.context, item));
    Probing { startup: watch("startup"), liveness: watch("liveness") }
}

/// A probe with the defaults of Kubernetes, whose probes of both kinds need one success.
fn watch(context: Context<'_>, item: &Item) -> Option<Watch> {
    let section = Section::open(context, item, KEYS)?;
    let positive = |key, otherwise| match section.get(key) {
        Some(item) => context.positive_duration(item),
        None => Some(SimDuration::from_seconds(otherwise)),
    };
    let any = |key, otherwise| match section.get(key) {
        Some(item) => context.duration(item),
        None => Some(SimDuration::from_seconds(otherwise)),
    };
    let probe = section.get("check").map(|item| context.choice(item, "a check", &Probe::ALL));
    let probe = probe.unwrap_or(Some(Probe::Http));
    let failures = section.get("failures").map(|item| context.integer(item, 1, 1000));
    if probe == Some(Probe::Port) {
        let help = "a connection is no work; remove it, or write check = \"http\"";
        section.refuse(&["demand"], "with a check of the port", help);
    }
    Some(Watch {
        delay: any("delay", 0.0)?,
        period: positive("period", 10.0)?,
        timeout: positive("check_timeout", 1.0)?,
        failures: failures.unwrap_or(Some(3))? as u32,
        grace: any("grace", 30.0)?,
        demand: any("demand", 0.0)?,
        probe: probe?,
    })
}

/// Warns of processes that are ended again and again, since they take longer to start than they may.
pub(crate) fn warn(context: Context<'_>, cluster: &Cluster, whom: &str) {
    let Some(startup) = cluster.probing.startup else { return };
    let [least, most] = startup.patience();
    let takes = cluster.profile.start_up.mean;
    if takes > least {
        let what = "a process that takes longer to start than its start-up probe waits is ended, and \
                    started again: state more `failures`, or a longer `delay`";
        let may = if takes < most { "now and then, after" } else { "always, after" };
        context.log.warn(what, format!("{whom} ({takes}; {may} {least} to {most})"));
    }
}
