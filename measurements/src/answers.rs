//! When something was answered, to the millisecond: one bit for each, so that lines may come in any
//! order and a log of any length takes little memory.

use std::collections::VecDeque;

use sim::stats::Silences;

/// More words than for a day, each of 64 milliseconds, are not kept: they take 11 MB. Of a longer log it
/// is known to two milliseconds, to four, and so on; silences are then not told.
const MOST_WORDS: i64 = 24 * 3600 * 1000 / 64;

/// The milliseconds in which something was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    /// Each bit is of so many milliseconds, as a power of two.
    shift: u32,
    /// Number of the first word since 1970.
    first_word: i64,
    words: VecDeque<u64>,
}

impl Answers {
    /// Something was answered at an instant, in ms since 1970.
    pub(crate) fn record(&mut self, instant: i64) {
        while !self.reach((instant >> self.shift).div_euclid(64)) {
            self.coarsen();
        }
        let bit = instant >> self.shift;
        let place = (bit.div_euclid(64) - self.first_word) as usize;
        self.words[place] |= 1 << bit.rem_euclid(64);
    }

    /// Adds what another log of the same test says.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (from, _) in other.bits() {
            self.record(from);
        }
    }

    /// Makes room for a word; false where it would be too much.
    fn reach(&mut self, word: i64) -> bool {
        if self.words.is_empty() {
            self.first_word = word;
        }
        let end = self.first_word + self.words.len() as i64;
        if end.max(word + 1) - self.first_word.min(word) > MOST_WORDS {
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

    /// Halves the resolution.
    fn coarsen(&mut self) {
        let fine = std::mem::take(self);
        self.shift = fine.shift + 1;
        for (from, _) in fine.bits() {
            let bit = from >> self.shift;
            // Half of the words that were not too many are not, either.
            if self.reach(bit.div_euclid(64)) {
                let place = (bit.div_euclid(64) - self.first_word) as usize;
                self.words[place] |= 1 << bit.rem_euclid(64);
            }
        }
    }

    /// The first millisecond of each bit with an answer, and the first after it, in order.
    fn bits(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let shift = self.shift;
        let words = (self.first_word..).zip(&self.words).filter(|(_, word)| **word != 0);
        words.flat_map(move |(place, word)| {
            let set = (0..64).filter(move |bit| word >> bit & 1 == 1);
            set.map(move |bit| {
                let bit = place * 64 + bit;
                (bit << shift, (bit + 1) << shift)
            })
        })
    }

    /// The silences between the answers from one instant to another; none where they are not known.
    pub(crate) fn silences(&self, first: i64, last: i64) -> Option<Silences> {
        if self.shift > 0 {
            return None;
        }
        let mut silences = Silences::default();
        for (instant, _) in self.bits() {
            if (first..=last).contains(&instant) {
                silences.answered((instant - first) as u64);
            }
        }
        Some(silences)
    }

    /// The share of the milliseconds of these instants that come at most so many after one of others, and the
    /// share that would by chance; none where they are not known to the millisecond.
    pub(crate) fn follow(&self, others: &Self, within: i64) -> Option<(f64, f64)> {
        if self.shift > 0 || others.shift > 0 {
            return None;
        }
        let mut before = others.bits().map(|(at, _)| at).peekable();
        let (mut last, mut own, mut following) = (None, 0.0, 0.0);
        for (at, _) in self.bits() {
            while let Some(other) = before.next_if(|other| *other <= at) {
                last = Some(other);
            }
            own += 1.0;
            following += f64::from(u8::from(last.is_some_and(|last| at - last <= within)));
        }
        let (mut covered, mut until) = (0, i64::MIN);
        let mut span: Option<(i64, i64)> = None;
        for (at, _) in others.bits() {
            covered += at + within + 1 - at.max(until);
            until = at + within + 1;
            span = Some((span.map_or(at, |span| span.0), until));
        }
        let (first, end) = span?;
        (own > 0.0).then(|| (following / own, covered as f64 / (end - first) as f64))
    }

    /// From each answer to the next, where both lie in the window and so long apart; at most so many,
    /// the first ones.
    pub(crate) fn gaps(&self, window: (i64, i64), least: i64, most: usize) -> Vec<(i64, i64)> {
        let mut gaps = Vec::new();
        let mut last: Option<i64> = None;
        for (from, to) in self.bits().filter(|(from, _)| (window.0..=window.1).contains(from)) {
            let before = last.replace(to - 1);
            gaps.extend(
                before.filter(|before| from - before >= least).map(|before| (before, from)),
            );
            if gaps.len() >= most {
                break;
            }
        }
        gaps
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
    fn of_more_than_a_day_no_silences_are_told_and_little_is_kept() {
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
            assert!(answers.words.len() as i64 <= MOST_WORDS);
            let window = (START.min(beyond) - 1, (START + day).max(beyond));
            let gaps = answers.gaps(window, day / 4, 10);
            assert!((1..=2).contains(&gaps.len()), "{gaps:?}");
        }
    }

    #[test]
    fn what_follows_others_is_told_from_what_only_comes_as_often() {
        let (mut ends, mut after, mut apart) =
            (Answers::default(), Answers::default(), Answers::default());
        for i in 0..1000_i64 {
            ends.record(START + i * 10);
            after.record(START + i * 10 + 1);
            apart.record(START + i * 10 + i % 10);
        }
        // Three of ten milliseconds come within two after an end.
        let (share, chance) = after.follow(&ends, 2).expect("a short log");
        assert!((share - 1.0).abs() < 1e-9 && (chance - 0.3).abs() < 0.001, "{share} {chance}");
        let (share, chance) = apart.follow(&ends, 2).expect("a short log");
        assert!((share - chance).abs() < 0.01, "{share} {chance}");
    }

    #[test]
    fn gaps_are_told_from_their_first_to_their_last_millisecond() {
        let mut answers = Answers::default();
        for at in (0..1000).chain(16_000..17_000).chain([30_000]) {
            answers.record(START + at);
        }
        let mut other = Answers::default();
        other.record(START + 20_000);
        answers.merge(&other);
        let at = |from: i64, to: i64| (START + from, START + to);
        assert_eq!(answers.gaps(at(0, 25_000), 2000, 9), [at(999, 16_000), at(16_999, 20_000)]);
        assert_eq!(answers.gaps(at(0, 25_000), 2000, 1), [at(999, 16_000)]);
    }
}
