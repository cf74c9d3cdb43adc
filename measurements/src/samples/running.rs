//! How many ran when, as far as requests themselves show it: by the threads that asked, or by how many
//! requests were on their way.

use std::collections::HashMap;

use super::concurrency::{Concurrency, Level};
use super::transactions::hash;
use crate::answers::Answers;
use crate::sample::Sample;

/// So many threads are told apart.
const MOST_THREADS: usize = 200_000;

/// A user asks again within so many ms of an answer.
const AT_ONCE_MS: i64 = 2;

/// Where chance alone brings so many requests that soon after an answer, it shows nothing.
const MOST_BY_CHANCE: f64 = 0.9;

/// What requests show of how many ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running {
    /// From its first request to the end of its last, by thread.
    lives: HashMap<u64, (i64, i64)>,
    /// Requests that name no thread.
    nameless: u64,
    /// In what steps their clock is written, ms.
    step_ms: i64,
    on_their_way: Concurrency,
    starts: Answers,
    ends: Answers,
    /// How many threads ran, where the file says it.
    told: Concurrency,
    last_told: u32,
}

impl Running {
    pub(crate) fn record(&mut self, sample: &Sample) {
        if let Some(threads) = sample.threads {
            self.told.step(sample.end, i64::from(threads) - i64::from(self.last_told));
            self.last_told = threads;
            return;
        }
        let Some(thread) = sample.thread else {
            self.nameless += 1;
            self.step_ms = self.step_ms.max(sample.step_ms as i64);
            // Where the instant is known to a step, it may be any in it: by turns (golden ratio).
            let turn = (self.nameless as f64 * 0.618_033_988_749_895).fract();
            let within = (turn * sample.step_ms as f64) as i64;
            self.on_their_way.record(sample.start + within, sample.end + within);
            self.starts.record(sample.start);
            self.ends.record(sample.end);
            return;
        };
        let thread = hash(thread);
        if self.lives.len() >= MOST_THREADS && !self.lives.contains_key(&thread) {
            return;
        }
        let life = self.lives.entry(thread).or_insert((sample.start, sample.end));
        *life = (life.0.min(sample.start), life.1.max(sample.end));
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.nameless += other.nameless;
        self.step_ms = self.step_ms.max(other.step_ms);
        self.on_their_way.merge(&other.on_their_way);
        self.starts.merge(&other.starts);
        self.ends.merge(&other.ends);
        self.told.merge(&other.told);
        other.lives.iter().for_each(|(thread, (first, last))| {
            let life = self.lives.entry(*thread).or_insert((*first, *last));
            *life = (life.0.min(*first), life.1.max(*last));
        });
    }

    /// Whether requests come right after answers, more than half-way from chance to always.
    fn waits_for_answers(&self) -> bool {
        let follow = self.starts.follow(&self.ends, AT_ONCE_MS);
        let follow = follow.filter(|(_, chance)| *chance < MOST_BY_CHANCE);
        follow.is_none_or(|(share, chance)| share > f64::midpoint(chance, 1.0))
    }

    /// How many ran where the file says it.
    pub(crate) fn told(&self) -> Option<Level> {
        self.told.level()
    }

    /// How many ran where it does not.
    pub(crate) fn shown(&self) -> Option<Level> {
        if self.lives.is_empty() || self.nameless > 0 {
            let way = &self.on_their_way;
            if self.step_ms > 1 {
                return way.level_by_steps(self.step_ms);
            }
            let level = way.level()?;
            return Some(Level { is_steady: level.is_steady && self.waits_for_answers(), ..level });
        }
        let mut alive = Concurrency::default();
        let mut lives: Vec<&(i64, i64)> = self.lives.values().collect();
        lives.sort_unstable();
        for (first, last) in lives {
            alive.record(*first, *last);
        }
        alive.level()
    }
}
