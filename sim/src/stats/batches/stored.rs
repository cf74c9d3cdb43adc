//! Batches as they are written and read back.

use serde::{Deserialize, Serialize};

use super::{Batches, Counts, FIRST_SIZE, MOST_BATCHES, cell_of};
use crate::stats::sparse::{packed, unpacked};

/// The size of a batch, and the counts of its cells, packed, of the batch under way and of those that
/// are complete.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    size: u64,
    current: Vec<u64>,
    complete: Vec<Vec<u64>>,
}

impl From<Batches> for Stored {
    fn from(batches: Batches) -> Self {
        let list = |counts: Counts| packed(counts.into_all().map(u64::from));
        Self {
            size: batches.size,
            current: list(batches.current),
            complete: batches.complete.into_iter().map(list).collect(),
        }
    }
}

impl TryFrom<Stored> for Batches {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let wrong = "these are no batches";
        let doublings = stored.size / FIRST_SIZE;
        if !doublings.is_power_of_two() || stored.size != doublings * FIRST_SIZE {
            return Err(wrong);
        }
        let (current, counted) = counts(&stored.current).ok_or(wrong)?;
        let full = |packed: &Vec<u64>| {
            counts(packed).filter(|(_, total)| *total == stored.size).map(|(counts, _)| counts)
        };
        let complete: Option<Vec<_>> = stored.complete.iter().map(full).collect();
        let complete = complete.filter(|complete| complete.len() < MOST_BATCHES).ok_or(wrong)?;
        if counted >= stored.size {
            return Err(wrong);
        }
        Ok(Self { size: stored.size, counted, current, complete })
    }
}

/// The counts of one batch, and their sum.
fn counts(packed: &[u64]) -> Option<(Counts, u64)> {
    let (mut counts, mut total) = (Counts::default(), 0);
    let cells = unpacked(packed, cell_of(u64::MAX) + 1)?;
    for (cell, count) in cells.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        counts.add(cell, u32::try_from(count).ok()?);
        total += count;
    }
    Some((counts, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_read_back_the_same() {
        let mut batches = Batches::default();
        for value in 0..5000_u64 {
            if value % 97 == 0 || value == 16 {
                let again = Batches::try_from(Stored::from(batches.clone()));
                assert_eq!(again.as_ref(), Ok(&batches), "{value}");
            }
            batches.record(value * value * 1000);
        }
        batches.record(u64::MAX);
        assert_eq!(Batches::try_from(Stored::from(batches.clone())), Ok(batches));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let stored = |size, current: &[u64], complete: &[&[u64]]| Stored {
            size,
            current: current.to_vec(),
            complete: complete.iter().map(|packed| packed.to_vec()).collect(),
        };
        assert!(Batches::try_from(stored(32, &[31], &[&[0, 3, 32]])).is_ok());
        let many: Vec<&[u64]> = vec![&[16]; 32];
        for wrong in [
            stored(0, &[], &[]),
            stored(17, &[], &[]),
            stored(48, &[], &[]),
            stored(16, &[16], &[]),
            stored(16, &[], &[&[15]]),
            stored(16, &[], &[&[0, 9999, 16]]),
            stored(16, &[], &[&[u64::MAX, 17]]),
            stored(16, &[], &many),
        ] {
            assert!(Batches::try_from(wrong).is_err());
        }
    }
}
