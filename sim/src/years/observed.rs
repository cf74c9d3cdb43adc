//! What requests experience in an episode: its excerpt, played by the request engine.

use std::sync::atomic::AtomicBool;

use super::culprit::{Culprit, PerCulprit};
use super::episodes::Episode;
use super::excerpt::Excerpt;
use super::settling::Settling;
use crate::engine::{self, Asked, FlowObservations, Run, SecondObservations};
use crate::network::Network;
use crate::stats::Histogram;
use crate::time::SimTime;

/// What is played of failures has replications of its own from here on.
pub(super) const FIRST_REPLICATION: u32 = 1 << 30;
/// An outage is over when a flow has been served for so many seconds in a row: where half of its requests fail, seconds
/// in which most of them do come and go.
const SERVED_AGAIN: u32 = 10;

/// What a flow lost in an episode, in seconds of its requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// In what was played.
    pub(super) played: PerCulprit,
    /// In what was left out, while a cluster was out, and otherwise.
    pub(super) left_out: [PerCulprit; 2],
    /// How long each outage lasted, seconds.
    pub(super) outages: Vec<f64>,
    /// Sojourn times, each for so many of its like.
    pub(super) sojourn: Vec<(f64, Histogram)>,
    /// Whether it still lost more than in calm when the excerpt ended.
    pub(super) goes_on: bool,
}

/// What the requests of a deployment are like.
pub(super) struct Requests<'a> {
    /// A network on which nothing happens by itself.
    pub(super) network: &'a Network,
    pub(super) seed: u64,
    /// Requests of each flow, a second.
    pub(super) rates: Vec<f64>,
    /// The share of them that is lost in calm.
    pub(super) calm: Vec<f64>,
    /// By cluster, whether the requests of each flow pass it on their way; those of others go to their key manager.
    pub(super) serves: &'a [bool],
    /// By flow, whether its tokens are valid wherever they come.
    pub(super) has_tokens_that_last: &'a [bool],
}

impl Requests<'_> {
    /// What each flow loses in an episode; none if `stop` is set before the end.
    pub(super) fn see(
        &self,
        episode: &Episode,
        excerpt: &Excerpt,
        settling: &Settling,
        number: u32,
        stop: &AtomicBool,
    ) -> Option<Vec<Seen>> {
        let run = Run {
            seed: self.seed,
            replication: FIRST_REPLICATION + number % FIRST_REPLICATION,
            warm_up: settling.warm_up,
            window: excerpt.window,
            outages: &excerpt.outages,
            suppliers: &excerpt.suppliers,
            asked: Asked { timeline: true, ..Asked::default() },
        };
        let mut seen = engine::simulate(self.network, &run, stop)?;
        // Seconds in which nothing of a flow ends after the last in which something does.
        let seconds = (excerpt.window.0 / 1_000_000_000) as usize;
        for flow in &mut seen.flows {
            flow.timeline.resize_with(seconds.max(flow.timeline.len()), Default::default);
        }
        let second = |at: SimTime| (excerpt.here(at).0 / 1_000_000_000) as usize;
        let roots = self.roots(episode, second);
        let flows = seen.flows.iter().enumerate();
        Some(flows.map(|(flow, seen)| self.seen(flow, seen, episode, excerpt, &roots)).collect())
    }

    /// What has happened by itself, in order: from which second on, and whether to a cluster that no request passes.
    pub(super) fn roots(
        &self,
        episode: &Episode,
        second: impl Fn(SimTime) -> usize,
    ) -> Vec<(usize, Culprit, bool)> {
        let of_nodes = episode.moments.iter().filter_map(|moment| {
            let culprit = Culprit::of_event(moment.event)?;
            let clusters = &self.network.clusters;
            let cluster = clusters.partition_point(|station| station.first_node <= moment.node) - 1;
            Some((second(moment.at), culprit, !self.serves[cluster]))
        });
        let of_suppliers = episode
            .suppliers
            .iter()
            .map(|outage| (second(SimTime(outage.at.0)), Culprit::of_supplier(outage.of), false));
        let mut all: Vec<_> = of_nodes.chain(of_suppliers).collect();
        all.sort_by_key(|(second, ..)| *second);
        all
    }

    fn seen(
        &self,
        flow: usize,
        observed: &FlowObservations,
        episode: &Episode,
        excerpt: &Excerpt,
        roots: &[(usize, Culprit, bool)],
    ) -> Seen {
        let mut seen = Seen::default();
        let mut lost: Vec<PerCulprit> = Vec::new();
        for (second, of_second) in observed.timeline.iter().enumerate() {
            let stays = excerpt.stays_in(second);
            let is_out = stays.iter().any(|stay| episode.stays[*stay].hits[flow] > 0.0);
            lost.push(self.lost_in(flow, second, of_second, roots, is_out));
        }
        for second in &lost {
            add(&mut seen.played, second, 1.0);
        }
        let mut weights = vec![1.0; lost.len()];
        let in_calm = self.calm[flow];
        for gap in &excerpt.gaps {
            let looked_at = gap.seen.0..gap.seen.1.min(lost.len());
            let weight = gap.seconds / (gap.seen.1 - gap.seen.0) as f64;
            let is_out = episode.stays[gap.stay].hits[flow] > 0.0;
            let left_out = &mut seen.left_out[usize::from(!is_out)];
            let ended: u64 = observed.timeline[looked_at.clone()].iter().map(ended).sum();
            // By how many ended, not by how many should have: what comes in a few seconds varies.
            let scale = self.rates[flow] * (gap.seen.1 - gap.seen.0) as f64 / ended.max(1) as f64;
            for second in looked_at {
                add(left_out, &lost[second], weight * scale);
                weights[second] += weight;
            }
            left_out[Culprit::Load as usize] -= in_calm * gap.seconds;
        }
        // What is lost in calm is lost here too, and is counted there.
        seen.played[Culprit::Load as usize] -= in_calm * lost.len() as f64;
        seen.outages = outages(&observed.timeline, &weights);
        let timeline = observed.timeline.iter().zip(&weights);
        seen.sojourn = by_weight(timeline);
        let last: f64 = lost.iter().rev().take(5).map(|second| second.iter().sum::<f64>()).sum();
        seen.goes_on = last / 5.0 > self.calm[flow] + 0.05;
        seen
    }

    /// What is lost in a second, as a part of it.
    pub(super) fn lost_in(
        &self,
        flow: usize,
        second: usize,
        seen: &SecondObservations,
        roots: &[(usize, Culprit, bool)],
        is_out: bool,
    ) -> PerCulprit {
        let mut lost = PerCulprit::default();
        if seen.failed.total() == 0 || self.rates[flow] <= 0.0 {
            return lost;
        }
        let so_far = roots.partition_point(|(begins, ..)| *begins <= second);
        let (root, is_beyond) = so_far
            .checked_sub(1)
            .map_or((Culprit::Load, false), |last| (roots[last].1, roots[last].2));
        let beyond = is_beyond.then_some(if self.has_tokens_that_last[flow] {
            Culprit::TokenExpiry
        } else {
            Culprit::ControlPlane
        });
        for (cause, count) in seen.failed.iter() {
            // Where nobody is left, no balancer could have done better.
            let culprit =
                if is_out { beyond.unwrap_or(root) } else { Culprit::of(cause, root, beyond) };
            lost[culprit as usize] += *count as f64 / self.rates[flow];
        }
        lost
    }
}

fn ended(second: &SecondObservations) -> u64 {
    second.answered + second.failed.total()
}

fn add(sum: &mut PerCulprit, seconds: &PerCulprit, weight: f64) {
    sum.iter_mut().zip(seconds).for_each(|(sum, one)| *sum += weight * one);
}

/// Whether a flow is served in a second: more of its requests are answered than fail.
pub(super) fn is_served(second: &SecondObservations) -> bool {
    second.failed.total() <= second.answered
}

/// The lengths of outages, seconds: each from a second in which the flow is not served until it has been served for a
/// while.
fn outages(timeline: &[SecondObservations], weights: &[f64]) -> Vec<f64> {
    let mut all = Vec::new();
    // How long the present one is so far, and what has been served since.
    let (mut present, mut served, mut seconds) = (0.0, 0.0, 0);
    for (second, weight) in timeline.iter().zip(weights) {
        if ended(second) == 0 && present > 0.0 {
            // Nothing tells.
            served += weight;
        } else if !is_served(second) {
            present += served + weight;
            (served, seconds) = (0.0, 0);
        } else if present > 0.0 {
            (served, seconds) = (served + weight, seconds + 1);
            if seconds == SERVED_AGAIN {
                all.push(std::mem::take(&mut present));
                (served, seconds) = (0.0, 0);
            }
        }
    }
    if present > 0.0 {
        all.push(present);
    }
    all
}

/// Sojourn times of seconds that stand for as many, together.
fn by_weight<'a>(
    seconds: impl Iterator<Item = (&'a SecondObservations, &'a f64)>,
) -> Vec<(f64, Histogram)> {
    let mut all: Vec<(f64, Histogram)> = Vec::new();
    for (second, weight) in seconds {
        if second.answered == 0 {
            continue;
        }
        match all.iter_mut().find(|(known, _)| known == weight) {
            Some((_, sojourn)) => sojourn.merge(&second.sojourn),
            None => all.push((*weight, second.sojourn.clone())),
        }
    }
    all
}
