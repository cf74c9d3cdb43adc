//! First come, first served, where nothing ever stops a node: every burst is known to its end when it
//! comes, so that a node needs no events of its own.
//!
//! Each server knows until when it is spoken for. A burst begins on the one that is free first; with its
//! end it goes to the event list of requests on their way. Those who give up while they wait never take a
//! server, and those who give up in service free it at that instant: both are known beforehand, too.

use super::super::marks::{Mark, reached};

/// The servers of a node and those who are there.
#[derive(Debug)]
pub(in crate::engine) struct Line {
    /// Until when each server is spoken for, the earliest first.
    spoken_for: Box<[u64]>,
    /// Those who wait or are in service.
    present: u32,
    /// All service that has been promised, nanoseconds.
    promised: u64,
}

impl Line {
    pub(in crate::engine) fn new(servers: u32) -> Self {
        Self { spoken_for: vec![0; servers as usize].into(), present: 0, promised: 0 }
    }

    /// A burst of so many nanoseconds joins the line, which it leaves at `deadline` in any case. Returns
    /// when it would be complete.
    #[inline]
    pub(in crate::engine) fn join(&mut self, now: u64, nanos: f64, deadline: u64) -> u64 {
        self.present += 1;
        let begin = now.max(self.spoken_for[0]);
        let end = begin + (nanos + 0.5) as i64 as u64;
        let until = end.min(deadline);
        if begin >= until {
            reached(Mark::TimesOutInLine);
        } else {
            if until < end {
                reached(Mark::FreesServerEarly);
            }
            self.promised += until - begin;
            self.take_first_server(until);
        }
        end
    }

    /// The first server to be free is spoken for until then.
    #[inline]
    fn take_first_server(&mut self, until: u64) {
        let mut latest = until;
        // Without a branch: the others move up until the new one finds its place.
        for place in 1..self.spoken_for.len() {
            let other = self.spoken_for[place];
            self.spoken_for[place - 1] = other.min(latest);
            latest = other.max(latest);
        }
        if let Some(last) = self.spoken_for.last_mut() {
            *last = latest;
        }
    }

    /// Somebody leaves, served or not.
    #[inline]
    pub(in crate::engine) fn leave(&mut self) {
        self.present -= 1;
    }

    /// Those who wait or are in service.
    #[inline]
    pub(in crate::engine) fn present(&self) -> u32 {
        self.present
    }

    /// Service until `now`, nanoseconds: a server that is spoken for works until it no longer is.
    pub(in crate::engine) fn served(&self, now: u64) -> f64 {
        let left: u64 = self.spoken_for.iter().map(|until| until.saturating_sub(now)).sum();
        (self.promised - left) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: u64 = u64::MAX;

    #[test]
    fn a_burst_begins_on_the_server_that_is_free_first() {
        let mut line = Line::new(2);
        assert_eq!(line.join(0, 10.0, NEVER), 10);
        assert_eq!(line.join(0, 4.0, NEVER), 4);
        assert_eq!(line.join(1, 5.0, NEVER), 9);
        assert_eq!(line.join(2, 5.0, NEVER), 14);
        assert_eq!(line.present(), 4);
        assert_eq!(line.join(30, 5.0, NEVER), 35);
    }

    #[test]
    fn service_is_counted_as_far_as_it_has_come() {
        let mut line = Line::new(1);
        line.join(0, 10.0, NEVER);
        line.join(0, 10.0, NEVER);
        assert_eq!([0, 5, 15, 25].map(|now| line.served(now)), [0.0, 5.0, 15.0, 20.0]);
    }

    #[test]
    fn those_who_give_up_free_their_server_and_never_take_one_late() {
        let mut line = Line::new(1);
        // Served until 6 only; the next would begin at 6 and gives up at 5.
        line.join(0, 10.0, 6);
        line.join(1, 10.0, 5);
        assert_eq!(line.join(2, 3.0, NEVER), 9);
        assert_eq!(line.served(20), 9.0);
    }
}
