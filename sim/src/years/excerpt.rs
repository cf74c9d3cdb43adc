//! An episode without its long stays, as a script for the request engine.
//!
//! Of a stay that is longer than it takes for all to settle, and for its steady state to be seen, the rest is
//! left out: what it costs is known from what was seen of the stay just before its end.

use super::episodes::{Episode, Stay};
use super::settling::Settling;
use crate::deployment::Arrivals;
use crate::engine::{Change, Event, Moment, Outage};
use crate::network::{HealthCheck, Network, Probing, SupplierOutage};
use crate::time::{SimDuration, SimTime};

/// What is played of an episode.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// Changes of nodes, from the start of the window.
    pub(super) outages: Vec<Outage>,
    /// Those of what they call.
    pub(super) suppliers: Vec<SupplierOutage>,
    /// How long it is, until all has settled.
    pub(super) window: SimDuration,
    /// What is left out.
    pub(super) gaps: Vec<Gap>,
    /// By stay: when it begins in the episode, and when here.
    begins: Vec<(SimTime, SimTime)>,
}

/// A part of a stay that is left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// Which stay.
    pub(super) stay: usize,
    /// How long it is, seconds.
    pub(super) seconds: f64,
    /// The whole seconds of the excerpt in which what it is like is seen: the first, and the one after the last.
    pub(super) seen: (usize, usize),
}

/// How much of each stay is left out, whole seconds; nothing of the last one.
pub(super) fn left_out(stays: &[Stay], settling: &Settling) -> Vec<u64> {
    let last = stays.len().saturating_sub(1);
    let of = |(index, stay): (usize, &Stay)| {
        let most = settling.most_of_a_stay(stay.pace);
        let rest = stay.lasts.0.saturating_sub(most.0);
        if index == last { 0 } else { rest / 1_000_000_000 }
    };
    stays.iter().enumerate().map(of).collect()
}

impl Excerpt {
    pub(super) fn of(episode: &Episode, network: &Network, settling: &Settling) -> Self {
        let left_out = left_out(&episode.stays, settling);
        let (mut begins, mut gaps) = (Vec::new(), Vec::new());
        let mut now = SimTime::ZERO;
        for (index, (stay, seconds)) in episode.stays.iter().zip(&left_out).enumerate() {
            begins.push((stay.begins, now));
            now = now + SimDuration(stay.lasts.0 - seconds * 1_000_000_000);
            if *seconds > 0 {
                let end = (now.0 / 1_000_000_000) as usize;
                let seen = (end - settling.look.as_seconds() as usize, end);
                gaps.push(Gap { stay: index, seconds: *seconds as f64, seen });
            }
        }
        let mut excerpt = Self {
            outages: Vec::new(),
            suppliers: Vec::new(),
            window: SimDuration(now.0.div_ceil(1_000_000_000) * 1_000_000_000),
            gaps,
            begins,
        };
        excerpt.outages = excerpt.script(&episode.moments, network.nodes());
        // Here the first of those that stand by serves in the beginning.
        for outage in &mut excerpt.outages {
            let swapped = episode.leaders.iter().find_map(|(first, leader)| {
                (outage.node == *leader)
                    .then_some(*first)
                    .or((outage.node == *first).then_some(*leader))
            });
            outage.node = swapped.unwrap_or(outage.node);
        }
        let suppliers = episode.suppliers.iter().map(|outage| {
            let at = excerpt.here(SimTime(outage.at.0));
            let ends = excerpt.here(SimTime((outage.at + outage.lasts).0));
            SupplierOutage { at: SimDuration(at.0), lasts: ends.since(at), ..*outage }
        });
        excerpt.suppliers = suppliers.collect();
        excerpt
    }

    /// The stays that a second of this has a part in: the first and the last.
    pub(super) fn stays_in(&self, second: usize) -> [usize; 2] {
        let begins = second as u64 * 1_000_000_000;
        let of =
            |nanos: u64| self.begins.partition_point(|(_, here)| here.0 <= nanos).saturating_sub(1);
        [of(begins), of(begins + 999_999_999)]
    }

    /// When here what happens then in the episode.
    pub(super) fn here(&self, then: SimTime) -> SimTime {
        let stay = self.begins.partition_point(|(begins, _)| *begins <= then).saturating_sub(1);
        let (begins, here) = self.begins[stay];
        // What happens within a stay changes nothing of it; it is not left out.
        let most = self.begins.get(stay + 1).map_or(u64::MAX, |(_, next)| next.0);
        SimTime((here.0 + (then.0 - begins.0)).min(most))
    }

    /// The changes of nodes, each with its end. A process that starts serves at once here, at the instant at which
    /// it did in the episode.
    fn script(&self, moments: &[Moment], nodes: usize) -> Vec<Outage> {
        let mut all = Vec::new();
        for node in 0..nodes {
            let own: Vec<&Moment> = moments.iter().filter(|moment| moment.node == node).collect();
            let mut ended = vec![false; own.len()];
            for (index, moment) in own.iter().enumerate() {
                let Event::Change(begins, _) = moment.event else { continue };
                let Some(is_end) = end_of(begins) else { continue };
                if !has_effect(&own[index..]) {
                    continue;
                }
                let end = (index + 1..own.len()).find(|later| {
                    let is_meant =
                        matches!(own[*later].event, Event::Change(change, _) if is_end(change));
                    is_meant && !ended[*later]
                });
                let at = self.here(moment.at);
                let lasts = match end {
                    Some(end) => {
                        ended[end] = true;
                        self.here(served(&own, end)).since(at)
                    }
                    // Another change has ended it.
                    None if begins == Change::Replace => SimDuration::ZERO,
                    None => SimDuration(u64::MAX),
                };
                all.push(Outage { node, begins, at: SimDuration(at.0), lasts });
            }
        }
        all
    }
}

/// Whether the first of these, which is a change, changes the node: what stands by does not hang.
fn has_effect(own: &[&Moment]) -> bool {
    let Event::Change(Change::Hang | Change::FailFast { .. }, _) = own[0].event else {
        return true;
    };
    let mut at_once = own.iter().take_while(|moment| moment.at == own[0].at);
    at_once.any(|moment| matches!(moment.event, Event::Enters(_)))
}

/// What ends a change that is played; none where it is not played, as it is an end itself, or comes by itself.
fn end_of(begins: Change) -> Option<fn(Change) -> bool> {
    match begins {
        Change::Crash | Change::Kill | Change::Vanish | Change::Stop => {
            Some(|change| change == Change::Start)
        }
        Change::Hang | Change::FailFast { .. } => Some(|change| change == Change::Resume),
        Change::CutOff => Some(|change| change == Change::Reconnect),
        Change::Slow { factor } if factor > 1.0 => {
            Some(|change| matches!(change, Change::Slow { factor } if factor <= 1.0))
        }
        Change::Drain | Change::Replace => Some(|_| false),
        Change::Start
        | Change::Resume
        | Change::Reconnect
        | Change::Slow { .. }
        | Change::Fetched
        | Change::TakeOver
        | Change::StandBy
        | Change::Admit => None,
    }
}

/// When the process serves, or fetches, that is started by the change at this place; where it does not come so far,
/// when it is started.
fn served(own: &[&Moment], start: usize) -> SimTime {
    use crate::engine::Condition;
    let starts = own[start].at;
    let later = own[start..].iter().take_while(|moment| {
        moment.at == starts
            || !matches!(moment.event, Event::Change(change, _) if keeps_down(change))
    });
    let serves = |event: Event| {
        matches!(event, Event::Enters(Condition::Up | Condition::Fetching | Condition::Standby))
    };
    let is_start = matches!(own[start].event, Event::Change(Change::Start, _));
    let mut later = later.filter(|moment| serves(moment.event)).map(|moment| moment.at);
    if is_start { later.next().unwrap_or(starts) } else { starts }
}

fn keeps_down(change: Change) -> bool {
    matches!(change, Change::Crash | Change::Kill | Change::Vanish | Change::Stop)
}

/// A network on which only what is scripted happens to nodes, and to what they call. Rates that vary over the window
/// are those of its mean.
pub(super) fn scripted(network: &Network, window: SimDuration) -> Network {
    let mut network = network.clone();
    network.zone_failures.clear();
    network.database_failures.clear();
    for flow in &mut network.flows {
        flow.backend_failures.clear();
        if let Arrivals::Schedule { .. } | Arrivals::Trace { .. } = flow.arrivals {
            let rate = flow.arrivals.mean_rate(window).unwrap_or(0.0);
            flow.arrivals =
                if rate > 0.0 { Arrivals::Poisson { rate } } else { Arrivals::silent() };
        }
    }
    for station in &mut network.clusters {
        station.failures.clear();
        (station.restart, station.probing) = (None, Probing::default());
        // A process serves here as soon as it begins, and what is to pass from its beginning has passed in part.
        if let HealthCheck::Active { after_start: Some(delay), .. } = &mut station.balancing.check {
            delay.0 = delay.0.saturating_sub(station.start_up.mean_nanos as u64);
        }
        station.start_up.mean_nanos = 0.0;
        station.starts_with_database = false;
    }
    network
}
