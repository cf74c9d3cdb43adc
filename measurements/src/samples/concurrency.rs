//! How many were on their way when, where nothing else says how many users ran.

use std::collections::{BTreeMap, VecDeque};

/// More cells than these are not kept; of a longer test it is known to two milliseconds, to four, and so on.
const MOST_CELLS: i64 = 1 << 22;

/// So small a share of the time may more be on their way than there are users: ends are written late.
const BEYOND_ALL: f64 = 0.005;

/// Where the variance of how many are on their way is a smaller share of their mean than this, they are as
/// many as there are users but for a moment between two requests. Of requests that come by themselves it is
/// about as large as the mean (Poisson).
const STEADY: f64 = 0.3;

/// In a step in which all users ran, at least such a share of them was on its way on average.
const FULL: f64 = 0.9;

/// What began and ended when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Concurrency {
    /// Each cell is of so many milliseconds, as a power of two.
    shift: u32,
    first: i64,
    /// How many more began than ended in each.
    cells: VecDeque<i32>,
}

/// How many were on their way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    /// The most, but for moments.
    pub(crate) most: u32,
    /// When so many were on their way first and last, ms.
    pub(crate) window: (i64, i64),
    /// Whether it was steady in between: users each of whom waits for an answer.
    pub(crate) is_steady: bool,
}

impl Concurrency {
    /// Something was on its way from one instant to another, ms.
    pub(crate) fn record(&mut self, start: i64, end: i64) {
        self.add(start, 1);
        self.add(end.max(start), -1);
    }

    /// So many more were there from an instant on.
    pub(crate) fn step(&mut self, instant: i64, change: i64) {
        if change != 0 {
            self.add(instant, change.clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        }
    }

    fn add(&mut self, instant: i64, change: i32) {
        while !self.reach(instant >> self.shift) {
            self.coarsen();
        }
        let place = ((instant >> self.shift) - self.first) as usize;
        self.cells[place] = self.cells[place].saturating_add(change);
    }

    /// Makes room for a cell; false where it would be too much.
    fn reach(&mut self, cell: i64) -> bool {
        if self.cells.is_empty() {
            self.first = cell;
        }
        let end = self.first + self.cells.len() as i64;
        if end.max(cell + 1) - self.first.min(cell) > MOST_CELLS {
            return false;
        }
        while cell < self.first {
            self.cells.push_front(0);
            self.first -= 1;
        }
        let length = (cell + 1 - self.first) as usize;
        self.cells.resize(length.max(self.cells.len()), 0);
        true
    }

    /// Halves the resolution.
    fn coarsen(&mut self) {
        let fine = std::mem::take(self);
        self.shift = fine.shift + 1;
        for (cell, change) in (fine.first..).zip(fine.cells).filter(|(_, change)| *change != 0) {
            if self.reach(cell >> 1) {
                let place = ((cell >> 1) - self.first) as usize;
                self.cells[place] = self.cells[place].saturating_add(change);
            }
        }
    }

    /// Adds what another log of the same test says.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (cell, change) in (other.first..).zip(&other.cells).filter(|(_, change)| **change != 0)
        {
            self.add(cell << other.shift, *change);
        }
    }

    /// How many were on their way at the end of each cell, and when that was, ms.
    fn levels(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let mut level = 0;
        (self.first..).zip(&self.cells).map(move |(cell, change)| {
            level += i64::from(*change);
            ((cell + 1) << self.shift, level)
        })
    }

    /// How many were on their way at most, when, and whether that was steady; none where nothing took a time.
    pub(crate) fn level(&self) -> Option<Level> {
        let mut times: BTreeMap<i64, u64> = BTreeMap::new();
        for (_, level) in self.levels() {
            *times.entry(level).or_default() += 1;
        }
        let all: u64 = times.values().sum();
        let mut beyond = 0;
        let (most, _) = times.iter().rev().find(|(_, time)| {
            beyond += **time;
            beyond as f64 > BEYOND_ALL * all as f64
        })?;
        let most = *most;
        if most < 1 {
            return None;
        }
        let mut reached = self.levels().filter(|(_, level)| *level >= most).map(|(at, _)| at);
        let first = reached.next()?;
        let last = reached.last().unwrap_or(first);
        let within = || self.levels().filter(|(at, _)| (first..=last).contains(at));
        let count = within().count() as f64;
        let mean = within().map(|(_, level)| level as f64).sum::<f64>() / count;
        let variance =
            within().map(|(_, level)| (level as f64 - mean).powi(2)).sum::<f64>() / count;
        Some(Level {
            most: u32::try_from(most).unwrap_or(u32::MAX),
            window: (first, last),
            is_steady: variance < STEADY * mean,
        })
    }
    /// The same of instants that are known to a step, by how many were on their way in each step on average;
    /// at most is what half of the steps stay below.
    pub(crate) fn level_by_steps(&self, step_ms: i64) -> Option<Level> {
        let mut means: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for (at, level) in self.levels() {
            let sum = means.entry((at - 1).div_euclid(step_ms)).or_default();
            *sum = (sum.0 + level as f64, sum.1 + 1.0);
        }
        let mut sorted: Vec<f64> = means.values().map(|(sum, count)| sum / count).collect();
        sorted.sort_by(f64::total_cmp);
        let most = sorted.get(sorted.len() / 2)?.round();
        let full = |(_, (sum, count)): &(&i64, &(f64, f64))| sum / count >= FULL * most;
        let first = means.iter().find(full).map(|(step, _)| step * step_ms)?;
        let last = means.iter().rfind(full).map(|(step, _)| (step + 1) * step_ms)?;
        let level = self.level()?;
        let is_steady = level.is_steady;
        (most >= 1.0).then_some(Level { most: most as u32, window: (first, last), is_steady })
    }
}
