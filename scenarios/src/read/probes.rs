//! `startup = { … }` and `liveness = { … }`: the probes by which the processes of a cluster live or die.

use sim::deployment::{Cluster, Probe, Probing, Watch};

use crate::document::Item;
use crate::read::reader::Reader;
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
    let reader = Reader(Section::open(context, item, KEYS)?);
    let probe = reader.check(Probe::Http);
    let failures = reader.count("failures", 1, 1000, 3);
    if probe == Some(Probe::Port) {
        let help = "a connection is no work; remove it, or write check = \"http\"";
        reader.0.refuse(&["demand"], "with a check of the port", help);
    }
    Some(Watch {
        delay: reader.time("delay", 0.0)?,
        period: reader.span("period", 10.0)?,
        timeout: reader.span("check_timeout", 1.0)?,
        failures: failures?,
        grace: reader.time("grace", 30.0)?,
        demand: reader.time("demand", 0.0)?,
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
