//! Episodes: from the first thing that happens in calm until all is calm again, and has been for so long that
//! nothing tells of it any more.

use super::Asked;
use super::lives::Life;
use super::settling::{Pace, Settling};
use super::state::State;
use crate::engine::{Event, Moment};
use crate::network::SupplierOutage;
use crate::time::{SimDuration, SimTime};

/// An episode. Its times count from its beginning.
#[derive(Clone, Debug)]
pub(super) struct Episode {
    /// When that is in its life.
    pub(super) began: SimTime,
    /// What happens to nodes.
    pub(super) moments: Vec<Moment>,
    /// What happens to what they call.
    pub(super) suppliers: Vec<SupplierOutage>,
    /// Between one thing that happens and the next.
    pub(super) stays: Vec<Stay>,
    /// Of each cluster whose nodes stand by, its first node and the one that served before.
    pub(super) leaders: Vec<(usize, usize)>,
}

impl Episode {
    /// When nothing tells of it any more, in its life.
    pub(super) fn over(&self, settling: &Settling) -> SimTime {
        let last = self.stays.last().map_or(SimTime::ZERO, |stay| stay.begins);
        SimTime(self.began.0 + last.0) + settling.longest() + settling.longest()
    }

    /// Those that have a part in the time between two instants of its life; the last goes on.
    pub(super) fn stays_between(&self, from: SimTime, to: SimTime) -> &[Stay] {
        let since = |at: SimTime| SimTime(at.0.saturating_sub(self.began.0));
        let until = |at: SimTime| self.stays.partition_point(|stay| stay.begins <= since(at));
        &self.stays[until(from).saturating_sub(1)..until(to)]
    }
}

/// A time in which nothing changes.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    /// When it begins.
    pub(super) begins: SimTime,
    /// How long it lasts; the last of an episode is calm, and ends with it.
    pub(super) lasts: SimDuration,
    /// By flow, the share of its requests that meet a cluster of which no node answers.
    pub(super) hits: Vec<f64>,
    /// How it settles.
    pub(super) pace: Pace,
    /// What comes as a share of what those that are left can do, where that is most.
    pub(super) strain: f64,
}

/// Something that happens at an instant.
#[derive(Clone, Copy)]
enum Happening<'a> {
    OfNode(&'a Moment),
    Begins(&'a SupplierOutage),
    Ends,
}

/// The episodes of a life that begin within its horizon. Each ends when all has been calm for so long that nothing
/// tells of it any more, and so has been so before the next one.
pub(super) fn episodes(asked: &Asked<'_>, life: &Life) -> Vec<Episode> {
    let Asked { network, settling, .. } = asked;
    let settle = settling.longest();
    let mut all = Vec::new();
    let mut state = State::new(network, &asked.load);
    let mut open: Option<Open> = None;
    for (at, happening) in happenings(life) {
        if open.as_ref().is_some_and(|open| open.is_over(at, settle)) {
            all.extend(open.take().and_then(|open| open.close(settling, life)));
        }
        state.forget(at);
        let leaders = if open.is_none() { state.leaders() } else { Vec::new() };
        match happening {
            Happening::OfNode(moment) => state.apply(moment),
            Happening::Begins(outage) => state.begin(outage),
            Happening::Ends => {}
        }
        let is_calm = state.is_calm();
        let is_change =
            matches!(happening, Happening::OfNode(Moment { event: Event::Change(..), .. }));
        if open.is_none() && (is_change || !is_calm) {
            open = Some(Open::at(at, leaders));
        }
        if let Some(open) = &mut open {
            open.add(at, happening, &state, settle);
            open.calm_since = is_calm.then_some(at);
        }
    }
    all.extend(open.and_then(|open| open.close(settling, life)));
    all
}

/// Everything that happens, in order.
fn happenings(life: &Life) -> Vec<(SimTime, Happening<'_>)> {
    let of_nodes = life.moments.iter().map(|moment| (moment.at, Happening::OfNode(moment)));
    let of_suppliers = life.suppliers.iter().flat_map(|outage| {
        let begins = SimTime(outage.at.0);
        [(begins, Happening::Begins(outage)), (begins + outage.lasts, Happening::Ends)]
    });
    let mut all: Vec<(SimTime, Happening<'_>)> = of_nodes.chain(of_suppliers).collect();
    // Stable, so that what happens to nodes at one instant stays in order.
    all.sort_by_key(|(at, _)| *at);
    all
}

/// An episode that is not over yet.
struct Open {
    begins: SimTime,
    leaders: Vec<(usize, usize)>,
    calm_since: Option<SimTime>,
    moments: Vec<Moment>,
    suppliers: Vec<SupplierOutage>,
    /// Of which nobody knows yet how long each lasts.
    stays: Vec<Stay>,
    /// How what is met now settles.
    pace: Pace,
    /// Until then something may still hold of what settles slowly.
    holds_until: SimTime,
}

impl Open {
    fn at(begins: SimTime, leaders: Vec<(usize, usize)>) -> Self {
        let (moments, suppliers, stays) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            begins,
            leaders,
            calm_since: None,
            moments,
            suppliers,
            stays,
            pace: Pace::Quickly,
            holds_until: SimTime::ZERO,
        }
    }

    fn is_over(&self, now: SimTime, settle: SimDuration) -> bool {
        self.calm_since.is_some_and(|since| since + settle + settle < now)
    }

    fn add(
        &mut self,
        at: SimTime,
        happening: Happening<'_>,
        state: &State<'_>,
        settle: SimDuration,
    ) {
        let since = SimTime(at.0 - self.begins.0);
        match happening {
            Happening::OfNode(moment) => self.moments.push(Moment { at: since, ..*moment }),
            Happening::Begins(outage) => {
                let at = SimDuration(outage.at.0 - self.begins.0);
                self.suppliers.push(SupplierOutage { at, ..*outage });
            }
            Happening::Ends => {}
        }
        if self.stays.last().is_some_and(|stay| stay.begins == since) {
            self.stays.pop();
        }
        if self.pace > Pace::Quickly {
            self.holds_until = since + settle;
        }
        self.pace = state.pace();
        // What has waited, or made a backlog, has yet to go.
        let holds = since < self.holds_until;
        let pace = if holds { self.pace.max(Pace::Slowly) } else { self.pace };
        let (hits, strain) = (state.hits(), state.strain());
        self.stays.push(Stay { begins: since, lasts: SimDuration::ZERO, hits, pace, strain });
    }

    /// The episode, if it begins within the horizon.
    fn close(self, settling: &Settling, life: &Life) -> Option<Episode> {
        let Self { begins, leaders, moments, suppliers, mut stays, .. } = self;
        if begins < life.begins || begins >= life.ends {
            return None;
        }
        let ends = stays.iter().skip(1).map(|stay| stay.begins);
        let last = stays.last().map(|stay| stay.begins + settling.settle(stay.pace));
        let ends: Vec<SimTime> = ends.chain(last).collect();
        for (stay, ends) in stays.iter_mut().zip(ends) {
            stay.lasts = ends.since(stay.begins);
        }
        Some(Episode { began: begins, moments, suppliers, stays, leaders })
    }
}
