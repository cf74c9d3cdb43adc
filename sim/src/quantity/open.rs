//! What calibrations leave open of a figure: by how much it moves when their parameters are off by a
//! standard error.
//!
//! The delta method: the variance of a figure is, to first order, that of its replications and the sum
//! of the squares of its shifts along independent directions of the parameters (Cheng and Holland,
//! Sensitivity of computer simulation experiments to errors in input data, Journal of Statistical
//! Computation and Simulation 57, 1997). The shifts are differences under common random numbers, and are
//! what no number of replications makes smaller: new parameters in each replication, with Student's
//! interval over all, would divide their part by the number of replications (Barton, Input uncertainty in
//! output analysis, Winter Simulation Conference 2012).

use statrs::distribution::{ContinuousCDF, Normal};

use crate::stats::Estimate;

/// Standard errors of a figure by its calibrations, each way; infinite where nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Open {
    pub(crate) below: f64,
    pub(crate) above: f64,
}

/// Samples of the same replications: of all of them, then of all but each.
pub(crate) type Samples<S> = Vec<S>;

/// Something in replications in which parameters were moved, beside the same replications without it.
/// In some they were moved upwards, in others downwards.
pub(crate) struct Spread<S> {
    pub(crate) stated: [Samples<S>; 2],
    pub(crate) moved: Vec<Displaced<S>>,
}

/// With the parameters off in one direction.
pub(crate) struct Displaced<S> {
    /// Number of the direction.
    pub(crate) direction: usize,
    pub(crate) sides: [Samples<S>; 2],
}

impl<S> Spread<S> {
    /// What is open of a figure.
    pub(crate) fn open(&self, figure: &dyn Fn(&S) -> Option<f64>) -> Open {
        let displaced = |side: usize, direction: usize| {
            Displacement::of(self.shift(side, direction, figure).into_iter())
        };
        let directions = self.moved.iter().map(|moved| moved.direction);
        Open::of(directions.map(|one| [displaced(0, one), displaced(1, one)]))
    }

    /// What is open of the difference of a figure from that of another: what moves both alike is not.
    pub(crate) fn open_against(&self, other: &Self, figure: &dyn Fn(&S) -> Option<f64>) -> Open {
        let directions = self.moved.iter().chain(&other.moved).map(|moved| moved.direction);
        let mut directions: Vec<usize> = directions.collect();
        directions.sort_unstable();
        directions.dedup();
        let displaced = |side: usize, direction: usize| {
            let (own, others) =
                (self.shift(side, direction, figure), other.shift(side, direction, figure));
            let pairs = own.into_iter().zip(others);
            Displacement::of(pairs.map(|(own, other)| Some(own? - other?)))
        };
        Open::of(directions.into_iter().map(|one| [displaced(0, one), displaced(1, one)]))
    }

    /// By how much a figure moves in one direction, in all replications of a side and without each; not at
    /// all where nothing of it is off.
    fn shift(
        &self,
        side: usize,
        direction: usize,
        figure: &dyn Fn(&S) -> Option<f64>,
    ) -> Vec<Option<f64>> {
        let moved = self.moved.iter().find(|moved| moved.direction == direction);
        let stated = &self.stated[side];
        match moved {
            Some(moved) => {
                let pairs = moved.sides[side].iter().zip(stated);
                pairs.map(|(moved, stated)| Some(figure(moved)? - figure(stated)?)).collect()
            }
            None => stated.iter().map(|_| Some(0.0)).collect(),
        }
    }
}

/// By how much a figure moves in one direction, with the variance that chance gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Displacement {
    /// There was no such replication.
    Unseen,
    /// Moved, there is no such figure: nobody knows how far.
    Unknown,
    /// By so much; the variance is that of the jackknife, none of one replication.
    By(f64, Option<f64>),
}

impl Displacement {
    /// From the shifts in all replications, and without each.
    fn of(mut shifts: impl Iterator<Item = Option<f64>>) -> Self {
        let Some(whole) = shifts.next() else { return Self::Unseen };
        let Some(whole) = whole else { return Self::Unknown };
        let partial: Option<Vec<f64>> = shifts.collect();
        let variance = partial.filter(|partial| partial.len() > 1).map(|partial| {
            let count = partial.len() as f64;
            let mean = partial.iter().sum::<f64>() / count;
            partial.iter().map(|one| (one - mean).powi(2)).sum::<f64>() * (count - 1.0) / count
        });
        Self::By(whole, variance)
    }
}

/// The square of a shift, less what chance adds to it on average.
#[derive(Clone, Copy)]
struct Square {
    below: f64,
    above: f64,
}

/// Two sides that differ by so many standard errors are not those of a straight line.
const CURVED: f64 = 2.0;

impl Square {
    /// Of what was seen upwards and downwards. Where both agree, each tells half of one slope; else each
    /// way is what a side shows at most (Barlow, Asymmetric errors, PHYSTAT 2003).
    fn of(sides: [Displacement; 2]) -> Option<Self> {
        match sides {
            [Displacement::Unknown, _] | [_, Displacement::Unknown] => None,
            [Displacement::By(up, a), Displacement::By(down, b)] => {
                let variances = a.zip(b);
                let curve = (up + down).abs();
                let is_curved = variances.is_some_and(|(a, b)| curve > CURVED * (a + b).sqrt());
                if is_curved {
                    return Some(Self::curved([(up, a), (down, b)]));
                }
                let variance = variances.map_or(0.0, |(a, b)| 0.25 * (a + b));
                Some(Self::straight(0.5 * (up - down), variance))
            }
            [Displacement::By(by, variance), Displacement::Unseen]
            | [Displacement::Unseen, Displacement::By(by, variance)] => {
                Some(Self::straight(by, variance.unwrap_or(0.0)))
            }
            [Displacement::Unseen, Displacement::Unseen] => Some(Self { below: 0.0, above: 0.0 }),
        }
    }

    fn straight(by: f64, variance: f64) -> Self {
        let square = by * by - variance;
        Self { below: square, above: square }
    }

    fn curved(sides: [(f64, Option<f64>); 2]) -> Self {
        let most = |sign: f64| {
            let that_way = sides.iter().filter(|(by, _)| by * sign > 0.0);
            let squares = that_way.map(|(by, variance)| by * by - variance.unwrap_or(0.0));
            squares.fold(0.0, f64::max)
        };
        Self { below: most(-1.0), above: most(1.0) }
    }
}

impl Open {
    /// Nobody knows how far it reaches.
    const UNKNOWN: Self = Self { below: f64::INFINITY, above: f64::INFINITY };

    /// From the shifts along independent directions.
    fn of(directions: impl Iterator<Item = [Displacement; 2]>) -> Self {
        let squares: Option<Vec<Square>> = directions.map(Square::of).collect();
        let Some(squares) = squares else { return Self::UNKNOWN };
        let root = |part: fn(&Square) -> f64| squares.iter().map(part).sum::<f64>().max(0.0).sqrt();
        Self { below: root(|square| square.below), above: root(|square| square.above) }
    }

    /// How likely an error of such a size, upwards or downwards, is.
    pub(crate) fn chance(self, by: f64) -> f64 {
        let error = if by < 0.0 { self.below } else { self.above };
        if error == 0.0 { 0.0 } else { 2.0 * Normal::standard().cdf(-by.abs() / error) }
    }

    /// Of what is missing to 1.
    pub(crate) fn complement(self) -> Self {
        Self { below: self.above, above: self.below }
    }

    /// An estimate with this in its interval, which has a confidence.
    pub(crate) fn widens(self, found: Estimate, confidence: f64) -> Estimate {
        found.widened(self.below, self.above, confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A figure by replication; the sample of some replications is their mean.
    fn samples(values: &[f64]) -> Samples<f64> {
        let mean = |skipped: usize| {
            let kept = values.iter().enumerate().filter(|(index, _)| *index != skipped);
            let kept: Vec<f64> = kept.map(|(_, value)| *value).collect();
            kept.iter().sum::<f64>() / kept.len() as f64
        };
        let whole = (!values.is_empty()).then(|| mean(usize::MAX));
        let others = if values.len() > 1 { values.len() } else { 0 };
        whole.into_iter().chain((0..others).map(mean)).collect()
    }

    fn spread(stated: [&[f64]; 2], moved: &[(usize, [&[f64]; 2])]) -> Spread<f64> {
        Spread {
            stated: stated.map(samples),
            moved: moved
                .iter()
                .map(|(direction, sides)| Displaced {
                    direction: *direction,
                    sides: sides.map(samples),
                })
                .collect(),
        }
    }

    fn open(spread: &Spread<f64>) -> Open {
        spread.open(&|sample| Some(*sample))
    }

    fn near(found: Open, below: f64, above: f64) {
        let is_near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(is_near(found.below, below) && is_near(found.above, above), "{found:?}");
    }

    #[test]
    fn independent_directions_add_up_by_their_squares() {
        let stated = [&[10.0, 20.0, 30.0][..], &[15.0, 25.0, 35.0]];
        let moved = [
            (0, [&[13.0, 23.0, 33.0][..], &[12.0, 22.0, 32.0]]),
            (4, [&[6.0, 16.0, 26.0][..], &[19.0, 29.0, 39.0]]),
        ];
        near(open(&spread(stated, &moved)), 5.0, 5.0);
    }

    #[test]
    fn chance_in_a_shift_is_taken_from_its_square() {
        // Shifts of 1, 2, 3 upwards and of -2, -2, -2 downwards: a slope of 2; the mean of the first three
        // has the variance 1/3, and half of it a quarter of that.
        let stated = [&[10.0, 20.0, 30.0][..], &[15.0, 25.0, 35.0]];
        let moved = [(0, [&[11.0, 22.0, 33.0][..], &[13.0, 23.0, 33.0]])];
        let expected = (4.0 - 0.25 / 3.0_f64).sqrt();
        near(open(&spread(stated, &moved)), expected, expected);
        // What chance explains is nothing.
        let moved = [(0, [&[9.0, 20.0, 31.0][..], &[15.0, 25.0, 35.0]])];
        near(open(&spread(stated, &moved)), 0.0, 0.0);
    }

    #[test]
    fn what_moves_more_on_one_side_is_open_there() {
        // A queue that is nearly full: more work makes it wait, less hardly less.
        let stated = [&[10.0, 10.0, 10.0][..], &[10.0, 10.0, 10.0]];
        let moved = [(0, [&[50.0, 50.0, 50.0][..], &[9.0, 9.0, 9.0]])];
        near(open(&spread(stated, &moved)), 1.0, 40.0);
        let moved = [(0, [&[50.0, 50.0, 50.0][..], &[13.0, 13.0, 13.0]])];
        near(open(&spread(stated, &moved)), 0.0, 40.0);
    }

    #[test]
    fn of_a_difference_what_both_have_in_common_is_not_open() {
        let stated = [&[10.0, 12.0][..], &[11.0, 13.0]];
        let own = spread(stated, &[(0, [&[14.0, 16.0][..], &[7.0, 9.0]])]);
        let other = spread(stated, &[(0, [&[13.0, 15.0][..], &[8.0, 10.0]])]);
        let figure = |sample: &f64| Some(*sample);
        near(own.open_against(&other, &figure), 1.0, 1.0);
        // Another calibration is off on its own.
        let other = spread(stated, &[(1, [&[13.0, 15.0][..], &[8.0, 10.0]])]);
        near(own.open_against(&other, &figure), 5.0, 5.0);
        near(own.open_against(&spread(stated, &[]), &figure), 4.0, 4.0);
    }

    #[test]
    fn a_figure_that_vanishes_leaves_all_open_and_one_replication_tells_no_variance() {
        let stated = [&[10.0][..], &[10.0]];
        let moved = spread(stated, &[(0, [&[14.0][..], &[8.0]])]);
        near(open(&moved), 3.0, 3.0);
        let vanishing = moved.open(&|sample| (*sample < 14.0).then_some(*sample));
        assert_eq!(vanishing, Open::UNKNOWN);
        // One replication was moved upwards, and there is none that was moved downwards.
        near(open(&spread([&[10.0], &[]], &[(0, [&[14.0], &[]])])), 4.0, 4.0);
    }
}
