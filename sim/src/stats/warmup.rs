//! How much of a replication to discard: MSER-5 (White, Cobb and Spratt, A comparison of five
//! steady-state truncation heuristics for simulation, 2000).

/// Values are averaged over batches of so many first.
const BATCH: usize = 5;

/// How many values at the start of a series belong to its transient, or none where the series shows
/// no steady state in its first half.
///
/// Of all truncations of the batched series in its first half, MSER takes the one that minimises the
/// squared standard error of what remains: z(d) = Σⱼ₌d (Yⱼ − Ȳ)² / (n − d)².
pub fn mser5(series: &[f64]) -> Option<usize> {
    let batches: Vec<f64> =
        series.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
    let half = batches.len() / 2;
    let (mut best, mut least) = (0, f64::INFINITY);
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (truncation, value) in batches.iter().enumerate().rev() {
        count += 1.0;
        sum += value;
        squares += value * value;
        let deviation = (squares - sum * sum / count).max(0.0);
        let statistic = deviation / (count * count);
        if truncation <= half && statistic <= least {
            (best, least) = (truncation, statistic);
        }
    }
    (best < half || half == 0).then_some(best * BATCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn noise(index: usize) -> f64 {
        Stream::new(2, 0, Purpose::Requests, 0).uniform(index as u64) - 0.5
    }

    #[test]
    fn a_transient_is_cut_off_where_it_ends() {
        let series: Vec<f64> =
            (0..500).map(|i| 10.0 - 9.0 * (-(i as f64) / 20.0).exp() + noise(i)).collect();
        let cut = mser5(&series).expect("settles");
        // After 40 values the transient (1.2) is about the size of the noise; after 150 it is gone.
        assert!((40..150).contains(&cut), "{cut}");
    }

    #[test]
    fn a_steady_series_is_kept_nearly_whole() {
        let series: Vec<f64> = (0..500).map(noise).collect();
        assert!(mser5(&series).expect("settles") < 150);
    }

    #[test]
    fn a_growing_series_never_settles() {
        let series: Vec<f64> = (0..500).map(|i| i as f64).collect();
        assert_eq!(mser5(&series), None);
    }
}
