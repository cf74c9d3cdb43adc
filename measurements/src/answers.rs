//! When something was answered, to the millisecond: one bit for each, so that lines may come in any
//! order and a log of any length takes little memory.

use std::collections::VecDeque;

use sim::stats::Silences;

/// Of a longer log no silences are told: a day, in words of 64 milliseconds, takes 11 MB.
const MOST_WORDS: usize = 24 * 3600 * 1000 / 64;

/// The milliseconds in which something was answered.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Number of the first word since 1970.
    first_word: i64,
    words: VecDeque<u64>,
    /// They lie too far apart.
    too_long: bool,
}

impl Answers {
    /// Something was answered at an instant, in ms since 1970.
    pub(crate) fn record(&mut self, instant: i64) {
        let word = instant.div_euclid(64);
        if self.reach(word) {
            let place = (word - self.first_word) as usize;
            self.words[place] |= 1 << instant.rem_euclid(64);
        }
    }

    /// Makes room for a word; false where it would be too much.
    fn reach(&mut self, word: i64) -> bool {
        if self.words.is_empty() {
            self.first_word = word;
        }
        let end = self.first_word + self.words.len() as i64;
        let span = end.max(word + 1) - self.first_word.min(word);
        if self.too_long || span > MOST_WORDS as i64 {
            *self = Self { too_long: true, ..Self::default() };
            return false;
        }
        while word < self.first_word {
            self.words.push_front(0);
            self.first_word -= 1;
        }
        let length = (word + 1 - self.first_word) as usize;
        self.words.resize(length.max(self.words.len()), 0);
        true
    }

    /// The silences between the answers from one instant to another; none where they are not known.
    pub(crate) fn silences(&self, first: i64, last: i64) -> Option<Silences> {
        if self.too_long {
            return None;
        }
        let mut silences = Silences::default();
        for (place, word) in (self.first_word..).zip(&self.words) {
            let mut rest = *word;
            while rest != 0 {
                let instant = place * 64 + i64::from(rest.trailing_zeros());
                if (first..=last).contains(&instant) {
                    silences.answered((instant - first) as u64);
                }
                rest &= rest - 1;
            }
        }
        Some(silences)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_641_362_300_000;

    /// Number and mean excess above some thresholds, in ms, from the sorted instants.
    fn sorted(instants: &[i64], first: i64, last: i64) -> [(u64, f64); 9] {
        let mut instants: Vec<i64> =
            instants.iter().copied().filter(|at| (first..=last).contains(at)).collect();
        instants.sort_unstable();
        [5, 7, 10, 14, 20, 28, 40, 57, 80].map(|than| {
            let lengths = instants.windows(2).map(|pair| pair[1] - pair[0]);
            let longer: Vec<i64> = lengths.filter(|length| *length > than).collect();
            let excess: i64 = longer.iter().map(|length| length - than).sum();
            (longer.len() as u64, excess as f64 / (longer.len() as f64).max(1.0))
        })
    }

    proptest! {
        #[test]
        fn silences_are_those_of_the_sorted_instants(
            gaps in prop::collection::vec((0_i64..60, -200_i64..200), 1..400),
            (from, to) in (0_i64..2000, 0_i64..20_000),
        ) {
            // In disorder by up to 200 ms, as where requests are logged by their beginning.
            let mut at = START;
            let instants: Vec<i64> = gaps
                .iter()
                .map(|(gap, disorder)| {
                    at += gap * gap / 10;
                    at + disorder
                })
                .collect();
            let mut answers = Answers::default();
            for at in &instants {
                answers.record(*at);
            }
            let (first, last) = (START - 200 + from, START - 200 + from + to);
            let found = answers.silences(first, last).expect("a short log");
            for (index, (count, excess)) in sorted(&instants, first, last).into_iter().enumerate() {
                let longer = found.longer(index);
                prop_assert_eq!(longer.count(), count);
                let found = longer.mean_excess().unwrap_or(0.0) * 1e3;
                prop_assert!((found - excess).abs() < 1e-9, "{} {}", found, excess);
            }
        }
    }

    #[test]
    fn of_more_than_a_day_nothing_is_told_and_little_kept() {
        let day = 24 * 3600 * 1000;
        let mut answers = Answers::default();
        for at in [START, START + day - 100, START + 100] {
            answers.record(at);
        }
        assert_eq!(answers.silences(START, START + day).map(|all| all.longer(8).count()), Some(2));
        for beyond in [START + day + 100, START - 200, i64::from(i32::MAX) * 50_000, 0] {
            let mut answers = Answers::default();
            for at in [START, START + day - 100, beyond] {
                answers.record(at);
            }
            assert_eq!(answers.silences(START, START + day), None);
            answers.record(START);
            assert!(answers.words.is_empty());
        }
    }
}
