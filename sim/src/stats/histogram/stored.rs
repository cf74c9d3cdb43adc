//! A histogram as it is written and read back.

use serde::{Deserialize, Serialize};

use super::{Histogram, cell_of};
use crate::stats::sparse::{packed, unpacked};

/// The least and the most value, and the counts of the cells, packed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    least: u64,
    most: u64,
    counts: Vec<u64>,
}

impl From<Histogram> for Stored {
    fn from(histogram: Histogram) -> Self {
        let Histogram { counts, least, most, .. } = histogram;
        Self { least, most, counts: packed(counts.into_all()) }
    }
}

impl TryFrom<Stored> for Histogram {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let wrong = "these are no counts of a histogram";
        let counts = unpacked(&stored.counts, cell_of(u64::MAX) + 1).ok_or(wrong)?;
        let mut histogram = Self::default();
        let Some(last) = counts.len().checked_sub(1) else {
            let is_empty = (stored.least, stored.most) == (histogram.least, histogram.most);
            return if is_empty { Ok(histogram) } else { Err(wrong) };
        };
        let first = counts.iter().position(|count| *count > 0);
        let is_right = first == Some(cell_of(stored.least))
            && last == cell_of(stored.most)
            && stored.least <= stored.most;
        let sum = |total: u64, count: &u64| total.checked_add(*count);
        let total = counts.iter().try_fold(0, sum).filter(|_| is_right).ok_or(wrong)?;
        let counted = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counted.for_each(|(cell, count)| histogram.counts.add(cell, *count, total));
        histogram.total = total;
        histogram.least = stored.least;
        histogram.most = stored.most;
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(histogram: &Histogram) -> Histogram {
        Histogram::try_from(Stored::from(histogram.clone())).expect("it was written")
    }

    #[test]
    fn a_histogram_reads_back_the_same() {
        let mut histogram = Histogram::default();
        assert_eq!(again(&histogram), histogram);
        for nanos in [0, 3, 3, 1 << 20, (1 << 20) + 12_345, 1 << 40, u64::MAX] {
            histogram.record(nanos);
            let again = again(&histogram);
            assert_eq!(again, histogram);
            assert_eq!(again.quantile(0.4), histogram.quantile(0.4));
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let stored = |least, most, counts: &[u64]| Stored { least, most, counts: counts.to_vec() };
        assert!(Histogram::try_from(stored(2, 2, &[0, 2, 9])).is_ok());
        for (least, most, counts) in [
            (1, 2, &[0_u64, 2, 9][..]),
            (2, 3, &[0, 2, 9]),
            (2, 2, &[]),
            (2, 2, &[0, 2, 9, 0, 5]),
            (2, 3, &[0, 2, u64::MAX, 1]),
            (1000, 900, &[0, cell_of(1000) as u64, 4]),
            (2, 2, &[0, u64::MAX, 9]),
        ] {
            assert!(Histogram::try_from(stored(least, most, counts)).is_err(), "{counts:?}");
        }
    }
}
