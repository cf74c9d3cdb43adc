//! Silences: stretches in which nothing is answered, by which the pauses of a node show themselves to
//! whoever waits for its answers.
//!
//! While a node stands still, nothing is answered; before and after, a busy one answers every fraction
//! of a millisecond. How often and for how long answers fail to come is therefore how often and for how
//! long the node stood still. Quantiles of the times of requests show pauses only together with
//! everything else that delays.

/// Milliseconds, each √2 times the one before. Nothing shorter is a silence: instants are known to the
/// millisecond.
const THRESHOLDS_MS: [u64; 17] =
    [5, 7, 10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320, 453, 640, 905, 1280];
/// A threshold of so many mean intervals between answers is beyond chance: one interval of a Poisson
/// stream in e¹⁵, three million, is longer. A longer one has a reason of its own.
const BEYOND_CHANCE: f64 = 15.0;
/// So many silences have a mean length, and show how regularly they come.
pub const ENOUGH_SILENCES: u64 = 10;

/// The silences in a stretch of time: above each of a few thresholds, how many there were and by how
/// much they were longer.
///
/// Time is cut into whole milliseconds, as the clock of a log does. A silence lasts from one millisecond
/// with an answer to the next such one; its length, the difference of the two, is by less than a
/// millisecond too long as often as too short. What comes before the first answer and after the last is
/// none.
///
/// The thresholds form a ladder, so that short and frequent pauses are told from long and rare ones, as
/// collections and stalls can be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Silences {
    /// The last millisecond with an answer.
    last: Option<u64>,
    /// From the first answer to the last, milliseconds.
    observed_ms: u64,
    longer: [Longer; THRESHOLDS_MS.len()],
}

/// The silences above one threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Longer {
    /// What they are longer by, milliseconds.
    excess: Sums,
    /// From the end of each to the end of the next, milliseconds.
    intervals: Sums,
    /// End of the last.
    ended: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    count: u64,
    sum: f64,
    squares: f64,
}

impl Silences {
    /// There is an answer in this millisecond. They come in order.
    ///
    /// # Panics
    ///
    /// If this one came before the last.
    #[inline]
    pub fn answered(&mut self, ms: u64) {
        let Some(last) = self.last.replace(ms) else { return };
        assert!(last <= ms, "time runs forward");
        self.observed_ms += ms - last;
        if ms - last > THRESHOLDS_MS[0] {
            self.silence(ms - last, ms);
        }
    }

    #[cold]
    fn silence(&mut self, length: u64, end: u64) {
        for (longer, threshold) in self.longer.iter_mut().zip(THRESHOLDS_MS) {
            if length <= threshold {
                return;
            }
            longer.excess.add((length - threshold) as f64);
            if let Some(before) = longer.ended.replace(end) {
                longer.intervals.add((end - before) as f64);
            }
        }
    }

    /// Adds those of another stretch of time, as of a repeat of a test.
    pub fn merge(&mut self, other: &Self) {
        self.last = None;
        self.observed_ms += other.observed_ms;
        for (longer, other) in self.longer.iter_mut().zip(&other.longer) {
            longer.ended = None;
            longer.excess.merge(other.excess);
            longer.intervals.merge(other.intervals);
        }
    }

    /// From the first answer to the last, seconds.
    pub fn observed_seconds(&self) -> f64 {
        self.observed_ms as f64 * 1e-3
    }

    /// Those above a threshold.
    pub fn longer(&self, threshold: usize) -> &Longer {
        &self.longer[threshold]
    }

    /// The thresholds that tell something where answers come at `rate` per second: those beyond chance,
    /// up to the first that fewer than [`ENOUGH_SILENCES`] exceed, since it tells that longer ones are
    /// rare. At a low rate there is none.
    pub fn telling(&self, rate: f64) -> impl Iterator<Item = usize> {
        let beyond = |ms: &u64| *ms as f64 * 1e-3 * rate >= BEYOND_CHANCE;
        let first = THRESHOLDS_MS.iter().position(beyond).unwrap_or(THRESHOLDS_MS.len());
        let enough = |index: usize| self.longer[index].count() >= ENOUGH_SILENCES;
        (first..THRESHOLDS_MS.len()).take_while(move |index| *index == first || enough(index - 1))
    }
}

impl Longer {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.excess.count
    }

    /// By how much they are longer on average, seconds; none of nothing.
    pub fn mean_excess(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.excess.mean() * 1e-3)
    }

    /// Variance of the mean excess, as a share of its square.
    pub fn variance_of_excess(&self) -> f64 {
        self.excess.squared_cv() / (self.count() as f64).max(1.0)
    }

    /// Variance of the count, as a share of its square. Of regular events it is known better than of
    /// those that come by chance: the variance of a count is the squared cv of the intervals times the
    /// count (Cox, Renewal Theory, 1962, section 4.1), though never below that of where time begins.
    pub fn variance_of_count(&self) -> f64 {
        let count = (self.count() as f64).max(1.0);
        let irregularity = match self.count() {
            ENOUGH_SILENCES.. => self.intervals.squared_cv().max(1.0 / count),
            _ => 1.0,
        };
        irregularity / count
    }
}

impl Sums {
    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn mean(self) -> f64 {
        self.sum / (self.count as f64).max(1.0)
    }

    /// The square of the coefficient of variation.
    fn squared_cv(self) -> f64 {
        let mean = self.mean();
        let square = self.squares / (self.count as f64).max(1.0);
        if mean > 0.0 { (square / (mean * mean) - 1.0).max(0.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(instants: impl IntoIterator<Item = u64>) -> Silences {
        let mut silences = Silences::default();
        instants.into_iter().for_each(|ms| silences.answered(ms));
        silences
    }

    /// An answer in every millisecond, but for so many after each second.
    fn pauses(seconds: u64, length_ms: u64) -> Silences {
        of((0..seconds * 1000).filter(|ms| ms % 1000 == 0 || ms % 1000 >= length_ms))
    }

    #[test]
    fn a_silence_counts_above_each_threshold_that_it_is_longer_than() {
        let silences = pauses(20, 30);
        let found = [0, 2, 4, 6].map(|index| {
            let longer = silences.longer(index);
            (longer.count(), longer.mean_excess())
        });
        let above = |ms: f64| (20, Some(ms * 1e-3));
        assert_eq!(found, [above(25.0), above(20.0), above(10.0), (0, None)]);
        assert!((silences.observed_seconds() - 19.999).abs() < 1e-12);
    }

    #[test]
    fn before_the_first_answer_and_after_the_last_nothing_counts() {
        assert_eq!(of([1_000_000]).longer(0).count(), 0);
        assert_eq!(of([1_000_000, 1_000_005, 1_000_005]).longer(0).count(), 0);
        assert_eq!(of([1_000_000, 1_000_006]).longer(0).count(), 1);
        assert_eq!(Silences::default().observed_seconds(), 0.0);
    }

    #[test]
    fn thresholds_tell_something_from_fifteen_intervals_up_to_where_silences_are_rare() {
        let told = |silences: &Silences, rate| silences.telling(rate).collect::<Vec<_>>();
        let silences = pauses(20, 30);
        assert_eq!(told(&silences, 4000.0), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(told(&silences, 1000.0), [4, 5, 6]);
        assert_eq!(told(&silences, 300.0), [7]);
        assert_eq!(told(&silences, 10.0), [0; 0]);
        // That there are none at all is told, too.
        assert_eq!(told(&pauses(20, 1), 4000.0), [0]);
    }

    #[test]
    fn the_count_of_regular_silences_is_known_better() {
        let regular = pauses(100, 30);
        let irregular = of((0..100_000).filter(|ms| ms % 1000 < 900 || ms / 1000 * 7919 % 97 < 60));
        assert!((regular.longer(0).variance_of_count() - 1e-4).abs() < 1e-6);
        assert!(irregular.longer(0).variance_of_count() > 1e-3);
        assert!((pauses(5, 30).longer(0).variance_of_count() - 0.2).abs() < 1e-12);
    }

    #[test]
    fn merging_adds_and_no_silence_lies_between_two_tests() {
        let mut both = pauses(20, 30);
        both.merge(&pauses(30, 12));
        assert_eq!([0, 2, 4].map(|index| both.longer(index).count()), [50, 50, 20]);
        assert!((both.observed_seconds() - 49.998).abs() < 1e-9);
        let excess = both.longer(2).mean_excess().expect("silences");
        assert!((excess - (20.0 * 0.020 + 30.0 * 0.002) / 50.0).abs() < 1e-12);
    }
    #[test]
    fn how_well_a_mean_excess_is_known_goes_by_how_much_it_varies() {
        // Silences of 6, 8 and 16 ms: longer than 5 by 1, 3 and 11.
        let mut silences = of([0, 6, 14, 30]);
        // The mean is 5, and the mean square 131 / 3.
        let squared_cv = 131.0 / 3.0 / 25.0 - 1.0;
        assert!((silences.longer(0).variance_of_excess() - squared_cv / 3.0).abs() < 1e-12);
        silences.merge(&silences.clone());
        assert!((silences.longer(0).variance_of_excess() - squared_cv / 6.0).abs() < 1e-12);
        assert_eq!(pauses(20, 30).longer(0).variance_of_excess(), 0.0);
        assert_eq!(Silences::default().longer(0).variance_of_excess(), 0.0);
    }

    #[test]
    fn the_count_of_silences_is_known_as_well_as_their_intervals_are_regular() {
        // Silences of 21 ms, which end after 900 and after 100 ms by turns.
        let silences =
            of((0..150_000).filter(|ms| ms % 1000 < 80 || (100..980).contains(&(ms % 1000))));
        let longer = silences.longer(0);
        assert_eq!(longer.count(), 299);
        // Of 298 intervals, half are 0.9 and half 0.1 s: a mean of 0.5, a mean square of 0.41.
        assert!((longer.variance_of_count() - 0.64 / 299.0).abs() < 1e-12);
    }
}
