//! What a balancer learns from the attempts that it makes: the passive check of nginx, by the state machine
//! of its source (release-1.22.1, `ngx_http_upstream_round_robin.c`), on a clock of whole seconds.
//!
//! A node is out while it has failed `max_fails` times and no more than `fail_timeout` seconds lie between
//! the clock and its last check. When it is chosen thereafter that counts as a check, so that one request
//! at a time tries it. A success forgets all failures, where a check came after the last of them. There is
//! no window in which failures are counted.

use crate::time::SimDuration;

const SECOND: u64 = 1_000_000_000;

/// What one balancer remembers of each node of a cluster.
#[derive(Debug)]
pub(super) struct PassiveCheck {
    max_fails: u32,
    /// Whole seconds.
    fail_timeout: u64,
    /// By so many nanoseconds the seconds of its clock begin earlier.
    phase: u64,
    nodes: Vec<Attempts>,
}

/// The attempts at a node, in seconds of the balancer's clock.
#[derive(Clone, Copy, Debug, Default)]
struct Attempts {
    fails: u32,
    failed: u64,
    checked: u64,
}

impl PassiveCheck {
    pub(super) fn new(max_fails: u32, fail_timeout: SimDuration, nodes: usize, phase: f64) -> Self {
        Self {
            max_fails,
            fail_timeout: fail_timeout.0 / SECOND,
            phase: (phase * SECOND as f64) as u64,
            nodes: vec![Attempts::default(); nodes],
        }
    }

    fn second(&self, now: u64) -> u64 {
        (now + self.phase) / SECOND
    }

    /// Whether a node is out.
    pub(super) fn is_out(&self, node: usize, now: u64) -> bool {
        let attempts = self.nodes[node];
        let rests = self.second(now) - attempts.checked <= self.fail_timeout;
        self.max_fails > 0 && attempts.fails >= self.max_fails && rests
    }

    /// When a node that is out can be tried again.
    pub(super) fn tried_again_at(&self, node: usize) -> u64 {
        let next = self.nodes[node].checked + self.fail_timeout + 1;
        next.saturating_mul(SECOND).saturating_sub(self.phase)
    }

    /// An attempt at the node has failed.
    pub(super) fn failed(&mut self, node: usize, now: u64) {
        let second = self.second(now);
        let fails = self.nodes[node].fails.saturating_add(1);
        self.nodes[node] = Attempts { fails, failed: second, checked: second };
    }

    /// Whether what happens at a node makes a difference.
    #[inline]
    pub(super) fn remembers(&self, node: usize) -> bool {
        self.nodes[node].fails > 0
    }

    /// The node is chosen for an attempt.
    pub(super) fn chosen(&mut self, node: usize, now: u64) {
        let second = self.second(now);
        let attempts = &mut self.nodes[node];
        if second - attempts.checked > self.fail_timeout {
            attempts.checked = second;
        }
    }

    /// An attempt at the node has succeeded.
    pub(super) fn succeeded(&mut self, node: usize) {
        let attempts = &mut self.nodes[node];
        if attempts.failed < attempts.checked {
            attempts.fails = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(max_fails: u32, seconds: u64) -> PassiveCheck {
        PassiveCheck::new(max_fails, SimDuration(seconds * SECOND), 2, 0.25)
    }

    /// Seconds from the first failure to each attempt at a node that fails whenever it is tried.
    fn attempts(mut check: PassiveCheck, until: u64) -> Vec<f64> {
        let mut at = Vec::new();
        for tenth in 0..until * 10 {
            let now = tenth * SECOND / 10 + 50_000_000;
            if !check.is_out(0, now) {
                check.chosen(0, now);
                check.failed(0, now);
                at.push(tenth as f64 / 10.0);
            }
        }
        at
    }

    #[test]
    fn a_dead_node_is_tried_a_second_later_than_its_time_out() {
        // Measured with nginx 1.22.1: 2.0, 3.0 and 6.0 s apart at 1, 2 and 5 s; 11.0 s at 10 s.
        for (seconds, apart) in [(1, 2.0), (2, 3.0), (5, 6.0), (10, 11.0)] {
            let at = attempts(check(1, seconds), 60);
            for pair in at.windows(2).skip(1) {
                assert!((pair[1] - pair[0] - apart).abs() < 0.15, "{seconds}: {at:?}");
            }
        }
    }

    #[test]
    fn after_as_many_failures_as_may_be_there_is_one_attempt_at_a_time() {
        // Measured: three, then one per 6 s; 8 in all within 35 s.
        assert_eq!(attempts(check(3, 5), 35).len(), 8);
    }

    #[test]
    fn failures_far_apart_add_up_while_nothing_succeeds_after_them() {
        let mut check = check(3, 5);
        for second in [0, 4, 8] {
            assert!(!check.is_out(0, second * SECOND));
            check.chosen(0, second * SECOND);
            check.failed(0, second * SECOND);
            // Successes between them are of the same check.
            check.chosen(0, (second + 1) * SECOND);
            check.succeeded(0);
        }
        assert!(check.is_out(0, 9 * SECOND));
        assert!(!check.is_out(1, 9 * SECOND));
    }

    #[test]
    fn a_success_after_the_time_out_forgets_the_failures() {
        let mut check = check(1, 5);
        check.failed(0, 0);
        assert!(check.is_out(0, 5 * SECOND));
        assert_eq!(check.tried_again_at(0), 6 * SECOND - SECOND / 4);
        check.chosen(0, 6 * SECOND);
        assert!(check.is_out(0, 6 * SECOND), "one at a time");
        check.succeeded(0);
        assert!(!check.is_out(0, 6 * SECOND) && !check.remembers(0));
    }
}
