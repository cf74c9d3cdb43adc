//! Connections of a node: so many calls of a kind are under way at once, the others wait in line.

use std::collections::VecDeque;

/// A pool of connections. Those who wait are named by their slots on the node.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionPool {
    free: u32,
    waiting: VecDeque<u32>,
}

impl ConnectionPool {
    pub(super) fn new(connections: u32) -> Self {
        Self { free: connections, waiting: VecDeque::new() }
    }

    /// Takes a connection, if one is free.
    pub(super) fn take(&mut self) -> bool {
        let is_free = self.free > 0;
        self.free -= u32::from(is_free);
        is_free
    }

    /// Whoever comes next waits behind all others.
    pub(super) fn wait(&mut self, slot: u32) {
        self.waiting.push_back(slot);
    }

    /// Who has waited longest, whom the connection of another goes to.
    pub(super) fn next_in_line(&mut self) -> Option<u32> {
        self.waiting.pop_front()
    }

    /// Nobody has waited for a connection that is given back.
    pub(super) fn give_back(&mut self) {
        self.free += 1;
    }

    /// Those who wait are gone. What others hold, they give back as they end.
    pub(super) fn forget_waiting(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_go_to_those_who_have_waited_longest() {
        let mut pool = ConnectionPool::new(1);
        assert!(pool.take() && !pool.take());
        pool.wait(7);
        pool.wait(8);
        assert_eq!(
            (pool.next_in_line(), pool.next_in_line(), pool.next_in_line()),
            (Some(7), Some(8), None)
        );
        pool.give_back();
        assert!(pool.take());
    }
}
