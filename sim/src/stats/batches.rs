//! How values of like size come together: counts of consecutive values, batch by batch.

mod stored;

use serde::{Deserialize, Serialize};

use stored::Stored;

use super::span::Span;

/// Values of the first batches.
const FIRST_SIZE: u64 = 16;
/// With so many complete batches, pairs of them become one each.
const MOST_BATCHES: usize = 32;
/// Cells per doubling: coarse, since only counts beyond a value are asked for.
const CELL_BITS: u32 = 2;
/// Shorter values, in nanoseconds, are counted together.
const LEAST: u64 = 1 << 10;

/// Values in the order in which they came, in batches of equal size, each a coarse histogram.
///
/// Values beyond an extreme quantile come in clusters (a busy period, a pause), and few replications
/// tell little of how large these are. Between 16 and 31 batches of each replication tell much more.
/// Batches grow with the number of values, so that memory is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Batches {
    size: u64,
    counted: u64,
    current: Counts,
    complete: Vec<Counts>,
}

/// Counts of the cells of a batch, by whole doublings.
type Counts = Span<u32, { 1 << CELL_BITS }>;

impl Default for Batches {
    fn default() -> Self {
        Self { size: FIRST_SIZE, counted: 0, current: Counts::default(), complete: Vec::new() }
    }
}

impl Batches {
    /// Counts one value, in nanoseconds.
    #[inline]
    pub fn record(&mut self, nanos: u64) {
        self.current.add(cell_of(nanos), 1);
        self.counted += 1;
        if self.counted == self.size {
            self.end_batch();
        }
    }

    #[cold]
    fn end_batch(&mut self) {
        self.counted = 0;
        self.complete.push(std::mem::take(&mut self.current));
        if self.complete.len() == MOST_BATCHES {
            let mut halves = std::mem::take(&mut self.complete).into_iter();
            while let (Some(mut one), Some(other)) = (halves.next(), halves.next()) {
                one.merge(&other);
                self.complete.push(one);
            }
            self.size *= 2;
        }
    }

    /// Values in each batch.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The sum of the values of each complete batch, in nanoseconds, each taken to be in the middle of its
    /// cell.
    pub fn sums(&self) -> impl Iterator<Item = f64> {
        let middle = |cell: usize| {
            let (low, high) = bounds(cell);
            0.5 * (low + high)
        };
        let sum = move |counts: &Counts| {
            counts.cells().map(|(cell, count)| f64::from(count) * middle(cell)).sum()
        };
        self.complete.iter().map(sum)
    }

    /// How many values of each complete batch lie beyond `nanos`, interpolated within its cell.
    pub fn beyond(&self, nanos: f64) -> impl Iterator<Item = f64> {
        let cell = cell_of(nanos.max(0.0) as u64);
        let (low, high) = bounds(cell);
        let share = ((high - nanos) / (high - low)).clamp(0.0, 1.0);
        self.complete.iter().map(move |counts| {
            let above = counts.cells().filter(|(other, _)| *other > cell);
            let above: u32 = above.map(|(_, count)| count).sum();
            f64::from(above) + share * f64::from(counts.of(cell))
        })
    }
}

#[inline]
fn cell_of(nanos: u64) -> usize {
    let nanos = nanos.max(LEAST);
    let doubling = nanos.ilog2();
    let within = (nanos >> (doubling - CELL_BITS)) as usize & ((1 << CELL_BITS) - 1);
    ((doubling - LEAST.ilog2()) << CELL_BITS) as usize + within
}

/// Lowest value of a cell and lowest value of the next.
fn bounds(cell: usize) -> (f64, f64) {
    let low_of = |cell: usize| {
        let within = (cell & ((1 << CELL_BITS) - 1)) as f64 / f64::from(1 << CELL_BITS);
        (1.0 + within) * ((cell >> CELL_BITS) as f64).exp2() * LEAST as f64
    };
    (if cell == 0 { 0.0 } else { low_of(cell) }, low_of(cell + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_bounds_of_its_cell() {
        for nanos in (0..5000).chain((12..50).flat_map(|e| [1u64 << e, (1 << e) - 1, 5 << (e - 2)]))
        {
            let (low, high) = bounds(cell_of(nanos));
            assert!(low <= nanos as f64 && (nanos as f64) < high, "{nanos}: {low}..{high}");
        }
    }

    #[test]
    fn batches_grow_and_lose_no_value() {
        let mut batches = Batches::default();
        // 1 ms and 1 s by turns: half of each batch is beyond 30 ms.
        for index in 0..16 * 1000u64 {
            batches.record(if index % 2 == 0 { 1_000_000 } else { 1_000_000_000 });
        }
        let beyond: Vec<f64> = batches.beyond(3e7).collect();
        assert_eq!((batches.size(), beyond.len()), (512, 31));
        assert!(beyond.iter().all(|count| *count == 256.0), "{beyond:?}");
        assert_eq!(batches.beyond(0.0).sum::<f64>(), 31.0 * 512.0);
        assert_eq!(batches.beyond(1e12).sum::<f64>(), 0.0);
    }
    #[test]
    fn within_a_cell_values_lie_evenly() {
        let mut batches = Batches::default();
        // In units of 1024 ns: a cell is a quarter of a doubling, so that one is 1024 to 1280.
        let of = |value: u64, count: usize| std::iter::repeat_n(value * 1024, count);
        of(900, 3).chain(of(1100, 8)).chain(of(2000, 5)).for_each(|nanos| batches.record(nanos));
        let beyond = |value: f64| batches.beyond(value * 1024.0).collect::<Vec<_>>();
        assert_eq!(beyond(1024.0), [13.0]);
        assert_eq!(beyond(1088.0), [5.0 + 8.0 * 0.75]);
        assert_eq!(beyond(1280.0), [5.0]);
        assert_eq!(beyond(-1.0), [16.0]);
    }

    #[test]
    fn sums_of_batches_are_right_to_half_a_cell() {
        let mut batches = Batches::default();
        let of = |ms: u64, count: usize| std::iter::repeat_n(ms * 1_000_000, count);
        of(3, 16).chain(of(40, 15)).chain(of(500, 1)).for_each(|nanos| batches.record(nanos));
        let sums: Vec<f64> = batches.sums().collect();
        for (found, exact) in sums.iter().zip([48e6, 1100e6]) {
            assert!((found / exact - 1.0).abs() < 0.125, "{found}, exactly {exact}");
        }
        assert_eq!(sums.len(), 2);
    }

    #[test]
    fn nothing_is_told_before_a_batch_is_complete() {
        let mut batches = Batches::default();
        (0..15).for_each(|_| batches.record(1_000_000));
        assert_eq!(batches.beyond(0.0).count(), 0);
    }
}
