//! Which of the replications one machine of several makes.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The part of this number of so many equal parts of all replications, which follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// From 1 to `of`.
    pub number: u32,
    /// At least 1.
    pub of: u32,
}

impl Part {
    /// All replications.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// The indices of its replications, of so many in all.
    pub(super) fn indices(self, replications: u32) -> Range<u32> {
        assert!((1..=self.of).contains(&self.number), "a part is one of those there are");
        let end =
            |number: u32| (u64::from(replications) * u64::from(number) / u64::from(self.of)) as u32;
        end(self.number - 1)..end(self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_are_all_replications() {
        for (of, replications) in [(1, 7), (4, 20), (3, 20), (7, 5), (1000, 100_000)] {
            let parts = (1..=of).map(|number| Part { number, of }.indices(replications));
            let all: Vec<u32> = parts.clone().flatten().collect();
            assert_eq!(all, (0..replications).collect::<Vec<_>>());
            let sizes: Vec<usize> = parts.map(|part| part.len()).collect();
            assert!(sizes.iter().max() <= sizes.iter().min().map(|least| least + 1).as_ref());
        }
    }
}
