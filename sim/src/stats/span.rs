//! Counts of cells, of which those that are counted lie near one another.

use std::ops::AddAssign;

/// Counts from the least to the largest cell that was counted, in whole blocks of so many cells. Equal counts
/// are equal spans, in whatever order they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span<T, const BLOCK: usize> {
    /// The cell of the first count.
    first: usize,
    counts: Vec<T>,
}

impl<T, const BLOCK: usize> Default for Span<T, BLOCK> {
    fn default() -> Self {
        Self { first: 0, counts: Vec::new() }
    }
}

impl<T: AddAssign + Copy + From<u8>, const BLOCK: usize> Span<T, BLOCK> {
    /// Adds so many counts to a cell.
    #[inline]
    pub(super) fn add(&mut self, cell: usize, counts: T) {
        if cell.wrapping_sub(self.first) >= self.counts.len() {
            self.cover(cell);
        }
        self.counts[cell - self.first] += counts;
    }

    /// Adds all counts of another span.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.counts.is_empty() {
            return;
        }
        self.cover(other.first);
        self.cover(other.first + other.counts.len() - 1);
        let mine = &mut self.counts[other.first - self.first..];
        mine.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += *theirs);
    }

    /// Makes room for a cell and its whole block, and for no more.
    #[cold]
    fn cover(&mut self, cell: usize) {
        let block = cell - cell % BLOCK;
        if self.counts.is_empty() {
            self.first = block;
        }
        let before = self.first.saturating_sub(block);
        let cells = (self.first + self.counts.len()).max(block + BLOCK) + before - self.first;
        self.counts.reserve_exact(cells - self.counts.len());
        if before > 0 {
            self.counts.splice(0..0, std::iter::repeat_n(T::from(0), before));
            self.first = block;
        }
        self.counts.resize(cells, T::from(0));
    }

    /// The cells that are covered, with their counts.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, T)> {
        self.counts.iter().enumerate().map(|(place, count)| (self.first + place, *count))
    }

    /// The counts of a cell.
    pub(super) fn of(&self, cell: usize) -> T {
        let place = cell.checked_sub(self.first);
        place.and_then(|place| self.counts.get(place)).copied().unwrap_or(T::from(0))
    }

    /// The counts of every cell up to the last that is covered.
    pub(super) fn into_all(self) -> impl Iterator<Item = T> {
        std::iter::repeat_n(T::from(0), self.first).chain(self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: impl Iterator<Item = usize>) -> Span<u32, 4> {
        let mut span = Span::default();
        cells.for_each(|cell| span.add(cell, 1));
        span
    }

    #[test]
    fn neither_the_order_nor_merging_makes_a_difference() {
        let cells = [9, 3, 9, 30, 17, 8];
        let all = of(cells.into_iter());
        assert_eq!(all, of(cells.into_iter().rev()));
        for split in 0..=cells.len() {
            let mut one = of(cells[..split].iter().copied());
            one.merge(&of(cells[split..].iter().copied()));
            assert_eq!(one, all);
        }
        assert_eq!([2, 3, 9, 30, 99].map(|cell| all.of(cell)), [0, 1, 2, 1, 0]);
    }

    #[test]
    fn near_cells_need_little_room_wherever_they_are() {
        let span = of([1002, 1001].into_iter());
        let cells: Vec<_> = span.cells().collect();
        assert_eq!(cells, [(1000, 0), (1001, 1), (1002, 1), (1003, 0)]);
        assert_eq!(span.counts.capacity(), 4);
        assert_eq!(span.into_all().count(), 1004);
    }
}
