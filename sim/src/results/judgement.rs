//! What was found of a quantity against its limit, and how much more would decide.

use super::slower::Slower;
use crate::deployment::LatencyMetric;
use crate::engine::FlowObservations;
use crate::quantity::{FlowSample, Open, Quantity, Share, shrinking};
use crate::results::{Effort, Reason, Verdict};
use crate::stats::Estimate;
use crate::stats::quantile::LEAST_INDEPENDENT;

/// So many replications, or ten times those done, are the most that anyone is asked for.
const MOST: u32 = 1000;

/// What was found of a quantity of a flow.
pub(super) enum Found {
    /// A quantity that is to be at most its limit.
    Latency {
        /// What replications show.
        estimate: Estimate,
        /// What calibrations leave open of it.
        open: Open,
        /// How many were done.
        replications: u32,
        confidence: f64,
        /// Of a quantile: how many answers were slower than the limit. None where one replication
        /// cannot tell how many come together.
        slower: Option<Slower>,
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
    /// How likely what was counted is, if the truth were on the other side of the limit; 1 where
    /// nothing was counted.
    pub(super) chance: f64,
}

impl Judgement {
    /// The same number, judged otherwise for another reason.
    pub(super) fn replaced(self, verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason, ..self }
    }
}

impl Found {
    /// In ms, as the limit.
    pub(super) fn latency(flow: &FlowSample<'_>, metric: LatencyMetric, limit: f64) -> Self {
        let Some(estimate) = flow.latency_ms(metric) else { return Self::Nothing(nothing(flow)) };
        let replications = flow.seen.len() as u32;
        let slower = match metric {
            LatencyMetric::Quantile(probability) if replications > 1 => {
                Some(Slower::of(flow, probability, estimate.mean, limit))
            }
            _ => None,
        };
        let (confidence, open) = (flow.confidence, flow.open(Quantity::Latency(metric)));
        Self::Latency { estimate, open, replications, confidence, slower }
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
                return Judgement { found: None, verdict, reason, chance: 1.0 };
            }
            Self::Latency { estimate, open, confidence, .. } => open.widens(estimate, confidence),
            Self::Failures(ref share) => share.bounded(),
            Self::Unavailability(ref share) => share.bounded().complement(),
        };
        let verdict = self.verdict(limit, &found, 1.0);
        let reason = match verdict {
            Verdict::Met | Verdict::Missed => Reason::Found,
            Verdict::Undecided if self.is_left_open(limit) => Reason::Calibration,
            Verdict::Undecided => Reason::MoreReplications(self.effort(limit)),
        };
        let chance = match self {
            Self::Latency { slower: Some(slower), estimate, open, .. } => {
                slower.chance().max(open.chance(limit - estimate.mean))
            }
            _ => 1.0,
        };
        Judgement { found: Some(found), verdict, reason, chance }
    }

    /// What is said after so many times the requests seen.
    fn verdict(&self, limit: f64, found: &Estimate, longer: f64) -> Verdict {
        let (is_met, is_missed) = match self {
            // Where no error at all is allowed, none must have been seen; no number of requests
            // proves more.
            Self::Failures(share) if limit <= 0.0 => (share.is_nothing(), !share.is_nothing()),
            Self::Unavailability(share) if limit >= 1.0 => {
                (share.is_nothing(), !share.is_nothing())
            }
            Self::Unavailability(_) => (found.is_at_least(limit), found.is_below(limit)),
            Self::Latency { slower: Some(slower), .. } => {
                let slower = slower.times(longer);
                // A count says nothing of what calibrations leave open.
                let tells = !self.is_left_open(limit);
                let is_met = found.is_at_most(limit) || tells && slower.shows_kept();
                (is_met, found.is_above(limit) || tells && slower.shows_missed())
            }
            _ => (found.is_at_most(limit), found.is_above(limit)),
        };
        match (is_met, is_missed) {
            (true, _) => Verdict::Met,
            (_, true) => Verdict::Missed,
            _ => Verdict::Undecided,
        }
    }

    /// Whether calibrations leave it open on which side of the limit it is, however many replications
    /// there are.
    fn is_left_open(&self, limit: f64) -> bool {
        let remaining = match self {
            Self::Latency { estimate, open, confidence, .. } => {
                open.widens(Estimate::symmetric(estimate.mean, 0.0), *confidence)
            }
            Self::Failures(share) => share.remaining(),
            Self::Unavailability(share) => share.remaining().complement(),
            Self::Nothing(_) => return false,
        };
        remaining.of_calibration > 0.0 && !remaining.is_below(limit) && !remaining.is_above(limit)
    }

    /// How many replications would decide, if what was found stayed as it is.
    fn effort(&self, limit: f64) -> Effort {
        let done = match self {
            Self::Latency { replications, .. } => *replications,
            Self::Failures(share) | Self::Unavailability(share) => share.replications(),
            Self::Nothing(_) => 0,
        };
        if let Self::Latency { estimate, slower: Some(slower), .. } = self
            && let (true, None) = (estimate.mean <= limit, estimate.upper)
        {
            let least = f64::from(done) * (LEAST_INDEPENDENT / slower.allowed).max(1.0);
            return Effort::AtLeast(in_two_digits((least as u32).max(done + 1)));
        }
        let is_decided = |replications: u32| {
            let longer = f64::from(replications) / f64::from(done);
            let verdict = self.verdict(limit, &self.foreseen(replications), longer);
            verdict != Verdict::Undecided
        };
        effort(done, is_decided)
    }

    fn foreseen(&self, replications: u32) -> Estimate {
        match self {
            Self::Latency { estimate, open, replications: done, confidence, .. } => {
                let factor = shrinking(*done, replications, *confidence);
                let nearer = |end: f64| estimate.mean + (end - estimate.mean) * factor;
                let (lower, upper) = (estimate.lower.map(nearer), estimate.upper.map(nearer));
                open.widens(Estimate::between(estimate.mean, lower, upper), *confidence)
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
    Effort::About(in_two_digits(high))
}

/// Rounded up.
fn in_two_digits(number: u32) -> u32 {
    let step = 10_u32.pow(number.ilog10().saturating_sub(1));
    number.div_ceil(step).saturating_mul(step)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::{Cause, PerCause};

    #[test]
    fn the_effort_is_the_least_that_decides_in_two_digits() {
        assert_eq!(effort(6, |replications| replications >= 17), Effort::About(17));
        assert_eq!(effort(6, |replications| replications >= 133), Effort::About(140));
        assert_eq!(effort(6, |replications| replications > 1000), Effort::MoreThan(1000));
        assert_eq!(effort(200, |replications| replications >= 1500), Effort::About(1500));
        assert_eq!(effort(1, |_| true), Effort::Unknown);
    }

    fn latency(mean: f64, lower: Option<f64>, upper: Option<f64>) -> Found {
        let estimate = Estimate::between(mean, lower, upper);
        let slower = Some(Slower { seen: 1.0, allowed: 2.0, burst: 10.0 });
        Found::Latency {
            estimate,
            open: Open::default(),
            replications: 4,
            confidence: 0.95,
            slower,
        }
    }

    #[test]
    fn a_count_far_from_what_is_allowed_decides_though_the_quantile_has_no_upper_end() {
        let verdict = |limit: f64, seen: f64, allowed: f64, burst: f64| {
            let estimate = Estimate::between(100.0, Some(90.0), None);
            let slower = Some(Slower { seen, allowed, burst });
            let found = Found::Latency {
                estimate,
                open: Open::default(),
                replications: 4,
                confidence: 0.95,
                slower,
            };
            found.judge(limit).verdict
        };
        // None of six bursts: exp(-6) is 0.0025.
        assert_eq!(verdict(120.0, 0.0, 60.0, 10.0), Verdict::Met);
        assert_eq!(verdict(120.0, 0.0, 59.0, 10.0), Verdict::Undecided);
        assert_eq!(verdict(120.0, 0.0, 60.0, 11.0), Verdict::Undecided);
        // At most one of nine: 10 exp(-9) = 0.0012.
        assert_eq!(verdict(120.0, 10.0, 90.0, 10.0), Verdict::Met);
        assert_eq!(verdict(120.0, 20.0, 90.0, 10.0), Verdict::Undecided);
        // Twelve where two are allowed.
        assert_eq!(verdict(95.0, 120.0, 20.0, 10.0), Verdict::Missed);
        assert_eq!(verdict(95.0, 40.0, 20.0, 10.0), Verdict::Undecided);
    }

    #[test]
    fn a_latency_is_judged_by_the_side_of_its_interval_that_is_known() {
        let verdict = |lower, upper| latency(100.0, lower, upper).judge(120.0).verdict;
        assert_eq!(verdict(Some(90.0), Some(110.0)), Verdict::Met);
        assert_eq!(verdict(Some(90.0), Some(130.0)), Verdict::Undecided);
        // Open above: it may be anything from there on.
        assert_eq!(verdict(Some(90.0), None), Verdict::Undecided);
        assert_eq!(latency(130.0, Some(125.0), None).judge(120.0).verdict, Verdict::Missed);
        assert_eq!(latency(130.0, Some(115.0), None).judge(120.0).verdict, Verdict::Undecided);
    }

    #[test]
    fn the_interval_of_so_many_replications_as_are_asked_for_would_decide() {
        let found = latency(100.0, Some(70.0), Some(130.0));
        let Reason::MoreReplications(Effort::About(needed)) = found.judge(110.0).reason else {
            panic!("the interval is around the limit")
        };
        // 30 / t(3) · √4 = 18.9 is the spread; 18.9 t(n - 1) / √n is below 10 from n = 17 on.
        assert_eq!(needed, 17);
    }

    #[test]
    fn an_interval_that_is_open_above_needs_requests_beyond_the_quantile() {
        let open = latency(100.0, Some(70.0), None).judge(110.0).reason;
        // Two lie beyond it after four replications, where 25 are needed.
        assert_eq!(open, Reason::MoreReplications(Effort::AtLeast(50)));
    }

    #[test]
    fn where_no_error_is_allowed_none_seen_is_all_that_can_be_asked() {
        let errors = |count: f64| {
            let pairs = vec![(0.0, 1000.0), (count, 1000.0)];
            Found::Failures(Share::new(pairs, 0.95).expect("there are requests"))
        };
        assert_eq!(errors(0.0).judge(0.0).verdict, Verdict::Met);
        assert_eq!(errors(1.0).judge(0.0).verdict, Verdict::Missed);
    }

    #[test]
    fn where_all_must_be_answered_one_that_was_not_is_a_miss() {
        let lost = |count: f64| {
            let pairs = vec![(0.0, 1000.0), (count, 1000.0)];
            Found::Unavailability(Share::new(pairs, 0.95).expect("there are requests"))
        };
        assert_eq!(lost(0.0).judge(1.0).verdict, Verdict::Met);
        assert_eq!(lost(1.0).judge(1.0).verdict, Verdict::Missed);
        assert_eq!(lost(0.0).judge(0.999_9).verdict, Verdict::Undecided);
    }

    #[test]
    fn where_enough_lie_beyond_an_open_quantile_one_replication_more_is_asked_for() {
        let estimate = Estimate::between(100.0, Some(70.0), None);
        let slower = Some(Slower { seen: 20.0, allowed: 30.0, burst: 10.0 });
        let open = Found::Latency {
            estimate,
            open: Open::default(),
            replications: 4,
            confidence: 0.95,
            slower,
        };
        assert_eq!(open.judge(110.0).reason, Reason::MoreReplications(Effort::AtLeast(5)));
    }

    #[test]
    fn two_replications_foresee_how_many_decide() {
        assert_eq!(effort(2, |replications| replications >= 17), Effort::About(17));
    }

    #[test]
    fn why_nothing_was_found_is_told_by_what_came_and_ended() {
        let reason = |arrivals, failed| {
            let failed = PerCause::only(Cause::TimedOut, failed);
            let seen = [FlowObservations { arrivals, failed, ..Default::default() }];
            nothing(&FlowSample::fabricated(&seen))
        };
        assert_eq!(reason(0, 0), Reason::NoRequest);
        assert_eq!(reason(5, 0), Reason::NoneEnded);
        assert_eq!(reason(5, 5), Reason::NoneAnswered);
    }

    #[test]
    fn counts_that_go_on_as_they_began_decide_when_they_are_large_enough() {
        let needed = |limit: f64, seen: f64, allowed: f64| {
            // An interval that says nothing.
            let estimate = Estimate::between(100.0, Some(0.0), Some(1e9));
            let slower = Some(Slower { seen, allowed, burst: 10.0 });
            let found = Found::Latency {
                estimate,
                open: Open::default(),
                replications: 4,
                confidence: 0.95,
                slower,
            };
            found.judge(limit).reason
        };
        let about = |needed| Reason::MoreReplications(Effort::About(needed));
        // None of three bursts in four replications, where six are needed.
        assert_eq!(needed(120.0, 0.0, 30.0), about(8));
        // Three bursts where one is allowed: P(at least 10.5 | 3.5) = 0.0019, and above 0.0025 before.
        assert_eq!(needed(90.0, 30.0, 10.0), about(14));
    }
}
