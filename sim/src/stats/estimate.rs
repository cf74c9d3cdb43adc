//! A number with its half-width.

/// A mean and the half-width of its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub mean: f64,
    /// Half the length of the confidence interval; none where one replication gives no spread.
    pub half_width: Option<f64>,
}
