//! One table format for every shape: linear interpolation of the quantile function on cells that
//! get finer towards both tails, so that a draw costs the same whatever the law.

use std::sync::{Arc, OnceLock};

use super::Shape;

/// Halvings of the tail probability that get cells of their own; beyond 2⁻⁴¹ nothing is drawn.
const OCTAVES: u32 = 40;
/// Bits of the position within an octave.
const CELL_BITS: u32 = 5;
const CELLS_PER_OCTAVE: usize = 1 << CELL_BITS;
const CELLS_PER_TAIL: usize = OCTAVES as usize * CELLS_PER_OCTAVE;

const CELLS: usize = 2 * CELLS_PER_TAIL;

/// A shape compiled for drawing; its mean is exactly 1. It is compiled when the first number is drawn, once
/// for all copies: many a network is only looked at.
#[derive(Clone, Debug)]
pub struct QuantileTable(Arc<Lazy>);

#[derive(Debug)]
struct Lazy {
    shape: Shape,
    cells: OnceLock<Box<[Cell; CELLS]>>,
}

/// The cells of a table, to draw from.
#[derive(Clone, Copy, Debug)]
pub struct Quantiles<'a>(&'a [Cell; CELLS]);

/// The chord of the quantile function over one cell.
#[derive(Clone, Copy, Debug)]
struct Cell {
    base: f64,
    slope: f64,
}

impl QuantileTable {
    /// The table of a shape. Quantiles are accurate to 1e-4 up to a tail probability of 1e-9.
    pub fn new(shape: &Shape) -> Self {
        Self(Arc::new(Lazy { shape: shape.clone(), cells: OnceLock::new() }))
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.0.shape
    }

    /// The cells, for those who draw often.
    pub fn quantiles(&self) -> Quantiles<'_> {
        Quantiles(self.0.cells.get_or_init(|| compiled(&self.0.shape)))
    }

    /// Turns 64 uniform bits into a draw.
    pub fn sample(&self, bits: u64) -> f64 {
        self.quantiles().sample(bits)
    }

    /// No draw is longer.
    pub(crate) fn longest(&self) -> f64 {
        self.quantiles().0[CELLS - CELLS_PER_OCTAVE].base
    }
}

impl Quantiles<'_> {
    /// Turns 64 uniform bits into a draw.
    ///
    /// The first bit chooses the tail; the others are twice the tail probability in binary: their
    /// leading zeros are the octave, the next bits the cell, the rest the position in the cell.
    #[inline]
    pub fn sample(self, bits: u64) -> f64 {
        let tail = (bits >> 63) as usize;
        let fraction = (bits << 1) | (1 << (63 - OCTAVES));
        let octave = fraction.leading_zeros().min(OCTAVES - 1);
        let within = fraction << (octave + 1);
        let cell = (within >> (64 - CELL_BITS)) as usize;
        let position = ((within << CELL_BITS) >> 11) as f64 * (1.0 / (1u64 << 53) as f64);
        let index = tail * CELLS_PER_TAIL + octave as usize * CELLS_PER_OCTAVE + cell;
        let cell = self.0[index];
        cell.base + cell.slope * position
    }
}

fn compiled(shape: &Shape) -> Box<[Cell; CELLS]> {
    let mut cells = tail_cells(|tail| shape.quantile(tail));
    cells.extend(tail_cells(|tail| shape.quantile(1.0 - tail)));
    let mean = mean(&cells);
    for cell in &mut cells {
        cell.base /= mean;
        cell.slope /= mean;
    }
    cells.try_into().expect("a cell for each part of both tails")
}

fn tail_cells(quantile: impl Fn(f64) -> f64) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(CELLS_PER_TAIL);
    for octave in 0..OCTAVES {
        let low = 0.5_f64.powi(octave as i32 + 2);
        let edge = |cell: usize| quantile(low * (1.0 + cell as f64 / CELLS_PER_OCTAVE as f64));
        let edges: Vec<f64> = (0..=CELLS_PER_OCTAVE).map(edge).collect();
        cells.extend(edges.windows(2).map(|e| Cell { base: e[0], slope: e[1] - e[0] }));
    }
    cells
}

fn mean(cells: &[Cell]) -> f64 {
    let probability = |index: usize| {
        let octave = (index % CELLS_PER_TAIL) / CELLS_PER_OCTAVE;
        // The last octave also receives what lies beyond it.
        let exponent = (octave as i32 + 2).min(OCTAVES as i32);
        0.5_f64.powi(exponent) / CELLS_PER_OCTAVE as f64
    };
    cells.iter().enumerate().map(|(i, cell)| probability(i) * (cell.base + 0.5 * cell.slope)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn quantiles_are_those_of_the_shape_far_into_both_tails() {
        for shape in [
            Shape::Exponential,
            Shape::lognormal(1.0).expect("valid"),
            Shape::lognormal(4.0).expect("valid"),
        ] {
            let table = QuantileTable::new(&shape);
            for tail in [0.4, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] {
                let bits = (tail * 2.0_f64.powi(64)) as u64;
                let upper = table.sample((1 << 63) | bits);
                let error = upper / shape.quantile(1.0 - tail) - 1.0;
                assert!(error.abs() < 4e-4, "{shape:?} at 1 - {tail}: {error}");
                let lower = table.sample(bits);
                let error = lower / shape.quantile(tail) - 1.0;
                assert!(error.abs() < 2e-3, "{shape:?} at {tail}: {error}");
            }
        }
    }

    #[test]
    fn a_constant_is_constant() {
        let table = QuantileTable::new(&Shape::Constant);
        assert!([0, 1, u64::MAX, 1 << 63].iter().all(|bits| table.sample(*bits) == 1.0));
    }

    #[test]
    fn draws_have_the_mean_and_cv_of_the_shape() {
        let stream = Stream::new(7, 0, Purpose::Requests, 0);
        for shape in [
            Shape::Exponential,
            Shape::gamma(0.5).expect("valid"),
            Shape::hyperexponential(2.0).expect("valid"),
        ] {
            let table = QuantileTable::new(&shape);
            let draws = 4_000_000_u64;
            let (mut sum, mut squares) = (0.0, 0.0);
            for index in 0..draws {
                let value = table.sample(stream.draw(index));
                sum += value;
                squares += value * value;
            }
            let mean = sum / draws as f64;
            let cv = (squares / draws as f64 / (mean * mean) - 1.0).sqrt();
            assert!(
                (mean - 1.0).abs() < 5.0 * shape.cv() / (draws as f64).sqrt(),
                "{shape:?}: {mean}"
            );
            assert!((cv / shape.cv() - 1.0).abs() < 0.01, "{shape:?}: {cv}");
        }
    }
}
