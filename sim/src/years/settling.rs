//! How long it takes until nothing tells of a change any more.

use crate::network::{HealthCheck, Network, Standby, Station};
use crate::time::SimDuration;

/// Where nobody waits for who does not answer, all settles within so long.
const QUICKLY: SimDuration = SimDuration(6_000_000_000);
/// What is asked again is answered, or fails, within so long.
const ANSWERED: SimDuration = SimDuration(1_000_000_000);
/// What waits longer than this for an answer is left out of account: settling may take longer then.
const LONGEST_TIMEOUT: f64 = 30.0;
/// So long the steady state of a stay is looked at.
const LOOK: SimDuration = SimDuration(4_000_000_000);
/// What takes its own time is waited for so long,
const WHOLE: SimDuration = SimDuration(900_000_000_000);
/// or until so many requests have come; though as long at least as those take to give up that wait.
const ENOUGH: f64 = 3e5;
/// Before an episode all has come to its calm.
const WARM_UP: SimDuration = SimDuration(5_000_000_000);

/// How a stay settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pace {
    /// As fast as requests are answered, or fail at once.
    Quickly,
    /// When those that wait for who does not answer have given up, and what they hold is free.
    Slowly,
    /// Something is under way that takes its own time, or a backlog grows: it is played whole.
    ByItself,
}

/// The times by which an episode is divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settling {
    quickly: SimDuration,
    slowly: SimDuration,
    whole: SimDuration,
    /// For so long it is then looked at.
    pub(super) look: SimDuration,
    /// Before an episode.
    pub(super) warm_up: SimDuration,
}

impl Settling {
    pub(crate) fn of(network: &Network, window: SimDuration) -> Self {
        let timeouts = network.flows.iter().filter_map(|flow| flow.timeout);
        let waits = network.clusters.iter().filter_map(|station| station.balancing.read_timeout);
        let longest = timeouts.chain(waits).map(SimDuration::as_seconds);
        let timeout = longest.fold(0.0, f64::max).min(LONGEST_TIMEOUT);
        let again = network.clusters.iter().map(until_tried_again).fold(0.0, f64::max);
        let look = LOOK.max(SimDuration::from_seconds(again.ceil()));
        let later = |station| found_out_later(station).max(taken_over_later(station));
        let later = network.clusters.iter().map(later).fold(0.0, f64::max);
        let quickly = QUICKLY.max(SimDuration::from_seconds(later.ceil()));
        // What has come back is not asked before: where it is the only one, all fails until then.
        let quickly = quickly.max(SimDuration::from_seconds(again.ceil()) + ANSWERED);
        let slowly = SimDuration::from_seconds(2.0 * timeout).max(quickly);
        let rates = network.flows.iter().filter_map(|flow| flow.arrivals.mean_rate(window));
        let enough = SimDuration::from_seconds(ENOUGH / rates.sum::<f64>().max(1.0));
        let whole = enough.min(WHOLE);
        let journals = network.clusters.iter().filter_map(since_snapshot);
        let warm_up = journals.fold(WARM_UP, SimDuration::max);
        Self { quickly, slowly, whole, look, warm_up }
    }

    /// Nothing tells of a change for longer, whatever it was.
    pub(super) fn longest(&self) -> SimDuration {
        self.slowly
    }

    /// How long it takes until a stay is as it will be.
    pub(super) fn settle(&self, pace: Pace) -> SimDuration {
        match pace {
            Pace::Quickly => self.quickly,
            Pace::Slowly | Pace::ByItself => self.slowly,
        }
    }

    /// So much of a stay is played at most.
    pub(super) fn most_of_a_stay(&self, pace: Pace) -> SimDuration {
        let settled = SimDuration(self.settle(pace).0 + self.look.0);
        if pace == Pace::ByItself { settled.max(self.whole) } else { settled }
    }
}

/// After how long a balancer tries a node again that it has taken out, seconds: what is seen of a stay must be seen
/// over the whole of that period.
fn until_tried_again(station: &Station) -> f64 {
    match station.balancing.check {
        // On a clock of whole seconds it takes up to one more.
        HealthCheck::Passive { max_fails, fail_timeout } if max_fails > 0 => {
            fail_timeout.as_seconds() + 1.0
        }
        HealthCheck::Perfect | HealthCheck::Passive { .. } | HealthCheck::Active { .. } => 0.0,
    }
}

/// By how much later than in a life an excerpt of it may find out what has become of a node, seconds: probes come in the
/// same rhythm, and begin at other instants.
fn found_out_later(station: &Station) -> f64 {
    match station.balancing.check {
        HealthCheck::Active { interval, .. } => interval.as_seconds() + 2.0,
        HealthCheck::Perfect | HealthCheck::Passive { .. } => 0.0,
    }
}

/// By how much later than in a life one that stands by may take over in an excerpt of it, seconds: it finds the last
/// heartbeat too old at one of its own, and asks then whether it leads, all of which come in rhythms that begin at other
/// instants.
fn taken_over_later(station: &Station) -> f64 {
    let of = |standby: Standby| 2.0 * standby.heartbeat.as_seconds() + standby.polling.as_seconds();
    station.standby.map_or(0.0, of)
}

/// Who takes over does again all that has come since the last snapshot, before it serves: so much must have come.
fn since_snapshot(station: &Station) -> Option<SimDuration> {
    station.standby.filter(|standby| !standby.repeats).map(|standby| standby.snapshot)
}
