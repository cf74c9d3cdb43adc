//! The memory that the process of a node shares with what runs beside it.

/// So much memory there is. Where more is used, the process is ended, whatever room its heap still has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Container {
    /// The memory, MiB.
    pub memory_mib: f64,
    /// What the process needs beside its heap, MiB.
    pub other_mib: f64,
    /// A second process with a heap of its own; none: there is none.
    pub beside: Option<Beside>,
}

/// A second process, which begins with the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// Its heap, MiB.
    pub heap_mib: f64,
    /// What it needs beside that, MiB.
    pub other_mib: f64,
    /// What it allocates each second, MiB.
    pub allocates_mib: f64,
}

impl Container {
    /// What the heap of a process may have used when it has run for so long, MiB: beside what the second one uses then.
    pub fn room_mib(&self, seconds: f64) -> f64 {
        self.memory_mib - self.other_mib - self.beside.map_or(0.0, |beside| beside.uses(seconds))
    }

    /// For how long a process whose heap uses so much goes on, seconds: for ever, where there is room for the most that
    /// the second one uses.
    pub fn lasts(&self, heap_mib: f64) -> f64 {
        let Some(beside) = self.beside else {
            return if heap_mib <= self.room_mib(0.0) { f64::INFINITY } else { 0.0 };
        };
        if heap_mib <= self.room_mib(f64::INFINITY) {
            return f64::INFINITY;
        }
        let left = self.room_mib(0.0) - heap_mib;
        if left < 0.0 { 0.0 } else { left / beside.allocates_mib }
    }
}

impl Beside {
    /// The young generation of a calm heap: before it has been filled once nothing in it is used again
    /// (`G1MaxNewSizePercent`).
    pub const YOUNG: f64 = 0.6;

    /// What it uses after so long, MiB. It keeps hardly anything alive.
    pub fn uses(&self, seconds: f64) -> f64 {
        let allocated = if self.allocates_mib > 0.0 { self.allocates_mib * seconds } else { 0.0 };
        self.other_mib + allocated.min(Self::YOUNG * self.heap_mib)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 GiB of heap in 3 GiB beside a process that fills a young generation of so many MiB at one a second.
    fn container(heap_mib: f64) -> Container {
        let beside = Beside { heap_mib, other_mib: 60.0, allocates_mib: 1.0 };
        Container { memory_mib: 3072.0, other_mib: 450.0, beside: Some(beside) }
    }

    #[test]
    fn a_second_heap_as_large_ends_the_process_when_it_has_filled_what_is_left() {
        assert_eq!(container(2048.0).lasts(2048.0), 3072.0 - 450.0 - 60.0 - 2048.0);
        assert_eq!(container(2048.0).room_mib(514.0), 2048.0);
        // A heap that is not full leaves room for the young generation of the other, 1228.8 MiB.
        assert!(container(2048.0).lasts(1333.0).is_infinite());
        assert_eq!(container(2048.0).lasts(1334.0), 1228.0);
        assert!(container(256.0).lasts(2048.0).is_infinite());
        assert_eq!(container(256.0).lasts(2600.0), 0.0);
    }

    #[test]
    fn alone_a_process_has_what_it_does_not_need_beside_its_heap() {
        let alone = Container { memory_mib: 1024.0, other_mib: 200.0, beside: None };
        assert_eq!(alone.room_mib(1e9), 824.0);
        assert_eq!((alone.lasts(824.0), alone.lasts(825.0)), (f64::INFINITY, 0.0));
    }

    #[test]
    fn who_allocates_nothing_needs_no_heap() {
        let beside = Beside { allocates_mib: 0.0, ..container(256.0).beside.expect("stated") };
        assert_eq!(beside.uses(f64::INFINITY), 60.0);
    }
}
