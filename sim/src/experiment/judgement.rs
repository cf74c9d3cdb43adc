//! What was found of a quantity against its limit, and how much more would decide.

use super::sample::FlowSample;
use super::share::{Share, shrinking};
use crate::deployment::LatencyMetric;
use crate::engine::FlowObservations;
use crate::results::{Effort, Reason, Verdict};
use crate::stats::Estimate;

/// So many replications, or ten times those done, are the most that anyone is asked for.
const MOST: u32 = 1000;

/// What was found of a quantity of a flow.
pub(super) enum Found {
    /// A quantity that is to be at most its limit.
    Latency {
        /// What is known after the replications done.
        estimate: Estimate,
        /// How many were done.
        replications: u32,
        confidence: f64,
    },
    /// A share of requests that is to be at most its limit.
    Failures(Share),
    /// The share that is missing to 1, whose rest is to be at least its limit.
    Unavailability(Share),
    /// Nothing, and why.
    Nothing(Reason),
}

/// A judgement with what it rests on.
pub(super) struct Judgement {
    pub(super) found: Option<Estimate>,
    pub(super) verdict: Verdict,
    pub(super) reason: Reason,
}

impl Judgement {
    /// The same number, judged otherwise for another reason.
    pub(super) fn replaced(self, verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason, ..self }
    }
}

impl Found {
    pub(super) fn latency(flow: &FlowSample<'_>, metric: LatencyMetric) -> Self {
        let estimate = flow.latency_ms(metric);
        let (replications, confidence) = (flow.seen.len() as u32, flow.confidence);
        estimate.map_or_else(
            || Self::Nothing(nothing(flow)),
            |estimate| Self::Latency { estimate, replications, confidence },
        )
    }

    pub(super) fn error_rate(flow: &FlowSample<'_>) -> Self {
        flow.failed().map_or_else(|| Self::Nothing(nothing(flow)), Self::Failures)
    }

    pub(super) fn availability(flow: &FlowSample<'_>) -> Self {
        flow.unanswered().map_or_else(|| Self::Nothing(nothing(flow)), Self::Unavailability)
    }

    /// Whether what was found is on the right side of its limit.
    pub(super) fn judge(self, limit: f64) -> Judgement {
        let found = match self {
            Self::Nothing(reason) => {
                let missed = reason == Reason::NoneAnswered;
                let verdict = if missed { Verdict::Missed } else { Verdict::Undecided };
                return Judgement { found: None, verdict, reason };
            }
            Self::Latency { estimate, .. } => estimate,
            Self::Failures(ref share) => share.bounded(),
            Self::Unavailability(ref share) => share.bounded().complement(),
        };
        let verdict = self.verdict(limit, &found);
        let reason = match verdict {
            Verdict::Met | Verdict::Missed => Reason::Found,
            Verdict::Undecided => Reason::MoreReplications(self.effort(limit)),
        };
        Judgement { found: Some(found), verdict, reason }
    }

    fn verdict(&self, limit: f64, found: &Estimate) -> Verdict {
        let (is_met, is_missed) = match self {
            // Where no error at all is allowed, none must have been seen; no number of requests
            // proves more.
            Self::Failures(share) if limit <= 0.0 => (share.is_nothing(), !share.is_nothing()),
            Self::Unavailability(share) if limit >= 1.0 => {
                (share.is_nothing(), !share.is_nothing())
            }
            Self::Unavailability(_) => (found.is_at_least(limit), found.is_below(limit)),
            _ => (found.is_at_most(limit), found.is_above(limit)),
        };
        match (is_met, is_missed) {
            (true, _) => Verdict::Met,
            (_, true) => Verdict::Missed,
            _ => Verdict::Undecided,
        }
    }

    /// How many replications would decide, if what was found stayed as it is.
    fn effort(&self, limit: f64) -> Effort {
        let done = match self {
            Self::Latency { replications, .. } => *replications,
            Self::Failures(share) | Self::Unavailability(share) => share.replications(),
            Self::Nothing(_) => 0,
        };
        let is_decided = |replications: u32| {
            self.verdict(limit, &self.foreseen(replications)) != Verdict::Undecided
        };
        effort(done, is_decided)
    }

    fn foreseen(&self, replications: u32) -> Estimate {
        match self {
            Self::Latency { estimate, replications: done, confidence } => {
                let factor = shrinking(*done, replications, *confidence);
                let nearer = |end: f64| estimate.mean + (end - estimate.mean) * factor;
                let (lower, upper) = (estimate.lower.map(nearer), estimate.upper.map(nearer));
                Estimate::between(estimate.mean, lower, upper)
            }
            Self::Failures(share) => share.foreseen(replications),
            Self::Unavailability(share) => share.foreseen(replications).complement(),
            Self::Nothing(_) => Estimate::unknown(f64::NAN),
        }
    }
}

/// The least number of replications that decides, rounded up to two digits.
fn effort(done: u32, is_decided: impl Fn(u32) -> bool) -> Effort {
    if done < 2 {
        return Effort::Unknown;
    }
    let most = MOST.max(done.saturating_mul(10));
    if !is_decided(most) {
        return Effort::MoreThan(most);
    }
    let (mut low, mut high) = (done, most);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if is_decided(middle) { high = middle } else { low = middle }
    }
    let step = 10_u32.pow(high.ilog10().saturating_sub(1));
    Effort::About(high.div_ceil(step) * step)
}

/// Why nothing was found.
fn nothing(flow: &FlowSample<'_>) -> Reason {
    let total = |count: fn(&&FlowObservations) -> u64| flow.seen.iter().map(count).sum::<u64>();
    match (total(|seen| seen.arrivals), total(|seen| seen.ended())) {
        (0, 0) => Reason::NoRequest,
        (_, 0) => Reason::NoneEnded,
        _ => Reason::NoneAnswered,
    }
}
