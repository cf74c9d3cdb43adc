//! How many values there are in each cell, in half the memory while they are fewer than four thousand million.

use crate::stats::span::Span;

/// Cells that get their room together.
const BLOCK: usize = 16;
/// So many values in all can be counted in few bits.
const MOST: u64 = u32::MAX as u64;

/// Counts of cells, from that of the least value to that of the largest, and few beyond.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    few: Span<u32, BLOCK>,
    /// In place of these, once there are more values than [`MOST`].
    many: Option<Box<Span<u64, BLOCK>>>,
}

impl Counts {
    /// Adds values to a cell, which are so many in all with them.
    #[inline]
    pub(super) fn add(&mut self, cell: usize, values: u64, total: u64) {
        if total > MOST {
            return self.many().add(cell, values);
        }
        self.few.add(cell, values as u32);
    }

    /// Adds other counts, which are so many in all with these.
    pub(super) fn merge(&mut self, other: &Self, total: u64) {
        if total <= MOST {
            return self.few.merge(&other.few);
        }
        let many = self.many();
        many.merge(&wide(&other.few));
        if let Some(others) = &other.many {
            many.merge(others);
        }
    }

    /// The cells that are covered, with their counts.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, u64)> {
        let few = self.few.cells().map(|(cell, count)| (cell, u64::from(count)));
        few.chain(self.many.iter().flat_map(|many| many.cells()))
    }

    /// The counts of a cell.
    pub(super) fn of(&self, cell: usize) -> u64 {
        self.many.as_ref().map_or_else(|| self.few.of(cell).into(), |many| many.of(cell))
    }

    /// The counts of every cell up to the last that is covered.
    pub(super) fn into_all(self) -> impl Iterator<Item = u64> {
        let many = self.many.map(|many| *many);
        self.few.into_all().map(u64::from).chain(many.into_iter().flat_map(Span::into_all))
    }

    #[cold]
    fn many(&mut self) -> &mut Span<u64, BLOCK> {
        let few = &mut self.few;
        self.many.get_or_insert_with(|| Box::new(wide(&std::mem::take(few))))
    }
}

/// The same counts, each with room for more.
fn wide(few: &Span<u32, BLOCK>) -> Span<u64, BLOCK> {
    let mut many = Span::default();
    few.cells().for_each(|(cell, count)| many.add(cell, u64::from(count)));
    many
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[(usize, u64)]) -> Counts {
        let (mut counts, mut total) = (Counts::default(), 0);
        for (cell, values) in cells {
            total += values;
            counts.add(*cell, *values, total);
        }
        counts
    }

    #[test]
    fn more_values_than_fit_into_few_bits_are_counted_as_well() {
        for last in [1, 2, 3] {
            let all = of(&[(40, MOST - 8), (90, 1), (41, last), (300, 5)]);
            let total = MOST - 2 + last;
            assert_eq!(all.many.is_some(), total > MOST);
            assert_eq!([40, 41, 90, 91, 300].map(|cell| all.of(cell)), [MOST - 8, last, 1, 0, 5]);
            assert_eq!(all.cells().map(|(_, count)| count).sum::<u64>(), total);
            assert_eq!(all.clone().into_all().sum::<u64>(), total);
            assert_eq!(all.into_all().nth(40), Some(MOST - 8));
        }
    }

    #[test]
    fn it_makes_no_difference_when_they_become_many() {
        let all = of(&[(40, MOST), (7, 3), (90, MOST)]);
        let total = 2 * MOST + 3;
        let (mut one, mut other) = (of(&[(40, MOST)]), of(&[(90, MOST), (7, 3)]));
        let first = one.clone();
        one.merge(&other, total);
        other.merge(&first, total);
        assert_eq!((&one, &other), (&all, &all));
        let mut few = of(&[(40, MOST - 4)]);
        few.merge(&of(&[(7, 3)]), MOST - 1);
        assert_eq!(few, of(&[(7, 3), (40, MOST - 4)]));
        few.merge(&of(&[(90, MOST), (40, 4)]), total);
        assert_eq!(few, all);
    }
}
