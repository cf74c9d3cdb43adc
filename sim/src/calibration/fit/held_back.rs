//! Which tests are held back, so that a fit can be judged by what it has not seen.

use crate::measurement::{LoadTest, Measurement};

/// About every third test, of changing size and load, but never the only one of its operations and
/// sizes, nor the only one of them that keeps the node busy.
pub(super) fn held_back(tests: &[LoadTest]) -> Vec<usize> {
    if tests.len() < 6 {
        return Vec::new();
    }
    let alike = |index: usize, other: usize| {
        asked(&tests[index]).eq(asked(&tests[other]))
            && (is_busy(&tests[other]) || !is_busy(&tests[index]))
    };
    let mut held: Vec<usize> = Vec::new();
    for index in (0..tests.len()).filter(|index| (index + index / 3) % 3 == 1) {
        let remains = (0..tests.len())
            .any(|other| other != index && !held.contains(&other) && alike(index, other));
        if remains {
            held.push(index);
        }
    }
    held
}

/// What a test asked for: operations and sizes.
fn asked(test: &LoadTest) -> impl Iterator<Item = (&str, Option<f64>, Option<f64>)> {
    test.operations.iter().map(|row| (row.operation.as_str(), row.size_kib, row.answer_kib))
}

/// Whether most of the time is the nodes'.
fn is_busy(test: &LoadTest) -> bool {
    let of_nodes =
        |row: &Measurement| row.mean.is_none_or(|mean| mean > 2.0 * row.backend_seconds());
    !test.thinks() && test.operations.iter().any(of_nodes)
}
