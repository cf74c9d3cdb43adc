//! What a process has fetched because somebody asked for it. Sweeps are made up for when somebody asks again: nothing
//! happens in between.

use super::super::marks::{Mark, reached};
use crate::network::{Forgets, Lots};
use crate::random::Stream;

/// The lots of a node. Times are nanoseconds since the start of the replication; what was before has times below 0.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    forgets: Forgets,
    /// A sweep.
    swept: i64,
    lots: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    holds: Holds,
    /// When somebody asked last.
    asked: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// It is being fetched.
    Fetching,
    /// It has been there since then.
    Since(i64),
}

/// What becomes of a request for a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    IsThere,
    /// It has been asked for already.
    IsFetched,
    /// It has to be fetched from now on.
    Fetch,
}

impl Shelf {
    /// That of a node that has run for long, and has been asked for each lot at its rate, by chance. The nodes of a
    /// cluster have not all been started at the same instant.
    pub(crate) fn new(lots: &Lots, stream: Stream) -> Self {
        let Lots { forgets, all, .. } = lots;
        let places = all.iter().enumerate().map(|(place, lot)| {
            let unasked = -(-stream.uniform(place as u64 + 1)).ln_1p() / lot.uses * 1e9;
            // What is nearly never asked for is not there: i64 holds 292 years.
            let has_it = unasked < 9e18;
            Place {
                holds: if has_it { Holds::Since(i64::MIN) } else { Holds::Nothing },
                asked: if has_it { -(unasked as i64) } else { i64::MIN },
            }
        });
        let swept = -((stream.uniform(0) * forgets.sweep.as_nanos()) as i64);
        Self { forgets: *forgets, swept, lots: places.collect() }
    }

    /// Somebody asks for a lot.
    pub(crate) fn asks(&mut self, lot: usize, now: u64) -> Asked {
        let now = now as i64;
        let Place { holds, asked } = self.lots[lot];
        let (asks, holds) = match holds {
            Holds::Fetching => (Asked::IsFetched, Holds::Fetching),
            Holds::Since(since) if self.first_sweep(asked, since) > now => {
                (Asked::IsThere, Holds::Since(since))
            }
            Holds::Since(_) => {
                reached(Mark::ForgetsLot);
                (Asked::Fetch, Holds::Fetching)
            }
            Holds::Nothing => (Asked::Fetch, Holds::Fetching),
        };
        self.lots[lot] = Place { holds, asked: now };
        asks
    }

    /// The sweep that takes a lot away for which nobody has asked since then.
    fn first_sweep(&self, asked: i64, since: i64) -> i64 {
        let period = self.forgets.sweep.0.max(1) as i64;
        let old = asked.saturating_add_unsigned(self.forgets.idle.0).max(since);
        let after = old.saturating_sub(self.swept).rem_euclid(period);
        if after == 0 { old } else { old.saturating_add(period - after) }
    }

    /// A lot has been fetched.
    pub(crate) fn comes(&mut self, lot: usize, now: u64) {
        self.lots[lot].holds = Holds::Since(now as i64);
    }

    /// A process starts, or ends: there is nothing, and sweeps are counted from here.
    pub(crate) fn begin_anew(&mut self, now: u64) {
        self.swept = now as i64;
        self.lots.iter_mut().for_each(|place| place.holds = Holds::Nothing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Lot;
    use crate::random::Purpose;
    use crate::theory::idleness::Idleness;
    use crate::time::SimDuration;

    const SECOND: u64 = 1_000_000_000;

    /// Of one lot, which is swept every 10 s when it has been idle for 30 s, and is used at some rate.
    fn lots(uses: f64) -> Lots {
        let seconds = SimDuration::from_seconds;
        let forgets = Forgets { idle: seconds(30.0), sweep: seconds(10.0) };
        Lots { from: None, forgets, all: vec![Lot { takes: SimDuration::ZERO, uses }] }
    }

    /// That of a process that has started at an instant.
    fn since(now: u64) -> Shelf {
        let mut shelf = Shelf::new(&lots(0.0), Stream::new(1, 0, Purpose::Lots, 0));
        shelf.begin_anew(now);
        shelf
    }

    #[test]
    fn what_has_been_idle_goes_with_the_next_sweep() {
        for (used, ends) in [(4, 34), (10, 44), (13, 44), (14, 44), (15, 54)] {
            let is_there = |second: u64| {
                let mut shelf = since(4 * SECOND);
                assert_eq!(shelf.asks(0, 4 * SECOND), Asked::Fetch);
                shelf.comes(0, 4 * SECOND);
                assert_eq!(shelf.asks(0, used * SECOND), Asked::IsThere);
                shelf.asks(0, second * SECOND) == Asked::IsThere
            };
            assert!(is_there(ends - 1) && !is_there(ends), "used at {used} s");
        }
    }

    #[test]
    fn what_is_being_fetched_is_not_swept_and_is_asked_for_once() {
        let mut shelf = since(0);
        assert_eq!(shelf.asks(0, SECOND), Asked::Fetch);
        assert_eq!(shelf.asks(0, 99 * SECOND), Asked::IsFetched);
        shelf.comes(0, 145 * SECOND);
        // The sweep of 150 s is the first that finds it, and nobody has asked since 99 s.
        assert_eq!(shelf.clone().asks(0, 149 * SECOND), Asked::IsThere);
        assert_eq!(shelf.asks(0, 150 * SECOND), Asked::Fetch);
    }

    /// From the start on uses find nothing as often as the closed form says: of 40 000 nodes, those in the first
    /// 20 s, of which no two on one node are in vain.
    #[test]
    fn it_begins_as_it_goes_on() {
        for rate in [0.02, 0.05, 0.1] {
            let law = Idleness { period: 10.0, timeout: 30.0, takes: 0.0 };
            let mut gone = 0;
            for node in 0..40_000 {
                let stream = |purpose| Stream::new(5, 0, purpose, node);
                let mut shelf = Shelf::new(&lots(rate), stream(Purpose::Lots));
                let gap = |use_| -(-stream(Purpose::Requests).uniform(use_)).ln_1p() / rate;
                let uses = (0..).scan(0.0, |now, use_| {
                    *now += gap(use_);
                    Some(*now)
                });
                for now in uses.take_while(|now| *now < 20.0).map(|now| (now * 1e9) as u64) {
                    if shelf.asks(0, now) == Asked::Fetch {
                        gone += 1;
                        shelf.comes(0, now);
                    }
                }
            }
            let (found, exact) = (f64::from(gone) / 40_000.0, 20.0 * rate * law.gone_share(rate));
            let error = (exact * (1.0 - exact) / 40_000.0).sqrt();
            assert!((found - exact).abs() < 3.5 * error, "{rate}: {found}, not {exact}");
        }
        let mut shelf = Shelf::new(&lots(0.0), Stream::new(5, 0, Purpose::Lots, 0));
        assert_eq!(shelf.asks(0, 0), Asked::Fetch);
    }
}
