//! How finely the clock of a result counts. JMeter writes milliseconds, but dates may leave them out, and
//! some clocks go in steps of 10, 15 or 100 ms.

/// Fewer instants tell nothing.
const LEAST_INSTANTS: u64 = 200;

/// Instants that share so few of the places within a second, of those that chance would give them, are
/// those of a clock in steps.
const FEW_PLACES: f64 = 0.2;

/// With so many instants a second, many of them are less than [`NEAR_MS`] apart.
const LEAST_RATE: f64 = 20.0;

/// Instants less far apart than this are near.
const NEAR_MS: usize = 10;

/// So small a share of those that chance would bring near is none.
const FEW_NEAR: f64 = 0.05;

/// So large a share of distances must be multiples of a step.
const MOSTLY: f64 = 0.9;

/// Longer distances than this are not counted.
const MOST_DISTANCE_MS: usize = 200;

/// What is known of a clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// The steps in which it was written, ms.
    written_ms: u64,
    /// How many instants have each place within a second.
    places: Box<[u32; 1000]>,
    /// How many are so far from the one before.
    distances: Box<[u32; MOST_DISTANCE_MS]>,
    instants: u64,
    last: i64,
    span: Option<(i64, i64)>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            written_ms: 1,
            places: Box::new([0; 1000]),
            distances: Box::new([0; MOST_DISTANCE_MS]),
            instants: 0,
            last: 0,
            span: None,
        }
    }
}

impl Clock {
    /// An instant in ms, written in such steps.
    pub(crate) fn record(&mut self, instant: i64, written_ms: u64) {
        self.written_ms = self.written_ms.max(written_ms);
        let place = &mut self.places[instant.rem_euclid(1000) as usize];
        *place = place.saturating_add(1);
        if self.instants > 0 {
            let distance = instant.abs_diff(self.last) as usize;
            if let Some(count) = self.distances.get_mut(distance).filter(|_| distance > 0) {
                *count = count.saturating_add(1);
            }
        }
        self.instants += 1;
        self.last = instant;
        let (first, last) = self.span.unwrap_or((instant, instant));
        self.span = Some((first.min(instant), last.max(instant)));
    }

    /// Takes in the clock of what belongs to the same result.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.written_ms = self.written_ms.max(other.written_ms);
        let add = |mine: &mut [u32], theirs: &[u32]| {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine = mine.saturating_add(*theirs);
            }
        };
        add(&mut self.places[..], &other.places[..]);
        add(&mut self.distances[..], &other.distances[..]);
        self.instants += other.instants;
        self.last = other.last;
        let spans = [self.span, other.span].into_iter().flatten();
        self.span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    }

    /// The steps in which it counts, ms; one where nothing shows that they are longer.
    pub(crate) fn step_ms(&self) -> u64 {
        if self.instants < LEAST_INSTANTS {
            return self.written_ms;
        }
        self.written_ms.max(self.by_places()).max(self.by_distances())
    }

    /// By the places within a second that instants have: those of whole seconds all have one.
    fn by_places(&self) -> u64 {
        let found = self.places.iter().filter(|count| **count > 0).count() as f64;
        let expected = 1000.0 * (1.0 - (1.0 - 1e-3_f64).powf(self.instants as f64));
        if found < FEW_PLACES * expected { (1000.0 / found).round() as u64 } else { 1 }
    }

    /// By how far instants are from one another, where a clock in steps drifts over all places: of those
    /// that come by chance at some rate, a share of 1 - e^(-rate × distance) is nearer than a distance.
    fn by_distances(&self) -> u64 {
        let Some((first, last)) = self.span else { return 1 };
        let rate = self.instants as f64 / ((last - first).max(1) as f64 / 1000.0);
        let counted: u64 = self.distances.iter().copied().map(u64::from).sum();
        if rate < LEAST_RATE || counted < LEAST_INSTANTS {
            return 1;
        }
        let near: u64 = self.distances[..NEAR_MS].iter().copied().map(u64::from).sum();
        let expected = 1.0 - (-rate * (NEAR_MS - 1) as f64 / 1000.0).exp();
        if near as f64 > FEW_NEAR * expected * counted as f64 {
            return 1;
        }
        let frequent = |count: &u32| f64::from(*count) > FEW_NEAR * counted as f64;
        let Some(first) = self.distances.iter().position(frequent) else { return 1 };
        // A step of 15.6 ms is written as 15 or as 16.
        let both = self.distances[first..].iter().take(2).zip(first..);
        let sums = both.fold((0.0, 0.0), |(count, sum), (more, at)| {
            (count + f64::from(*more), sum + f64::from(*more) * at as f64)
        });
        let step = sums.1 / sums.0;
        let is_multiple =
            |distance: f64| (distance - (distance / step).round() * step).abs() <= 1.0;
        let multiples = self.distances.iter().enumerate().filter(|(at, _)| is_multiple(*at as f64));
        let multiples: f64 = multiples.map(|(_, count)| f64::from(*count)).sum();
        if multiples >= MOSTLY * counted as f64 { step.round() as u64 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 instants a second for a minute, by a clock in steps that begin at some place.
    fn step(ms: f64, drift: f64) -> u64 {
        let mut clock = Clock::default();
        let mut at = 1_641_362_300_000.0;
        for i in 0..6000_u32 {
            // Exponential intervals by the golden ratio's equidistribution.
            let uniform = (f64::from(i) * 0.618_033_988_749_895).fract();
            at += -10.0 * (1.0 - uniform).ln();
            let ticks = (at / ms + f64::from(i) * drift).floor();
            clock.record((ticks * ms) as i64, 1);
        }
        clock.step_ms()
    }

    #[test]
    fn steps_are_found_and_a_fine_clock_has_none() {
        assert_eq!(step(1.0, 0.0), 1);
        assert_eq!(step(2.0, 0.0), 1);
        assert_eq!(step(10.0, 0.0), 10);
        assert_eq!(step(100.0, 0.0), 100);
        assert_eq!(step(1000.0, 0.0), 1000);
        assert!((15..=16).contains(&step(15.625, 0.0)));
        // A length of 15.6 ms drifts over all places within a second.
        assert!((15..=16).contains(&step(15.600_1, 0.0)));
    }

    #[test]
    fn few_instants_and_rare_ones_tell_no_more_than_is_written() {
        let mut clock = Clock::default();
        (0..100).for_each(|i| clock.record(i * 1000, 1));
        assert_eq!(clock.step_ms(), 1);
        clock.record(0, 1000);
        assert_eq!(clock.step_ms(), 1000);
        let mut rare = Clock::default();
        (0..1000).for_each(|i| rare.record(i * 7_919 + i * i % 613, 1));
        assert_eq!(rare.step_ms(), 1);
    }
}
