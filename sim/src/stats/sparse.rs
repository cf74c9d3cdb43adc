//! Counts of which many are 0, as a short list of numbers that reads back.

/// The counts, where of zeros in a row only one is written, and how many there are behind it. Zeros at
/// the end are left out.
pub(super) fn packed(counts: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut packed = Vec::new();
    let mut zeros = 0;
    for count in counts {
        if count == 0 {
            zeros += 1;
            continue;
        }
        if zeros > 0 {
            packed.extend([0, zeros]);
            zeros = 0;
        }
        packed.push(count);
    }
    packed
}

/// The counts that were packed; none where these are none, or more than `most`.
pub(super) fn unpacked(packed: &[u64], most: usize) -> Option<Vec<u64>> {
    let mut counts = Vec::new();
    let mut numbers = packed.iter();
    while let Some(number) = numbers.next() {
        let (count, times) = if *number == 0 { (0, *numbers.next()?) } else { (*number, 1) };
        let room = most - counts.len();
        let times = usize::try_from(times).ok().filter(|times| (1..=room).contains(times))?;
        counts.resize(counts.len() + times, count);
    }
    (counts.last() != Some(&0)).then_some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_back_but_for_zeros_at_the_end() {
        let lists: [&[u64]; 5] =
            [&[], &[7], &[0, 0, 0, 5], &[1, 0, 2, 0, 0, u64::MAX], &[3, 4, 0, 0]];
        for counts in lists {
            let end = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
            let packed = packed(counts.iter().copied());
            assert_eq!(unpacked(&packed, 6).as_deref(), Some(&counts[..end]), "{packed:?}");
        }
        assert_eq!(packed([0, 0, 0, 5]), [0, 3, 5]);
    }

    #[test]
    fn what_is_no_list_of_counts_is_refused_before_it_takes_memory() {
        let wrong: [&[u64]; 5] = [&[0], &[0, 0, 1], &[0, 7, 1], &[0, u64::MAX, 1], &[1, 0, 2]];
        for packed in wrong {
            assert_eq!(unpacked(packed, 6), None, "{packed:?}");
        }
    }
}
