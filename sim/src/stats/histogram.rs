//! A log-linear histogram of sojourn times with a bounded relative error.

mod counts;
mod stored;

use serde::{Deserialize, Serialize};

use counts::Counts;
use stored::Stored;

/// Cells per doubling: a value is known to within half a cell, 0.4 %.
const CELL_BITS: u32 = 7;

/// Counts of whole nanoseconds in cells of 1/128 of a doubling. Memory depends on how far the least and
/// the largest value are apart, not on how many there are; merging is addition. The least and the most value are known exactly, and
/// quantiles lie between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Histogram {
    counts: Counts,
    total: u64,
    least: u64,
    most: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Counts::default(), total: 0, least: u64::MAX, most: 0 }
    }
}

impl Histogram {
    /// Counts one value, in nanoseconds.
    #[inline]
    pub fn record(&mut self, nanos: u64) {
        self.total += 1;
        self.counts.add(cell_of(nanos), 1, self.total);
        self.least = self.least.min(nanos);
        self.most = self.most.max(nanos);
    }

    /// Number of values.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.counts.merge(&other.counts, self.total);
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    /// The largest value, in nanoseconds; none where nothing was counted.
    pub fn most(&self) -> Option<u64> {
        (self.total > 0).then_some(self.most)
    }

    /// The value that a share `probability` of the values stays at or below, where whole numbers were
    /// counted that have a cell each, as milliseconds below 256; beyond, rounded to one.
    pub fn whole_quantile(&self, probability: f64) -> Option<u64> {
        let rank = (probability.clamp(0.0, 1.0) * self.total as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        let (cell, _) = self.counts.cells().find(|(_, count)| {
            below += count;
            below >= rank
        })?;
        let (low, high) = bounds(cell);
        let value = if high - low > 1.0 { self.quantile(probability)?.round() } else { low };
        Some((value as u64).clamp(self.least, self.most))
    }

    /// The one value that was observed, in nanoseconds; none where there are several or none at all.
    pub fn only_value(&self) -> Option<u64> {
        (self.least == self.most).then_some(self.least)
    }

    /// The value, or the nearest one between the least and the most observed, in nanoseconds; the value
    /// where nothing was counted.
    pub fn observed(&self, nanos: f64) -> f64 {
        if self.total == 0 { nanos } else { nanos.clamp(self.least as f64, self.most as f64) }
    }

    /// Half the width of the cell that holds a value: by so much a quantile may be wrong.
    pub fn half_cell(nanos: f64) -> f64 {
        let (low, high) = bounds(cell_of(nanos.max(0.0) as u64));
        // A cell of whole nanoseconds holds one value less than its width.
        0.5 * (high - low - 1.0)
    }

    /// The value that a share `probability` of the values stays below, in nanoseconds, interpolated
    /// within its cell; none where nothing was counted.
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let target = probability.clamp(0.0, 1.0) * self.total as f64;
        let mut below = 0.0;
        for (cell, count) in self.counts.cells().filter(|(_, count)| *count > 0) {
            let up_to = below + count as f64;
            if up_to >= target {
                let (low, high) = self.edges(cell);
                return Some(low + (high - low) * (target - below) / count as f64);
            }
            below = up_to;
        }
        Some(self.most as f64)
    }

    /// How many values stay below `nanos`, interpolated within its cell.
    pub fn count_below(&self, nanos: f64) -> f64 {
        let cell = cell_of(nanos.max(0.0) as u64);
        let before = self.counts.cells().take_while(|(other, _)| *other < cell);
        let whole: u64 = before.map(|(_, count)| count).sum();
        let (low, high) = self.edges(cell);
        let share = if high > low { ((nanos - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        whole as f64 + share * self.counts.of(cell) as f64
    }

    /// Where the values of a cell may lie: within what was observed.
    fn edges(&self, cell: usize) -> (f64, f64) {
        let (low, high) = bounds(cell);
        (low.max(self.least as f64), high.min(self.most as f64))
    }
}

#[inline]
fn cell_of(nanos: u64) -> usize {
    let shift = (nanos | 1).ilog2().saturating_sub(CELL_BITS);
    (((shift as u64) << CELL_BITS) + (nanos >> shift)) as usize
}

/// Lowest value of a cell and lowest value of the next.
fn bounds(cell: usize) -> (f64, f64) {
    let low_of = |cell: usize| {
        let shift = (cell >> CELL_BITS).saturating_sub(1);
        ((cell - (shift << CELL_BITS)) as f64) * (shift as f64).exp2()
    };
    (low_of(cell), low_of(cell + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_bounds_of_its_cell() {
        for nanos in
            (0..2000).chain((8..50).flat_map(|e| [1u64 << e, (1 << e) - 1, (1 << e) + 12_345]))
        {
            let (low, high) = bounds(cell_of(nanos));
            assert!(low <= nanos as f64 && (nanos as f64) < high, "{nanos}: {low}..{high}");
            assert!(high - low <= 1.0 || (high - low) / low <= 1.0 / 128.0);
        }
    }

    #[test]
    fn quantiles_are_within_half_a_per_cent() {
        let mut histogram = Histogram::default();
        (1..=1_000_000u64).for_each(|i| histogram.record(i * 1000));
        for p in [0.01, 0.5, 0.9, 0.99, 0.9999] {
            let found = histogram.quantile(p).expect("not empty");
            assert!((found / (p * 1e9) - 1.0).abs() < 0.005, "{p}: {found}");
            assert!((histogram.count_below(found) - p * 1e6).abs() < 1.0);
        }
    }

    #[test]
    fn no_quantile_lies_outside_of_what_was_observed() {
        let mut constant = Histogram::default();
        (0..1000).for_each(|_| constant.record(250_000_000));
        for p in [0.0, 0.001, 0.5, 0.99, 0.9999, 1.0] {
            assert_eq!(constant.quantile(p), Some(250_000_000.0), "{p}");
        }
        let mut two = constant.clone();
        two.record(250_000_123);
        assert!(two.quantile(0.0).is_some_and(|least| least >= 250_000_000.0));
        assert!(two.quantile(1.0).is_some_and(|most| most <= 250_000_123.0));
        assert_eq!(Histogram::default().quantile(0.5), None);
    }

    #[test]
    fn neither_the_order_of_values_nor_that_of_merging_makes_a_difference() {
        let values = [7, 1 << 30, 250, 1 << 20, (1 << 30) + 5, 3 << 40];
        let of = |values: &mut dyn Iterator<Item = &u64>| {
            let mut histogram = Histogram::default();
            values.for_each(|value| histogram.record(*value));
            histogram
        };
        let all = of(&mut values.iter());
        assert_eq!(all, of(&mut values.iter().rev()));
        for split in 0..=values.len() {
            let (mut one, mut other) =
                (of(&mut values[..split].iter()), of(&mut values[split..].iter()));
            let first = one.clone();
            one.merge(&other);
            other.merge(&first);
            assert_eq!((&one, &other), (&all, &all));
        }
        // Near values need little room, however large they are.
        assert_eq!(of(&mut [1 << 40, (1 << 40) + 99].iter()).counts.cells().count(), 16);
    }

    #[test]
    fn merging_adds() {
        let (mut a, mut b) = (Histogram::default(), Histogram::default());
        a.record(5);
        b.record(1_000_000);
        a.merge(&b);
        assert_eq!(a.total(), 2);
        assert_eq!([0.0, 1.0].map(|p| a.quantile(p)), [Some(5.0), Some(1_000_000.0)]);
    }
    #[test]
    fn values_below_are_counted_from_the_least_to_the_most() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.count_below(1e9), 0.0);
        (0..10).for_each(|_| histogram.record(250_000_000));
        assert_eq!(
            [0.0, 2.5e8, 2.6e8, 1e30].map(|at| histogram.count_below(at)),
            [0., 0., 10., 10.]
        );
        // A cell of 2^20 ns is 2^13 ns wide.
        let mut cell = Histogram::default();
        (0..8).for_each(|eighth| cell.record((1 << 20) + (eighth << 10)));
        cell.record((1 << 20) + (1 << 13));
        assert_eq!(cell.count_below(f64::from((1 << 20) + (1 << 11))), 2.0);
        assert_eq!(Histogram::half_cell(f64::from(1 << 20)), 0.5 * 8191.0);
        assert_eq!(Histogram::half_cell(200.0), 0.0);
    }

    #[test]
    fn the_quantile_of_whole_numbers_is_one_of_them() {
        let values = [3_u64, 3, 7, 20, 21, 90, 200, 255];
        let mut histogram = Histogram::default();
        assert_eq!((histogram.most(), histogram.whole_quantile(0.5)), (None, None));
        for value in values {
            histogram.record(value);
        }
        assert_eq!(histogram.most(), Some(255));
        for per_cent in 0..=100 {
            // The least value that such a share is at or below.
            let rank = (per_cent * values.len()).div_ceil(100).max(1);
            let found = histogram.whole_quantile(per_cent as f64 / 100.0);
            assert_eq!(found, Some(values[rank - 1]), "p{per_cent}");
        }
        // Beyond 255 cells are wider than one: 8, where 55 % of 1000 to 1400 stay below.
        let mut long = Histogram::default();
        (1000..=1400).for_each(|value| long.record(value));
        assert!(long.whole_quantile(0.55).is_some_and(|found| found.abs_diff(1220) <= 1));
        assert_eq!(long.whole_quantile(1.0), Some(1400));
    }
}
