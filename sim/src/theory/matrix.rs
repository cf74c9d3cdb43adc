//! Small dense matrices: what the exact solutions need, and no more.

use std::ops::{Index, IndexMut};

/// A matrix, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    cells: Vec<f64>,
}

impl Matrix {
    /// All zeros.
    pub(super) fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, cells: vec![0.0; rows * columns] }
    }

    /// These values on the diagonal, zeros elsewhere.
    pub(super) fn diagonal(values: &[f64]) -> Self {
        let mut matrix = Self::zeros(values.len(), values.len());
        for (i, &value) in values.iter().enumerate() {
            matrix[(i, i)] = value;
        }
        matrix
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// One row.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.columns..(row + 1) * self.columns]
    }

    /// The product of this matrix and `other`.
    pub(super) fn times(&self, other: &Self) -> Self {
        let cells =
            (0..self.rows).flat_map(|row| other.row_times(self.row(row))).collect::<Vec<_>>();
        Self { rows: self.rows, columns: other.columns, cells }
    }

    /// The product of a row vector and this matrix.
    pub(super) fn row_times(&self, vector: &[f64]) -> Vec<f64> {
        assert_eq!(vector.len(), self.rows, "a vector fits its matrix");
        let mut product = vec![0.0; self.columns];
        for (row, &factor) in vector.iter().enumerate() {
            add_multiple(&mut product, self.row(row), factor);
        }
        product
    }

    /// This matrix less `other`.
    pub(super) fn minus(mut self, other: &Self) -> Self {
        assert_eq!((self.rows, self.columns), (other.rows, other.columns), "matrices are alike");
        add_multiple(&mut self.cells, &other.cells, -1.0);
        self
    }

    /// The inverse, by elimination (Gauss and Jordan) with row exchanges.
    ///
    /// # Panics
    ///
    /// If the matrix is not square or has no inverse.
    pub(super) fn inverse(mut self) -> Self {
        assert_eq!(self.rows, self.columns, "only a square matrix has an inverse");
        let mut inverse = Self::diagonal(&vec![1.0; self.rows]);
        for pivot in 0..self.rows {
            let largest = (pivot..self.rows)
                .max_by(|&a, &b| self[(a, pivot)].abs().total_cmp(&self[(b, pivot)].abs()))
                .unwrap_or(pivot);
            for matrix in [&mut self, &mut inverse] {
                matrix.swap_rows(pivot, largest);
            }
            let value = self[(pivot, pivot)];
            assert!(value.abs() > 0.0, "the matrix has an inverse");
            for row in (0..self.rows).filter(|&row| row != pivot) {
                let factor = self[(row, pivot)] / value;
                for matrix in [&mut self, &mut inverse] {
                    matrix.subtract_row(row, pivot, factor);
                }
            }
            for matrix in [&mut self, &mut inverse] {
                matrix.row_mut(pivot).iter_mut().for_each(|cell| *cell /= value);
            }
        }
        inverse
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.cells[row * self.columns..(row + 1) * self.columns]
    }

    fn swap_rows(&mut self, a: usize, b: usize) {
        for column in 0..self.columns {
            self.cells.swap(a * self.columns + column, b * self.columns + column);
        }
    }

    fn subtract_row(&mut self, row: usize, other: usize, factor: f64) {
        if factor != 0.0 {
            let subtracted = self.row(other).to_vec();
            add_multiple(self.row_mut(row), &subtracted, -factor);
        }
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.row(row)[column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.row_mut(row)[column]
    }
}

fn add_multiple(target: &mut [f64], source: &[f64], factor: f64) {
    for (target, source) in target.iter_mut().zip(source) {
        *target += factor * source;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let cells = vec![0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 3.0, 0.0, 1.0];
        let matrix = Matrix { rows: 3, columns: 3, cells };
        let difference =
            matrix.times(&matrix.clone().inverse()).minus(&Matrix::diagonal(&[1.0; 3]));
        assert!(difference.cells.iter().all(|cell| cell.abs() < 1e-14));
    }
}
