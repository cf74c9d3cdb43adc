//! How many threads a load generator had when: its ramp-up, the plateau in which all ran, its ramp-down.

use std::collections::BTreeMap;

use crate::error::Problem;

/// More different numbers of threads are none.
const MOST_LEVELS: usize = 100_000;

/// A plateau lasts at least so large a share of the whole.
const LEAST_PLATEAU: f64 = 0.1;

/// Threads that stop early may leave a plateau of so large a share of the most.
const LEAST_LEVEL: f64 = 0.9;

/// When so many threads were seen, by their number: the first and the last instant, ms since 1970.
#[derive(Clone, Debug, Default)]
pub(crate) struct Threads {
    levels: BTreeMap<u32, (i64, i64)>,
}

/// The time in which all of them ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plateau {
    pub(crate) threads: u32,
    /// When so many ran first and last, ms since 1970.
    pub(crate) window: (i64, i64),
}

impl Threads {
    pub(crate) fn record(&mut self, threads: u32, instant: i64) -> Result<(), Problem> {
        if let Some((first, last)) = self.levels.get_mut(&threads) {
            (*first, *last) = ((*first).min(instant), (*last).max(instant));
            return Ok(());
        }
        if self.levels.len() == MOST_LEVELS {
            let remedy = "`allThreads` is how many threads ran";
            let what = "different numbers of threads";
            return Err(Problem::TooMany { most: MOST_LEVELS, what, remedy });
        }
        self.levels.insert(threads, (instant, instant));
        Ok(())
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (threads, (first, last)) in &other.levels {
            let mine = self.levels.entry(*threads).or_insert((*first, *last));
            *mine = (mine.0.min(*first), mine.1.max(*last));
        }
    }

    pub(crate) fn most(&self) -> u32 {
        self.levels.last_key_value().map_or(0, |(threads, _)| *threads)
    }

    /// The plateau: where the most threads ran, from the first time to the last; or a little fewer,
    /// where the most ran for a moment only since some stopped early.
    pub(crate) fn plateau(&self) -> Option<Plateau> {
        let whole = self.levels.values().copied().reduce(joined)?;
        let least = (whole.1 - whole.0) as f64 * LEAST_PLATEAU;
        let most = self.most();
        let mut highest = None;
        let mut window = None;
        for (threads, seen) in self.levels.iter().rev() {
            let reached = window.map_or(*seen, |window| joined(window, *seen));
            window = Some(reached);
            let plateau = Plateau { threads: *threads, window: reached };
            highest = highest.or(Some(plateau));
            if f64::from(*threads) < f64::from(most) * LEAST_LEVEL {
                break;
            }
            if (reached.1 - reached.0) as f64 >= least {
                return Some(plateau);
            }
        }
        highest
    }
}

fn joined(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plateau(samples: impl IntoIterator<Item = (i64, u32)>) -> Option<(u32, (i64, i64))> {
        let mut threads = Threads::default();
        for (instant, count) in samples {
            threads.record(count, instant).expect("few levels");
        }
        threads.plateau().map(|plateau| (plateau.threads, plateau.window))
    }

    #[test]
    fn the_plateau_lies_between_ramp_up_and_ramp_down() {
        let test = (0..300_i64).map(|at| (at, at.min(10).min(30.max(300 - at)) as u32));
        assert_eq!(plateau(test), Some((10, (10, 299))));
        let ramp = (0..300_i64).map(|at| (at, at.min(100).min((300 - at) / 10) as u32));
        let (threads, window) = plateau(ramp).expect("threads");
        assert_eq!(threads, 27);
        assert_eq!(window, (27, 30));
        let down = (0..300_i64).map(|at| (at, if at < 200 { at.min(10) as u32 } else { 4 }));
        assert_eq!(plateau(down), Some((10, (10, 199))));
    }

    #[test]
    fn a_thread_that_stops_early_takes_no_plateau_away() {
        let test = (0..1000_i64).map(|at| (at, if at < 100 { at as u32 } else { 98 }));
        assert_eq!(plateau(test), Some((98, (98, 999))));
    }

    #[test]
    fn where_threads_are_never_steady_it_is_when_most_ran() {
        assert_eq!(plateau((0..1000_i64).map(|at| (at, at as u32))), Some((999, (999, 999))));
        assert_eq!(plateau([(5, 3)]), Some((3, (5, 5))));
        assert_eq!(plateau([]), None);
    }
}
