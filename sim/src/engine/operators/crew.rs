//! Who repairs nodes: so many at once, first come, first served.

use std::cell::RefCell;
use std::rc::Rc;

use crate::network::Network;

/// The repairers of all nodes. As every repair is known to its end when it is asked for, and goes on whatever becomes of
/// the node, it is known at once when it begins.
#[derive(Debug)]
pub(super) struct Crew {
    /// When each has done all that it has been asked for, nanoseconds.
    free_at: Vec<u64>,
}

/// A crew that is shared by those who ask for repairs.
pub(super) type SharedCrew = Rc<RefCell<Crew>>;

impl Crew {
    /// None where there are as many as it takes.
    pub(super) fn of(network: &Network) -> Option<SharedCrew> {
        let crew = |repairers: u32| Self { free_at: vec![0; repairers as usize] };
        network.repairers.map(|repairers| Rc::new(RefCell::new(crew(repairers))))
    }

    /// When a repair is over that is asked for `now`, and takes so long once it has begun.
    pub(super) fn finish(&mut self, now: u64, takes: u64) -> u64 {
        let free = self.free_at.iter_mut().min().map(|free_at| {
            *free_at = now.max(*free_at).saturating_add(takes);
            *free_at
        });
        free.unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_while_all_are_busy_waits_for_the_first_who_is_free() {
        let mut crew = Crew { free_at: vec![0; 2] };
        assert_eq!(crew.finish(10, 100), 110);
        assert_eq!(crew.finish(20, 30), 50);
        assert_eq!(crew.finish(30, 10), 60);
        assert_eq!(crew.finish(200, 10), 210);
    }
}
